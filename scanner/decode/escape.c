/* SPDX-License-Identifier: Apache-2.0 */
/* Encodings that leave most characters as they are and write some of them, or all, as an escape. */
#include "scanner/decode/escape.h"
#include "common/base/secret.h"
#include "common/base/text.h"
#include "scanner/decode/parts.h"

#define NOT_ASCII 0xFFu     /* stands for every character that no key can hold */
#define ENTITY_MAX 16       /* longest reference that is looked at */
#define ROOT_ESCAPED_MAX 64 /* of "sk-ant-" in the longest form */

static bool is_hex(char c)
{
	return text_hex_value(c) >= 0;
}

static struct escape no_escape(void)
{
	return (struct escape){ .len = 0 };
}

static struct escape code_point(size_t len, uint64_t code)
{
	return (struct escape){ .len = len, .has_byte = true, .byte = (char)(code > 0x7F ? NOT_ASCII : code) };
}

/* What names a byte as well as a character: a byte, as compressed data may be written so. */
static struct escape byte_value(size_t len, uint64_t value)
{
	return (struct escape){ .len = len, .has_byte = true, .byte = (char)(value & UINT8_MAX) };
}

static struct escape skipped(size_t len)
{
	return (struct escape){ .len = len };
}

/* The value of up to max digits of a base at v's start; *ret_len is how many there are. */
static uint64_t number(struct view v, unsigned base, size_t max, size_t *ret_len)
{
	uint64_t value = 0;
	size_t i = 0;

	for (; i < max && i < v.len; i++) {
		int digit = text_hex_value(v.ptr[i]);

		if (digit < 0 || digit >= (int)base)
			break;
		value = value * base + (unsigned)digit;
	}
	*ret_len = i;
	return value;
}

/* Two hexadecimal digits behind a mark. */
static struct escape marked_pair(struct view v)
{
	if (v.len < 3 || !is_hex(v.ptr[1]) || !is_hex(v.ptr[2]))
		return no_escape();
	return (struct escape){ .len = 3,
				.has_byte = true,
				.byte = (char)(text_hex_value(v.ptr[1]) << 4 | text_hex_value(v.ptr[2])) };
}

struct escape escape_percent(struct view v)
{
	return v.len && v.ptr[0] == '%' ? marked_pair(v) : no_escape();
}

static size_t newline_len(struct view v)
{
	if (text_starts(v, VIEW("\r\n")))
		return 2;
	return v.len && v.ptr[0] == '\n' ? 1 : 0;
}

/* A soft line break may have blanks before its end (RFC 2045, section 6.7, rule 3). */
struct escape escape_quoted(struct view v)
{
	size_t at = 1;

	if (!v.len || v.ptr[0] != '=')
		return no_escape();
	while (at < v.len && (v.ptr[at] == ' ' || v.ptr[at] == '\t'))
		at++;
	if (newline_len(view_sub(v, at, 2)))
		return skipped(at + newline_len(view_sub(v, at, 2)));
	return marked_pair(v);
}

/* \x2d, \u002d, \U0000002d, and the forms with braces. */
static struct escape numbered(struct view v)
{
	static const struct {
		char letter;
		size_t least, most; /* digits */
	} kinds[] = { { 'x', 1, 2 }, { 'u', 4, 4 }, { 'U', 8, 8 } };

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		bool braced = v.len > 2 && v.ptr[2] == '{';
		size_t from = braced ? 3 : 2, len;
		uint64_t code;

		if (v.ptr[1] != kinds[i].letter)
			continue;
		code = number(view_sub(v, from, v.len), 16, braced ? 8 : kinds[i].most, &len);
		if (braced ? len == 0 || from + len >= v.len || v.ptr[from + len] != '}' : len < kinds[i].least)
			return no_escape();
		len += from + (braced ? 1 : 0);
		return kinds[i].letter == 'x' && !braced ? byte_value(len, code) : code_point(len, code);
	}
	return no_escape();
}

struct escape escape_backslash(struct view v)
{
	static const char letters[] = "nrtbfv0ae", bytes[] = "\n\r\t\b\f\v\0\a\033";
	size_t len, eol;
	uint64_t code;

	if (v.len < 2 || v.ptr[0] != '\\')
		return no_escape();
	eol = newline_len(view_sub(v, 1, 2));
	if (eol)
		return skipped(1 + eol);
	code = number(view_sub(v, 1, 3), 8, 3, &len);
	if (len >= 2)
		return byte_value(1 + len, code);
	for (size_t i = 0; i + 1 < sizeof(letters); i++)
		if (v.ptr[1] == letters[i])
			return (struct escape){ .len = 2, .has_byte = true, .byte = bytes[i] };
	if (!text_is_alnum(v.ptr[1]))
		return (struct escape){ .len = 2, .has_byte = true, .byte = v.ptr[1] };
	return numbered(v);
}

/* Named ones that matter round a key; a semicolon may be missing, as browsers take it. */
static struct escape named(struct view v)
{
	static const struct {
		struct view name;
		int byte; /* -1: nothing is shown */
	} names[] = {
		{ { "&hyphen;", 8 }, '-' },
		{ { "&dash;", 6 }, '-' },
		{ { "&lowbar;", 8 }, '_' },
		{ { "&UnderBar;", 10 }, '_' },
		{ { "&quot;", 6 }, '"' },
		{ { "&apos;", 6 }, '\'' },
		{ { "&amp;", 5 }, '&' },
		{ { "&lt;", 4 }, '<' },
		{ { "&gt;", 4 }, '>' },
		{ { "&equals;", 8 }, '=' },
		{ { "&colon;", 7 }, ':' },
		{ { "&comma;", 7 }, ',' },
		{ { "&plus;", 6 }, '+' },
		{ { "&sol;", 5 }, '/' },
		{ { "&nbsp;", 6 }, ' ' },
		{ { "&Tab;", 5 }, '\t' },
		{ { "&NewLine;", 9 }, '\n' },
		{ { "&shy;", 5 }, -1 },
		{ { "&ZeroWidthSpace;", 16 }, -1 },
		{ { "&zwnj;", 6 }, -1 },
		{ { "&zwj;", 5 }, -1 },
	};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (text_starts(v, names[i].name))
			return names[i].byte < 0 ? skipped(names[i].name.len)
						 : code_point(names[i].name.len, (uint64_t)names[i].byte);
	return no_escape();
}

/* Characters that show nothing: a soft hyphen, and those that join or part words. */
static bool is_invisible(uint64_t code)
{
	return code == 0xAD || (code >= 0x200B && code <= 0x200D) || code == 0x2060 || code == 0xFEFF;
}

struct escape escape_entity(struct view v)
{
	bool is_hexadecimal;
	size_t from, len;
	uint64_t code;

	v = view_sub(v, 0, ENTITY_MAX);
	if (v.len < 4 || v.ptr[0] != '&')
		return no_escape();
	if (v.ptr[1] != '#')
		return named(v);
	is_hexadecimal = text_lower(v.ptr[2]) == 'x';
	from = is_hexadecimal ? 3 : 2;
	code = number(view_sub(v, from, v.len), is_hexadecimal ? 16 : 10, 8, &len);
	if (len == 0)
		return no_escape();
	from += len;
	from += from < v.len && v.ptr[from] == ';';
	return is_invisible(code) ? skipped(from) : code_point(from, code);
}

static bool may_begin(char c)
{
	return secret_is_key_char(c) || c == '\\' || c == '%' || c == '&' || c == '=';
}

/* Whether the word that all keys begin with is written round a place with at least one of these escapes, in one part or
 * in several. */
static bool is_in_root(escape_fn *escape, struct view text, size_t at)
{
	static const struct view root = { "sk-ant-", 7 };
	size_t from = at > ROOT_ESCAPED_MAX ? at - ROOT_ESCAPED_MAX : 0;

	for (; from <= at + 1; from++) {
		size_t pos = from, n = 0;

		while (n < root.len && pos < text.len) {
			struct escape e = escape(view_sub(text, pos, text.len));
			bool is_byte = !e.len || e.has_byte;

			if (is_byte && (e.len ? e.byte : text.ptr[pos]) != root.ptr[n]) {
				pos = n ? bridge_skip(text, pos, may_begin) : SIZE_MAX;
				if (pos == SIZE_MAX)
					break;
				continue;
			}
			n += is_byte;
			pos += e.len ? e.len : 1;
		}
		if (n == root.len && pos > at)
			return true;
	}
	return false;
}

static enum decode_result decode_escapes(escape_fn *escape, unsigned phase, struct view text, size_t at,
					 struct decoded *ret)
{
	size_t pos = at > DECODE_BEFORE ? at - DECODE_BEFORE : 0;
	size_t end = text.len - at > DECODE_AFTER ? at + DECODE_AFTER : text.len;
	bool any = false;

	if (phase == ESCAPE_OF_ROOT && !is_in_root(escape, text, at))
		return DECODE_NOTHING;
	ret->covered = end == text.len ? end : end - DECODE_MARGIN;
	while (pos < end) {
		struct escape e = escape(view_sub(text, pos, text.len));
		size_t len = e.len ? e.len : 1;

		any = any || e.len;
		if ((e.has_byte || !e.len) && decoded_add(ret, e.len ? e.byte : text.ptr[pos], pos, pos + len))
			return DECODE_NO_MEMORY;
		pos += len;
	}
	return any ? DECODE_DONE : DECODE_NOTHING;
}

enum decode_result decode_percent(unsigned phase, struct view text, size_t at, struct decoded *ret)
{
	return decode_escapes(escape_percent, phase, text, at, ret);
}

/* \0 and up to three digits, as echo -e and %b of printf(1) have it (POSIX). */
static struct escape escape_octal(struct view v)
{
	size_t len;
	uint64_t code;

	if (!text_starts(v, VIEW("\\0")))
		return escape_backslash(v);
	code = number(view_sub(v, 2, 3), 8, 3, &len);
	return code_point(2 + len, code);
}

enum decode_result decode_backslash(unsigned phase, struct view text, size_t at, struct decoded *ret)
{
	if (phase == ESCAPE_OCTAL)
		return decode_escapes(escape_octal, phase, text, at, ret);
	return decode_escapes(escape_backslash, phase, text, at, ret);
}

enum decode_result decode_entity(unsigned phase, struct view text, size_t at, struct decoded *ret)
{
	return decode_escapes(escape_entity, phase, text, at, ret);
}

enum decode_result decode_quoted(unsigned phase, struct view text, size_t at, struct decoded *ret)
{
	return decode_escapes(escape_quoted, phase, text, at, ret);
}
