/* SPDX-License-Identifier: Apache-2.0 */
#include "common/govern/directory.h"

#include <string.h>

#include "common/base/text.h"
#include "tests/support/govern_api.h"
#include "tests/support/unit.h"

#define PAGE(rows) "{\"data\":[" rows "],\"has_more\":false,\"first_id\":null,\"last_id\":null}"

static const struct govern_reply acme[] = {
	{ "org.get", "{\"id\":\"0b5f\",\"type\":\"organization\",\"name\":\"Acme\"}" },
	{ "user.list after_id=user_2", PAGE("{\"id\":\"user_1\",\"email\":\"a@example.com\",\"name\":\"Ann\","
					    "\"role\":\"admin\",\"added_at\":\"2026-01-01T00:00:00Z\"}") },
	{ "user.list", "{\"data\":[{\"id\":\"user_2\",\"email\":\"b@example.com\",\"name\":\"B\\u0000b\",\"role\":"
		       "\"developer\",\"added_at\":null}],\"has_more\":true,"
		       "\"first_id\":\"user_2\",\"last_id\":\"user_2\"}" },
	{ "invite.list", PAGE("{\"id\":\"invite_1\",\"email\":\"c@example.com\",\"role\":\"user\",\"status\":"
			      "\"pending\","
			      "\"invited_at\":\"2026-01-01T00:00:10Z\",\"expires_at\":\"2026-01-22T00:00:10Z\"}") },
	{ "workspace.list include_archived=true",
	  PAGE("{\"id\":\"wrkspc_2\",\"name\":\"old\",\"archived_at\":\"2026-01-01T00:00:00Z\"},"
	       "{\"id\":\"wrkspc_1\",\"name\":\"ml-prod\",\"created_at\":\"2026-01-01T00:00:00Z\","
	       "\"data_residency\":"
	       "{\"workspace_geo\":\"us\",\"default_inference_geo\":\"us\",\"allowed_inference_geos\":"
	       "[\"us\",\"eu\"]}},"
	       "{\"id\":\"wrkspc_3\",\"name\":\"web\",\"data_residency\":"
	       "{\"allowed_inference_geos\":\"unrestricted\"}}") },
	{ "workspace.get id=wrkspc_0", "{\"id\":\"wrkspc_0\",\"name\":\"Default\"}" },
	{ "member.list workspace_id=wrkspc_1",
	  PAGE("{\"user_id\":\"user_2\",\"workspace_id\":\"wrkspc_1\",\"workspace_role\":\"workspace_user\"},"
	       "{\"user_id\":\"user_1\",\"workspace_id\":\"wrkspc_1\",\"workspace_role\":\"workspace_admin\"},"
	       "{\"user_id\":\"user_1\",\"workspace_id\":\"wrkspc_1\",\"workspace_role\":\"workspace_admin\"}") },
	{ "member.list workspace_id=wrkspc_3", PAGE("") },
	{ "key.list",
	  PAGE("{\"id\":\"apikey_2\",\"name\":\"wide\",\"status\":\"active\",\"workspace_id\":null,"
	       "\"scope\":{\"type\":\"organization\"}},"
	       "{\"id\":\"apikey_1\",\"name\":\"ml-prod-inference\",\"status\":\"active\","
	       "\"workspace_id\":\"wrkspc_1\","
	       "\"partial_key_hint\":\"sk-ant-api03-R2D...igAA\",\"created_at\":\"2026-01-01T00:00:00Z\","
	       "\"expires_at\":\"2026-04-01T00:00:00Z\",\"created_by\":{\"id\":\"user_1\",\"type\":\"user\"}},"
	       "{\"id\":\"apikey_3\",\"name\":\"null\",\"status\":\"inactive\",\"workspace_id\":null},"
	       "{\"id\":\"apikey_4\",\"name\":\"newer\",\"status\":\"active\",\"scope\":{\"type\":\"workspace\","
	       "\"workspace_id\":\"wrkspc_0\"},\"created_by\":{\"type\":\"service_account_actor\","
	       "\"service_account_id\":\"svac_1\"},\"principal\":{\"type\":\"user_actor\",\"user_id\":\"user_1\"}}") },
	{ NULL, NULL },
};

#define ALL                                                                                                            \
	(DIRECTORY_ORG | DIRECTORY_USERS | DIRECTORY_INVITES | DIRECTORY_WORKSPACES | DIRECTORY_MEMBERS |              \
	 DIRECTORY_KEYS)

static struct directory *read_directory(struct api *api, unsigned parts)
{
	struct err err = ERR_INIT;
	struct directory *d = directory_read(api, parts, &err);

	if (!d)
		fail_msg("%s", err.text);
	return d;
}

static void people_come_sorted_from_all_pages(void **state)
{
	struct api api = GOVERN_API(API_PLATFORM, acme);
	DEFER(directory_freep) struct directory *d = read_directory(&api, ALL);
	const struct organization *org = directory_get(d);

	(void)state;
	assert_string_equal(org->name, "Acme");
	assert_int_equal(org->user_count, 2);
	assert_string_equal(org->users[0].id, "user_1");
	assert_string_equal(org->users[0].role, "admin");
	assert_int_equal(org->users[0].added_at_s, 1767225600);
	assert_int_equal(org->users[1].added_at_s, 0);
	assert_string_equal(org->users[1].name, "B\xEF\xBF\xBD"
						"b");
	assert_int_equal(org->invite_count, 1);
	assert_string_equal(org->invites[0].status, "pending");
	assert_int_equal(org->invites[0].expires_at_s - org->invites[0].invited_at_s, 21 * 86400);
	assert_ptr_equal(organization_user(org, VIEW("user_2")), &org->users[1]);
	assert_null(organization_user(org, VIEW("user_3")));
	govern_api_done(&api);
}

static void members_are_asked_of_live_workspaces_and_counted_once(void **state)
{
	struct api api = GOVERN_API(API_PLATFORM, acme);
	DEFER(directory_freep) struct directory *d = read_directory(&api, ALL);
	const struct organization *org = directory_get(d);

	(void)state;
	assert_int_equal(org->workspace_count, 3);
	assert_string_equal(org->workspaces[0].allowed_inference_geos, "us,eu");
	assert_string_equal(org->workspaces[2].allowed_inference_geos, "unrestricted");
	assert_int_equal(org->workspaces[1].archived_at_s, 1767225600);
	assert_int_equal(org->member_count, 2);
	assert_string_equal(org->members[0].user_id, "user_1");
	assert_string_equal(org->members[1].role, "workspace_user");
	assert_non_null(strstr(api.asked.ptr, "member.list workspace_id=wrkspc_1"));
	assert_null(strstr(api.asked.ptr, "member.list workspace_id=wrkspc_2"));
	govern_api_done(&api);
}

static void keys_know_their_place_and_owner(void **state)
{
	struct api api = GOVERN_API(API_PLATFORM, acme);
	DEFER(directory_freep) struct directory *d = read_directory(&api, ALL);
	const struct organization *org = directory_get(d);

	(void)state;
	assert_int_equal(org->key_count, 4);
	assert_int_equal(org->keys[0].place, ORG_KEY_IN_WORKSPACE);
	assert_string_equal(org->keys[0].created_by_id, "user_1");
	assert_int_equal(org->keys[0].expires_at_s - org->keys[0].created_at_s, 90 * 86400);
	assert_int_equal(org->keys[1].place, ORG_KEY_ORGANIZATION_WIDE);
	assert_string_equal(org->keys[1].created_by_id, "");
	assert_int_equal(org->keys[2].place, ORG_KEY_PLACE_UNKNOWN);
	assert_string_equal(org->keys[3].created_by_type, "service_account");
	assert_string_equal(org->keys[3].created_by_id, "svac_1");
	assert_string_equal(org->keys[3].principal_id, "user_1");
	assert_string_equal(org->keys[3].principal_type, "user");
	assert_string_equal(org->keys[2].principal_id, "");
	assert_ptr_equal(organization_key(org, VIEW("apikey_4")), &org->keys[3]);
	govern_api_done(&api);
}

static void a_workspace_that_no_list_has_is_asked_for_and_may_be_the_default_one(void **state)
{
	struct api api = GOVERN_API(API_PLATFORM, acme);
	DEFER(directory_freep) struct directory *d = read_directory(&api, ALL);
	const struct organization *org = directory_get(d);

	(void)state;
	assert_string_equal(org->default_workspace_id, "wrkspc_0");
	assert_int_equal(org->keys[3].place, ORG_KEY_IN_DEFAULT_WORKSPACE);
	assert_true(text_eq(organization_workspace_name(org, VIEW("wrkspc_0")), VIEW("Default")));
	assert_true(text_eq(organization_workspace_name(org, VIEW_NONE), VIEW("Default")));
	assert_true(text_eq(organization_workspace_name(org, VIEW("wrkspc_1")), VIEW("ml-prod")));
	assert_true(text_eq(organization_workspace_name(org, VIEW("wrkspc_7")), VIEW("wrkspc_7")));
	govern_api_done(&api);
}

static void only_what_was_asked_for_is_called(void **state)
{
	struct api api = GOVERN_API(API_PLATFORM, acme);
	DEFER(directory_freep) struct directory *d = read_directory(&api, DIRECTORY_ORG);

	(void)state;
	assert_int_equal(directory_get(d)->user_count, 0);
	assert_string_equal(api.asked.ptr, "org.get\n");
	govern_api_done(&api);
}

static void members_of_cca_are_what_its_users_say(void **state)
{
	static const struct govern_reply replies[] = {
		{ "user.list", "{\"data\":[{\"id\":\"user_1\",\"email\":\"a@example.com\",\"role\":\"viewer\","
			       "\"workspace_ids\":[\"ws_2\",\"ws_1\",7]}],\"has_more\":false,\"next_page\":null}" },
		{ NULL, NULL },
	};
	struct api api = GOVERN_API(API_CCA, replies);
	DEFER(directory_freep) struct directory *d = read_directory(&api, DIRECTORY_USERS | DIRECTORY_MEMBERS);
	const struct organization *org = directory_get(d);

	(void)state;
	assert_int_equal(org->member_count, 2);
	assert_string_equal(org->members[0].workspace_id, "ws_1");
	assert_string_equal(org->members[0].role, "");
	govern_api_done(&api);
}

static void an_operation_that_the_dialect_lacks_is_a_matter_of_usage(void **state)
{
	struct api api = GOVERN_API(API_CCA, acme);
	struct err err = ERR_INIT;

	(void)state;
	assert_null(directory_read(&api, DIRECTORY_KEYS, &err));
	assert_int_equal(err.kind, ERR_USAGE);
	govern_api_done(&api);
}

static void a_refusal_is_handed_on(void **state)
{
	struct api api = GOVERN_API(API_PLATFORM, acme + ARRAY_LEN(acme) - 1);
	struct err err = ERR_INIT;

	(void)state;
	assert_null(directory_read(&api, DIRECTORY_USERS, &err));
	assert_int_equal(err.kind, ERR_REFUSED);
	govern_api_done(&api);
}

static const struct govern_reply short_lists[] = {
	{ "user.list", PAGE("{\"id\":\"user_3\",\"email\":\"c@example.com\"}") },
	{ "user.get id=user_2", "{\"id\":\"user_2\",\"email\":\"b@example.com\",\"role\":\"developer\"}" },
	{ "invite.list", PAGE("") },
	{ "invite.get id=invite_1", "{\"id\":\"invite_1\",\"email\":\"d@example.com\"}" },
	{ "workspace.list", PAGE("{\"id\":\"wrkspc_2\",\"name\":\"b\"}") },
	{ "workspace.get id=wrkspc_1", "{\"id\":\"wrkspc_1\",\"name\":\"a\"}" },
	{ "workspace.get id=wrkspc_3",
	  "{\"id\":\"wrkspc_3\",\"name\":\"c\",\"archived_at\":\"2026-01-01T00:00:00Z\"}" },
	{ "member.list workspace_id=wrkspc_1", PAGE("{\"user_id\":\"user_3\",\"workspace_id\":\"wrkspc_1\"}") },
	{ "member.list workspace_id=wrkspc_2", PAGE("") },
	{ "member.get workspace_id=wrkspc_2 user_id=user_3", "{\"user_id\":\"user_3\",\"workspace_id\":\"wrkspc_2\"}" },
	{ "key.list", PAGE("{\"id\":\"apikey_2\",\"name\":\"b\"}") },
	{ "key.get id=apikey_1", "{\"id\":\"apikey_1\",\"name\":\"a\",\"scope\":{\"type\":\"organization\"}}" },
	{ "key.get id=apikey_3", "[]" },
	{ NULL, NULL },
};

#define MADE(id, status, user)                                                                                         \
	"{\"id\":\"" id "\",\"status\":\"" status "\",\"created_by\":{\"id\":\"" user "\",\"type\":\"user\"}}"
#define LISTS (ALL & ~(unsigned)DIRECTORY_ORG)

static int ask(struct directory *d, enum directory_part part, const char *id)
{
	struct err err = ERR_INIT;
	int answer = directory_ask(d, part, view_of(id), VIEW("wrkspc_2"), &err);

	if (answer < 0)
		fail_msg("%s", err.text);
	return answer;
}

static void what_a_list_lacks_is_asked_for_by_itself_and_joins_it(void **state)
{
	struct api api = GOVERN_API(API_PLATFORM, short_lists);
	DEFER(directory_freep) struct directory *d = read_directory(&api, LISTS);
	const struct organization *org = directory_get(d);
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(ask(d, DIRECTORY_USERS, "user_2"), 1);
	assert_int_equal(ask(d, DIRECTORY_USERS, "user_9"), 0);
	assert_int_equal(org->user_count, 2);
	assert_string_equal(organization_user(org, VIEW("user_2"))->role, "developer");
	assert_int_equal(ask(d, DIRECTORY_INVITES, "invite_1"), 1);
	assert_string_equal(organization_invite(org, VIEW("invite_1"))->email, "d@example.com");
	assert_int_equal(ask(d, DIRECTORY_KEYS, "apikey_1"), 1);
	assert_int_equal(organization_key(org, VIEW("apikey_1"))->place, ORG_KEY_ORGANIZATION_WIDE);
	assert_int_equal(ask(d, DIRECTORY_MEMBERS, "user_3"), 1);
	assert_non_null(organization_member(org, VIEW("wrkspc_2"), VIEW("user_3")));
	assert_null(organization_member(org, VIEW("wrkspc_2"), VIEW("user_2")));
	assert_int_equal(directory_ask(d, DIRECTORY_KEYS, VIEW("apikey_3"), VIEW_NONE, &err), -1);
	assert_int_equal(err.kind, ERR_FORMAT);
	govern_api_done(&api);
}

static void a_workspace_that_joins_brings_its_members_unless_it_is_archived(void **state)
{
	struct api api = GOVERN_API(API_PLATFORM, short_lists);
	DEFER(directory_freep) struct directory *d = read_directory(&api, LISTS);
	const struct organization *org = directory_get(d);

	(void)state;
	assert_int_equal(ask(d, DIRECTORY_WORKSPACES, "wrkspc_1"), 1);
	assert_non_null(organization_member(org, VIEW("wrkspc_1"), VIEW("user_3")));
	assert_int_equal(ask(d, DIRECTORY_WORKSPACES, "wrkspc_3"), 1);
	assert_int_equal(ask(d, DIRECTORY_WORKSPACES, "wrkspc_4"), 0);
	assert_int_equal(org->workspace_count, 3);
	assert_null(strstr(api.asked.ptr, "member.list workspace_id=wrkspc_3"));
	govern_api_done(&api);
}

static void who_is_named_as_gone_is_gone_unless_a_list_has_them(void **state)
{
	struct api api = GOVERN_API(API_PLATFORM, short_lists);
	DEFER(directory_freep) struct directory *d = read_directory(&api, DIRECTORY_USERS);
	const struct organization *org = directory_get(d);
	static const char *const ids[] = { "", "user_8", "user_3", "user_1", "user_8", "user_4" };
	struct err err = ERR_INIT;

	(void)state;
	assert_true(organization_is_gone(org, VIEW("user_1")));
	for (size_t i = 0; i < ARRAY_LEN(ids); i++)
		assert_int_equal(directory_put_gone(d, view_of(ids[i]), &err), 0);
	assert_int_equal(org->gone_count, 4);
	assert_true(organization_is_gone(org, VIEW("user_1")));
	assert_true(organization_is_gone(org, VIEW("user_4")));
	assert_true(organization_is_gone(org, VIEW("user_8")));
	assert_false(organization_is_gone(org, VIEW("user_3")));
	assert_false(organization_is_gone(org, VIEW("user_5")));
	govern_api_done(&api);
}

static void people_whom_keys_and_members_refer_to_are_asked_for_once(void **state)
{
	static const struct govern_reply lists[] = {
		{ "user.list", PAGE("") },
		{ "user.get id=user_1", "{\"id\":\"user_1\",\"email\":\"a@example.com\"}" },
		{ "workspace.list", PAGE("{\"id\":\"wrkspc_1\",\"name\":\"a\"}") },
		{ "member.list", PAGE("{\"user_id\":\"user_1\",\"workspace_id\":\"wrkspc_1\"},"
				      "{\"user_id\":\"user_2\",\"workspace_id\":\"wrkspc_1\"}") },
		{ "key.list", PAGE(MADE("apikey_1", "active", "user_1") "," MADE(
				      "apikey_2", "active", "user_3") "," MADE("apikey_3", "archived", "user_4")) },
		{ NULL, NULL },
	};
	struct api api = GOVERN_API(API_PLATFORM, lists);
	DEFER(directory_freep)
	struct directory *d =
		read_directory(&api, DIRECTORY_USERS | DIRECTORY_WORKSPACES | DIRECTORY_MEMBERS | DIRECTORY_KEYS);
	const struct organization *org = directory_get(d);
	struct err err = ERR_INIT;

	(void)state;
	buf_clear(&api.asked);
	assert_int_equal(directory_ask_people(d, &err), 0);
	assert_string_equal(api.asked.ptr, "user.get id=user_1\nuser.get id=user_3\nuser.get id=user_2\n");
	assert_false(organization_is_gone(org, VIEW("user_1")));
	assert_true(organization_is_gone(org, VIEW("user_2")));
	assert_true(organization_is_orphan(org, &org->keys[1]));
	assert_false(organization_is_orphan(org, &org->keys[2]));
	govern_api_done(&api);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(people_whom_keys_and_members_refer_to_are_asked_for_once),
		cmocka_unit_test(what_a_list_lacks_is_asked_for_by_itself_and_joins_it),
		cmocka_unit_test(a_workspace_that_joins_brings_its_members_unless_it_is_archived),
		cmocka_unit_test(who_is_named_as_gone_is_gone_unless_a_list_has_them),
		cmocka_unit_test(people_come_sorted_from_all_pages),
		cmocka_unit_test(members_are_asked_of_live_workspaces_and_counted_once),
		cmocka_unit_test(keys_know_their_place_and_owner),
		cmocka_unit_test(a_workspace_that_no_list_has_is_asked_for_and_may_be_the_default_one),
		cmocka_unit_test(only_what_was_asked_for_is_called),
		cmocka_unit_test(members_of_cca_are_what_its_users_say),
		cmocka_unit_test(an_operation_that_the_dialect_lacks_is_a_matter_of_usage),
		cmocka_unit_test(a_refusal_is_handed_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
