/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/position.h"

#include <string.h>

#include "common/base/text.h"

#define UTF8_BYTES 4 /* of the longest character, which takes two units in UTF-16 */
#define ASCII_BYTES 64

void position_start(struct position *p, const struct piece *first)
{
	size_t mark;
	enum decode_form form = decode_detect(first->bytes, &mark);

	*p = (struct position){ .form = form, .at = mark, .line = 1, .column = 1, .utf16 = 1 };
}

/* How many bytes at from belong to a character that starts before it. */
static size_t begun(struct view text, size_t from)
{
	for (size_t back = 1; back < UTF8_BYTES && back <= from; back++) {
		size_t len = text_utf8_len(view_sub(text, from - back, UTF8_BYTES));

		if (len > 1)
			return len > back ? len - back : 0;
	}
	return 0;
}

/* Whether the next ASCII_BYTES are ASCII, as most text is. */
static bool is_ascii(const char *bytes)
{
	unsigned char all = 0;

	for (size_t i = 0; i < ASCII_BYTES; i++)
		all |= (unsigned char)bytes[i];
	return all < 0x80;
}

/* UTF-16 units of the characters that start in [from, to). */
static uint64_t count_units(struct view text, size_t from, size_t to)
{
	size_t at = from + begun(text, from);
	uint64_t units = 0;

	while (at < to) {
		size_t stop = to - at > ASCII_BYTES ? at + ASCII_BYTES : to;

		if (to - at >= ASCII_BYTES && is_ascii(text.ptr + at)) {
			units += ASCII_BYTES;
			at += ASCII_BYTES;
			continue;
		}
		while (at < stop) {
			size_t len = 1;

			if (text.ptr[at] & 0x80)
				len = text_utf8_len(view_sub(text, at, UTF8_BYTES));
			units += len == UTF8_BYTES ? 2 : 1;
			at += len ? len : 1;
		}
	}
	return units;
}

static void advance_bytes(struct position *p, struct view text, size_t from, size_t to, const struct prefilter *counter)
{
	struct view bytes = view_sub(text, from, to - from);
	size_t lines = prefilter_count_lines(counter, bytes);

	if (lines) {
		const char *last = memrchr(bytes.ptr, '\n', bytes.len);

		p->line += lines;
		p->column = (uint64_t)(bytes.ptr + bytes.len - last);
		p->utf16 = 1;
		from = to - (size_t)(p->column - 1);
	} else {
		p->column += bytes.len;
	}
	p->utf16 += count_units(text, from, to);
}

static void advance_units(struct position *p, struct view bytes)
{
	for (size_t i = 0; i + 1 < bytes.len; i += 2) {
		unsigned unit = decode_unit(bytes.ptr + i, p->form);

		if (unit == '\n') {
			p->line++;
			p->column = p->utf16 = 1;
		} else {
			p->utf16++;
			p->column += decode_unit_len(unit);
		}
	}
}

void position_advance(struct position *p, const struct piece *piece, uint64_t to, const struct prefilter *counter)
{
	size_t from = (size_t)(p->at - piece->offset), len = (size_t)(to - p->at);

	if (to <= p->at)
		return;
	if (p->form == DECODE_PLAIN)
		advance_bytes(p, piece->bytes, from, from + len, counter);
	else
		advance_units(p, view_sub(piece->bytes, from, len));
	p->at = to;
}
