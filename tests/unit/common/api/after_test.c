/* SPDX-License-Identifier: Apache-2.0 */
#include "common/api/after.h"

#include "tests/support/unit.h"

#define NOW 1795528149 /* Tue, 24 Nov 2026 13:49:09 GMT */

static bool asked(const char *retry_after, const char *date, uint64_t *ret_s)
{
	struct after after = { 0 };

	if (retry_after)
		assert_true(after_header(&after, VIEW("Retry-After"), view_of(retry_after), NOW));
	if (date)
		assert_true(after_header(&after, VIEW("DATE"), view_of(date), NOW));
	return after_asked(&after, NOW, ret_s);
}

static void seconds_and_dates_are_read(void **state)
{
	static const struct {
		const char *value, *date;
		uint64_t s;
	} cases[] = {
		{ "0", NULL, 0 },
		{ "120", NULL, 120 },
		{ "  7\t", NULL, 7 },
		{ "120", "Tue, 24 Nov 2026 13:00:00 GMT", 120 },
		{ "2147483648", NULL, 2147483648 },
		{ "2147483649", NULL, 2147483648 },
		{ "99999999999999999999999999", NULL, 2147483648 },
		{ "Tue, 24 Nov 2026 13:49:19 GMT", NULL, 10 },
		{ "Tuesday, 24-Nov-26 13:49:19 GMT", NULL, 10 },
		{ "Tue Nov 24 13:49:19 2026", NULL, 10 },
		{ "Tue, 24 Nov 2026 13:49:09 GMT", NULL, 0 },
		{ "Tue, 24 Nov 2026 13:49:00 GMT", NULL, 0 },
		{ "Fri, 31 Dec 9999 23:59:59 GMT", NULL, 2147483648 },
		{ "Tue, 24 Nov 2026 13:49:19 GMT", "Tue, 24 Nov 2026 13:49:14 GMT", 5 },
		{ "Tue, 24 Nov 1998 13:49:19 GMT", "Tue, 24 Nov 1998 13:49:14 GMT",
		  5 }, /* its clock is wrong, not ours */
		{ "Tue, 24 Nov 2026 13:49:19 GMT", "yesterday", 10 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		uint64_t s = 7777;

		if (!asked(cases[i].value, cases[i].date, &s) || s != cases[i].s)
			fail_msg("'%s' beside '%s': %llu s", cases[i].value, cases[i].date ? cases[i].date : "",
				 (unsigned long long)s);
	}
}

static void what_cannot_be_read_says_nothing(void **state)
{
	static const char *const bad[] = { "",
					   " ",
					   "-1",
					   "+5",
					   "1.5",
					   "5s",
					   "0x10",
					   "soon",
					   "2026-11-24T13:49:19Z",
					   "Tue, 24 Nov 2026 13:49:19",
					   "1 2",
					   "5,6" };
	uint64_t s;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		if (asked(bad[i], NULL, &s))
			fail_msg("'%s' was read", bad[i]);
	assert_false(asked(NULL, NULL, &s));
	assert_false(asked(NULL, "Tue, 24 Nov 2026 13:49:19 GMT", &s));
}

static void other_headers_are_not_taken(void **state)
{
	struct after after = { 0 };

	(void)state;
	assert_false(after_header(&after, VIEW("retry-afte"), VIEW("5"), NOW));
	assert_false(after_header(&after, VIEW(""), VIEW("5"), NOW));
	assert_false(after_header(&after, VIEW("x-retry-after"), VIEW("5"), NOW));
	assert_false(after.has_seconds || after.has_time || after.has_date);
}

static void the_last_header_of_a_name_counts(void **state)
{
	struct after after = { 0 };
	uint64_t s = 7777;

	(void)state;
	assert_true(after_header(&after, VIEW("retry-after"), VIEW("5"), NOW));
	assert_true(after_header(&after, VIEW("retry-after"), VIEW("Tue, 24 Nov 2026 13:49:19 GMT"), NOW));
	assert_true(after_asked(&after, NOW, &s));
	assert_int_equal(s, 10);
	assert_true(after_header(&after, VIEW("retry-after"), VIEW("6"), NOW));
	assert_true(after_asked(&after, NOW, &s));
	assert_int_equal(s, 6);
	assert_true(after_header(&after, VIEW("retry-after"), VIEW("?"), NOW));
	assert_false(after_asked(&after, NOW, &s));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(seconds_and_dates_are_read),
		cmocka_unit_test(what_cannot_be_read_says_nothing),
		cmocka_unit_test(other_headers_are_not_taken),
		cmocka_unit_test(the_last_header_of_a_name_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
