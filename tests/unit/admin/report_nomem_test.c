/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of a page with each allocation failing in turn: it is refused, and nothing leaks. */
#include "tests/support/nomem.h"
#include "tests/support/report_page.h"

static struct report_page page;

static int write_parts(struct html *h, struct err *err)
{
	return report_keys_write(h, &page.r, err) || report_usage_write(h, &page.r, err) ||
			       report_access_write(h, &page.r, err) || !html_ok(h)
		       ? -1
		       : 0;
}

static bool write_with_a_failure(void *context, long n)
{
	DEFER(buf_done) struct buf out = BUF_INIT(PAGE_BYTES);
	struct err err = ERR_INIT;
	bool has_failed;
	struct html h;
	int status;

	(void)context;
	html_init(&h, &out);
	nomem_start(n);
	status = write_parts(&h, &err);
	has_failed = nomem_stop();
	assert_int_equal(status, has_failed ? -1 : 0);
	return has_failed;
}

static void a_page_without_memory_is_refused(void **state)
{
	static const struct policy_budget budgets[] = {
		{ .scope = POLICY_TEAM,
		  .name = "teama",
		  .limit_usd = { .units = 5 },
		  .alert_at = { 80 },
		  .alert_count = 1 },
		{ .scope = POLICY_KEY, .name = "k01", .period = POLICY_MONTHLY, .limit_usd = { .units = 5 } },
		{ .scope = POLICY_ORGANIZATION, .name = "", .period = POLICY_MONTHLY, .limit_usd = { .units = 5 } },
	};

	(void)state;
	page_init(&page);
	page.org.key_count = 2;
	page.policy.budgets = budgets;
	page.policy.budget_count = ARRAY_LEN(budgets);
	page_spend(&page, 10, 10, "w1", "k00", 5);
	page_spend(&page, 11, 5, "w2", "k01", 7);
	page_sum(&page, page_day(10, 5), page_day(11, 11));
	assert_true(nomem_each(write_with_a_failure, NULL) > 100);
	page_done(&page);
}

static bool sum_with_a_failure(void *context, long n)
{
	struct err err = ERR_INIT;
	struct sums sums = { .months = 0 };
	bool has_failed;
	int status;

	(void)context;
	nomem_start(n);
	status = sums_make(&sums, page.spend, &page.policy, &page.org, page.r.from_s, page.r.to_s, &err);
	has_failed = nomem_stop();
	assert_int_equal(status, has_failed ? -1 : 0);
	assert_int_equal(err.kind, has_failed ? ERR_NOMEM : ERR_NONE);
	sums_done(&sums);
	return has_failed;
}

static void sums_without_memory_are_an_error(void **state)
{
	(void)state;
	page_init(&page);
	page_spend(&page, 10, 10, "w1", "k00", 5);
	page_spend(&page, 11, 5, "w2", "k01", 7);
	page_sum(&page, page_day(10, 1), page_day(11, 11));
	assert_true(nomem_each(sum_with_a_failure, NULL) > 10);
	page_done(&page);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_page_without_memory_is_refused),
		cmocka_unit_test(sums_without_memory_are_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
