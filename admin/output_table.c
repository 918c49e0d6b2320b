/* SPDX-License-Identifier: Apache-2.0 */
/* The format table. On a terminal columns are aligned, and the last one is wrapped; where the terminal is too narrow
 * for that, each row is a block with a line for each cell that holds something. Elsewhere tabs separate them. */
#include "admin/output.h"
#include "common/base/bounds.h"
#include "common/base/text.h"

#define COLUMN_GAP 2
#define LAST_COLUMN_MIN                                                                                                \
	24 /* what the last column needs of a line, unless all of it is narrower or words alone are wider */

static int add_title(struct buf *buf, const char *title)
{
	for (; *title; title++)
		if (buf_add_byte(buf, (char)(*title == '_'                    ? ' '
					     : *title >= 'a' && *title <= 'z' ? *title - 32
									      : *title)))
			return -1;
	return 0;
}

/* Columns on a terminal: code points, which is right for all but wide and combining characters. */
static size_t width_of(struct view text)
{
	size_t width = 0;

	for (size_t i = 0; i < text.len; i++)
		width += ((unsigned char)text.ptr[i] & 0xc0) != 0x80;
	return width;
}

/* Cells are clean: no tab and no newline is in them, so that these can separate them. */
static int add_separator(struct output *out, struct buf *buf, size_t column)
{
	return buf_add_byte(buf, column + 1 < out->shape.count ? '\t' : '\n');
}

static struct buf *target(struct output *out)
{
	return out->is_aligned ? &out->held : &out->pending;
}

static void widen(struct output *out, size_t column, struct view cell)
{
	size_t width = width_of(cell);

	if (width > out->widths[column])
		out->widths[column] = width;
}

/* 12, -0.50 or 7,953.25 */
static bool is_number(struct view cell)
{
	size_t digits = 0;

	for (size_t i = 0; i < cell.len; i++) {
		if (text_is_digit(cell.ptr[i]))
			digits++;
		else if (cell.ptr[i] != ',' && cell.ptr[i] != '.' && (cell.ptr[i] != '-' || i))
			return false;
	}
	return digits > 0;
}

static void see(struct output *out, size_t column, struct view cell)
{
	widen(out, column, cell);
	if (column + 1 == out->shape.count && text_find_byte(cell, ' ') == SIZE_MAX && width_of(cell) > out->last_word)
		out->last_word = width_of(cell);
	if (is_number(cell))
		out->has_number[column] = true;
	else if (!text_eq(cell, VIEW("-")))
		out->has_text[column] = true;
}

/* Numbers stand to the right, so that their digits can be compared. */
static bool is_right(const struct output *out, size_t column)
{
	return out->has_number[column] && !out->has_text[column];
}

int output_table_begin(struct output *out)
{
	struct buf *buf = target(out);

	for (size_t i = 0; i < out->shape.count; i++) {
		size_t from = buf->len;

		if (add_title(buf, out->shape.columns[i].title))
			return -1;
		widen(out, i, view_sub(buf_view(buf), from, buf->len));
		if (add_separator(out, buf, i))
			return -1;
	}
	return 0;
}

static int add_padding(struct buf *buf, size_t count)
{
	while (count--)
		if (buf_add_byte(buf, ' '))
			return -1;
	return 0;
}

/* Where the last column begins. */
static size_t last_column(const struct output *out)
{
	size_t from = 0;

	for (size_t i = 0; i + 1 < out->shape.count; i++)
		from += out->widths[i] + COLUMN_GAP;
	return from;
}

static bool is_too_wide(const struct output *out)
{
	size_t last = out->widths[out->shape.count - 1];

	if (last > LAST_COLUMN_MIN)
		last = out->last_word > LAST_COLUMN_MIN ? out->last_word : LAST_COLUMN_MIN;
	return out->line_width && out->line_width < last_column(out) + last;
}

/* Bytes of the words that fit in room columns, and of the first one in any case. */
static size_t words_that_fit(struct view text, size_t room)
{
	size_t end = 0;

	for (size_t i = 1; i <= text.len; i++)
		if (i == text.len || text.ptr[i] == ' ') {
			if (end && width_of(view_sub(text, 0, i)) > room)
				break;
			end = i;
		}
	return end;
}

/* Wrapped at words where the rest of the line is too short: what goes on stands below, from that column on. */
static int add_wrapped(struct output *out, struct view cell, size_t from)
{
	size_t room = out->line_width > from ? out->line_width - from : 0;

	for (;;) {
		size_t len = room ? words_that_fit(cell, room) : cell.len;

		if (buf_add(&out->pending, view_sub(cell, 0, len)) || buf_add_byte(&out->pending, '\n'))
			return -1;
		if (len >= cell.len)
			return 0;
		cell = view_sub(cell, len + 1, cell.len);
		if (add_padding(&out->pending, from))
			return -1;
	}
}

static int align_line(struct output *out, struct view line)
{
	for (size_t i = 0; i + 1 < out->shape.count; i++) {
		struct view cell = view_sub(line, 0, text_find_byte(line, '\t'));
		size_t missing = out->widths[i] - width_of(cell);
		size_t before = is_right(out, i) ? missing : 0;

		if (add_padding(&out->pending, before) || buf_add(&out->pending, cell) ||
		    add_padding(&out->pending, missing - before + COLUMN_GAP))
			return -1;
		line = view_sub(line, cell.len + 1, line.len);
	}
	if (is_right(out, out->shape.count - 1) &&
	    add_padding(&out->pending, out->widths[out->shape.count - 1] - width_of(line)))
		return -1;
	return add_wrapped(out, line, last_column(out));
}

static size_t title_width(const struct output *out)
{
	size_t width = 0;

	for (size_t i = 0; i < out->shape.count; i++) {
		size_t len = view_of(out->shape.columns[i].title).len;

		width = len > width ? len : width;
	}
	return width;
}

static int stack_line(struct output *out, struct view line)
{
	size_t from = title_width(out) + COLUMN_GAP;

	if (out->has_block && buf_add_byte(&out->pending, '\n'))
		return -1;
	out->has_block = true;
	for (size_t i = 0; i < out->shape.count; i++) {
		struct view cell = view_sub(line, 0, text_find_byte(line, '\t'));
		const char *title = out->shape.columns[i].title;

		line = view_sub(line, cell.len + 1, line.len);
		if (text_eq(cell, VIEW("-")))
			continue;
		if (add_title(&out->pending, title) || add_padding(&out->pending, from - view_of(title).len) ||
		    add_wrapped(out, cell, from))
			return -1;
	}
	return 0;
}

/* What is held begins with the titles, which blocks have in each line. */
static void lay_out(struct output *out, struct view *held)
{
	struct view titles;

	out->is_laid_out = true;
	out->is_stacked = out->held_rows && is_too_wide(out);
	if (out->is_stacked)
		(void)text_next_line(held, &titles);
}

static int align_held(struct output *out)
{
	struct view rest = buf_view(&out->held);
	struct view line;

	if (!out->is_laid_out)
		lay_out(out, &rest);
	while (text_next_line(&rest, &line))
		if (out->is_stacked ? stack_line(out, line) : align_line(out, line))
			return -1;
	buf_clear(&out->held);
	out->held_rows = 0;
	return 0;
}

int output_table_row(struct output *out, struct view row)
{
	struct buf *buf = target(out);

	for (size_t i = 0; i < out->shape.count; i++) {
		size_t from = buf->len;

		if (output_cell(out, &out->shape.columns[i], row) || text_add_clean(buf, buf_view(&out->cell)))
			return -1;
		if (out->is_aligned && buf->len == from && buf_add_byte(buf, '-'))
			return -1;
		see(out, i, view_sub(buf_view(buf), from, buf->len));
		if (add_separator(out, buf, i))
			return -1;
	}
	if (out->is_aligned && ++out->held_rows >= OUTPUT_ALIGNED_ROWS)
		return align_held(out);
	return 0;
}

int output_table_end(struct output *out)
{
	return out->is_aligned ? align_held(out) : 0;
}
