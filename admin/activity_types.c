/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/activity.h"
#include "common/base/text.h"

static const struct {
	const char *type, *meaning;
} known[] = {
	{ "admin.keys.create", "an API key was made" },
	{ "admin.keys.revoke", "an API key was revoked" },
	{ "admin.users.update", "a user was changed" },
	{ "admin_api_key_created", "an admin key was made" },
	{ "admin_api_key_deleted", "an admin key was deleted" },
	{ "admin_api_key_updated", "an admin key was renamed, switched on or off" },
	{ "agents.create", "an agent was made" },
	{ "agents.update", "an agent was changed" },
	{ "api_key_created", "a scoped key was made" },
	{ "claude_chat_created", "a chat was started" },
	{ "claude_user_role_updated", "a user got another role" },
	{ "compliance_api_accessed", "the Compliance API was asked" },
	{ "files.download", "a file was downloaded" },
	{ "files.upload", "a file was uploaded" },
	{ "messages.create", "a message was sent to a model" },
	{ "org_compliance_api_settings_updated", "the Compliance API was switched on or off" },
	{ "org_user_deleted", "a user was removed" },
	{ "org_user_invite_accepted", "an invitation was accepted" },
	{ "org_user_invite_deleted", "an invitation was revoked" },
	{ "org_user_invite_sent", "somebody was invited" },
	{ "platform_api_key_created", "an API key was made" },
	{ "platform_api_key_updated", "an API key was renamed, moved, switched on or off" },
	{ "platform_cost_report_viewed", "the cost report was read" },
	{ "platform_federated_authentication", "a workload signed in" },
	{ "platform_file_content_downloaded", "a file was downloaded" },
	{ "platform_file_deleted", "a file was deleted" },
	{ "platform_file_uploaded", "a file was uploaded" },
	{ "platform_usage_report_claude_code_viewed", "the report on Claude Code was read" },
	{ "platform_usage_report_messages_viewed", "the usage report was read" },
	{ "platform_workspace_archived", "a workspace was archived" },
	{ "platform_workspace_created", "a workspace was made" },
	{ "platform_workspace_member_added", "a user was added to a workspace" },
	{ "platform_workspace_member_removed", "a user was taken out of a workspace" },
	{ "platform_workspace_member_updated", "a workspace's member got another role" },
	{ "platform_workspace_updated", "a workspace was changed" },
	{ "role_assignment_granted", "a role was granted" },
	{ "role_assignment_revoked", "a role was revoked" },
	{ "scoped_api_key_deleted", "a scoped key was deleted" },
	{ "scoped_api_key_updated", "a scoped key was renamed, switched on or off" },
	{ "sessions.create", "a session was started" },
	{ "sessions.event", "something happened in a session" },
	{ "user_logged_out", "a user signed out" },
};

/* Families whose members are alike. */
static const struct {
	const char *prefix, *meaning;
} families[] = {
	{ "magic_link_login_", "signing in by a link in a mail" },
	{ "org_ip_restriction_", "where users may come from" },
	{ "platform_agent_", "an agent or its session" },
	{ "platform_spend_limit_", "a limit of spending" },
	{ "rbac_role_", "a role's definition" },
	{ "scim_user_", "a user came from the directory" },
	{ "sso_login_", "signing in by single sign-on" },
	{ "workspace_spend_limit_", "a workspace's limit of spending" },
};

const char *activity_describe(struct view type)
{
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (text_eq(type, view_of(known[i].type)))
			return known[i].meaning;
	for (size_t i = 0; i < ARRAY_LEN(families); i++)
		if (text_starts(type, view_of(families[i].prefix)))
			return families[i].meaning;
	return NULL;
}
