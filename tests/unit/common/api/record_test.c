/* SPDX-License-Identifier: Apache-2.0 */
#include "common/api/record.h"

#include <stdlib.h>
#include <string.h>

#include "common/api/record_table.h"
#include "common/base/bounds.h"
#include "tests/support/unit.h"

struct thing {
	struct view id, role, city, inner;
	struct api_time at;
	struct api_number count;
	struct api_decimal price;
	bool is_on;
	struct view list;
	struct view raw;
};

static const struct record_field fields[] = {
	REQUIRED(thing, id, RECORD_TEXT),
	FIELD(thing, role, RECORD_TEXT),
	FIELD_AS(thing, city, "place.address.city", RECORD_TEXT),
	FIELD_AS(thing, inner, "place.inner", RECORD_TEXT),
	FIELD_AS(thing, inner, "place.other_inner", RECORD_TEXT),
	FIELD_AS(thing, at, "added_at", RECORD_TIME),
	FIELD(thing, count, RECORD_NUMBER),
	FIELD(thing, price, RECORD_DECIMAL),
	FIELD(thing, is_on, RECORD_BOOL),
	FIELD(thing, list, RECORD_JSON),
};

static const struct record_type type = RECORD_TYPE(thing, "a thing", fields);

static struct api_reader reader;

static int start_platform(void **state)
{
	(void)state;
	return api_reader_init(&reader, API_PLATFORM, API_USER_LIST, NULL);
}

static int start_cca(void **state)
{
	(void)state;
	return api_reader_init(&reader, API_CCA, API_USER_LIST, NULL);
}

static int end(void **state)
{
	(void)state;
	api_reader_done(&reader);
	return 0;
}

static struct thing read_thing(const char *text)
{
	struct thing thing;
	struct err err = ERR_INIT;

	if (record_read(&reader, &type, view_of(text), &thing, &err))
		fail_msg("%s", err.text);
	assert_ptr_equal(thing.raw.ptr, text);
	assert_int_equal(thing.raw.len, strlen(text));
	return thing;
}

static void assert_refused(const char *text, const char *message)
{
	struct thing thing;
	struct err err = ERR_INIT;

	assert_int_equal(record_read(&reader, &type, view_of(text), &thing, &err), -1);
	assert_string_equal(err.text, message);
	assert_int_equal(err.kind, ERR_FORMAT);
}

static void members_go_where_the_table_says(void **state)
{
	struct thing thing = read_thing("{\"id\":\"t_1\",\"role\":\"admin\",\"place\":{\"address\":{\"city\":\"Bonn\"},"
					"\"inner\":\"x\"},\"added_at\":\"2026-11-24T13:49:09.25Z\",\"count\":7,"
					"\"price\":\"123.78912\",\"is_on\":true,\"list\":[1, 2]}");

	(void)state;
	assert_view(thing.id, "t_1");
	assert_view(thing.role, "admin");
	assert_view(thing.city, "Bonn");
	assert_view(thing.inner, "x");
	assert_view(thing.at.text, "2026-11-24T13:49:09.25Z");
	assert_true(thing.at.is_known);
	assert_int_equal(thing.at.unix_s, 1795528149);
	assert_true(thing.count.is_known);
	assert_int_equal(thing.count.value, 7);
	assert_true(thing.price.is_known);
	assert_true(thing.price.value.units == 12378912 && thing.price.value.scale == 5);
	assert_true(thing.is_on);
	assert_view(thing.list, "[1, 2]");
}

static void null_and_absent_are_told_apart(void **state)
{
	struct thing thing = read_thing("{\"id\":\"t\",\"role\":null,\"added_at\":null,\"count\":null,\"price\":null,"
					"\"is_on\":null,\"list\":null,\"place\":null}");

	(void)state;
	assert_true(record_is_null(thing.role) && !record_is_absent(thing.role));
	assert_true(record_is_null(thing.at.text) && !thing.at.is_known);
	assert_true(record_is_null(thing.list));
	assert_true(record_is_absent(thing.city));
	assert_false(thing.count.is_known || thing.price.is_known || thing.is_on);
	thing = read_thing("{\"id\":\"t\"}");
	assert_true(record_is_absent(thing.role) && !record_is_null(thing.role));
	assert_true(record_is_absent(thing.at.text) && record_is_absent(thing.list));
	thing = read_thing("{\"id\":\"t\",\"role\":\"\"}");
	assert_false(record_is_absent(thing.role) || record_is_null(thing.role));
}

static void what_is_not_known_stays_in_the_bytes(void **state)
{
	struct thing thing = read_thing("{\"new\":{\"id\":\"no\"},\"id\":\"t\",\"role\":\"a_new_role\",\"ids\":1,"
					"\"place\":{\"new\":[{}],\"address\":[]},\"roles\":\"x\"}");

	(void)state;
	assert_view(thing.id, "t");
	assert_view(thing.role, "a_new_role");
	assert_true(record_is_absent(thing.city));
}

static void escaped_texts_keep_every_byte(void **state)
{
	struct thing thing = read_thing("{\"i\\u0064\":\"a\\u0000b\\n\\\"\",\"role\":\"\\ud83d\\ude00 \\ud800\","
					"\"place\":{\"inner\":\"\\u00e9\"}}");

	(void)state;
	assert_view(thing.id, "a\0b\n\"");
	assert_view(thing.role, "\xF0\x9F\x98\x80 \xED\xA0\x80");
	assert_view(thing.inner, "\xC3\xA9");
}

static void the_first_of_two_members_of_a_name_counts(void **state)
{
	struct thing thing = read_thing("{\"id\":\"a\",\"id\":\"b\",\"place\":{\"inner\":\"c\"},\"place\":{\"inner\":"
					"\"d\"}}");

	(void)state;
	assert_view(thing.id, "a");
	assert_view(thing.inner, "c");
}

static void a_dot_in_a_key_leads_nowhere(void **state)
{
	struct thing thing =
		read_thing("{\"id\":\"a\",\"place.inner\":\"x\",\"place\":{\"address.city\":\"y\"},\"\":1}");

	(void)state;
	assert_true(record_is_absent(thing.inner) && record_is_absent(thing.city));
}

static void a_null_hides_no_other_name_s_text(void **state)
{
	(void)state;
	assert_view(read_thing("{\"id\":\"a\",\"place\":{\"inner\":null,\"other_inner\":\"x\"}}").inner, "x");
	assert_view(read_thing("{\"id\":\"a\",\"place\":{\"other_inner\":\"x\",\"inner\":null}}").inner, "x");
}

static void large_numbers_are_exact(void **state)
{
	(void)state;
	assert_true(read_thing("{\"id\":\"a\",\"count\":9007199254740993}").count.value == 9007199254740993);
	assert_true(read_thing("{\"id\":\"a\",\"count\":18446744073709551615}").count.value == UINT64_MAX);
	assert_int_equal(read_thing("{\"id\":\"a\",\"count\":1.5e3}").count.value, 1500);
	assert_true(read_thing("{\"id\":\"a\",\"price\":1e-05}").price.value.units == 1);
}

static void numbers_that_are_none_are_refused(void **state)
{
	static const char whole[] = "a thing: 'count' is not a whole number from 0 to 18446744073709551615";
	static const char decimal[] = "a thing: 'price' is not a decimal number of at most 38 digits";

	(void)state;
	assert_refused("{\"id\":\"a\",\"count\":1.5}", whole);
	assert_refused("{\"id\":\"a\",\"count\":-1}", whole);
	assert_refused("{\"id\":\"a\",\"count\":18446744073709551616}", whole);
	assert_refused("{\"id\":\"a\",\"count\":\"7\"}", whole);
	assert_refused("{\"id\":\"a\",\"count\":{}}", whole);
	assert_refused("{\"id\":\"a\",\"price\":\"12,5\"}", decimal);
	assert_refused("{\"id\":\"a\",\"price\":\"\"}", decimal);
	assert_refused("{\"id\":\"a\",\"price\":true}", decimal);
	assert_refused("{\"id\":\"a\",\"price\":1e400}", decimal);
}

static void another_type_is_like_absent(void **state)
{
	struct thing thing = read_thing("{\"id\":\"a\",\"role\":7,\"added_at\":[],\"is_on\":\"yes\",\"place\":\"x\"}");

	(void)state;
	assert_true(record_is_absent(thing.role) && record_is_absent(thing.at.text) && record_is_absent(thing.city));
	assert_false(thing.is_on || thing.at.is_known);
}

static void a_time_that_is_none_keeps_its_text(void **state)
{
	struct thing thing = read_thing("{\"id\":\"a\",\"added_at\":\"soon\"}");

	(void)state;
	assert_view(thing.at.text, "soon");
	assert_false(thing.at.is_known);
}

static void what_has_to_be_there_is_missed(void **state)
{
	static const char missing[] = "a thing: 'id' is not there, or of another type than it has to be";

	(void)state;
	assert_refused("{}", missing);
	assert_refused("{\"id\":null}", missing);
	assert_refused("{\"id\":7}", missing);
	assert_refused("[]", "a thing is not a JSON object");
	assert_refused("\"id\"", "a thing is not a JSON object");
	assert_refused("", "a thing is not a JSON object");
}

static void a_record_beyond_the_limit_is_refused(void **state)
{
	size_t len = JSON_RECORD_BYTES + 1;
	char *text = malloc(len);
	struct thing thing;
	struct err err = ERR_INIT;

	(void)state;
	assert_non_null(text);
	memset(text, ' ', len);
	assert_int_equal(record_read(&reader, &type, view_from(text, len), &thing, &err), -1);
	assert_int_equal(err.kind, ERR_LIMIT);
	free(text);
}

static void names_and_values_of_the_dialect_are_turned_back(void **state)
{
	struct thing thing = read_thing("{\"id\":\"viewer\",\"role\":\"viewer\",\"created_at\":\"2026-11-24T13:49:09\","
					"\"added_at\":\"2020-01-01T00:00:00Z\"}");

	(void)state;
	assert_view(thing.id, "viewer");
	assert_view(thing.role, "user");
	assert_int_equal(thing.at.unix_s, 1795528149);
	assert_view(read_thing("{\"id\":\"a\",\"role\":\"view\\u0065r\"}").role, "user");
	assert_refused("{\"created_at\":\"x\"}", "a thing: 'id' is not there, or of another type than it has to be");
}

static void a_reader_is_for_what_its_dialect_has(void **state)
{
	struct api_reader other;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(api_reader_init(&other, API_CCA, API_KEY_LIST, &err), -1);
	assert_int_equal(err.kind, ERR_USAGE);
	api_reader_done(&other);
}

static void texts_of_an_array_are_joined(void **state)
{
	DEFER(buf_done) struct buf buf = BUF_INIT(100);
	DEFER(buf_done) struct buf small = BUF_INIT(3);

	(void)state;
	assert_int_equal(record_add_texts(&buf, VIEW("[\"a\", 7, \"\", \"\\u00e9\", null]"), VIEW(", ")), 0);
	assert_string_equal(buf.ptr, "a, , \xC3\xA9");
	buf_clear(&buf);
	assert_int_equal(record_add_texts(&buf, VIEW_NONE, VIEW(",")), 0);
	assert_int_equal(record_add_texts(&buf, VIEW("{\"a\":1}"), VIEW(",")), 0);
	assert_int_equal(buf.len, 0);
	assert_int_equal(record_add_texts(&small, VIEW("[\"ab\",\"cd\"]"), VIEW(",")), -1);
	assert_int_equal(small.len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(members_go_where_the_table_says, start_platform, end),
		cmocka_unit_test_setup_teardown(null_and_absent_are_told_apart, start_platform, end),
		cmocka_unit_test_setup_teardown(what_is_not_known_stays_in_the_bytes, start_platform, end),
		cmocka_unit_test_setup_teardown(escaped_texts_keep_every_byte, start_platform, end),
		cmocka_unit_test_setup_teardown(the_first_of_two_members_of_a_name_counts, start_platform, end),
		cmocka_unit_test_setup_teardown(a_dot_in_a_key_leads_nowhere, start_platform, end),
		cmocka_unit_test_setup_teardown(a_null_hides_no_other_name_s_text, start_platform, end),
		cmocka_unit_test_setup_teardown(large_numbers_are_exact, start_platform, end),
		cmocka_unit_test_setup_teardown(numbers_that_are_none_are_refused, start_platform, end),
		cmocka_unit_test_setup_teardown(another_type_is_like_absent, start_platform, end),
		cmocka_unit_test_setup_teardown(a_time_that_is_none_keeps_its_text, start_platform, end),
		cmocka_unit_test_setup_teardown(what_has_to_be_there_is_missed, start_platform, end),
		cmocka_unit_test_setup_teardown(a_record_beyond_the_limit_is_refused, start_platform, end),
		cmocka_unit_test_setup_teardown(names_and_values_of_the_dialect_are_turned_back, start_cca, end),
		cmocka_unit_test(a_reader_is_for_what_its_dialect_has),
		cmocka_unit_test(texts_of_an_array_are_joined),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
