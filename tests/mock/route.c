/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/mock/route.h"

#include <string.h>

#include "common/base/text.h"
#include "tests/mock/must.h"

#define ORG_ROLES "user developer billing admin claude_code_user managed membership_admin owner primary_owner"
#define MEMBER_ROLES "workspace_user workspace_restricted_developer workspace_developer workspace_admin"
#define ADMIN (BY(CRED_ADMIN) | BY(CRED_OAUTH))
#define ADMIN_OR_SCOPED (ADMIN | BY(CRED_COMPLIANCE))
#define INFERENCE (BY(CRED_API) | BY(CRED_FOREIGN) | BY(CRED_OAUTH))

#define P(...) ((const struct param[]){ __VA_ARGS__, { .name = NULL } })
#define B(...) ((const struct member[]){ __VA_ARGS__, { .name = NULL } })

/* Parameters that several calls share. */
#define P_IDS(prefix)                                                                                                  \
	{ "limit", PARAM_COUNT, NULL, 1000, false }, { "after_id", PARAM_ID, prefix, 0, false },                       \
	{                                                                                                              \
		"before_id", PARAM_ID, prefix, 0, false                                                                \
	}
#define P_PAGE(max)                                                                                                    \
	{ "limit", PARAM_COUNT, NULL, max, false },                                                                    \
	{                                                                                                              \
		"page", PARAM_ID, "page_", 0, false                                                                    \
	}
#define P_OPTION(name, kind, allowed)                                                                                  \
	{                                                                                                              \
		name, kind, allowed, 0, false                                                                          \
	}
#define P_REQUIRED(name, kind)                                                                                         \
	{                                                                                                              \
		name, kind, NULL, 0, true                                                                              \
	}
#define P_DAYS P_REQUIRED("start_date", PARAM_DATE), P_OPTION("end_date", PARAM_DATE, NULL), P_PAGE(1000)
#define B_TEXT(name, allowed, needed)                                                                                  \
	{                                                                                                              \
		name, MEMBER_STRING, allowed, needed                                                                   \
	}
#define B_OTHER(name, kind)                                                                                            \
	{                                                                                                              \
		name, kind, NULL, false                                                                                \
	}

static const struct param usage_params[] = {
	P_REQUIRED("starting_at", PARAM_TIME),
	P_OPTION("ending_at", PARAM_TIME, NULL),
	P_OPTION("bucket_width", PARAM_CHOICE, "1m 1h 1d"),
	P_PAGE(1440),
	P_OPTION("group_by[]", PARAM_CHOICE,
		 "account_id api_key_id context_window inference_geo model service_account_id service_tier "
		 "workspace_id"),
	P_OPTION("account_ids[]", PARAM_ID, "user_"),
	P_OPTION("api_key_ids[]", PARAM_ID, "apikey_"),
	P_OPTION("workspace_ids[]", PARAM_ID, "wrkspc_"),
	P_OPTION("service_account_ids[]", PARAM_ID, "svac_"),
	P_OPTION("models[]", PARAM_TEXT, NULL),
	P_OPTION("service_tiers[]", PARAM_TEXT, NULL),
	P_OPTION("context_window[]", PARAM_CHOICE, "0-200k 200k-1M"),
	P_OPTION("inference_geos[]", PARAM_TEXT, NULL),
	{ .name = NULL },
};

static const struct param activity_params[] = {
	{ "limit", PARAM_COUNT, NULL, 5000, false },
	P_OPTION("after_id", PARAM_TEXT, NULL),
	P_OPTION("before_id", PARAM_TEXT, NULL),
	P_OPTION("order", PARAM_CHOICE, "asc desc"),
	P_OPTION("created_at.gte", PARAM_TIME, NULL),
	P_OPTION("created_at.gt", PARAM_TIME, NULL),
	P_OPTION("created_at.lte", PARAM_TIME, NULL),
	P_OPTION("created_at.lt", PARAM_TIME, NULL),
	P_OPTION("activity_types[]", PARAM_TEXT, NULL),
	P_OPTION("exclude_activity_types[]", PARAM_TEXT, NULL),
	P_OPTION("actor_ids[]", PARAM_ID, "user_"),
	P_OPTION("user_ids[]", PARAM_ID, "user_"),
	P_OPTION("organization_ids[]", PARAM_ID, "org_ uuid"),
	{ .name = NULL },
};

static const struct member workspace_members[] = {
	B_TEXT("name", NULL, true),
	B_OTHER("data_residency", MEMBER_OBJECT),
	B_TEXT("external_key_id", NULL, false),
	B_OTHER("tags", MEMBER_OBJECT),
	{ .name = NULL },
};

static const struct member workspace_changes[] = {
	B_TEXT("name", NULL, false),
	B_OTHER("data_residency", MEMBER_OBJECT),
	B_TEXT("external_key_id", NULL, false),
	B_OTHER("tags", MEMBER_OBJECT),
	{ .name = NULL },
};

static const struct member message_members[] = {
	B_TEXT("model", NULL, true),
	{ "max_tokens", MEMBER_NUMBER, NULL, true },
	{ "messages", MEMBER_ARRAY, NULL, true },
	B_TEXT("system", NULL, false),
	{ .name = NULL },
};

static const struct member count_members[] = {
	B_TEXT("model", NULL, true),
	{ "messages", MEMBER_ARRAY, NULL, true },
	B_TEXT("system", NULL, false),
	{ .name = NULL },
};

static const struct member query_members[] = {
	B_TEXT("start_time", NULL, true),
	B_TEXT("end_time", NULL, true),
	B_OTHER("filters", MEMBER_OBJECT),
	B_OTHER("include_content", MEMBER_BOOL),
	B_OTHER("limit", MEMBER_NUMBER),
	B_TEXT("page", NULL, false),
	{ .name = NULL },
};

#define ORG "/v1/organizations"
#define COMPLIANCE "/v1/compliance"
#define CCA "/v1/admin"
#define SCOPE(name) "read:" name

static const struct route routes[] = {
	{ "GET", ORG "/me", get_organization, ADMIN, NULL, NULL, NULL },
	{ "GET", ORG "/users", get_users, ADMIN_OR_SCOPED, SCOPE("members"),
	  P(P_IDS("user_"), P_OPTION("email", PARAM_TEXT, NULL), P_OPTION("roles[]", PARAM_CHOICE, ORG_ROLES)), NULL },
	{ "GET", ORG "/users/{}", get_user, ADMIN_OR_SCOPED, SCOPE("members"), NULL, NULL },
	{ "POST", ORG "/users/{}", post_user, ADMIN_OR_SCOPED, "write:members", NULL,
	  B(B_TEXT("role", ORG_ROLES, true)) },
	{ "DELETE", ORG "/users/{}", delete_user, ADMIN_OR_SCOPED, "write:members", NULL, NULL },
	{ "GET", ORG "/invites", get_invites, ADMIN_OR_SCOPED, SCOPE("members"),
	  P(P_IDS("invite_"), P_OPTION("email", PARAM_TEXT, NULL), P_OPTION("roles[]", PARAM_CHOICE, ORG_ROLES),
	    P_OPTION("statuses[]", PARAM_CHOICE, "pending accepted expired deleted")),
	  NULL },
	{ "POST", ORG "/invites", post_invites, ADMIN_OR_SCOPED, "write:members", NULL,
	  B(B_TEXT("email", NULL, true), B_TEXT("role", ORG_ROLES, true), B_OTHER("rbac_group_ids", MEMBER_ARRAY)) },
	{ "GET", ORG "/invites/{}", get_invite, ADMIN_OR_SCOPED, SCOPE("members"), NULL, NULL },
	{ "DELETE", ORG "/invites/{}", delete_invite, ADMIN_OR_SCOPED, "write:members", NULL, NULL },
	{ "GET", ORG "/workspaces", get_workspaces, ADMIN, NULL,
	  P(P_IDS("wrkspc_"), P_OPTION("include_archived", PARAM_BOOL, NULL)), NULL },
	{ "POST", ORG "/workspaces", post_workspaces, ADMIN, NULL, NULL, workspace_members },
	{ "GET", ORG "/workspaces/{}", get_workspace, ADMIN, NULL, NULL, NULL },
	{ "POST", ORG "/workspaces/{}", post_workspace, ADMIN, NULL, NULL, workspace_changes },
	{ "POST", ORG "/workspaces/{}/archive", post_archive, ADMIN, NULL, NULL, NULL },
	{ "GET", ORG "/workspaces/{}/members", get_members, ADMIN, NULL, P(P_IDS("user_")), NULL },
	{ "POST", ORG "/workspaces/{}/members", post_members, ADMIN, NULL, NULL,
	  B(B_TEXT("user_id", NULL, true), B_TEXT("workspace_role", MEMBER_ROLES, true)) },
	{ "GET", ORG "/workspaces/{}/members/{}", get_member, ADMIN, NULL, NULL, NULL },
	{ "POST", ORG "/workspaces/{}/members/{}", post_member, ADMIN, NULL, NULL,
	  B(B_TEXT("workspace_role", MEMBER_ROLES " workspace_billing", true)) },
	{ "DELETE", ORG "/workspaces/{}/members/{}", delete_member, ADMIN, NULL, NULL, NULL },
	{ "GET", ORG "/workspaces/{}/rate_limits", get_workspace_rate_limits, ADMIN, NULL, P(P_PAGE(1000)), NULL },
	{ "GET", ORG "/api_keys", get_keys, ADMIN, NULL,
	  P(P_IDS("apikey_"), P_OPTION("status", PARAM_CHOICE, "active inactive archived expired"),
	    P_OPTION("workspace_id", PARAM_ID, "wrkspc_"), P_OPTION("created_by_user_id", PARAM_ID, "user_")),
	  NULL },
	{ "GET", ORG "/api_keys/{}", get_key, ADMIN, NULL, NULL, NULL },
	{ "POST", ORG "/api_keys/{}", post_key, ADMIN, NULL, NULL,
	  B(B_TEXT("name", NULL, false), B_TEXT("status", "active inactive archived", false)) },
	{ "GET", ORG "/rate_limits", get_rate_limits, ADMIN, NULL,
	  P(P_PAGE(1000), P_OPTION("group_type", PARAM_CHOICE, "model_group batch files skills token_count web_search"),
	    P_OPTION("model", PARAM_TEXT, NULL)),
	  NULL },
	{ "GET", ORG "/compliance_settings", get_compliance_settings, ADMIN, NULL, NULL, NULL },
	{ "GET", ORG "/usage_report/messages", get_usage_messages, ADMIN, NULL, usage_params, NULL },
	{ "GET", ORG "/usage_report/claude_code", get_usage_claude_code, ADMIN, NULL,
	  P(P_REQUIRED("starting_at", PARAM_DATE), P_PAGE(1000)), NULL },
	{ "GET", ORG "/cost_report", get_cost, ADMIN, NULL,
	  P(P_REQUIRED("starting_at", PARAM_TIME), P_OPTION("ending_at", PARAM_TIME, NULL), P_PAGE(31),
	    P_OPTION("bucket_width", PARAM_CHOICE, "1d"),
	    P_OPTION("group_by[]", PARAM_CHOICE, "workspace_id description")),
	  NULL },
	{ "GET", COMPLIANCE "/activities", get_activities, BY(CRED_ADMIN) | BY(CRED_COMPLIANCE),
	  SCOPE("compliance_activities"), activity_params, NULL },
	{ "GET", COMPLIANCE "/organizations", get_directory_organizations, BY(CRED_COMPLIANCE),
	  SCOPE("compliance_org_data"), P(P_PAGE(1000)), NULL },
	{ "GET", COMPLIANCE "/organizations/{}/users", get_directory_users, BY(CRED_COMPLIANCE),
	  SCOPE("compliance_user_data"), P(P_PAGE(1000)), NULL },
	{ "GET", COMPLIANCE "/organizations/{}/roles", get_directory_roles, BY(CRED_COMPLIANCE),
	  SCOPE("compliance_org_data"), P(P_PAGE(1000)), NULL },
	{ "GET", COMPLIANCE "/groups", get_groups, BY(CRED_COMPLIANCE), SCOPE("compliance_org_data"),
	  P(P_PAGE(1000), P_OPTION("name_prefix", PARAM_TEXT, NULL)), NULL },
	{ "GET", COMPLIANCE "/groups/{}", get_group, BY(CRED_COMPLIANCE), SCOPE("compliance_org_data"), NULL, NULL },
	{ "GET", COMPLIANCE "/groups/{}/members", get_group_members, BY(CRED_COMPLIANCE), SCOPE("compliance_user_data"),
	  P(P_PAGE(1000)), NULL },
	{ "POST", "/v1/messages", post_messages, INFERENCE, NULL, NULL, message_members },
	{ "POST", "/v1/messages/count_tokens", post_count_tokens, INFERENCE, NULL, NULL, count_members },
	{ "GET", "/v1/models", get_models, INFERENCE, NULL, P(P_IDS("claude-")), NULL },
	{ "GET", "/v1/models/{}", get_model, INFERENCE, NULL, NULL, NULL },

	{ "POST", CCA "/invitations", cca_post_invitations, BY(CRED_ADMIN), NULL, NULL,
	  B(B_TEXT("email", NULL, true), B_TEXT("role", "admin developer billing viewer", true),
	    B_OTHER("workspaces", MEMBER_ARRAY), B_OTHER("expires_in_days", MEMBER_NUMBER)) },
	{ "GET", CCA "/invitations", cca_get_invitations, BY(CRED_ADMIN), NULL,
	  P(P_PAGE(1000), P_OPTION("status", PARAM_CHOICE, "pending accepted expired revoked")), NULL },
	{ "DELETE", CCA "/invitations/{}", cca_delete_invitation, BY(CRED_ADMIN), NULL, NULL, NULL },
	{ "GET", CCA "/users", cca_get_users, BY(CRED_ADMIN), NULL, P(P_PAGE(1000)), NULL },
	{ "GET", CCA "/users/{}", cca_get_user, BY(CRED_ADMIN), NULL, NULL, NULL },
	{ "PUT", CCA "/users/{}", cca_put_user, BY(CRED_ADMIN), NULL, NULL,
	  B(B_TEXT("role", "admin developer billing viewer", true)) },
	{ "DELETE", CCA "/users/{}", cca_delete_user, BY(CRED_ADMIN), NULL, NULL, NULL },
	{ "POST", CCA "/workspaces/{}/members", cca_post_members, BY(CRED_ADMIN), NULL, NULL,
	  B(B_TEXT("user_id", NULL, true), B_TEXT("role", "user restricted_developer developer admin", true)) },
	{ "DELETE", CCA "/workspaces/{}/members/{}", cca_delete_member, BY(CRED_ADMIN), NULL, NULL, NULL },
	{ "GET", CCA "/usage/messages", cca_get_usage_messages, BY(CRED_ADMIN), NULL,
	  P(P_DAYS, P_OPTION("group_by[]", PARAM_CHOICE, "model workspace")), NULL },
	{ "GET", CCA "/usage/claude-code", cca_get_usage_claude_code, BY(CRED_ADMIN), NULL,
	  P(P_DAYS, P_OPTION("group_by[]", PARAM_CHOICE, "user project")), NULL },
	{ "GET", CCA "/usage/cost", cca_get_cost, BY(CRED_ADMIN), NULL,
	  P(P_DAYS, P_OPTION("group_by[]", PARAM_CHOICE, "workspace model user")), NULL },
	{ "POST", CCA "/compliance/activities/query", cca_post_query, BY(CRED_ADMIN), NULL, NULL, query_members },
	{ "GET", CCA "/compliance/organizations", cca_get_organizations, BY(CRED_ADMIN), NULL, P(P_PAGE(1000)), NULL },
	{ "GET", CCA "/compliance/users", cca_get_directory_users, BY(CRED_ADMIN), NULL,
	  P(P_PAGE(1000), P_OPTION("organization_id", PARAM_ID, "org_")), NULL },
	{ "POST", CCA "/compliance/groups", cca_post_groups, BY(CRED_ADMIN), NULL, NULL,
	  B(B_TEXT("name", NULL, true), B_TEXT("description", NULL, false), B_OTHER("restrictions", MEMBER_OBJECT)) },
};

size_t route_count(void)
{
	return ARRAY_LEN(routes);
}

size_t route_index(const struct route *route)
{
	return (size_t)(route - routes);
}

const struct route *route_at(size_t index)
{
	return &routes[index];
}

static bool is_id_char(char c)
{
	return text_is_alnum(c) || c == '_' || c == '-' || c == '.';
}

static bool fits(const char *pattern, struct view path, struct view *ids)
{
	size_t at = 0, id = 0;

	for (; *pattern; pattern++) {
		size_t start = at;

		if (*pattern != '{') {
			if (at == path.len || path.ptr[at++] != *pattern)
				return false;
			continue;
		}
		while (at < path.len && is_id_char(path.ptr[at]))
			at++;
		if (at == start)
			return false;
		ids[id++] = view_sub(path, start, at - start);
		pattern++; /* } */
	}
	return at == path.len;
}

/* A path with an id in it may fit two patterns (../users/me): the first one in the table counts. */
const struct route *route_find(struct http_request *rq, bool *ret_has_path)
{
	struct view ids[HTTP_PATH_IDS];

	*ret_has_path = false;
	for (size_t i = 0; i < ARRAY_LEN(routes); i++) {
		if (!fits(routes[i].pattern, rq->path, ids))
			continue;
		*ret_has_path = true;
		if (strcmp(routes[i].method, rq->method) != 0)
			continue;
		memcpy(rq->ids, ids, sizeof(ids));
		return &routes[i];
	}
	return NULL;
}
