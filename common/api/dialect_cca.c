/* SPDX-License-Identifier: Apache-2.0 */
/* The API as a training course has it: paths below /v1/admin. Names that differ from the platform's are said here and
 * nowhere else. */
#include "common/api/credential.h"
#include "common/api/dialect_table.h"

#define KEY (1u << CREDENTIAL_ADMIN)

#define ADMIN "/v1/admin"
#define MEMBERS ADMIN "/workspaces/{workspace_id}/members"

#define ROLES "user=viewer developer billing admin"
#define MEMBER_ROLES                                                                                                   \
	"workspace_user=viewer workspace_developer=developer workspace_billing=billing workspace_admin=admin"
#define STATUSES "pending accepted expired deleted=revoked"

#define ROLE                                                                                                           \
	{                                                                                                              \
		SAME("role"), .in_body = true, .required = true, .values = ROLES, .is_closed = true                    \
	}
#define DAYS                                                                                                           \
	{ .name = "starting_at", .wire = "start_date", .form = API_DAY, .required = true },                            \
	{                                                                                                              \
		.name = "ending_at", .wire = "end_date", .form = API_LAST_DAY                                          \
	}
#define GROUP_BY(known)                                                                                                \
	{                                                                                                              \
		SAME("group_by"), .form = API_LIST, .values = (known), .is_closed = true                               \
	}
#define RENAMES(...)                                                                                                   \
	(const struct api_rename[])                                                                                    \
	{                                                                                                              \
		__VA_ARGS__, END                                                                                       \
	}

#define USER_RENAMES RENAMES({ "added_at", "created_at", NULL }, { "role", "role", ROLES })
#define INVITE_RENAMES                                                                                                 \
	RENAMES({ "invited_at", "created_at", NULL }, { "role", "role", ROLES }, { "status", "status", STATUSES })

const struct api_route cca_routes[API_OPERATIONS] = {
	[API_USER_LIST] = { "GET", ADMIN "/users", API_PAGES_BY_TOKEN, KEY, true, PARAMETERS(PAGES_BY_TOKEN(1000)),
			    USER_RENAMES },
	[API_USER_GET] = { "GET", ADMIN "/users/{id}", API_NO_PAGES, KEY, true, PARAMETERS(PATH("id")), USER_RENAMES },
	[API_USER_UPDATE] = { "PUT", ADMIN "/users/{id}", API_NO_PAGES, KEY, true, PARAMETERS(PATH("id"), ROLE),
			      USER_RENAMES },
	[API_USER_DELETE] = { "DELETE", ADMIN "/users/{id}", API_NO_PAGES, KEY, false, PARAMETERS(PATH("id")), NULL },

	[API_INVITE_LIST] = { "GET", ADMIN "/invitations", API_PAGES_BY_TOKEN, KEY, true,
			      PARAMETERS(
				      { .name = "statuses", .wire = "status", .values = STATUSES, .is_closed = true },
				      PAGES_BY_TOKEN(1000)),
			      INVITE_RENAMES },
	[API_INVITE_CREATE] = { "POST", ADMIN "/invitations", API_NO_PAGES, KEY, false,
				PARAMETERS(BODY_REQUIRED("email"), ROLE,
					   { SAME("workspaces"), .form = API_LIST, .in_body = true },
					   { SAME("expires_in_days"), .form = API_NUMBER, .in_body = true, .max = 30 }),
				INVITE_RENAMES },
	[API_INVITE_DELETE] = { "DELETE", ADMIN "/invitations/{id}", API_NO_PAGES, KEY, false, PARAMETERS(PATH("id")),
				INVITE_RENAMES },

	[API_MEMBER_ADD] = { "POST", MEMBERS, API_NO_PAGES, KEY, false,
			     PARAMETERS(PATH("workspace_id"), BODY_REQUIRED("user_id"),
					{ .name = "workspace_role",
					  .wire = "role",
					  .in_body = true,
					  .required = true,
					  .values = MEMBER_ROLES,
					  .is_closed = true }),
			     RENAMES({ "workspace_role", "role", MEMBER_ROLES }) },
	[API_MEMBER_DELETE] = { "DELETE", MEMBERS "/{user_id}", API_NO_PAGES, KEY, false,
				PARAMETERS(PATH("workspace_id"), PATH("user_id")), NULL },

	[API_USAGE_MESSAGES] = { "GET", ADMIN "/usage/messages", API_PAGES_BY_TOKEN, KEY, true,
				 PARAMETERS(DAYS, GROUP_BY("model workspace_id=workspace"), PAGES_BY_TOKEN(1000)),
				 NULL },
	[API_USAGE_CLAUDE_CODE] = { "GET", ADMIN "/usage/claude-code", API_PAGES_BY_TOKEN, KEY, true,
				    PARAMETERS(DAYS, GROUP_BY("account_id=user project"), PAGES_BY_TOKEN(1000)), NULL },
	[API_COST] = { "GET", ADMIN "/usage/cost", API_PAGES_BY_TOKEN, KEY, true,
		       PARAMETERS(DAYS, GROUP_BY("workspace_id=workspace model account_id=user"), PAGES_BY_TOKEN(1000)),
		       RENAMES({ "account_id", "user_id", NULL }) },

	[API_ACTIVITY_LIST] = { "POST", ADMIN "/compliance/activities/query", API_PAGES_BY_TOKEN, KEY, true,
				PARAMETERS(
					{ .name = "created_at.gte",
					  .wire = "start_time",
					  .form = API_TIME,
					  .in_body = true,
					  .required = true },
					{ .name = "created_at.lt",
					  .wire = "end_time",
					  .form = API_TIME,
					  .in_body = true,
					  .required = true },
					{ .name = "actor_ids", .wire = "filters.user_id", .in_body = true },
					{ .name = "activity_types", .wire = "filters.activity_type", .in_body = true },
					{ .name = "model", .wire = "filters.model", .in_body = true },
					{ SAME("include_content"), .form = API_BOOL, .in_body = true },
					{ SAME("limit"), .form = API_NUMBER, .in_body = true, .max = 1000 },
					BODY("page")),
				RENAMES({ "created_at", "timestamp", NULL }, { "actor.user_id", "user_id", NULL },
					{ "workspace_id", "workspace", NULL }) },
	[API_COMPLIANCE_ORG_LIST] = { "GET", ADMIN "/compliance/organizations", API_PAGES_BY_TOKEN, KEY, true,
				      PARAMETERS(PAGES_BY_TOKEN(1000)), RENAMES({ "uuid", "id", NULL }) },
	[API_COMPLIANCE_USER_LIST] = { "GET", ADMIN "/compliance/users", API_PAGES_BY_TOKEN, KEY, true,
				       PARAMETERS(QUERY("organization_id"), PAGES_BY_TOKEN(1000)),
				       RENAMES({ "full_name", "name", NULL }, { "organization_role", "role", ROLES }) },
	[API_GROUP_CREATE] = { "POST", ADMIN "/compliance/groups", API_NO_PAGES, KEY, false,
			       PARAMETERS(BODY_REQUIRED("name"), BODY("description"),
					  { .name = "data_retention_days",
					    .wire = "restrictions.data_retention_days",
					    .form = API_NUMBER,
					    .in_body = true },
					  { .name = "require_encryption",
					    .wire = "restrictions.require_encryption",
					    .form = API_BOOL,
					    .in_body = true },
					  { .name = "allowed_regions",
					    .wire = "restrictions.allowed_regions",
					    .form = API_LIST,
					    .in_body = true },
					  { .name = "audit_level",
					    .wire = "restrictions.audit_level",
					    .values = "none metadata full",
					    .is_closed = true,
					    .in_body = true }),
			       NULL },
};
