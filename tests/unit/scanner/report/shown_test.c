/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/report/shown.h"

#include "tests/support/unit.h"

static void assert_lacks(const struct summary *s, const char *text)
{
	DEFER(buf_done) struct buf out = BUF_INIT(ERR_TEXT_BYTES);

	assert_int_equal(shown_add_lacks(&out, s), 0);
	assert_string_equal(out.ptr ? out.ptr : "", text);
}

static void what_a_merge_lacks_is_counted(void **state)
{
	const struct summary s = {
		.incomplete = true, .cut_reports = 1, .lost_records = 1'200, .missing_repositories = 2
	};

	(void)state;
	assert_lacks(&s, "1 report was cut off, 1,200 records could not be read, 2 repositories are in no report");
}

static void a_report_that_says_no_reason_is_told(void **state)
{
	const struct summary s = { .incomplete = true };

	(void)state;
	assert_lacks(&s, "a report says so of itself, or the parts were scanned with different settings");
}

static void what_has_a_reason_of_its_own_gets_no_other(void **state)
{
	const struct summary broken = { .incomplete = true, .failed = true };
	const struct summary unread = { .incomplete = true, .unread = { [UNREAD_LIMIT] = 1 } };
	const struct summary whole = { .files = 1 };

	(void)state;
	assert_lacks(&broken, "");
	assert_lacks(&unread, "");
	assert_lacks(&whole, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_merge_lacks_is_counted),
		cmocka_unit_test(a_report_that_says_no_reason_is_told),
		cmocka_unit_test(what_has_a_reason_of_its_own_gets_no_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
