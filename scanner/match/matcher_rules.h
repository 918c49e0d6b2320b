/* SPDX-License-Identifier: Apache-2.0 */
/* What a matcher knows before it looks at anything: for matcher.c and matcher_rules.c only. */
#ifndef SCANNER_MATCH_MATCHER_RULES_H
#define SCANNER_MATCH_MATCHER_RULES_H

#include "scanner/match/also.h"
#include "scanner/match/engine.h"
#include "scanner/match/keywords.h"
#include "scanner/match/matcher.h"

struct matcher {
	const struct ruleset *set;
	const struct rule **rules; /* the enabled ones */
	size_t *indices;           /* of each in the set */
	size_t count;
	size_t *allow_patterns; /* engine index of each rule's first allow regex */
	struct keywords keywords;
	struct also also;
	size_t *always; /* rules without keywords */
	size_t always_count;
	struct engine *engine;
};

#endif
