/* SPDX-License-Identifier: Apache-2.0 */
#include "common/policy/policy_compare.h"

#include <string.h>

#include "common/policy/policy_read.h"
#include "tests/support/unit.h"

static struct org_workspace workspaces[] = {
	{ .id = "wrkspc_1", .name = "ml-prod" },
	{ .id = "wrkspc_2", .name = "old", .archived_at_s = 5 },
	{ .id = "wrkspc_3", .name = "twin" },
	{ .id = "wrkspc_4", .name = "twin" },
};
static struct org_key keys[] = {
	{ .id = "apikey_1", .name = "ml-prod-inference", .status = "active" },
	{ .id = "apikey_2", .name = "data-prod-etl", .status = "inactive" },
	{ .id = "apikey_3", .name = "same", .status = "active" },
	{ .id = "apikey_4", .name = "same", .status = "active" },
};
static const struct organization org = {
	.id = "",
	.name = "",
	.default_workspace_id = "wrkspc_0",
	.workspaces = workspaces,
	.workspace_count = ARRAY_LEN(workspaces),
	.keys = keys,
	.key_count = ARRAY_LEN(keys),
};

static int add(void *context, const struct policy_difference *d, struct err *err)
{
	if (buf_addf(context, "%s%s %s: %s\n", d->is_note ? "note: " : "", d->section, d->code, d->text))
		return err_nomem(err);
	return 0;
}

static void assert_told(const char *policy_text, const char *told)
{
	DEFER(buf_done) struct buf got = BUF_INIT(1 << 16), text = BUF_INIT(1 << 16);
	struct err err = ERR_INIT;
	struct policy *policy;

	assert_int_equal(buf_addf(&text, "version: 1\n%s\n", policy_text), 0);
	policy = policy_parse(buf_view(&text), "p.yaml", &err);
	if (!policy)
		fail_msg("%s", err.text);
	assert_int_equal(policy_compare(policy, &org, &(const struct policy_teller){ add, &got }, &err), 0);
	assert_string_equal(got.ptr ? got.ptr : "", told);
	policy_free(policy);
}

static void what_is_there_is_not_told(void **state)
{
	(void)state;
	assert_told("", "");
	assert_told("names: {teams: [ml]}\nmodels: {workspaces: {ml-prod: {}, Default: {}}}\n"
		    "departments: {a: {workspaces: [wrkspc_1, wrkspc_0]}}\n"
		    "budgets:\n  - {workspace: ml-prod, monthly: 1}\n  - {team: ml, monthly: 1}\n"
		    "  - {key: apikey_1, daily: 1}\n  - {organization: true, daily: 1}\n  - {department: a, daily: 1}",
		    "");
}

static void workspaces_that_are_not_there_are_told_by_section(void **state)
{
	(void)state;
	assert_told("models: {workspaces: {ml-prd: {}}}\ndepartments: {a: {workspaces: [nowhere]}}\n"
		    "budgets: [{workspace: old, monthly: 1}, {workspace: twin, monthly: 1}]",
		    "models.workspaces unknown-workspace: there is no workspace 'ml-prd'; did you mean 'ml-prod'?\n"
		    "budgets archived-workspace: the workspace 'old' is archived: take it out of the policy\n"
		    "budgets ambiguous-workspace: 2 workspaces are called 'twin': the id of one was expected\n"
		    "departments unknown-workspace: there is no workspace 'nowhere': its name or id was expected\n");
}

static void entries_that_mean_the_same_are_told(void **state)
{
	(void)state;
	assert_told("models: {workspaces: {ml-prod: {}, wrkspc_1: {}, Default: {}, wrkspc_0: {}}}\n"
		    "departments: {a: {workspaces: [ml-prod]}, b: {workspaces: [wrkspc_1]}}",
		    "models.workspaces overlap: 'Default' and 'wrkspc_0' are the same: one entry was expected\n"
		    "models.workspaces overlap: 'ml-prod' and 'wrkspc_1' are the same: one entry was expected\n"
		    "departments overlap: 'ml-prod' and 'wrkspc_1' are the same: one entry was expected\n");
	assert_told("budgets: [{key: apikey_1, daily: 1}, {key: ml-prod-inference, daily: 2}]",
		    "budgets overlap: 'apikey_1' and 'ml-prod-inference' are the same: one entry was expected\n");
	assert_told("budgets: [{workspace: ml-prod, daily: 1}, {workspace: wrkspc_1, monthly: 2}]", "");
}

static void teams_and_keys_that_nobody_has_are_told(void **state)
{
	(void)state;
	assert_told("names: {teams: [ml, data]}\n"
		    "budgets: [{team: data, monthly: 1}, {key: gone, daily: 1}, {key: data-prod-etl, daily: 1}, "
		    "{key: same, daily: 1}]",
		    "note: names.teams unused-team: no active key's name has the team 'data'\n"
		    "budgets unknown-team: no active key's name has the team 'data': nothing will ever count for its "
		    "budget\n"
		    "budgets unknown-key: there is no key 'gone': its name or id was expected\n"
		    "note: budgets inactive-key: the key 'data-prod-etl' is not active\n"
		    "budgets ambiguous-key: 2 active keys are called 'same': the id of one was expected\n");
}

static void each_section_that_was_not_compared_is_told(void **state)
{
	static const char text[] =
		"version: 1\nnames: {teams: [ml]}\nmodels: {default: {}, workspaces: {a: {}, b: {}}}\n"
		"departments: {d: {workspaces: [a]}}\nbudgets: [{department: d, daily: 1}, "
		"{organization: true, daily: 1}, {team: ml, daily: 1}]\n";
	DEFER(buf_done) struct buf got = BUF_INIT(1 << 16);
	struct err err = ERR_INIT;
	DEFER(policy_freep) struct policy *policy = policy_parse(view_of(text), "p.yaml", &err);
	const struct policy_teller teller = { add, &got };

	(void)state;
	assert_non_null(policy);
	assert_int_equal(policy_tell_unasked(policy, "no key", &teller, &err), 0);
	assert_string_equal(
		got.ptr, "note: names.teams not-checked: 1 entry was not compared with the organisation: no key\n"
			 "note: models.workspaces not-checked: 2 entries were not compared with the organisation: no "
			 "key\n"
			 "note: budgets not-checked: 1 entry was not compared with the organisation: no key\n"
			 "note: departments not-checked: 1 entry was not compared with the organisation: no key\n");
	buf_clear(&got);
	assert_int_equal(policy_tell_unasked(&policy_standard, "no key", &teller, &err), 0);
	assert_int_equal(got.len, 0);
}

static int refuse(void *, const struct policy_difference *, struct err *err)
{
	return err_set(err, ERR_IO, 0, "full");
}

static void who_is_told_may_end_it(void **state)
{
	static const char text[] = "version: 1\nmodels: {workspaces: {x: {}}}\n";
	struct err err = ERR_INIT;
	DEFER(policy_freep) struct policy *policy = policy_parse(view_of(text), "p.yaml", &err);

	(void)state;
	assert_non_null(policy);
	assert_int_equal(policy_compare(policy, &org, &(const struct policy_teller){ refuse, NULL }, &err), -1);
	assert_int_equal(err.kind, ERR_IO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_there_is_not_told),
		cmocka_unit_test(workspaces_that_are_not_there_are_told_by_section),
		cmocka_unit_test(entries_that_mean_the_same_are_told),
		cmocka_unit_test(teams_and_keys_that_nobody_has_are_told),
		cmocka_unit_test(each_section_that_was_not_compared_is_told),
		cmocka_unit_test(who_is_told_may_end_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
