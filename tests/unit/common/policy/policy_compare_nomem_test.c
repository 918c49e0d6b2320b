/* SPDX-License-Identifier: Apache-2.0 */
/* A policy is compared with an organisation, with each allocation failing in turn. */
#include "common/policy/policy_compare.h"

#include "common/base/text.h"
#include "common/policy/policy_read.h"
#include "tests/support/nomem.h"
#include "tests/support/unit.h"

static const char text[] = "version: 1\nnames: {teams: [ml]}\nmodels: {workspaces: {ml-pord: {}}}\n"
			   "departments: {d: {workspaces: [other]}}\n"
			   "budgets: [{key: gone, daily: 1}, {team: data, daily: 1}, {workspace: nowhere, daily: 1}]\n";

static int count(void *context, const struct policy_difference *, struct err *)
{
	(*(size_t *)context)++;
	return 0;
}

static bool compare(void *context, long n)
{
	static struct org_workspace workspaces[] = { { .id = "wrkspc_1", .name = "ml-prod" } };
	const struct organization org = { .id = "",
					  .name = "",
					  .default_workspace_id = "",
					  .workspaces = workspaces,
					  .workspace_count = ARRAY_LEN(workspaces) };
	size_t told = 0;
	struct err err = ERR_INIT;
	bool has_failed;
	int status;

	nomem_start(n);
	status = policy_compare(context, &org, &(const struct policy_teller){ count, &told }, &err);
	has_failed = nomem_stop();
	assert_int_equal(status, has_failed ? -1 : 0);
	assert_int_equal(err.kind, has_failed ? ERR_NOMEM : ERR_NONE);
	if (!has_failed)
		assert_int_equal(told, 6);
	return has_failed;
}

static void a_comparison_without_memory_is_an_error(void **state)
{
	struct err err = ERR_INIT;
	struct policy *policy = policy_parse(view_of(text), "p.yaml", &err);

	(void)state;
	assert_non_null(policy);
	assert_true(nomem_each(compare, policy) > 5);
	policy_free(policy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_comparison_without_memory_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
