/* SPDX-License-Identifier: Apache-2.0 */
/* What rules with a table find in an item, whose tables go on from piece to piece.
 *
 * Where a table is open at the end of a piece, the next piece goes on in it, at the row that the first one cuts. So
 * that a header is known when the first keyword stands in a later piece, each piece of an item that has several is
 * looked through, whether a keyword was met in it or not: then only as far as that takes. UTF-16 is a reading of its
 * own for each byte order and alignment. What was decoded otherwise is a text of its own in each piece. */
#ifndef SCANNER_MATCH_TABLES_H
#define SCANNER_MATCH_TABLES_H

#include "scanner/item.h"
#include "scanner/match/also.h"
#include "scanner/match/fits.h"
#include "scanner/match/rows.h"

struct tables_lane; /* what is known of one rule's tables in one reading of the item's bytes */

struct tables { /* one thread's */
	struct engine *engine;
	struct engine_worker *worker;
	struct also_state *also;
	const struct rule *const *rules;
	size_t *with_table; /* the rules that have one, indices into rules */
	size_t count;
	struct tables_lane *lanes;
	bool any_used; /* of lanes */
	/* of the piece at hand */
	const struct piece *piece;
	uint64_t accept_to;
	bool is_open; /* its own bytes were opened */
};

/* rules[i] has pattern i of the engine. All is borrowed. 0, or -1 when there is no memory; tables_done is fine then. */
[[nodiscard]] int tables_init(struct tables *t, const struct rule *const *rules, size_t count, struct engine *engine,
			      struct engine_worker *worker, struct also_state *also);
void tables_done(struct tables *t);

/* Pieces of an item come in order. Cells that start at or behind accept_to (in the item) are left to the next one. */
void tables_start(struct tables *t, const struct piece *piece, uint64_t accept_to);

/* Whether the item has several pieces: then tables_read is to be called for each subject. */
bool tables_go_on(const struct tables *t);

/* Whether the piece's own bytes are to be read, even if no keyword stands in them: not once they were opened. */
bool tables_want(const struct tables *t, struct fits *fits);
/* Whether a table in UTF-16 that an earlier piece began is to be read on. */
bool tables_want_wide(const struct tables *t, struct fits *fits);

void tables_open(struct tables *t, const struct subject *subject); /* before tables_read of it */

struct tables_sink { /* who takes the cells that are found */
	void (*put)(void *context, size_t rule, struct engine_span cell);
	void *context;
};

/* Reads the tables of a rule in a subject of the piece; is_met: one of its keywords stands there, or it has none.
 * NONE, or RUNAWAY and FAILED as engine_match, with err. err is also set, with NONE, when a row is too long to be read:
 * once an item. */
enum engine_result tables_read(struct tables *t, size_t rule, const struct subject *subject, bool is_met,
			       const struct tables_sink *sink, struct err *err);

#endif
