/* SPDX-License-Identifier: Apache-2.0 */
/* The text of strings. The tokenizer is in json_scan.c, trees are in json_tree.c. */
#include "common/sys/json.h"

#include <string.h>

#include "common/base/text.h"
#include "common/sys/json_unit.h"

/* The bytes of a code point; those of a surrogate as well. */
static size_t encode(uint32_t code, char out[static 4])
{
	size_t len = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
	static const unsigned char first[] = { 0, 0, 0xC0, 0xE0, 0xF0 };

	for (size_t i = len; i-- > 1; code >>= 6)
		out[i] = (char)(0x80 | (code & 0x3F));
	out[0] = (char)(first[len] | code);
	return len;
}

/* Reads `uXXXX`, or `uXXXX\uXXXX` of a pair, off *rest. */
static uint32_t take_code(struct view *rest)
{
	const char *end = rest->ptr + rest->len;
	uint32_t code = (uint32_t)json_unit_at(rest->ptr, end);
	int32_t low = rest->len > 6 && rest->ptr[5] == '\\' ? json_unit_at(rest->ptr + 6, end) : -1;
	bool is_pair = json_is_half((int32_t)code, 0xD800) && json_is_half(low, 0xDC00);

	*rest = view_sub(*rest, is_pair ? 11 : 5, rest->len);
	return is_pair ? 0x10000 + ((code - 0xD800) << 10) + ((uint32_t)low - 0xDC00) : code;
}

/* Takes one escape, which *rest starts with, off it: its unescaped bytes. */
static size_t take_escape(struct view *rest, char out[static 4])
{
	static const char plain[] = "\"\"\\\\//b\bf\fn\nr\rt\t";

	*rest = view_sub(*rest, 1, rest->len);
	for (size_t i = 0; i < sizeof(plain) - 1; i += 2)
		if (rest->ptr[0] == plain[i]) {
			*rest = view_sub(*rest, 1, rest->len);
			out[0] = plain[i + 1];
			return 1;
		}
	return encode(take_code(rest), out);
}

/* A string without its quotes. */
static struct view inside(struct view string)
{
	return string.len < 2 ? VIEW_NONE : view_sub(string, 1, string.len - 2);
}

int json_add_string(struct buf *buf, struct view value)
{
	size_t start = buf->len;
	struct view rest = inside(value);

	for (;;) {
		size_t plain = text_find_byte(rest, '\\');
		char out[4];

		if (buf_add(buf, view_sub(rest, 0, plain)))
			break;
		if (plain == SIZE_MAX)
			return 0;
		rest = view_sub(rest, plain, rest.len);
		if (buf_add(buf, view_from(out, take_escape(&rest, out))))
			break;
	}
	buf_cut(buf, start);
	return -1;
}

int json_text(struct view value, struct buf *store, struct view *ret)
{
	struct view text = inside(value);
	size_t start = store->len;

	if (text_find_byte(text, '\\') == SIZE_MAX) {
		*ret = text;
		return 0;
	}
	if (json_add_string(store, value))
		return -1;
	*ret = view_from(store->ptr + start, store->len - start);
	return 0;
}

bool json_string_is(struct view value, struct view text)
{
	struct view rest = inside(value);

	while (rest.len) {
		size_t plain = text_find_byte(rest, '\\');
		struct view part = view_sub(rest, 0, plain);
		char out[4];

		rest = view_sub(rest, part.len, rest.len);
		if (part.len == 0)
			part = view_from(out, take_escape(&rest, out));
		if (!text_starts(text, part))
			return false;
		text = view_sub(text, part.len, text.len);
	}
	return text.len == 0;
}

struct view json_member(struct view object, const char *key)
{
	struct view name, value;

	while (json_each_member(&object, &name, &value))
		if (json_string_is(name, view_of(key)))
			return value;
	return VIEW_NONE;
}
