/* SPDX-License-Identifier: Apache-2.0 */
#include "common/policy/budget.h"

#include "common/base/clock.h"
#include "tests/support/unit.h"

#define BIGGEST "170141183460469231731687303715884105727"
#define SMALLEST "-170141183460469231731687303715884105728"

static struct decimal number(const char *text)
{
	struct decimal d = { 0 };

	assert_int_equal(decimal_parse(view_of(text), &d), 0);
	return d;
}

static void assert_number(struct decimal d, const char *text)
{
	DEFER(buf_done) struct buf buf = BUF_INIT(200);

	assert_int_equal(decimal_write(&buf, d), 0);
	assert_string_equal(buf.ptr, text);
}

static int64_t at(const char *text)
{
	int64_t ret = 0;

	assert_int_equal(clock_parse_rfc3339(view_of(text), &ret), 0);
	return ret;
}

static void assert_period(enum policy_period period, const char *now, const char *from, const char *to)
{
	int64_t from_s, to_s;

	budget_period(period, at(now), &from_s, &to_s);
	assert_int_equal(from_s, at(from));
	assert_int_equal(to_s, at(to));
}

static void a_month_is_the_calendar_s(void **state)
{
	(void)state;
	assert_period(POLICY_MONTHLY, "2026-02-28T23:59:59Z", "2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z");
	assert_period(POLICY_MONTHLY, "2024-02-29T12:00:00Z", "2024-02-01T00:00:00Z", "2024-03-01T00:00:00Z");
	assert_period(POLICY_MONTHLY, "2000-02-29T12:00:00Z", "2000-02-01T00:00:00Z", "2000-03-01T00:00:00Z");
	assert_period(POLICY_MONTHLY, "2100-02-28T12:00:00Z", "2100-02-01T00:00:00Z", "2100-03-01T00:00:00Z");
	assert_period(POLICY_MONTHLY, "2026-04-30T23:59:59Z", "2026-04-01T00:00:00Z", "2026-05-01T00:00:00Z");
	assert_period(POLICY_MONTHLY, "2026-12-31T23:59:59Z", "2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z");
	assert_period(POLICY_MONTHLY, "2027-01-01T00:00:00Z", "2027-01-01T00:00:00Z", "2027-02-01T00:00:00Z");
	assert_period(POLICY_MONTHLY, "1969-12-31T23:59:59Z", "1969-12-01T00:00:00Z", "1970-01-01T00:00:00Z");
}

static void a_day_begins_at_midnight_in_utc(void **state)
{
	(void)state;
	assert_period(POLICY_DAILY, "2024-02-29T00:00:00Z", "2024-02-29T00:00:00Z", "2024-03-01T00:00:00Z");
	assert_period(POLICY_DAILY, "2026-12-31T23:59:59Z", "2026-12-31T00:00:00Z", "2027-01-01T00:00:00Z");
	assert_period(POLICY_DAILY, "1969-12-31T00:00:01Z", "1969-12-31T00:00:00Z", "1970-01-01T00:00:00Z");
}

static void each_month_of_400_years_joins_the_next(void **state)
{
	int64_t now = at("1900-01-01T00:00:00Z"), end = at("2300-01-01T00:00:00Z"), from_s, to_s;
	unsigned months = 0;

	(void)state;
	for (; now < end; now = to_s, months++) {
		budget_period(POLICY_MONTHLY, now, &from_s, &to_s);
		assert_int_equal(from_s, now);
		assert_true(to_s - from_s >= INT64_C(28) * 86400 && to_s - from_s <= INT64_C(31) * 86400);
		budget_period(POLICY_MONTHLY, to_s - 1, &from_s, &to_s);
		assert_int_equal(from_s, now);
	}
	assert_int_equal(months, 4800);
	assert_int_equal(now, end);
}

static struct policy_budget limit_of(const char *limit)
{
	return (struct policy_budget){ .limit_usd = number(limit), .alert_at = { 50, 80, 95 }, .alert_count = 3 };
}

static void assert_reached(const char *limit, const char *used, unsigned wanted)
{
	struct policy_budget budget = limit_of(limit);

	assert_int_equal(budget_reached(&budget, number(used)), wanted);
}

static void a_threshold_is_reached_exactly(void **state)
{
	(void)state;
	assert_reached("0.10", "0.08", 3);
	assert_reached("0.10", "0.0799999999999999999999", 1);
	assert_reached("0.10", "0.05", 1);
	assert_reached("0.10", "0.095", 7);
	assert_reached("20000", "15999.99", 1);
	assert_reached("20000", "16000", 3);
	assert_reached("20000", "1e9", 7);
	assert_reached("0.30", "0.285", 7);
}

static void credits_and_nothing_reach_no_threshold(void **state)
{
	(void)state;
	assert_reached("100", "0", 0);
	assert_reached("100", "-80", 0);
	assert_reached("100", SMALLEST, 0);
}

static void numbers_without_room_are_still_compared(void **state)
{
	(void)state;
	assert_reached("100", BIGGEST, 7);
	assert_reached(BIGGEST, "1", 0);
	assert_reached("0.000000000000000000000000000000000001", "1", 7);
}

static void assert_ratio(const char *limit, const char *used, uint64_t wanted)
{
	struct policy_budget budget = limit_of("1");

	budget.limit_usd = number(limit);
	assert_int_equal(budget_ratio(&budget, number(used)), wanted);
}

static void the_ratio_is_rounded_down(void **state)
{
	(void)state;
	assert_ratio("0.10", "0.08", 8000);
	assert_ratio("3", "1", 3333);
	assert_ratio("3", "2", 6666);
	assert_ratio("3", "2.99999999", 9999);
	assert_ratio("3", "3", 10000);
	assert_ratio("1", "123.45678", 1234567);
	assert_ratio("100", "0", 0);
	assert_ratio("100", "-5", 0);
	assert_ratio("0", "1", UINT64_MAX);
	assert_ratio("0.000000000000000000000000000000000001", BIGGEST, UINT64_MAX);
	assert_ratio(BIGGEST, "1", 0);
}

static struct decimal project(const char *used, const char *now)
{
	return budget_projection(number(used), at("2024-02-01T00:00:00Z"), at(now), at("2024-03-01T00:00:00Z"));
}

static void half_of_a_month_costs_twice(void **state)
{
	(void)state;
	assert_number(project("10", "2024-02-15T12:00:00Z"), "20"); /* of 29 days */
	assert_number(project("-10", "2024-02-15T12:00:00Z"), "-20");
	assert_number(project("29", "2024-02-02T00:00:00Z"), "841");
	assert_number(project("0", "2024-02-15T12:00:00Z"), "0");
}

static void the_first_second_is_projected_and_the_moment_before_is_not(void **state)
{
	(void)state;
	assert_number(project("0.01", "2024-02-01T00:00:01Z"), "25056");
	assert_number(project("0.01", "2024-02-01T00:00:00Z"), "0.01");
	assert_number(project("0.01", "2024-01-31T23:59:59Z"), "0.01");
}

static void the_last_second_adds_next_to_nothing(void **state)
{
	(void)state;
	assert_number(project("2505599", "2024-02-29T23:59:59Z"), "2505600");
	assert_number(project("12.3456789", "2024-03-01T00:00:00Z"), "12.3456789");
	assert_number(project("12.3456789", "2024-04-01T00:00:00Z"), "12.3456789");
}

static void a_projection_is_rounded_half_away_from_zero(void **state)
{
	(void)state;
	assert_number(budget_projection(number("1"), 0, 3, 7), "2.333333");
	assert_number(budget_projection(number("2"), 0, 3, 4), "2.666667");
	assert_number(budget_projection(number("0.000001"), 0, 2, 3), "0.000002"); /* 1.5 */
	assert_number(budget_projection(number("-0.000001"), 0, 2, 3), "-0.000002");
	assert_number(budget_projection(number("0.0000014999999"), 0, 1, 2), "0.000003");
	assert_number(budget_projection(number("0.0000012499999999"), 0, 1, 2), "0.000002");
	assert_number(budget_projection(number("0.00000125"), 0, 1, 2), "0.000003");
	assert_number(budget_projection(number("0.00000124999999999999999999999999"), 0, 3, 6), "0.000002");
}

static void a_projection_without_room_is_the_largest_number(void **state)
{
	const struct decimal largest = budget_projection(number(BIGGEST), 0, 1, 2);

	(void)state;
	assert_true(decimal_cmp(largest, number("1e31")) > 0);
	assert_int_equal(largest.scale, 6);
	assert_true(decimal_cmp(budget_projection(number("-" BIGGEST), 0, 1, 2), number("-1e31")) < 0);
	assert_number(budget_projection(number(SMALLEST), 0, 1, 2), SMALLEST);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_month_is_the_calendar_s),
		cmocka_unit_test(a_day_begins_at_midnight_in_utc),
		cmocka_unit_test(each_month_of_400_years_joins_the_next),
		cmocka_unit_test(a_threshold_is_reached_exactly),
		cmocka_unit_test(credits_and_nothing_reach_no_threshold),
		cmocka_unit_test(numbers_without_room_are_still_compared),
		cmocka_unit_test(the_ratio_is_rounded_down),
		cmocka_unit_test(half_of_a_month_costs_twice),
		cmocka_unit_test(the_first_second_is_projected_and_the_moment_before_is_not),
		cmocka_unit_test(the_last_second_adds_next_to_nothing),
		cmocka_unit_test(a_projection_is_rounded_half_away_from_zero),
		cmocka_unit_test(a_projection_without_room_is_the_largest_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
