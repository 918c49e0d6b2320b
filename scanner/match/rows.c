/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/match/rows.h"

#include "common/base/text.h"

void rows_start(struct rows *rows, struct engine *engine, struct engine_worker *worker, size_t pattern,
		const struct rule *rule, struct view text)
{
	*rows = (struct rows){ .engine = engine, .worker = worker, .pattern = pattern, .rule = rule };
	table_start(&rows->table, text, rule->table, &rule->columns, &rule->decided_by);
}

static enum engine_result search(const struct rows *rows, struct view text, struct err *err)
{
	struct engine_span spans[RULE_GROUPS_MAX];

	return engine_match(rows->engine, rows->worker, rows->pattern, text, 0, false, spans, err);
}

static bool line_has_word(struct view line, struct view word)
{
	for (size_t i = 0; i + word.len <= line.len; i++)
		if (text_eq_nocase(view_sub(line, i, word.len), word))
			return true;
	return false;
}

/* Code between fences (CommonMark 0.31, section 4.5) is an example, and says nothing of the table. */
static bool has_word(struct view text, struct view word)
{
	struct view line;
	bool is_code = false;

	while (text_next_line(&text, &line)) {
		if (text_starts(text_trim(line), VIEW("```")))
			is_code = !is_code;
		else if (!is_code && line_has_word(line, word))
			return true;
	}
	return false;
}

/* Does text have each of the words that stand in phrase, parted by spaces? */
static bool has_words(struct view text, struct view phrase)
{
	while (phrase.len) {
		size_t len = text_find_byte(phrase, ' ');

		if (!has_word(text, view_sub(phrase, 0, len)))
			return false;
		phrase = len == SIZE_MAX ? VIEW_NONE : view_sub(phrase, len + 1, phrase.len);
	}
	return true;
}

static bool heading_counts(struct rows *rows, struct view heading)
{
	if (rows->heading == heading.ptr)
		return rows->heading_counts;
	rows->heading = heading.ptr;
	rows->heading_counts = false;
	for (size_t i = 0; i < rows->rule->headings.count && !rows->heading_counts; i++)
		rows->heading_counts = has_words(heading, view_of(rows->rule->headings.items[i]));
	return rows->heading_counts;
}

void rows_leave(struct rows *rows)
{
	if (rows->table.heading.ptr)
		(void)heading_counts(rows, rows->table.heading);
}

void rows_go_on(struct rows *rows, struct view text, size_t at)
{
	table_go_on(&rows->table, text, at);
	rows->heading = rows->table.heading.ptr;
}

/* Does the row count? MATCH or NONE, or what went wrong. */
static enum engine_result judge(struct rows *rows, const struct table_cell *cell, struct err *err)
{
	if (cell->decider.ptr)
		return search(rows, cell->decider, err);
	return heading_counts(rows, cell->heading) ? ENGINE_MATCH : search(rows, cell->row, err);
}

enum engine_result rows_next(struct rows *rows, struct table_cell *ret, struct err *err)
{
	while (table_next(&rows->table, ret)) {
		enum engine_result result = judge(rows, ret, err);

		if (result != ENGINE_NONE)
			return result;
		if (ret->is_cut)
			rows->table.has_lost = true;
	}
	return ENGINE_NONE;
}
