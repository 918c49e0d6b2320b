/* SPDX-License-Identifier: Apache-2.0 */
/* The second texts of rules (struct rule, also): where none of them stands, a common keyword starts no pattern. */
#ifndef SCANNER_MATCH_ALSO_H
#define SCANNER_MATCH_ALSO_H

#include "scanner/match/keywords.h"
#include "scanner/match/places.h"

#define ALSO_PAIRS (1u << 12)

struct also { /* shared by threads */
	struct keywords words;
	size_t *starts; /* of rule r's words in of_rules: starts[r] up to starts[r + 1] */
	size_t *of_rules;
};

struct also_state { /* one thread's */
	const struct also *also;
	struct view text;
	unsigned char *stands; /* one a word: not known, stands in the text, does not */
	bool has_pairs;        /* pairs is of the text at hand */
	bool pairs[ALSO_PAIRS];
};

/* Each: 0, or -1 when there is no memory. */
[[nodiscard]] int also_init(struct also *a, const struct rule *const *rules, size_t count);
[[nodiscard]] int also_state_init(struct also_state *s, const struct also *a);
void also_done(struct also *a);
void also_state_done(struct also_state *s);

/* text, which is borrowed, is what also_stands is asked about from now on. */
void also_open(struct also_state *s, struct view text);

/* Whether one of rule r's second texts stands in the text; true when it has none. Each text is looked for once. */
bool also_stands(struct also_state *s, size_t r);

/* Adds all places where rule r's second texts stand. 0, or -1 when there is no memory. */
[[nodiscard]] int also_places(const struct also_state *s, size_t r, size_t reach, struct places *ret);

#endif
