/* SPDX-License-Identifier: Apache-2.0 */
#include "common/base/clock.h"
#include "tests/support/unit.h"

#define NOW 1795528149 /* 2026-11-24T13:49:09Z */

struct reading {
	const char *text;
	int64_t unix_s;
};

static void a_time_of_rfc3339_is_read(void **state)
{
	static const struct reading cases[] = {
		{ "1970-01-01T00:00:00Z", 0 },
		{ "1969-12-31T23:59:59Z", -1 },
		{ "2026-11-24T13:49:09Z", NOW },
		{ "2026-11-24t13:49:09z", NOW },
		{ "2026-11-24T13:49:09.123456789Z", NOW },
		{ "2026-11-24T13:49:09.5+00:00", NOW },
		{ "2026-11-24T15:49:09+02:00", NOW },
		{ "2026-11-24T05:19:09-08:30", NOW },
		{ "2016-12-31T23:59:60Z", 1483228800 },
		{ "0001-01-01T00:00:00Z", -62135596800 },
		{ "9999-12-31T23:59:59Z", 253402300799 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		int64_t unix_s = 7;

		if (clock_parse_rfc3339(view_of(cases[i].text), &unix_s) || unix_s != cases[i].unix_s)
			fail_msg("%s is %lld", cases[i].text, (long long)unix_s);
	}
}

static void what_is_no_time_of_rfc3339_is_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"2026-11-24",
		"2026-11-24T13:49:09",
		"2026-11-24 13:49:09Z",
		"2026-11-24T13:49Z",
		"2026-11-24T24:00:00Z",
		"2026-11-24T13:60:00Z",
		"2026-11-24T13:49:61Z",
		"2026-02-29T13:49:09Z",
		"2026-11-24T13:49:09.Z",
		"2026-11-24T13:49:09.5",
		"2026-11-24T13:49:09,5Z",
		"2026-11-24T13:49:09+0100",
		"2026-11-24T13:49:09+24:00",
		"2026-11-24T13:49:09+01:60",
		"2026-11-24T13:49:09ZZ",
		" 2026-11-24T13:49:09Z",
		"2026-11-24T13:49:09Z ",
		"2026-11-24T1\xC2\xB3:49:09Z",
	};
	int64_t unix_s = 7;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		if (!clock_parse_rfc3339(view_of(bad[i]), &unix_s))
			fail_msg("'%s' was read", bad[i]);
	assert_int_equal(unix_s, 7);
}

static void all_three_forms_of_an_http_date_are_read(void **state)
{
	static const struct reading cases[] = {
		{ "Sun, 06 Nov 1994 08:49:37 GMT", 784111777 },
		{ "Sunday, 06-Nov-94 08:49:37 GMT", 784111777 },
		{ "Sun Nov  6 08:49:37 1994", 784111777 },
		{ "Tue, 24 Nov 2026 13:49:09 GMT", NOW },
		{ "Tuesday, 24-Nov-26 13:49:09 GMT", NOW },
		{ "Tue Nov 24 13:49:09 2026", NOW },
		{ "Thu, 01 Jan 1970 00:00:00 GMT", 0 },
		{ "Sat, 31 Dec 2016 23:59:60 GMT", 1483228800 },
		{ "Thu Feb 29 00:00:00 2024", 1709164800 },
		{ "Mon, 24 Nov 2026 13:49:09 GMT", NOW }, /* it was a Tuesday */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		int64_t unix_s = 7;

		if (clock_parse_http_date(view_of(cases[i].text), NOW, &unix_s) || unix_s != cases[i].unix_s)
			fail_msg("%s is %lld", cases[i].text, (long long)unix_s);
	}
}

static void two_digits_of_a_year_mean_the_last_that_is_not_far_in_the_future(void **state)
{
	static const struct {
		int64_t now_s;
		const char *digits;
		int year;
	} cases[] = {
		{ NOW, "26", 2026 },        { NOW, "76", 2076 },        { NOW, "77", 1977 },
		{ NOW, "00", 2000 },        { NOW, "99", 1999 },        { 3155760000, "69", 2069 }, /* now: 2070 */
		{ 3155760000, "20", 2120 }, { 3155760000, "21", 2021 }, { 0, "70", 1970 },
		{ 0, "20", 2020 },          { 0, "21", 1921 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		DEFER(buf_done) struct buf b = BUF_INIT(64);
		int64_t unix_s = 7;

		assert_int_equal(buf_addf(&b, "Monday, 01-Mar-%s 00:00:00 GMT", cases[i].digits), 0);
		assert_int_equal(clock_parse_http_date(buf_view(&b), cases[i].now_s, &unix_s), 0);
		if (unix_s != clock_days(cases[i].year, 3, 1) * 86400)
			fail_msg("%s at %lld is %lld", b.ptr, (long long)cases[i].now_s, (long long)unix_s);
	}
}

static void what_is_no_http_date_is_refused(void **state)
{
	static const char *const bad[] = {
		"",
		",",
		"Sun,",
		"Sun, ",
		"Sun",
		"Sun ",
		"Sun, 06 Nov 1994 08:49:37",
		"Sun, 06 Nov 1994 08:49:37 UTC",
		"Sun, 06 Nov 1994 08:49:37 +0000",
		"Sun, 6 Nov 1994 08:49:37 GMT",
		"sun, 06 Nov 1994 08:49:37 GMT",
		"Sun, 06 nov 1994 08:49:37 GMT",
		"Sonntag, 06 Nov 1994 08:49:37 GMT",
		"Sun, 31 Nov 1994 08:49:37 GMT",
		"Sun, 00 Nov 1994 08:49:37 GMT",
		"Sun, 06 Nov 0000 08:49:37 GMT",
		"Sun, 06 Nov 1994 24:49:37 GMT",
		"Sun, 06 Nov 1994  8:49:37 GMT",
		"Sun,  06 Nov 1994 08:49:37 GMT",
		"Sunday, 06-Nov-1994 08:49:37 GMT",
		"Sun, 06-Nov-94 08:49:37 GMT",
		"Sunday, 29-Feb-26 08:49:37 GMT",
		"Sun Nov 06 08:49:37 94",
		"Sun Nov   6 08:49:37 1994",
		"Sun Nov  0 08:49:37 1994",
		"Sun Feb 30 08:49:37 1994",
		"Sun Nov  6 08:49:37 1994 GMT",
		"1994-11-06T08:49:37Z",
		"784111777",
	};
	int64_t unix_s = 7;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		if (!clock_parse_http_date(view_of(bad[i]), NOW, &unix_s))
			fail_msg("'%s' was read", bad[i]);
	assert_int_equal(unix_s, 7);
}

/* Each second of some days, written and read: what the writer's calendar says and the reader's have to agree. */
static void what_is_written_is_read_back(void **state)
{
	(void)state;
	for (int64_t s = -90000; s < 5000000000; s += 86399 * 7 + 11) {
		DEFER(buf_done) struct buf b = BUF_INIT(64);
		int64_t unix_s = 7;

		assert_int_equal(clock_add_rfc3339_at(&b, s, (int)(s % 1439)), 0);
		assert_int_equal(clock_parse_rfc3339(buf_view(&b), &unix_s), 0);
		assert_int_equal(unix_s, s);
	}
}

static void a_time_of_the_api_is_read(void **state)
{
	static const struct {
		const char *text;
		int64_t unix_s;
		uint32_t ns;
	} cases[] = {
		{ "1970-01-01T00:00:00Z", 0, 0 },
		{ "2026-11-24T13:49:09Z", 1795528149, 0 },
		{ "2026-11-24T13:49:09+00:00", 1795528149, 0 },
		{ "2026-11-24T13:49:09", 1795528149, 0 },
		{ "2026-11-24 13:49:09z", 1795528149, 0 },
		{ "2026-11-24t15:49:09+02:00", 1795528149, 0 },
		{ "2026-11-24T08:19:09-05:30", 1795528149, 0 },
		{ "2026-11-24T13:49:09.5Z", 1795528149, 500000000 },
		{ "2026-11-24T13:49:09.123456", 1795528149, 123456000 },
		{ "2026-11-24T13:49:09.000000001+00:00", 1795528149, 1 },
		{ "2016-12-31T23:59:60Z", 1483228800, 0 },
		{ "0001-01-01T00:00:00Z", -62135596800, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		int64_t unix_s = -1;
		uint32_t ns = 1;

		assert_int_equal(clock_parse_time(view_of(cases[i].text), &unix_s, &ns), 0);
		assert_int_equal(unix_s, cases[i].unix_s);
		assert_int_equal(ns, cases[i].ns);
		assert_int_equal(clock_parse_time(view_of(cases[i].text), &unix_s, NULL), 0);
	}
}

static void what_is_no_time_of_the_api_is_refused(void **state)
{
	static const char *const texts[] = {
		"",
		"2026-11-24",
		"2026-11-24T13:49",
		"2026-11-24T13:49:0",
		"2026-11-24x13:49:09Z",
		"2026-02-30T13:49:09Z",
		"2026-11-24T24:00:00Z",
		"2026-11-24T13:60:00Z",
		"2026-11-24T13:49:61Z",
		"2026-11-24T13.49.09Z",
		"2026-11-24T13:49:09.Z",
		"2026-11-24T13:49:09.",
		"2026-11-24T13:49:09.1234567890Z",
		"2026-11-24T13:49:09ZZ",
		"2026-11-24T13:49:09+2:00",
		"2026-11-24T13:49:09+0200",
		"2026-11-24T13:49:09+24:00",
		"2026-11-24T13:49:09+02:60",
		" 2026-11-24T13:49:09Z",
		"-026-11-24T13:49:09Z",
	};
	int64_t unix_s = 7;
	uint32_t ns = 7;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		if (clock_parse_time(view_of(texts[i]), &unix_s, &ns) == 0)
			fail_msg("'%s' was taken for a time", texts[i]);
	assert_int_equal(unix_s, 7);
	assert_int_equal(ns, 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_time_of_rfc3339_is_read),
		cmocka_unit_test(what_is_no_time_of_rfc3339_is_refused),
		cmocka_unit_test(all_three_forms_of_an_http_date_are_read),
		cmocka_unit_test(two_digits_of_a_year_mean_the_last_that_is_not_far_in_the_future),
		cmocka_unit_test(what_is_no_http_date_is_refused),
		cmocka_unit_test(what_is_written_is_read_back),
		cmocka_unit_test(a_time_of_the_api_is_read),
		cmocka_unit_test(what_is_no_time_of_the_api_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
