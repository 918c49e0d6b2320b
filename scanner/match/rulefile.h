/* SPDX-License-Identifier: Apache-2.0 */
/* One rule file (rules/README.md) as rules in memory: the reading half of ruleset.h. */
#ifndef SCANNER_MATCH_RULEFILE_H
#define SCANNER_MATCH_RULEFILE_H

#include "common/base/err.h"
#include "common/sys/conf.h"
#include "scanner/rule.h"

struct rulefile; /* owns its rules and everything they point to */

/* Checks and copies the document's rules; source is the path that messages and rules name. NULL with err. */
struct rulefile *rulefile_read(const struct conf *conf, const char *source, struct err *err);
void rulefile_free(struct rulefile *file);

const struct rule *rulefile_rules(const struct rulefile *file, size_t *ret_count);
/* Where rule index stands in the file, for messages about it. */
const struct conf_node *rulefile_node(const struct conf *conf, size_t index);

#endif
