/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/lookup.h"

#include <string.h>

#include "common/govern/directory.h"
#include "tests/support/govern_api.h"
#include "tests/support/unit.h"

#define PAGE(rows) "{\"data\":[" rows "],\"has_more\":false,\"first_id\":null,\"last_id\":null}"
#define WORKSPACE(id, name) "{\"id\":\"" id "\",\"name\":\"" name "\"}"
#define ARCHIVED(id, name) "{\"id\":\"" id "\",\"name\":\"" name "\",\"archived_at\":\"2026-01-01T00:00:00Z\"}"
#define KEY(id, name, status, workspace)                                                                               \
	"{\"id\":\"" id "\",\"name\":\"" name "\",\"status\":\"" status "\",\"workspace_id\":" workspace "}"
#define INVITE(id, email, status)                                                                                      \
	"{\"id\":\"" id "\",\"email\":\"" email "\",\"role\":\"user\",\"status\":\"" status "\"}"
#define USER(id, email) "{\"id\":\"" id "\",\"email\":\"" email "\",\"name\":\"N\",\"role\":\"user\"}"

static const struct govern_reply acme[] = {
	{ "workspace.list",
	  PAGE(ARCHIVED("wrkspc_0", "ml-prod") "," WORKSPACE("wrkspc_1", "ml-prod") "," ARCHIVED(
		  "wrkspc_2",
		  "old") "," ARCHIVED("wrkspc_3",
				      "older") "," ARCHIVED("wrkspc_4",
							    "older") "," WORKSPACE("wrkspc_5",
										   "twice") "," WORKSPACE("wrkspc_6",
													  "twice")) },
	{ "user.list", PAGE(USER("user_1", "Ann@example.com") "," USER("user_2", "two@example.com") "," USER(
			       "user_3", "TWO@example.com")) },
	{ "key.list", PAGE(KEY("apikey_1", "chat", "active", "\"wrkspc_1\"") "," KEY(
			      "apikey_2", "both", "active",
			      "\"wrkspc_1\"") "," KEY("apikey_3", "both", "archived",
						      "null") "," KEY("apikey_4", "lone", "inactive", "null")) },
	{ "invite.list",
	  PAGE(INVITE("invite_1", "new@example.com", "expired") "," INVITE(
		  "invite_2", "New@example.com",
		  "pending") "," INVITE("invite_3", "old@example.com",
					"expired") "," INVITE("invite_4", "old@example.com", "deleted")) },
	{ NULL, NULL },
};

typedef int lookup_fn(struct session *s, const char *given, const char **ret, struct err *err);

/* Nobody asks for it here; that of session.c would bring another client with it. */
const struct policy *session_policy(struct session *s, struct err *err)
{
	(void)s;
	(void)err;
	return NULL;
}

struct asking {
	struct api api;
	struct session s;
};

static struct asking asking(enum api_dialect dialect, const struct govern_reply *replies)
{
	return (struct asking){ .api = GOVERN_API(dialect, replies), .s = { .profile = { .dialect = dialect } } };
}

static void asking_done(struct asking *a)
{
	directory_free(a->s.workspaces);
	directory_free(a->s.people);
	directory_free(a->s.invites);
	directory_free(a->s.keys);
	govern_api_done(&a->api);
}

static void assert_id(struct asking *a, lookup_fn *lookup, const char *given, const char *wanted)
{
	struct err err = ERR_INIT;
	const char *id;

	a->s.api = &a->api;
	if (lookup(&a->s, given, &id, &err))
		fail_msg("%s", err.text);
	assert_string_equal(id, wanted);
}

static void assert_refused(struct asking *a, lookup_fn *lookup, const char *given, enum err_kind kind, const char *why)
{
	struct err err = ERR_INIT;
	const char *id;

	a->s.api = &a->api;
	assert_int_equal(lookup(&a->s, given, &id, &err), -1);
	assert_int_equal(err.kind, kind);
	if (!strstr(err.text, why))
		fail_msg("%s", err.text);
}

static void an_active_workspace_comes_before_archived_ones_of_its_name(void **state)
{
	struct asking a = asking(API_PLATFORM, acme);

	(void)state;
	assert_id(&a, lookup_workspace, "ml-prod", "wrkspc_1");
	assert_id(&a, lookup_workspace, "old", "wrkspc_2");
	asking_done(&a);
}

static void a_name_that_several_have_or_nobody_is_refused(void **state)
{
	struct asking a = asking(API_PLATFORM, acme);

	(void)state;
	assert_refused(&a, lookup_workspace, "twice", ERR_USAGE, "2 workspaces are called 'twice': an id");
	assert_refused(&a, lookup_workspace, "older", ERR_USAGE, "2 workspaces are called 'older': an id");
	assert_refused(&a, lookup_workspace, "ml-pord", ERR_USAGE, "ml-prod");
	assert_refused(&a, lookup_workspace, "Default", ERR_USAGE, "no id");
	asking_done(&a);
}

static void what_looks_like_an_id_is_one_and_nothing_is_asked(void **state)
{
	struct asking platform = asking(API_PLATFORM, acme), cca = asking(API_CCA, acme);

	(void)state;
	assert_id(&platform, lookup_workspace, "wrkspc_99", "wrkspc_99");
	assert_id(&platform, lookup_user, "user_99", "user_99");
	assert_id(&cca, lookup_workspace, "ml-prod", "ml-prod"); /* there is no list of them */
	assert_int_equal(platform.api.asked.len + cca.api.asked.len, 0);
	asking_done(&platform);
	asking_done(&cca);
}

static void addresses_are_the_same_in_any_case_and_belong_to_one(void **state)
{
	struct asking a = asking(API_PLATFORM, acme);

	(void)state;
	assert_id(&a, lookup_user, "ann@EXAMPLE.com", "user_1");
	assert_refused(&a, lookup_user, "two@example.com", ERR_USAGE, "2 users have the address");
	assert_refused(&a, lookup_user, "nobody@example.com", ERR_USAGE, "no user of the organisation has the address");
	asking_done(&a);
}

static void a_pending_invitation_comes_before_those_of_the_past(void **state)
{
	struct asking a = asking(API_PLATFORM, acme);

	(void)state;
	assert_id(&a, lookup_invite, "invite_9", "invite_9");
	assert_int_equal(a.api.asked.len, 0);
	assert_id(&a, lookup_invite, "new@EXAMPLE.com", "invite_2");
	assert_refused(
		&a, lookup_invite, "old@example.com", ERR_USAGE,
		"2 invitations are for 'old@example.com': an id was expected: invite_3 (expired), invite_4 (deleted)");
	assert_refused(&a, lookup_invite, "nobody@example.com", ERR_USAGE, "there is no invitation for");
	asking_done(&a);
}

static const char *narrowed; /* what look_key_up looks in */

static int look_key_up(struct session *s, const char *given, const char **ret, struct err *err)
{
	return lookup_key(s, given, narrowed, ret, err);
}

static void a_key_goes_by_its_whole_name(void **state)
{
	struct asking a = asking(API_PLATFORM, acme);

	(void)state;
	narrowed = NULL;
	assert_id(&a, look_key_up, "chat", "apikey_1");
	assert_id(&a, look_key_up, "lone", "apikey_4");
	assert_refused(&a, look_key_up, "Chat", ERR_USAGE, "there is no key 'Chat'; did you mean 'chat'?");
	assert_refused(&a, look_key_up, "cha", ERR_USAGE, "there is no key 'cha'; did you mean 'chat'?");
	asking_done(&a);
}

static void keys_of_one_name_are_told_and_a_workspace_narrows(void **state)
{
	struct asking a = asking(API_PLATFORM, acme);

	(void)state;
	narrowed = NULL;
	assert_refused(&a, look_key_up, "both", ERR_USAGE,
		       "2 keys are called 'both': an id was expected: apikey_2 (ml-prod, active), apikey_3 (Default or "
		       "organisation-wide, archived)");
	narrowed = "ml-prod";
	assert_id(&a, look_key_up, "both", "apikey_2");
	narrowed = "wrkspc_1";
	assert_id(&a, look_key_up, "both", "apikey_2");
	narrowed = "Default";
	assert_id(&a, look_key_up, "both", "apikey_3");
	assert_refused(&a, look_key_up, "chat", ERR_USAGE, "there is no key 'chat' in workspace 'Default'");
	assert_refused(&a, look_key_up, "cha", ERR_USAGE, "did you mean 'chat'?");
	narrowed = "ml-prd";
	assert_refused(&a, look_key_up, "chat", ERR_USAGE, "there is no workspace 'ml-prd'; did you mean 'ml-prod'?");
	asking_done(&a);
}

static void for_the_id_of_a_key_nothing_is_asked_and_nothing_narrows(void **state)
{
	static const char secret[] = "sk-ant-"
				     "api03-"
				     "0123456789012345678901234567890123456789";
	struct asking a = asking(API_PLATFORM, acme);

	(void)state;
	narrowed = NULL;
	assert_id(&a, look_key_up, "apikey_99", "apikey_99");
	assert_refused(&a, look_key_up, secret, ERR_USAGE, "a key itself is no argument");
	narrowed = "ml-prod";
	assert_refused(&a, look_key_up, "apikey_1", ERR_USAGE, "--workspace goes with a key's name");
	assert_int_equal(a.api.asked.len, 0);
	asking_done(&a);
}

static size_t lines(const struct buf *text)
{
	size_t count = 0;

	for (size_t i = 0; i < text->len; i++)
		count += text->ptr[i] == '\n';
	return count;
}

static void a_list_is_read_once(void **state)
{
	struct asking a = asking(API_PLATFORM, acme);
	const struct texts workspaces = { .items = { "wrkspc_9", "old", "ml-prod" }, .count = 3 };
	const struct texts people = { .items = { "ann@example.com", "Ann@example.com" }, .count = 2 };
	const struct texts nobody = { .items = { "user_9", "x@example.com" }, .count = 2 };
	struct err err = ERR_INIT;
	struct texts ids;

	(void)state;
	a.s.api = &a.api;
	assert_int_equal(lookup_workspaces(&a.s, &workspaces, &ids, &err), 0);
	assert_int_equal(ids.count, 3);
	assert_string_equal(ids.items[0], "wrkspc_9");
	assert_string_equal(ids.items[1], "wrkspc_2");
	assert_string_equal(ids.items[2], "wrkspc_1");
	assert_int_equal(lookup_users(&a.s, &people, &ids, &err), 0);
	assert_int_equal(ids.count, 2);
	assert_string_equal(ids.items[1], "user_1");
	assert_int_equal(lookup_users(&a.s, &nobody, &ids, &err), -1);
	assert_int_equal(lines(&a.api.asked), 2);
	asking_done(&a);
}

static void a_list_that_cannot_be_read_says_what_it_was_for(void **state)
{
	static const struct govern_reply none[] = { { NULL, NULL } };
	struct asking a = asking(API_PLATFORM, none);

	(void)state;
	assert_refused(&a, lookup_workspace, "ml-prod", ERR_REFUSED,
		       "asking which workspace is meant (its id needs no asking)");
	assert_refused(&a, lookup_user, "a@example.com", ERR_REFUSED, "asking who is meant (an id needs no asking)");
	narrowed = NULL;
	assert_refused(&a, look_key_up, "chat", ERR_REFUSED, "asking which key is meant (its id needs no asking)");
	asking_done(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_active_workspace_comes_before_archived_ones_of_its_name),
		cmocka_unit_test(a_name_that_several_have_or_nobody_is_refused),
		cmocka_unit_test(what_looks_like_an_id_is_one_and_nothing_is_asked),
		cmocka_unit_test(addresses_are_the_same_in_any_case_and_belong_to_one),
		cmocka_unit_test(a_pending_invitation_comes_before_those_of_the_past),
		cmocka_unit_test(a_key_goes_by_its_whole_name),
		cmocka_unit_test(keys_of_one_name_are_told_and_a_workspace_narrows),
		cmocka_unit_test(for_the_id_of_a_key_nothing_is_asked_and_nothing_narrows),
		cmocka_unit_test(a_list_is_read_once),
		cmocka_unit_test(a_list_that_cannot_be_read_says_what_it_was_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
