/* SPDX-License-Identifier: Apache-2.0 */
#include "common/policy/spend.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "tests/support/unit.h"

static struct decimal number(const char *text)
{
	struct decimal d = { 0 };

	assert_int_equal(decimal_parse(view_of(text), &d), 0);
	return d;
}

static struct spend_key key_of(int64_t day, const char *workspace, const char *model)
{
	return (struct spend_key){ .day = day,
				   .workspace = view_of(workspace),
				   .model = view_of(model),
				   .tier = VIEW("standard"),
				   .window = VIEW("0-200k"),
				   .geo = VIEW("global") };
}

static void add_usage(struct spend *spend, const struct spend_key *what, const char *api_key, enum spend_kind kind,
		      uint64_t count)
{
	uint64_t counts[SPEND_KINDS] = { 0 };

	counts[kind] = count;
	assert_int_equal(spend_add_usage(spend, what, view_of(api_key), counts, NULL), 0);
}

static void add_cost(struct spend *spend, const struct spend_key *what, enum spend_kind kind, const char *amount)
{
	assert_int_equal(spend_add_cost(spend, what, kind, number(amount), NULL), 0);
}

static int write_share(void *context, const struct spend_share *share)
{
	struct buf *out = context;

	assert_int_equal(buf_addf(out, "%lld %.*s %s%.*s %.*s %s ", (long long)share->what.day,
				  (int)share->what.workspace.len, share->what.workspace.ptr,
				  share->api_key.ptr ? "key:" : "nobody", (int)share->api_key.len,
				  share->api_key.ptr ? share->api_key.ptr : "", (int)share->what.model.len,
				  share->what.model.ptr, spend_kind_names[share->kind]),
			 0);
	assert_int_equal(decimal_write(out, share->amount_usd), 0);
	assert_int_equal(buf_addf(out, " %llu\n", (unsigned long long)share->count), 0);
	return 0;
}

static void assert_shares(struct spend *spend, const char *wanted)
{
	DEFER(buf_done) struct buf out = BUF_INIT(1 << 16);

	assert_int_equal(spend_settle(spend, NULL), 0);
	assert_int_equal(spend_each(spend, write_share, &out), 0);
	assert_string_equal(out.len ? out.ptr : "", wanted);
}

static void a_bill_is_shared_by_tokens(void **state)
{
	DEFER(spend_freep) struct spend *spend = spend_new(NULL);
	const struct spend_key what = key_of(7, "w", "m");

	(void)state;
	add_usage(spend, &what, "a", SPEND_INPUT, 300);
	add_usage(spend, &what, "b", SPEND_INPUT, 100);
	add_usage(spend, &what, "b", SPEND_OUTPUT, 1);
	add_cost(spend, &what, SPEND_INPUT, "4");
	add_cost(spend, &what, SPEND_OUTPUT, "0.5");
	assert_shares(spend, "7 w key:a m uncached_input_tokens 3 300\n"
			     "7 w key:b m uncached_input_tokens 1 100\n"
			     "7 w key:b m output_tokens 0.5 1\n");
}

static void what_is_left_of_a_division_goes_to_the_largest_share(void **state)
{
	DEFER(spend_freep) struct spend *spend = spend_new(NULL);
	const struct spend_key what = key_of(7, "w", "m");

	(void)state;
	add_usage(spend, &what, "a", SPEND_INPUT, 1);
	add_usage(spend, &what, "b", SPEND_INPUT, 1);
	add_usage(spend, &what, "c", SPEND_INPUT, 1);
	add_cost(spend, &what, SPEND_INPUT, "1");
	add_usage(spend, &what, "a", SPEND_OUTPUT, 1);
	add_usage(spend, &what, "c", SPEND_OUTPUT, 5);
	add_cost(spend, &what, SPEND_OUTPUT, "-1");
	assert_shares(spend, "7 w key:a m uncached_input_tokens 0.3333333334 1\n"
			     "7 w key:a m output_tokens -0.1666666666 1\n"
			     "7 w key:b m uncached_input_tokens 0.3333333333 1\n"
			     "7 w key:c m uncached_input_tokens 0.3333333333 1\n"
			     "7 w key:c m output_tokens -0.8333333334 5\n");
}

static void a_bill_with_more_digits_keeps_them(void **state)
{
	DEFER(spend_freep) struct spend *spend = spend_new(NULL);
	const struct spend_key what = key_of(7, "w", "m");

	(void)state;
	add_usage(spend, &what, "a", SPEND_INPUT, 1);
	add_usage(spend, &what, "b", SPEND_INPUT, 1);
	add_cost(spend, &what, SPEND_INPUT, "0.00000000000003");
	assert_shares(spend, "7 w key:a m uncached_input_tokens 0.00000000000002 1\n"
			     "7 w key:b m uncached_input_tokens 0.00000000000001 1\n");
}

static void what_has_no_usage_stays_with_nobody(void **state)
{
	DEFER(spend_freep) struct spend *spend = spend_new(NULL);
	const struct spend_key what = key_of(7, "w", "m"), other = key_of(7, "v", "m");

	(void)state;
	add_usage(spend, &what, "a", SPEND_INPUT, 0);
	add_cost(spend, &what, SPEND_INPUT, "4");
	add_cost(spend, &what, SPEND_CACHE_READ, "0");
	add_usage(spend, &other, "a", SPEND_INPUT, 9);
	add_usage(spend, &other, "a", SPEND_OTHER, 9);
	add_cost(spend, &other, SPEND_OTHER, "1");
	assert_shares(spend, "7 v nobody m other 1 0\n"
			     "7 v key:a m uncached_input_tokens 0 9\n"
			     "7 v key:a m other 0 9\n"
			     "7 w nobody m uncached_input_tokens 4 0\n");
}

static void the_console_is_not_nobody(void **state)
{
	DEFER(spend_freep) struct spend *spend = spend_new(NULL);
	const struct spend_key what = key_of(7, "", "m");

	(void)state;
	add_usage(spend, &what, NULL, SPEND_INPUT, 1);
	add_usage(spend, &what, "", SPEND_INPUT, 1);
	add_cost(spend, &what, SPEND_INPUT, "4");
	assert_shares(spend, "7  nobody m uncached_input_tokens 2 1\n"
			     "7  key: m uncached_input_tokens 2 1\n");
}

static void rows_about_the_same_add_up(void **state)
{
	DEFER(spend_freep) struct spend *spend = spend_new(NULL);
	const struct spend_key what = key_of(7, "w", "m");

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		add_usage(spend, &what, "a", SPEND_INPUT, 2);
		add_cost(spend, &what, SPEND_INPUT, "0.10");
	}
	add_cost(spend, &what, SPEND_INPUT, "-0.05");
	assert_shares(spend, "7 w key:a m uncached_input_tokens 0.25 6\n");
}

static void tiers_windows_and_regions_are_apart(void **state)
{
	DEFER(spend_freep) struct spend *spend = spend_new(NULL);
	struct spend_key what = key_of(7, "w", "m"), batch = what, us = what, wide = what;

	(void)state;
	batch.tier = VIEW("batch");
	us.geo = VIEW("us");
	wide.window = VIEW("200k-1M");
	add_usage(spend, &what, "a", SPEND_INPUT, 10);
	add_usage(spend, &batch, "b", SPEND_INPUT, 10);
	add_usage(spend, &us, "c", SPEND_INPUT, 10);
	add_usage(spend, &wide, "d", SPEND_INPUT, 10);
	add_cost(spend, &what, SPEND_INPUT, "1");
	add_cost(spend, &batch, SPEND_INPUT, "2");
	add_cost(spend, &us, SPEND_INPUT, "3");
	add_cost(spend, &wide, SPEND_INPUT, "4");
	assert_shares(spend, "7 w key:a m uncached_input_tokens 1 10\n"
			     "7 w key:b m uncached_input_tokens 2 10\n"
			     "7 w key:c m uncached_input_tokens 3 10\n"
			     "7 w key:d m uncached_input_tokens 4 10\n");
}

static void what_the_bill_does_not_tell_fits_any_usage(void **state)
{
	DEFER(spend_freep) struct spend *spend = spend_new(NULL);
	const struct spend_key one = key_of(7, "w", "m"), other = key_of(7, "w", "n");
	const struct spend_key untold = { .day = 7, .workspace = VIEW("w") };

	(void)state;
	add_usage(spend, &one, "a", SPEND_WEB_SEARCH, 1);
	add_usage(spend, &other, "a", SPEND_WEB_SEARCH, 2);
	add_usage(spend, &other, "b", SPEND_WEB_SEARCH, 1);
	add_usage(spend, &other, "b", SPEND_INPUT, 1);
	add_cost(spend, &untold, SPEND_WEB_SEARCH, "8");
	assert_shares(spend, "7 w key:a  web_search 6 3\n"
			     "7 w key:b  web_search 2 1\n"
			     "7 w key:b n uncached_input_tokens 0 1\n");
}

static void nothing_is_counted_twice(void **state)
{
	DEFER(spend_freep) struct spend *spend = spend_new(NULL);
	struct spend_key us = key_of(7, "w", "m"), global = us, untold = us;

	(void)state;
	us.geo = VIEW("us");
	untold.geo = VIEW_NONE;
	add_usage(spend, &untold, "a", SPEND_INPUT, 10);
	add_cost(spend, &us, SPEND_INPUT, "1");
	add_cost(spend, &global, SPEND_INPUT, "2");
	assert_shares(spend, "7 w key:a m uncached_input_tokens 2 10\n"
			     "7 w key:a m uncached_input_tokens 1 0\n");
}

static void shares_come_by_day_workspace_and_key(void **state)
{
	DEFER(spend_freep) struct spend *spend = spend_new(NULL);
	const struct spend_key what[] = { key_of(9, "a", "m"), key_of(-2, "b", "m"), key_of(-2, "", "n"),
					  key_of(-2, "", "m") };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(what); i++) {
		add_usage(spend, &what[i], "z", SPEND_INPUT, 1);
		add_usage(spend, &what[i], "y", SPEND_INPUT, 1);
	}
	assert_shares(spend, "-2  key:y m uncached_input_tokens 0 1\n"
			     "-2  key:y n uncached_input_tokens 0 1\n"
			     "-2  key:z m uncached_input_tokens 0 1\n"
			     "-2  key:z n uncached_input_tokens 0 1\n"
			     "-2 b key:y m uncached_input_tokens 0 1\n"
			     "-2 b key:z m uncached_input_tokens 0 1\n"
			     "9 a key:y m uncached_input_tokens 0 1\n"
			     "9 a key:z m uncached_input_tokens 0 1\n");
}

static int stop_at_once(void *context, const struct spend_share *share)
{
	(void)share;
	++*(unsigned *)context;
	return 42;
}

static void who_takes_can_stop(void **state)
{
	DEFER(spend_freep) struct spend *spend = spend_new(NULL);
	const struct spend_key what = key_of(7, "w", "m");
	unsigned calls = 0;

	(void)state;
	assert_int_equal(spend_each(spend, stop_at_once, &calls), -1); /* not settled */
	assert_shares(spend, "");
	add_usage(spend, &what, "a", SPEND_INPUT, 1);
	add_usage(spend, &what, "b", SPEND_INPUT, 1);
	assert_int_equal(spend_each(spend, stop_at_once, &calls), -1); /* not any more */
	assert_int_equal(calls, 0);
	assert_int_equal(spend_settle(spend, NULL), 0);
	assert_int_equal(spend_each(spend, stop_at_once, &calls), 42);
	assert_int_equal(calls, 1);
}

static void what_cannot_be_counted_is_an_error(void **state)
{
	DEFER(spend_freep) struct spend *spend = spend_new(NULL);
	const struct spend_key what = key_of(7, "w", "m"), never = key_of(INT64_MAX, "w", "m");
	const uint64_t counts[SPEND_KINDS] = { UINT64_MAX };
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(spend_add_usage(spend, &what, VIEW("a"), counts, &err), 0);
	assert_int_equal(spend_add_usage(spend, &what, VIEW("a"), counts, &err), -1);
	assert_int_equal(err.kind, ERR_LIMIT);
	assert_string_equal(err.text, "more uncached_input_tokens than can be counted");
	assert_int_equal(spend_add_usage(spend, &what, VIEW("b"), counts, &err), 0);
	assert_int_equal(spend_settle(spend, &err), -1);
	assert_string_equal(err.text, "more uncached_input_tokens in a day than can be counted");
	assert_int_equal(spend_add_usage(spend, &never, VIEW("b"), counts, &err), -1);
	assert_int_equal(err.kind, ERR_LIMIT);
	add_cost(spend, &what, SPEND_INPUT, "170141183460469231731687303715884105727");
	assert_int_equal(spend_add_cost(spend, &what, SPEND_INPUT, decimal_of(1), &err), -1);
	assert_int_equal(err.kind, ERR_LIMIT);
}

static void the_largest_numbers_are_shared(void **state)
{
	DEFER(spend_freep) struct spend *spend = spend_new(NULL);
	const struct spend_key what = key_of(7, "w", "m");

	(void)state;
	add_usage(spend, &what, "a", SPEND_INPUT, UINT64_MAX - 1);
	add_usage(spend, &what, "b", SPEND_INPUT, 1);
	add_cost(spend, &what, SPEND_INPUT, "-170141183460469231731687303715884105728");
	assert_shares(spend, "7 w key:a m uncached_input_tokens -170141183460469231722463931679029329920 "
			     "18446744073709551614\n"
			     "7 w key:b m uncached_input_tokens -9223372036854775808 1\n");
}

/* Random rows, and the same worked out the plain way: each share against all rows. */

#define ROWS 60
#define TEXTS 3

struct row {
	struct spend_key what;
	const char *api_key;
	uint64_t counts[SPEND_KINDS]; /* usage */
	enum spend_kind kind;         /* cost */
	struct decimal amount;
};

struct shared {
	struct spend_share items[ROWS * SPEND_KINDS * 4];
	size_t count;
};

static unsigned random_below(unsigned n)
{
	static uint64_t x = 88172645463325252; /* xorshift64 (Marsaglia 2003) */

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return (unsigned)(x >> 20) % n;
}

static struct spend_key random_key(bool has_gaps)
{
	static const char *const texts[][TEXTS] = {
		{ "", "wa", "wb" },
		{ "ma", "mb", "mc" },
		{ "batch", "standard", "standard" },
		{ "0-200k", "0-200k", "200k-1M" },
		{ "global", "global", "us" },
	};
	const char *picked[ARRAY_LEN(texts)];

	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		picked[i] = i && has_gaps && random_below(4) == 0 ? "" : texts[i][random_below(TEXTS)];
	return (struct spend_key){ .day = random_below(2),
				   .workspace = view_of(picked[0]),
				   .model = view_of(picked[1]),
				   .tier = view_of(picked[2]),
				   .window = view_of(picked[3]),
				   .geo = view_of(picked[4]) };
}

static bool is_same_text(struct view a, struct view b, bool loosely)
{
	return text_eq(a, b) || (loosely && (a.len == 0 || b.len == 0));
}

static bool is_same(const struct spend_key *a, const struct spend_key *b, bool loosely)
{
	return a->day == b->day && text_eq(a->workspace, b->workspace) && is_same_text(a->model, b->model, loosely) &&
	       is_same_text(a->tier, b->tier, loosely) && is_same_text(a->window, b->window, loosely) &&
	       is_same_text(a->geo, b->geo, loosely);
}

static struct decimal sum_of(struct decimal a, struct decimal b)
{
	assert_int_equal(decimal_add(a, b, &a), 0);
	return a;
}

static void random_row(struct row *row, bool has_gaps)
{
	static const char *const keys[] = { "ka", "kb", "kc", "" };

	*row = (struct row){ .what = random_key(has_gaps), .api_key = keys[random_below(ARRAY_LEN(keys))] };
	for (unsigned i = 0; i < SPEND_KINDS; i++)
		row->counts[i] = random_below(3) ? random_below(1u << (random_below(30))) : 0;
	row->kind = random_below(SPEND_KINDS);
	row->amount = (struct decimal){ (decimal_units)random_below(1u << 30) - (1 << 28), random_below(15) };
}

static int keep(void *context, const struct spend_share *share)
{
	struct shared *shared = context;

	assert_true(shared->count < ARRAY_LEN(shared->items));
	shared->items[shared->count++] = *share;
	return 0;
}

/* The tokens that may be what the bill is about: of one key, or of all (NULL). */
static uint64_t weight_of(const struct row *rows, const struct spend_key *what, enum spend_kind kind,
			  const struct view *api_key)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < ROWS && kind != SPEND_OTHER; i++)
		if (is_same(&rows[i].what, what, true) && (!api_key || text_eq(view_of(rows[i].api_key), *api_key)))
			sum += rows[i].counts[kind];
	return sum;
}

static struct decimal bill_of(const struct row *rows, const struct spend_key *what, enum spend_kind kind)
{
	struct decimal sum = { 0 };

	for (size_t i = 0; i < ROWS; i++)
		if (rows[i].kind == kind && is_same(&rows[i].what, what, false))
			sum = sum_of(sum, rows[i].amount);
	return sum;
}

/* A share times all tokens is the bill times the key's, but for less than one of the last digit. */
static void assert_fair(const struct spend_share *share, struct decimal bill, uint64_t weight, uint64_t total,
			unsigned sharers)
{
	struct decimal left, right, diff, most = { (decimal_units)total * sharers, 10 };

	assert_int_equal(decimal_mul(share->amount_usd, decimal_of(total), &left), 0);
	assert_int_equal(decimal_mul(bill, decimal_of(weight), &right), 0);
	assert_int_equal(decimal_sub(left, right, &diff), 0);
	if (diff.units < 0)
		diff.units = -diff.units;
	assert_true(decimal_cmp(diff, most) <= 0);
}

static void check_shares(const struct row *usage, const struct row *cost, const struct shared *shared)
{
	for (size_t i = 0; i < shared->count; i++) {
		const struct spend_share *share = &shared->items[i];
		struct decimal bill = bill_of(cost, &share->what, share->kind), sum = { 0 };
		uint64_t total = weight_of(usage, &share->what, share->kind, NULL);
		unsigned sharers = 0;

		for (size_t j = 0; j < shared->count; j++)
			if (share->kind == shared->items[j].kind &&
			    is_same(&share->what, &shared->items[j].what, false)) {
				sum = sum_of(sum, shared->items[j].amount_usd);
				sharers++;
			}
		assert_int_equal(decimal_cmp(sum, bill), 0); /* to the last digit */
		if (share->api_key.ptr && bill.units)
			assert_fair(share, bill, weight_of(usage, &share->what, share->kind, &share->api_key), total,
				    sharers);
		else if (bill.units)
			assert_int_equal(total, 0);
	}
}

static void check_sums(const struct row *usage, const struct row *cost, const struct shared *shared)
{
	uint64_t counts[SPEND_KINDS] = { 0 };
	struct decimal sum = { 0 };

	for (size_t i = 0; i < shared->count; i++) {
		sum = sum_of(sum, shared->items[i].amount_usd);
		counts[shared->items[i].kind] += shared->items[i].count;
	}
	for (size_t i = 0; i < ROWS; i++) {
		assert_int_equal(decimal_sub(sum, cost[i].amount, &sum), 0);
		for (unsigned k = 0; k < SPEND_KINDS; k++)
			counts[k] -= usage[i].counts[k];
	}
	assert_true(sum.units == 0);
	for (unsigned k = 0; k < SPEND_KINDS; k++)
		assert_int_equal(counts[k], 0);
}

static void share_random_rows(bool has_gaps)
{
	DEFER(spend_freep) struct spend *spend = spend_new(NULL);
	DEFER(freep) struct shared *shared = calloc(1, sizeof(*shared));
	struct row usage[ROWS], cost[ROWS];

	for (size_t i = 0; i < ROWS; i++) {
		random_row(&usage[i], has_gaps);
		random_row(&cost[i], has_gaps);
		assert_int_equal(
			spend_add_usage(spend, &usage[i].what, view_of(usage[i].api_key), usage[i].counts, NULL), 0);
		assert_int_equal(spend_add_cost(spend, &cost[i].what, cost[i].kind, cost[i].amount, NULL), 0);
	}
	assert_int_equal(spend_settle(spend, NULL), 0);
	assert_int_equal(spend_each(spend, keep, shared), 0);
	assert_true(shared->count > ROWS);
	check_shares(usage, cost, shared);
	check_sums(usage, cost, shared);
}

static void all_shares_are_the_bill_to_the_last_digit(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 100; i++)
		share_random_rows(i % 2);
}

/* One name, as long as no real one: it is the sum of all that counts. */
static void more_names_than_fit_are_told(void **state)
{
	DEFER(spend_freep) struct spend *spend = spend_new(NULL);
	struct spend_key what = key_of(7, "w", "m");
	uint64_t counts[SPEND_KINDS] = { 1 };
	struct err err = ERR_INIT;
	char *name = malloc(SPEND_TEXT_BYTES);

	(void)state;
	assert_non_null(name);
	assert_int_equal(spend_add_usage(spend, &what, VIEW("key"), counts, &err), 0);
	memset(name, 'a', SPEND_TEXT_BYTES);
	what.workspace = view_from(name, SPEND_TEXT_BYTES); /* alone it would fit */
	assert_int_equal(spend_add_usage(spend, &what, VIEW("key"), counts, &err), -1);
	assert_int_equal(err.kind, ERR_LIMIT);
	assert_string_equal(err.text, "the names in usage and cost have more than 67108864 bytes together");
	free(name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(more_names_than_fit_are_told),
		cmocka_unit_test(a_bill_is_shared_by_tokens),
		cmocka_unit_test(what_is_left_of_a_division_goes_to_the_largest_share),
		cmocka_unit_test(a_bill_with_more_digits_keeps_them),
		cmocka_unit_test(what_has_no_usage_stays_with_nobody),
		cmocka_unit_test(the_console_is_not_nobody),
		cmocka_unit_test(rows_about_the_same_add_up),
		cmocka_unit_test(tiers_windows_and_regions_are_apart),
		cmocka_unit_test(what_the_bill_does_not_tell_fits_any_usage),
		cmocka_unit_test(nothing_is_counted_twice),
		cmocka_unit_test(shares_come_by_day_workspace_and_key),
		cmocka_unit_test(who_takes_can_stop),
		cmocka_unit_test(what_cannot_be_counted_is_an_error),
		cmocka_unit_test(the_largest_numbers_are_shared),
		cmocka_unit_test(all_shares_are_the_bill_to_the_last_digit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
