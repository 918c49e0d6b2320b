/* SPDX-License-Identifier: Apache-2.0 */
/* Walking what the tokenizer found valid. */
#include "common/sys/json_reader.h"

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

/* A reader in the level of a walk: the cursor starts with the opening bracket, or stands behind an entry. false when
 * neither can be. */
static bool resume(struct view cursor, enum json_type type, struct json_reader *ret)
{
	int opened;

	*ret = json_reader_of(cursor, NULL);
	opened = json_read_open(ret, type);
	if (opened == 1) {
		ret->depth = 1;
		ret->objects[0] = type == JSON_OBJECT;
	}
	return opened >= 0;
}

static bool take_value(struct json_reader *r, struct view *cursor, struct view *ret_value)
{
	if (json_read_value(r, ret_value))
		return false;
	*cursor = view_from(r->at, (size_t)(r->end - r->at));
	return true;
}

bool json_each(struct view *cursor, struct view *ret_value)
{
	struct json_reader r;

	return resume(*cursor, JSON_ARRAY, &r) && json_read_element(&r) == 0 && take_value(&r, cursor, ret_value);
}

bool json_each_member(struct view *cursor, struct view *ret_key, struct view *ret_value)
{
	struct json_reader r;

	return resume(*cursor, JSON_OBJECT, &r) && json_read_member(&r, ret_key, NULL) == 0 &&
	       take_value(&r, cursor, ret_value);
}
