/* SPDX-License-Identifier: Apache-2.0 */
#include "common/base/decimal.h"

#include "tests/support/unit.h"

#define BIGGEST "170141183460469231731687303715884105727"
#define SMALLEST "-170141183460469231731687303715884105728"

static struct decimal number(const char *text)
{
	struct decimal d = { 0 };

	assert_int_equal(decimal_parse(view_of(text), &d), 0);
	return d;
}

static void assert_written(struct decimal d, const char *text)
{
	DEFER(buf_done) struct buf buf = BUF_INIT(200);

	assert_int_equal(decimal_write(&buf, d), 0);
	assert_string_equal(buf.ptr, text);
}

static void what_is_read_is_written(void **state)
{
	static const char *const pairs[][2] = {
		{ "0", "0" },
		{ "-0", "0" },
		{ "0.000", "0" },
		{ "123.78912", "123.78912" },
		{ "-123.78912", "-123.78912" },
		{ "0.05", "0.05" },
		{ "100", "100" },
		{ "1.50", "1.5" },
		{ "10.00", "10" },
		{ "1e2", "100" },
		{ "1.25E+1", "12.5" },
		{ "1e-05", "0.00001" },
		{ "-1200e-4", "-0.12" },
		{ "0e999", "0" },
		{ "9007199254740993", "9007199254740993" },
		{ "18446744073709551616", "18446744073709551616" },
		{ BIGGEST, BIGGEST },
		{ SMALLEST, SMALLEST },
		{ "0.000000000000000000000000000000000001", "0.000000000000000000000000000000000001" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(pairs); i++)
		assert_written(number(pairs[i][0]), pairs[i][1]);
}

static void what_is_no_number_or_has_no_room_is_refused(void **state)
{
	static const char *const texts[] = {
		"",
		"-",
		"+1",
		".5",
		"1.",
		"1.e2",
		"01",
		"1 ",
		" 1",
		"1,5",
		"0x10",
		"1e",
		"1e+",
		"1e1.5",
		"1e1000",
		"1e-37",
		"NaN",
		"1..2",
		"170141183460469231731687303715884105728",
		"1e39",
		"0.0000000000000000000000000000000000001",
	};
	struct decimal d = { .units = 7 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		if (decimal_parse(view_of(texts[i]), &d) == 0)
			fail_msg("'%s' was taken for a number", texts[i]);
	assert_true(d.units == 7);
}

static void sums_are_exact(void **state)
{
	struct decimal sum = { 0 };

	(void)state;
	for (int i = 0; i < 10; i++)
		assert_int_equal(decimal_add(sum, number("0.1"), &sum), 0);
	assert_written(sum, "1");
	assert_int_equal(decimal_add(number("123.78912"), number("-0.00012"), &sum), 0);
	assert_written(sum, "123.789");
	assert_int_equal(decimal_sub(number("1"), number("0.999999"), &sum), 0);
	assert_written(sum, "0.000001");
	assert_int_equal(decimal_sub(number("1"), number("3"), &sum), 0);
	assert_written(sum, "-2");
}

static void products_are_exact(void **state)
{
	struct decimal d;

	(void)state;
	assert_int_equal(decimal_mul(decimal_of(1500), number("0.0000125"), &d), 0);
	assert_written(d, "0.01875");
	assert_int_equal(decimal_mul(number("-2.5"), number("4"), &d), 0);
	assert_written(d, "-10");
}

static void the_point_moves(void **state)
{
	struct decimal d;

	(void)state;
	assert_int_equal(decimal_shift(number("123.78912"), -2, &d), 0);
	assert_written(d, "1.2378912");
	assert_int_equal(decimal_shift(number("12.34"), 2, &d), 0);
	assert_written(d, "1234");
	assert_int_equal(decimal_shift(number("100"), -2, &d), 0);
	assert_written(d, "1");
	assert_int_equal(decimal_shift(number("0"), 900, &d), 0);
	assert_written(d, "0");
}

static void what_has_no_room_is_an_error_and_changes_nothing(void **state)
{
	struct decimal d = number("7");

	(void)state;
	assert_int_equal(decimal_add(number(BIGGEST), number("1"), &d), -1);
	assert_int_equal(decimal_add(number(BIGGEST), number("0.1"), &d), -1);
	assert_int_equal(decimal_sub(number(SMALLEST), number("1"), &d), -1);
	assert_int_equal(decimal_mul(number(BIGGEST), number("2"), &d), -1);
	assert_int_equal(decimal_mul(number("1e-20"), number("1e-20"), &d), -1);
	assert_int_equal(decimal_shift(number(BIGGEST), 1, &d), -1);
	assert_int_equal(decimal_shift(number("1"), -37, &d), -1);
	assert_written(d, "7");
}

static void numbers_have_an_order(void **state)
{
	static const char *const ascending[] = {
		SMALLEST, "-1e20", "-1", "-0.5", "0", "1e-36", "0.5", "0.51", "1", "1.5", "1e20", BIGGEST,
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(ascending); i++)
		for (size_t j = 0; j < ARRAY_LEN(ascending); j++) {
			int order = decimal_cmp(number(ascending[i]), number(ascending[j]));

			assert_int_equal((order > 0) - (order < 0), (i > j) - (i < j));
		}
	assert_int_equal(decimal_cmp(number("1.50"), number("15e-1")), 0);
}

static void a_whole_number_is_told(void **state)
{
	uint64_t n = 7;

	(void)state;
	assert_int_equal(decimal_u64(number("1.5"), &n), -1);
	assert_int_equal(decimal_u64(number("-1"), &n), -1);
	assert_int_equal(decimal_u64(number("18446744073709551616"), &n), -1);
	assert_int_equal(n, 7);
	assert_int_equal(decimal_u64(number("18446744073709551615"), &n), 0);
	assert_true(n == UINT64_MAX);
	assert_int_equal(decimal_u64(number("1500.0"), &n), 0);
	assert_int_equal(n, 1500);
}

static void a_fixed_count_of_digits_is_rounded_half_away_from_zero(void **state)
{
	static const struct {
		const char *text;
		unsigned places;
		const char *written;
	} cases[] = {
		{ "12.345", 2, "12.35" },  { "-12.345", 2, "-12.35" },   { "12.344999", 2, "12.34" },
		{ "0.995", 2, "1.00" },    { "0.004", 2, "0.00" },       { "-0.004", 2, "0.00" },
		{ "7", 2, "7.00" },        { "7.5", 2, "7.50" },         { "7.5", 0, "8" },
		{ "7", 0, "7" },           { "0", 2, "0.00" },           { "100", 1, "100.0" },
		{ "0.00049", 3, "0.000" }, { BIGGEST, 1, BIGGEST ".0" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		DEFER(buf_done) struct buf buf = BUF_INIT(200);

		assert_int_equal(decimal_write_fixed(&buf, number(cases[i].text), cases[i].places), 0);
		assert_string_equal(buf.ptr, cases[i].written);
	}
}

static void a_full_buffer_stays_as_it_was(void **state)
{
	DEFER(buf_done) struct buf buf = BUF_INIT(3);

	(void)state;
	assert_int_equal(decimal_write(&buf, number("12.5")), -1);
	assert_int_equal(decimal_write_fixed(&buf, number("12"), 2), -1);
	assert_int_equal(decimal_write_fixed(&buf, number("1.5"), 3), -1);
	assert_int_equal(decimal_write_fixed(&buf, number("123"), 1), -1);
	assert_int_equal(decimal_write_money(&buf, number("123")), -1);
	assert_int_equal(buf.len, 0);
}

static void money_is_grouped_by_thousands(void **state)
{
	static const struct {
		const char *text, *money;
	} cases[] = {
		{ "0", "0.00" },
		{ "0.005", "0.01" },
		{ "-0.004", "0.00" },
		{ "12.345", "12.35" },
		{ "999.99", "999.99" },
		{ "999.995", "1,000.00" },
		{ "-1234.5", "-1,234.50" },
		{ "-123", "-123.00" },
		{ "1234567.1", "1,234,567.10" },
		{ "1e6", "1,000,000.00" },
		{ "-123456.789", "-123,456.79" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		DEFER(buf_done) struct buf buf = BUF_INIT(100);

		assert_int_equal(decimal_write_money(&buf, number(cases[i].text)), 0);
		assert_string_equal(buf.ptr, cases[i].money);
	}
}

static void counts_are_grouped_without_a_fraction(void **state)
{
	static const char *const cases[][2] = { { "0", "0" },
						{ "999", "999" },
						{ "-1000", "-1,000" },
						{ "123456", "123,456" },
						{ "18446744073709551616", "18,446,744,073,709,551,616" } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		DEFER(buf_done) struct buf buf = BUF_INIT(100);

		assert_int_equal(decimal_write_count(&buf, number(cases[i][0])), 0);
		assert_string_equal(buf.ptr, cases[i][1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_read_is_written),
		cmocka_unit_test(what_is_no_number_or_has_no_room_is_refused),
		cmocka_unit_test(sums_are_exact),
		cmocka_unit_test(products_are_exact),
		cmocka_unit_test(the_point_moves),
		cmocka_unit_test(what_has_no_room_is_an_error_and_changes_nothing),
		cmocka_unit_test(numbers_have_an_order),
		cmocka_unit_test(a_whole_number_is_told),
		cmocka_unit_test(a_fixed_count_of_digits_is_rounded_half_away_from_zero),
		cmocka_unit_test(money_is_grouped_by_thousands),
		cmocka_unit_test(counts_are_grouped_without_a_fraction),
		cmocka_unit_test(a_full_buffer_stays_as_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
