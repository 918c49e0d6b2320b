/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/mock/params.h"

#include <stdio.h>
#include <string.h>

#include "tests/mock/when.h"
#include "tests/support/unit.h"

static const struct param params[] = {
	{ "limit", PARAM_COUNT, NULL, 5000, false },
	{ "after_id", PARAM_ID, "user_ uuid", 0, false },
	{ "status[]", PARAM_CHOICE, "active inactive", 0, false },
	{ "at", PARAM_TIME, NULL, 0, true },
	{ "day", PARAM_DATE, NULL, 0, false },
	{ "all", PARAM_BOOL, NULL, 0, false },
	{ .name = NULL },
};

static const struct member members[] = {
	{ "name", MEMBER_STRING, NULL, true },
	{ "role", MEMBER_STRING, "user admin", false },
	{ "count", MEMBER_NUMBER, NULL, false },
	{ "tags", MEMBER_OBJECT, NULL, false },
	{ "regions", MEMBER_ARRAY, "us eu", false },
	{ "on", MEMBER_BOOL, NULL, false },
	{ .name = NULL },
};

/* What is said against a query; "" when nothing is. */
static const char *objection(const char *query)
{
	static char text[512];
	struct buf why = BUF_INIT(sizeof(text) - 1), target = BUF_INIT(4096);
	struct http_request rq;

	assert_int_equal(buf_addf(&target, "/path?%s", query), 0);
	http_request_init(&rq, "GET", target.ptr);
	if (http_decode_query(&rq))
		(void)snprintf(text, sizeof(text), "cannot be decoded");
	else if (params_check(params, &rq, &why))
		memcpy(text, why.ptr, why.len + 1);
	else
		text[0] = '\0';
	http_request_done(&rq);
	buf_done(&why);
	buf_done(&target);
	return text;
}

static const char *body_objection(const char *body)
{
	static char text[512];
	struct buf why = BUF_INIT(sizeof(text) - 1);

	text[0] = '\0';
	if (params_check_body(members, view_of(body), &why))
		memcpy(text, why.ptr, why.len + 1);
	buf_done(&why);
	return text;
}

static void good_queries_pass(void **state)
{
	(void)state;
	assert_string_equal(objection("at=2026-01-01T00:00:00Z"), "");
	assert_string_equal(objection("at=2026-01-01T00%3A00%3A00.5%2B02:00&limit=5000&after_id=user_01&all=true"), "");
	assert_string_equal(objection("at=2026-01-01T00:00:00Z&status[]=active&status%5B%5D=inactive&day=2026-02-28"),
			    "");
	assert_string_equal(objection("at=2026-01-01T00:00:00Z&after_id=00000000-0000-4000-8000-000000000000"), "");
}

static void bad_queries_are_told_in_the_providers_words(void **state)
{
	(void)state;
	assert_string_equal(objection("foo=1"), "Unknown query parameter: 'foo'.");
	assert_string_equal(objection("limit=0"), "The limit parameter must be between 1 and 5000, inclusive. Got 0.");
	assert_string_equal(objection("limit=5001"),
			    "The limit parameter must be between 1 and 5000, inclusive. Got 5001.");
	assert_string_equal(objection(""), "at: Field required");
	assert_string_equal(objection("at=2026-01-01T00:00:00Z&limit=%"), "cannot be decoded");
	assert_string_equal(objection("limit=1&limit=1"), "The limit parameter may be given once only.");
}

static void values_of_the_wrong_kind_are_refused(void **state)
{
	static const char *const queries[] = { "limit=-1",
					       "limit=",
					       "limit=1.5",
					       "after_id=user_",
					       "after_id=key_1",
					       "status[]=on",
					       "at=2026-01-01",
					       "at=2026-01-01T00:00:00",
					       "at=2026-01-01T00:00:00+02:00" /* the + is a space */,
					       "day=2026-02-29",
					       "day=2026-1-1",
					       "all=1",
					       "all" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(queries); i++)
		assert_string_not_equal(objection(queries[i]), "");
}

static void bodies_are_checked_by_their_table(void **state)
{
	static const char *const bad[] = { "",
					   "[]",
					   "{",
					   "{\"role\":\"user\"}",
					   "{\"name\":\"\"}",
					   "{\"name\":1}",
					   "{\"name\":\"a\",\"x\":1}",
					   "{\"name\":\"a\",\"role\":\"chef\"}",
					   "{\"name\":\"a\",\"count\":\"1\"}",
					   "{\"name\":\"a\",\"regions\":[\"mars\"]}",
					   "{\"name\":\"a\",\"tags\":[]}",
					   "{\"name\":\"a\",\"on\":0}",
					   "{\"name\":null}" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_string_not_equal(body_objection(bad[i]), "");
	assert_string_equal(body_objection("{\"name\":\"a\",\"role\":\"user\",\"count\":1,\"tags\":{},\"on\":true,"
					   "\"regions\":[\"us\",\"eu\"]}"),
			    "");
	assert_string_equal(body_objection("{\"name\":\"a\",\"role\":null}"), "");
	assert_string_equal(body_objection("{\"name\":\"a\",\"x\":1}"), "x: Extra inputs are not permitted");
}

static void times_are_read_with_any_zone_and_fraction(void **state)
{
	int64_t us;

	(void)state;
	assert_int_equal(when_parse(VIEW("1970-01-01T00:00:01Z"), &us), 0);
	assert_int_equal(us, WHEN_SECOND);
	assert_int_equal(when_parse(VIEW("1970-01-01T01:00:00.25+01:00"), &us), 0);
	assert_int_equal(us, WHEN_SECOND / 4);
	assert_int_equal(when_parse(VIEW("1969-12-31T23:00:00.000000123-01:00"), &us), 0);
	assert_int_equal(us, 0);
	assert_int_equal(when_parse(VIEW("1970-01-01T00:00:01."), &us), -1);
	assert_int_equal(when_parse(VIEW("1970-01-01T24:00:00Z"), &us), -1);
	assert_int_equal(when_parse(VIEW("1970-01-01 00:00:00Z"), &us), -1);
	assert_int_equal(when_parse(VIEW("1970-01-01T00:00:00Z "), &us), -1);
}

static void times_are_written_in_every_form(void **state)
{
	struct buf text = BUF_INIT(200);

	(void)state;
	when_add(&text, 1'788'000'000 * WHEN_SECOND + 120'000, 2, true);
	assert_view(buf_view(&text), "2026-08-29T10:40:00.12+00:00");
	buf_clear(&text);
	when_add(&text, 1'788'000'000 * WHEN_SECOND, 0, false);
	assert_view(buf_view(&text), "2026-08-29T10:40:00Z");
	buf_clear(&text);
	when_add_http(&text, 784'111'777 * WHEN_SECOND); /* RFC 9110's own example */
	assert_view(buf_view(&text), "Sun, 06 Nov 1994 08:49:37 GMT");
	buf_done(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_queries_pass),
		cmocka_unit_test(bad_queries_are_told_in_the_providers_words),
		cmocka_unit_test(values_of_the_wrong_kind_are_refused),
		cmocka_unit_test(bodies_are_checked_by_their_table),
		cmocka_unit_test(times_are_read_with_any_zone_and_fraction),
		cmocka_unit_test(times_are_written_in_every_form),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
