/* SPDX-License-Identifier: Apache-2.0 */
/* The keywords of all rules, each once, and who uses them. */
#ifndef SCANNER_MATCH_KEYWORDS_H
#define SCANNER_MATCH_KEYWORDS_H

#include "common/base/err.h"
#include "scanner/rule.h"

struct keyword {
	struct view text; /* the rule's */
	bool nocase;
};

struct keywords {
	struct keyword *words;
	size_t count;
	size_t *starts; /* of keyword k's rules in users: starts[k] up to starts[k + 1] */
	size_t *users;  /* indices into the rules given to keywords_init */
};

enum keywords_of { KEYWORDS_ANY, KEYWORDS_ALSO }; /* struct rule: keywords, or also */

/* 0, or -1 when there is no memory. */
[[nodiscard]] int keywords_init(struct keywords *k, const struct rule *const *rules, size_t count, enum keywords_of of);
void keywords_done(struct keywords *k);

#endif
