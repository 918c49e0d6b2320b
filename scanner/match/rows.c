/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/match/rows.h"

void rows_start(struct rows *rows, struct engine *engine, struct engine_worker *worker, size_t pattern,
		const struct rule *rule, struct view text)
{
	*rows = (struct rows){ .engine = engine, .worker = worker, .pattern = pattern };
	table_start(&rows->table, text, rule->table, &rule->columns, &rule->decided_by);
}

static enum engine_result search(const struct rows *rows, struct view text, struct err *err)
{
	struct engine_span spans[RULE_GROUPS_MAX];

	return engine_match(rows->engine, rows->worker, rows->pattern, text, 0, false, spans, err);
}

/* Does the row count? MATCH or NONE, or what went wrong. */
static enum engine_result judge(struct rows *rows, const struct table_cell *cell, struct err *err)
{
	enum engine_result result;

	if (cell->decider.ptr)
		return search(rows, cell->decider, err);
	if (rows->heading != cell->heading.ptr) {
		result = search(rows, cell->heading, err);
		if (result != ENGINE_MATCH && result != ENGINE_NONE)
			return result;
		rows->heading = cell->heading.ptr;
		rows->heading_counts = result == ENGINE_MATCH;
	}
	return rows->heading_counts ? ENGINE_MATCH : search(rows, cell->row, err);
}

enum engine_result rows_next(struct rows *rows, struct table_cell *ret, struct err *err)
{
	while (table_next(&rows->table, ret)) {
		enum engine_result result = judge(rows, ret, err);

		if (result != ENGINE_NONE)
			return result;
	}
	return ENGINE_NONE;
}
