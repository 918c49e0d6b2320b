/* SPDX-License-Identifier: Apache-2.0 */
/* The examples of a rule. No full key stands in a rule file: `{{PREFIX N SUFFIX}}` is filled with N random characters
 * of the key alphabet when it is needed. SUFFIX may be left out. `{{` and a space is no template: other languages write
 * theirs so. */
#ifndef SCANNER_MATCH_EXAMPLES_H
#define SCANNER_MATCH_EXAMPLES_H

#include "common/base/err.h"
#include "scanner/rule.h"

#define EXAMPLE_RANDOM_MAX 1000

/* Appends text with its templates filled; the same seed gives the same text. 0, or -1 with err (ERR_CONFIG when a
 * template is malformed). */
[[nodiscard]] int examples_expand(struct view text, uint64_t seed, struct buf *ret, struct err *err);

/* Runs the rule's regex over each of its examples: every `match` has to match and to hold one of the keywords, no
 * `no_match` may match. 0, or -1 with err, which names the first example that does not do as it says. */
[[nodiscard]] int examples_check(const struct rule *rule, struct err *err);

#endif
