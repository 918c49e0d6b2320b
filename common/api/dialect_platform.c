/* SPDX-License-Identifier: Apache-2.0 */
/* The provider's published API: https://api.anthropic.com, version 2023-06-01. Our names are its names. */
#include "common/api/credential.h"
#include "common/api/dialect_table.h"

#define ADMIN_KEY (1u << CREDENTIAL_ADMIN | 1u << CREDENTIAL_OAUTH)
#define MEMBERS_KEY (ADMIN_KEY | 1u << CREDENTIAL_COMPLIANCE) /* scopes read:members, write:members */
#define FEED_KEY (1u << CREDENTIAL_COMPLIANCE | 1u << CREDENTIAL_ADMIN)
#define MODEL_KEY (1u << CREDENTIAL_API | 1u << CREDENTIAL_OAUTH)
#define DIRECTORY_KEY (1u << CREDENTIAL_COMPLIANCE)

#define ORG "/v1/organizations"
#define COMPLIANCE "/v1/compliance"
#define MEMBERS ORG "/workspaces/{workspace_id}/members"

/* Those that exist, and those that can be given: admin, say, is not. */
#define ROLES "user developer billing admin claude_code_user managed membership_admin owner primary_owner"
#define GIVEN_ROLES "user developer billing claude_code_user managed"
#define WORKSPACE_ROLES "workspace_user workspace_developer workspace_restricted_developer workspace_admin"
#define INVITE_STATUSES "pending accepted expired deleted"
#define KEY_STATUSES "active inactive archived expired"

#define TIME_RANGE                                                                                                     \
	{ SAME("starting_at"), .form = API_TIME, .required = true },                                                   \
	{                                                                                                              \
		SAME("ending_at"), .form = API_TIME                                                                    \
	}

const struct api_route platform_routes[API_OPERATIONS] = {
	[API_ORG_GET] = { "GET", ORG "/me", API_NO_PAGES, ADMIN_KEY, true, NO_PARAMETERS, NULL },

	[API_USER_LIST] = { "GET", ORG "/users", API_PAGES_BY_ID, MEMBERS_KEY, true,
			    PARAMETERS(QUERY("email"), QUERY_LIST_OF("roles", ROLES), PAGES_BY_ID(1000)), NULL },
	[API_USER_GET] = { "GET", ORG "/users/{id}", API_NO_PAGES, MEMBERS_KEY, true, PARAMETERS(PATH("id")), NULL },
	[API_USER_UPDATE] = { "POST", ORG "/users/{id}", API_NO_PAGES, MEMBERS_KEY, false,
			      PARAMETERS(PATH("id"), BODY_OF("role", GIVEN_ROLES)), NULL },
	[API_USER_DELETE] = { "DELETE", ORG "/users/{id}", API_NO_PAGES, MEMBERS_KEY, false, PARAMETERS(PATH("id")),
			      NULL },

	[API_INVITE_LIST] = { "GET", ORG "/invites", API_PAGES_BY_ID, MEMBERS_KEY, true,
			      PARAMETERS(QUERY("email"), QUERY_LIST_OF("roles", ROLES),
					 QUERY_LIST_OF("statuses", INVITE_STATUSES), PAGES_BY_ID(1000)),
			      NULL },
	[API_INVITE_GET] = { "GET", ORG "/invites/{id}", API_NO_PAGES, MEMBERS_KEY, true, PARAMETERS(PATH("id")),
			     NULL },
	[API_INVITE_CREATE] = { "POST", ORG "/invites", API_NO_PAGES, MEMBERS_KEY, false,
				PARAMETERS(BODY_REQUIRED("email"), BODY_OF("role", GIVEN_ROLES),
					   { SAME("rbac_group_ids"), .form = API_LIST, .in_body = true }),
				NULL },
	[API_INVITE_DELETE] = { "DELETE", ORG "/invites/{id}", API_NO_PAGES, MEMBERS_KEY, false, PARAMETERS(PATH("id")),
				NULL },

	[API_WORKSPACE_LIST] = { "GET", ORG "/workspaces", API_PAGES_BY_ID, ADMIN_KEY, true,
				 PARAMETERS({ SAME("include_archived"), .form = API_BOOL }, PAGES_BY_ID(1000)), NULL },
	[API_WORKSPACE_GET] = { "GET", ORG "/workspaces/{id}", API_NO_PAGES, ADMIN_KEY, true, PARAMETERS(PATH("id")),
				NULL },
	[API_WORKSPACE_CREATE] = { "POST", ORG "/workspaces", API_NO_PAGES, ADMIN_KEY, false,
				   PARAMETERS(BODY_REQUIRED("name"), BODY_JSON("data_residency"),
					      BODY("external_key_id"), BODY_JSON("tags"), BODY("display_color")),
				   NULL },
	[API_WORKSPACE_UPDATE] = { "POST", ORG "/workspaces/{id}", API_NO_PAGES, ADMIN_KEY, false,
				   PARAMETERS(PATH("id"), BODY("name"), BODY_JSON("data_residency"),
					      BODY("external_key_id"), BODY_JSON("tags"), BODY("display_color")),
				   NULL },
	[API_WORKSPACE_ARCHIVE] = { "POST", ORG "/workspaces/{id}/archive", API_NO_PAGES, ADMIN_KEY, false,
				    PARAMETERS(PATH("id")), NULL },

	[API_MEMBER_LIST] = { "GET", MEMBERS, API_PAGES_BY_ID, ADMIN_KEY, true,
			      PARAMETERS(PATH("workspace_id"), PAGES_BY_ID(1000)), NULL },
	[API_MEMBER_GET] = { "GET", MEMBERS "/{user_id}", API_NO_PAGES, ADMIN_KEY, true,
			     PARAMETERS(PATH("workspace_id"), PATH("user_id")), NULL },
	[API_MEMBER_ADD] = { "POST", MEMBERS, API_NO_PAGES, ADMIN_KEY, false,
			     PARAMETERS(PATH("workspace_id"), BODY_REQUIRED("user_id"),
					BODY_OF("workspace_role", WORKSPACE_ROLES)),
			     NULL },
	[API_MEMBER_UPDATE] = { "POST", MEMBERS "/{user_id}", API_NO_PAGES, ADMIN_KEY, false,
				PARAMETERS(PATH("workspace_id"), PATH("user_id"),
					   BODY_OF("workspace_role", WORKSPACE_ROLES)),
				NULL },
	[API_MEMBER_DELETE] = { "DELETE", MEMBERS "/{user_id}", API_NO_PAGES, ADMIN_KEY, false,
				PARAMETERS(PATH("workspace_id"), PATH("user_id")), NULL },

	[API_KEY_LIST] = { "GET", ORG "/api_keys", API_PAGES_BY_ID, ADMIN_KEY, true,
			   PARAMETERS(QUERY_OF("status", KEY_STATUSES), QUERY("workspace_id"),
				      QUERY("created_by_user_id"), PAGES_BY_ID(1000)),
			   NULL },
	[API_KEY_GET] = { "GET", ORG "/api_keys/{id}", API_NO_PAGES, ADMIN_KEY, true, PARAMETERS(PATH("id")), NULL },
	[API_KEY_UPDATE] = { "POST", ORG "/api_keys/{id}", API_NO_PAGES, ADMIN_KEY, false,
			     PARAMETERS(PATH("id"), BODY("name"), BODY("status")), NULL },

	[API_RATELIMIT_LIST] = { "GET", ORG "/rate_limits", API_PAGES_BY_TOKEN, ADMIN_KEY, true,
				 PARAMETERS(QUERY("group_type"), QUERY("model"), QUERY("page")), NULL },
	[API_WORKSPACE_RATELIMIT_LIST] = { "GET", ORG "/workspaces/{workspace_id}/rate_limits", API_PAGES_BY_TOKEN,
					   ADMIN_KEY, true, PARAMETERS(PATH("workspace_id"), QUERY("page")), NULL },
	[API_COMPLIANCE_SETTINGS_GET] = { "GET", ORG "/compliance_settings", API_NO_PAGES, ADMIN_KEY, true,
					  NO_PARAMETERS, NULL },

	[API_USAGE_MESSAGES] = { "GET", ORG "/usage_report/messages", API_PAGES_BY_TOKEN, ADMIN_KEY, true,
				 PARAMETERS(
					 TIME_RANGE, { SAME("bucket_width"), .values = "1m 1h 1d", .is_closed = true },
					 QUERY_LIST("group_by"), QUERY_LIST("account_ids"), QUERY_LIST("api_key_ids"),
					 QUERY_LIST("workspace_ids"), QUERY_LIST("service_account_ids"),
					 QUERY_LIST("models"), QUERY_LIST("service_tiers"),
					 QUERY_LIST("context_window"), QUERY_LIST("inference_geos"),
					 { SAME("limit"), .form = API_NUMBER, .max = 31,
					   .max_by_width = "1h=168 1m=1440" },
					 QUERY("page")),
				 NULL },
	[API_USAGE_CLAUDE_CODE] = { "GET", ORG "/usage_report/claude_code", API_PAGES_BY_TOKEN, ADMIN_KEY, true,
				    PARAMETERS({ SAME("starting_at"), .form = API_DAY, .required = true },
					       PAGES_BY_TOKEN(1000)),
				    NULL },
	[API_COST] = { "GET", ORG "/cost_report", API_PAGES_BY_TOKEN, ADMIN_KEY, true,
		       PARAMETERS(TIME_RANGE, { SAME("bucket_width"), .values = "1d", .is_closed = true },
				  QUERY_LIST("group_by"), PAGES_BY_TOKEN(31)),
		       NULL },

	[API_ACTIVITY_LIST] = { "GET", COMPLIANCE "/activities", API_PAGES_BY_ID, FEED_KEY, true,
				PARAMETERS({ SAME("created_at.gte"), .form = API_TIME },
					   { SAME("created_at.gt"), .form = API_TIME },
					   { SAME("created_at.lte"), .form = API_TIME },
					   { SAME("created_at.lt"), .form = API_TIME }, QUERY_LIST("activity_types"),
					   QUERY_LIST("exclude_activity_types"), QUERY_LIST("actor_ids"),
					   QUERY_LIST("organization_ids"),
					   { SAME("order"), .values = "asc desc", .is_closed = true },
					   PAGES_BY_ID(5000)),
				NULL },
	[API_COMPLIANCE_ORG_LIST] = { "GET", COMPLIANCE "/organizations", API_PAGES_BY_TOKEN, DIRECTORY_KEY, true,
				      PARAMETERS(PAGES_BY_TOKEN(1000)), NULL },
	[API_COMPLIANCE_USER_LIST] = { "GET", COMPLIANCE "/organizations/{organization_id}/users", API_PAGES_BY_TOKEN,
				       DIRECTORY_KEY, true, PARAMETERS(PATH("organization_id"), PAGES_BY_TOKEN(1000)),
				       NULL },
	[API_GROUP_LIST] = { "GET", COMPLIANCE "/groups", API_PAGES_BY_TOKEN, DIRECTORY_KEY, true,
			     PARAMETERS(QUERY("name_prefix"), PAGES_BY_TOKEN(1000)), NULL },
	[API_GROUP_GET] = { "GET", COMPLIANCE "/groups/{id}", API_NO_PAGES, DIRECTORY_KEY, true, PARAMETERS(PATH("id")),
			    NULL },
	[API_GROUP_MEMBER_LIST] = { "GET", COMPLIANCE "/groups/{id}/members", API_PAGES_BY_TOKEN, DIRECTORY_KEY, true,
				    PARAMETERS(PATH("id"), PAGES_BY_TOKEN(1000)), NULL },

	[API_MESSAGE_CREATE] = { "POST", "/v1/messages", API_NO_PAGES, MODEL_KEY, false,
				 PARAMETERS(
					 BODY_REQUIRED("model"),
					 { SAME("max_tokens"), .form = API_NUMBER, .in_body = true, .required = true },
					 { SAME("messages"), .form = API_JSON, .in_body = true, .required = true },
					 BODY("system")),
				 NULL },
	[API_MESSAGE_COUNT] = { "POST", "/v1/messages/count_tokens", API_NO_PAGES, MODEL_KEY, true,
				PARAMETERS(BODY_REQUIRED("model"),
					   { SAME("messages"), .form = API_JSON, .in_body = true, .required = true },
					   BODY("system")),
				NULL },
	[API_MODEL_LIST] = { "GET", "/v1/models", API_PAGES_BY_ID, MODEL_KEY, true, PARAMETERS(PAGES_BY_ID(1000)),
			     NULL },
	[API_MODEL_GET] = { "GET", "/v1/models/{id}", API_NO_PAGES, MODEL_KEY, true, PARAMETERS(PATH("id")), NULL },
};
