/* SPDX-License-Identifier: Apache-2.0 */
#include "common/base/text.h"
#include "tests/support/report_page.h"

/* The page's part about usage of [from, to). */
static void write_out(int from_month, int from_day, int to_month, int to_day, struct buf *out)
{
	struct err err = ERR_INIT;
	struct report_page p;
	struct html h;

	page_init(&p);
	page_spend(&p, 8, 10, "w1", "k00", 3);
	page_spend(&p, 9, 10, "w1", "k00", 300);
	page_spend(&p, 10, 10, "w1", "k00", 400);
	page_spend(&p, 10, 10, "w1", "k01", 5);
	page_spend(&p, 11, 5, "w1", "k00", 1);
	page_sum(&p, page_day(from_month, from_day), page_day(to_month, to_day));
	html_init(&h, out);
	assert_int_equal(report_usage_write(&h, &p.r, &err), 0);
	assert_true(html_ok(&h));
	page_done(&p);
}

static void assert_has(const struct buf *out, const char *text, bool has)
{
	assert_int_equal(text_find(buf_view(out), view_of(text)) != SIZE_MAX, has);
}

static void growth_is_of_the_last_whole_month_over_the_one_before(void **state)
{
	DEFER(buf_done) struct buf out = BUF_INIT(PAGE_BYTES);

	(void)state;
	write_out(8, 1, 11, 11, &out);
	assert_has(&out, "2026-10 over 2026-09</th>", true);
	assert_has(&out, "teama<td class=money data-v=704>704.00<td class=number>+33.33 %<td", true);
	assert_has(&out, "teamb<td class=money data-v=5>5.00<td class=number><td", true); /* nothing before */
	assert_has(&out, "in 2026-11, of which a part is told", true);
	assert_has(&out, "<dt>in 2026-10</dt>", true);
}

static void a_last_month_that_is_over_counts(void **state)
{
	DEFER(buf_done) struct buf out = BUF_INIT(PAGE_BYTES);

	(void)state;
	write_out(8, 1, 10, 1, &out);
	assert_has(&out, "2026-09 over 2026-08</th>", true);
	assert_has(&out, "<td class=number>+9900.00 %<td", true);
}

static void a_part_of_a_month_is_compared_with_none(void **state)
{
	DEFER(buf_done) struct buf out = BUF_INIT(PAGE_BYTES);

	(void)state;
	write_out(9, 2, 11, 11, &out);
	assert_has(&out, "over 2026", false);
	assert_has(&out, "Month over month</th>", true);
	assert_has(&out, "<dt>in 2026-10</dt>", true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(growth_is_of_the_last_whole_month_over_the_one_before),
		cmocka_unit_test(a_last_month_that_is_over_counts),
		cmocka_unit_test(a_part_of_a_month_is_compared_with_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
