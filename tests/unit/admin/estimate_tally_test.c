/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/estimate_tally.h"

#include <stdio.h>
#include <string.h>

#include "common/base/bounds.h"
#include "common/base/clock.h"
#include "tests/support/unit.h"

#define DAY_S 86400

static struct prices *prices;

static int set_up(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	prices = prices_builtin(&err);
	return prices ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	prices_free(prices);
	return 0;
}

static struct estimate_query query_of(unsigned parts)
{
	return (struct estimate_query){ .prices = prices, .parts = parts, .from_s = INT64_MIN, .to_s = INT64_MAX };
}

static struct usage_record record_of(const char *model, const char *team, int64_t unix_s)
{
	return (struct usage_record){
		.unix_s = unix_s,
		.texts = { [USAGE_MODEL] = view_of(model), [USAGE_TEAM] = view_of(team) },
		.tokens = { .counts = { [PRICE_INPUT] = 1000, [PRICE_OUTPUT] = 100 } },
	};
}

static void add(struct estimate_tally *tally, const struct usage_record *record)
{
	struct err err = ERR_INIT;

	if (estimate_tally_add(tally, record, &err))
		fail_msg("%s", err.text);
}

static void assert_usd(const struct estimate_sums *sums, const char *usd)
{
	DEFER(buf_done) struct buf text = BUF_INIT(100);

	assert_int_equal(decimal_write(&text, (struct decimal){ sums->units, PRICE_SCALE }), 0);
	assert_string_equal(text.ptr, usd);
}

static void records_of_one_key_are_summed_up(void **state)
{
	const struct estimate_query query = query_of(1u << ESTIMATE_TEAM);
	DEFER(estimate_tally_done) struct estimate_tally tally;
	struct usage_record one = record_of("claude-opus-5", "ml", 0), two = record_of("claude-haiku-4-5", "ml", 0),
			    other = record_of("claude-opus-5", "", 0);

	(void)state;
	estimate_tally_init(&tally, &query);
	add(&tally, &one);
	add(&tally, &two);
	add(&tally, &other);
	assert_int_equal(tally.count, 2);
	assert_view(estimate_tally_name(&tally, (uint32_t)tally.groups[0].key[ESTIMATE_TEAM]), "ml");
	assert_int_equal(tally.groups[0].sums.records, 2);
	assert_usd(&tally.groups[0].sums, "0.009"); /* 1000 * 5 + 100 * 25 + 1000 * 1 + 100 * 5, of 10^6 */
	assert_view(estimate_tally_name(&tally, (uint32_t)tally.groups[1].key[ESTIMATE_TEAM]), "");
	assert_usd(&tally.groups[1].sums, "0.0075");
}

static void what_has_no_price_is_counted_and_in_no_sum(void **state)
{
	const struct estimate_query query = query_of(1u << ESTIMATE_MODEL);
	DEFER(estimate_tally_done) struct estimate_tally tally;
	struct usage_record unknown = record_of("claude-x", "", 0),
			    plain = record_of("claude-3-sonnet-20240229", "", 0);
	struct usage_record cached = plain;

	(void)state;
	cached.tokens.counts[PRICE_CACHE_READ] = 1; /* of a model without a cache */
	estimate_tally_init(&tally, &query);
	add(&tally, &unknown);
	add(&tally, &plain);
	add(&tally, &cached);
	assert_int_equal(tally.count, 2);
	assert_int_equal(tally.groups[0].sums.unpriced, 1);
	assert_usd(&tally.groups[0].sums, "0");
	assert_int_equal(tally.groups[1].sums.unpriced, 1);
	assert_int_equal(tally.groups[1].sums.records, 2);
	assert_int_equal(tally.groups[1].sums.tokens[PRICE_INPUT], 2000);
	assert_usd(&tally.groups[1].sums, "0.0045");
	assert_int_equal(estimate_tally_unpriced(&tally, 1), 1);
	assert_int_equal(estimate_tally_unpriced(&tally, 2), 1);
	assert_int_equal(estimate_tally_unpriced(&tally, 1000), 0);
}

/* In each month its first and its last second, leap years included. */
static void months_have_the_days_of_the_calendar(void **state)
{
	const struct estimate_query query = query_of(1u << ESTIMATE_MONTH);
	DEFER(estimate_tally_done) struct estimate_tally tally;

	(void)state;
	estimate_tally_init(&tally, &query);
	for (int month = 12 * 1999; month < 12 * 2029; month++) {
		int64_t first = clock_days(month / 12, month % 12 + 1, 1) * DAY_S;
		int64_t end = clock_days((month + 1) / 12, (month + 1) % 12 + 1, 1) * DAY_S;
		struct usage_record a = record_of("m", "", first), b = record_of("m", "", end - 1);

		assert_in_range(end - first, 28 * DAY_S, 31 * DAY_S);
		add(&tally, &a);
		add(&tally, &b);
		assert_int_equal(tally.groups[tally.count - 1].key[ESTIMATE_MONTH], month);
		assert_int_equal(tally.groups[tally.count - 1].sums.records, 2);
	}
	assert_int_equal(tally.count, 12 * 30);
}

static void a_time_before_1970_is_of_its_own_day(void **state)
{
	const struct estimate_query query = query_of(1u << ESTIMATE_DAY);
	DEFER(estimate_tally_done) struct estimate_tally tally;
	struct usage_record record = record_of("m", "", -1);

	(void)state;
	estimate_tally_init(&tally, &query);
	add(&tally, &record);
	assert_int_equal(tally.groups[0].key[ESTIMATE_DAY], -1);
}

static void only_the_time_asked_for_counts(void **state)
{
	struct estimate_query query = query_of(0);
	DEFER(estimate_tally_done) struct estimate_tally tally;

	(void)state;
	query.from_s = 10;
	query.to_s = 20;
	estimate_tally_init(&tally, &query);
	for (int64_t s = 0; s < 30; s++) {
		struct usage_record record = record_of("m", "", s);

		add(&tally, &record);
	}
	assert_int_equal(tally.count, 1);
	assert_int_equal(tally.groups[0].sums.records, 10);
}

static void joined_tallies_are_as_one(void **state)
{
	const struct estimate_query query = query_of(1u << ESTIMATE_MODEL | 1u << ESTIMATE_TEAM);
	DEFER(estimate_tally_done) struct estimate_tally one, other;
	struct usage_record a = record_of("claude-opus-5", "a", 0), b = record_of("x", "b", 0);
	struct err err = ERR_INIT;

	(void)state;
	estimate_tally_init(&one, &query);
	estimate_tally_init(&other, &query);
	add(&one, &a);
	add(&other, &b); /* the texts have other numbers there */
	add(&other, &a);
	assert_int_equal(estimate_tally_join(&one, &other, &err), 0);
	assert_int_equal(one.count, 2);
	assert_int_equal(one.groups[0].sums.records, 2);
	assert_usd(&one.groups[0].sums, "0.015");
	assert_view(estimate_tally_name(&one, (uint32_t)one.groups[1].key[ESTIMATE_TEAM]), "b");
	assert_int_equal(estimate_tally_unpriced(&one, (uint32_t)one.groups[1].key[ESTIMATE_MODEL]), 1);
}

static void more_groups_than_fit_are_an_error(void **state)
{
	const struct estimate_query query = query_of(1u << ESTIMATE_DAY);
	DEFER(estimate_tally_done) struct estimate_tally tally;
	struct usage_record record;
	struct err err = ERR_INIT;

	(void)state;
	estimate_tally_init(&tally, &query);
	for (int64_t day = 0; day < USAGE_GROUPS_MAX; day++) {
		record = record_of("m", "", day * DAY_S);
		add(&tally, &record);
	}
	record.unix_s += DAY_S;
	assert_int_equal(estimate_tally_add(&tally, &record, &err), -1);
	assert_int_equal(err.kind, ERR_LIMIT);
	assert_non_null(strstr(err.text, "--group-by"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_of_one_key_are_summed_up),
		cmocka_unit_test(what_has_no_price_is_counted_and_in_no_sum),
		cmocka_unit_test(months_have_the_days_of_the_calendar),
		cmocka_unit_test(a_time_before_1970_is_of_its_own_day),
		cmocka_unit_test(only_the_time_asked_for_counts),
		cmocka_unit_test(joined_tallies_are_as_one),
		cmocka_unit_test(more_groups_than_fit_are_an_error),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
