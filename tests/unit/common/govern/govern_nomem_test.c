/* SPDX-License-Identifier: Apache-2.0 */
/* Failed allocations while a policy and an organisation are read and judged: an error each time, and nothing leaks. */
#include "common/api/endpoint_key.h"
#include "common/api/endpoint_user.h"
#include "common/govern/directory.h"
#include "common/govern/keyuse.h"
#include "common/policy/keyaudit.h"
#include "common/policy/policy_compare.h"
#include "common/policy/policy_read.h"
#include "common/policy/policy_write.h"
#include "tests/support/govern_api.h"
#include "tests/support/nomem.h"
#include "tests/support/unit.h"

#define PAGE(rows) "{\"data\":[" rows "],\"has_more\":false,\"first_id\":null,\"last_id\":null}"

static const struct govern_reply acme[] = {
	{ "org.get", "{\"id\":\"0b5f\",\"type\":\"organization\",\"name\":\"Acme\"}" },
	{ "user.list", PAGE("{\"id\":\"user_1\",\"email\":\"a@example.com\",\"name\":\"Ann\",\"role\":\"admin\"}") },
	{ "invite.list", PAGE("{\"id\":\"invite_1\",\"email\":\"c@example.com\",\"status\":\"pending\"}") },
	{ "workspace.list", PAGE("{\"id\":\"wrkspc_1\",\"name\":\"ml-prod\",\"data_residency\":"
				 "{\"allowed_inference_geos\":[\"us\",\"eu\"]}}") },
	{ "user.get", "{\"id\":\"user_2\",\"email\":\"b@example.com\"}" },
	{ "workspace.get", "{\"id\":\"wrkspc_0\",\"name\":\"Default\"}" },
	{ "member.list", PAGE("{\"user_id\":\"user_1\",\"workspace_id\":\"wrkspc_1\"}") },
	{ "key.list", PAGE("{\"id\":\"apikey_1\",\"name\":\"BAD\",\"status\":\"active\",\"scope\":{\"type\":"
			   "\"workspace\",\"workspace_id\":\"wrkspc_0\"}}") },
	{ "usage.messages",
	  "{\"data\":[{\"starting_at\":\"2026-11-24T00:00:00Z\",\"ending_at\":\"2026-11-25T00:00:00Z\",\"results\":"
	  "[{\"uncached_input_tokens\":1,\"api_key_id\":\"apikey_1\"}]},"
	  "{\"starting_at\":\"2026-11-25T00:00:00Z\",\"ending_at\":\"2026-11-28T00:00:00Z\",\"results\":[]}],"
	  "\"has_more\":false,\"next_page\":null}" },
	{ NULL, NULL },
};

static const char policy_text[] =
	"version: 1\nmodels: {default: {allow: [a]}, workspaces: {ml-prd: {}}}\n"
	"departments: {a: {workspaces: [ml-prod]}}\nbudgets: [{team: ml, monthly: 5}, {department: a, daily: 1}]\n"
	"access: {allowed_email_domains: [example.com]}\n";

static int count_told(void *context, const struct policy_difference *, struct err *)
{
	*(unsigned *)context += 1;
	return 0;
}

static int judge(const struct policy *policy, const struct organization *org, const struct keyuse *use, struct err *err)
{
	const struct keyaudit_input input = {
		.policy = policy, .org = org, .now_s = 1795784400, .used = use->ids, .used_count = use->count
	};
	DEFER(keyaudit_freep) struct keyaudit *audit = keyaudit_new(&input, err);
	DEFER(buf_done) struct buf text = BUF_INIT(1 << 16);
	unsigned told = 0;

	if (!audit || policy_compare(policy, org, &(const struct policy_teller){ count_told, &told }, err))
		return -1;
	if (policy_add_json(policy, 0, &text) || keyaudit_add_text(audit, org->keys, KEYAUDIT_DEFAULT_WORKSPACE, &text))
		return err_nomem(err);
	assert_true(told > 0);
	return 0;
}

/* What lists lack: asked for, and as somebody knows it. */
static int complete(struct directory *d, struct err *err)
{
	const struct api_user user = { .id = VIEW("user_3") };
	const struct api_key key = { .id = VIEW("apikey_3") };

	if (directory_ask(d, DIRECTORY_WORKSPACES, VIEW("wrkspc_0"), VIEW_NONE, err) < 0 ||
	    directory_ask(d, DIRECTORY_USERS, VIEW("user_2"), VIEW_NONE, err) < 0 ||
	    directory_put_user(d, &user, err) || directory_put_key(d, &key, ORG_KEY_IN_WORKSPACE, err) ||
	    directory_put_gone(d, VIEW("user_4"), err))
		return -1;
	directory_settle(d);
	assert_int_equal(directory_get(d)->user_count, 3);
	assert_true(organization_is_gone(directory_get(d), VIEW("user_4")));
	return 0;
}

/* All of it once; what is got is freed whatever happens. */
static int run(struct api *api, struct err *err)
{
	DEFER(policy_freep) struct policy *policy = policy_parse(view_of(policy_text), "p.yaml", err);
	DEFER(directory_freep) struct directory *d = NULL;
	DEFER(keyuse_done) struct keyuse use = { .count = 0 };

	if (!policy)
		return -1;
	d = directory_read(api,
			   DIRECTORY_ORG | DIRECTORY_USERS | DIRECTORY_INVITES | DIRECTORY_WORKSPACES |
				   DIRECTORY_MEMBERS | DIRECTORY_KEYS,
			   err);
	if (!d || keyuse_read(api, 1795600000, 1795784400, &use, err) || complete(d, err))
		return -1;
	return judge(policy, directory_get(d), &use, err);
}

static void each_allocation_that_fails_is_an_error(void **state)
{
	long n = 0;
	bool failed = true;

	(void)state;
	for (n = 1; failed && n < NOMEM_MAX; n++) {
		struct api api = GOVERN_API(API_PLATFORM, acme);
		struct err err = ERR_INIT;
		int ret;

		nomem_left = n;
		ret = run(&api, &err);
		failed = nomem_left < 0;
		nomem_left = 0;
		if (failed && ret == 0)
			fail_msg("allocation %ld failed, and nobody noticed", n);
		if (ret && err.kind == ERR_NONE)
			fail_msg("allocation %ld failed, and no error says so", n);
		if (!failed && ret)
			fail_msg("%s", err.text);
		govern_api_done(&api);
	}
	assert_false(failed);
	assert_true(n > 50);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_allocation_that_fails_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
