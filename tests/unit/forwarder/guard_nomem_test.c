/* SPDX-License-Identifier: Apache-2.0 */
/* The guard with each allocation failing in turn: a look that went wrong says so, and the next one tells what is to be
 * told, once. */
#include "common/policy/policy.h"
#include "forwarder/guard.h"
#include "tests/support/nomem.h"
#include "tests/support/spool.h"

static char audit_name[] = "audit", access_name[] = "access", other_id[] = "wrkspc_2";

static void know_workspace(struct spool *spool)
{
	const struct page_item item = { VIEW("workspace/wrkspc_1"),
					VIEW("{\"revision\":1,\"id\":\"wrkspc_1\",\"name\":\"legal-prod\"}") };
	const struct page page = { .feed = access_name, .state = VIEW("{}"), .items = &item, .item_count = 1 };
	struct page_stored stored = { .added = 0 };

	assert_int_equal(spool_put(spool, &page, &stored, &(struct err)ERR_INIT), 0);
}

/* Whether that many events are in the spool. */
static void assert_events(struct spool *spool, uint64_t count)
{
	struct spool_head head;

	assert_int_equal(spool_head_read(spool, &head, &(struct err)ERR_INIT), 0);
	assert_int_equal(head.seq, count);
}

static void look(struct guard *guard, const struct settings *settings, long n, bool *ret_failed)
{
	struct err err = ERR_INIT;
	int status;

	nomem_start(n);
	status = guard_look(guard, settings, NULL, NULL, &err);
	*ret_failed = nomem_stop();
	if (status && (!*ret_failed || err.kind == ERR_NONE))
		fail_msg("allocation %ld: '%s'", n, err.text);
	assert_int_equal(guard_look(guard, settings, NULL, NULL, &err), 0);
}

static bool run(void *, long n)
{
	static const char *workspaces[] = { "legal-prod" };
	static char *ids[] = { other_id, NULL };
	const struct policy_department department = { .name = "legal",
						      .workspaces = { .items = workspaces, .count = 1 },
						      .regulated = true };
	struct settings_feed feeds[] = {
		{ .name = audit_name,
		  .type = SETTINGS_ACTIVITIES,
		  .include_content = true,
		  .filter = { .workspaces = ids, .severity = EVENT_DEBUG } },
		{ .name = access_name, .type = SETTINGS_ACCESS },
	};
	struct policy policy = policy_standard;
	struct settings settings = { .rules = &policy, .feeds = feeds, .feed_count = ARRAY_LEN(feeds) };
	struct spool *spool = open_spool();
	struct bulletin *bulletin = bulletin_new(spool, &(struct err)ERR_INIT);
	struct guard *guard = guard_new(spool, bulletin, &(struct err)ERR_INIT);
	bool has_failed, has_failed_then;

	policy.departments = &department;
	policy.department_count = 1;
	know_workspace(spool);
	look(guard, &settings, n, &has_failed);
	assert_events(spool, 2);
	feeds[0].include_content = false;
	feeds[0].filter.workspaces = NULL;
	look(guard, &settings, n, &has_failed_then);
	assert_events(spool, 4);
	guard_free(guard);
	bulletin_free(bulletin);
	spool_free(spool);
	assert_int_equal(remove_dir(NULL), 0);
	assert_int_equal(make_dir(NULL), 0);
	return has_failed || has_failed_then;
}

static void the_guard_loses_and_repeats_nothing(void **state)
{
	(void)state;
	assert_true(nomem_each(run, NULL) > 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(the_guard_loses_and_repeats_nothing) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
