/* SPDX-License-Identifier: Apache-2.0 */
/* What a rule costs: how long its regex takes over some text, and over inputs that are made to be hard for it, where
 * backtracking may run away. Times are of this machine's processor, without what else it does at this moment. */
#ifndef SCANNER_MATCH_COST_H
#define SCANNER_MATCH_COST_H

#include "common/base/err.h"
#include "scanner/rule.h"

#define COST_HARD_BYTES 64 /* of a description */

struct cost {
	uint64_t text_ns_per_mb;    /* over the text, 10^6 bytes */
	uint64_t hard_ns_per_mb;    /* over the hardest of the made inputs */
	unsigned limit_percent;     /* of the match limit that this one takes; 100 = the pattern runs away */
	char hard[COST_HARD_BYTES]; /* what that was; clean */
};

/* Appends a text that is made of the examples of rules: about COST_MADE_BYTES. 0, or -1 with err. */
[[nodiscard]] int cost_add_text(const struct rule *const *rules, size_t count, struct buf *ret, struct err *err);

/* Measures the rule's regex wherever it might be tried: whether its words stand in the text is not asked, only, for one
 * that has a reach, where. 0, or -1 with err. */
[[nodiscard]] int cost_measure(const struct rule *rule, struct view text, struct cost *ret, struct err *err);

#endif
