/* SPDX-License-Identifier: Apache-2.0 */
#include "common/base/clock.h"

#include "tests/support/unit.h"

static void the_monotonic_clock_does_not_go_back(void **state)
{
	uint64_t first = clock_mono_ns();

	(void)state;
	assert_true(first > 0);
	assert_true(clock_mono_ns() >= first);
}

static void the_wall_clock_is_in_this_century(void **state)
{
	int year, month, day;

	(void)state;
	clock_date(clock_unix_s() / 86400, &year, &month, &day);
	assert_in_range(year, 2020, 2100);
	assert_in_range(clock_unix_s() - clock_unix_ns() / 1'000'000'000, 0, 1);
}

static void days_count_from_1970(void **state)
{
	(void)state;
	assert_int_equal(clock_days(1970, 1, 1), 0);
	assert_int_equal(clock_days(1969, 12, 31), -1);
	assert_int_equal(clock_days(2000, 2, 29), 11016);
	assert_int_equal(clock_days(2026, 11, 24), 20781);
	assert_int_equal(clock_days(1, 1, 1), -719162);
	assert_int_equal(clock_days(9999, 12, 31), 2932896);
}

/* Counted day by day with the calendar's own rule, so that neither formula is checked by the other alone. */
static void times_are_rounded_down_before_1970_too(void **state)
{
	(void)state;
	assert_int_equal(clock_day(0), 0);
	assert_int_equal(clock_day(86399), 0);
	assert_int_equal(clock_day(86400), 1);
	assert_int_equal(clock_day(-1), -1);
	assert_int_equal(clock_day(-86400), -1);
	assert_int_equal(clock_day(-86401), -2);
	assert_int_equal(clock_floor(3599, 3600), 0);
	assert_int_equal(clock_floor(3600, 3600), 3600);
	assert_int_equal(clock_floor(-1, 3600), -3600);
	assert_int_equal(clock_floor(-3600, 3600), -3600);
}

static void every_day_of_ten_thousand_years_is_right(void **state)
{
	static const int lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	int64_t days = -719162;

	(void)state;
	for (int y = 1; y <= 9999; y++) {
		bool is_leap = y % 4 == 0 && (y % 100 != 0 || y % 400 == 0);

		for (int m = 1; m <= 12; m++) {
			int length = lengths[m - 1] + (m == 2 && is_leap);

			for (int d = 1; d <= length; d++, days++) {
				int year, month, day;

				clock_date(days, &year, &month, &day);
				if (clock_days(y, m, d) != days || year != y || month != m || day != d)
					fail_msg("%04d-%02d-%02d", y, m, d);
			}
		}
	}
	assert_int_equal(days, 2932897);
}

static void a_date_is_read(void **state)
{
	int64_t days = 0;

	(void)state;
	assert_int_equal(clock_parse_date(VIEW("2027-01-31"), &days), 0);
	assert_int_equal(days, clock_days(2027, 1, 31));
	assert_int_equal(clock_parse_date(VIEW("2024-02-29"), &days), 0);
	assert_int_equal(days, clock_days(2024, 2, 29));
	assert_int_equal(clock_parse_date(VIEW("0001-01-01"), &days), 0);
	assert_int_equal(days, -719162);
}

static void what_is_no_date_is_refused(void **state)
{
	static const char *const bad[] = { "",           "2026-11-2",  "2026-11-244", "2026-13-01",
					   "2026-00-01", "2026-01-00", "2026-02-29",  "2100-02-29",
					   "2026-04-31", "2026/11/24", "0000-01-01",  "20261124",
					   "+026-01-01", "2026-1 -01", " 026-01-01",  "2026-01-01T",
					   "yyyy-mm-dd" };
	int64_t days = 7;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(clock_parse_date(view_of(bad[i]), &days), -1);
	assert_int_equal(days, 7);
}

static void rfc3339_is_utc(void **state)
{
	static const struct {
		int64_t unix_s;
		const char *text;
	} cases[] = { { 0, "1970-01-01T00:00:00Z" },          { -1, "1969-12-31T23:59:59Z" },
		      { 1795528149, "2026-11-24T13:49:09Z" }, { 951782399, "2000-02-28T23:59:59Z" },
		      { 951782400, "2000-02-29T00:00:00Z" },  { 4102444800, "2100-01-01T00:00:00Z" } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		DEFER(buf_done) struct buf b = BUF_INIT(100);

		assert_int_equal(clock_add_rfc3339(&b, cases[i].unix_s), 0);
		assert_string_equal(b.ptr, cases[i].text);
	}
}

static void rfc3339_is_told_by_a_persons_own_clock(void **state)
{
	static const struct {
		int64_t unix_s;
		int offset_mins;
		const char *text;
	} cases[] = { { 0, 0, "1970-01-01T00:00:00+00:00" },
		      { 0, -1, "1969-12-31T23:59:00-00:01" },
		      { 1795528149, 120, "2026-11-24T15:49:09+02:00" },
		      { 1795528149, -480, "2026-11-24T05:49:09-08:00" },
		      { 951782399, 330, "2000-02-29T05:29:59+05:30" },
		      { 4102444799, 14 * 60, "2100-01-01T13:59:59+14:00" } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		DEFER(buf_done) struct buf b = BUF_INIT(100);

		assert_int_equal(clock_add_rfc3339_at(&b, cases[i].unix_s, cases[i].offset_mins), 0);
		assert_string_equal(b.ptr, cases[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_monotonic_clock_does_not_go_back),
		cmocka_unit_test(the_wall_clock_is_in_this_century),
		cmocka_unit_test(days_count_from_1970),
		cmocka_unit_test(times_are_rounded_down_before_1970_too),
		cmocka_unit_test(every_day_of_ten_thousand_years_is_right),
		cmocka_unit_test(a_date_is_read),
		cmocka_unit_test(what_is_no_date_is_refused),
		cmocka_unit_test(rfc3339_is_utc),
		cmocka_unit_test(rfc3339_is_told_by_a_persons_own_clock),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
