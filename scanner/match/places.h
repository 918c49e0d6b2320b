/* SPDX-License-Identifier: Apache-2.0 */
/* Where in a text a rule may match (struct rule: keyword_reach, also_reach), so that a long text that says its words in
 * a few places is tried in these only. */
#ifndef SCANNER_MATCH_PLACES_H
#define SCANNER_MATCH_PLACES_H

#include "common/base/buf.h"

struct place {
	size_t from, to; /* a match may start at each, and between */
};

struct places {
	struct place *items;
	size_t count, cap;
	bool is_out_of_order;
};

/* A word stands at a place in text: a match may start on its line before it, and in the reach bytes before it and on
 * their line. It is tried from within a word before that line on, up to MATCH_BEFORE_BYTES: \G holds where a match
 * ended, and at no other place. 0, or -1 when there is no memory. */
[[nodiscard]] int places_add(struct places *p, struct view text, size_t at, size_t reach);
/* Puts them in order, none touching another. */
void places_settle(struct places *p);
void places_done(struct places *p);

#endif
