/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/estimate_print.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "admin/options.h"
#include "common/base/bounds.h"
#include "tests/support/capture.h"
#include "tests/support/unit.h"

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

static void add(struct estimate_tally *tally, const char *model, const char *key, int64_t unix_s, uint64_t count)
{
	const struct usage_record record = { .unix_s = unix_s,
					     .texts = { [USAGE_MODEL] = view_of(model), [USAGE_KEY] = view_of(key) },
					     .tokens = { .counts = { [PRICE_INPUT] = count } } };
	struct err err = ERR_INIT;

	if (estimate_tally_add(tally, &record, &err))
		fail_msg("%s", err.text);
}

static int print_as(const struct estimate_print *print, enum output_format format, struct buf *text, struct err *err)
{
	static struct options o;
	const struct session s = { .o = &o };
	struct capture c;
	int status;

	o.format = format;
	c = capture(STDOUT_FILENO);
	status = estimate_print(&s, print, err);
	give_back(&c, text);
	return status;
}

/* Whether first stands before second. */
static bool is_before(const struct buf *text, const char *first, const char *second)
{
	const char *a = strstr(text->ptr, first), *b = strstr(text->ptr, second);

	assert_non_null(a);
	assert_non_null(b);
	return a < b;
}

static void what_costs_most_comes_first_and_what_has_no_price_is_null(void **state)
{
	const struct estimate_query query = {
		.prices = prices, .parts = 1u << ESTIMATE_MODEL, .from_s = INT64_MIN, .to_s = INT64_MAX
	};
	const struct estimate_print print_parts = { .parts = { ESTIMATE_MODEL }, .part_count = 1 };
	DEFER(estimate_tally_done) struct estimate_tally tally;
	DEFER(buf_done) struct buf text = BUF_INIT(1u << 16), table = BUF_INIT(1u << 16);
	struct estimate_print print = print_parts;
	struct err err = ERR_INIT;

	(void)state;
	estimate_tally_init(&tally, &query);
	add(&tally, "claude-haiku-4-5", "", 1'780'000'000, 1000);
	add(&tally, "claude-opus-4-5", "", 1'780'000'000, 1000);
	add(&tally, "no-such-model", "", 1'780'000'000, 1'000'000);
	print.tally = &tally;
	assert_int_equal(print_as(&print, OUTPUT_JSONL, &text, &err), 0);
	assert_true(is_before(&text, "claude-opus-4-5", "claude-haiku-4-5"));
	assert_true(is_before(&text, "claude-haiku-4-5", "no-such-model"));
	assert_non_null(strstr(text.ptr, "\"unpriced_records\":1,\"amount_usd\":null}\n"));
	assert_null(strstr(text.ptr, "total"));
	assert_int_equal(print_as(&print, OUTPUT_TABLE, &table, &err), 0);
	assert_non_null(strstr(table.ptr, "unknown"));
	assert_true(is_before(&table, "no-such-model", "total"));
}

static void days_and_months_are_dates_in_their_order(void **state)
{
	const struct estimate_query query = { .prices = prices,
					      .parts = 1u << ESTIMATE_DAY | 1u << ESTIMATE_MONTH,
					      .from_s = INT64_MIN,
					      .to_s = INT64_MAX };
	const struct estimate_print parts = { .parts = { ESTIMATE_DAY, ESTIMATE_MONTH }, .part_count = 2 };
	DEFER(estimate_tally_done) struct estimate_tally tally;
	DEFER(buf_done) struct buf text = BUF_INIT(1u << 16);
	struct estimate_print print = parts;
	struct err err = ERR_INIT;

	(void)state;
	estimate_tally_init(&tally, &query);
	add(&tally, "claude-haiku-4-5", "", 1'772'409'600, 1'000'000); /* 2 March 2026 */
	add(&tally, "claude-haiku-4-5", "", 1'772'323'200, 1);         /* the day before, and cheaper */
	print.tally = &tally;
	assert_int_equal(print_as(&print, OUTPUT_JSONL, &text, &err), 0);
	assert_true(is_before(&text, "{\"day\":\"2026-03-01\",\"month\":\"2026-03\",", "{\"day\":\"2026-03-02\""));
}

/* What names a key in somebody's records may be the key itself. */
static void a_key_in_the_place_of_its_name_is_masked(void **state)
{
	const struct estimate_query query = {
		.prices = prices, .parts = 1u << ESTIMATE_KEY, .from_s = INT64_MIN, .to_s = INT64_MAX
	};
	const struct estimate_print parts = { .parts = { ESTIMATE_KEY }, .part_count = 1 };
	DEFER(estimate_tally_done) struct estimate_tally tally;
	DEFER(buf_done) struct buf text = BUF_INIT(1u << 16);
	struct estimate_print print = parts;
	struct err err = ERR_INIT;
	char key[128];

	(void)state;
	(void)snprintf(key, sizeof(key), "sk-%s-api03-", "ant");
	for (size_t i = strlen(key), end = i + 95; i < end; i++) {
		key[i] = (char)('a' + i * 7 % 26);
		key[i + 1] = '\0';
	}
	estimate_tally_init(&tally, &query);
	add(&tally, "claude-haiku-4-5", key, 1'780'000'000, 1000);
	print.tally = &tally;
	assert_int_equal(print_as(&print, OUTPUT_JSONL, &text, &err), 0);
	assert_null(strstr(text.ptr, key));
	assert_non_null(strstr(text.ptr, "{\"key\":\"sk-"));
}

static void what_cannot_be_written_is_an_error(void **state)
{
	static struct options o = { .format = OUTPUT_JSONL };
	const struct estimate_query query = {
		.prices = prices, .parts = 1u << ESTIMATE_MODEL, .from_s = INT64_MIN, .to_s = INT64_MAX
	};
	const struct session s = { .o = &o };
	const struct estimate_print parts = { .parts = { ESTIMATE_MODEL }, .part_count = 1 };
	DEFER(estimate_tally_done) struct estimate_tally tally;
	struct estimate_print print = parts;
	struct err err = ERR_INIT;
	int old = dup(STDOUT_FILENO), full = open("/dev/full", O_WRONLY | O_CLOEXEC), status;

	(void)state;
	assert_true(old >= 0 && full >= 0);
	estimate_tally_init(&tally, &query);
	add(&tally, "claude-haiku-4-5", "", 1'780'000'000, 1000);
	print.tally = &tally;
	assert_int_equal(dup2(full, STDOUT_FILENO), STDOUT_FILENO);
	status = estimate_print(&s, &print, &err);
	assert_int_equal(dup2(old, STDOUT_FILENO), STDOUT_FILENO);
	(void)close(old);
	(void)close(full);
	assert_int_equal(status, -1);
	assert_int_equal(err.errnum, ENOSPC);
}

static void tell(const struct estimate_tally *tally, struct buf *text)
{
	struct capture c = capture(STDERR_FILENO);

	estimate_tell_unpriced(tally);
	give_back(&c, text);
}

static void models_without_a_price_are_named_the_most_used_first(void **state)
{
	const struct estimate_query query = { .prices = prices, .from_s = INT64_MIN, .to_s = INT64_MAX };
	DEFER(estimate_tally_done) struct estimate_tally tally;
	DEFER(buf_done) struct buf none = BUF_INIT(1u << 12), one = BUF_INIT(1u << 12), many = BUF_INIT(1u << 12);
	char model[32];

	(void)state;
	estimate_tally_init(&tally, &query);
	add(&tally, "claude-haiku-4-5", "", 1'780'000'000, 1000);
	tell(&tally, &none);
	assert_int_equal(none.len, 0);
	add(&tally, "b", "", 1'780'000'000, 1000);
	tell(&tally, &one);
	assert_non_null(strstr(one.ptr, "1 record has no price and is in no amount; the model: b (1)\n"));
	add(&tally, "a", "", 1'780'000'000, 1000);
	add(&tally, "c", "", 1'780'000'000, 1000);
	add(&tally, "c", "", 1'780'000'000, 1000);
	for (unsigned i = 3; i < USAGE_UNKNOWN_SHOWN + 2; i++) {
		(void)snprintf(model, sizeof(model), "model-%02u", i);
		add(&tally, model, "", 1'780'000'000, 1000);
	}
	tell(&tally, &many);
	assert_non_null(strstr(many.ptr,
			       "records have no price and are in no amount; their models: c (2), a (1), b (1), "
			       "model-03 (1)"));
	assert_non_null(strstr(many.ptr, " and 2 more\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_costs_most_comes_first_and_what_has_no_price_is_null),
		cmocka_unit_test(days_and_months_are_dates_in_their_order),
		cmocka_unit_test(a_key_in_the_place_of_its_name_is_masked),
		cmocka_unit_test(what_cannot_be_written_is_an_error),
		cmocka_unit_test(models_without_a_price_are_named_the_most_used_first),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
