/* SPDX-License-Identifier: Apache-2.0 */
/* A page is read as json_whole, json_each and json_member read it, one walk over the bytes after the other. */
#include <stdlib.h>

#include "common/api/rows.h"
#include "common/sys/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct rows_form form = {
	.rows = "data",
	.has_more = "has_more",
	.first_id = "first_id",
	.last_id = "last_id",
	.next_page = "next_page",
	.wanted = { { .key = "id" }, { .key = "type" }, { "actor", "type" }, { .key = "actor" }, { "actor", "id" } },
};

static void check(bool is_right)
{
	if (!is_right)
		abort();
}

static void check_same(struct view a, struct view b)
{
	check(a.len == b.len && (a.len == 0 || a.ptr == b.ptr));
}

static bool is_null_or(struct view value, enum json_type type)
{
	enum json_type is = json_type_of(value);

	return is == JSON_NULL || is == type || (type == JSON_TRUE && is == JSON_FALSE);
}

static bool are_rows(struct view list)
{
	struct view row;

	while (json_each(&list, &row))
		if (json_type_of(row) != JSON_OBJECT)
			return false;
	return true;
}

/* Whether a valid text is a page. */
static bool is_page(struct view value)
{
	return json_type_of(value) == JSON_OBJECT && is_null_or(json_member(value, form.rows), JSON_ARRAY) &&
	       is_null_or(json_member(value, form.has_more), JSON_TRUE) &&
	       is_null_or(json_member(value, form.first_id), JSON_STRING) &&
	       is_null_or(json_member(value, form.last_id), JSON_STRING) &&
	       is_null_or(json_member(value, form.next_page), JSON_STRING) && are_rows(json_member(value, form.rows));
}

static void check_row(const struct rows *rows, size_t i, struct view row)
{
	check(i < rows->count);
	check_same(rows_row(rows, i), row);
	for (size_t n = 0; form.wanted[n].key; n++) {
		struct view expected = json_member(row, form.wanted[n].key);

		if (form.wanted[n].inner)
			expected = json_member(expected, form.wanted[n].inner);
		check_same(rows_member(rows, i, n), expected);
	}
}

static void check_cursor(struct view told, struct view value)
{
	check_same(told, json_type_of(value) == JSON_STRING ? value : VIEW_NONE);
}

static void check_page(const struct rows *rows, struct view value)
{
	struct view list = json_member(value, form.rows), row;
	struct view more = json_member(value, form.has_more);
	size_t count = 0;

	for (; json_each(&list, &row); count++)
		check_row(rows, count, row);
	check(rows->count == count);
	check(rows->has_rows == (json_type_of(json_member(value, form.rows)) == JSON_ARRAY));
	check((rows->more == ROWS_MORE_YES) == (json_type_of(more) == JSON_TRUE));
	check((rows->more == ROWS_MORE_NO) == (json_type_of(more) == JSON_FALSE));
	check_cursor(rows->first_id, json_member(value, form.first_id));
	check_cursor(rows->last_id, json_member(value, form.last_id));
	check_cursor(rows->next_page, json_member(value, form.next_page));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view text = view_from(data, size), value;
	DEFER(rows_done) struct rows rows = { 0 };
	struct err err = ERR_INIT;
	bool is_read = rows_read(&rows, &form, text, &err) == 0;

	check(is_read == (json_whole(text, &value, NULL) == 0 && is_page(value)));
	if (is_read)
		check_page(&rows, value);
	else
		check(err.kind == ERR_FORMAT && rows.count == 0 && rows.first_id.len == 0 && rows.last_id.len == 0);
	return 0;
}
