/* SPDX-License-Identifier: Apache-2.0 */
/* The validating tokenizer.
 *
 * Positions are handed from function to function as values, so that they stay in registers; NULL stands for an error
 * that has been told. Levels are bits on a stack of the reader's: there is no recursion. */
#include "common/sys/json_reader.h"

#include <string.h>

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "common/sys/json_plain.h"

#define INLINE __attribute__((always_inline)) static inline

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

[[gnu::cold, gnu::noinline]] static const char *fail(const struct json_reader *r, const char *at, const char *expected)
{
	if (r->failed_at)
		*r->failed_at = (size_t)(at - r->start);
	(void)err_set(r->err, ERR_FORMAT, 0, "not valid JSON at byte %zu: %s; %s was expected", (size_t)(at - r->start),
		      found_at(at, r->end), expected);
	return NULL;
}

INLINE const char *skip_space(const char *at, const char *end)
{
	while (at < end && (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t'))
		at++;
	return at;
}

INLINE bool is_at(const char *at, const char *end, char c)
{
	return at < end && *at == c;
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

static const char *scan_utf8(const struct json_reader *r, const char *at)
{
	while (at < r->end && (unsigned char)*at >= 0x80) {
		size_t len = utf8_len(at, r->end);

		if (len == 0)
			return fail(r, at, "valid UTF-8");
		at += len;
	}
	return at;
}

INLINE bool is_hex(char c)
{
	return is_digit(c) || (text_lower(c) >= 'a' && text_lower(c) <= 'f');
}

INLINE bool is_escape(char c)
{
	switch (c) {
	case '"':
	case '\\':
	case '/':
	case 'b':
	case 'f':
	case 'n':
	case 'r':
	case 't':
	case 'u':
		return true;
	default:
		return false;
	}
}

/* at is behind the backslash. */
INLINE const char *scan_escape(const struct json_reader *r, const char *at)
{
	if (at == r->end || !is_escape(*at))
		return fail(r, at, "an escape such as \\n or \\u0041");
	if (*at++ != 'u')
		return at;
	for (int i = 0; i < 4; i++, at++)
		if (at == r->end || !is_hex(*at))
			return fail(r, at, "four hexadecimal digits after \\u");
	return at;
}

/* What is in a string and neither plain nor its end. */
[[gnu::noinline]] static const char *scan_odd(struct json_reader *r, const char *at)
{
	if (at == r->end)
		return fail(r, at, "the rest of a string and its closing quote");
	if (*at == '\\') {
		r->has_escape = true;
		do {
			at = scan_escape(r, at + 1);
		} while (at && is_at(at, r->end, '\\'));
		return at;
	}
	return (unsigned char)*at < 0x20 ? fail(r, at, "its escaped form") : scan_utf8(r, at);
}

/* at is at the opening quote. */
INLINE const char *scan_string(struct json_reader *r, const char *at)
{
	for (at++; at; at = scan_odd(r, at)) {
		at = json_plain_end(at, r->end);
		if (is_at(at, r->end, '"'))
			return at + 1;
	}
	return NULL;
}

static const char *scan_digits(const struct json_reader *r, const char *at)
{
	const char *from = at;

	while (at < r->end && is_digit(*at))
		at++;
	return at > from ? at : fail(r, at, "a digit");
}

/* Behind a number or a name nothing may stand that looks like more of it. */
INLINE const char *scan_word_end(const struct json_reader *r, const char *at)
{
	char c = at < r->end ? *at : ' ';

	return is_digit(c) || is_alpha(c) || c == '.' || c == '+' || c == '-' ? fail(r, at, "the end of the value")
									      : at;
}

static const char *scan_number(const struct json_reader *r, const char *at)
{
	const char *end = r->end;

	if (*at == '-')
		at++;
	if (is_at(at, end, '0'))
		at++;
	else
		at = scan_digits(r, at);
	if (at && is_at(at, end, '.'))
		at = scan_digits(r, at + 1);
	if (at && (is_at(at, end, 'e') || is_at(at, end, 'E'))) {
		at++;
		if (is_at(at, end, '+') || is_at(at, end, '-'))
			at++;
		at = scan_digits(r, at);
	}
	return at ? scan_word_end(r, at) : NULL;
}

static const char *scan_name(const struct json_reader *r, const char *at)
{
	size_t left = (size_t)(r->end - at);

	if (left >= 4 && (memcmp(at, "true", 4) == 0 || memcmp(at, "null", 4) == 0))
		return scan_word_end(r, at + 4);
	if (left >= 5 && memcmp(at, "false", 5) == 0)
		return scan_word_end(r, at + 5);
	return fail(r, at, "a value");
}

/* A key and its colon, with white space before both. */
INLINE const char *scan_key(struct json_reader *r, const char *at, struct view *ret_key)
{
	const char *key = skip_space(at, r->end);

	if (!is_at(key, r->end, '"'))
		return fail(r, key, "a key in quotes");
	at = scan_string(r, key);
	if (!at)
		return NULL;
	*ret_key = view_from(key, (size_t)(at - key));
	at = skip_space(at, r->end);
	return is_at(at, r->end, ':') ? at + 1 : fail(r, at, "a colon");
}

INLINE bool in_object(const struct json_reader *r)
{
	return (r->objects[(r->depth - 1) / 64] >> ((r->depth - 1) % 64)) & 1;
}

/* at is at an opening bracket. */
INLINE const char *open_level(struct json_reader *r, const char *at)
{
	uint64_t bit = (uint64_t)1 << (r->depth % 64), *bits = &r->objects[r->depth / 64];

	if (r->depth == JSON_DEPTH) {
		if (r->failed_at)
			*r->failed_at = (size_t)(at - r->start);
		(void)err_set(r->err, ERR_FORMAT, 0, "too much nesting at byte %zu: at most %d levels were expected",
			      (size_t)(at - r->start), JSON_DEPTH);
		return NULL;
	}
	*bits = *at == '{' ? *bits | bit : *bits & ~bit;
	r->depth++;
	return at + 1;
}

/* Moves on in the level that at is in: to a value, which follows, or behind the level's end. */
INLINE const char *next_in_level(struct json_reader *r, const char *at, bool is_first, struct view *ret_key,
				 bool *ret_closed)
{
	bool is_object = in_object(r);

	at = skip_space(at, r->end);
	*ret_closed = is_at(at, r->end, is_object ? '}' : ']');
	if (*ret_closed) {
		r->depth--;
		return at + 1;
	}
	if (!is_first) {
		if (!is_at(at, r->end, ','))
			return fail(r, at,
				    is_object ? "a comma or the end of the object" : "a comma or the end of the array");
		at++;
	}
	return is_object ? scan_key(r, at, ret_key) : at;
}

static const char *scan_scalar(struct json_reader *r, const char *at)
{
	if (*at == '"')
		return scan_string(r, at);
	return *at == '-' || is_digit(*at) ? scan_number(r, at) : scan_name(r, at);
}

/* A value with all that is in it; at is at its first byte, or at the end of the text. */
static const char *scan_value(struct json_reader *r, const char *at)
{
	unsigned outer = r->depth;
	struct view key;

	for (;;) {
		bool is_open, is_closed = true;

		at = skip_space(at, r->end);
		if (at == r->end)
			return fail(r, at, "a value");
		is_open = *at == '{' || *at == '[';
		at = is_open ? open_level(r, at) : scan_scalar(r, at);
		while (at && is_closed && r->depth > outer) {
			at = next_in_level(r, at, is_open, &key, &is_closed);
			is_open = false;
		}
		if (!at || is_closed)
			return at;
	}
}

struct json_reader json_reader_of(struct view text, struct err *err)
{
	const char *start = text.len ? text.ptr : "";

	return (struct json_reader){ .start = start, .at = start, .end = start + text.len, .err = err };
}

int json_read_value(struct json_reader *r, struct view *ret)
{
	const char *from = skip_space(r->at, r->end), *at = scan_value(r, from);

	if (!at)
		return -1;
	*ret = view_from(from, (size_t)(at - from));
	r->at = at;
	return 0;
}

int json_read_open(struct json_reader *r, enum json_type type)
{
	const char *at = skip_space(r->at, r->end);

	if (at == r->end) {
		(void)fail(r, at, "a value");
		return -1;
	}
	if (*at != (type == JSON_OBJECT ? '{' : '['))
		return 1;
	at = open_level(r, at);
	if (!at)
		return -1;
	r->at = at;
	r->is_fresh = true;
	return 0;
}

static int read_next(struct json_reader *r, struct view *ret_key)
{
	bool is_closed;
	const char *at = next_in_level(r, r->at, r->is_fresh, ret_key, &is_closed);

	if (!at)
		return -1;
	r->at = at;
	r->is_fresh = false;
	return is_closed;
}

int json_read_member(struct json_reader *r, struct view *ret_key, bool *ret_escaped)
{
	int ret;

	r->has_escape = false;
	ret = read_next(r, ret_key);
	if (ret_escaped)
		*ret_escaped = r->has_escape;
	return ret;
}

int json_read_element(struct json_reader *r)
{
	struct view key;

	return read_next(r, &key);
}

int json_read_end(struct json_reader *r)
{
	r->at = skip_space(r->at, r->end);
	if (r->at == r->end)
		return 0;
	(void)fail(r, r->at, "the end");
	return -1;
}

int json_next(struct view *rest, struct view *ret, struct err *err)
{
	struct json_reader r = json_reader_of(*rest, err);

	int is_over;

	r.at = skip_space(r.at, r.end);
	is_over = r.at == r.end;
	if (!is_over && json_read_value(&r, ret))
		return -1;
	*rest = view_from(r.at, (size_t)(r.end - r.at));
	return is_over;
}

int json_whole(struct view text, struct view *ret, struct err *err)
{
	struct json_reader r = json_reader_of(text, err);

	return json_read_value(&r, ret) || json_read_end(&r) ? -1 : 0;
}
