/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/spelled.h"

#include <string.h>

#include "common/base/text.h"

#define UNIT_LEN 6 /* \uXXXX */

/* The code unit that is spelled at text's start; -1: none is. */
static int32_t unit_at(struct view text)
{
	int32_t unit = 0;

	if (text.len < UNIT_LEN || !text_starts(text, VIEW("\\u")))
		return -1;
	for (size_t i = 2; i < UNIT_LEN; i++) {
		int digit = text_hex_value(text.ptr[i]);

		if (digit < 0)
			return -1;
		unit = unit << 4 | digit;
	}
	return unit;
}

/* The character that is spelled at text's start and how many bytes spell it; 0: none that can be shown is. */
static uint32_t character_at(struct view text, size_t *ret_len)
{
	int32_t unit = unit_at(text), low;

	*ret_len = UNIT_LEN;
	if (unit < ' ' || unit == 0x7F || (unit >= 0xDC00 && unit <= 0xDFFF))
		return 0;
	if (unit < 0xD800 || unit > 0xDFFF)
		return (uint32_t)unit;
	*ret_len = 2 * (size_t)UNIT_LEN;
	low = unit_at(view_sub(text, UNIT_LEN, SIZE_MAX));
	return low >= 0xDC00 && low <= 0xDFFF ? 0x10000 + ((uint32_t)(unit & 0x3FF) << 10 | (uint32_t)(low & 0x3FF))
					      : 0;
}

static void add(struct spelled *s, struct view bytes)
{
	bytes = view_sub(bytes, 0, sizeof(s->bytes) - s->len);
	memcpy(s->bytes + s->len, bytes.ptr, bytes.len);
	s->len += bytes.len;
}

static void add_character(struct spelled *s, uint32_t code)
{
	char utf8[4];
	size_t tail = code < 0x80 ? 0 : code < 0x800 ? 1 : code < 0x10000 ? 2 : 3; /* bytes behind the first */
	static const unsigned char leads[] = { 0, 0xC0, 0xE0, 0xF0 };

	utf8[0] = (char)(leads[tail] | code >> 6 * tail);
	for (size_t i = 1; i <= tail; i++)
		utf8[i] = (char)(0x80 | (code >> 6 * (tail - i) & 0x3F));
	add(s, view_from(utf8, tail + 1));
}

struct view spelled_name(struct view name, struct spelled *store)
{
	if (text_find(name, VIEW("\\u")) == SIZE_MAX)
		return name;
	store->len = 0;
	while (name.len) {
		size_t len;
		uint32_t code = character_at(name, &len);

		if (code) {
			add_character(store, code);
		} else {
			len = text_starts(name, VIEW("\\\\")) ? 2 : 1; /* the second one begins no escape */
			add(store, view_sub(name, 0, len));
		}
		name = view_sub(name, len, SIZE_MAX);
	}
	return view_from(store->bytes, store->len);
}
