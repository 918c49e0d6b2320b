/* SPDX-License-Identifier: Apache-2.0 */
/* Polls of the cost and usage feeds with each allocation failing in turn: nothing leaks, nothing is told twice, and the
 * next polls find all. */
#include "tests/support/nomem.h"

static long paused;
#define FW_BEGIN paused = __atomic_exchange_n(&nomem_left, 0, __ATOMIC_RELAXED)
#define FW_END __atomic_store_n(&nomem_left, paused, __ATOMIC_RELAXED)

#include "tests/support/feedworld.h"
#include "tests/support/unit.h"

#define HOUR INT64_C(3600)
#define DAY (24 * HOUR)

static struct feedworld *make(const struct feed_ops *ops)
{
	struct feedworld *w = fw_new(ops == &feed_cost ? SETTINGS_COST : SETTINGS_USAGE, "2026-11-02T12:00:00Z");

	w->api.workspaces[0] = (struct fw_name){ "wrkspc_1", "ml-prod" };
	w->api.keys[0] = (struct fw_name){ "apikey_1", "ml-prod-chat" };
	w->api.workspace_count = w->api.key_count = 1;
	w->feed.settle_ms = 6 * UINT64_C(3'600'000);
	w->feed.lookback_ms = 12 * UINT64_C(3'600'000);
	fw_policy(w, "version: 1\nnames: {teams: [ml]}\nmodels: {default: {allow: [nothing]}}\n"
		     "departments: {legal: {workspaces: [ml-prod]}}\n"
		     "budgets: [{workspace: ml-prod, daily: 50, alert_at: [10]}, {team: ml, monthly: 100},\n"
		     "  {department: legal, monthly: 100}, {key: ml-prod-chat, monthly: 100}]\n");
	fw_use(w, HOUR, "wrkspc_1", "apikey_1", "6000");
	fw_use(w, 20 * HOUR, "wrkspc_1", "apikey_1", "100")->currency = "EUR";
	return w;
}

/* A life, and, when it went well, the next day another one, under another name. */
static int live(struct feedworld *w, const struct feed_ops *ops)
{
	if (fw_live(w, ops))
		return -1;
	w->api.workspaces[0].name = "ml-production";
	w->api.now_s += DAY;
	return fw_live(w, ops);
}

static bool run(void *context, long n)
{
	const struct feed_ops *ops = context;
	struct feedworld *w = make(ops);
	bool has_failed;

	nomem_start(n);
	(void)live(w, ops);
	has_failed = nomem_stop();
	assert_int_equal(live(w, ops), 0);
	if (ops == &feed_cost) {
		assert_int_equal(fw_events(w, "budget_threshold", "\"threshold\":50,", NULL), 3);
		assert_int_equal(fw_events(w, "budget_threshold", "workspace:ml-prod", NULL), 1);
		assert_int_equal(fw_events(w, "budget_incomplete", NULL, NULL), 3);
	} else {
		assert_int_equal(fw_events(w, "model_not_allowed", NULL, NULL), 1);
		assert_int_equal(fw_events(w, "usage", NULL, NULL), 1);
	}
	fw_free(w);
	return has_failed;
}

static void budgets(void **state)
{
	(void)state;
	assert_true(nomem_each(run, (void *)(uintptr_t)&feed_cost) > 20);
}

static void usage(void **state)
{
	(void)state;
	assert_true(nomem_each(run, (void *)(uintptr_t)&feed_usage) > 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(budgets), cmocka_unit_test(usage) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
