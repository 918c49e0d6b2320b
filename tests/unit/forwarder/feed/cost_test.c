/* SPDX-License-Identifier: Apache-2.0 */
/* Budgets over days, names and deaths. */
#include <stdio.h>

#include "tests/support/feedworld.h"
#include "tests/support/unit.h"

#define HOUR INT64_C(3600)
#define DAY (24 * HOUR)
#define ORG "version: 1\nbudgets: [{organization: true, monthly: 100}]\n"
#define ML_PROD "version: 1\nbudgets: [{workspace: ml-prod, monthly: 100}, {workspace: ml-prod, daily: 1000}]\n"

static struct feedworld *make(const char *now, const char *policy)
{
	struct feedworld *w = fw_new(SETTINGS_COST, now);

	w->api.workspaces[0] = (struct fw_name){ "wrkspc_1", "ml-prod" };
	w->api.workspaces[1] = (struct fw_name){ "wrkspc_2", "web-prod" };
	w->api.keys[0] = (struct fw_name){ "apikey_1", "ml-prod-chat" };
	w->api.keys[1] = (struct fw_name){ "apikey_2", "web-prod-chat" };
	w->api.workspace_count = w->api.key_count = 2;
	fw_policy(w, policy);
	return w;
}

static void poll_well(struct feedworld *w)
{
	assert_int_equal(fw_live(w, &feed_cost), 0);
}

static size_t told(const struct feedworld *w, const char *scope, unsigned threshold)
{
	char text[128], limit[64];

	(void)snprintf(text, sizeof(text), "\"scope\":\"%s\"", scope);
	(void)snprintf(limit, sizeof(limit), "\"threshold\":%u,", threshold);
	return fw_events(w, "budget_threshold", text, threshold ? limit : NULL);
}

/* --- days --- */

static void what_a_day_gets_after_the_last_poll_counts_however_long_skantd_was_away(void **state)
{
	struct feedworld *w = make("2026-11-10T12:00:00Z", ORG);

	(void)state;
	fw_use(w, HOUR, "wrkspc_1", "apikey_1", "4000");
	poll_well(w);
	assert_int_equal(told(w, "organization", 0), 0);
	fw_use(w, -HOUR, "wrkspc_1", "apikey_1", "2000"); /* on the same day, once skantd is away */
	w->api.now_s += 12 * DAY;
	poll_well(w);
	assert_int_equal(told(w, "organization", 50), 1);
	assert_int_equal(told(w, "organization", 0), 1);
	fw_free(w);
}

static void rows_that_nothing_tells_apart_are_told_and_counted_each(void **state)
{
	struct feedworld *w = make("2026-11-10T12:00:00Z", ORG);

	(void)state;
	for (size_t i = 0; i < 3; i++)
		fw_use(w, HOUR, "wrkspc_1", "apikey_1", i == 1 ? "3000" : "1500")->is_alike = true;
	w->api.now_s += 2 * DAY;
	poll_well(w);
	assert_int_equal(fw_events(w, "cost", "\"row\":{\"amount\":\"1500\"", NULL), 2);
	assert_int_equal(fw_events(w, "cost", NULL, NULL), 3);
	assert_int_equal(told(w, "organization", 50), 1); /* of 100 USD, 60 */
	poll_well(w);
	w->api.rows[1].cents = "3001";
	poll_well(w);
	assert_int_equal(fw_events(w, "cost", NULL, NULL), 3);
	assert_int_equal(fw_events(w, "cost_restated", "3001", "\"revision\":2"), 1);
	assert_int_equal(fw_events(w, "cost_restated", NULL, NULL), 1);
	fw_free(w);
}

static void a_month_that_ends_while_skantd_is_away_is_judged(void **state)
{
	struct feedworld *w = make("2026-11-10T12:00:00Z", ORG);

	(void)state;
	poll_well(w);
	fw_use(w, -14 * DAY, "wrkspc_1", "apikey_1", "8100"); /* 24 November */
	w->api.now_s += 40 * DAY;
	poll_well(w);
	assert_int_equal(fw_events(w, "budget_threshold", "\"period_start\":\"2026-11-01T00:00:00Z\"", NULL), 2);
	assert_int_equal(told(w, "organization", 80), 1);
	poll_well(w);
	assert_int_equal(told(w, "organization", 0), 2);
	fw_free(w);
}

static void a_day_is_read_until_it_is_final_when_lookback_is_as_short_as_settle(void **state)
{
	struct feedworld *w = make("2026-11-10T23:00:00Z", ORG);

	(void)state;
	w->feed.lookback_ms = w->feed.settle_ms;
	fw_use(w, HOUR, "wrkspc_1", "apikey_1", "4000");
	poll_well(w);
	fw_use(w, 0, "wrkspc_1", "apikey_1", "2000"); /* shows later */
	w->api.now_s += 8 * HOUR;
	poll_well(w);
	assert_int_equal(told(w, "organization", 50), 1);
	fw_free(w);
}

static void a_final_day_is_not_asked_for_again(void **state)
{
	struct feedworld *w = make("2026-11-20T12:00:00Z", ORG);

	(void)state;
	fw_use(w, 15 * DAY, "wrkspc_1", "apikey_1", "4000");
	poll_well(w);
	w->api.rows[0].cents = "9000"; /* restated long after lookback */
	poll_well(w);
	assert_int_equal(told(w, "organization", 0), 0);
	fw_free(w);
}

/* --- many --- */

#define MANY 2100 /* their sums have no room in one value of the spool */

static void many_budgets(struct feedworld *w, unsigned limit)
{
	struct buf text = BUF_INIT(1u << 20);

	fw_must(buf_add_text(&text, "version: 1\nbudgets:\n"));
	for (unsigned i = 0; i < MANY; i++)
		fw_must(buf_addf(&text, "  - {workspace: wrkspc_%04u, monthly: %u}\n", i, limit));
	fw_policy(w, text.ptr);
	buf_done(&text);
}

/* Values that hold what was spent on the 5th of November. */
static size_t kept_parts(const struct feedworld *w)
{
	size_t count = 0;

	for (size_t i = 0; i < w->item_count; i++)
		count += text_starts(view_of(w->items[i].key), VIEW("spent/")) && strstr(w->items[i].key, "/020762");
	return count;
}

static void the_sums_of_a_day_are_kept_of_any_number_of_budgets(void **state)
{
	static char ids[MANY][16];
	struct feedworld *w = make("2026-11-20T12:00:00Z", "version: 1\n");

	(void)state;
	many_budgets(w, 100);
	for (size_t i = 0; i < MANY; i++) {
		(void)snprintf(ids[i], sizeof(ids[i]), "wrkspc_%04zu", i);
		fw_use(w, 15 * DAY, ids[i], "apikey_1", "6000.123456789012345678901234567");
	}
	fw_use(w, 15 * DAY, ids[MANY - 1], "apikey_1", "1")->currency = "EUR";
	poll_well(w);
	assert_int_equal(told(w, "workspace:wrkspc_0000", 50), 1);
	assert_int_equal(fw_events(w, "budget_threshold", NULL, NULL), MANY);
	assert_int_equal(fw_events(w, "budget_incomplete", "\"scope\":\"workspace:wrkspc_2099\"", NULL), 1);
	w->api.count = 0; /* what is told from here on is what was kept, compared with other limits */
	many_budgets(w, 110);
	poll_well(w);
	assert_int_equal(told(w, "workspace:wrkspc_2099", 50), 2);
	assert_int_equal(fw_events(w, "budget_threshold", NULL, NULL), 2 * MANY);
	assert_int_equal(fw_events(w, "budget_incomplete", "\"scope\":\"workspace:wrkspc_2099\"", NULL), 2);
	assert_int_equal(fw_events(w, "budget_incomplete", NULL, NULL), 2);
	assert_int_equal(kept_parts(w), 2);
	w->api.now_s += 60 * DAY;
	poll_well(w);
	poll_well(w); /* nobody looks at that month any more */
	assert_int_equal(kept_parts(w), 0);
	fw_free(w);
}

/* --- names --- */

static void a_workspace_that_is_renamed_takes_nothing_along(void **state)
{
	struct feedworld *w = make("2026-11-02T12:00:00Z", ML_PROD);

	(void)state;
	fw_use(w, HOUR, "wrkspc_1", "apikey_1", "6000");
	poll_well(w);
	assert_int_equal(told(w, "workspace:ml-prod", 50), 1);
	w->api.workspaces[0].name = "ml-production";
	w->api.now_s += 12 * DAY;
	fw_use(w, HOUR, "wrkspc_1", "apikey_1", "2500");
	poll_well(w);
	assert_int_equal(told(w, "workspace:ml-prod", 80), 1);
	assert_int_equal(told(w, "workspace:ml-prod", 0), 2);
	w->api.now_s += DAY;
	fw_policy(w, "version: 1\nbudgets: [{workspace: ml-production, monthly: 100}]\n");
	poll_well(w);
	assert_int_equal(told(w, "workspace:ml-production", 0), 0);
	fw_use(w, HOUR, "wrkspc_1", "apikey_1", "1200");
	poll_well(w);
	assert_int_equal(told(w, "workspace:ml-production", 95), 1);
	assert_int_equal(fw_events(w, "budget_threshold", NULL, NULL), 3);
	fw_free(w);
}

static void a_name_that_goes_over_to_another_key_keeps_what_was_spent_to_the_months_end(void **state)
{
	struct feedworld *w =
		make("2026-11-02T12:00:00Z", "version: 1\nbudgets: [{key: ml-prod-chat, monthly: 100}]\n");

	(void)state;
	fw_use(w, HOUR, "wrkspc_1", "apikey_1", "6000");
	poll_well(w);
	assert_int_equal(told(w, "key:ml-prod-chat", 50), 1);
	w->api.keys[0].name = "ml-prod-chat-old";
	w->api.keys[1].name = "ml-prod-chat"; /* rotated */
	w->api.now_s += 12 * DAY;
	fw_use(w, HOUR, "wrkspc_1", "apikey_2", "2500");
	poll_well(w);
	assert_int_equal(told(w, "key:ml-prod-chat", 50), 1);
	assert_int_equal(told(w, "key:ml-prod-chat", 80), 1);
	w->api.now_s += 20 * DAY; /* December is the new key's alone */
	fw_use(w, HOUR, "wrkspc_1", "apikey_1", "9900");
	fw_use(w, 2 * DAY, "wrkspc_1", "apikey_2", "4900");
	poll_well(w);
	assert_int_equal(told(w, "key:ml-prod-chat", 0), 2);
	fw_free(w);
}

static void a_key_that_changes_teams_is_counted_for_the_new_one_alone(void **state)
{
	struct feedworld *w =
		make("2026-11-12T12:00:00Z", "version: 1\nnames: {teams: [ml, web]}\n"
					     "budgets: [{team: ml, monthly: 100}, {team: web, monthly: 100}]\n");

	(void)state;
	fw_use(w, 10 * DAY, "wrkspc_1", "apikey_1", "4000");
	fw_use(w, 10 * DAY, "wrkspc_2", "apikey_2", "4000");
	poll_well(w);
	assert_int_equal(fw_events(w, "budget_threshold", NULL, NULL), 0);
	w->api.keys[0].name = "web-prod-search";
	poll_well(w);
	assert_int_equal(told(w, "team:web", 80), 1);
	assert_int_equal(told(w, "team:ml", 0), 0);
	fw_use(w, HOUR, "wrkspc_1", "apikey_1", "2000");
	w->api.keys[0].name = "Whatever"; /* no team's: it stays where it was */
	poll_well(w);
	assert_int_equal(told(w, "team:web", 95), 1);
	fw_free(w);
}

static void a_department_keeps_a_workspace_that_is_renamed(void **state)
{
	struct feedworld *w = make("2026-11-02T12:00:00Z", "version: 1\ndepartments: {legal: {workspaces: [ml-prod]}}\n"
							   "budgets: [{department: legal, monthly: 100}]\n");

	(void)state;
	fw_use(w, HOUR, "wrkspc_1", "apikey_1", "4000");
	poll_well(w);
	w->api.workspaces[0].name = "ml-production";
	w->api.now_s += 10 * DAY;
	fw_use(w, HOUR, "wrkspc_1", "apikey_1", "2000");
	poll_well(w);
	assert_int_equal(told(w, "department:legal", 50), 1);
	fw_free(w);
}

/* --- currencies --- */

static void another_currency_touches_its_budgets_alone_and_is_told_once(void **state)
{
	struct feedworld *w = make("2026-11-10T12:00:00Z",
				   "version: 1\nnames: {teams: [ml, web]}\nbudgets:\n"
				   "  - {organization: true, monthly: 1000}\n  - {workspace: ml-prod, monthly: 100}\n"
				   "  - {workspace: web-prod, monthly: 100}\n  - {team: ml, monthly: 100}\n"
				   "  - {key: web-prod-chat, monthly: 100}\n");

	(void)state;
	fw_use(w, HOUR, "wrkspc_1", "apikey_1", "9900")->currency = "EUR";
	fw_use(w, HOUR, "wrkspc_1", "apikey_1", "5500")->currency = "usd";
	fw_use(w, 2 * HOUR, "wrkspc_2", "apikey_2", "6000");
	poll_well(w);
	assert_int_equal(told(w, "workspace:ml-prod", 50), 1);
	assert_int_equal(told(w, "workspace:web-prod", 50), 1);
	assert_int_equal(told(w, "key:web-prod-chat", 50), 1);
	assert_int_equal(fw_events(w, "budget_threshold", NULL, NULL), 4); /* and the team's */
	assert_int_equal(fw_events(w, "budget_incomplete", "\"scope\":\"organization\"", "\"currency\":\"EUR\""), 1);
	assert_int_equal(fw_events(w, "budget_incomplete", "\"scope\":\"workspace:ml-prod\"", "has costs in EUR"), 1);
	assert_int_equal(fw_events(w, "budget_incomplete", "\"scope\":\"team:ml\"", NULL), 1);
	assert_int_equal(fw_events(w, "budget_incomplete", NULL, NULL), 3);
	w->api.now_s += 8 * DAY; /* the day is one of those that are kept */
	poll_well(w);
	assert_int_equal(fw_events(w, "budget_incomplete", NULL, NULL), 3);
	fw_use(w, -15 * DAY, "wrkspc_1", "apikey_1", "1")->currency = "";
	w->api.now_s += 16 * DAY;
	poll_well(w);
	assert_int_equal(fw_events(w, "budget_incomplete", "\"period_start\":\"2026-12-01T00:00:00Z\"", NULL), 3);
	fw_free(w);
}

/* --- the spool --- */

static void a_full_spool_costs_no_calls_and_what_waits_is_stored_once_there_is_room(void **state)
{
	struct feedworld *w = make("2026-11-10T12:00:00Z", ORG);
	struct err err = ERR_INIT;
	uint64_t wait_ms;
	unsigned calls;
	void *feed;

	(void)state;
	fw_use(w, HOUR, "wrkspc_1", "apikey_1", "6000");
	feed = feed_cost.open(&w->env, &err);
	assert_non_null(feed);
	w->is_full = true;
	assert_int_equal(feed_cost.poll(feed, &wait_ms, &err), 0);
	calls = w->api.calls;
	assert_true(calls > 0 && wait_ms < 60'000);
	for (unsigned i = 0; i < 100; i++)
		assert_int_equal(feed_cost.poll(feed, &wait_ms, &err), 0);
	assert_int_equal(w->event_count, 0);
	w->is_full = false;
	assert_int_equal(feed_cost.poll(feed, &wait_ms, &err), 0);
	assert_int_equal(w->api.calls, calls);
	assert_int_equal(told(w, "organization", 50), 1);
	assert_true(wait_ms > 50'000 && wait_ms <= 60'000); /* a minute after it was asked */
	assert_int_equal(feed_cost.poll(feed, &wait_ms, &err), 0);
	assert_true(w->api.calls > calls);
	assert_int_equal(w->event_count, 1);
	feed_cost.close(feed);
	fw_free(w);
}

static uint64_t next(uint64_t *seed) /* xorshift */
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

/* Spending rises across all thresholds while the process dies before or behind any page, a hundred times. */
static void each_threshold_is_told_exactly_once_over_a_hundred_deaths(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 2; seed++) {
		struct feedworld *w =
			make("2026-11-02T00:30:00Z",
			     "version: 1\nnames: {teams: [ml, web]}\n"
			     "budgets:\n  - {workspace: ml-prod, monthly: 100, alert_at: [10, 50, 80, 95]}\n"
			     "  - {team: ml, monthly: 100, alert_at: [10, 50, 80, 95]}\n");
		static const unsigned thresholds[] = { 10, 50, 80, 95 };
		uint64_t random = seed * UINT64_C(0x9e3779b97f4a7c15);
		unsigned deaths = 0;

		while (deaths < 100 || w->api.count < 100) {
			if (w->api.count < 100 && next(&random) % 2)
				fw_use(w, 0, "wrkspc_1", "apikey_1", "100"); /* a dollar */
			w->api.now_s += (int64_t)(next(&random) % (2 * (uint64_t)HOUR));
			w->puts = 0;
			w->die_at = 1 + (unsigned)(next(&random) % 3);
			w->dies_behind = next(&random) % 2;
			w->is_dead = false;
			deaths += fw_live(w, &feed_cost) != 0;
		}
		w->die_at = 0;
		w->is_dead = false;
		poll_well(w);
		for (size_t i = 0; i < ARRAY_LEN(thresholds); i++) {
			assert_int_equal(told(w, "workspace:ml-prod", thresholds[i]), 1);
			assert_int_equal(told(w, "team:ml", thresholds[i]), 1);
		}
		assert_int_equal(fw_events(w, "budget_threshold", NULL, NULL), 8);
		fw_free(w);
	}
}

/* --- refusals --- */

static void an_admin_key_is_called_for_only_when_the_reply_says_so(void **state)
{
	struct feedworld *w = make("2026-11-10T12:00:00Z", ORG);

	(void)state;
	w->api.refusal = "400 invalid_request_error: bucket_width: unknown";
	assert_int_equal(fw_live(w, &feed_cost), -1);
	assert_string_equal(w->alert,
			    "the API refuses (workspace.list: 400 invalid_request_error: bucket_width: unknown)");
	w->api.refusal = "403 permission_error: Missing required scopes. Needed: org:admin";
	assert_int_equal(fw_live(w, &feed_cost), -1);
	assert_non_null(strstr(w->alert, "an admin key is needed (workspace.list: 403"));
	fw_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_day_gets_after_the_last_poll_counts_however_long_skantd_was_away),
		cmocka_unit_test(a_month_that_ends_while_skantd_is_away_is_judged),
		cmocka_unit_test(a_day_is_read_until_it_is_final_when_lookback_is_as_short_as_settle),
		cmocka_unit_test(a_final_day_is_not_asked_for_again),
		cmocka_unit_test(the_sums_of_a_day_are_kept_of_any_number_of_budgets),
		cmocka_unit_test(a_workspace_that_is_renamed_takes_nothing_along),
		cmocka_unit_test(a_name_that_goes_over_to_another_key_keeps_what_was_spent_to_the_months_end),
		cmocka_unit_test(a_key_that_changes_teams_is_counted_for_the_new_one_alone),
		cmocka_unit_test(a_department_keeps_a_workspace_that_is_renamed),
		cmocka_unit_test(another_currency_touches_its_budgets_alone_and_is_told_once),
		cmocka_unit_test(a_full_spool_costs_no_calls_and_what_waits_is_stored_once_there_is_room),
		cmocka_unit_test(each_threshold_is_told_exactly_once_over_a_hundred_deaths),
		cmocka_unit_test(rows_that_nothing_tells_apart_are_told_and_counted_each),
		cmocka_unit_test(an_admin_key_is_called_for_only_when_the_reply_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
