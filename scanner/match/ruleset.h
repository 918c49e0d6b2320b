/* SPDX-License-Identifier: Apache-2.0 */
/* The rules of one run: the built-in tables, then those of rule files. Also linked into the build-time tool that turns
 * rules/ into the built-in tables (rulec). */
#ifndef SCANNER_MATCH_RULESET_H
#define SCANNER_MATCH_RULESET_H

#include "common/base/err.h"
#include "scanner/rule.h"

struct ruleset; /* owns the rules it read from files; borrows the built-in ones */

/* Made by rulec from rules/keys.yaml and rules/names.yaml, in file order. */
extern const struct rule rules_builtin[];
extern const size_t rules_builtin_count;

/* An empty set; NULL when there is no memory. */
struct ruleset *ruleset_new(void);
void ruleset_free(struct ruleset *set);
void ruleset_freep(struct ruleset **set);

/* Borrows count rules that outlive the set. 0, or -1 with err. */
[[nodiscard]] int ruleset_add(struct ruleset *set, const struct rule *rules, size_t count, struct err *err);

/* Adds the rules of a YAML file (rules/README.md). All or nothing. An id that the set has already is an error.
 * Errors are ERR_CONFIG, `file:line:column: what, and what was expected`. */
[[nodiscard]] int ruleset_read(struct ruleset *set, const char *path, struct err *err);
/* The same from memory; name stands for the path in messages. */
[[nodiscard]] int ruleset_parse(struct ruleset *set, struct view text, const char *name, struct err *err);

size_t ruleset_count(const struct ruleset *set);
const struct rule *ruleset_at(const struct ruleset *set, size_t index);
const struct rule *ruleset_find(const struct ruleset *set, struct view id); /* NULL when there is none */

bool ruleset_matches(const struct ruleset *set, struct view glob); /* some rule's id matches it */
/* Switches off (on) each rule whose id matches the glob; returns how many matched. A rule that is off stays in the set:
 * ruleset_enabled says so. */
size_t ruleset_enable(struct ruleset *set, struct view glob, bool on);
bool ruleset_enabled(const struct ruleset *set, size_t index);

#endif
