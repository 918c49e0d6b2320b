/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/report_sums.h"

#include <stdlib.h>

#include "common/base/clock.h"
#include "common/base/text.h"
#include "tests/support/unit.h"

#define DAY_S 86400

struct sample {
	struct spend *spend;
	struct org_key keys[2];
	struct organization org;
};

static int64_t day(int year, int month, int day_of_month)
{
	return clock_days(year, month, day_of_month);
}

/* So many output tokens of a key, and what they cost. */
static void add(struct sample *s, int64_t on, const char *workspace, const char *key, uint64_t count, const char *usd)
{
	const struct spend_key what = { .day = on, .workspace = view_of(workspace), .model = VIEW("m") };
	const uint64_t counts[SPEND_KINDS] = { [SPEND_OUTPUT] = count };
	struct decimal amount;
	struct err err;

	assert_int_equal(decimal_parse(view_of(usd), &amount), 0);
	assert_int_equal(spend_add_usage(s->spend, &what, view_of(key), counts, &err), 0);
	assert_int_equal(spend_add_cost(s->spend, &what, SPEND_OUTPUT, amount, &err), 0);
}

static int set_up(void **state)
{
	struct sample *s = calloc(1, sizeof(*s));
	struct err err;

	s->spend = spend_new(&err);
	s->keys[0] = (struct org_key){ .id = "k1", .name = "ml-prod-search" };
	s->keys[1] = (struct org_key){ .id = "k2", .name = "data-prod-etl" };
	s->org = (struct organization){ .keys = s->keys, .key_count = 2 };
	add(s, day(2026, 1, 31), "w1", "k1", 10, "1.005");
	add(s, day(2026, 2, 1), "w1", "k1", 20, "2");
	add(s, day(2026, 2, 28), "w2", "k2", 30, "40.1");
	add(s, day(2026, 2, 28), "", "gone", 5, "0.5");
	assert_int_equal(spend_settle(s->spend, &err), 0);
	*state = s;
	return 0;
}

static int tear_down(void **state)
{
	struct sample *s = *state;

	spend_free(s->spend);
	free(s);
	return 0;
}

static void make(const struct sample *s, struct sums *sums)
{
	struct err err = ERR_INIT;

	assert_int_equal(sums_make(sums, s->spend, &policy_standard, &s->org, day(2026, 1, 1) * DAY_S,
				   day(2026, 3, 1) * DAY_S, &err),
			 0);
}

static void assert_usd(struct decimal usd, const char *text)
{
	struct decimal wanted;

	assert_int_equal(decimal_parse(view_of(text), &wanted), 0);
	assert_int_equal(decimal_cmp(usd, wanted), 0);
}

static void sums_are_by_calendar_month(void **state)
{
	struct sums sums;

	make(*state, &sums);
	assert_int_equal(sums.months, 2);
	assert_usd(sums.all[0].usd, "1.005");
	assert_usd(sums.all[1].usd, "42.6");
	assert_usd(sums.total.usd, "43.605");
	assert_int_equal(sums.total.output, 65);
	sums_done(&sums);
}

static void a_team_is_what_names_of_keys_say(void **state)
{
	struct sums sums;

	make(*state, &sums);
	assert_usd(sums_find(&sums, SUMS_TEAM, VIEW("ml"))->total.usd, "3.005");
	assert_usd(sums_find(&sums, SUMS_TEAM, VIEW("data"))->total.usd, "40.1");
	assert_usd(sums_find(&sums, SUMS_TEAM, VIEW_NONE)->total.usd, "0.5");
	assert_null(sums_find(&sums, SUMS_TEAM, VIEW("web")));
	sums_done(&sums);
}

static void today_is_the_last_day_of_the_window(void **state)
{
	struct sums sums;

	make(*state, &sums);
	assert_usd(sums.today_total.usd, "40.6");
	assert_usd(sums_find(&sums, SUMS_WORKSPACE, VIEW("w2"))->today.usd, "40.1");
	assert_int_equal(sums_find(&sums, SUMS_KEY, VIEW("k1"))->last_day, day(2026, 2, 1));
	sums_done(&sums);
}

static void the_most_expensive_comes_first(void **state)
{
	struct sums sums;
	uint32_t *order;

	make(*state, &sums);
	order = sums_order(&sums, SUMS_KEY);
	assert_non_null(order);
	assert_view(intern_text(&sums.names[SUMS_KEY], order[0]), "k2");
	assert_view(intern_text(&sums.names[SUMS_KEY], order[1]), "k1");
	assert_view(intern_text(&sums.names[SUMS_KEY], order[2]), "gone");
	free(order);
	sums_done(&sums);
}

static void months_have_their_year(void **state)
{
	DEFER(buf_done) struct buf text = BUF_INIT(100);

	(void)state;
	assert_int_equal(sums_add_month(&text, sums_month(day(2026, 11, 30) * DAY_S)), 0);
	assert_int_equal(sums_add_month(&text, sums_month(day(2024, 2, 29) * DAY_S + DAY_S - 1)), 0);
	assert_string_equal(text.ptr, "2026-112024-02");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(sums_are_by_calendar_month, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_team_is_what_names_of_keys_say, set_up, tear_down),
		cmocka_unit_test_setup_teardown(today_is_the_last_day_of_the_window, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_most_expensive_comes_first, set_up, tear_down),
		cmocka_unit_test(months_have_their_year),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
