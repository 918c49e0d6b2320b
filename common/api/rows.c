/* SPDX-License-Identifier: Apache-2.0 */
#include "common/api/rows.h"

#include <stdlib.h>

#include "common/base/bounds.h"
#include "common/base/grow.h"
#include "common/base/text.h"
#include "common/sys/json.h"

/* A page that is being read. */
struct reader {
	struct rows *rows;
	struct view page, rest;
	unsigned seen; /* bit set of the members below */
	struct err *err;
};

enum member { DATA, HAS_MORE, FIRST_ID, LAST_ID, NEXT_PAGE, MEMBERS };

static const char *const names[MEMBERS] = { "\"data\"", "\"has_more\"", "\"first_id\"", "\"last_id\"",
					    "\"next_page\"" };

static size_t offset(const struct reader *r)
{
	return r->page.len - r->rest.len;
}

static void skip_space(struct reader *r)
{
	size_t at = 0;

	while (at < r->rest.len && (r->rest.ptr[at] == ' ' || r->rest.ptr[at] == '\n' || r->rest.ptr[at] == '\r' ||
				    r->rest.ptr[at] == '\t'))
		at++;
	r->rest = view_sub(r->rest, at, r->rest.len);
}

static int expected(const struct reader *r, const char *what)
{
	return err_set(r->err, ERR_FORMAT, 0, "a page of the API cannot be read: at byte %zu %s was expected",
		       offset(r), what);
}

/* Passes over c, behind white space. false when another byte stands there. */
static bool take(struct reader *r, char c)
{
	skip_space(r);
	if (r->rest.len == 0 || r->rest.ptr[0] != c)
		return false;
	r->rest = view_sub(r->rest, 1, r->rest.len);
	return true;
}

static int take_value(struct reader *r, struct view *ret)
{
	size_t start = offset(r);
	int status = json_next(&r->rest, ret, r->err);

	if (status > 0)
		return expected(r, "a value");
	return status < 0 ? err_prefix(r->err, "a page of the API cannot be read, from byte %zu", start) : 0;
}

static int take_data(struct reader *r)
{
	struct rows *rows = r->rows;

	if (!take(r, '['))
		return expected(r, "an array of records");
	if (take(r, ']'))
		return 0;
	do {
		struct view *items;

		if (rows->count == API_ROWS_MAX)
			return expected(r, "an end of the array: no page has so many records");
		items = grow_items(rows->items, rows->count, &rows->cap, sizeof(*items));

		if (!items)
			return err_nomem(r->err);
		rows->items = items;
		if (take_value(r, &items[rows->count]))
			return -1;
		if (json_type_of(items[rows->count]) != JSON_OBJECT)
			return expected(r, "an object before this");
		rows->count++;
	} while (take(r, ','));
	return take(r, ']') ? 0 : expected(r, "a comma or the end of the array");
}

static int take_cursor(struct reader *r, struct view *ret)
{
	struct view value;

	if (take_value(r, &value))
		return -1;
	if (json_type_of(value) == JSON_NULL)
		return 0;
	if (json_type_of(value) != JSON_STRING)
		return expected(r, "a string or null before this");
	*ret = value;
	return 0;
}

static int take_has_more(struct reader *r)
{
	struct view value;

	if (take_value(r, &value))
		return -1;
	if (json_type_of(value) != JSON_TRUE && json_type_of(value) != JSON_FALSE)
		return expected(r, "true or false before this");
	r->rows->has_more = json_type_of(value) == JSON_TRUE;
	r->rows->tells_more = true;
	return 0;
}

static int take_member(struct reader *r)
{
	struct view key, value;
	unsigned member = 0;

	if (take_value(r, &key))
		return -1;
	if (json_type_of(key) != JSON_STRING)
		return expected(r, "a key before this");
	if (!take(r, ':'))
		return expected(r, "a colon");
	while (member < MEMBERS && !text_eq(key, view_of(names[member])))
		member++;
	if (member < MEMBERS && r->seen & 1u << member)
		return expected(r, "each member once before this");
	r->seen |= 1u << member;
	switch (member) {
	case DATA:
		return take_data(r);
	case HAS_MORE:
		return take_has_more(r);
	case FIRST_ID:
		return take_cursor(r, &r->rows->first_id);
	case LAST_ID:
		return take_cursor(r, &r->rows->last_id);
	case NEXT_PAGE:
		return take_cursor(r, &r->rows->next_page);
	default:
		return take_value(r, &value);
	}
}

static int take_page(struct reader *r)
{
	if (!take(r, '{'))
		return expected(r, "an object");
	if (!take(r, '}')) {
		do
			if (take_member(r))
				return -1;
		while (take(r, ','));
		if (!take(r, '}'))
			return expected(r, "a comma or the end of the object");
	}
	skip_space(r);
	if (r->rest.len)
		return expected(r, "the end of the page");
	return r->seen & 1u << DATA ? 0 : expected(r, "a member data");
}

int rows_read(struct rows *rows, struct view page, struct err *err)
{
	struct reader r = { .rows = rows, .page = page, .rest = page, .err = err };

	*rows = (struct rows){ .items = rows->items, .cap = rows->cap };
	if (take_page(&r) == 0)
		return 0;
	rows->count = 0;
	return -1;
}

bool rows_next(struct rows *rows, struct view *ret)
{
	if (rows->next >= rows->count)
		return false;
	*ret = rows->items[rows->next++];
	return true;
}

void rows_done(struct rows *rows)
{
	free(rows->items);
	*rows = (struct rows){ .items = NULL };
}
