/* SPDX-License-Identifier: Apache-2.0 */
/* The review of access, with each allocation failing in turn. */
#include <stdio.h>

#include "common/policy/accessaudit.h"
#include "tests/support/nomem.h"
#include "tests/support/unit.h"

#define USERS 100

static struct org_user users[USERS];
static char ids[USERS][16];
static struct org_key keys[] = {
	{ "apikey_1", "a", "", "active", "", ORG_KEY_ORGANIZATION_WIDE, "svac_1", "service_account", 0, 0, "", "" },
	{ "apikey_2", "b", "", "active", "", ORG_KEY_ORGANIZATION_WIDE, "user_gone", "user", 0, 0, "", "" },
};

static bool review(void *context, long n)
{
	const struct organization org = { .id = "",
					  .name = "",
					  .default_workspace_id = "",
					  .users = users,
					  .user_count = USERS,
					  .keys = keys,
					  .key_count = ARRAY_LEN(keys) };
	const struct access_seen seen = { true, true };
	struct access_review r;
	struct err err = ERR_INIT;
	bool has_failed;
	int ret;

	(void)context;
	nomem_start(n);
	ret = access_make(&r, &org, &policy_standard, &seen, 0, &err);
	has_failed = nomem_stop();
	assert_int_equal(ret, has_failed ? -1 : 0);
	assert_int_equal(err.kind, has_failed ? ERR_NOMEM : ERR_NONE);
	assert_true(has_failed || r.row_count == USERS + 3);
	access_done(&r);
	return has_failed;
}

static void a_review_without_memory_is_an_error(void **state)
{
	(void)state;
	for (unsigned i = 0; i < USERS; i++) {
		(void)snprintf(ids[i], sizeof(ids[i]), "user_%03u", i);
		users[i] = (struct org_user){ ids[i], "a@example.com", "A", "user", 0 };
	}
	assert_true(nomem_each(review, NULL) > 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(a_review_without_memory_is_an_error) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
