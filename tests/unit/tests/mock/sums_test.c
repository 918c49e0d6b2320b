/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/mock/sums.h"

#include "tests/mock/options.h"
#include "tests/mock/when.h"
#include "tests/support/unit.h"

#define FROM (1'790'000'000LL / 86400 * WHEN_DAY)
#define TO (FROM + 3 * WHEN_DAY)

static int set_up(void **state)
{
	static struct model model;
	struct settings settings;

	options_init(&settings);
	model_init(&model, &settings, TO);
	*state = &model;
	return 0;
}

static int tear_down(void **state)
{
	model_done(*state);
	return 0;
}

struct total {
	uint64_t tokens[USAGE_TOKENS], web_searches, cost;
};

static struct total total_of(const struct model *m, unsigned by, bool is_cost, int64_t step_us)
{
	struct sums s = { .by = by, .is_cost = is_cost };
	struct total t = { .cost = 0 };

	for (int64_t at = FROM; at < TO; at += step_us)
		sums_make(&s, m, at, at + step_us);
	for (size_t i = 0; i < s.count; i++) {
		for (size_t j = 0; j < USAGE_TOKENS; j++)
			t.tokens[j] += s.rows[i].tokens[j];
		t.web_searches += s.rows[i].web_searches;
		t.cost += s.rows[i].cost;
	}
	sums_done(&s);
	return t;
}

static void usage_is_the_same_however_it_is_grouped(void **state)
{
	struct total whole = total_of(*state, 0, false, WHEN_DAY);

	assert_true(whole.tokens[USAGE_OUTPUT] > 0 && whole.web_searches > 0);
	for (unsigned by = 0; by < 1u << USAGE_DIMENSIONS; by += 5) {
		struct total t = total_of(*state, by, false, WHEN_DAY);

		assert_memory_equal(&t, &whole, sizeof(t));
	}
}

static void usage_is_the_same_however_long_its_buckets_are(void **state)
{
	struct total whole = total_of(*state, 0, false, WHEN_DAY);
	struct total hours = total_of(*state, SUMS_BY(USAGE_MODEL), false, WHEN_HOUR);
	struct total minutes = total_of(*state, 0, false, WHEN_MINUTE);

	assert_memory_equal(&hours, &whole, sizeof(whole));
	assert_memory_equal(&minutes, &whole, sizeof(whole));
}

static void cost_is_the_same_however_it_is_grouped(void **state)
{
	static const unsigned groups[] = { SUMS_BY(USAGE_WORKSPACE), SUMS_BY_LINE | SUMS_BY(USAGE_MODEL), SUMS_BY_USER,
					   SUMS_BY_LINE | SUMS_BY(USAGE_WORKSPACE) | SUMS_BY(USAGE_MODEL) };
	struct total whole = total_of(*state, 0, true, WHEN_DAY);

	assert_true(whole.cost > 0);
	for (size_t i = 0; i < ARRAY_LEN(groups); i++)
		assert_int_equal(total_of(*state, groups[i], true, WHEN_DAY).cost, whole.cost);
}

static void a_batch_costs_half_and_a_priority_request_nothing(void **state)
{
	struct usage_event e = { .model = 0, .tokens = { [USAGE_OUTPUT] = 1'000'000 } };

	(void)state;
	e.dimensions[USAGE_TIER] = "standard";
	assert_int_equal(usage_cost(&e, USAGE_OUTPUT), 2500ull * USAGE_COST_UNIT); /* 25 dollars */
	e.dimensions[USAGE_GEO] = "us";
	assert_int_equal(usage_cost(&e, USAGE_OUTPUT), 2750ull * USAGE_COST_UNIT);
	e.dimensions[USAGE_TIER] = "batch";
	assert_int_equal(usage_cost(&e, USAGE_OUTPUT), 1375ull * USAGE_COST_UNIT);
	e.dimensions[USAGE_TIER] = "priority";
	assert_int_equal(usage_cost(&e, USAGE_OUTPUT), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(usage_is_the_same_however_it_is_grouped),
		cmocka_unit_test(usage_is_the_same_however_long_its_buckets_are),
		cmocka_unit_test(cost_is_the_same_however_it_is_grouped),
		cmocka_unit_test(a_batch_costs_half_and_a_priority_request_nothing),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
