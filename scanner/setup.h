/* SPDX-License-Identifier: Apache-2.0 */
/* What a command works with, put together from the built-in rules, the configuration, the environment and the flags:
 * each later one wins. */
#ifndef SCANNER_SETUP_H
#define SCANNER_SETUP_H

#include "common/base/err.h"
#include "common/policy/policy_read.h"
#include "scanner/match/ruleset.h"
#include "scanner/options.h"
#include "scanner/source/archive.h"
#include "scanner/suppress/baseline.h"
#include "scanner/suppress/suppress.h"

struct setup {
	struct ruleset *rules;
	struct suppress *suppress;
	struct baseline *baseline;          /* what is not news; NULL: there is none */
	char *baseline_path;                /* that the configuration names; or NULL */
	char *baseline_named_by;            /* that configuration, when it was found, not given; or NULL */
	char *policy_path;                  /* NULL: the standard one */
	struct policy *policy;              /* NULL: the standard one */
	const struct keyname_policy *names; /* of policy */
	struct archive_limits archive;
	unsigned decode_depth; /* encodings within each other */
};

/* root is the folder whose .skant.yaml and ignore files count; NULL: nobody's do. 0, or -1 with err (ERR_CONFIG
 * and the like: exit 2). */
[[nodiscard]] int setup_read(const struct options *o, const char *root, struct setup *ret, struct err *err);

/* Only the rules: the built-in ones and those of --rules. */
[[nodiscard]] int setup_rules(const struct options *o, struct setup *ret, struct err *err);

void setup_done(struct setup *s);

#endif
