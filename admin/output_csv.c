/* SPDX-License-Identifier: Apache-2.0 */
/* The format csv (RFC 4180). Spreadsheets take a cell that starts with one of = + - @ for a formula: an apostrophe
 * before it makes it text, unless it is a number. */
#include <string.h>

#include "admin/output.h"
#include "common/base/text.h"

static bool is_number(struct view v)
{
	bool has_digit = false;

	for (size_t i = 0; i < v.len; i++) {
		if (text_is_digit(v.ptr[i]))
			has_digit = true;
		else if (v.ptr[i] != '.' && !(i == 0 && v.ptr[i] == '-'))
			return false;
	}
	return has_digit;
}

static bool needs_quotes(struct view v)
{
	for (size_t i = 0; i < v.len; i++)
		if (strchr(",\"\r\n", v.ptr[i]))
			return true;
	return v.len && (v.ptr[0] == ' ' || v.ptr[v.len - 1] == ' ');
}

static int add_field(struct buf *buf, struct view v)
{
	if (v.len && strchr("=+-@", v.ptr[0]) && !is_number(v)) {
		if (buf_add_text(buf, "\"'"))
			return -1;
	} else if (needs_quotes(v)) {
		if (buf_add_byte(buf, '"'))
			return -1;
	} else {
		return buf_add(buf, v);
	}
	for (size_t i = 0; i < v.len; i++)
		if (buf_add_byte(buf, v.ptr[i]) || (v.ptr[i] == '"' && buf_add_byte(buf, '"')))
			return -1;
	return buf_add_byte(buf, '"');
}

static int add_end(struct output *out, size_t column)
{
	return buf_add_text(&out->pending, column + 1 < out->shape.count ? "," : "\r\n");
}

int output_csv_begin(struct output *out)
{
	for (size_t i = 0; i < out->shape.count; i++)
		if (add_field(&out->pending, view_of(out->shape.columns[i].title)) || add_end(out, i))
			return -1;
	return 0;
}

int output_csv_row(struct output *out, struct view row)
{
	for (size_t i = 0; i < out->shape.count; i++) {
		buf_clear(&out->held);
		if (output_cell(out, &out->shape.columns[i], row) || text_add_clean(&out->held, buf_view(&out->cell)) ||
		    add_field(&out->pending, buf_view(&out->held)) || add_end(out, i))
			return -1;
	}
	return 0;
}
