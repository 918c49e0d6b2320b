/* SPDX-License-Identifier: Apache-2.0 */
/* What a rule with a table finds: the cells of its column in the rows that its regex accepts. */
#ifndef SCANNER_MATCH_ROWS_H
#define SCANNER_MATCH_ROWS_H

#include "scanner/match/engine.h"
#include "scanner/match/table.h"

struct rows {
	struct engine *engine;
	struct engine_worker *worker;
	size_t pattern; /* the rule's, in engine */
	const struct rule *rule;
	struct table_reader table;
	const char *heading; /* the one that heading_counts is about */
	bool heading_counts;
};

/* All is borrowed. */
void rows_start(struct rows *rows, struct engine *engine, struct engine_worker *worker, size_t pattern,
		const struct rule *rule, struct view text);

/* As table_go_on, behind a text that table_cut was told of. */
void rows_go_on(struct rows *rows, struct view text, size_t at);

/* At the end of a text that goes on, as long as it is there: keeps what rows_go_on needs of it. */
void rows_leave(struct rows *rows);

/* The next cell. A row that is cut and may count by what is behind the cut has the table's has_lost set. As
 * engine_match: NONE at the end, RUNAWAY and FAILED with err. */
enum engine_result rows_next(struct rows *rows, struct table_cell *ret, struct err *err);

#endif
