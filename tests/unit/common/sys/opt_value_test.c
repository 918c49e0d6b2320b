/* SPDX-License-Identifier: Apache-2.0 */
#include "common/sys/opt_value.h"

#include <string.h>

#include "tests/support/unit.h"

static void a_number_is_within_its_bounds(void **state)
{
	static const char *const others[] = { "", "2", "101", "-5", "+5", "5x", " 5", "0x5", "99999999999999999999" };
	uint64_t n = 0;

	(void)state;
	assert_int_equal(opt_number("jobs", "3", 3, 100, &n, NULL), 0);
	assert_int_equal(n, 3);
	assert_int_equal(opt_number("jobs", "100", 3, 100, &n, NULL), 0);
	assert_int_equal(n, 100);
	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		struct err err = ERR_INIT;

		assert_int_equal(opt_number("jobs", others[i], 3, 100, &n, &err), -1);
		assert_int_equal(err.kind, ERR_USAGE);
		assert_non_null(strstr(err.text, "--jobs takes a whole number from 3 to 100, not '"));
	}
	{
		struct err err = ERR_INIT;

		assert_int_equal(opt_number("limit", "0", 1, UINT64_MAX - 1, &n, &err), -1);
		assert_string_equal(err.text, "--limit takes a whole number from 1 on, not '0'");
	}
}

static void assert_time(const char *text, int64_t expected_s, uint32_t expected_ns)
{
	int64_t s = -1;
	uint32_t ns = 1;

	assert_int_equal(opt_time("from", text, &s, &ns, NULL), 0);
	assert_true(s == expected_s);
	assert_int_equal(ns, expected_ns);
}

static void a_time_is_one_with_its_zone_or_a_date(void **state)
{
	static const char *const others[] = { "",
					      "yesterday",
					      "2026-02-30",
					      "2026-11-24T13:49:09",
					      "2026-11-24 13:49:09Z",
					      "2026-11-24T13:49Z",
					      "1795528149" };

	(void)state;
	assert_time("1970-01-02", 86400, 0);
	assert_time("1970-01-01T01:00:10+00:30", 1810, 0);
	assert_time("1970-01-01T00:00:01.25Z", 1, 250'000'000);
	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		struct err err = ERR_INIT;
		uint32_t ns;
		int64_t s;

		assert_int_equal(opt_time("from", others[i], &s, &ns, &err), -1);
		assert_int_equal(err.kind, ERR_USAGE);
		assert_non_null(strstr(err.text, "--from takes a time such as"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_number_is_within_its_bounds),
		cmocka_unit_test(a_time_is_one_with_its_zone_or_a_date),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
