/* SPDX-License-Identifier: Apache-2.0 */
/* Tables that the page's script sorts, filters and groups. All rows are in the page: the first HTML_TABLE_ROWS as rows,
 * which can be read without the script, what follows as data that the script shows. */
#ifndef COMMON_HTML_TABLE_H
#define COMMON_HTML_TABLE_H

#include "common/base/decimal.h"
#include "common/html/html.h"

enum html_type {
	HTML_TEXT,
	HTML_CODE,   /* an id, a path: in the fixed-width font */
	HTML_WORD,   /* the same for what is short: it stays on its line */
	HTML_NUMBER, /* a whole one; an empty cell is none */
	HTML_MONEY,  /* shown with two decimals, kept exact in data-v */
	HTML_DATE,   /* YYYY-MM-DD, or a time that begins so */
	HTML_LEVEL,  /* a word, coloured when html_is_level knows it */
	HTML_TAGS,   /* words with spaces between them */
};

struct html_column {
	const char *title;
	enum html_type type;
	bool is_group; /* rows can be grouped by it */
};

struct html_table {
	const char *id;      /* a word of ours, unique in the page */
	const char *caption; /* what the rows are */
	const struct html_column *columns;
	size_t count;
	size_t total;    /* rows there will be, when that is known; 0: not */
	bool is_grouped; /* by the first column that can be, to begin with */
	bool is_matrix;  /* many narrow columns: titles stand upright */
	bool is_data;    /* its rows are written as data from the first on (html_row) */
	/* The writer's: */
	size_t rows, cells;
	size_t data_rows;
	bool is_totals, is_block;
};

void html_table_begin(struct html *h, struct html_table *t);
void html_row(struct html *h, struct html_table *t); /* begins a row: as many cells follow as there are columns */
void html_cell(struct html *h, struct html_table *t, struct view text);
void html_cell_number(struct html *h, struct html_table *t, uint64_t number);
void html_cell_money(struct html *h, struct html_table *t, struct decimal amount_usd);
/* The row of totals: html_cell and its kin follow as for a row. At most once, after all rows. */
void html_table_totals(struct html *h, struct html_table *t);
void html_table_end(struct html *h, struct html_table *t);

/* A table that is_data has no beginning and no end: its rows may stand anywhere in a page that has the table of that
 * id, so that who writes it need not keep them. This closes their last block. The other table then says how many they
 * are: data_rows. */
void html_data_end(struct html *h, struct html_table *t);

#endif
