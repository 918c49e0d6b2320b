/* SPDX-License-Identifier: Apache-2.0 */
/* skantctl: the operator's tool for a Claude organisation. */
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "admin/cmd.h"
#include "common/base/version.h"
#include "common/sys/harden.h"
#include "common/sys/log.h"
#include "common/sys/self.h"
#include "common/sys/term.h"

#define HELP_BYTES (1u << 20)

static command_fn *const commands[COMMANDS] = {
	[COMMAND_AUTH_CHECK] = cmd_auth_check,
	[COMMAND_ORG_SHOW] = cmd_org_show,
	[COMMAND_ORG_LIST] = cmd_org_list,
	[COMMAND_ORG_USERS] = cmd_org_users,
	[COMMAND_USERS_LIST] = cmd_users_list,
	[COMMAND_USERS_GET] = cmd_users_get,
	[COMMAND_USERS_UPDATE] = cmd_users_update,
	[COMMAND_USERS_REMOVE] = cmd_users_remove,
	[COMMAND_INVITES_LIST] = cmd_invites_list,
	[COMMAND_INVITES_CREATE] = cmd_invites_create,
	[COMMAND_INVITES_GET] = cmd_invites_get,
	[COMMAND_INVITES_REVOKE] = cmd_invites_revoke,
	[COMMAND_WORKSPACES_LIST] = cmd_workspaces_list,
	[COMMAND_WORKSPACES_GET] = cmd_workspaces_get,
	[COMMAND_WORKSPACES_CREATE] = cmd_workspaces_create,
	[COMMAND_WORKSPACES_UPDATE] = cmd_workspaces_update,
	[COMMAND_WORKSPACES_ARCHIVE] = cmd_workspaces_archive,
	[COMMAND_MEMBERS_LIST] = cmd_members_list,
	[COMMAND_MEMBERS_ADD] = cmd_members_add,
	[COMMAND_MEMBERS_UPDATE] = cmd_members_update,
	[COMMAND_MEMBERS_REMOVE] = cmd_members_remove,
	[COMMAND_KEYS_LIST] = cmd_keys_list,
	[COMMAND_KEYS_GET] = cmd_keys_get,
	[COMMAND_KEYS_RENAME] = cmd_keys_rename,
	[COMMAND_KEYS_DISABLE] = cmd_keys_disable,
	[COMMAND_KEYS_ENABLE] = cmd_keys_enable,
	[COMMAND_KEYS_ARCHIVE] = cmd_keys_archive,
	[COMMAND_KEYS_EXPORT] = cmd_keys_export,
	[COMMAND_KEYS_AUDIT] = cmd_keys_audit,
	[COMMAND_GROUPS_LIST] = cmd_groups_list,
	[COMMAND_GROUPS_GET] = cmd_groups_get,
	[COMMAND_GROUPS_MEMBERS] = cmd_groups_members,
	[COMMAND_GROUPS_CREATE] = cmd_groups_create,
	[COMMAND_USAGE_MESSAGES] = cmd_usage_messages,
	[COMMAND_USAGE_CLAUDE_CODE] = cmd_usage_claude_code,
	[COMMAND_USAGE_ESTIMATE] = cmd_usage_estimate,
	[COMMAND_COST] = cmd_cost,
	[COMMAND_POLICY_CHECK] = cmd_policy_check,
	[COMMAND_POLICY_SHOW] = cmd_policy_show,
	[COMMAND_POLICY_TEMPLATE] = cmd_policy_template,
	[COMMAND_ACCESS_REVIEW] = cmd_access_review,
	[COMMAND_ACTIVITIES_QUERY] = cmd_activities_query,
	[COMMAND_ACTIVITIES_TAIL] = cmd_activities_tail,
	[COMMAND_ACTIVITIES_TYPES] = cmd_activities_types,
	[COMMAND_MODELS_LIST] = cmd_models_list,
	[COMMAND_MODELS_CHECK] = cmd_models_check,
	[COMMAND_MESSAGE_SEND] = cmd_message_send,
	[COMMAND_MESSAGE_COUNT] = cmd_message_count,
	[COMMAND_REPORT_KEYS] = cmd_report_keys,
	[COMMAND_REPORT_USAGE] = cmd_report_usage,
	[COMMAND_REPORT_ACCESS] = cmd_report_access,
	[COMMAND_REPORT_ALL] = cmd_report_all,
	[COMMAND_VERIFY] = cmd_verify,
};

static int add_help(const struct opt_result *result, struct buf *text)
{
	unsigned width = term_width(STDOUT_FILENO);

	if (!result->has_command && result->group.len)
		return opt_add_group_help(&options_program, result->group, width, text);
	return opt_add_help(&options_program, result->has_command ? result->command : SIZE_MAX, width, text);
}

static int print_built_in(const struct opt_result *result, struct err *err)
{
	DEFER(buf_done) struct buf text = BUF_INIT(HELP_BYTES);
	int ret;

	if (result->wants_help)
		ret = add_help(result, &text);
	else if (result->wants_version)
		ret = buf_add_text(&text, "skantctl " SKANT_VERSION "\n");
	else
		ret = opt_add_dump(&options_program, &text);
	return ret ? err_nomem(err) : output_text(STDOUT_FILENO, buf_view(&text), err);
}

static int run_command(const struct options *o, const struct opt_result *result, struct err *err)
{
	DEFER(session_done) struct session session = { .request_log_fd = -1 };

	if (!result->has_command)
		return err_set(err, ERR_USAGE, 0,
			       "a command was expected, such as `skantctl users list`; see `skantctl --help`");
	if (o->format >= OUTPUT_ROW_FORMATS && result->command != COMMAND_KEYS_AUDIT)
		return err_set(err, ERR_USAGE, 0, "`%s` is not printed as %s: only `keys audit` is",
			       options_program.commands[result->command].name, output_format_names[o->format]);
	if (o->quiet)
		log_set_level(LOG_ERROR);
	if (session_open(&session, o, err))
		return -1;
	return commands[result->command](&session, result->args, result->arg_count, err);
}

static int exit_status(const struct err *err)
{
	switch (err->kind) {
	case ERR_USAGE:
	case ERR_CONFIG:
		return EXIT_USAGE;
	case ERR_LATER:
		return EXIT_LATER;
	default: /* refused, an answer that is of no use, output that cannot be written */
		return EXIT_REFUSED;
	}
}

int main(int argc, char **argv)
{
	struct opt_result result = { .command = 0 };
	struct err err = ERR_INIT;
	struct options options;
	int ret;

	log_init("skantctl", LOG_INFO);
	self_init(argv[0]);
	harden_process();
	harden_runs_nothing();
	(void)signal(SIGPIPE, SIG_IGN); /* a connection that the server closes must not end us (output_text) */
	options_init(&options);
	ret = opt_parse(&options_program, argc, argv, options_take, &options, &result, &err);
	if (!ret && (result.wants_help || result.wants_version || result.wants_dump))
		ret = print_built_in(&result, &err);
	else if (!ret)
		ret = run_command(&options, &result, &err);
	if (ret < 0)
		log_error("%s", err.text);
	free(result.args);
	return ret < 0 ? exit_status(&err) : ret;
}
