/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/report/cell.h"

#include "common/base/text.h"

static bool is_formula(struct view text)
{
	static const char *const starts[] = { "=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20" };

	for (size_t i = 0; i < ARRAY_LEN(starts); i++)
		if (text_starts(text, view_of(starts[i])))
			return true;
	return false;
}

int cell_add(struct buf *out, struct view text)
{
	if (buf_add_text(out, is_formula(text) ? "\"'" : "\""))
		return -1;
	for (size_t i = 0; i < text.len; i++)
		if (buf_add_byte(out, text.ptr[i]) || (text.ptr[i] == '"' && buf_add_byte(out, '"')))
			return -1;
	return buf_add_byte(out, '"');
}
