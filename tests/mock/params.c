/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/mock/params.h"

#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/sys/json.h"
#include "tests/mock/must.h"
#include "tests/mock/when.h"

#define KEY_BYTES 4096

static bool next_word(struct view *rest, struct view *word)
{
	size_t space;

	if (!rest->len)
		return false;
	space = text_find_byte(*rest, ' ');
	*word = view_sub(*rest, 0, space);
	*rest = space == SIZE_MAX ? VIEW_NONE : view_sub(*rest, space + 1, rest->len);
	return true;
}

bool params_among(const char *list, struct view word)
{
	struct view rest = view_of(list), one;

	while (next_word(&rest, &one))
		if (text_eq(one, word))
			return true;
	return false;
}

static bool has_prefix_among(const char *list, struct view id)
{
	struct view rest = view_of(list), one;

	while (next_word(&rest, &one))
		if (text_starts(id, one) && id.len > one.len)
			return true;
	return false;
}

/* 36 characters, as RFC 9562 writes them. */
static bool is_uuid(struct view v)
{
	for (size_t i = 0; i < v.len; i++) {
		bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (is_dash ? v.ptr[i] != '-' : !text_is_alnum(v.ptr[i]))
			return false;
	}
	return v.len == 36;
}

PRINTF_LIKE(2, 3) static int because(struct buf *why, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	buf_clear(why);
	must(buf_addvf(why, fmt, args));
	va_end(args);
	return -1;
}

static int check_count(const struct param *p, struct view value, struct buf *why)
{
	uint64_t n;

	if (text_u64(value, UINT64_MAX, &n))
		return because(why, "The %s parameter must be an integer.", p->name);
	if (n < 1 || n > p->max)
		return because(why, "The %s parameter must be between 1 and %llu, inclusive. Got %llu.", p->name,
			       (unsigned long long)p->max, (unsigned long long)n);
	return 0;
}

static int check_value(const struct param *p, struct view value, struct buf *why)
{
	int64_t when;

	switch (p->kind) {
	case PARAM_COUNT:
		return check_count(p, value, why);
	case PARAM_TEXT:
		return value.len ? 0 : because(why, "The %s parameter must not be empty.", p->name);
	case PARAM_ID:
		if (has_prefix_among(p->allowed, value) || (params_among(p->allowed, VIEW("uuid")) && is_uuid(value)))
			return 0;
		return because(why, "The %s parameter must be an id that begins with one of: %s.", p->name, p->allowed);
	case PARAM_CHOICE:
		if (params_among(p->allowed, value))
			return 0;
		return because(why, "Invalid value for the %s parameter. One of these was expected: %s.", p->name,
			       p->allowed);
	case PARAM_TIME:
		return when_parse(value, &when)
			       ? because(why, "The %s parameter must be an RFC 3339 datetime with a time zone.",
					 p->name)
			       : 0;
	case PARAM_DATE:
		return clock_parse_date(value, &when)
			       ? because(why, "The %s parameter must be a date in YYYY-MM-DD format.", p->name)
			       : 0;
	case PARAM_BOOL:
		return params_among("true false", value)
			       ? 0
			       : because(why, "The %s parameter must be true or false.", p->name);
	case PARAM_END:
		break;
	}
	return -1;
}

static const struct param *find_param(const struct param *table, struct view name)
{
	for (const struct param *p = table; p && p->kind != PARAM_END; p++)
		if (text_eq(view_of(p->name), name))
			return p;
	return NULL;
}

static bool came_before(const struct http_request *rq, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (text_eq(rq->args[i].name, rq->args[index].name))
			return true;
	return false;
}

int params_check(const struct param *table, const struct http_request *rq, struct buf *why)
{
	for (size_t i = 0; i < rq->arg_count; i++) {
		const struct param *p = find_param(table, rq->args[i].name);

		if (!p)
			return because(why, "Unknown query parameter: '%.*s'.", (int)rq->args[i].name.len,
				       rq->args[i].name.ptr);
		if (!text_ends(rq->args[i].name, VIEW("[]")) && came_before(rq, i))
			return because(why, "The %s parameter may be given once only.", p->name);
		if (check_value(p, rq->args[i].value, why))
			return -1;
	}
	for (const struct param *p = table; p && p->kind != PARAM_END; p++)
		if (p->is_required && !http_arg(rq, p->name).ptr)
			return because(why, "%s: Field required", p->name);
	return 0;
}

static bool is_of_kind(const struct member *m, enum json_type type)
{
	switch (m->kind) {
	case MEMBER_STRING:
		return type == JSON_STRING;
	case MEMBER_NUMBER:
		return type == JSON_NUMBER;
	case MEMBER_BOOL:
		return type == JSON_TRUE || type == JSON_FALSE;
	case MEMBER_OBJECT:
		return type == JSON_OBJECT;
	case MEMBER_ARRAY:
		return type == JSON_ARRAY;
	case MEMBER_END:
		break;
	}
	return false;
}

static int check_string(const struct member *m, struct view value, struct buf *why)
{
	DEFER(buf_done) struct buf text = BUF_INIT(HTTP_REQUEST_BYTES);

	if (json_type_of(value) != JSON_STRING)
		return because(why, "%s: Input should be a valid string", m->name);
	must(json_add_string(&text, value));
	if (m->is_required && !text.len)
		return because(why, "%s: String should have at least 1 character", m->name);
	if (m->allowed && !params_among(m->allowed, buf_view(&text)))
		return because(why, "%s: Input should be one of: %s", m->name, m->allowed);
	return 0;
}

static int check_member(const struct member *m, struct view value, struct buf *why)
{
	struct view cursor = value, element;

	if (!m->is_required && json_type_of(value) == JSON_NULL)
		return 0;
	if (!is_of_kind(m, json_type_of(value)))
		return because(why, "%s: Input has the wrong type", m->name);
	if (m->kind == MEMBER_STRING)
		return check_string(m, value, why);
	if (m->kind == MEMBER_ARRAY && m->allowed)
		while (json_each(&cursor, &element))
			if (check_string(m, element, why))
				return -1;
	return 0;
}

static const struct member *find_member(const struct member *table, struct view name)
{
	for (const struct member *m = table; m->kind != MEMBER_END; m++)
		if (text_eq(view_of(m->name), name))
			return m;
	return NULL;
}

int params_check_body(const struct member *table, struct view body, struct buf *why)
{
	DEFER(buf_done) struct buf name = BUF_INIT(KEY_BYTES);
	struct view object, cursor, key, value;

	if (json_whole(body, &object, NULL) || json_type_of(object) != JSON_OBJECT)
		return because(why, "The request body is not valid JSON, or no object.");
	cursor = object;
	while (json_each_member(&cursor, &key, &value)) {
		const struct member *m;

		buf_clear(&name);
		if (json_add_string(&name, key))
			return because(why, "A key of the request body is too long.");
		m = find_member(table, buf_view(&name));
		if (!m)
			return because(why, "%.*s: Extra inputs are not permitted", (int)name.len, name.ptr);
		if (check_member(m, value, why))
			return -1;
	}
	for (const struct member *m = table; m->kind != MEMBER_END; m++)
		if (m->is_required && !json_member(object, m->name).ptr)
			return because(why, "%s: Field required", m->name);
	return 0;
}
