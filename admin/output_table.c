/* SPDX-License-Identifier: Apache-2.0 */
/* The format table: columns aligned on a terminal, where the last one is wrapped, separated by tabs elsewhere. */
#include "admin/output.h"
#include "common/base/bounds.h"
#include "common/base/text.h"

#define COLUMN_GAP 2
#define LAST_COLUMN_MIN 24 /* where less is left of a line, the terminal wraps */

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

/* Where the last column begins when it is to be wrapped, and how wide it may be; 0 when it is not. */
static size_t last_column(const struct output *out, size_t *ret_room)
{
	size_t from = 0;

	for (size_t i = 0; i + 1 < out->shape.count; i++)
		from += out->widths[i] + COLUMN_GAP;
	if (out->line_width < from + LAST_COLUMN_MIN)
		return 0;
	*ret_room = out->line_width - from;
	return from;
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

static int add_last_cell(struct output *out, struct view cell)
{
	size_t room = SIZE_MAX;
	size_t from = last_column(out, &room);

	for (;;) {
		size_t len = from ? words_that_fit(cell, room) : cell.len;

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
	return add_last_cell(out, line);
}

static int align_held(struct output *out)
{
	struct view rest = buf_view(&out->held);
	struct view line;

	while (text_next_line(&rest, &line))
		if (align_line(out, line))
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
