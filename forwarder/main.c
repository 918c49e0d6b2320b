/* SPDX-License-Identifier: Apache-2.0 */
/* skantd: streams a Claude organisation's activities into journald and syslog. */
#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/base/version.h"
#include "common/sys/harden.h"
#include "common/sys/log.h"
#include "common/sys/term.h"
#include "forwarder/cmd.h"

#define TRIM_BYTES (256 << 10)
#define HELP_BYTES (1u << 20)

static command_fn *const commands[COMMANDS] = {
	[COMMAND_RUN] = cmd_run,       [COMMAND_CHECK] = cmd_check,   [COMMAND_STATUS] = cmd_status,
	[COMMAND_VERIFY] = cmd_verify, [COMMAND_REPLAY] = cmd_replay, [COMMAND_EMIT] = cmd_emit,
};

static int print_built_in(const struct opt_result *result, struct err *err)
{
	DEFER(buf_done) struct buf text = BUF_INIT(HELP_BYTES);
	int ret;

	if (result->wants_help)
		ret = opt_add_help(&options_program, result->has_command ? result->command : SIZE_MAX,
				   term_width(STDOUT_FILENO), &text);
	else if (result->wants_version)
		ret = buf_add_text(&text, "skantd " SKANT_VERSION "\n");
	else
		ret = opt_add_dump(&options_program, &text);
	return ret ? err_nomem(err) : cmd_print(buf_view(&text), err);
}

static int run_command(const struct options *o, const struct opt_result *result, struct err *err)
{
	bool takes_file;

	if (!result->has_command)
		return err_set(err, ERR_USAGE, 0,
			       "a command was expected, such as `skantd check`; see `skantd --help`");
	takes_file = options_program.commands[result->command].args != NULL;
	if (result->arg_count > takes_file)
		return err_set(err, ERR_USAGE, 0, "%s was expected, %zu argument%s given",
			       takes_file ? "one FILE at most" : "no argument", result->arg_count,
			       result->arg_count == 1 ? " was" : "s were");
	log_set_level(o->log_level);
	return commands[result->command](o, result->arg_count ? result->args[0] : NULL, err);
}

static int exit_status(const struct err *err)
{
	switch (err->kind) {
	case ERR_USAGE:
	case ERR_CONFIG:
		return EXIT_USAGE;
	case ERR_LATER:
		return EXIT_LATER;
	default: /* refused, a file or a receiver that cannot be used */
		return EXIT_REFUSED;
	}
}

int main(int argc, char **argv)
{
	struct opt_result result = { .command = 0 };
	struct err err = ERR_INIT;
	struct options options;
	int ret;

	log_init("skantd", LOG_INFO);
	harden_process();
	harden_runs_nothing();
	/* Threads need no heaps of their own here, and what a burst took goes back. */
	(void)mallopt(M_ARENA_MAX, 2);
	(void)mallopt(M_TRIM_THRESHOLD, TRIM_BYTES);
	(void)signal(SIGPIPE, SIG_IGN); /* a receiver that closes must not end us */
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
