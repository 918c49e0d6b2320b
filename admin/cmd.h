/* SPDX-License-Identifier: Apache-2.0 */
/* skantctl's commands: each gets its arguments and returns 0, 1 (the check found problems, the answer was no), or -1
 * with err, which main says and turns into the exit status. */
#ifndef ADMIN_CMD_H
#define ADMIN_CMD_H

#include "admin/session.h"

enum exit_status { EXIT_DONE = 0, EXIT_PROBLEMS = 1, EXIT_USAGE = 2, EXIT_REFUSED = 3, EXIT_LATER = 75 };

typedef int command_fn(struct session *s, char **args, size_t count, struct err *err);

command_fn cmd_auth_check, cmd_org_show, cmd_users_list, cmd_users_get, cmd_users_update, cmd_users_remove,
	cmd_invites_list, cmd_invites_create, cmd_invites_get, cmd_invites_revoke, cmd_workspaces_list,
	cmd_workspaces_get, cmd_workspaces_create, cmd_workspaces_update, cmd_workspaces_archive, cmd_members_list,
	cmd_members_add, cmd_members_update, cmd_members_remove, cmd_keys_list, cmd_keys_get, cmd_keys_rename,
	cmd_keys_disable, cmd_keys_enable, cmd_keys_archive, cmd_keys_export, cmd_activities_query, cmd_activities_tail,
	cmd_activities_types, cmd_models_list, cmd_verify, cmd_org_list, cmd_org_users, cmd_keys_audit, cmd_groups_list,
	cmd_groups_get, cmd_groups_members, cmd_groups_create, cmd_usage_messages, cmd_usage_claude_code,
	cmd_usage_estimate, cmd_cost, cmd_policy_check, cmd_policy_show, cmd_policy_template, cmd_access_review,
	cmd_models_check, cmd_message_send, cmd_message_count, cmd_report_keys, cmd_report_usage, cmd_report_access,
	cmd_report_all;

#endif
