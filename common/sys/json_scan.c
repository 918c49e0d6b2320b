/* SPDX-License-Identifier: Apache-2.0 */
/* The validating tokenizer, and walking what it found valid. */
#include "common/sys/json.h"

#include <string.h>

#include "common/base/bounds.h"
#include "common/base/text.h"

struct scan {
	const char *start, *at, *end;
	unsigned depth;
	uint64_t objects[(JSON_DEPTH + 63) / 64]; /* a bit a level: an object, not an array */
	struct err *err;
};

static struct scan scan_of(struct view v, struct err *err)
{
	const char *start = v.len ? v.ptr : "";

	return (struct scan){ .start = start, .at = start, .end = start + v.len, .err = err };
}

/* Not text.h's: a call for each byte halves the speed. */
static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* The kind of what stands at a place: the byte itself may be part of a secret or harm a terminal. */
static const char *found_at(const char *at, const char *end)
{
	if (at == end)
		return "the end of the input";
	if (text_utf8_len(view_from(at, (size_t)(end - at))) == 0)
		return "a byte that is no UTF-8";
	if ((unsigned char)*at < 0x20 || *at == 0x7F)
		return "a control byte";
	if (is_digit(*at))
		return "a digit";
	if (is_alpha(*at))
		return "a letter";
	switch (*at) {
	case '"':
		return "a quote";
	case ',':
		return "a comma";
	case ':':
		return "a colon";
	case '[':
	case ']':
		return "a bracket";
	case '{':
	case '}':
		return "a brace";
	default:
		return "a character";
	}
}

static int fail(const struct scan *s, const char *expected)
{
	return err_set(s->err, ERR_FORMAT, 0, "not valid JSON at byte %zu: %s; %s was expected",
		       (size_t)(s->at - s->start), found_at(s->at, s->end), expected);
}

static bool is_space(char c)
{
	return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/* The loops over bytes work on a variable of their own: s->at would be stored at each step. */
static void skip_space(struct scan *s)
{
	const char *at = s->at;

	while (at < s->end && is_space(*at))
		at++;
	s->at = at;
}

static bool next_is(const struct scan *s, char c)
{
	return s->at < s->end && *s->at == c;
}

static bool is_plain(char c)
{
	return (unsigned char)c >= 0x20 && (unsigned char)c < 0x80 && c != '"' && c != '\\';
}

/* The top bit of each byte that is not plain, eight at a time: below 0x20, a quote, a backslash, above ASCII. A borrow
 * may mark a byte above such a one as well, never one without such a one below it. */
static uint64_t not_plain(uint64_t w)
{
	const uint64_t ones = 0x0101010101010101, tops = 0x80 * ones;
	uint64_t quote = w ^ ('"' * ones), backslash = w ^ ('\\' * ones);

	return (((w - 0x20 * ones) | (quote - ones) | (backslash - ones)) & ~w & tops) | (w & tops);
}

static void skip_plain(struct scan *s)
{
	const char *at = s->at;
	uint64_t w;

	for (; s->end - at >= (ptrdiff_t)sizeof(w); at += sizeof(w)) {
		memcpy(&w, at, sizeof(w));
		if (not_plain(w))
			break;
	}
	while (at < s->end && is_plain(*at))
		at++;
	s->at = at;
}

static bool is_tail(char c)
{
	return ((unsigned char)c & 0xC0) == 0x80;
}

/* text_utf8_len, at once for two and three bytes whose second may be any tail. */
static size_t utf8_len(const char *at, const char *end)
{
	unsigned char c = (unsigned char)*at;

	if (end - at >= 3 && is_tail(at[1])) {
		if (c >= 0xC2 && c <= 0xDF)
			return 2;
		if (c >= 0xE1 && c <= 0xEF && c != 0xED && is_tail(at[2]))
			return 3;
	}
	return text_utf8_len(view_from(at, (size_t)(end - at)));
}

static int skip_utf8(struct scan *s)
{
	const char *at = s->at;
	size_t len = 1;

	while (at < s->end && (unsigned char)*at >= 0x80 && len) {
		len = utf8_len(at, s->end);
		at += len;
	}
	s->at = at;
	return len ? 0 : fail(s, "valid UTF-8");
}

static bool is_hex(char c)
{
	return is_digit(c) || (text_lower(c) >= 'a' && text_lower(c) <= 'f');
}

/* s->at is behind the backslash. */
static int scan_escape(struct scan *s)
{
	if (s->at == s->end || *s->at == '\0' || !strchr("\"\\/bfnrtu", *s->at))
		return fail(s, "an escape such as \\n or \\u0041");
	if (*s->at++ != 'u')
		return 0;
	for (int i = 0; i < 4; i++, s->at++)
		if (s->at == s->end || !is_hex(*s->at))
			return fail(s, "four hexadecimal digits after \\u");
	return 0;
}

/* s->at is at the opening quote. */
static int scan_string(struct scan *s)
{
	int ret = 0;

	s->at++;
	while (ret == 0) {
		skip_plain(s);
		if (s->at == s->end)
			return fail(s, "the rest of a string and its closing quote");
		if (*s->at == '"')
			break;
		if (*s->at == '\\') {
			s->at++;
			ret = scan_escape(s);
		} else if ((unsigned char)*s->at < 0x20) {
			return fail(s, "its escaped form");
		} else {
			ret = skip_utf8(s);
		}
	}
	s->at += ret == 0;
	return ret;
}

static int scan_digits(struct scan *s)
{
	const char *at = s->at;

	while (at < s->end && is_digit(*at))
		at++;
	if (at == s->at)
		return fail(s, "a digit");
	s->at = at;
	return 0;
}

/* Behind a number or a name nothing may stand that looks like more of it. */
static int scan_word_end(const struct scan *s)
{
	char c = s->at < s->end ? *s->at : ' ';

	return is_digit(c) || is_alpha(c) || c == '.' || c == '+' || c == '-' ? fail(s, "the end of the value") : 0;
}

static int scan_number(struct scan *s)
{
	if (next_is(s, '-'))
		s->at++;
	if (next_is(s, '0'))
		s->at++;
	else if (scan_digits(s))
		return -1;
	if (next_is(s, '.')) {
		s->at++;
		if (scan_digits(s))
			return -1;
	}
	if (next_is(s, 'e') || next_is(s, 'E')) {
		s->at++;
		if (next_is(s, '+') || next_is(s, '-'))
			s->at++;
		if (scan_digits(s))
			return -1;
	}
	return scan_word_end(s);
}

static int scan_name(struct scan *s)
{
	const struct view names[] = { VIEW("true"), VIEW("false"), VIEW("null") };
	struct view rest = view_from(s->at, (size_t)(s->end - s->at));

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (text_starts(rest, names[i])) {
			s->at += names[i].len;
			return scan_word_end(s);
		}
	return fail(s, "a value");
}

static bool in_object(const struct scan *s)
{
	return (s->objects[(s->depth - 1) / 64] >> ((s->depth - 1) % 64)) & 1;
}

/* A key and its colon. */
static int scan_key(struct scan *s)
{
	skip_space(s);
	if (!next_is(s, '"'))
		return fail(s, "a key in quotes");
	if (scan_string(s))
		return -1;
	skip_space(s);
	if (!next_is(s, ':'))
		return fail(s, "a colon");
	s->at++;
	return 0;
}

/* What a step of the scan leaves: a value is due next, or it was one's end. */
enum due { DUE_ERROR = -1, DUE_END, DUE_VALUE };

static enum due open_level(struct scan *s, bool is_object)
{
	uint64_t bit = (uint64_t)1 << (s->depth % 64), *bits = &s->objects[s->depth / 64];

	if (s->depth == JSON_DEPTH) {
		(void)err_set(s->err, ERR_FORMAT, 0, "too much nesting at byte %zu: at most %d levels were expected",
			      (size_t)(s->at - s->start), JSON_DEPTH);
		return DUE_ERROR;
	}
	*bits = is_object ? *bits | bit : *bits & ~bit;
	s->depth++;
	s->at++;
	skip_space(s);
	if (next_is(s, is_object ? '}' : ']')) {
		s->at++;
		s->depth--;
		return DUE_END;
	}
	return is_object && scan_key(s) ? DUE_ERROR : DUE_VALUE;
}

static enum due scan_start(struct scan *s)
{
	int ret;

	skip_space(s);
	if (s->at == s->end)
		ret = fail(s, "a value");
	else if (*s->at == '{' || *s->at == '[')
		return open_level(s, *s->at == '{');
	else if (*s->at == '"')
		ret = scan_string(s);
	else if (*s->at == '-' || is_digit(*s->at))
		ret = scan_number(s);
	else
		ret = scan_name(s);
	return ret ? DUE_ERROR : DUE_END;
}

/* Behind a value: closes what ends there. */
static enum due scan_after(struct scan *s)
{
	while (s->depth) {
		bool is_object = in_object(s);

		skip_space(s);
		if (next_is(s, ',')) {
			s->at++;
			return is_object && scan_key(s) ? DUE_ERROR : DUE_VALUE;
		}
		if (!next_is(s, is_object ? '}' : ']')) {
			(void)fail(s,
				   is_object ? "a comma or the end of the object" : "a comma or the end of the array");
			return DUE_ERROR;
		}
		s->at++;
		s->depth--;
	}
	return DUE_END;
}

static int scan_value(struct scan *s, struct view *ret)
{
	const char *from;
	enum due due;

	skip_space(s);
	from = s->at;
	do {
		due = scan_start(s);
		if (due == DUE_END)
			due = scan_after(s);
	} while (due == DUE_VALUE);
	if (due == DUE_ERROR)
		return -1;
	*ret = view_from(from, (size_t)(s->at - from));
	return 0;
}

static struct view rest_of(const struct scan *s)
{
	return view_from(s->at, (size_t)(s->end - s->at));
}

int json_next(struct view *rest, struct view *ret, struct err *err)
{
	struct scan s = scan_of(*rest, err);

	skip_space(&s);
	if (s.at == s.end) {
		*rest = rest_of(&s);
		return 1;
	}
	if (scan_value(&s, ret))
		return -1;
	*rest = rest_of(&s);
	return 0;
}

int json_whole(struct view text, struct view *ret, struct err *err)
{
	struct scan s = scan_of(text, err);

	if (scan_value(&s, ret))
		return -1;
	skip_space(&s);
	return s.at == s.end ? 0 : fail(&s, "the end");
}

enum json_type json_type_of(struct view value)
{
	switch (value.len ? value.ptr[0] : 'n') {
	case 'n':
		return JSON_NULL;
	case 'f':
		return JSON_FALSE;
	case 't':
		return JSON_TRUE;
	case '"':
		return JSON_STRING;
	case '[':
		return JSON_ARRAY;
	case '{':
		return JSON_OBJECT;
	default:
		return JSON_NUMBER;
	}
}

/* Steps over what stands before the next entry: the opening bracket, or the comma behind the entry before. */
static bool at_entry(struct scan *s, char open, char close)
{
	skip_space(s);
	if (!next_is(s, open) && !next_is(s, ','))
		return false;
	s->at++;
	skip_space(s);
	return s->at < s->end && *s->at != close;
}

bool json_each(struct view *cursor, struct view *ret_value)
{
	struct scan s = scan_of(*cursor, NULL);

	if (!at_entry(&s, '[', ']') || scan_value(&s, ret_value))
		return false;
	*cursor = rest_of(&s);
	return true;
}

bool json_each_member(struct view *cursor, struct view *ret_key, struct view *ret_value)
{
	struct scan s = scan_of(*cursor, NULL);
	const char *key;

	if (!at_entry(&s, '{', '}') || !next_is(&s, '"'))
		return false;
	key = s.at;
	if (scan_string(&s))
		return false;
	*ret_key = view_from(key, (size_t)(s.at - key));
	skip_space(&s);
	if (!next_is(&s, ':'))
		return false;
	s.at++;
	if (scan_value(&s, ret_value))
		return false;
	*cursor = rest_of(&s);
	return true;
}
