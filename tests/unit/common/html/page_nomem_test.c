/* SPDX-License-Identifier: Apache-2.0 */
/* A page with each allocation failing in turn: it says so, and nothing leaks. */
#include "common/html/chart.h"
#include "common/html/page.h"
#include "common/html/table.h"
#include "tests/support/nomem.h"
#include "tests/support/unit.h"

static void write_page(struct html *h)
{
	static const struct html_section sections[] = { { "a", "First" }, { "b", "Second" } };
	static const struct html_column columns[] = { { "Name", HTML_TEXT, false }, { "Cost", HTML_MONEY, false } };
	const struct view labels[] = { VIEW("2026-10"), VIEW("2026-11") }, series[] = { VIEW("ml"), VIEW("d\xff") };
	const struct decimal values[] = { decimal_of(1), decimal_of(20), decimal_of(3), decimal_of(0) };
	const struct html_limit limit = { VIEW("ml: 15 a month"), decimal_of(15) };
	struct html_page page = {
		.title = VIEW("Costs"), .subject = VIEW("Ex\x01"), .sections = sections, .section_count = 2
	};
	struct html_chart chart = { .id = "c",
				    .title = "Cost in USD",
				    .is_money = true,
				    .label_title = "Month",
				    .labels = labels,
				    .label_count = 2,
				    .series = series,
				    .series_count = 2,
				    .values = values,
				    .limits = &limit,
				    .limit_count = 1 };
	struct html_table t = { .id = "t", .caption = "Names", .columns = columns, .count = 2 };

	html_page_open(h, &page);
	html_page_begin(h, &page);
	html_section_begin(h, &sections[0]);
	html_chart(h, &chart);
	html_table_begin(h, &t);
	html_row(h, &t);
	html_cell(h, &t, VIEW("\x02"));
	html_cell_money(h, &t, decimal_of(1));
	html_table_end(h, &t);
	html_factf(h, "rows", "%d", 1);
	html_section_end(h);
	html_page_end(h);
}

static bool write_with_a_failure(void *context, long n)
{
	DEFER(buf_done) struct buf out = BUF_INIT(1u << 20);
	struct html h;
	bool has_failed;

	(void)context;
	html_init(&h, &out);
	nomem_start(n);
	write_page(&h);
	has_failed = nomem_stop();
	assert_int_equal(html_ok(&h), !has_failed);
	return has_failed;
}

static void a_page_that_there_is_no_memory_for_says_so(void **state)
{
	(void)state;
	assert_true(nomem_each(write_with_a_failure, NULL) > 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(a_page_that_there_is_no_memory_for_says_so) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
