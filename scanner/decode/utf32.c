/* SPDX-License-Identifier: Apache-2.0 */
/* UTF-32 in either byte order: between two ASCII characters are three zero bytes, so the order need not be known. */
#include "scanner/decode/parts.h"

#define UNIT 4u
#define NOT_ASCII 0xFF /* stands for every character that no key can hold */

static bool are_zero(struct view v)
{
	for (size_t i = 0; i < v.len; i++)
		if (v.ptr[i])
			return false;
	return true;
}

/* Whether the byte at a place is all that its unit holds: the zeros stand behind it, or before it. As those may be of
 * the character before, U+0141 may read as A; hardly a key has that behind it. */
static bool is_ascii(struct view text, size_t at)
{
	if ((unsigned char)text.ptr[at] > 0x7F)
		return false;
	return are_zero(view_sub(text, at + 1, UNIT - 1)) ||
	       (at >= UNIT - 1 && are_zero(view_sub(text, at - (UNIT - 1), UNIT - 1)));
}

enum decode_result decode_utf32(unsigned, struct view text, size_t at, struct decoded *ret)
{
	size_t from = at > DECODE_BEFORE ? at - DECODE_BEFORE : at % UNIT;
	size_t end = text.len - at > DECODE_AFTER ? at + DECODE_AFTER : text.len;

	ret->covered = end == text.len ? end : end - DECODE_MARGIN;
	for (size_t pos = from; pos < end; pos += UNIT)
		if (decoded_add(ret, is_ascii(text, pos) ? text.ptr[pos] : (char)NOT_ASCII, pos,
				text.len - pos < UNIT ? text.len : pos + UNIT))
			return DECODE_NO_MEMORY;
	return DECODE_DONE;
}
