/* SPDX-License-Identifier: Apache-2.0 */
/* Dumps as hexdump(1) -C and xxd(1) print them, a line for each 16 bytes or so: an offset, the bytes in pairs of digits
 * with or without blanks between them, and the characters. */
#include "common/base/text.h"
#include "scanner/decode/parts.h"

#define LINES_BEFORE 2
#define LINES_AFTER 40
#define LINES_MARGIN 20   /* of them at the end, in which a hit counts as not looked at: its key may be cut there */
#define LINE_MAX_BYTES 64 /* bytes of one line */
#define OFFSET_MIN 4      /* digits */
#define GAP 2             /* blanks before the characters, at least */
#define HALF 8            /* bytes */

static bool is_hex(char c)
{
	return text_hex_value(c) >= 0;
}

static size_t skip_hex(struct view text, size_t at)
{
	while (at < text.len && is_hex(text.ptr[at]))
		at++;
	return at;
}

static size_t skip_blanks(struct view text, size_t at)
{
	while (at < text.len && (text.ptr[at] == ' ' || text.ptr[at] == '\t'))
		at++;
	return at;
}

static size_t line_start(struct view text, size_t at, unsigned lines)
{
	size_t least = at > DECODE_BEFORE ? at - DECODE_BEFORE : 0;

	for (;;) {
		while (at > least && text.ptr[at - 1] != '\n')
			at--;
		if (at == least || lines-- == 0)
			return at;
		at--;
	}
}

/* Where the bytes of the line at a place begin: behind its offset. SIZE_MAX: it has none. */
static size_t bytes_start(struct view text, size_t at)
{
	size_t start = skip_blanks(text, at), end;

	if (text_starts(view_sub(text, start, text.len), VIEW("0x")))
		start += 2; /* tcpdump(1) -X */
	end = skip_hex(text, start);

	if (end - start < OFFSET_MIN || end >= text.len || (text.ptr[end] != ':' && text.ptr[end] != ' '))
		return SIZE_MAX;
	return skip_blanks(text, end + 1);
}

/* The bytes of one line, up to the gap before the characters. */
static int add_line(struct decoded *d, struct view text, size_t at)
{
	bool has_halves = at + 2 < text.len && text.ptr[at + 2] == ' '; /* hexdump -C: two blanks between them */

	for (size_t n = 0; n < LINE_MAX_BYTES; n++) {
		size_t next;

		if (at + 1 >= text.len || !is_hex(text.ptr[at]) || !is_hex(text.ptr[at + 1]))
			return 0;
		if (decoded_add(d, (char)(text_hex_value(text.ptr[at]) << 4 | text_hex_value(text.ptr[at + 1])), at,
				at + 2))
			return -1;
		at += 2;
		next = skip_blanks(text, at);
		if (next - at >= GAP && !(has_halves && n == HALF - 1 && next - at == GAP))
			return 0;
		at = next;
	}
	return 0;
}

enum decode_result decode_dump(unsigned, struct view text, size_t at, struct decoded *ret)
{
	size_t line = line_start(text, at, LINES_BEFORE), margin = line;
	unsigned n = 0;

	for (; n < LINES_BEFORE + LINES_AFTER && line < text.len; n++) {
		size_t start = bytes_start(text, line), eol = text_find_byte(view_sub(text, line, DECODE_AFTER), '\n');

		if (start != SIZE_MAX && add_line(ret, text, start))
			return DECODE_NO_MEMORY;
		if (start == SIZE_MAX && line > at)
			break;
		if (eol == SIZE_MAX)
			break;
		line += eol + 1;
		margin = n + 1 == LINES_BEFORE + LINES_AFTER - LINES_MARGIN ? line : margin;
	}
	ret->covered = n == LINES_BEFORE + LINES_AFTER && line < text.len ? margin : line;
	return ret->text.len ? DECODE_DONE : DECODE_NOTHING;
}
