/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/naming.h"

#include "common/base/text.h"
#include "tests/support/unit.h"

static struct org_workspace workspaces[] = { { .id = "w1", .name = "legal-prod" } };
static struct org_key keys[] = { { .id = "k1", .name = "ml-prod-chat" }, { .id = "k2", .name = "Johns key" } };
static struct org_user users[] = { { .id = "u1", .email = "ada@example.com" } };
static const struct organization org = { .id = "o",
					 .workspaces = workspaces,
					 .workspace_count = 1,
					 .keys = keys,
					 .key_count = 2,
					 .users = users,
					 .user_count = 1,
					 .default_workspace_id = "w0" };

static const char *const of_law[] = { "w1", "told" };
static const struct policy_department departments[] = { { .name = "law",
							  .workspaces = { .items = of_law, .count = 2 } } };

static struct naming naming(const struct policy *policy)
{
	return (struct naming){
		.org = &org, .policy = policy, .told_ids = INTERN_INIT(1 << 10), .told_names = INTERN_INIT(1 << 10)
	};
}

static void assert_text(struct view text, const char *wanted)
{
	assert_true(text_eq(text, view_of(wanted)));
}

static void ids_have_the_names_that_are_known(void **state)
{
	struct naming n = naming(&policy_standard);

	(void)state;
	assert_text(naming_workspace(&n, VIEW("w1")), "legal-prod");
	assert_text(naming_workspace(&n, VIEW("")), "Default");
	assert_text(naming_workspace(&n, VIEW("w0")), "Default");
	assert_text(naming_workspace(&n, VIEW("w9")), "");
	assert_text(naming_key(&n, VIEW("k1")), "ml-prod-chat");
	assert_text(naming_key(&n, VIEW("k9")), "");
	assert_text(naming_key(&n, VIEW_NONE), "");
	assert_text(naming_user(&n, VIEW("u1")), "ada@example.com");
	assert_text(naming_user(&n, VIEW("u9")), "");
	naming_done(&n);
}

static void a_name_that_came_with_a_row_counts_first(void **state)
{
	struct naming n = naming(&policy_standard);
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(naming_tell_workspace(&n, VIEW("w9"), VIEW("told"), &err), 0);
	assert_int_equal(naming_tell_workspace(&n, VIEW("w9"), VIEW("told again"), &err), 0);
	assert_int_equal(naming_tell_workspace(&n, VIEW("w8"), VIEW(""), &err), 0);
	assert_int_equal(naming_tell_workspace(&n, VIEW("w7"), VIEW("told"), &err), 0);
	assert_text(naming_workspace(&n, VIEW("w9")), "told");
	assert_text(naming_workspace(&n, VIEW("w8")), "");
	assert_text(naming_workspace(&n, VIEW("w7")), "told");
	naming_done(&n);
}

static void a_key_s_name_tells_its_parts(void **state)
{
	struct naming n = naming(&policy_standard);

	(void)state;
	for (unsigned i = 0; i < 2; i++) { /* those of the last key are kept */
		assert_text(naming_parts(&n, VIEW("k1"))->team, "ml");
		assert_text(naming_parts(&n, VIEW("k1"))->environment, "prod");
		assert_text(naming_parts(&n, VIEW("k2"))->team, "");
		assert_text(naming_parts(&n, VIEW_NONE)->team, "");
	}
	naming_done(&n);
}

static void a_department_is_known_by_the_workspace_s_id_or_name(void **state)
{
	struct policy policy = policy_standard;
	struct naming n = naming(&policy);
	struct err err = ERR_INIT;

	(void)state;
	policy.departments = departments;
	policy.department_count = 1;
	assert_int_equal(naming_tell_workspace(&n, VIEW("w9"), VIEW("told"), &err), 0);
	assert_text(naming_department(&n, VIEW("w1")), "law");
	assert_text(naming_department(&n, VIEW("w9")), "law");
	assert_text(naming_department(&n, VIEW("")), "");
	naming_done(&n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ids_have_the_names_that_are_known),
		cmocka_unit_test(a_name_that_came_with_a_row_counts_first),
		cmocka_unit_test(a_key_s_name_tells_its_parts),
		cmocka_unit_test(a_department_is_known_by_the_workspace_s_id_or_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
