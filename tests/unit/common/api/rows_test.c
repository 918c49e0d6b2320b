/* SPDX-License-Identifier: Apache-2.0 */
#include "common/api/rows.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/bounds.h"
#include "common/sys/json.h"
#include "tests/support/unit.h"

enum { ID, CREATED_AT, TYPE, ACTOR_TYPE, ACTOR };

static const struct rows_form form = {
	.rows = "data",
	.has_more = "has_more",
	.first_id = "first_id",
	.last_id = "last_id",
	.next_page = "next_page",
	.wanted = { [ID] = { .key = "id" },
		    [CREATED_AT] = { .key = "created_at" },
		    [TYPE] = { .key = "type" },
		    [ACTOR_TYPE] = { "actor", "type" },
		    [ACTOR] = { .key = "actor" } },
};

static void read_ok(struct rows *rows, const char *reply)
{
	struct err err = ERR_INIT;

	if (rows_read(rows, &form, view_of(reply), &err))
		fail_msg("%s: %s", reply, err.text);
}

static void rows_are_the_bytes_of_the_reply(void **state)
{
	DEFER(rows_done) struct rows rows = { 0 };

	(void)state;
	read_ok(&rows, " {\"data\": [ {\"n\": 9007199254740993} ,{},\t{\"s\":\"\\u0000\\ud800\", \"x\":[{ }]}\n] } ");
	assert_true(rows.has_rows);
	assert_int_equal(rows.count, 3);
	assert_view(rows_row(&rows, 0), "{\"n\": 9007199254740993}");
	assert_view(rows_row(&rows, 1), "{}");
	assert_view(rows_row(&rows, 2), "{\"s\":\"\\u0000\\ud800\", \"x\":[{ }]}");
}

static void the_envelope_is_read_wherever_its_members_stand(void **state)
{
	DEFER(rows_done) struct rows rows = { 0 };

	(void)state;
	read_ok(&rows,
		"{\"has_more\":true,\"first_id\":\"a\",\"other\":{\"data\":[1]},\"data\":[{}],\"last_id\":\"b\\n\","
		"\"next_page\":\"c\"}");
	assert_int_equal(rows.more, ROWS_MORE_YES);
	assert_int_equal(rows.count, 1);
	assert_view(rows.first_id, "\"a\"");
	assert_view(rows.last_id, "\"b\\n\"");
	assert_view(rows.next_page, "\"c\"");
	read_ok(&rows, "{\"data\":[],\"has_more\":false}");
	assert_int_equal(rows.more, ROWS_MORE_NO);
	assert_true(rows.has_rows);
	assert_int_equal(rows.count, 0);
	assert_int_equal(rows.last_id.len, 0);
}

static void absent_and_null_members_of_the_envelope_are_told_from_empty_ones(void **state)
{
	static const char *const replies[] = {
		"{}",
		"{\"data\":null,\"has_more\":null,\"first_id\":null,\"last_id\":null,\"next_page\":null}",
	};
	DEFER(rows_done) struct rows rows = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(replies); i++) {
		read_ok(&rows, replies[i]);
		assert_false(rows.has_rows);
		assert_int_equal(rows.count, 0);
		assert_int_equal(rows.more, ROWS_MORE_UNTOLD);
		assert_null(rows.first_id.ptr);
		assert_null(rows.last_id.ptr);
		assert_null(rows.next_page.ptr);
	}
	read_ok(&rows, "{\"data\":[],\"last_id\":\"\"}");
	assert_true(rows.has_rows);
	assert_view(rows.last_id, "\"\"");
}

static void names_that_a_reply_has_not_are_not_looked_for(void **state)
{
	static const struct rows_form bare = { .rows = "users" };
	DEFER(rows_done) struct rows rows = { 0 };

	(void)state;
	assert_int_equal(rows_read(&rows, &bare,
				   VIEW("{\"data\":1,\"has_more\":2,\"users\":[{\"id\":\"x\"}],\"last_id\":[]}"), NULL),
			 0);
	assert_int_equal(rows.count, 1);
	assert_int_equal(rows.more, ROWS_MORE_UNTOLD);
	assert_int_equal(rows_member(&rows, 0, 0).len, 0);
}

static void wanted_members_are_found_in_any_order(void **state)
{
	DEFER(rows_done) struct rows rows = { 0 };

	(void)state;
	read_ok(&rows,
		"{\"data\":[{\"actor\":{\"x\":{\"type\":0},\"type\":\"user_actor\",\"id\":1},\"type\" : \"t\","
		"\"unknown\":{\"id\":\"no\"},\"created_at\":\"2026\",\"id\":\"activity_1\"},{\"id\":\"2\"},{}]}");
	assert_int_equal(rows.count, 3);
	assert_view(rows_member(&rows, 0, ID), "\"activity_1\"");
	assert_view(rows_member(&rows, 0, CREATED_AT), "\"2026\"");
	assert_view(rows_member(&rows, 0, TYPE), "\"t\"");
	assert_view(rows_member(&rows, 0, ACTOR_TYPE), "\"user_actor\"");
	assert_view(rows_member(&rows, 0, ACTOR), "{\"x\":{\"type\":0},\"type\":\"user_actor\",\"id\":1}");
	assert_view(rows_member(&rows, 1, ID), "\"2\"");
	assert_null(rows_member(&rows, 1, TYPE).ptr);
	assert_null(rows_member(&rows, 2, ID).ptr);
	assert_null(rows_member(&rows, 2, ROWS_WANTED_MAX).ptr);
}

static void a_wanted_member_may_be_of_any_type(void **state)
{
	DEFER(rows_done) struct rows rows = { 0 };

	(void)state;
	read_ok(&rows, "{\"data\":[{\"id\":null,\"created_at\":[1, 2],\"type\":-1e400,\"actor\":\"x\"},"
		       "{\"actor\":{\"type\":{}}},{\"actor\":[{\"type\":1}]}]}");
	assert_view(rows_member(&rows, 0, ID), "null");
	assert_view(rows_member(&rows, 0, CREATED_AT), "[1, 2]");
	assert_view(rows_member(&rows, 0, TYPE), "-1e400");
	assert_view(rows_member(&rows, 0, ACTOR), "\"x\"");
	assert_null(rows_member(&rows, 0, ACTOR_TYPE).ptr);
	assert_view(rows_member(&rows, 1, ACTOR_TYPE), "{}");
	assert_null(rows_member(&rows, 2, ACTOR_TYPE).ptr);
}

static void of_members_with_one_name_the_first_counts(void **state)
{
	DEFER(rows_done) struct rows rows = { 0 };

	(void)state;
	read_ok(&rows, "{\"data\":[{\"id\":null,\"id\":\"2\",\"actor\":{\"type\":\"a\",\"type\":\"b\"},"
		       "\"actor\":{\"type\":\"c\"}},{\"actor\":1,\"actor\":{\"type\":\"d\"}}],\"has_more\":false,"
		       "\"data\":[{\"id\":\"3\"},{},{}],\"has_more\":true,\"last_id\":null,\"last_id\":\"x\"}");
	assert_int_equal(rows.count, 2);
	assert_view(rows_member(&rows, 0, ID), "null");
	assert_view(rows_member(&rows, 0, ACTOR_TYPE), "\"a\"");
	assert_view(rows_member(&rows, 1, ACTOR), "1");
	assert_null(rows_member(&rows, 1, ACTOR_TYPE).ptr);
	assert_int_equal(rows.more, ROWS_MORE_NO);
	assert_null(rows.last_id.ptr);
}

static void an_escaped_name_is_the_same_name(void **state)
{
	DEFER(rows_done) struct rows rows = { 0 };

	(void)state;
	read_ok(&rows, "{\"d\\u0061ta\":[{\"\\u0069d\":\"1\",\"id\":\"2\",\"act\\u006fr\":{\"typ\\u0065\":\"t\"},"
		       "\"i\\u0064x\":\"3\",\"type\\u0000\":4}],\"data\":[]}");
	assert_int_equal(rows.count, 1);
	assert_view(rows_member(&rows, 0, ID), "\"1\"");
	assert_view(rows_member(&rows, 0, ACTOR_TYPE), "\"t\"");
	assert_null(rows_member(&rows, 0, TYPE).ptr);
}

/* Cut anywhere, or with a byte that is wrong: nothing is there of the rows before it. */
static void a_page_that_is_not_whole_gives_no_rows(void **state)
{
	static const char page[] = "{\"data\":[{\"id\":\"1\"},{\"id\":\"2\"}],\"has_more\":true,\"last_id\":\"2\"}";
	DEFER(rows_done) struct rows rows = { 0 };

	(void)state;
	for (size_t len = 0; len < sizeof(page) - 1; len++) {
		DEFER(freep) char *copy = malloc(len + (len == 0));
		struct err err = ERR_INIT, whole = ERR_INIT;
		struct view value;

		assert_non_null(copy);
		memcpy(copy, page, len);
		read_ok(&rows, page);
		assert_int_equal(rows.count, 2);
		assert_int_equal(rows_read(&rows, &form, view_from(copy, len), &err), -1);
		assert_int_equal(rows.count, 0);
		assert_false(rows.has_rows);
		assert_int_equal(rows.more, ROWS_MORE_UNTOLD);
		assert_null(rows.last_id.ptr);
		assert_int_equal(json_whole(view_from(copy, len), &value, &whole), -1);
		assert_string_equal(err.text, whole.text);
	}
}

static void what_is_no_page_is_told_with_its_place(void **state)
{
	static const struct {
		const char *reply, *text;
	} cases[] = {
		{ "[{}]", "the whole of the reply is an array, at byte 0; an object was expected" },
		{ " \"x\"", "the whole of the reply is a string, at byte 1; an object was expected" },
		{ "{\"data\":{}}", "data of the reply is an object, at byte 8; an array was expected" },
		{ "{\"data\":[{},null]}", "a record of the reply is null, at byte 12; an object was expected" },
		{ "{\"has_more\":1}", "has_more of the reply is a number, at byte 12; true or false was expected" },
		{ "{\"last_id\":false}", "last_id of the reply is false, at byte 11; a string was expected" },
		{ "{\"first_id\":[]}", "first_id of the reply is an array, at byte 12; a string was expected" },
		{ "{\"next_page\":true}", "next_page of the reply is true, at byte 13; a string was expected" },
		{ "{\"data\":[{}]} {}", "not valid JSON at byte 14: a brace; the end was expected" },
		{ "{\"data\":[{\"id\":01}]}", "not valid JSON at byte 16: a digit; the end of the value was expected" },
	};
	DEFER(rows_done) struct rows rows = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct err err = ERR_INIT;

		assert_int_equal(rows_read(&rows, &form, view_of(cases[i].reply), &err), -1);
		assert_int_equal(err.kind, ERR_FORMAT);
		assert_string_equal(err.text, cases[i].text);
		assert_int_equal(rows.count, 0);
	}
}

static void many_rows_are_read_and_too_many_refused(void **state)
{
	DEFER(buf_done) struct buf page = BUF_INIT(16u << 20);
	DEFER(rows_done) struct rows rows = { 0 };
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(buf_add_text(&page, "{\"data\":["), 0);
	for (unsigned i = 0; i < ROWS_MAX; i++)
		assert_int_equal(buf_addf(&page, "%s{\"id\":%u}", i ? "," : "", i), 0);
	assert_int_equal(buf_add_text(&page, "]}"), 0);
	assert_int_equal(rows_read(&rows, &form, buf_view(&page), NULL), 0);
	assert_int_equal(rows.count, ROWS_MAX);
	assert_view(rows_member(&rows, 0, ID), "0");
	assert_view(rows_member(&rows, 4711, ID), "4711");
	assert_view(rows_row(&rows, ROWS_MAX - 1), "{\"id\":99999}");
	buf_cut(&page, page.len - 2);
	assert_int_equal(buf_add_text(&page, ",{}]}"), 0);
	assert_int_equal(rows_read(&rows, &form, buf_view(&page), &err), -1);
	assert_int_equal(err.kind, ERR_LIMIT);
	assert_int_equal(rows.count, 0);
}

/* Its bytes are not looked at. */
static void a_reply_that_is_too_long_is_a_limit(void **state)
{
	DEFER(rows_done) struct rows rows = { 0 };
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(rows_read(&rows, &form, view_from("{}", (size_t)ROWS_REPLY_BYTES + 1), &err), -1);
	assert_int_equal(err.kind, ERR_LIMIT);
}

static void another_form_may_follow(void **state)
{
	static const struct rows_form other = { .rows = "data", .wanted = { { .key = "n" } } };
	DEFER(rows_done) struct rows rows = { 0 };

	(void)state;
	read_ok(&rows, "{\"data\":[{\"id\":\"1\"},{\"id\":\"2\"}]}");
	assert_int_equal(rows_read(&rows, &other, VIEW("{\"data\":[{\"id\":3,\"n\":4},{\"n\":5}]}"), NULL), 0);
	assert_view(rows_member(&rows, 0, 0), "4");
	assert_view(rows_member(&rows, 1, 0), "5");
	assert_null(rows_member(&rows, 1, 1).ptr);
	read_ok(&rows, "{\"data\":[{\"id\":\"6\"}]}");
	assert_view(rows_member(&rows, 0, ID), "\"6\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_the_bytes_of_the_reply),
		cmocka_unit_test(the_envelope_is_read_wherever_its_members_stand),
		cmocka_unit_test(absent_and_null_members_of_the_envelope_are_told_from_empty_ones),
		cmocka_unit_test(names_that_a_reply_has_not_are_not_looked_for),
		cmocka_unit_test(wanted_members_are_found_in_any_order),
		cmocka_unit_test(a_wanted_member_may_be_of_any_type),
		cmocka_unit_test(of_members_with_one_name_the_first_counts),
		cmocka_unit_test(an_escaped_name_is_the_same_name),
		cmocka_unit_test(a_page_that_is_not_whole_gives_no_rows),
		cmocka_unit_test(what_is_no_page_is_told_with_its_place),
		cmocka_unit_test(many_rows_are_read_and_too_many_refused),
		cmocka_unit_test(a_reply_that_is_too_long_is_a_limit),
		cmocka_unit_test(another_form_may_follow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
