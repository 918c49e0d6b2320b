/* SPDX-License-Identifier: Apache-2.0 */
/* The feed of access: lists that lack what is there, and what is told once it is certain. */
#include "forwarder/feed/access.h"

#include "tests/support/listfeed.h"

#define ORG                                                                                                            \
	{                                                                                                              \
		"org.get", "{\"id\":\"0b5f\",\"type\":\"organization\",\"name\":\"Acme\"}"                             \
	}
#define ANN "{\"id\":\"user_1\",\"email\":\"ann@example.com\",\"name\":\"Ann\",\"role\":\"admin\"}"
#define BOB "{\"id\":\"user_2\",\"email\":\"bob@other.com\",\"name\":\"Bob\",\"role\":\"developer\"}"
#define GUEST                                                                                                          \
	"{\"id\":\"invite_1\",\"email\":\"guest@example.com\",\"role\":\"user\",\"status\":\"pending\","               \
	"\"invited_at\":\"2020-01-01T00:00:00Z\",\"expires_at\":\"2099-01-01T00:00:00Z\"}"
#define ML "{\"id\":\"wrkspc_1\",\"name\":\"ml-prod\",\"archived_at\":null}"
#define ML_ARCHIVED "{\"id\":\"wrkspc_1\",\"name\":\"ml-prod\",\"archived_at\":\"2026-01-01T00:00:00Z\"}"
#define LEGAL "{\"id\":\"wrkspc_2\",\"name\":\"legal\",\"archived_at\":null}"
#define IN(workspace, user, role)                                                                                      \
	"{\"workspace_id\":\"" workspace "\",\"user_id\":\"" user "\",\"workspace_role\":\"" role "\"}"
#define IN_ML(user) IN("wrkspc_1", user, "workspace_user")
#define IN_LEGAL(user) IN("wrkspc_2", user, "workspace_admin")
#define MEMBERS                                                                                                        \
	{ "member.list workspace_id=wrkspc_1", PAGE(IN_ML("user_1") "," IN_ML("user_2")) },                            \
	{                                                                                                              \
		"member.list workspace_id=wrkspc_2", PAGE(IN_LEGAL("user_1"))                                          \
	}
/* What each call for one answers, whatever lists say. */
#define EACH                                                                                                           \
	{ "user.get id=user_1", ANN }, { "user.get id=user_2", BOB }, { "invite.get id=invite_1", GUEST },             \
		{ "workspace.get id=wrkspc_1", ML }, { "workspace.get id=wrkspc_2", LEGAL },                           \
		{ "member.get workspace_id=wrkspc_1 user_id=user_1", IN_ML("user_1") },                                \
		{ "member.get workspace_id=wrkspc_1 user_id=user_2", IN_ML("user_2") },                                \
	{                                                                                                              \
		"member.get workspace_id=wrkspc_2 user_id=user_1", IN_LEGAL("user_1")                                  \
	}
#define NO_MORE                                                                                                        \
	{                                                                                                              \
		NULL, NULL                                                                                             \
	}

static const struct govern_reply whole[] = {
	ORG,
	{ "user.list", PAGE(ANN "," BOB) },
	{ "invite.list", PAGE(GUEST) },
	{ "workspace.list", PAGE(ML "," LEGAL) },
	MEMBERS,
	EACH,
	NO_MORE,
};

static const char *domains[] = { "example.com" };

static void start(struct listfeed *f)
{
	listfeed_init(f, &feed_access);
	f->policy.access.email_domains = (struct keyname_list){ .items = domains, .count = 1 };
	f->policy.access.max_admins = 1;
	listfeed_open(f);
}

static void begin(struct listfeed *f)
{
	start(f);
	assert_string_equal(listfeed_poll(f, whole), "invite_open_too_long user_outside_domains access_inventory ");
}

static void the_first_poll_names_whom_each_finding_is_about(void **state)
{
	DEFER(listfeed_done) struct listfeed f;

	(void)state;
	begin(&f);
	assert_true(listfeed_told(&f, "\"message\":\"user bob@other.com: the address bob@other.com is in none of the "
				      "allowed domains: example.com\""));
	assert_true(listfeed_told(&f, "\"message\":\"the invitation of guest@example.com: open for "));
	assert_string_equal(listfeed_poll(&f, whole), "");
}

static void lists_that_end_early_change_nothing(void **state)
{
	static const struct govern_reply lists[][16] = {
		{ ORG,
		  { "user.list", PAGE("") },
		  { "invite.list", PAGE("") },
		  { "workspace.list", PAGE("") },
		  EACH,
		  { "member.list", PAGE("") },
		  NO_MORE },
		{ ORG,
		  { "user.list", PAGE("") },
		  { "invite.list", PAGE(GUEST) },
		  { "workspace.list", PAGE(ML "," LEGAL) },
		  MEMBERS,
		  EACH,
		  NO_MORE },
		{ ORG,
		  { "user.list", PAGE(BOB) },
		  { "invite.list", PAGE("") },
		  { "workspace.list", PAGE(LEGAL) },
		  MEMBERS,
		  EACH,
		  NO_MORE },
		{ ORG,
		  { "user.list", PAGE(ANN) },
		  { "invite.list", PAGE("") },
		  { "workspace.list", PAGE(ML) },
		  { "member.list workspace_id=wrkspc_1", PAGE(IN_ML("user_1")) },
		  { "member.list workspace_id=wrkspc_2", PAGE("") },
		  EACH,
		  NO_MORE },
	};
	DEFER(listfeed_done) struct listfeed f;

	(void)state;
	begin(&f);
	for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
		assert_string_equal(listfeed_poll(&f, lists[i]), "");
		assert_string_equal(listfeed_poll(&f, whole), "");
	}
}

static void what_is_gone_is_told_once_it_is_certain(void **state)
{
	static const struct govern_reply without_bob[] = {
		ORG,
		{ "user.list", PAGE(ANN) },
		{ "invite.list", PAGE("") },
		{ "workspace.list", PAGE(ML "," LEGAL) },
		{ "member.list workspace_id=wrkspc_1", PAGE(IN_ML("user_1") "," IN_ML("user_2")) },
		{ "member.list workspace_id=wrkspc_2", PAGE("") },
		NO_MORE,
	};
	DEFER(listfeed_done) struct listfeed f;

	(void)state;
	begin(&f);
	assert_string_equal(listfeed_poll(&f, without_bob),
			    "user_removed invite_gone member_removed policy_kept access_noncompliant policy_kept ");
	assert_true(listfeed_told(&f,
				  "\"message\":\"member user_2 of workspace ml-prod: is in the workspace, but is no "
				  "user of the organisation any more\""));
	assert_true(listfeed_told(&f, "\"message\":\"user bob@other.com no longer breaks the policy (email-domain)\","
				      "\"scope\":\"user:bob@other.com\",\"resolved\":[\"email-domain\"]"));
	assert_true(listfeed_told(&f, "\"message\":\"the invitation of guest@example.com no longer breaks the policy "
				      "(invite-open)\""));
	assert_string_equal(listfeed_poll(&f, without_bob), "");
	assert_string_equal(listfeed_poll(&f, whole),
			    "user_added invite_sent member_added invite_open_too_long policy_kept "
			    "user_outside_domains ");
}

static void members_of_an_archived_workspace_are_told_without_being_asked_for(void **state)
{
	static const struct govern_reply archived[] = {
		ORG,
		{ "user.list", PAGE(ANN "," BOB) },
		{ "invite.list", PAGE(GUEST) },
		{ "workspace.list", PAGE(ML_ARCHIVED "," LEGAL) },
		MEMBERS,
		NO_MORE,
	};
	static const struct govern_reply unlisted[] = {
		ORG,
		{ "user.list", PAGE(ANN "," BOB) },
		{ "invite.list", PAGE(GUEST) },
		{ "workspace.list", PAGE(LEGAL) },
		{ "workspace.get id=wrkspc_1", ML_ARCHIVED },
		{ "member.list workspace_id=wrkspc_2", PAGE(IN_LEGAL("user_1")) },
		NO_MORE,
	};
	DEFER(listfeed_done) struct listfeed f, g;

	(void)state;
	begin(&f);
	assert_string_equal(listfeed_poll(&f, archived), "member_removed member_removed ");
	assert_null(strstr(f.api.asked.ptr, "member.get"));
	begin(&g);
	assert_string_equal(listfeed_poll(&g, unlisted), "member_removed member_removed ");
	assert_null(strstr(g.api.asked.ptr, "member.get"));
}

/* More leave a list than one poll asks for. */
static void what_nobody_could_be_asked_about_counts_as_it_was(void **state)
{
	DEFER(buf_done) struct buf rows = BUF_INIT(1 << 20);
	DEFER(listfeed_done) struct listfeed f;
	struct govern_reply many[] = {
		ORG, { "user.list", NULL }, { "invite.list", PAGE("") }, { "workspace.list", PAGE("") }, NO_MORE
	};
	const struct govern_reply none[] = {
		ORG, { "user.list", PAGE("") }, { "invite.list", PAGE("") }, { "workspace.list", PAGE("") }, NO_MORE
	};
	size_t gone;

	(void)state;
	assert_int_equal(buf_add_text(&rows, "{\"data\":["), 0);
	for (unsigned i = 0; i < FEED_ASKED_MOST + 20; i++)
		assert_int_equal(buf_addf(&rows,
					  "%s{\"id\":\"user_%03u\",\"email\":\"%u@other.com\",\"role\":\"user\"}",
					  i ? "," : "", i, i),
				 0);
	assert_int_equal(buf_add_text(&rows, "],\"has_more\":false,\"first_id\":null,\"last_id\":null}"), 0);
	many[1].body = rows.ptr;
	start(&f);
	(void)listfeed_poll(&f, many);
	for (unsigned polls = 0; polls < 2; polls++) {
		struct view told = view_of(listfeed_poll(&f, none));

		for (gone = 0; told.len; gone++)
			told = view_sub(told, text_find_byte(told, ' ') + 1, SIZE_MAX);
		assert_int_equal(gone, polls ? 2 * 20 : 2 * FEED_ASKED_MOST);
	}
	assert_string_equal(listfeed_poll(&f, none), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_poll_names_whom_each_finding_is_about),
		cmocka_unit_test(lists_that_end_early_change_nothing),
		cmocka_unit_test(what_is_gone_is_told_once_it_is_certain),
		cmocka_unit_test(members_of_an_archived_workspace_are_told_without_being_asked_for),
		cmocka_unit_test(what_nobody_could_be_asked_about_counts_as_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
