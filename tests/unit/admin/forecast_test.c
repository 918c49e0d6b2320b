/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/forecast.h"

#include <string.h>

#include "tests/support/unit.h"

#define NOW_S 1794312000  /* 2026-11-10T12:00:00Z */
#define FROM_S 1793491200 /* 2026-11-01 */
#define DAY_S 86400

static struct org_workspace workspaces[] = {
	{ .id = "w1", .name = "ml-prod" },
	{ .id = "w2", .name = "ml-prod" },
	{ .id = "w3", .name = "legal" },
};
static struct org_key keys[] = {
	{ .id = "k1", .name = "ml-prod-chat", .workspace_id = "w1" },
	{ .id = "k2", .name = "ml-prod-chat", .workspace_id = "w3" },
	{ .id = "k3", .name = "ops-prod-run", .workspace_id = "w3" },
};
static const struct organization org = { .id = "o",
					 .workspaces = workspaces,
					 .workspace_count = ARRAY_LEN(workspaces),
					 .keys = keys,
					 .key_count = ARRAY_LEN(keys) };

#define MONTHLY(its_scope, its_name, usd)                                                                              \
	{                                                                                                              \
		.scope = (its_scope), .name = (its_name), .period = POLICY_MONTHLY, .limit_usd = {.units = (usd) }     \
	}
static const struct policy_budget budgets[] = {
	{ .scope = POLICY_KEY, .name = "ml-prod-chat", .period = POLICY_DAILY, .limit_usd = { .units = 1 } },
	MONTHLY(POLICY_KEY, "ml-prod-chat", 100),
	MONTHLY(POLICY_KEY, "k3", 50),
	MONTHLY(POLICY_KEY, "ops-prod-run", 40),
	MONTHLY(POLICY_WORKSPACE, "ml-prod", 200),
	MONTHLY(POLICY_TEAM, "ml", 60),
	MONTHLY(POLICY_DEPARTMENT, "law", 80),
	MONTHLY(POLICY_ORGANIZATION, "", 1000),
};

/* A tally with what it is told by, and where its forecast is written. */
struct telling {
	struct options o;
	struct session s;
	struct policy policy;
	struct naming naming;
	struct tally tally;
	struct period period;
	struct forecast forecast;
};

static void begin(struct telling *t, const char *group_by)
{
	const struct texts words = { .items = { group_by }, .count = 1 };
	struct facets facets;

	options_init(&t->o);
	t->o.format = OUTPUT_JSONL;
	t->s = (struct session){ .o = &t->o };
	t->policy = policy_standard;
	t->policy.budgets = budgets;
	t->policy.budget_count = ARRAY_LEN(budgets);
	t->naming = (struct naming){
		.org = &org, .policy = &t->policy, .told_ids = INTERN_INIT(1 << 10), .told_names = INTERN_INIT(1 << 10)
	};
	assert_int_equal(facets_read(&words, "team", ~0u, "cost", &facets, NULL), 0);
	tally_init(&t->tally, &facets);
	t->period = (struct period){ .from_s = FROM_S, .to_s = NOW_S, .now_s = NOW_S };
}

static void end(struct telling *t)
{
	tally_done(&t->tally);
	naming_done(&t->naming);
}

/* A row of the one facet that is told by. */
static void add(struct telling *t, const char *value, int64_t usd)
{
	struct facts facts = { .values = { VIEW_NONE } };
	struct err err = ERR_INIT;

	if (t->tally.facets.count)
		facts.values[t->tally.facets.items[t->tally.facets.count - 1]] = view_of(value);
	facts.values[FACET_MONTH] = VIEW("2026-11");
	assert_int_equal(tally_add(&t->tally, &facts, (struct decimal){ .units = usd }, NULL, &err), 0);
}

static void assert_forecast(struct telling *t, const struct tally_row *row, bool is_total, const char *wanted)
{
	DEFER(buf_done) struct buf text = BUF_INIT(1 << 10);
	struct err err = ERR_INIT;
	struct jsonw w;

	assert_int_equal(forecast_init(&t->forecast, &t->s, &t->naming, &t->tally, &t->period, &err), 0);
	jsonw_init(&w, &text, 0);
	jsonw_object(&w);
	forecast_write(&t->forecast, &w, row, is_total);
	jsonw_end(&w);
	assert_true(jsonw_ok(&w));
	assert_string_equal(text.ptr, wanted);
}

#define ROW(projected, limit, used, projected_percent)                                                                 \
	"{\"projected_usd\":\"" projected "\",\"limit_usd\":" limit ",\"used_percent\":" used                          \
	",\"projected_percent\":" projected_percent "}"
#define NO_BUDGET(projected) ROW(projected, "null", "null", "null")

/* A third of the month has passed in each of these. */
static void ten_days(struct telling *t)
{
	t->period.to_s = t->period.now_s = FROM_S + 10 * DAY_S;
}

static void keys_of_one_name_share_one_budget(void **state)
{
	struct telling t;

	(void)state;
	begin(&t, "key");
	ten_days(&t);
	add(&t, "k1", 30);
	add(&t, "k2", 10);
	add(&t, "k9", 5);
	assert_forecast(&t, &t.tally.rows[0], false, ROW("90", "\"100\"", "\"40.00\"", "\"120.00\""));
	assert_forecast(&t, &t.tally.rows[1], false, ROW("30", "\"100\"", "\"40.00\"", "\"120.00\""));
	assert_forecast(&t, &t.tally.rows[2], false, NO_BUDGET("15"));
	assert_forecast(&t, &t.tally.total, true, ROW("135", "\"1000\"", "\"4.50\"", "\"13.50\""));
	end(&t);
}

static void workspaces_of_one_name_share_one_budget(void **state)
{
	struct telling t;

	(void)state;
	begin(&t, "month,workspace");
	ten_days(&t);
	add(&t, "w1", 60);
	add(&t, "w2", 40);
	add(&t, "w3", 7);
	assert_forecast(&t, &t.tally.rows[0], false, ROW("180", "\"200\"", "\"50.00\"", "\"150.00\""));
	assert_forecast(&t, &t.tally.rows[1], false, ROW("120", "\"200\"", "\"50.00\"", "\"150.00\""));
	assert_forecast(&t, &t.tally.rows[2], false, NO_BUDGET("21"));
	end(&t);
}

static void of_several_budgets_the_one_that_is_used_most_is_told(void **state)
{
	struct telling t;

	(void)state;
	begin(&t, "key");
	ten_days(&t);
	add(&t, "k3", 10);
	assert_forecast(&t, &t.tally.rows[0], false, ROW("30", "\"40\"", "\"25.00\"", "\"75.00\""));
	end(&t);
}

static void teams_departments_and_the_whole_have_their_own(void **state)
{
	struct telling t;

	(void)state;
	begin(&t, "team");
	ten_days(&t);
	add(&t, "ml", 30);
	assert_forecast(&t, &t.tally.rows[0], false, ROW("90", "\"60\"", "\"50.00\"", "\"150.00\""));
	end(&t);
	begin(&t, "department");
	ten_days(&t);
	add(&t, "law", 20);
	assert_forecast(&t, &t.tally.rows[0], false, ROW("60", "\"80\"", "\"25.00\"", "\"75.00\""));
	end(&t);
	begin(&t, "total");
	ten_days(&t);
	add(&t, NULL, 100);
	assert_forecast(&t, &t.tally.rows[0], false, ROW("300", "\"1000\"", "\"10.00\"", "\"30.00\""));
	end(&t);
	begin(&t, "model");
	ten_days(&t);
	add(&t, "claude-opus-5", 20);
	assert_forecast(&t, &t.tally.rows[0], false, NO_BUDGET("60"));
	end(&t);
}

static void of_a_part_of_what_a_budget_is_for_no_budget_is_told(void **state)
{
	struct telling t;

	(void)state;
	begin(&t, "key");
	ten_days(&t);
	add(&t, "k1", 30);
	t.o.keys = (struct texts){ .items = { "k1" }, .count = 1 };
	assert_forecast(&t, &t.tally.rows[0], false, NO_BUDGET("90"));
	assert_forecast(&t, &t.tally.total, true, NO_BUDGET("90"));
	t.o.keys = (struct texts){ .items = { "ml-prod-chat" }, .count = 1 };
	t.o.team = "ml";
	assert_forecast(&t, &t.tally.rows[0], false, ROW("90", "\"100\"", "\"30.00\"", "\"90.00\""));
	t.o.workspaces = (struct texts){ .items = { "w1" }, .count = 1 }; /* the other one is elsewhere */
	assert_forecast(&t, &t.tally.rows[0], false, NO_BUDGET("90"));
	t.o.workspaces = (struct texts){ .items = { "w1", "legal" }, .count = 2 };
	assert_forecast(&t, &t.tally.rows[0], false, ROW("90", "\"100\"", "\"30.00\"", "\"90.00\""));
	t.o.model = "claude-opus-5";
	assert_forecast(&t, &t.tally.rows[0], false, NO_BUDGET("90"));
	end(&t);
	begin(&t, "workspace");
	ten_days(&t);
	add(&t, "w1", 60);
	t.o.workspaces = (struct texts){ .items = { "w1" }, .count = 1 };
	assert_forecast(&t, &t.tally.rows[0], false, NO_BUDGET("180"));
	t.o.workspaces = (struct texts){ .items = { "ml-prod" }, .count = 1 };
	assert_forecast(&t, &t.tally.rows[0], false, ROW("180", "\"200\"", "\"30.00\"", "\"90.00\""));
	end(&t);
	begin(&t, "department");
	ten_days(&t);
	add(&t, "law", 20);
	t.o.workspaces = (struct texts){ .items = { "w3" }, .count = 1 };
	assert_forecast(&t, &t.tally.rows[0], false, NO_BUDGET("60"));
	end(&t);
}

static void assert_refused(const char *group_by, int64_t from_s, int64_t to_s, const char *word)
{
	struct err err = ERR_INIT;
	struct telling t;

	begin(&t, group_by);
	t.period.from_s = from_s;
	t.period.to_s = to_s;
	assert_int_equal(forecast_init(&t.forecast, &t.s, &t.naming, &t.tally, &t.period, &err), -1);
	assert_int_equal(err.kind, ERR_USAGE);
	assert_non_null(strstr(err.text, word));
	end(&t);
}

static void a_forecast_is_of_one_calendar_month(void **state)
{
	(void)state;
	assert_refused("team", FROM_S + DAY_S, NOW_S, "first day");
	assert_refused("team", FROM_S - DAY_S, NOW_S, "first day");
	assert_refused("team", FROM_S, FROM_S + 30 * DAY_S + 1, "one month");
	assert_refused("day,team", FROM_S, NOW_S, "day");
}

static void days_that_are_read_whole_have_passed(void **state)
{
	struct telling t;

	(void)state;
	begin(&t, "total");
	add(&t, NULL, 10);
	t.period.to_s = FROM_S + 9 * DAY_S + 1; /* the tenth day is read to its end */
	t.period.now_s = FROM_S + 29 * DAY_S;
	assert_forecast(&t, &t.tally.rows[0], false, ROW("30", "\"1000\"", "\"1.00\"", "\"3.00\""));
	t.period.to_s = t.period.now_s = FROM_S + 7 * DAY_S + DAY_S / 2; /* today is not over */
	assert_forecast(&t, &t.tally.rows[0], false, ROW("40", "\"1000\"", "\"1.00\"", "\"4.00\""));
	end(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_of_one_name_share_one_budget),
		cmocka_unit_test(workspaces_of_one_name_share_one_budget),
		cmocka_unit_test(of_several_budgets_the_one_that_is_used_most_is_told),
		cmocka_unit_test(teams_departments_and_the_whole_have_their_own),
		cmocka_unit_test(of_a_part_of_what_a_budget_is_for_no_budget_is_told),
		cmocka_unit_test(a_forecast_is_of_one_calendar_month),
		cmocka_unit_test(days_that_are_read_whole_have_passed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
