/* SPDX-License-Identifier: Apache-2.0 */
/* The feeds of keys and of access with each allocation failing in turn: a poll that went wrong says so, and the next
 * ones tell all that is to be told, once. */
#include "tests/support/nomem.h"

static long paused;
#define LISTFEED_BEGIN paused = __atomic_exchange_n(&nomem_left, 0, __ATOMIC_RELAXED)
#define LISTFEED_END __atomic_store_n(&nomem_left, paused, __ATOMIC_RELAXED)

#include "tests/support/listfeed.h"

#define ORG                                                                                                            \
	{                                                                                                              \
		"org.get", "{\"id\":\"0b5f\",\"type\":\"organization\",\"name\":\"Acme\"}"                             \
	}
#define USER(id, email, role)                                                                                          \
	"{\"id\":\"" id "\",\"email\":\"" email "\",\"name\":\"N\",\"role\":\"" role                                   \
	"\",\"added_at\":\"2020-01-01T00:00:00Z\"}"
#define INVITE(status)                                                                                                 \
	"{\"id\":\"invite_1\",\"email\":\"guest@example.com\",\"role\":\"user\",\"status\":\"" status                  \
	"\",\"invited_at\":\"2020-01-01T00:00:00Z\",\"expires_at\":\"2099-01-01T00:00:00Z\"}"
#define WORKSPACE(id, name) "{\"id\":\"" id "\",\"name\":\"" name "\",\"archived_at\":null}"
#define MEMBER(workspace, user, role)                                                                                  \
	"{\"workspace_id\":\"" workspace "\",\"user_id\":\"" user "\",\"workspace_role\":\"" role "\"}"
#define KEY(id, name, status, workspace, user)                                                                         \
	"{\"id\":\"" id "\",\"name\":\"" name "\",\"status\":\"" status "\",\"workspace_id\":\"" workspace             \
	"\",\"created_at\":\"2020-01-01T00:00:00Z\",\"created_by\":{\"id\":\"" user "\",\"type\":\"user\"}}"

static struct govern_reply before[] = {
	ORG,
	{ "user.list", PAGE(USER("user_1", "ann@example.com", "admin") "," USER("user_2", "bob@other.com", "user")) },
	{ "invite.list", PAGE(INVITE("pending")) },
	{ "workspace.list", PAGE(WORKSPACE("wrkspc_1", "ml-prod") "," WORKSPACE("wrkspc_2", "legal")) },
	{ "member.list workspace_id=wrkspc_1", PAGE(MEMBER("wrkspc_1", "user_1", "workspace_user")) },
	{ "member.list workspace_id=wrkspc_2", PAGE(MEMBER("wrkspc_2", "user_2", "workspace_user")) },
	{ "key.list", PAGE(KEY("apikey_1", "ml-prod-a", "active", "wrkspc_1", "user_1") "," KEY(
			      "apikey_2", "ml-prod-b", "active", "wrkspc_1",
			      "user_2") "," KEY("apikey_3", "BAD", "active", "wrkspc_1", "user_1")) },
	{ NULL, NULL },
};

/* Something of every kind has happened; user_1 and wrkspc_2 are there, and not listed. */
static struct govern_reply after[] = {
	ORG,
	{ "user.list", PAGE(USER("user_3", "new@example.com", "admin")) },
	{ "user.get id=user_1", USER("user_1", "anna@example.com", "user") },
	{ "invite.list", PAGE(INVITE("accepted")) },
	{ "workspace.list", PAGE(WORKSPACE("wrkspc_1", "ml")) },
	{ "workspace.get id=wrkspc_2", WORKSPACE("wrkspc_2", "legal") },
	{ "member.list workspace_id=wrkspc_1", PAGE(MEMBER("wrkspc_1", "user_1", "workspace_admin")) },
	{ "member.list workspace_id=wrkspc_2", PAGE(MEMBER("wrkspc_2", "user_3", "workspace_user")) },
	{ "key.list", PAGE(KEY("apikey_1", "ml-prod-c", "inactive", "wrkspc_2",
			       "user_1") "," KEY("apikey_2", "ml-prod-b", "active", "wrkspc_1", "user_2")) },
	{ NULL, NULL },
};

/* One of the same name before and after: a key, made up when the test runs, so that what is kept of it is masked. */
static struct buf lists_of_keys[2];

static void add_secret_name(struct buf *list, struct govern_reply *replies)
{
	while (strcmp(replies->call, "key.list") != 0)
		replies++;
	*list = (struct buf)BUF_INIT(1 << 16);
	assert_int_equal(buf_addf(list, "{\"data\":[{\"id\":\"apikey_0\",\"name\":\"sk-ant-%s-", "api03"), 0);
	for (int i = 0; i < 95; i++)
		assert_int_equal(buf_add_byte(list, (char)('a' + i * 7 % 26)), 0);
	assert_int_equal(buf_add_text(list, "\",\"status\":\"inactive\",\"workspace_id\":\"wrkspc_1\"},"), 0);
	assert_int_equal(buf_add_text(list, replies->body + sizeof("{\"data\":[") - 1), 0);
	replies->body = list->ptr;
}

static int set_up(void **state)
{
	(void)state;
	add_secret_name(&lists_of_keys[0], before);
	add_secret_name(&lists_of_keys[1], after);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	buf_done(&lists_of_keys[0]);
	buf_done(&lists_of_keys[1]);
	return 0;
}

struct reference {
	const struct feed_ops *ops;
	char *types;
};

static void start(struct listfeed *f, const struct feed_ops *ops)
{
	static const char *domains[] = { "example.com" };

	listfeed_init(f, ops);
	f->policy.rotation.unused_after_s = 0;
	f->policy.access.email_domains = (struct keyname_list){ .items = domains, .count = 1 };
	listfeed_open(f);
}

static void poll_with_failing(struct listfeed *f, const struct govern_reply *replies, long n, bool *has_failed)
{
	struct err err = ERR_INIT;
	uint64_t wait_ms;
	int status;

	f->api.replies = replies;
	nomem_start(n);
	status = f->ops->poll(f->feed, &wait_ms, &err);
	*has_failed = nomem_stop();
	if (!*has_failed && status)
		fail_msg("%s", err.text);
	if (status && err.kind == ERR_NONE)
		fail_msg("allocation %ld failed, and no error says so", n);
}

static bool run(void *context, long n)
{
	const struct reference *reference = context;
	bool has_failed_first, has_failed_then;
	DEFER(listfeed_done) struct listfeed f;

	start(&f, reference->ops);
	poll_with_failing(&f, before, n, &has_failed_first);
	(void)listfeed_poll(&f, before);
	poll_with_failing(&f, after, n, &has_failed_then);
	(void)listfeed_poll(&f, after);
	if (strcmp(f.types.ptr, reference->types) != 0)
		fail_msg("allocation %ld failed: '%s' instead of '%s'", n, f.types.ptr, reference->types);
	assert_false(strstr(f.bodies.ptr, "\"type\":\"\""));
	return has_failed_first || has_failed_then;
}

static void check(const struct feed_ops *ops, const char *expected)
{
	struct reference reference = { .ops = ops };
	struct listfeed f;

	start(&f, ops);
	(void)listfeed_poll(&f, before);
	(void)listfeed_poll(&f, after);
	assert_string_equal(f.types.ptr, expected);
	reference.types = listfeed_copy(buf_view(&f.types));
	listfeed_done(&f);
	assert_true(nomem_each(run, &reference) > 60);
	free(reference.types);
}

static void the_feed_of_access_loses_and_repeats_nothing(void **state)
{
	(void)state;
	check(&feed_access,
	      "invite_open_too_long user_outside_domains access_inventory user_role_changed user_email_changed "
	      "user_removed user_added invite_accepted member_role_changed member_removed member_added policy_kept "
	      "policy_kept ");
}

static void the_feed_of_keys_loses_and_repeats_nothing(void **state)
{
	(void)state;
	check(&feed_keys,
	      "key_stale key_stale key_noncompliant key_stale keys_inventory key_renamed key_status_changed "
	      "key_moved key_noncompliant key_gone ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_feed_of_access_loses_and_repeats_nothing),
		cmocka_unit_test(the_feed_of_keys_loses_and_repeats_nothing),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
