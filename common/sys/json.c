/* SPDX-License-Identifier: Apache-2.0 */
#include "common/sys/json.h"

#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "common/base/bounds.h"
#include "common/base/text.h"

struct json {
	cJSON node; /* only ever behind a pointer: a struct json * is a cJSON * */
};

/* Where the tokenizer stands; what went wrong is told by offset, never by the bytes. */
struct scan {
	const char *p, *start, *end;
	const char *expected;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void skip_blanks(struct scan *s)
{
	while (s->p < s->end && is_blank(*s->p))
		s->p++;
}

static int expect(struct scan *s, const char *what)
{
	s->expected = what;
	return -1;
}

static bool is_hex(char c)
{
	return text_is_digit(c) || (text_lower(c) >= 'a' && text_lower(c) <= 'f');
}

static int scan_escape(struct scan *s)
{
	if (s->p + 1 >= s->end || !strchr("\"\\/bfnrtu", s->p[1]) || s->p[1] == '\0')
		return expect(s, "an escape such as \\n or \\u0041");
	if (s->p[1] != 'u') {
		s->p += 2;
		return 0;
	}
	for (int i = 2; i < 6; i++)
		if (s->p + i >= s->end || !is_hex(s->p[i]))
			return expect(s, "four hex digits after \\u");
	s->p += 6;
	return 0;
}

static int scan_string(struct scan *s)
{
	if (s->p == s->end || *s->p != '"')
		return expect(s, "a text in double quotes");
	s->p++;
	while (s->p < s->end) {
		unsigned char c = (unsigned char)*s->p;
		size_t len;

		if (c >= 0x20 && c < 0x80 && c != '"' && c != '\\') {
			s->p++;
			continue;
		}
		if (c == '"') {
			s->p++;
			return 0;
		}
		if (c == '\\') {
			if (scan_escape(s))
				return -1;
			continue;
		}
		len = c < 0x20 ? 0 : text_utf8_len(view_from(s->p, (size_t)(s->end - s->p)));
		if (!len)
			return expect(s, "valid UTF-8 without control characters");
		s->p += len;
	}
	return expect(s, "the closing double quote");
}

static bool scan_digits(struct scan *s)
{
	const char *from = s->p;

	while (s->p < s->end && text_is_digit(*s->p))
		s->p++;
	return s->p > from;
}

static int scan_number(struct scan *s)
{
	s->p += *s->p == '-';
	if (s->p < s->end && *s->p == '0')
		s->p++;
	else if (!scan_digits(s))
		return expect(s, "a digit");
	if (s->p < s->end && *s->p == '.') {
		s->p++;
		if (!scan_digits(s))
			return expect(s, "a digit after the point");
	}
	if (s->p < s->end && (*s->p == 'e' || *s->p == 'E')) {
		s->p++;
		s->p += s->p < s->end && (*s->p == '+' || *s->p == '-');
		if (!scan_digits(s))
			return expect(s, "a digit of the exponent");
	}
	return 0;
}

static int scan_word(struct scan *s, struct view word)
{
	if (!text_starts(view_from(s->p, (size_t)(s->end - s->p)), word))
		return expect(s, "true, false or null");
	s->p += word.len;
	return 0;
}

static int scan_scalar(struct scan *s)
{
	switch (*s->p) {
	case '"':
		return scan_string(s);
	case 't':
		return scan_word(s, VIEW("true"));
	case 'f':
		return scan_word(s, VIEW("false"));
	case 'n':
		return scan_word(s, VIEW("null"));
	default:
		if (*s->p == '-' || text_is_digit(*s->p))
			return scan_number(s);
		return expect(s, "a value");
	}
}

static int scan_key(struct scan *s)
{
	skip_blanks(s);
	if (scan_string(s))
		return expect(s, "a member's name in double quotes");
	skip_blanks(s);
	if (s->p == s->end || *s->p != ':')
		return expect(s, "':' after a member's name");
	s->p++;
	return 0;
}

/* After a value inside of something: 1 when another one follows, 0 when the level ended and one more may end, -1. */
static int scan_behind(struct scan *s, char closer)
{
	skip_blanks(s);
	if (s->p == s->end || (*s->p != ',' && *s->p != closer))
		return expect(s, closer == '}' ? "',' or '}'" : "',' or ']'");
	return *s->p++ == ',';
}

/* Opens a level at s->p. 1: it is empty and closed again; 0: a value follows; -1. */
static int scan_open(struct scan *s, char closer)
{
	s->p++;
	skip_blanks(s);
	if (s->p < s->end && *s->p == closer) {
		s->p++;
		return 1;
	}
	return closer == '}' ? scan_key(s) : 0;
}

/* One value of any depth up to JSON_DEPTH, without recursion: levels holds the closing brackets that are due. */
static int scan_value(struct scan *s)
{
	char levels[JSON_DEPTH];
	size_t depth = 0;

	for (;;) {
		int done = 1;

		skip_blanks(s);
		if (s->p == s->end)
			return expect(s, "a value");
		if (*s->p == '{' || *s->p == '[') {
			char closer = *s->p == '{' ? '}' : ']';

			if (depth == JSON_DEPTH)
				return expect(s, "less nesting");
			done = scan_open(s, closer);
			if (done == 0)
				levels[depth++] = closer;
		} else if (scan_scalar(s)) {
			return -1;
		}
		if (done < 0)
			return -1;
		while (done && depth) {
			int more = scan_behind(s, levels[depth - 1]);

			if (more < 0 || (more && levels[depth - 1] == '}' && scan_key(s)))
				return -1;
			if (more)
				break;
			depth--;
		}
		if (done && depth == 0)
			return 0;
	}
}

int json_next(struct view *rest, struct view *ret, struct err *err)
{
	struct scan s = { .p = rest->ptr, .start = rest->ptr, .end = rest->ptr + rest->len };
	const char *from;

	if (rest->len == 0)
		return 1;
	skip_blanks(&s);
	if (s.p == s.end) {
		*rest = VIEW_NONE;
		return 1;
	}
	from = s.p;
	if (scan_value(&s))
		return err_set(err, ERR_FORMAT, 0, "not valid JSON at byte %zu: %s was expected%s",
			       (size_t)(s.p - s.start), s.expected, s.p == s.end ? ", not the end" : "");
	*ret = view_from(from, (size_t)(s.p - from));
	*rest = view_from(s.p, (size_t)(s.end - s.p));
	return 0;
}

int json_whole(struct view text, struct view *ret, struct err *err)
{
	struct view rest = text, more;
	int found = json_next(&rest, ret, err);

	if (found < 0)
		return -1;
	if (found > 0)
		return err_set(err, ERR_FORMAT, 0, "not valid JSON: a value was expected, not the end");
	for (more = rest; more.len && is_blank(more.ptr[0]);)
		more = view_sub(more, 1, more.len);
	if (more.len)
		return err_set(err, ERR_FORMAT, 0, "not valid JSON at byte %zu: the end was expected",
			       text.len - more.len);
	return 0;
}

enum json_type json_type_of(struct view value)
{
	switch (value.ptr[0]) {
	case '{':
		return JSON_OBJECT;
	case '[':
		return JSON_ARRAY;
	case '"':
		return JSON_STRING;
	case 't':
		return JSON_TRUE;
	case 'f':
		return JSON_FALSE;
	case 'n':
		return JSON_NULL;
	default:
		return JSON_NUMBER;
	}
}

/* Skips what stands before an element: the opening bracket the first time, then a comma. false at the end. */
static bool step(struct scan *s)
{
	while (s->p < s->end && (is_blank(*s->p) || strchr("[{,", *s->p)) && *s->p) {
		bool is_open = *s->p == '[' || *s->p == '{';

		s->p++;
		skip_blanks(s);
		if (is_open || s->p[-1] == ',' || is_blank(s->p[-1]))
			break;
	}
	return s->p < s->end && *s->p != ']' && *s->p != '}';
}

bool json_each(struct view *cursor, struct view *ret_value)
{
	struct scan s = { .p = cursor->ptr, .end = cursor->ptr + cursor->len };
	const char *from;

	if (cursor->len == 0 || !step(&s))
		return false;
	from = s.p;
	if (scan_value(&s))
		return false;
	*ret_value = view_from(from, (size_t)(s.p - from));
	skip_blanks(&s);
	*cursor = view_from(s.p, (size_t)(s.end - s.p));
	return true;
}

bool json_each_member(struct view *cursor, struct view *ret_key, struct view *ret_value)
{
	struct scan s = { .p = cursor->ptr, .end = cursor->ptr + cursor->len };
	const char *from;

	if (cursor->len == 0 || !step(&s))
		return false;
	from = s.p;
	if (scan_string(&s))
		return false;
	*ret_key = view_from(from, (size_t)(s.p - from));
	skip_blanks(&s);
	s.p++; /* the colon: the value is known to be valid */
	skip_blanks(&s);
	from = s.p;
	if (scan_value(&s))
		return false;
	*ret_value = view_from(from, (size_t)(s.p - from));
	skip_blanks(&s);
	*cursor = view_from(s.p, (size_t)(s.end - s.p));
	return true;
}

struct view json_member(struct view object, const char *key)
{
	DEFER(buf_done) struct buf name = BUF_INIT(JSON_RECORD_BYTES);
	struct view cursor = object, k, value;

	if (object.len == 0 || json_type_of(object) != JSON_OBJECT)
		return VIEW_NONE;
	while (json_each_member(&cursor, &k, &value)) {
		buf_clear(&name);
		if (json_add_string(&name, k) == 0 && text_eq(buf_view(&name), view_of(key)))
			return value;
	}
	return VIEW_NONE;
}

static unsigned hex4(const char *p)
{
	unsigned n = 0;

	for (int i = 0; i < 4; i++) {
		char c = text_lower(p[i]);

		n = n << 4 | (unsigned)(text_is_digit(c) ? c - '0' : c - 'a' + 10);
	}
	return n;
}

static int add_code(struct buf *buf, unsigned code)
{
	char out[4];
	size_t len = 0;

	if (code < 0x80) {
		out[len++] = (char)code;
	} else if (code < 0x800) {
		out[len++] = (char)(0xC0 | code >> 6);
		out[len++] = (char)(0x80 | (code & 0x3F));
	} else if (code < 0x10000) {
		out[len++] = (char)(0xE0 | code >> 12);
		out[len++] = (char)(0x80 | (code >> 6 & 0x3F));
		out[len++] = (char)(0x80 | (code & 0x3F));
	} else {
		out[len++] = (char)(0xF0 | code >> 18);
		out[len++] = (char)(0x80 | (code >> 12 & 0x3F));
		out[len++] = (char)(0x80 | (code >> 6 & 0x3F));
		out[len++] = (char)(0x80 | (code & 0x3F));
	}
	return buf_add(buf, view_from(out, len));
}

/* Appends what the escape at p stands for; *ret_len is how long it is. */
static int add_escape(struct buf *buf, const char *p, const char *end, size_t *ret_len)
{
	static const char letters[] = "\"\"\\\\//b\bf\fn\nr\rt\t";
	unsigned code, low;

	*ret_len = 2;
	if (p[1] != 'u') {
		for (size_t i = 0; i + 1 < sizeof(letters) - 1; i += 2)
			if (letters[i] == p[1])
				return buf_add_byte(buf, letters[i + 1]);
		return -1;
	}
	*ret_len = 6;
	code = hex4(p + 2);
	if (code < 0xD800 || code > 0xDBFF || end - p < 12 || p[6] != '\\' || p[7] != 'u')
		return add_code(buf, code);
	low = hex4(p + 8);
	if (low < 0xDC00 || low > 0xDFFF)
		return add_code(buf, code);
	*ret_len = 12;
	return add_code(buf, 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00));
}

int json_add_string(struct buf *buf, struct view value)
{
	const char *p = value.ptr + 1, *end = value.ptr + value.len - 1;
	size_t start = buf->len;

	while (p < end) {
		const char *escape = memchr(p, '\\', (size_t)(end - p));
		size_t len = 0;

		if (buf_add(buf, view_from(p, (size_t)((escape ? escape : end) - p))) ||
		    (escape && add_escape(buf, escape, end, &len))) {
			buf_cut(buf, start);
			return -1;
		}
		p = escape ? escape + len : end;
	}
	return 0;
}

static bool is_surrogate(const char *escape, unsigned from)
{
	unsigned code = hex4(escape + 2);

	return code >= from && code < from + 0x400;
}

/* Writes U+FFFD over what cJSON cannot hold: an escaped NUL, half a surrogate pair. */
static void replace_escapes(struct buf *text)
{
	for (size_t i = 0; i + 1 < text->len; i++) {
		char *p = text->ptr + i;
		bool has_pair;

		if (*p != '\\')
			continue;
		i++;
		if (p[1] != 'u')
			continue;
		has_pair = text->len - i >= 11 && p[6] == '\\' && p[7] == 'u' && is_surrogate(p, 0xD800) &&
			   is_surrogate(p + 6, 0xDC00);
		if (has_pair)
			i += 10;
		else if (hex4(p + 2) == 0 || is_surrogate(p, 0xD800) || is_surrogate(p, 0xDC00))
			memcpy(p, "\\ufffd", 6);
	}
}

struct json *json_tree(struct view value, struct err *err)
{
	DEFER(buf_done) struct buf copy = BUF_INIT(JSON_RECORD_BYTES);
	cJSON *tree;

	if (value.len > JSON_RECORD_BYTES) {
		(void)err_set(err, ERR_LIMIT, 0, "a JSON record of %zu bytes; at most %u are read", value.len,
			      JSON_RECORD_BYTES);
		return NULL;
	}
	if (text_find(value, VIEW("\\u")) != SIZE_MAX) {
		if (buf_add(&copy, value)) {
			(void)err_nomem(err);
			return NULL;
		}
		replace_escapes(&copy);
		value = buf_view(&copy);
	}
	tree = cJSON_ParseWithLength(value.ptr, value.len);
	if (!tree)
		(void)err_nomem(err); /* it is valid: json_next has seen it */
	return (struct json *)tree;
}

void json_free(struct json *json)
{
	cJSON_Delete((cJSON *)json);
}

void json_freep(struct json **json)
{
	json_free(*json);
	*json = NULL;
}

const struct json *json_get(const struct json *object, const char *key)
{
	return (const struct json *)cJSON_GetObjectItemCaseSensitive((const cJSON *)object, key);
}

const char *json_string(const struct json *value)
{
	return cJSON_GetStringValue((const cJSON *)value);
}

bool json_is(const struct json *value, enum json_type type)
{
	static const int types[] = { cJSON_NULL,   cJSON_False, cJSON_True,  cJSON_Number,
				     cJSON_String, cJSON_Array, cJSON_Object };

	return value && (value->node.type & 0xFF) == types[type];
}
