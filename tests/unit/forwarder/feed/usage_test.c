/* SPDX-License-Identifier: Apache-2.0 */
/* What the policy says of models, and rows that are kept. */
#include "forwarder/feed/usage.h"

#include <stdio.h>

#include "tests/support/feedworld.h"
#include "tests/support/unit.h"

#define HOUR INT64_C(3600)
#define DAY (24 * HOUR)
#define NOTHING_ALLOWED "version: 1\nmodels: {default: {allow: [nothing]}}\n"

static struct feedworld *make(const char *now, const char *policy)
{
	struct feedworld *w = fw_new(SETTINGS_USAGE, now);

	w->api.workspaces[0] = (struct fw_name){ "wrkspc_1", "ml-prod" };
	w->api.workspace_count = 1;
	if (policy)
		fw_policy(w, policy);
	w->feed.settle_ms = 3'600'000;
	w->feed.lookback_ms = 3 * UINT64_C(86'400'000);
	return w;
}

static void poll_well(struct feedworld *w)
{
	assert_int_equal(fw_live(w, &feed_usage), 0);
}

static void a_bucket_with_more_findings_than_a_page_holds_is_told_whole(void **state)
{
	enum { MANY = PAGE_RECORDS_MAX + 500 };
	struct feedworld *w = make("2026-11-10T12:30:00Z", NOTHING_ALLOWED);
	char(*models)[32] = calloc(MANY, sizeof(*models));

	(void)state;
	assert_non_null(models);
	for (unsigned i = 0; i < MANY; i++) {
		(void)snprintf(models[i], sizeof(models[i]), "claude-made-up-%u", i);
		fw_use(w, 10, "wrkspc_1", "apikey_1", "1")->model = models[i];
	}
	poll_well(w);
	assert_int_equal(fw_events(w, "model_not_allowed", NULL, NULL), MANY);
	poll_well(w);
	assert_int_equal(fw_events(w, "model_not_allowed", NULL, NULL), MANY);
	free(models);
	fw_free(w);
}

static void a_model_is_told_once_a_month_and_counted_once_at_its_turn(void **state)
{
	struct feedworld *w = make("2026-11-30T20:30:00Z", NOTHING_ALLOWED);

	(void)state;
	fw_use(w, 30 * HOUR, "wrkspc_1", "apikey_1", "1");
	fw_use(w, HOUR, "wrkspc_1", "apikey_1", "1");
	poll_well(w);
	assert_int_equal(fw_events(w, "model_not_allowed", "\"period\":\"2026-11\"", NULL), 1);
	w->api.now_s += 5 * HOUR;
	poll_well(w);
	assert_int_equal(fw_events(w, "model_not_allowed", NULL, NULL), 1);
	fw_use(w, 10, "wrkspc_1", "apikey_1", "1");
	for (unsigned i = 0; i < 3; i++) {
		poll_well(w);
		w->api.now_s += DAY;
	}
	assert_int_equal(fw_events(w, "model_not_allowed", "\"period\":\"2026-12\"", NULL), 1);
	assert_int_equal(fw_events(w, "model_not_allowed", NULL, NULL), 2);
	for (size_t i = 0; i < 3; i++)
		assert_true(w->violations[i] > 0.5 && w->violations[i] < 1.5); /* of two months, one model */
	fw_free(w);
}

static void a_model_that_retires_soon_is_judged_by_the_day_of_its_use(void **state)
{
	DEFER(models_freep) struct models *models = models_builtin(NULL);
	struct model known;
	struct feedworld *w;
	DEFER(buf_done) struct buf now = BUF_INIT(64);
	int64_t warned_day;

	(void)state;
	assert_non_null(models);
	assert_true(models_find(models, VIEW("claude-opus-4-6"), 0, &known));
	assert_true(known.retires_day != INT64_MAX);
	warned_day = known.retires_day - USAGE_WARN_DAYS;
	assert_int_equal(clock_add_rfc3339(&now, (warned_day - 1) * DAY + 12 * HOUR), 0);
	w = make(now.ptr, "version: 1\n");
	fw_use(w, HOUR, "wrkspc_1", "apikey_1", "1")->model = "claude-opus-4-6";
	poll_well(w);
	w->api.now_s += 2 * DAY;
	poll_well(w); /* the use before is not told now */
	assert_int_equal(fw_events(w, "model_retiring", NULL, NULL), 0);
	fw_use(w, HOUR, "wrkspc_1", "apikey_1", "1")->model = "claude-opus-4-6";
	poll_well(w);
	assert_int_equal(fw_events(w, "model_retiring", NULL, NULL), 1);
	assert_int_equal(fw_events(w, "model_retiring", "\"notice\"", "not before 2027-02-05"), 1);
	w->api.now_s += 3 * USAGE_WARN_DAYS * DAY;
	fw_use(w, HOUR, "wrkspc_1", "apikey_1", "1")->model = "claude-opus-4-6";
	poll_well(w);
	assert_int_equal(fw_events(w, "model_retiring", "\"notice\"", "may be gone since 2027-02-05"), 1);
	fw_free(w);
}

static void a_longer_lookback_does_not_take_rows_for_new_that_were_told(void **state)
{
	struct feedworld *w = make("2026-11-10T12:30:00Z", NULL);

	(void)state;
	fw_use(w, 2 * DAY, "wrkspc_1", "apikey_1", "1");
	poll_well(w);
	assert_int_equal(fw_events(w, "usage", NULL, NULL), 1);
	w->api.now_s += 12 * DAY; /* the row is kept no more */
	poll_well(w);
	w->api.now_s += HOUR;
	poll_well(w);
	w->feed.lookback_ms = 31 * UINT64_C(86'400'000);
	w->api.rows[0].model = "claude-opus-4-7"; /* restated long after lookback */
	poll_well(w);
	assert_int_equal(fw_events(w, "usage", NULL, NULL), 1);
	fw_use(w, 4 * DAY, "wrkspc_1", "apikey_1", "1"); /* where rows are kept: it grows from there */
	poll_well(w);
	assert_int_equal(fw_events(w, "usage", NULL, NULL), 2);
	w->api.now_s += 20 * DAY;
	w->api.rows[1].model = "claude-opus-4-7";
	poll_well(w);
	assert_int_equal(fw_events(w, "usage_restated", NULL, "\"revision\":2"), 1);
	fw_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_bucket_with_more_findings_than_a_page_holds_is_told_whole),
		cmocka_unit_test(a_model_is_told_once_a_month_and_counted_once_at_its_turn),
		cmocka_unit_test(a_model_that_retires_soon_is_judged_by_the_day_of_its_use),
		cmocka_unit_test(a_longer_lookback_does_not_take_rows_for_new_that_were_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
