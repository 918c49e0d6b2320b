/* SPDX-License-Identifier: Apache-2.0 */
#include "common/policy/budget_scope.h"

#include "tests/support/unit.h"

static bool counts(enum policy_scope scope, const char *name, struct budget_payer payer)
{
	const struct policy_budget budget = { .scope = scope, .name = name };

	return budget_counts(&budget, &payer);
}

static void all_money_is_the_organization_s(void **state)
{
	(void)state;
	assert_true(counts(POLICY_ORGANIZATION, "", (struct budget_payer){ .team = VIEW_NONE }));
}

static void a_workspace_is_meant_by_id_or_name(void **state)
{
	const struct budget_payer payer = { .workspace_id = VIEW("wrkspc_1"), .workspace_name = VIEW("ml-prod") };

	(void)state;
	assert_true(counts(POLICY_WORKSPACE, "wrkspc_1", payer));
	assert_true(counts(POLICY_WORKSPACE, "ml-prod", payer));
	assert_false(counts(POLICY_WORKSPACE, "ml-prod-2", payer));
	assert_true(counts(POLICY_WORKSPACE, "Default", (struct budget_payer){ .workspace_name = VIEW("Default") }));
}

static void keys_of_one_name_count_for_one_budget_together(void **state)
{
	const struct budget_payer first = { .key_id = VIEW("apikey_1"), .key_name = VIEW("ml-prod-chat") };
	const struct budget_payer second = { .key_id = VIEW("apikey_2"), .key_name = VIEW("ml-prod-chat") };

	(void)state;
	assert_true(counts(POLICY_KEY, "ml-prod-chat", first));
	assert_true(counts(POLICY_KEY, "ml-prod-chat", second));
	assert_true(counts(POLICY_KEY, "apikey_1", first));
	assert_false(counts(POLICY_KEY, "apikey_1", second));
}

static void what_is_of_no_key_counts_for_no_key(void **state)
{
	(void)state;
	assert_false(counts(POLICY_KEY, "Console", (struct budget_payer){ .key_name = VIEW("Console") }));
}

static void what_nobody_knows_counts_for_nobody(void **state)
{
	const struct budget_payer nobody = { .team = VIEW_NONE };

	(void)state;
	for (unsigned scope = POLICY_WORKSPACE; scope < POLICY_SCOPES; scope++) {
		assert_false(counts(scope, "ml", nobody));
		assert_false(counts(scope, "", nobody));
	}
	assert_false(counts(POLICY_SCOPES, "ml", nobody));
}

static void a_budget_is_of_its_own_scope(void **state)
{
	const struct budget_payer payer = { .workspace_id = VIEW("w"),
					    .workspace_name = VIEW("legal"),
					    .department = VIEW("finance"),
					    .team = VIEW("ml"),
					    .key_id = VIEW("k"),
					    .key_name = VIEW("ops") };

	(void)state;
	assert_true(counts(POLICY_WORKSPACE, "legal", payer));
	assert_false(counts(POLICY_DEPARTMENT, "legal", payer));
	assert_true(counts(POLICY_DEPARTMENT, "finance", payer));
	assert_true(counts(POLICY_TEAM, "ml", payer));
	assert_false(counts(POLICY_KEY, "ml", payer));
	assert_false(counts(POLICY_TEAM, "ops", payer));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_money_is_the_organization_s),
		cmocka_unit_test(a_workspace_is_meant_by_id_or_name),
		cmocka_unit_test(keys_of_one_name_count_for_one_budget_together),
		cmocka_unit_test(what_is_of_no_key_counts_for_no_key),
		cmocka_unit_test(what_nobody_knows_counts_for_nobody),
		cmocka_unit_test(a_budget_is_of_its_own_scope),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
