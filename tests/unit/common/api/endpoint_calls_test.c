/* SPDX-License-Identifier: Apache-2.0 */
/* The endpoints' calls: what each sends, to the byte, and what it reads from the answer. */
#include "tests/support/fake_api.h"

#include "common/api/endpoint_compliance.h"
#include "common/api/endpoint_invite.h"
#include "common/api/endpoint_key.h"
#include "common/api/endpoint_member.h"
#include "common/api/endpoint_message.h"
#include "common/api/endpoint_model.h"
#include "common/api/endpoint_org.h"
#include "common/api/endpoint_user.h"
#include "common/api/endpoint_workspace.h"
#include "tests/support/unit.h"

#define ORG "/v1/organizations"
#define ADMIN "/v1/admin"

static struct api fake;
static struct api_answer answer;

static void start(enum api_dialect dialect, const char *reply)
{
	fake = (struct api)FAKE_API(dialect, reply);
	answer = (struct api_answer){ 0 };
}

/* What was sent, and that the call came out as it did. */
static void end(int ret, const char *target, const char *body)
{
	assert_int_equal(ret, 0);
	assert_string_equal(fake.target.ptr, target);
	if (body)
		assert_string_equal(fake.body.ptr, body);
	else
		assert_int_equal(fake.body.len, 0);
	api_answer_done(&answer);
	fake_api_done(&fake);
}

static void organisation(void **state)
{
	struct api_org org;
	struct api_compliance_settings settings;
	int ret;

	(void)state;
	start(API_PLATFORM, "{\"id\":\"0f-1\",\"type\":\"organization\",\"name\":\"Example\"}");
	ret = api_org_get(&fake, &answer, &org, NULL);
	assert_view(org.id, "0f-1");
	assert_view(org.name, "Example");
	end(ret, ORG "/me", NULL);
	start(API_PLATFORM, "{\"type\":\"compliance_settings\",\"state\":{\"type\":\"enabled\"}}");
	ret = api_compliance_settings_get(&fake, &answer, &settings, NULL);
	assert_view(settings.state, "enabled");
	end(ret, ORG "/compliance_settings", NULL);
}

static void users(void **state)
{
	static const char user[] = "{\"id\":\"user_1\",\"type\":\"user\",\"email\":\"a@b.c\",\"name\":\"A\",\"role\":"
				   "\"developer\",\"added_at\":\"2026-01-02T03:04:05Z\"}";
	struct api_user read;
	int ret;

	(void)state;
	start(API_PLATFORM, user);
	ret = api_user_get(&fake, VIEW("user_1"), &answer, &read, NULL);
	assert_view(read.id, "user_1");
	assert_view(read.email, "a@b.c");
	assert_view(read.name, "A");
	assert_view(read.role, "developer");
	assert_view(read.added_at.text, "2026-01-02T03:04:05Z");
	assert_true(record_is_absent(read.workspace_ids));
	assert_int_equal(read.raw.len, sizeof(user) - 1);
	end(ret, ORG "/users/user_1", NULL);
	start(API_PLATFORM, user);
	ret = api_user_update(&fake, VIEW("user_1"), VIEW("billing"), &answer, &read, NULL);
	end(ret, ORG "/users/user_1", "{\"role\":\"billing\"}");
	start(API_PLATFORM, "{\"id\":\"user_1\",\"type\":\"user_deleted\"}");
	end(api_user_delete(&fake, VIEW("user_1"), &answer, NULL), ORG "/users/user_1", NULL);
	start(API_CCA, "{\"id\":\"user_1\",\"role\":\"viewer\",\"workspace_ids\":[\"ws_1\"],"
		       "\"created_at\":\"2026-01-02T03:04:05Z\"}");
	ret = api_user_update(&fake, VIEW("user_1"), VIEW("user"), &answer, &read, NULL);
	assert_view(read.role, "user");
	assert_true(read.added_at.is_known);
	assert_view(read.workspace_ids, "[\"ws_1\"]");
	end(ret, ADMIN "/users/user_1", "{\"role\":\"viewer\"}");
}

static void invitations(void **state)
{
	const struct view workspaces[] = { VIEW("ws_1"), VIEW("ws_2") };
	struct api_invite_request request = { .email = VIEW("a@b.c"), .role = VIEW("user") };
	struct api_invite invite;
	struct err err = ERR_INIT;
	int ret;

	(void)state;
	start(API_PLATFORM, "{\"id\":\"invite_1\",\"type\":\"invite\",\"email\":\"a@b.c\",\"role\":\"user\",\"status\":"
			    "\"pending\",\"invited_at\":\"2026-01-02T03:04:05Z\",\"expires_at\":"
			    "\"2026-01-23T03:04:05Z\",\"accepted_at\":null,\"rbac_group_ids\":[]}");
	ret = api_invite_create(&fake, &request, &answer, &invite, NULL);
	assert_view(invite.status, "pending");
	assert_int_equal(invite.expires_at.unix_s - invite.invited_at.unix_s, 21 * 86400);
	assert_true(record_is_null(invite.accepted_at.text));
	end(ret, ORG "/invites", "{\"email\":\"a@b.c\",\"role\":\"user\"}");
	start(API_PLATFORM, "{\"id\":\"invite_1\"}");
	ret = api_invite_get(&fake, VIEW("invite_1"), &answer, &invite, NULL);
	end(ret, ORG "/invites/invite_1", NULL);
	start(API_PLATFORM, "{\"id\":\"invite_1\",\"type\":\"invite_deleted\"}");
	end(api_invite_delete(&fake, VIEW("invite_1"), &answer, NULL), ORG "/invites/invite_1", NULL);

	request.workspaces = workspaces;
	request.workspace_count = ARRAY_LEN(workspaces);
	request.expires_in_days = 14;
	start(API_CCA, "{\"id\":\"inv_1\",\"status\":\"revoked\",\"workspaces\":[\"ws_1\"]}");
	ret = api_invite_create(&fake, &request, &answer, &invite, NULL);
	assert_view(invite.status, "deleted");
	end(ret, ADMIN "/invitations",
	    "{\"email\":\"a@b.c\",\"role\":\"viewer\",\"workspaces\":[\"ws_1\",\"ws_2\"],\"expires_in_days\":14}");
	start(API_PLATFORM, "{}");
	assert_int_equal(api_invite_create(&fake, &request, &answer, &invite, &err), -1);
	assert_string_equal(err.text, "invite.create has no 'workspaces' in the 'platform' dialect of the API");
	assert_int_equal(fake.method_log.len, 0);
	api_answer_done(&answer);
	fake_api_done(&fake);
}

static void workspaces(void **state)
{
	static const char workspace[] =
		"{\"id\":\"wrkspc_1\",\"type\":\"workspace\",\"name\":\"ml\",\"display_color\":\"#6C5BB9\","
		"\"created_at\":\"2026-01-02T03:04:05Z\",\"archived_at\":null,\"compartment_id\":\"c\","
		"\"external_key_id\":null,\"tags\":{\"a\":\"b\"},\"data_residency\":{\"workspace_geo\":\"us\","
		"\"default_inference_geo\":\"global\",\"allowed_inference_geos\":[\"us\"]}}";
	const struct api_workspace_request request = { .name = VIEW("ml"), .tags = VIEW("{\"a\":\"b\"}") };
	struct api_workspace read;
	int ret;

	(void)state;
	start(API_PLATFORM, workspace);
	ret = api_workspace_create(&fake, &request, &answer, &read, NULL);
	assert_view(read.name, "ml");
	assert_true(record_is_null(read.archived_at.text));
	assert_view(read.tags, "{\"a\":\"b\"}");
	assert_view(read.workspace_geo, "us");
	assert_view(read.default_inference_geo, "global");
	assert_view(read.allowed_inference_geos, "[\"us\"]");
	end(ret, ORG "/workspaces", "{\"name\":\"ml\",\"tags\":{\"a\":\"b\"}}");
	start(API_PLATFORM, workspace);
	ret = api_workspace_update(&fake, VIEW("wrkspc_1"), &request, &answer, &read, NULL);
	end(ret, ORG "/workspaces/wrkspc_1", "{\"name\":\"ml\",\"tags\":{\"a\":\"b\"}}");
	start(API_PLATFORM, workspace);
	ret = api_workspace_get(&fake, VIEW("wrkspc_1"), &answer, &read, NULL);
	end(ret, ORG "/workspaces/wrkspc_1", NULL);
	start(API_PLATFORM, workspace);
	ret = api_workspace_archive(&fake, VIEW("wrkspc_1"), &answer, &read, NULL);
	end(ret, ORG "/workspaces/wrkspc_1/archive", NULL);
}

static void members(void **state)
{
	static const char member[] = "{\"type\":\"workspace_member\",\"user_id\":\"user_1\",\"workspace_id\":"
				     "\"wrkspc_1\",\"workspace_role\":\"workspace_admin\"}";
	const struct view ws = VIEW("wrkspc_1"), user = VIEW("user_1");
	struct api_member read;
	int ret;

	(void)state;
	start(API_PLATFORM, member);
	ret = api_member_get(&fake, ws, user, &answer, &read, NULL);
	assert_view(read.workspace_role, "workspace_admin");
	end(ret, ORG "/workspaces/wrkspc_1/members/user_1", NULL);
	start(API_PLATFORM, member);
	ret = api_member_add(&fake, ws, user, VIEW("workspace_user"), &answer, &read, NULL);
	end(ret, ORG "/workspaces/wrkspc_1/members", "{\"user_id\":\"user_1\",\"workspace_role\":\"workspace_user\"}");
	start(API_PLATFORM, member);
	ret = api_member_update(&fake, ws, user, VIEW("workspace_user"), &answer, &read, NULL);
	end(ret, ORG "/workspaces/wrkspc_1/members/user_1", "{\"workspace_role\":\"workspace_user\"}");
	start(API_PLATFORM, "{\"type\":\"workspace_member_deleted\"}");
	ret = api_member_delete(&fake, ws, user, &answer, NULL);
	end(ret, ORG "/workspaces/wrkspc_1/members/user_1", NULL);
	start(API_CCA, "{\"workspace_id\":\"ws_1\",\"user_id\":\"user_1\",\"role\":\"developer\",\"added_at\":"
		       "\"2026-01-02T03:04:05Z\"}");
	ret = api_member_add(&fake, ws, user, VIEW("workspace_developer"), &answer, &read, NULL);
	assert_view(read.workspace_role, "workspace_developer");
	assert_true(read.added_at.is_known);
	end(ret, ADMIN "/workspaces/wrkspc_1/members", "{\"user_id\":\"user_1\",\"role\":\"developer\"}");
}

static void keys(void **state)
{
	static const char key[] = "{\"id\":\"apikey_1\",\"name\":\"ml-prod-batch\",\"status\":\"inactive\"}";
	struct api_key read;
	int ret;

	(void)state;
	start(API_PLATFORM, key);
	ret = api_key_get(&fake, VIEW("apikey_1"), &answer, &read, NULL);
	assert_view(read.name, "ml-prod-batch");
	end(ret, ORG "/api_keys/apikey_1", NULL);
	start(API_PLATFORM, key);
	ret = api_key_update(&fake, VIEW("apikey_1"), VIEW("n"), VIEW_NONE, &answer, &read, NULL);
	end(ret, ORG "/api_keys/apikey_1", "{\"name\":\"n\"}");
	start(API_PLATFORM, key);
	ret = api_key_update(&fake, VIEW("apikey_1"), VIEW_NONE, VIEW("inactive"), &answer, &read, NULL);
	assert_view(read.status, "inactive");
	end(ret, ORG "/api_keys/apikey_1", "{\"status\":\"inactive\"}");
}

static void groups(void **state)
{
	const struct view regions[] = { VIEW("eu") };
	const struct api_group_request request = { .name = VIEW("legal"),
						   .data_retention_days = 30,
						   .require_encryption = true,
						   .allowed_regions = regions,
						   .region_count = 1,
						   .audit_level = VIEW("full") };
	struct api_group group;
	int ret;

	(void)state;
	start(API_PLATFORM, "{\"id\":\"rbac_group_1\",\"name\":\"g\",\"source_type\":\"scim\",\"roles\":[\"r\"],"
			    "\"created_at\":\"2026-01-02T03:04:05.123456\"}");
	ret = api_group_get(&fake, VIEW("rbac_group_1"), &answer, &group, NULL);
	assert_view(group.source_type, "scim");
	assert_true(group.created_at.is_known);
	assert_view(group.roles, "[\"r\"]");
	end(ret, "/v1/compliance/groups/rbac_group_1", NULL);
	start(API_CCA, "{\"id\":\"grp_1\",\"name\":\"legal\",\"restrictions\":{\"audit_level\":\"full\"}}");
	ret = api_group_create(&fake, &request, &answer, &group, NULL);
	assert_view(group.restrictions, "{\"audit_level\":\"full\"}");
	end(ret, ADMIN "/compliance/groups",
	    "{\"name\":\"legal\",\"restrictions\":{\"data_retention_days\":30,\"require_encryption\":true,"
	    "\"allowed_regions\":[\"eu\"],\"audit_level\":\"full\"}}");
}

static void models(void **state)
{
	struct api_model model;
	int ret;

	(void)state;
	start(API_PLATFORM, "{\"id\":\"claude-opus-5\",\"type\":\"model\",\"display_name\":\"Claude Opus 5\","
			    "\"created_at\":\"2026-07-24T00:00:00Z\",\"max_tokens\":64000}");
	ret = api_model_get(&fake, VIEW("claude-opus-5"), &answer, &model, NULL);
	assert_view(model.display_name, "Claude Opus 5");
	assert_int_equal(model.max_tokens.value, 64000);
	assert_false(model.max_input_tokens.is_known);
	end(ret, "/v1/models/claude-opus-5", NULL);
}

static void messages(void **state)
{
	const struct api_message_request request = {
		.model = VIEW("m"), .prompt = VIEW("say \"hi\"\n"), .system = VIEW("short"), .max_tokens = 16
	};
	DEFER(buf_done) struct buf text = BUF_INIT(100);
	DEFER(buf_done) struct buf tools = BUF_INIT(100);
	struct api_message message;
	uint64_t count;
	int ret;

	(void)state;
	start(API_PLATFORM,
	      "{\"id\":\"msg_1\",\"model\":\"m\",\"stop_reason\":\"end_turn\",\"content\":[{\"type\":\"text\",\"text\":"
	      "\"Hi\"},{\"type\":\"tool_use\",\"name\":\"ls\"},7,{\"type\":\"new\",\"text\":\"no\"},{\"type\":\"text\","
	      "\"text\":\" \\u00e9\"},{\"type\":\"server_tool_use\",\"name\":\"web_search\"}],\"usage\":{"
	      "\"input_tokens\":12,\"output_tokens\":6,\"cache_creation_input_tokens\":3,\"cache_read_input_tokens\":"
	      "null,\"service_tier\":\"standard\"}}");
	ret = api_message_create(&fake, &request, &answer, &message, NULL);
	assert_int_equal(message.input_tokens, 15);
	assert_int_equal(message.output_tokens.value, 6);
	assert_view(message.stop_reason, "end_turn");
	assert_int_equal(api_message_add_text(&text, &message), 0);
	assert_string_equal(text.ptr, "Hi \xC3\xA9");
	assert_int_equal(api_message_add_tools(&tools, &message), 0);
	assert_string_equal(tools.ptr, "ls,web_search");
	end(ret, "/v1/messages",
	    "{\"model\":\"m\",\"max_tokens\":16,\"messages\":[{\"role\":\"user\",\"content\":\"say \\\"hi\\\"\\n\"}],"
	    "\"system\":\"short\"}");
	start(API_CCA, "{\"input_tokens\":14}");
	ret = api_message_count(&fake, &request, &answer, &count, NULL);
	assert_int_equal(count, 14);
	end(ret, "/v1/messages/count_tokens",
	    "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"say \\\"hi\\\"\\n\"}],"
	    "\"system\":\"short\"}");
}

static void a_dry_run_gives_an_empty_record(void **state)
{
	struct api_user user;
	int ret;

	(void)state;
	start(API_PLATFORM, NULL);
	fake.is_dry = true;
	ret = api_user_update(&fake, VIEW("user_1"), VIEW("user"), &answer, &user, NULL);
	assert_false(answer.reply.was_sent);
	assert_true(record_is_absent(user.id) && record_is_absent(user.raw));
	end(ret, ORG "/users/user_1", "{\"role\":\"user\"}");
}

static void a_refusal_is_handed_on(void **state)
{
	struct api_user user;
	struct err err = ERR_INIT;

	(void)state;
	start(API_PLATFORM, NULL);
	assert_int_equal(api_user_get(&fake, VIEW("user_1"), &answer, &user, &err), -1);
	assert_int_equal(err.kind, ERR_REFUSED);
	assert_int_equal(answer.refusal.status, 403);
	api_answer_done(&answer);
	fake_api_done(&fake);
}

static void a_reply_that_is_no_record_is_named(void **state)
{
	static const char *const cases[][2] = {
		{ "<html>", "user.get: the reply: not valid JSON at byte 0: a character; a value was expected" },
		{ "{\"id\":\"a\"} x",
		  "user.get: the reply: not valid JSON at byte 11: a letter; the end was expected" },
		{ "[]", "the reply to user.get: a user is not a JSON object" },
		{ "{}", "the reply to user.get: a user: 'id' is not there, or of another type than it has to be" },
	};
	struct api_user user;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct err err = ERR_INIT;

		start(API_PLATFORM, cases[i][0]);
		assert_int_equal(api_user_get(&fake, VIEW("user_1"), &answer, &user, &err), -1);
		assert_string_equal(err.text, cases[i][1]);
		assert_int_equal(err.kind, ERR_FORMAT);
		api_answer_done(&answer);
		fake_api_done(&fake);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(organisation),
		cmocka_unit_test(users),
		cmocka_unit_test(invitations),
		cmocka_unit_test(workspaces),
		cmocka_unit_test(members),
		cmocka_unit_test(keys),
		cmocka_unit_test(groups),
		cmocka_unit_test(models),
		cmocka_unit_test(messages),
		cmocka_unit_test(a_dry_run_gives_an_empty_record),
		cmocka_unit_test(a_refusal_is_handed_on),
		cmocka_unit_test(a_reply_that_is_no_record_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
