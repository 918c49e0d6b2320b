/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/tally.h"

#include <stdlib.h>

#include "admin/period.h"
#include "tests/support/unit.h"

static struct decimal number(const char *text)
{
	struct decimal d = { 0 };

	assert_int_equal(decimal_parse(view_of(text), &d), 0);
	return d;
}

static void assert_percent(const char *part, const char *whole, const char *wanted)
{
	DEFER(buf_done) struct buf text = BUF_INIT(200);
	struct decimal percent;

	if (!wanted) {
		assert_false(tally_percent(number(part), number(whole), &percent));
		return;
	}
	assert_true(tally_percent(number(part), number(whole), &percent));
	assert_int_equal(decimal_write_fixed(&text, percent, 2), 0);
	assert_string_equal(text.ptr, wanted);
}

static void a_per_cent_is_rounded_half_away_from_zero(void **state)
{
	(void)state;
	assert_percent("1", "3", "33.33");
	assert_percent("2", "3", "66.67");
	assert_percent("-2", "3", "-66.67");
	assert_percent("2", "-3", "-66.67");
	assert_percent("-2", "-3", "66.67");
	assert_percent("1", "20000", "0.01");
	assert_percent("0.99", "20000", "0.00");
	assert_percent("0.08", "0.1", "80.00");
	assert_percent("0", "5", "0.00");
	assert_percent("5", "0", NULL);
}

static void a_per_cent_of_numbers_with_many_digits_is_known(void **state)
{
	(void)state;
	assert_percent("170141183460469231731687303715884105727", "170141183460469231731687303715884105727", "100.00");
	assert_percent("85070591730234615865843651857942052863", "170141183460469231731687303715884105727", "50.00");
	assert_percent("0.000000000000000000000000000000000001", "170141183460469231731687303715884105727", "0.00");
	assert_percent("12345678901234567890.123456789012345678", "24691357802469135780.246913578024691356", "50.00");
}

static void add(struct tally *tally, const char *month, const char *team, const char *amount)
{
	struct facts facts = { .values = { [FACET_MONTH] = view_of(month), [FACET_TEAM] = view_of(team) } };

	assert_int_equal(tally_add(tally, &facts, number(amount), NULL, NULL), 0);
}

static void rows_come_by_time_then_by_amount(void **state)
{
	static const char *const wanted[] = { "2026-09 b 9", "2026-09 a 5", "2026-10 a 8", "2026-10  1",
					      "2026-10 c 1" };
	const struct texts group_by = { .items = { "team,month" }, .count = 1 };
	const struct tally_row **rows = NULL;
	struct facets facets;
	struct tally tally;

	(void)state;
	assert_int_equal(facets_read(&group_by, "team", ~0u, "cost", &facets, NULL), 0);
	tally_init(&tally, &facets);
	add(&tally, "2026-10", "a", "3");
	add(&tally, "2026-10", "c", "1");
	add(&tally, "2026-10", NULL, "1");
	add(&tally, "2026-09", "a", "5");
	add(&tally, "2026-10", "a", "5");
	add(&tally, "2026-09", "b", "9");
	assert_int_equal(tally_sorted(&tally, &rows, NULL), 0);
	assert_int_equal(tally.count, ARRAY_LEN(wanted));
	for (size_t i = 0; i < tally.count; i++) {
		DEFER(buf_done) struct buf text = BUF_INIT(200);
		struct view team = tally_text(&tally, rows[i], 1);

		assert_int_equal(
			buf_addf(&text, "%.7s %.*s ", tally_text(&tally, rows[i], 0).ptr, (int)team.len, team.ptr), 0);
		assert_int_equal(decimal_write(&text, rows[i]->amount), 0);
		assert_string_equal(text.ptr, wanted[i]);
	}
	assert_int_equal(decimal_cmp(tally.total.amount, number("24")), 0);
	assert_ptr_equal(tally_neighbour(&tally, rows[2], 0, VIEW("2026-09")), rows[1]);
	assert_null(tally_neighbour(&tally, rows[4], 0, VIEW("2026-09")));
	assert_null(tally_neighbour(&tally, rows[4], 0, VIEW("2025-09")));
	free((void *)rows);
	tally_done(&tally);
}

static void months_are_counted_over_years(void **state)
{
	(void)state;
	assert_int_equal(period_month(1709208000, 0), 1706745600);   /* 2024-02-29: 2024-02-01 */
	assert_int_equal(period_month(1709208000, 1), 1709251200);   /* 2024-03-01 */
	assert_int_equal(period_month(1709208000, -12), 1675209600); /* 2023-02-01 */
	assert_int_equal(period_month(1709208000, 11), 1735689600);  /* 2025-01-01 */
	assert_int_equal(period_day(-1), -86400);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_per_cent_is_rounded_half_away_from_zero),
		cmocka_unit_test(a_per_cent_of_numbers_with_many_digits_is_known),
		cmocka_unit_test(rows_come_by_time_then_by_amount),
		cmocka_unit_test(months_are_counted_over_years),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
