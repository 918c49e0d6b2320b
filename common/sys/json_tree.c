/* SPDX-License-Identifier: Apache-2.0 */
/* A record as a tree of cJSON's. A program that reads none is linked without that library. */
#include "common/sys/json.h"

#include <cjson/cJSON.h>
#include <string.h>

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "common/sys/json_unit.h"

/* Writes U+FFFD over what cJSON cannot hold: an escaped NUL, half a surrogate pair. */
static void replace_escapes(struct buf *text)
{
	const char *end = text->ptr + text->len;

	for (char *p = text->ptr; p < end; p++) {
		int32_t unit, low;

		if (*p != '\\')
			continue;
		p++; /* to what is escaped */
		unit = json_unit_at(p, end);
		low = end - p > 6 && p[5] == '\\' ? json_unit_at(p + 6, end) : -1;
		if (json_is_half(unit, 0xD800) && json_is_half(low, 0xDC00))
			p += 10;
		else if (unit == 0 || json_is_half(unit, 0xD800) || json_is_half(unit, 0xDC00))
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
