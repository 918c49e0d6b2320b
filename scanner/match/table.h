/* SPDX-License-Identifier: Apache-2.0 */
/* Tables in text: finds the cells of a column that goes by one of several names. Pure, linear.
 *
 * CSV: cells are separated by ',', ';', '|' or a tab, may be quoted, and may then hold line ends. A table starts at the
 * start of the text or behind an empty line; lines that start with '#' are comments. Markdown: pipe tables, that is a
 * header over a row of dashes. */
#ifndef SCANNER_MATCH_TABLE_H
#define SCANNER_MATCH_TABLE_H

#include "common/base/buf.h"
#include "scanner/rule.h"

struct table_reader {
	struct view text;
	enum table_format format;
	const struct rule_list *columns, *decided_by;
	size_t at;           /* what comes next */
	struct view heading; /* of the table that at is in; ptr NULL between tables */
	char separator;
	size_t column, decider; /* counted from 0; decider: SIZE_MAX when there is none */
};

struct table_cell {
	size_t from, to; /* of its content in the text: no quotes, spaces or Markdown marks round it */
	struct view row;
	struct view heading; /* the header row, and the title, comment or paragraph above it */
	struct view decider; /* the row's cell in a decided_by column; ptr NULL when the table has no such column */
};

/* Header cells are compared with the names of columns and decided_by by their letters and digits only, without case. Of
 * columns, the first name that the table has counts. All is borrowed. */
void table_start(struct table_reader *r, struct view text, enum table_format format, const struct rule_list *columns,
		 const struct rule_list *decided_by);

/* The next cell that is not empty and not a placeholder (-, n/a, {team}, ...). false at the end. */
bool table_next(struct table_reader *r, struct table_cell *ret);

#endif
