/* SPDX-License-Identifier: Apache-2.0 */
/* The text of strings, and a record as a tree of cJSON's. The tokenizer is in json_scan.c. */
#include "common/sys/json.h"

#include <cjson/cJSON.h>
#include <string.h>

#include "common/base/bounds.h"
#include "common/base/text.h"

/* The bytes of a code point; those of a surrogate as well. */
static size_t encode(uint32_t code, char out[static 4])
{
	size_t len = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
	static const unsigned char first[] = { 0, 0, 0xC0, 0xE0, 0xF0 };

	for (size_t i = len; i-- > 1; code >>= 6)
		out[i] = (char)(0x80 | (code & 0x3F));
	out[0] = (char)(first[len] | code);
	return len;
}

static int hex_value(char c)
{
	char lower = text_lower(c);

	if (text_is_digit(c))
		return c - '0';
	return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* The unit of `uXXXX` at p, or -1. */
static int32_t unit_at(const char *p, const char *end)
{
	int32_t unit = 0;

	if (end - p < 5 || *p != 'u')
		return -1;
	for (size_t i = 1; i < 5; i++) {
		int digit = hex_value(p[i]);

		if (digit < 0)
			return -1;
		unit = unit * 16 + digit;
	}
	return unit;
}

/* Whether unit is one of the half of surrogates that starts at from. */
static bool is_half(int32_t unit, int32_t from)
{
	return unit >= from && unit < from + 0x400;
}

/* Reads `uXXXX`, or `uXXXX\uXXXX` of a pair, off *rest. */
static uint32_t take_code(struct view *rest)
{
	const char *end = rest->ptr + rest->len;
	uint32_t code = (uint32_t)unit_at(rest->ptr, end);
	int32_t low = rest->len > 6 && rest->ptr[5] == '\\' ? unit_at(rest->ptr + 6, end) : -1;
	bool is_pair = is_half((int32_t)code, 0xD800) && is_half(low, 0xDC00);

	*rest = view_sub(*rest, is_pair ? 11 : 5, rest->len);
	return is_pair ? 0x10000 + ((code - 0xD800) << 10) + ((uint32_t)low - 0xDC00) : code;
}

/* Takes one escape, which *rest starts with, off it: its unescaped bytes. */
static size_t take_escape(struct view *rest, char out[static 4])
{
	static const char plain[] = "\"\"\\\\//b\bf\fn\nr\rt\t";

	*rest = view_sub(*rest, 1, rest->len);
	for (size_t i = 0; i < sizeof(plain) - 1; i += 2)
		if (rest->ptr[0] == plain[i]) {
			*rest = view_sub(*rest, 1, rest->len);
			out[0] = plain[i + 1];
			return 1;
		}
	return encode(take_code(rest), out);
}

/* A string without its quotes. */
static struct view inside(struct view string)
{
	return string.len < 2 ? VIEW_NONE : view_sub(string, 1, string.len - 2);
}

int json_add_string(struct buf *buf, struct view value)
{
	size_t start = buf->len;
	struct view rest = inside(value);

	for (;;) {
		size_t plain = text_find_byte(rest, '\\');
		char out[4];

		if (buf_add(buf, view_sub(rest, 0, plain)))
			break;
		if (plain == SIZE_MAX)
			return 0;
		rest = view_sub(rest, plain, rest.len);
		if (buf_add(buf, view_from(out, take_escape(&rest, out))))
			break;
	}
	buf_cut(buf, start);
	return -1;
}

/* Whether the string, unescaped, is text. */
static bool string_is(struct view string, struct view text)
{
	struct view rest = inside(string);

	while (rest.len) {
		size_t plain = text_find_byte(rest, '\\');
		struct view part = view_sub(rest, 0, plain);
		char out[4];

		rest = view_sub(rest, part.len, rest.len);
		if (part.len == 0)
			part = view_from(out, take_escape(&rest, out));
		if (!text_starts(text, part))
			return false;
		text = view_sub(text, part.len, text.len);
	}
	return text.len == 0;
}

struct view json_member(struct view object, const char *key)
{
	struct view name, value;

	while (json_each_member(&object, &name, &value))
		if (string_is(name, view_of(key)))
			return value;
	return VIEW_NONE;
}

/* Writes U+FFFD over what cJSON cannot hold: an escaped NUL, half a surrogate pair. */
static void replace_escapes(struct buf *text)
{
	const char *end = text->ptr + text->len;

	for (char *p = text->ptr; p < end; p++) {
		int32_t unit, low;

		if (*p != '\\')
			continue;
		p++; /* to what is escaped */
		unit = unit_at(p, end);
		low = end - p > 6 && p[5] == '\\' ? unit_at(p + 6, end) : -1;
		if (is_half(unit, 0xD800) && is_half(low, 0xDC00))
			p += 10;
		else if (unit == 0 || is_half(unit, 0xD800) || is_half(unit, 0xDC00))
			memcpy(p, "ufffd", 5);
	}
}

struct json *json_tree(struct view value, struct err *err)
{
	DEFER(buf_wipe) struct buf copy = BUF_INIT(JSON_RECORD_BYTES);
	cJSON *tree;

	if (value.len > JSON_RECORD_BYTES) {
		(void)err_set(err, ERR_LIMIT, 0, "a JSON record of %zu bytes; at most %u are read", value.len,
			      JSON_RECORD_BYTES);
		return NULL;
	}
	if (json_whole(value, &value, err))
		return NULL; /* cJSON would take 01, control bytes, any bytes behind a value */
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
		(void)err_nomem(err); /* it is valid: json_whole has seen it */
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
	static const int types[] = {
		[JSON_NULL] = cJSON_NULL,     [JSON_FALSE] = cJSON_False,   [JSON_TRUE] = cJSON_True,
		[JSON_NUMBER] = cJSON_Number, [JSON_STRING] = cJSON_String, [JSON_ARRAY] = cJSON_Array,
		[JSON_OBJECT] = cJSON_Object,
	};

	return value && (((const cJSON *)value)->type & 0xFF) == types[type];
}
