/* SPDX-License-Identifier: Apache-2.0 */
#include "common/html/chart.h"

#include "common/base/text.h"
#include "common/html/chart_axis.h"
#include "tests/support/unit.h"

#define OUT_BYTES (1u << 20)

static void an_axis_ends_above_what_it_shows_in_round_steps(void **state)
{
	static const int64_t cases[][3] = {
		{ 0, 1, 1 }, { 1, 1, 1 }, { 399, 100, 400 }, { 401, 200, 600 }, { 99'999, 50'000, 100'000 }
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct axis axis = axis_for(cases[i][0]);

		assert_int_equal(axis.step, cases[i][1]);
		assert_int_equal(axis.top, cases[i][2]);
	}
}

static void ticks_are_short(void **state)
{
	static const struct {
		int64_t value;
		const char *text;
	} cases[] = { { 0, "0" },
		      { 5, "0.05" },
		      { 2'000, "20" },
		      { 150'000, "1.5k" },
		      { 2'000'000'000, "20M" },
		      { 120'000'000'000, "1.2B" } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		DEFER(buf_done) struct buf out = BUF_INIT(100);
		struct html h;

		html_init(&h, &out);
		axis_add_tick(&h, cases[i].value);
		assert_string_equal(out.ptr, cases[i].text);
	}
}

static void absurd_amounts_are_drawn_within_the_chart(void **state)
{
	struct decimal huge = { .units = (decimal_units)1 << 120, .scale = 0 };

	(void)state;
	assert_true(axis_value(huge) > 0);
	assert_int_equal(axis_value((struct decimal){ .units = -5 }), 0);
	assert_int_equal(axis_value((struct decimal){ .units = 129, .scale = 1 }), 1290);
	assert_true(axis_sum(axis_value(huge), axis_value(huge)) > 0);
}

static void a_chart_has_its_numbers_beside_it(void **state)
{
	DEFER(buf_done) struct buf out = BUF_INIT(OUT_BYTES);
	const struct view labels[] = { VIEW("2026-10"), VIEW("2026-11") }, series[] = { VIEW("<ml>"), VIEW("web") };
	const struct decimal values[] = {
		decimal_of(1500), decimal_of(20), { .units = -5, .scale = 1 }, decimal_of(7)
	};
	const struct html_limit limit = { VIEW("ml: 1,000.00 a month"), decimal_of(1000) };
	const struct html_chart chart = { .id = "c",
					  .title = "Cost",
					  .is_money = true,
					  .label_title = "Month",
					  .labels = labels,
					  .label_count = 2,
					  .series = series,
					  .series_count = 2,
					  .values = values,
					  .limits = &limit,
					  .limit_count = 1 };
	struct html h;

	(void)state;
	html_init(&h, &out);
	html_chart(&h, &chart);
	assert_true(html_ok(&h));
	assert_true(text_find(buf_view(&out), VIEW("<title>2026-10 · &lt;ml&gt;: 1,500.00</title>")) != SIZE_MAX);
	assert_true(text_find(buf_view(&out), VIEW("<line class=\"limit\"")) != SIZE_MAX);
	assert_true(text_find(buf_view(&out),
			      VIEW("<th scope=row class=date>2026-10<td class=money data-v=1500>1,500.00"
				   "<td class=money data-v=-0.5>-0.50<td class=money data-v=1499.5>1,499.50\n")) !=
		    SIZE_MAX);
}

static void names_of_limits_that_lie_together_are_told_once(void **state)
{
	DEFER(buf_done) struct buf out = BUF_INIT(OUT_BYTES);
	const struct view labels[] = { VIEW("2026-10") }, series[] = { VIEW("a") };
	const struct decimal values[] = { decimal_of(1500) };
	const struct html_limit limits[] = { { VIEW("a: 1000"), decimal_of(1000) },
					     { VIEW("b: 100"), decimal_of(100) },
					     { VIEW("c: 1001"), decimal_of(1001) },
					     { VIEW("d: 999"), decimal_of(999) } };
	const struct html_chart chart = { .id = "c",
					  .title = "Cost",
					  .label_title = "Month",
					  .labels = labels,
					  .label_count = 1,
					  .series = series,
					  .series_count = 1,
					  .values = values,
					  .limits = limits,
					  .limit_count = ARRAY_LEN(limits) };
	struct html h;

	(void)state;
	html_init(&h, &out);
	html_chart(&h, &chart);
	assert_true(html_ok(&h));
	assert_true(text_find(buf_view(&out), VIEW(">a: 1000, and 2 more about here</text>")) != SIZE_MAX);
	assert_true(text_find(buf_view(&out), VIEW(">b: 100</text>")) != SIZE_MAX);
	assert_true(text_find(buf_view(&out), VIEW(">c: 1001</text>")) == SIZE_MAX);
	assert_true(text_find(buf_view(&out), VIEW("<title>c: 1001</title></line>")) != SIZE_MAX);
	assert_true(text_find(buf_view(&out), VIEW("<title>d: 999</title></line>")) != SIZE_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_axis_ends_above_what_it_shows_in_round_steps),
		cmocka_unit_test(ticks_are_short),
		cmocka_unit_test(absurd_amounts_are_drawn_within_the_chart),
		cmocka_unit_test(a_chart_has_its_numbers_beside_it),
		cmocka_unit_test(names_of_limits_that_lie_together_are_told_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
