/* SPDX-License-Identifier: Apache-2.0 */
/* What a command prints: rows that came as JSON objects, in one of five formats.
 *
 * json and jsonl hold the whole object (the very bytes where the dialect calls things as we do), yaml the whole object
 * as well, table and csv the columns of the shape. Control characters of cells are shown as \xNN. What is printed is
 * gathered and written in large pieces. */
#ifndef ADMIN_OUTPUT_H
#define ADMIN_OUTPUT_H

#include "common/api/dialect.h"
#include "common/base/buf.h"
#include "common/base/err.h"

enum output_format {
	OUTPUT_TABLE,
	OUTPUT_JSON,
	OUTPUT_JSONL,
	OUTPUT_CSV,
	OUTPUT_YAML,
	OUTPUT_ROW_FORMATS,
	/* Reports of a check as other programs read them; they have writers of their own (audit.h). */
	OUTPUT_SARIF = OUTPUT_ROW_FORMATS,
	OUTPUT_JUNIT,
	OUTPUT_FORMATS
};

#define OUTPUT_PLAIN_WORDS "table json jsonl csv yaml" /* what every command takes */
#define OUTPUT_FORMAT_WORDS OUTPUT_PLAIN_WORDS " sarif junit"
extern const char *const output_format_names[OUTPUT_FORMATS];

#define COLUMNS_MAX 24

struct column {
	const char *title; /* "created_by": the name in csv; in capitals the head of a table */
	const char *key;   /* where it stands in the row, by our name; "created_by.id" is a member of a member */
};

struct shape {
	const struct column *columns;
	size_t count;                  /* at most COLUMNS_MAX */
	const struct api_route *route; /* whose names the rows' keys have; NULL = ours */
	bool is_single;                /* one object, not a list */
	bool is_verbatim;              /* json, jsonl and yaml keep the dialect's names */
};

struct output {
	enum output_format format;
	struct shape shape;
	int fd;
	bool is_aligned;   /* a table on a terminal */
	size_t line_width; /* columns of that terminal; 0 = nothing is wrapped */
	bool is_laid_out;  /* of an aligned table: whether it is stacked is decided, by its first rows */
	bool is_stacked;   /* the terminal is too narrow for the columns: each row is a block of lines */
	bool has_block;
	bool started;
	uint64_t rows;
	struct buf pending;    /* not yet written */
	struct buf cell, held; /* scratch; cells of an aligned table whose widths are not known yet */
	size_t held_rows;
	size_t widths[COLUMNS_MAX];
	size_t last_word; /* width of the last column's widest cell that is one word */
	bool has_number[COLUMNS_MAX], has_text[COLUMNS_MAX]; /* what an aligned table's cells so far are */
};

/* format is below OUTPUT_ROW_FORMATS; is_aligned counts for tables only. The shape's columns are borrowed. */
void output_init(struct output *out, enum output_format format, const struct shape *shape, int fd, bool is_aligned);

/* One object: valid JSON (json_next). 0 or -1. */
[[nodiscard]] int output_row(struct output *out, struct view row, struct err *err);

/* Writes what is gathered; an aligned table's rows only once their widths are known. 0, or -1 with ERR_IO. A reader
 * that has gone away ends the program as SIGPIPE does. */
[[nodiscard]] int output_flush(struct output *out, struct err *err);

/* output_flush, and what an aligned table holds back goes with it. */
[[nodiscard]] int output_settle(struct output *out, struct err *err);

/* Says what closes the format, and flushes. */
[[nodiscard]] int output_end(struct output *out, struct err *err);
void output_done(struct output *out);

/* Writes text as it is: what no format covers. */
[[nodiscard]] int output_text(int fd, struct view text, struct err *err);

/* For the formats' files: */

/* Puts the column's plain text into out->cell: strings unescaped, other values as JSON, nothing for null and absent. */
[[nodiscard]] int output_cell(struct output *out, const struct column *column, struct view row);

/* Appends the row with our names for keys and values: the same bytes when the dialect has no others, or verbatim. */
[[nodiscard]] int output_add_ours(struct buf *buf, const struct shape *shape, struct view row);

int output_table_begin(struct output *out);
int output_table_row(struct output *out, struct view row);
int output_table_end(struct output *out);
int output_csv_begin(struct output *out);
int output_csv_row(struct output *out, struct view row);
int output_yaml_row(struct output *out, struct view row);
int output_yaml_end(struct output *out);
int output_json_begin(struct output *out);
int output_json_row(struct output *out, struct view row);
int output_json_end(struct output *out);
int output_jsonl_row(struct output *out, struct view row);

#endif
