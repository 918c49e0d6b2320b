/* SPDX-License-Identifier: Apache-2.0 */
/* Tables in text: finds the cells of a column that goes by one of several names. Pure, linear.
 *
 * CSV: cells are separated by ',', ';', '|' or a tab, may be quoted, and may then hold line ends. A table starts at the
 * start of the text or behind an empty line; lines that start with '#' are comments. Markdown: pipe tables, that is a
 * header over a row of dashes.
 *
 * A text may be a part of a longer one that another part, which shares its last bytes, goes on: then table_cut says how
 * far it is read, and table_go_on puts the reader into the next part, at the row or line that comes next. */
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
	bool is_after_gap;      /* no line of text stands between at and the start or an empty line */
	bool follows;           /* cells are not wanted */
	/* of a text that goes on */
	bool goes_on;
	size_t until;     /* rows that start at or behind it are the next part's */
	size_t kept_from; /* what the next part has as well */
	size_t last_line; /* the one that has no end here */
	bool is_done;     /* at is where the next part goes on */
	bool is_within;   /* at is within a line that nobody reads */
	bool has_lost;    /* a row that may count is in neither part as a whole */
};

struct table_cell {
	size_t from, to; /* of its content in the text: no quotes, spaces or Markdown marks round it */
	struct view row;
	struct view heading; /* the header row, and the title, comment or paragraph above it */
	struct view decider; /* the row's cell in a decided_by column; ptr NULL when the table has no such column */
	bool is_cut;         /* the row goes on where the text ends: only what stands before is known */
};

/* Header cells are compared with the names of columns and decided_by by their letters and digits only, without case. Of
 * columns, the first name that the table has counts. All is borrowed. */
void table_start(struct table_reader *r, struct view text, enum table_format format, const struct rule_list *columns,
		 const struct rule_list *decided_by);

/* Before the first table_next of a text that goes on: a cell that starts at or behind until is left to the next part,
 * whose text starts at kept_from of this one, before until. What is longer than these allow: a line that goes on behind
 * the text and starts before kept_from is passed over; a quote that is not closed in the text is then a character like
 * others. Where a row cannot be read for that reason, has_lost is set. */
void table_cut(struct table_reader *r, size_t until, size_t kept_from);

/* Before the first table_next of a text, behind table_cut: only goes to its end, to know what is open there. */
void table_follow(struct table_reader *r);

/* Puts a reader that has come to the end of a part into the next one, the last one until table_cut says otherwise. at
 * is where r->at was, in the new text. Of a table that goes on, the heading of cells is empty. */
void table_go_on(struct table_reader *r, struct view text, size_t at);

/* Puts the reader behind the line that at is in: into a text that starts anywhere. */
void table_skip_line(struct table_reader *r);

/* The next cell that is not empty and not a placeholder (-, n/a, {team}, ...). false at the end. */
bool table_next(struct table_reader *r, struct table_cell *ret);

#endif
