/* SPDX-License-Identifier: Apache-2.0 */
/* base64, in both alphabets at once. A hit says how the word lies in the groups of four characters; from there the text
 * is followed back and forth as far as it goes on, over line ends, literals that are put together, and escapes of the
 * characters that other encodings do not leave alone. */
#include "common/base/secret.h"
#include "common/base/text.h"
#include "scanner/decode/escape.h"
#include "scanner/decode/parts.h"

#define GROUP 4

/* -1: none */
static int value_of(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (text_is_digit(c))
		return c - '0' + 52;
	if (c == '+' || c == '-')
		return 62;
	return c == '/' || c == '_' ? 63 : -1;
}

static bool is_symbol(char c)
{
	return value_of(c) >= 0;
}

/* The symbol at a place, which may be escaped; its length in *ret_len. -1: there is none. */
static int symbol_at(struct view text, size_t at, size_t *ret_len)
{
	static escape_fn *const escapes[] = { escape_percent, escape_backslash, escape_entity };

	*ret_len = 1;
	if (at < text.len && is_symbol(text.ptr[at]))
		return value_of(text.ptr[at]);
	for (size_t i = 0; i < ARRAY_LEN(escapes); i++) {
		struct escape e = escapes[i](view_sub(text, at, text.len));

		if (!e.len || !e.has_byte)
			continue;
		*ret_len = e.len;
		return value_of(e.byte);
	}
	return -1;
}

/* An escaped line end in a string. */
static size_t escaped_newlines(struct view text, size_t at)
{
	size_t start = at;

	for (;;) {
		struct escape e = escape_backslash(view_sub(text, at, text.len));

		if (!e.len || !e.has_byte || (e.byte != '\n' && e.byte != '\r'))
			return at > start ? at : SIZE_MAX;
		at += e.len;
	}
}

/* The mark at a line's beginning that may be a comment's or a patch's, as well as symbols of the text. */
static struct view lead_at(struct view text, size_t at)
{
	static const struct view leads[] = { { "//", 2 }, { "--", 2 }, { "+", 1 } };

	while (at < text.len && (text.ptr[at] == ' ' || text.ptr[at] == '\t'))
		at++;
	for (size_t i = 0; i < ARRAY_LEN(leads); i++)
		if (text_starts(view_sub(text, at, text.len), leads[i]))
			return view_sub(text, at, leads[i].len);
	return view_sub(text, at, 0);
}

/* From a line's end at a place the text goes on at next. What was skipped as a mark before that is one only when the
 * line that ends has the same: else it is symbols. */
static size_t keep_symbols(struct view text, size_t at, size_t next)
{
	size_t step = text_find_byte(view_sub(text, at, next - at), '\n');
	struct view mine, its;

	if (step == SIZE_MAX || !text_is_space(text.ptr[at]))
		return next;
	its = lead_at(text, at + step + 1);
	mine = lead_at(text, bridge_line_start(text, at));
	return its.len && !text_eq(mine, its) ? (size_t)(its.ptr - text.ptr) : next;
}

/* Where the text goes on whose symbols end at a place; SIZE_MAX: nowhere. line is where this part of it starts. */
static size_t find_next(struct view text, size_t at, size_t line, unsigned count)
{
	struct escape soft = escape_quoted(view_sub(text, at, text.len));
	size_t next = SIZE_MAX;

	if (at >= text.len)
		return SIZE_MAX;
	if (text.ptr[at] == '=')
		return soft.len && !soft.has_byte && count % GROUP < 2 ? at + soft.len : SIZE_MAX;
	if (text.ptr[at] == '\\')
		next = escaped_newlines(text, at);
	if (next != SIZE_MAX && next < text.len && is_symbol(text.ptr[next]))
		return next;
	if (text_is_space(text.ptr[at]) && at - line > BRIDGE_WRAP_MAX)
		return SIZE_MAX;
	next = bridge_skip(text, at, is_symbol);
	return next == SIZE_MAX ? SIZE_MAX : keep_symbols(text, at, next);
}

/* The symbol before a place, from which the text goes on there in another line or literal. SIZE_MAX: there is none. */
static size_t symbol_across(struct view text, size_t at)
{
	size_t least = at > BRIDGE_BACK_BYTES ? at - BRIDGE_BACK_BYTES : 1;

	for (size_t end = at; end-- > least;) {
		bool is_end = is_symbol(text.ptr[end - 1]) && !is_symbol(text.ptr[end]);
		bool is_letter = end > 1 && text.ptr[end - 2] == '\\'; /* of an escape */

		if (is_end && !is_letter && find_next(text, end, bridge_line_start(text, end), 0) == at)
			return end - 1;
	}
	return SIZE_MAX;
}

/* Whether the symbol before a place may be no part of the text: an escaped line end's letter, or a line's mark. */
static bool is_doubtful(struct view text, size_t at, bool *ret_escaped)
{
	char before = at > 1 ? text.ptr[at - 2] : '\n', c = text.ptr[at - 1];

	*ret_escaped = before == '\\' && (c == 'n' || c == 'r');
	return *ret_escaped || ((c == '+' || c == '-' || c == '/') && (text_is_space(before) || before == c));
}

/* The symbol before a place; SIZE_MAX: there is none. Each one in another line takes one from *lines. */
static size_t symbol_before(struct view text, size_t at, unsigned *lines)
{
	bool is_near = at > 0 && is_symbol(text.ptr[at - 1]), is_escaped = false;
	size_t far;

	if (at == 0 || (is_near && !is_doubtful(text, at, &is_escaped)))
		return is_near ? at - 1 : SIZE_MAX;
	far = *lines ? symbol_across(text, at) : SIZE_MAX;
	if (far == SIZE_MAX)
		return is_near && !is_escaped ? at - 1 : SIZE_MAX;
	--*lines;
	return far;
}

/* Steps back over n symbols that stand before a place. SIZE_MAX: there are none. */
static size_t step_back(struct view text, size_t at, size_t n, unsigned *lines)
{
	while (n-- > 0 && at != SIZE_MAX)
		at = symbol_before(text, at, lines);
	return at;
}

static size_t find_start(struct view text, size_t at, unsigned *lines)
{
	for (size_t n = 0; n < DECODE_BEFORE / GROUP; n++) {
		size_t back = step_back(text, at, GROUP, lines);

		if (back == SIZE_MAX)
			break;
		at = back;
	}
	return at;
}

struct group {
	uint32_t bits;
	unsigned count;
	struct span symbols[GROUP];
};

/* Byte n of a group is in symbols n and n + 1. */
static int add_group(struct decoded *d, struct group *g)
{
	uint32_t bits = g->bits << 6 * (GROUP - g->count);

	for (unsigned n = 0; n + 1 < g->count; n++)
		if (decoded_add(d, (char)(bits >> (16 - 8 * n) & 0xFF), g->symbols[n].from, g->symbols[n + 1].to))
			return -1;
	*g = (struct group){ .count = 0 };
	return 0;
}

/* *ret_end is where the text ended. */
static enum decode_result decode_run(struct view text, size_t at, size_t end, struct decoded *ret, size_t *ret_end)
{
	struct group g = { .count = 0 };
	size_t line = at;

	while (at < end) {
		size_t len;
		int value = symbol_at(text, at, &len);

		if (value < 0) {
			*ret_end = at;
			at = find_next(text, at, line, g.count);
			line = at;
			continue;
		}
		g.bits = g.bits << 6 | (unsigned)value;
		g.symbols[g.count++] = (struct span){ .from = (uint32_t)at, .to = (uint32_t)(at + len) };
		at += len;
		if (g.count == GROUP && add_group(ret, &g))
			return DECODE_NO_MEMORY;
	}
	if (at != SIZE_MAX)
		*ret_end = at;
	if (g.count > 1 && add_group(ret, &g))
		return DECODE_NO_MEMORY;
	/* behind this text's end another one may stand */
	ret->covered = at != SIZE_MAX && end < text.len ? end - DECODE_MARGIN : *ret_end;
	return ret->text.len ? DECODE_DONE : DECODE_NOTHING;
}

enum decode_result decode_base64(unsigned phase, struct view text, size_t at, struct decoded *ret)
{
	static const unsigned symbols_before[] = { 0, 2, 3, 0 }; /* in its group, of the first one that is sure */
	size_t after = phase & BASE64_LONG ? DECODE_LONG : DECODE_AFTER, start, end, reached = 0;
	enum decode_result result;
	unsigned lines = BRIDGE_BACK_LINES;

	if (phase & BASE64_BEHIND_MARK)
		at++;
	start = step_back(text, at, symbols_before[phase & BASE64_ALIGNMENT], &lines);
	if (start == SIZE_MAX)
		return DECODE_NOTHING;
	end = text.len - at > after ? at + after : text.len;
	result = decode_run(text, phase & BASE64_BEHIND_MARK ? start : find_start(text, start, &lines), end, ret,
			    &reached);
	if (result == DECODE_NO_MEMORY || reached > at)
		return result;
	buf_clear(&ret->text); /* what stood before was another text */
	return decode_run(text, start, end, ret, &reached);
}
