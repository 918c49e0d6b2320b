/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes as pairs of hexadecimal digits or as numbers in a list. */
#include "common/base/text.h"
#include "scanner/decode/parts.h"

#define MARKS_MAX 24 /* between two bytes of a list: a comma, a line end and its indentation, a cast */

static bool is_hex(char c)
{
	return text_hex_value(c) >= 0;
}

static bool is_pair(struct view text, size_t at)
{
	return at + 1 < text.len && is_hex(text.ptr[at]) && is_hex(text.ptr[at + 1]);
}

static int add_pair(struct decoded *d, struct view text, size_t at)
{
	int byte = text_hex_value(text.ptr[at]) << 4 | text_hex_value(text.ptr[at + 1]);

	return decoded_add(d, (char)byte, at, at + 2);
}

/* Digits that follow each other without a mark are joined over the ends of literals and of lines. */
static size_t next_unmarked(struct view text, size_t at, size_t line)
{
	bool is_long = at < text.len && text_is_space(text.ptr[at]) && at - line > BRIDGE_WRAP_MAX;

	if (is_pair(text, at))
		return at;
	return is_long ? SIZE_MAX : bridge_skip(text, at, is_hex);
}

/* A mark is always the same one, but that a line may end behind it, in its place, or in that of its blank. SIZE_MAX:
 * something else stands there. */
static size_t skip_mark(struct view text, size_t at, struct view mark)
{
	struct view at_end = text_trim(mark), rest = view_sub(text, at, text.len);

	if (text_starts(rest, mark))
		return at + mark.len;
	if (at_end.len && text_starts(rest, at_end))
		at += at_end.len;
	return at < text.len && text_is_space(text.ptr[at]) ? at : SIZE_MAX;
}

static size_t next_pair(struct view text, size_t at, struct view mark, size_t line)
{
	if (mark.len == 0)
		return next_unmarked(text, at, line);
	at = skip_mark(text, at, mark);
	if (at == SIZE_MAX)
		return SIZE_MAX;
	if (at + 1 < text.len && text.ptr[at] == '\\' && text_is_space(text.ptr[at + 1]))
		at++; /* the line goes on */
	for (size_t n = 0; n < MARKS_MAX && at < text.len && text_is_space(text.ptr[at]); n++)
		at++;
	if (mark.len > 1 && text_starts(view_sub(text, at, text.len), mark))
		at += mark.len;
	return is_pair(text, at) ? at : SIZE_MAX;
}

/* The one or two bytes between the pair at a place and the next; nothing when they follow each other. */
static struct view mark_behind(struct view text, size_t at)
{
	for (size_t len = 0; len <= 2; len++)
		if (is_pair(text, at + 2 + len))
			return view_sub(text, at + 2, len);
	return VIEW_NONE;
}

/* The pair before the one at a place, in another line or literal. SIZE_MAX: there is none. */
static size_t pair_across(struct view text, size_t at, struct view mark)
{
	size_t least = at > BRIDGE_BACK_BYTES ? at - BRIDGE_BACK_BYTES : 0;

	for (size_t end = at; end-- > least + 2;)
		if (!is_hex(text.ptr[end]) && is_pair(text, end - 2) &&
		    next_pair(text, end, mark, bridge_line_start(text, end)) == at)
			return end - 2;
	return SIZE_MAX;
}

static size_t find_start(struct view text, size_t at, struct view mark)
{
	size_t step = 2 + mark.len, least = at > DECODE_BEFORE ? at - DECODE_BEFORE : 0;
	unsigned lines = BRIDGE_BACK_LINES;

	while (at >= least + step) {
		size_t far;

		if (is_pair(text, at - step) &&
		    (mark.len == 0 || text_starts(view_sub(text, at - mark.len, mark.len), mark))) {
			at -= step;
			continue;
		}
		far = lines ? pair_across(text, at, mark) : SIZE_MAX;
		if (far == SIZE_MAX)
			break;
		lines--;
		at = far;
	}
	return at;
}

/* Pairs from a place on; *ret_last is the last one. 0, or -1 when there is no memory. */
static int add_pairs(struct view text, size_t pos, size_t end, struct view mark, struct decoded *ret, size_t *ret_last)
{
	size_t line = pos;

	while (pos < end) {
		size_t next;

		if (add_pair(ret, text, pos))
			return -1;
		next = next_pair(text, pos + 2, mark, line);
		if (next == SIZE_MAX || !is_pair(text, next))
			break;
		line = next > pos + 2 + mark.len ? next : line;
		pos = next;
	}
	*ret_last = pos;
	return 0;
}

enum decode_result decode_hex(unsigned phase, struct view text, size_t at, struct decoded *ret)
{
	struct view mark;
	size_t last, end = text.len - at > DECODE_AFTER ? at + DECODE_AFTER : text.len;

	if (phase == HEX_BEHIND_MARK)
		at++;
	if (!is_pair(text, at))
		return DECODE_NOTHING;
	mark = mark_behind(text, at);
	if (add_pairs(text, find_start(text, at, mark), end, mark, ret, &last))
		return DECODE_NO_MEMORY;
	if (last < at) { /* what stood before was another text */
		buf_clear(&ret->text);
		if (add_pairs(text, at, end, mark, ret, &last))
			return DECODE_NO_MEMORY;
	}
	ret->covered = last >= end && end < text.len ? end - DECODE_MARGIN : last;
	return DECODE_DONE;
}

/* What may stand in a list of numbers beside the digits. */
static bool is_list_char(char c)
{
	return text_is_alnum(c) || text_is_space(c) || text_find_byte(VIEW(",;()'\\\"+&|[]{}<>"), c) != SIZE_MAX;
}

/* Reads the number at a place: at most two hexadecimal or three decimal digits. Its length, or 0. */
static size_t read_number(struct view text, size_t at, unsigned *ret)
{
	struct view v = view_sub(text, at, text.len);
	bool is_hexadecimal = v.len > 2 && v.ptr[0] == '0' && text_lower(v.ptr[1]) == 'x';
	size_t from = is_hexadecimal ? 2 : 0, most = is_hexadecimal ? 2 : 3, len = 0;
	unsigned value = 0;

	while (len < most && from + len < v.len) {
		int digit = text_hex_value(v.ptr[from + len]);

		if (digit < 0 || (!is_hexadecimal && digit > 9))
			break;
		value = value * (is_hexadecimal ? 16 : 10) + (unsigned)digit;
		len++;
	}
	*ret = value;
	return len && value <= UINT8_MAX ? from + len : 0;
}

/* The next number of a list from a place on; SIZE_MAX: something else stands there. Letters are a type's, or belong to
 * the number before. */
static size_t next_number(struct view text, size_t at)
{
	size_t pos = at;

	while (pos < text.len && pos - at < MARKS_MAX && is_list_char(text.ptr[pos]) && !text_is_digit(text.ptr[pos]))
		pos++;
	return pos < text.len && text_is_digit(text.ptr[pos]) ? pos : SIZE_MAX;
}

/* Goes back to the number before the one at `at`: there a list is entered at a whole number. */
static size_t list_start(struct view text, size_t at)
{
	size_t least = at > DECODE_BEFORE ? at - DECODE_BEFORE : 0, pos = at, start = at;

	while (pos > least && is_list_char(text.ptr[pos - 1])) {
		pos--;
		if (text_is_digit(text.ptr[pos]) && (pos == 0 || !text_is_alnum(text.ptr[pos - 1])))
			start = pos;
	}
	return start;
}

/* Numbers from a place on, which are passed over before `at` when they are none; *ret_last is the last one. 0, or -1
 * when there is no memory. */
static int add_numbers(struct view text, size_t pos, size_t at, size_t end, struct decoded *ret, size_t *ret_last)
{
	*ret_last = pos;
	for (; pos < end; pos = next_number(text, pos)) {
		unsigned value;
		size_t len = read_number(text, pos, &value);

		if (len == 0 && pos >= at)
			break;
		if (len && decoded_add(ret, (char)value, pos, pos + len))
			return -1;
		*ret_last = pos;
		pos += len ? len : 1;
	}
	if (pos != SIZE_MAX)
		*ret_last = pos;
	return 0;
}

enum decode_result decode_numbers(unsigned, struct view text, size_t at, struct decoded *ret)
{
	size_t end = text.len - at > DECODE_AFTER ? at + DECODE_AFTER : text.len, last;

	if (!text_is_digit(text.ptr[at]))
		at = next_number(text, at); /* a type stands before it */
	if (at == SIZE_MAX)
		return DECODE_NOTHING;
	if (add_numbers(text, list_start(text, at), at, end, ret, &last))
		return DECODE_NO_MEMORY;
	if (last < at) { /* what stood before was no part of the list */
		buf_clear(&ret->text);
		if (add_numbers(text, at, at, end, ret, &last))
			return DECODE_NO_MEMORY;
	}
	ret->covered = last >= end && end < text.len ? end - DECODE_MARGIN : last;
	return ret->text.len ? DECODE_DONE : DECODE_NOTHING;
}
