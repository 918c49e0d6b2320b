/* SPDX-License-Identifier: Apache-2.0 */
/* api_write: each operation in both dialects, to the byte, and what is refused. */
#include <string.h>

#include "common/api/dialect.h"
#include "common/base/text.h"
#include "tests/support/unit.h"

#define ARGUMENTS_MAX 16

/* Arguments are written "name=value name=value"; ~ stands for a space within a value. */
struct arguments {
	char text[1024];
	struct api_argument list[ARGUMENTS_MAX];
	size_t count;
};

static void read_arguments(struct arguments *ret, const char *text)
{
	char *at = ret->text;

	assert_true(strlen(text) < sizeof(ret->text));
	memcpy(ret->text, text, strlen(text) + 1);
	ret->count = 0;
	while (*at) {
		char *equals = strchr(at, '='), *end = at + strcspn(at, " ");

		assert_true(ret->count < ARGUMENTS_MAX && equals && equals < end);
		*equals = '\0';
		ret->list[ret->count++] =
			(struct api_argument){ at, view_from(equals + 1, (size_t)(end - equals - 1)) };
		at = *end ? end + 1 : end;
		*end = '\0';
		for (char *c = equals + 1; c < end; c++)
			if (*c == '~')
				*c = ' ';
	}
}

struct written {
	enum api_dialect dialect;
	enum api_operation operation;
	const char *arguments;
	const char *target; /* with its method */
	const char *body;   /* NULL: none */
};

static void assert_written(const struct written *expected)
{
	DEFER(buf_done) struct buf target = BUF_INIT(10000), body = BUF_INIT(10000);
	const struct api_route *route = api_route(expected->dialect, expected->operation, NULL);
	struct arguments arguments;
	struct err err = ERR_INIT;

	read_arguments(&arguments, expected->arguments);
	assert_non_null(route);
	assert_int_equal(buf_addf(&target, "%s ", route->method), 0);
	if (api_write(expected->dialect, expected->operation, arguments.list, arguments.count, &target, &body, &err))
		fail_msg("%s", err.text);
	assert_string_equal(target.ptr, expected->target);
	if (expected->body)
		assert_string_equal(body.ptr, expected->body);
	else
		assert_int_equal(body.len, 0);
}

#define ORG "/v1/organizations"

static const struct written platform[] = {
	{ 0, API_ORG_GET, "", "GET " ORG "/me", NULL },
	{ 0, API_USER_LIST, "", "GET " ORG "/users", NULL },
	{ 0, API_USER_LIST, "limit=1000 after_id=user_01 email=a@b.c roles=user roles=admin",
	  "GET " ORG "/users?email=a%40b.c&roles%5B%5D=user&roles%5B%5D=admin&limit=1000&after_id=user_01", NULL },
	{ 0, API_USER_GET, "id=user_01", "GET " ORG "/users/user_01", NULL },
	{ 0, API_USER_UPDATE, "role=developer id=user_01", "POST " ORG "/users/user_01", "{\"role\":\"developer\"}" },
	{ 0, API_USER_DELETE, "id=user_01", "DELETE " ORG "/users/user_01", NULL },
	{ 0, API_INVITE_LIST, "statuses=pending statuses=expired before_id=invite_01",
	  "GET " ORG "/invites?statuses%5B%5D=pending&statuses%5B%5D=expired&before_id=invite_01", NULL },
	{ 0, API_INVITE_GET, "id=invite_01", "GET " ORG "/invites/invite_01", NULL },
	{ 0, API_INVITE_CREATE, "email=a@b.c role=user", "POST " ORG "/invites",
	  "{\"email\":\"a@b.c\",\"role\":\"user\"}" },
	{ 0, API_INVITE_CREATE, "email=a@b.c role=managed rbac_group_ids=g1 rbac_group_ids=g2", "POST " ORG "/invites",
	  "{\"email\":\"a@b.c\",\"role\":\"managed\",\"rbac_group_ids\":[\"g1\",\"g2\"]}" },
	{ 0, API_INVITE_DELETE, "id=invite_01", "DELETE " ORG "/invites/invite_01", NULL },
	{ 0, API_WORKSPACE_LIST, "include_archived=true", "GET " ORG "/workspaces?include_archived=true", NULL },
	{ 0, API_WORKSPACE_GET, "id=wrkspc_01", "GET " ORG "/workspaces/wrkspc_01", NULL },
	{ 0, API_WORKSPACE_CREATE, "name=ml-prod~\"x\" data_residency={\"workspace_geo\":\"us\"} tags={\"a\":\"b\"}",
	  "POST " ORG "/workspaces",
	  "{\"name\":\"ml-prod \\\"x\\\"\",\"data_residency\":{\"workspace_geo\":\"us\"},\"tags\":{\"a\":\"b\"}}" },
	{ 0, API_WORKSPACE_UPDATE, "id=wrkspc_01 name=new external_key_id=k", "POST " ORG "/workspaces/wrkspc_01",
	  "{\"name\":\"new\",\"external_key_id\":\"k\"}" },
	{ 0, API_WORKSPACE_ARCHIVE, "id=wrkspc_01", "POST " ORG "/workspaces/wrkspc_01/archive", NULL },
	{ 0, API_MEMBER_LIST, "workspace_id=wrkspc_01 limit=5", "GET " ORG "/workspaces/wrkspc_01/members?limit=5",
	  NULL },
	{ 0, API_MEMBER_GET, "workspace_id=wrkspc_01 user_id=user_02",
	  "GET " ORG "/workspaces/wrkspc_01/members/user_02", NULL },
	{ 0, API_MEMBER_ADD, "workspace_id=wrkspc_01 user_id=user_02 workspace_role=workspace_developer",
	  "POST " ORG "/workspaces/wrkspc_01/members",
	  "{\"user_id\":\"user_02\",\"workspace_role\":\"workspace_developer\"}" },
	{ 0, API_MEMBER_UPDATE, "workspace_id=wrkspc_01 user_id=user_02 workspace_role=workspace_admin",
	  "POST " ORG "/workspaces/wrkspc_01/members/user_02", "{\"workspace_role\":\"workspace_admin\"}" },
	{ 0, API_MEMBER_DELETE, "workspace_id=wrkspc_01 user_id=user_02",
	  "DELETE " ORG "/workspaces/wrkspc_01/members/user_02", NULL },
	{ 0, API_KEY_LIST, "status=active workspace_id=wrkspc_01 created_by_user_id=user_01",
	  "GET " ORG "/api_keys?status=active&workspace_id=wrkspc_01&created_by_user_id=user_01", NULL },
	{ 0, API_KEY_GET, "id=apikey_01", "GET " ORG "/api_keys/apikey_01", NULL },
	{ 0, API_KEY_UPDATE, "id=apikey_01 name=ml-prod-batch status=inactive", "POST " ORG "/api_keys/apikey_01",
	  "{\"name\":\"ml-prod-batch\",\"status\":\"inactive\"}" },
	{ 0, API_RATELIMIT_LIST, "group_type=batch model=claude-opus-5 page=p1",
	  "GET " ORG "/rate_limits?group_type=batch&model=claude-opus-5&page=p1", NULL },
	{ 0, API_WORKSPACE_RATELIMIT_LIST, "workspace_id=wrkspc_01", "GET " ORG "/workspaces/wrkspc_01/rate_limits",
	  NULL },
	{ 0, API_COMPLIANCE_SETTINGS_GET, "", "GET " ORG "/compliance_settings", NULL },
	{ 0, API_USAGE_MESSAGES,
	  "starting_at=2026-08-01 ending_at=2026-08-02T12:00:00+02:00 bucket_width=1h group_by=model "
	  "group_by=workspace_id api_key_ids=apikey_01 limit=168 page=page_MjAy=",
	  "GET " ORG "/usage_report/messages?starting_at=2026-08-01T00%3A00%3A00Z&ending_at=2026-08-02T10%3A00%3A00Z"
	  "&bucket_width=1h&group_by%5B%5D=model&group_by%5B%5D=workspace_id&api_key_ids%5B%5D=apikey_01&limit=168"
	  "&page=page_MjAy%3D",
	  NULL },
	{ 0, API_USAGE_CLAUDE_CODE, "starting_at=2026-08-08T10:00:00Z limit=1000",
	  "GET " ORG "/usage_report/claude_code?starting_at=2026-08-08&limit=1000", NULL },
	{ 0, API_COST, "starting_at=2026-08-01 bucket_width=1d group_by=description limit=31",
	  "GET " ORG "/cost_report?starting_at=2026-08-01T00%3A00%3A00Z&bucket_width=1d&group_by%5B%5D=description"
	  "&limit=31",
	  NULL },
	{ 0, API_ACTIVITY_LIST,
	  "created_at.gte=2026-04-10T08:09:10.250Z created_at.lt=2026-04-11 activity_types=platform_api_key_created "
	  "activity_types=sso_login_succeeded actor_ids=user_01 organization_ids=org_01 order=asc after_id=eyJ= "
	  "limit=5000",
	  "GET /v1/compliance/activities?created_at.gte=2026-04-10T08%3A09%3A10.25Z"
	  "&created_at.lt=2026-04-11T00%3A00%3A00Z&activity_types%5B%5D=platform_api_key_created"
	  "&activity_types%5B%5D=sso_login_succeeded&actor_ids%5B%5D=user_01&organization_ids%5B%5D=org_01&order=asc"
	  "&limit=5000&after_id=eyJ%3D",
	  NULL },
	{ 0, API_COMPLIANCE_ORG_LIST, "", "GET /v1/compliance/organizations", NULL },
	{ 0, API_COMPLIANCE_USER_LIST, "organization_id=0f-1 limit=1000",
	  "GET /v1/compliance/organizations/0f-1/users?limit=1000", NULL },
	{ 0, API_GROUP_LIST, "name_prefix=ml~", "GET /v1/compliance/groups?name_prefix=ml%20", NULL },
	{ 0, API_GROUP_GET, "id=rbac_group_01", "GET /v1/compliance/groups/rbac_group_01", NULL },
	{ 0, API_GROUP_MEMBER_LIST, "id=rbac_group_01 page=x", "GET /v1/compliance/groups/rbac_group_01/members?page=x",
	  NULL },
	{ 0, API_MESSAGE_CREATE, "model=claude-opus-5 max_tokens=16 messages=[{\"role\":\"user\"}] system=s",
	  "POST /v1/messages",
	  "{\"model\":\"claude-opus-5\",\"max_tokens\":16,\"messages\":[{\"role\":\"user\"}],\"system\":\"s\"}" },
	{ 0, API_MESSAGE_COUNT, "model=claude-opus-5 messages=[]", "POST /v1/messages/count_tokens",
	  "{\"model\":\"claude-opus-5\",\"messages\":[]}" },
	{ 0, API_MODEL_LIST, "limit=1", "GET /v1/models?limit=1", NULL },
	{ 0, API_MODEL_GET, "id=claude-opus-5", "GET /v1/models/claude-opus-5", NULL },
};

#define ADMIN "/v1/admin"

static const struct written cca[] = {
	{ 1, API_USER_LIST, "limit=100 page=x", "GET " ADMIN "/users?limit=100&page=x", NULL },
	{ 1, API_USER_GET, "id=user_01", "GET " ADMIN "/users/user_01", NULL },
	{ 1, API_USER_UPDATE, "id=user_01 role=user", "PUT " ADMIN "/users/user_01", "{\"role\":\"viewer\"}" },
	{ 1, API_USER_UPDATE, "id=user_01 role=viewer", "PUT " ADMIN "/users/user_01", "{\"role\":\"viewer\"}" },
	{ 1, API_USER_UPDATE, "id=user_01 role=admin", "PUT " ADMIN "/users/user_01", "{\"role\":\"admin\"}" },
	{ 1, API_USER_DELETE, "id=user_01", "DELETE " ADMIN "/users/user_01", NULL },
	{ 1, API_INVITE_LIST, "statuses=deleted", "GET " ADMIN "/invitations?status=revoked", NULL },
	{ 1, API_INVITE_CREATE, "email=a@b.c role=developer workspaces=ws_1 workspaces=ws_2 expires_in_days=7",
	  "POST " ADMIN "/invitations",
	  "{\"email\":\"a@b.c\",\"role\":\"developer\",\"workspaces\":[\"ws_1\",\"ws_2\"],\"expires_in_days\":7}" },
	{ 1, API_INVITE_DELETE, "id=inv_01", "DELETE " ADMIN "/invitations/inv_01", NULL },
	{ 1, API_MEMBER_ADD, "workspace_id=ws_1 user_id=user_1 workspace_role=workspace_developer",
	  "POST " ADMIN "/workspaces/ws_1/members", "{\"user_id\":\"user_1\",\"role\":\"developer\"}" },
	{ 1, API_MEMBER_ADD, "workspace_id=ws_1 user_id=user_1 workspace_role=workspace_user",
	  "POST " ADMIN "/workspaces/ws_1/members", "{\"user_id\":\"user_1\",\"role\":\"viewer\"}" },
	{ 1, API_MEMBER_DELETE, "workspace_id=ws_1 user_id=user_1", "DELETE " ADMIN "/workspaces/ws_1/members/user_1",
	  NULL },
	/* Until the first moment of September: August is the last that is in. */
	{ 1, API_USAGE_MESSAGES,
	  "starting_at=2026-08-01T10:00:00Z ending_at=2026-09-01 group_by=workspace_id group_by=model",
	  "GET " ADMIN "/usage/messages?start_date=2026-08-01&end_date=2026-08-31&group_by%5B%5D=workspace"
	  "&group_by%5B%5D=model",
	  NULL },
	{ 1, API_USAGE_MESSAGES, "starting_at=2026-08-01 ending_at=2026-09-01T00:00:00.5Z",
	  "GET " ADMIN "/usage/messages?start_date=2026-08-01&end_date=2026-09-01", NULL },
	{ 1, API_USAGE_MESSAGES, "starting_at=2026-08-01T01:00:00+02:00",
	  "GET " ADMIN "/usage/messages?start_date=2026-07-31", NULL },
	{ 1, API_USAGE_CLAUDE_CODE, "starting_at=2026-08-01 group_by=account_id group_by=project",
	  "GET " ADMIN "/usage/claude-code?start_date=2026-08-01&group_by%5B%5D=user&group_by%5B%5D=project", NULL },
	{ 1, API_COST, "starting_at=2026-08-01 ending_at=2026-08-02T00:00:01Z group_by=account_id limit=1000",
	  "GET " ADMIN "/usage/cost?start_date=2026-08-01&end_date=2026-08-02&group_by%5B%5D=user&limit=1000", NULL },
	{ 1, API_ACTIVITY_LIST,
	  "created_at.gte=2026-08-01 created_at.lt=2026-08-02T00:00:00Z actor_ids=user_1 "
	  "activity_types=messages.create model=claude-opus-5 include_content=false limit=100 page=x",
	  "POST " ADMIN "/compliance/activities/query",
	  "{\"start_time\":\"2026-08-01T00:00:00Z\",\"end_time\":\"2026-08-02T00:00:00Z\",\"filters\":{\"user_id\":"
	  "\"user_1\",\"activity_type\":\"messages.create\",\"model\":\"claude-opus-5\"},\"include_content\":false,"
	  "\"limit\":100,\"page\":\"x\"}" },
	{ 1, API_ACTIVITY_LIST, "created_at.gte=2026-08-01 created_at.lt=2026-08-02",
	  "POST " ADMIN "/compliance/activities/query",
	  "{\"start_time\":\"2026-08-01T00:00:00Z\",\"end_time\":\"2026-08-02T00:00:00Z\"}" },
	{ 1, API_COMPLIANCE_ORG_LIST, "", "GET " ADMIN "/compliance/organizations", NULL },
	{ 1, API_COMPLIANCE_USER_LIST, "organization_id=org_1", "GET " ADMIN "/compliance/users?organization_id=org_1",
	  NULL },
	{ 1, API_GROUP_CREATE,
	  "name=legal description=d data_retention_days=30 require_encryption=true allowed_regions=eu "
	  "allowed_regions=us audit_level=full",
	  "POST " ADMIN "/compliance/groups",
	  "{\"name\":\"legal\",\"description\":\"d\",\"restrictions\":{\"data_retention_days\":30,"
	  "\"require_encryption\":true,\"allowed_regions\":[\"eu\",\"us\"],\"audit_level\":\"full\"}}" },
	{ 1, API_MESSAGE_CREATE, "model=m max_tokens=1 messages=[]", "POST /v1/messages",
	  "{\"model\":\"m\",\"max_tokens\":1,\"messages\":[]}" },
	{ 1, API_MODEL_LIST, "after_id=m", "GET /v1/models?after_id=m", NULL },
};

static void each_operation_of_the_platform_is_written(void **state)
{
	bool seen[API_OPERATIONS] = { false };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(platform); i++) {
		assert_written(&platform[i]);
		seen[platform[i].operation] = true;
	}
	for (int i = 0; i < API_OPERATIONS; i++)
		assert_int_equal(seen[i], i != API_GROUP_CREATE);
}

static void each_operation_of_cca_is_written(void **state)
{
	bool seen[API_OPERATIONS] = { false };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cca); i++) {
		assert_written(&cca[i]);
		seen[cca[i].operation] = true;
	}
	for (int i = 0; i < API_MESSAGE_CREATE; i++)
		assert_int_equal(seen[i], api_route(API_CCA, (enum api_operation)i, NULL) != NULL);
}

#define NO_ID "is no id: letters, digits and _ . : - were expected"
#define NO_TIME "is no time: 2026-11-24T13:49:09Z (RFC 3339) or a date such as 2026-11-24 was expected"
#define UNKNOWN(dialect) "is none of those that the '" dialect "' dialect of the API knows: "

struct refused {
	enum api_dialect dialect;
	enum api_operation operation;
	const char *arguments, *text;
};

static const struct refused refused[] = {
	{ 1, API_KEY_LIST, "", "the 'cca' dialect of the API has no operation key.list" },
	{ 0, API_USER_GET, "", "user.get: 'id' is missing" },
	{ 0, API_USER_UPDATE, "id=user_1", "user.update: 'role' is missing" },
	{ 0, API_USER_GET, "id=a id=b", "user.get: 'id' takes one value in the 'platform' dialect of the API" },
	{ 0, API_USER_LIST, "role=admin",
	  "user.list has no 'role' in the 'platform' dialect of the API (did you mean 'roles'?)" },
	{ 0, API_INVITE_CREATE, "email=a role=user workspaces=ws",
	  "invite.create has no 'workspaces' in the 'platform' dialect of the API" },
	{ 0, API_INVITE_CREATE, "email=a role=user expires_in_days=7",
	  "invite.create has no 'expires_in_days' in the 'platform' dialect of the API" },
	{ 0, API_ACTIVITY_LIST, "model=m", "activity.list has no 'model' in the 'platform' dialect of the API" },
	{ 0, API_ACTIVITY_LIST, "include_content=true",
	  "activity.list has no 'include_content' in the 'platform' dialect of the API" },
	{ 0, API_USAGE_CLAUDE_CODE, "starting_at=2026-08-01 group_by=user",
	  "usage.claude_code has no 'group_by' in the 'platform' dialect of the API" },
	{ 0, API_USER_GET, "id=.", "user.get: 'id' " NO_ID },
	{ 0, API_USER_GET, "id=..", "user.get: 'id' " NO_ID },
	{ 0, API_USER_GET, "id=a/b", "user.get: 'id' " NO_ID },
	{ 0, API_USER_GET, "id=a?b", "user.get: 'id' " NO_ID },
	{ 0, API_USER_GET, "id=%2e", "user.get: 'id' " NO_ID },
	{ 0, API_USER_GET, "id=a~b", "user.get: 'id' " NO_ID },
	{ 0, API_USER_GET, "id=\xc3\xa9", "user.get: 'id' " NO_ID },
	{ 0, API_USER_GET, "id=", "user.get: 'id' " NO_ID },
	{ 0, API_KEY_GET, "id=sk-ant-api03-abc", "key.get: 'id' looks like a key itself; its id was expected" },
	{ 0, API_USER_LIST, "limit=0", "user.list: 'limit' is out of range; 1 to 1000 was expected" },
	{ 0, API_USER_LIST, "limit=1001", "user.list: 'limit' is out of range; 1 to 1000 was expected" },
	{ 0, API_USER_LIST, "limit=-1", "user.list: 'limit' is not a whole number" },
	{ 0, API_USER_LIST, "limit=ten", "user.list: 'limit' is not a whole number" },
	{ 0, API_USER_LIST, "after_id=a before_id=b",
	  "user.list: only one of 'after_id' and 'before_id' can be given" },
	{ 0, API_USER_LIST, "email=", "user.list: 'email' is empty" },
	{ 0, API_ACTIVITY_LIST, "limit=5001", "activity.list: 'limit' is out of range; 1 to 5000 was expected" },
	{ 0, API_USAGE_MESSAGES, "starting_at=2026-08-01 limit=32",
	  "usage.messages: 'limit' is out of range; 1 to 31 was expected" },
	{ 0, API_USAGE_MESSAGES, "starting_at=2026-08-01 limit=1441 bucket_width=1m",
	  "usage.messages: 'limit' is out of range; 1 to 1440 was expected" },
	{ 0, API_USAGE_MESSAGES, "starting_at=2026-08-01 bucket_width=1w",
	  "usage.messages: a value of 'bucket_width' " UNKNOWN("platform") "1m, 1h, 1d" },
	{ 0, API_WORKSPACE_LIST, "include_archived=yes",
	  "workspace.list: 'include_archived' is neither true nor false" },
	{ 0, API_COST, "starting_at=yesterday", "cost: 'starting_at' " NO_TIME },
	{ 0, API_COST, "starting_at=2026-02-30", "cost: 'starting_at' " NO_TIME },
	{ 1, API_COST, "starting_at=2026-08-01 ending_at=x", "cost: 'ending_at' " NO_TIME },
	{ 0, API_MESSAGE_CREATE, "model=m max_tokens=1 messages=[",
	  "message.create: 'messages': not valid JSON at byte 1: the end of the input; a value was expected" },
	{ 1, API_USER_UPDATE, "id=u role=managed",
	  "user.update: a value of 'role' " UNKNOWN("cca") "user, developer, billing, admin" },
	{ 1, API_COST, "starting_at=2026-08-01 group_by=description",
	  "cost: a value of 'group_by' " UNKNOWN("cca") "workspace_id, model, account_id" },
	{ 1, API_INVITE_CREATE, "email=a role=user expires_in_days=31",
	  "invite.create: 'expires_in_days' is out of range; 1 to 30 was expected" },
	{ 1, API_ACTIVITY_LIST, "created_at.gte=2026-08-01", "activity.list: 'created_at.lt' is missing" },
	{ 1, API_ACTIVITY_LIST, "created_at.gte=2026-08-01 created_at.lt=2026-08-02 activity_types=a activity_types=b",
	  "activity.list: 'activity_types' takes one value in the 'cca' dialect of the API" },
	{ 1, API_INVITE_LIST, "statuses=pending statuses=accepted",
	  "invite.list: 'statuses' takes one value in the 'cca' dialect of the API" },
};

static void what_is_refused_is_said(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
		DEFER(buf_done) struct buf target = BUF_INIT(10000), body = BUF_INIT(10000);
		struct arguments arguments;
		struct err err = ERR_INIT;

		read_arguments(&arguments, refused[i].arguments);
		assert_int_equal(buf_add_text(&target, "kept"), 0);
		assert_int_equal(api_write(refused[i].dialect, refused[i].operation, arguments.list, arguments.count,
					   &target, &body, &err),
				 -1);
		assert_string_equal(err.text, refused[i].text);
		assert_int_equal(err.kind, ERR_USAGE);
		assert_string_equal(target.ptr, "kept");
		assert_int_equal(body.len, 0);
		assert_int_equal(api_write(refused[i].dialect, refused[i].operation, arguments.list, arguments.count,
					   &target, &body, NULL),
				 -1);
	}
}

static void an_update_of_nothing_has_an_empty_object(void **state)
{
	const struct written nothing = { API_PLATFORM, API_WORKSPACE_UPDATE, "id=wrkspc_1",
					 "POST " ORG "/workspaces/wrkspc_1", "{}" };

	(void)state;
	assert_written(&nothing);
}

static void any_text_is_quoted(void **state)
{
	DEFER(buf_done) struct buf target = BUF_INIT(1000), body = BUF_INIT(1000);
	const struct api_argument key[] = { { "id", VIEW("apikey_1") }, { "name", VIEW("a\"b\\c\nd\0e\xff") } };
	const struct api_argument group[] = { { "name_prefix", VIEW("&=%\0\xc3\xa9#[]") } };

	(void)state;
	assert_int_equal(api_write(API_PLATFORM, API_KEY_UPDATE, key, 2, &target, &body, NULL), 0);
	assert_string_equal(body.ptr, "{\"name\":\"a\\\"b\\\\c\\nd\\u0000e\xEF\xBF\xBD\"}");
	buf_clear(&target);
	assert_int_equal(api_write(API_PLATFORM, API_GROUP_LIST, group, 1, &target, &body, NULL), 0);
	assert_string_equal(target.ptr, "/v1/compliance/groups?name_prefix=%26%3D%25%00%C3%A9%23%5B%5D");
}

static void what_does_not_fit_is_an_error(void **state)
{
	const struct written *call = &cca[17];
	struct arguments arguments;
	bool is_written = false;

	(void)state;
	assert_int_equal(call->operation, API_ACTIVITY_LIST);
	read_arguments(&arguments, call->arguments);
	for (size_t max = 0; max < 400; max++) {
		DEFER(buf_done) struct buf target = BUF_INIT(max), body = BUF_INIT(max);

		if (api_write(API_CCA, API_ACTIVITY_LIST, arguments.list, arguments.count, &target, &body, NULL) == 0)
			is_written = true;
		else
			assert_true(!is_written && target.len == 0 && body.len == 0);
	}
	assert_true(is_written);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_operation_of_the_platform_is_written),
		cmocka_unit_test(each_operation_of_cca_is_written),
		cmocka_unit_test(what_is_refused_is_said),
		cmocka_unit_test(an_update_of_nothing_has_an_empty_object),
		cmocka_unit_test(any_text_is_quoted),
		cmocka_unit_test(what_does_not_fit_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
