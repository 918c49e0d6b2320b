/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/match/tables.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/bounds.h"
#include "common/base/text.h"

#define LANES 5 /* the bytes as they are; UTF-16 in two orders and alignments */

struct tables_lane {
	struct rows rows; /* as rows_leave left them */
	uint64_t at;      /* in the item: where they go on */
	bool is_used;     /* by this item */
	bool is_met;      /* a keyword was met since the table that is open began */
	bool has_lost;    /* a row of the piece before that may count cannot be read */
	bool is_told;     /* of a limit */
};

int tables_init(struct tables *t, const struct rule *const *rules, size_t count, struct engine *engine,
		struct engine_worker *worker, struct also_state *also)
{
	*t = (struct tables){ .engine = engine, .worker = worker, .also = also, .rules = rules };
	t->with_table = calloc(count + 1, sizeof(*t->with_table));
	if (!t->with_table)
		return -1;
	for (size_t i = 0; i < count; i++)
		if (rules[i]->table != TABLE_NONE)
			t->with_table[t->count++] = i;
	t->lanes = calloc(t->count + 1, LANES * sizeof(*t->lanes));
	return t->lanes ? 0 : -1;
}

void tables_done(struct tables *t)
{
	free(t->with_table);
	free(t->lanes);
	t->with_table = NULL;
	t->lanes = NULL;
}

void tables_start(struct tables *t, const struct piece *piece, uint64_t accept_to)
{
	t->piece = piece;
	t->accept_to = accept_to;
	t->is_open = false;
	if (piece->is_first && t->any_used) {
		memset(t->lanes, 0, t->count * LANES * sizeof(*t->lanes));
		t->any_used = false;
	}
}

bool tables_go_on(const struct tables *t)
{
	return !t->piece->is_first || !t->piece->is_last;
}

static bool any_fits(const struct tables *t, struct fits *fits, bool is_csv)
{
	for (size_t n = 0; n < t->count; n++) {
		const struct rule *rule = t->rules[t->with_table[n]];

		if ((rule->table == TABLE_CSV || !is_csv) && fits_rule(fits, rule, t->with_table[n]))
			return true;
	}
	return false;
}

bool tables_want(const struct tables *t, struct fits *fits)
{
	return tables_go_on(t) && !t->is_open && any_fits(t, fits, false);
}

bool tables_want_wide(const struct tables *t, struct fits *fits)
{
	return tables_go_on(t) && any_fits(t, fits, true);
}

void tables_open(struct tables *t, const struct subject *subject)
{
	t->is_open = t->is_open || (!subject->via && !subject->spans);
}

/* NULL: the subject is a text of its own. */
static struct tables_lane *find_lane(const struct tables *t, size_t rule, const struct subject *s)
{
	size_t n = 0, lane = 0;

	if (!tables_go_on(t) || s->spans || s->is_joined || s->packed_bytes || s->stride == 0)
		return NULL;
	if (s->stride == 2)
		lane = 1 + (s->base & 1) + (text_ends(view_of(s->via), VIEW("be")) ? 2 : 0);
	while (t->with_table[n] != rule)
		n++;
	return &t->lanes[n * LANES + lane];
}

/* The first place of the text that is not before a place of the item. */
static size_t place_of(const struct subject *s, uint64_t place)
{
	uint64_t at = place > s->base ? (place - s->base + s->stride - 1) / s->stride : 0;

	return at < s->text.len ? (size_t)at : s->text.len;
}

/* Whether the piece goes on where the lane was left. */
static bool is_next(const struct tables_lane *lane, const struct subject *s)
{
	return lane->is_used && lane->at >= s->base && lane->at - s->base <= (uint64_t)s->text.len * s->stride;
}

/* Puts the lane into the piece. */
static void enter(struct tables *t, struct tables_lane *lane, size_t rule, const struct subject *s)
{
	if (is_next(lane, s)) {
		rows_go_on(&lane->rows, s->text, place_of(s, lane->at));
	} else {
		rows_start(&lane->rows, t->engine, t->worker, rule, t->rules[rule], s->text);
		lane->is_met = lane->has_lost = false;
		if (!t->piece->is_first)
			table_skip_line(&lane->rows.table);
	}
	lane->is_used = t->any_used = true;
	if (!t->piece->is_last)
		table_cut(&lane->rows.table, place_of(s, t->accept_to),
			  place_of(s, t->piece->offset + t->piece->bytes.len - SCAN_OVERLAP_BYTES));
}

/* Keeps where the next piece goes on. */
static void leave(struct tables_lane *lane, const struct subject *s)
{
	rows_leave(&lane->rows);
	lane->at = s->base + (uint64_t)lane->rows.table.at * s->stride;
	lane->is_met = lane->is_met && lane->rows.table.heading.ptr;
	lane->has_lost = lane->rows.table.has_lost;
}

static enum engine_result put_all(struct rows *rows, size_t rule, const struct tables_sink *sink, struct err *err)
{
	struct table_cell cell;
	enum engine_result result;

	while ((result = rows_next(rows, &cell, err)) == ENGINE_MATCH)
		sink->put(sink->context, rule, (struct engine_span){ .from = cell.from, .to = cell.to });
	return result;
}

/* Has err tell, once an item, that a row cannot be read. */
static void note_limit(struct tables_lane *lane, const struct rule *rule, struct err *err)
{
	if (!lane->is_told)
		(void)err_set(err, ERR_LIMIT, 0, "rule '%s' reads rows of tables of at most %u bytes", rule->id,
			      TABLE_ROW_BYTES);
	lane->is_told = true;
}

static enum engine_result read_lane(struct tables *t, struct tables_lane *lane, size_t r, const struct subject *s,
				    bool is_met, const struct tables_sink *sink, struct err *err)
{
	enum engine_result result;
	bool has_lost;

	enter(t, lane, r, s);
	lane->is_met = lane->is_met || (is_met && (lane->rows.table.heading.ptr || also_stands(t->also, r)));
	if (!lane->is_met && t->piece->is_last)
		return ENGINE_NONE;
	if (!lane->is_met)
		table_follow(&lane->rows.table);
	result = put_all(&lane->rows, r, sink, err);
	has_lost = lane->has_lost || lane->rows.table.has_lost;
	if (lane->is_met && has_lost && result == ENGINE_NONE)
		note_limit(lane, t->rules[r], err);
	leave(lane, s);
	return result;
}

enum engine_result tables_read(struct tables *t, size_t rule, const struct subject *subject, bool is_met,
			       const struct tables_sink *sink, struct err *err)
{
	struct tables_lane *lane = find_lane(t, rule, subject);
	struct rows rows;

	if (lane)
		return read_lane(t, lane, rule, subject, is_met, sink, err);
	if (!is_met || !also_stands(t->also, rule))
		return ENGINE_NONE;
	rows_start(&rows, t->engine, t->worker, rule, t->rules[rule], subject->text);
	return put_all(&rows, rule, sink, err);
}
