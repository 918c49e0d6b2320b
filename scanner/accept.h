/* SPDX-License-Identifier: Apache-2.0 */
/* skant baseline: what is found becomes a baseline, in place of the one that was there. */
#ifndef SCANNER_ACCEPT_H
#define SCANNER_ACCEPT_H

#include "common/base/err.h"
#include "scanner/suppress/baseline.h"

struct accepting {
	char *path;             /* of the file that is written */
	struct baseline *found; /* what goes into it */
	struct baseline *old;   /* what it held; empty when there was none */
	bool verbose;           /* tell each entry that came or went */
};

/* Writes to given (-o), else to configured, which a configuration names, else to the usual name in root. named_by: that
 * configuration when it was found; NULL: a person gave it. A file that a link, or a configuration that was found, has
 * lie elsewhere is refused (elsewhere.h). Reads what is there. 0, or -1 with err (the file is something else, or
 * broken: nothing may be written over it). accept_done either way. */
[[nodiscard]] int accept_open(struct accepting *a, const char *given, const char *configured, const char *named_by,
			      const char *root, struct err *err);

/* Writes the baseline and says what came and what went. What the scope does not cover stays; what was not met as well
 * when the scan was incomplete. 0, or -1 with err. */
[[nodiscard]] int accept_write(struct accepting *a, const struct baseline_scope *scope, bool is_incomplete,
			       struct err *err);
void accept_done(struct accepting *a);

#endif
