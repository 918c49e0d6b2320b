/* SPDX-License-Identifier: Apache-2.0 */
#include "common/policy/prices.h"

#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "tests/support/unit.h"

#define KINDS "input: 4, cache_write_5m: 5, cache_write_1h: 8, cache_read: 0.2, output: 20"
#define ONE_PRICE(price) "version: 1\nmodels:\n  - id: m\n    prices:\n      - {" price "}\n"

static void assert_refused(const char *text, const char *place, const char *word)
{
	struct err err = ERR_INIT;

	assert_null(prices_parse(view_of(text), "p.yaml", &err));
	assert_int_equal(err.kind, ERR_CONFIG);
	if (!strstr(err.text, place) || !strstr(err.text, word))
		fail_msg("no '%s' and '%s' in '%s'", place, word, err.text);
}

static struct prices *parse(const char *text)
{
	struct err err = ERR_INIT;
	struct prices *prices = prices_parse(view_of(text), "p.yaml", &err);

	if (!prices)
		fail_msg("%s", err.text);
	return prices;
}

static struct prices *builtin(void)
{
	struct err err = ERR_INIT;
	struct prices *prices = prices_builtin(&err);

	if (!prices)
		fail_msg("%s", err.text);
	return prices;
}

static struct price_terms terms_of(const char *model, int year, int month, int day)
{
	return (struct price_terms){ .model = view_of(model), .day = clock_days(year, month, day) };
}

static struct price_rate rate_of(const struct prices *prices, struct price_terms terms)
{
	struct price_rate rate;

	assert_true(prices_find(prices, &terms, &rate));
	return rate;
}

/* Units are USD * 10^12 a token, so $1 for a million tokens is 10^6 of them. */
static void assert_rate(const struct price_rate *rate, uint64_t input, uint64_t write_5m, uint64_t write_1h,
			uint64_t read, uint64_t output)
{
	assert_int_equal(rate->units[PRICE_INPUT], input);
	assert_int_equal(rate->units[PRICE_CACHE_WRITE_5M], write_5m);
	assert_int_equal(rate->units[PRICE_CACHE_WRITE_1H], write_1h);
	assert_int_equal(rate->units[PRICE_CACHE_READ], read);
	assert_int_equal(rate->units[PRICE_OUTPUT], output);
}

static void the_list_that_is_built_in_has_the_published_prices(void **state)
{
	DEFER(prices_freep) struct prices *prices = builtin();
	struct price_rate rate = rate_of(prices, terms_of("claude-opus-5-5", 2026, 11, 1));

	(void)state;
	assert_rate(&rate, 4000000, 5000000, 8000000, 200000, 20000000);
	rate = rate_of(prices, terms_of("claude-fable-5-1", 2026, 11, 1));
	assert_rate(&rate, 10000000, 12500000, 20000000, 250000, 50000000);
	rate = rate_of(prices, terms_of("claude-3-haiku-20240307", 2026, 1, 1));
	assert_rate(&rate, 250000, 300000, 500000, 30000, 1250000);
}

static void a_price_is_that_of_its_day(void **state)
{
	DEFER(prices_freep) struct prices *prices = builtin();
	struct price_rate before = rate_of(prices, terms_of("claude-sonnet-5-5", 2026, 10, 6));
	struct price_rate after = rate_of(prices, terms_of("claude-sonnet-5-5", 2026, 10, 7));

	(void)state;
	assert_rate(&before, 2000000, 2500000, 4000000, 200000, 10000000);
	assert_rate(&after, 2000000, 2500000, 4000000, 100000, 10000000);
}

static void a_long_prompt_makes_the_whole_request_dearer(void **state)
{
	DEFER(prices_freep) struct prices *prices = builtin();
	struct price_terms terms = terms_of("claude-haiku-5-5", 2026, 11, 1);
	struct price_rate rate;

	(void)state;
	terms.prompt = 100000;
	rate = rate_of(prices, terms);
	assert_rate(&rate, 100000, 125000, 200000, 10000, 500000);
	terms.prompt = 100001;
	rate = rate_of(prices, terms);
	assert_rate(&rate, 500000, 625000, 1000000, 50000, 2500000);
}

static void batches_and_regions_are_factors_of_all_kinds(void **state)
{
	DEFER(prices_freep) struct prices *prices = builtin();
	struct price_terms terms = terms_of("claude-haiku-5-5", 2026, 11, 1);
	struct price_rate rate;

	(void)state;
	terms.is_batch = true;
	rate = rate_of(prices, terms);
	assert_rate(&rate, 50000, 62500, 100000, 5000, 250000);
	terms.is_us = true;
	rate = rate_of(prices, terms);
	assert_rate(&rate, 55000, 68750, 110000, 5500, 275000);
	terms = terms_of("claude-haiku-4-5", 2026, 11, 1); /* from 4.6 on only */
	terms.is_us = true;
	rate = rate_of(prices, terms);
	assert_rate(&rate, 1000000, 1250000, 2000000, 100000, 5000000);
}

static void fast_mode_has_prices_of_its_own_where_there_is_one(void **state)
{
	DEFER(prices_freep) struct prices *prices = builtin();
	struct price_terms terms = terms_of("claude-opus-4-8", 2026, 11, 1);
	struct price_rate rate;

	(void)state;
	terms.is_fast = true;
	rate = rate_of(prices, terms);
	assert_rate(&rate, 10000000, 12500000, 20000000, 1000000, 50000000);
	terms.is_us = true;
	rate = rate_of(prices, terms);
	assert_int_equal(rate.units[PRICE_OUTPUT], 55000000);
	terms.is_batch = true;
	assert_false(prices_find(prices, &terms, &rate));
	terms = terms_of("claude-opus-4-7", 2026, 11, 1);
	terms.is_fast = true;
	assert_false(prices_find(prices, &terms, &rate));
}

static void an_alias_costs_what_its_model_does(void **state)
{
	DEFER(prices_freep) struct prices *prices = builtin();
	struct price_rate id = rate_of(prices, terms_of("claude-opus-4-5-20251101", 2026, 1, 1));
	struct price_rate alias = rate_of(prices, terms_of("claude-opus-4-5", 2026, 1, 1));

	(void)state;
	assert_memory_equal(&id, &alias, sizeof(id));
}

static void nothing_is_guessed_of_a_model_that_is_not_in_the_list(void **state)
{
	static const char *const names[] = { "claude-opus-9", "claude-opus-5-", "claude-opus", "Claude-opus-5", "" };
	DEFER(prices_freep) struct prices *prices = builtin();
	struct price_rate rate;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct price_terms terms = terms_of(names[i], 2026, 11, 1);

		assert_false(prices_find(prices, &terms, &rate));
	}
}

static void outside_of_its_days_a_model_has_no_price(void **state)
{
	DEFER(prices_freep)
	struct prices *prices = parse("version: 1\nmodels:\n  - id: m\n    prices:\n"
				      "      - {from: 2026-01-10, until: 2026-01-20, " KINDS "}\n"
				      "      - {from: 2026-02-01, " KINDS "}\n");
	static const struct {
		int month, day;
		bool has_price;
	} days[] = { { 1, 9, false },  { 1, 10, true }, { 1, 19, true }, { 1, 20, false },
		     { 1, 31, false }, { 2, 1, true },  { 12, 31, true } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(days); i++) {
		struct price_terms terms = terms_of("m", 2026, days[i].month, days[i].day);
		struct price_rate rate;

		assert_int_equal(prices_find(prices, &terms, &rate), days[i].has_price);
	}
}

static void a_model_without_a_cache_has_no_price_for_its_tokens(void **state)
{
	DEFER(prices_freep) struct prices *prices = builtin();
	struct price_terms terms = terms_of("claude-3-sonnet-20240229", 2025, 1, 1);
	struct price_tokens plain = { .counts = { [PRICE_INPUT] = 1000000, [PRICE_OUTPUT] = 1000000 } }, cached = plain;
	struct price_rate rate;
	DEFER(buf_done) struct buf text = BUF_INIT(100);

	(void)state;
	for (unsigned batch = 0; batch < 2; batch++) {
		terms.is_batch = batch;
		rate = rate_of(prices, terms);
		assert_true(price_covers(&rate, &plain));
		for (unsigned kind = PRICE_CACHE_WRITE_5M; kind <= PRICE_CACHE_READ; kind++) {
			cached.counts[kind] = 1;
			assert_false(price_covers(&rate, &cached));
			cached.counts[kind] = 0;
		}
	}
	assert_int_equal(decimal_write(&text, price_of(&rate, &plain)), 0); /* half of 3 + 15 */
	assert_string_equal(text.ptr, "9");
	rate = rate_of(prices, terms_of("claude-3-5-sonnet-20240620", 2025, 1, 1));
	assert_rate(&rate, 3000000, 3750000, 6000000, 300000, 15000000);
}

static void a_price_may_begin_on_a_leap_day(void **state)
{
	DEFER(prices_freep)
	struct prices *prices = parse(ONE_PRICE("from: 2028-02-29, until: 2028-03-01, " KINDS));
	struct price_terms terms = terms_of("m", 2028, 2, 29);
	struct price_rate rate;

	(void)state;
	(void)rate_of(prices, terms);
	terms.day--;
	assert_false(prices_find(prices, &terms, &rate));
	terms.day += 2;
	assert_false(prices_find(prices, &terms, &rate));
}

static void sums_are_exact(void **state)
{
	static const struct price_tokens tokens = { { 3, 1, 1, UINT64_MAX, 7 } };
	struct price_rate rate = { { 1, 10, 100, 1000000, 5500 } };
	DEFER(buf_done) struct buf text = BUF_INIT(100);

	(void)state;
	assert_int_equal(decimal_write(&text, price_of(&rate, &tokens)), 0);
	assert_string_equal(text.ptr, "18446744073709.551615038613"); /* 2^64-1 * 10^-6 + 38613 * 10^-12 */
}

static void factors_of_a_price_win_over_those_of_the_model_and_of_the_list(void **state)
{
	DEFER(prices_freep)
	struct prices *prices = parse("version: 1\ncurrency: USD\nfactors: {batch: 0.5, us: 2}\nmodels:\n"
				      "  - id: m\n    factors: {batch: 0.25}\n    prices:\n"
				      "      - {until: 2026-02-01, " KINDS "}\n"
				      "      - {from: 2026-02-01, factors: {batch: 0.1}, " KINDS "}\n");
	struct price_terms terms = terms_of("m", 2026, 1, 31);

	(void)state;
	terms.is_batch = terms.is_us = true;
	assert_int_equal(rate_of(prices, terms).units[PRICE_OUTPUT], 10000000);
	terms.day++;
	assert_int_equal(rate_of(prices, terms).units[PRICE_OUTPUT], 4000000);
}

static void bad_prices_are_refused_where_they_stand(void **state)
{
	(void)state;
	assert_refused(ONE_PRICE("input: -1, cache_write_5m: 5, cache_write_1h: 8, cache_read: 0.2, output: 20"),
		       "p.yaml:5:17:", "from 0 to 10000");
	assert_refused(ONE_PRICE("input: 10001, cache_write_5m: 5, cache_write_1h: 8, cache_read: 0.2, output: 20"),
		       "p.yaml:5:17:", "from 0 to 10000");
	assert_refused(ONE_PRICE("input: free, cache_write_5m: 5, cache_write_1h: 8, cache_read: 0.2, output: 20"),
		       "p.yaml:5:17:", "a price");
	assert_refused(ONE_PRICE("input: 4, cache_write_5m: 5, cache_write_1h: 8, output: 20"),
		       "p.yaml:5:9:", "'cache_read'");
	assert_refused(ONE_PRICE("input: 4, cache_read: 5, output: 20"), "p.yaml:5:9:", "'cache_write_5m'");
	assert_refused(ONE_PRICE("input: 4"), "p.yaml:5:9:", "'output'");
	assert_refused(ONE_PRICE("input: $4, output: 20"), "p.yaml:5:17:", "a price");
	assert_refused(ONE_PRICE("input: 0.0000001, cache_write_5m: 5, cache_write_1h: 8, cache_read: 0, output: 20"),
		       "p.yaml:5:17:", "too many digits");
	assert_refused(ONE_PRICE(KINDS ", outputs: 3"), "p.yaml:5:", "output");
	assert_refused(ONE_PRICE(KINDS ", fast: {input: 3}"), "p.yaml:5:", "'output'");
	assert_refused(ONE_PRICE(KINDS ", factors: {batch: 0}"), "p.yaml:5:", "above 0");
	assert_refused(ONE_PRICE(KINDS ", factors: {us: 11}"), "p.yaml:5:", "at most 10");
	assert_refused(ONE_PRICE(KINDS ", factors: {batch: 0.0000001}"), "p.yaml:5:", "too many digits");
}

static void prices_that_overlap_are_refused(void **state)
{
	(void)state;
	assert_refused("version: 1\nmodels:\n  - id: m\n    prices:\n      - {from: 2026-02-01, " KINDS "}\n"
		       "      - {from: 2026-02-01, " KINDS "}\n",
		       "p.yaml:6:16:", "overlap");
	assert_refused("version: 1\nmodels:\n  - id: m\n    prices:\n      - {until: 2026-03-01, " KINDS "}\n"
		       "      - {from: 2026-02-28, " KINDS "}\n",
		       "p.yaml:6:16:", "overlap");
	assert_refused("version: 1\nmodels:\n  - id: m\n    prices:\n      - {" KINDS "}\n      - {" KINDS "}\n",
		       "p.yaml:6:9:", "'from'");
	assert_refused(ONE_PRICE("from: 2026-02-01, until: 2026-02-01, " KINDS), "p.yaml:5:35:", "after 'from'");
	assert_refused(ONE_PRICE("from: 2026-02-29, " KINDS), "p.yaml:5:16:", "date");
	assert_refused(ONE_PRICE("from: 2100-02-29, " KINDS), "p.yaml:5:16:", "date");
	assert_refused(ONE_PRICE("from: 2026-04-31, " KINDS), "p.yaml:5:16:", "date");
}

static void tiers_out_of_order_are_refused(void **state)
{
#define TIERS(first, second, third)                                                                                    \
	"version: 1\nmodels:\n  - id: m\n    prices:\n      - tiers:\n          - {" first KINDS                       \
	"}\n          - {" second KINDS "}\n          - {" third KINDS "}\n"
	DEFER(prices_freep)
	struct prices *prices = parse(TIERS("prompt_up_to: 1, ", "prompt_up_to: 2, ", ""));

	(void)state;
	assert_non_null(prices);
	assert_refused(TIERS("prompt_up_to: 5, ", "prompt_up_to: 5, ", ""), "p.yaml:7:28:", "from 6");
	assert_refused(TIERS("prompt_up_to: 5, ", "", ""), "p.yaml:7:13:", "'prompt_up_to'");
	assert_refused(TIERS("prompt_up_to: 5, ", "prompt_up_to: 6, ", "prompt_up_to: 7, "),
		       "p.yaml:8:28:", "last tier");
	assert_refused(TIERS("prompt_up_to: 0, ", "prompt_up_to: 6, ", ""), "p.yaml:6:28:", "from 1");
	assert_refused("version: 1\nmodels:\n  - id: m\n    prices:\n      - tiers: []\n", "p.yaml:5:16:", "1 to 16");
	assert_refused("version: 1\nmodels:\n  - id: m\n    prices:\n      - {input: 1, tiers: [{" KINDS "}]}\n",
		       "p.yaml:5:10:", "input");
}

static void a_name_that_is_there_twice_is_refused(void **state)
{
	(void)state;
	assert_refused("version: 1\nmodels:\n  - id: a\n    prices: [{" KINDS "}]\n  - id: b\n    aliases: [c, a]\n"
		       "    prices: [{" KINDS "}]\n",
		       "p.yaml:6:18:", "line 3 already");
	assert_refused("version: 1\nmodels:\n  - id: a\n    aliases: [a]\n    prices: [{" KINDS "}]\n",
		       "p.yaml:4:15:", "once");
	assert_refused("version: 1\nmodels:\n  - id: 'a b'\n    prices: [{" KINDS "}]\n", "p.yaml:3:9:", "no space");
	assert_refused("version: 1\nmodels:\n  - prices: [{" KINDS "}]\n", "p.yaml:3:5:", "'id'");
}

static void a_list_of_another_form_is_refused(void **state)
{
	(void)state;
	assert_refused("", "p.yaml:1:1:", "version");
	assert_refused("version: 2\n", "p.yaml:1:10:", "1");
	assert_refused("version: 1\n", "p.yaml:1:1:", "models");
	assert_refused("version: 1\nmodels: []\n", "p.yaml:2:9:", "1 to 10000");
	assert_refused("version: 1\ncurrency: EUR\nmodels: [{id: m, prices: [{" KINDS "}]}]\n", "p.yaml:2:11:", "USD");
	assert_refused("version: 1\nmodels: [{id: m, prices: []}]\n", "p.yaml:2:26:", "'prices'");
	assert_refused("version: 1\nmodels: [{id: m}]\n", "p.yaml:2:10:", "'prices'");
	assert_refused("version: 1\nmodels: [{id: m, prices: [x]}]\n", "p.yaml:2:27:", "mapping");
}

static void a_file_that_is_not_there_is_named(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	assert_null(prices_read("/nowhere/prices.yaml", &err));
	assert_non_null(strstr(err.text, "/nowhere/prices.yaml"));
}

static void without_factors_batches_and_places_cost_the_same(void **state)
{
	DEFER(prices_freep)
	struct prices *prices =
		parse("version: 1\nmodels:\n  - id: m\n    prices:\n"
		      "      - {input: 4, cache_write_5m: 5, cache_write_1h: 8, cache_read: 0.2, output: 20}\n");
	struct price_terms terms = terms_of("m", 2026, 11, 1);
	struct price_rate rate;

	(void)state;
	terms.is_batch = true;
	rate = rate_of(prices, terms);
	assert_rate(&rate, 4000000, 5000000, 8000000, 200000, 20000000);
	terms.is_us = true;
	rate = rate_of(prices, terms);
	assert_rate(&rate, 4000000, 5000000, 8000000, 200000, 20000000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_list_that_is_built_in_has_the_published_prices),
		cmocka_unit_test(a_price_is_that_of_its_day),
		cmocka_unit_test(a_long_prompt_makes_the_whole_request_dearer),
		cmocka_unit_test(batches_and_regions_are_factors_of_all_kinds),
		cmocka_unit_test(fast_mode_has_prices_of_its_own_where_there_is_one),
		cmocka_unit_test(an_alias_costs_what_its_model_does),
		cmocka_unit_test(nothing_is_guessed_of_a_model_that_is_not_in_the_list),
		cmocka_unit_test(outside_of_its_days_a_model_has_no_price),
		cmocka_unit_test(a_model_without_a_cache_has_no_price_for_its_tokens),
		cmocka_unit_test(a_price_may_begin_on_a_leap_day),
		cmocka_unit_test(sums_are_exact),
		cmocka_unit_test(factors_of_a_price_win_over_those_of_the_model_and_of_the_list),
		cmocka_unit_test(bad_prices_are_refused_where_they_stand),
		cmocka_unit_test(prices_that_overlap_are_refused),
		cmocka_unit_test(tiers_out_of_order_are_refused),
		cmocka_unit_test(a_name_that_is_there_twice_is_refused),
		cmocka_unit_test(a_list_of_another_form_is_refused),
		cmocka_unit_test(a_file_that_is_not_there_is_named),
		cmocka_unit_test(without_factors_batches_and_places_cost_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
