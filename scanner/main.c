/* SPDX-License-Identifier: Apache-2.0 */
/* skant: finds hardcoded Claude API keys and key names that break the convention. */
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "common/base/version.h"
#include "common/sys/file.h"
#include "common/sys/harden.h"
#include "common/sys/log.h"
#include "common/sys/self.h"
#include "common/sys/term.h"
#include "scanner/cmd.h"
#include "scanner/privilege.h"
#include "scanner/verify.h"

#define HELP_BYTES (1u << 20)

typedef int command_fn(const struct options *o, char **args, size_t count);

static command_fn *const commands[COMMANDS] = {
	[COMMAND_DIR] = cmd_dir,         [COMMAND_STAGED] = cmd_staged,     [COMMAND_GIT] = cmd_git,
	[COMMAND_STDIN] = cmd_stdin,     [COMMAND_NAMES] = cmd_names,       [COMMAND_RULES] = cmd_rules,
	[COMMAND_EXPLAIN] = cmd_explain, [COMMAND_HOOK] = cmd_hook,         [COMMAND_RECEIVE] = cmd_receive,
	[COMMAND_AGENT] = cmd_agent,     [COMMAND_BASELINE] = cmd_baseline, [COMMAND_MERGE] = cmd_merge,
};

static void raise_descriptor_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur = limit.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static int print(const struct buf *text)
{
	return file_write_full(STDOUT_FILENO, buf_view(text)) ? EXIT_INCOMPLETE : EXIT_CLEAN;
}

static int print_help(const struct opt_result *result)
{
	DEFER(buf_done) struct buf text = BUF_INIT(HELP_BYTES);
	size_t command = result->has_command ? result->command : SIZE_MAX;

	if (opt_add_help(&options_program, command, term_width(STDOUT_FILENO), &text))
		return EXIT_INCOMPLETE;
	return print(&text);
}

static int print_version(void)
{
	DEFER(buf_done) struct buf text = BUF_INIT(HELP_BYTES);

	return buf_add_text(&text, "skant " SKANT_VERSION "\n") ? EXIT_INCOMPLETE : print(&text);
}

static int print_dump(void)
{
	DEFER(buf_done) struct buf text = BUF_INIT(HELP_BYTES);

	return opt_add_dump(&options_program, &text) ? EXIT_INCOMPLETE : print(&text);
}

/* Before anything else is read: the child has seen nothing of what is scanned, and whoever lacks skantctl learns it at
 * once. */
static int start_verifier(struct options *o)
{
	struct err err = ERR_INIT;

	o->verifier = verify_start(&err);
	if (o->verifier)
		return 0;
	log_error("%s", err.text);
	return -1;
}

static int run(struct options *o, const struct opt_result *result)
{
	if (result->wants_help)
		return print_help(result);
	if (result->wants_version)
		return print_version();
	if (result->wants_dump)
		return print_dump();
	if (!result->has_command) {
		log_error("a command was expected, such as `skant dir`; see `skant --help`");
		return EXIT_USAGE;
	}
	if (o->log_level >= 0)
		log_set_level((enum log_level)o->log_level);
	if (o->quiet)
		log_set_level(LOG_ERROR);
	if (o->verify && start_verifier(o))
		return EXIT_USAGE;
	o->privilege = privilege_start((enum command)result->command, o);
	if (!o->privilege) {
		log_error("out of memory");
		return EXIT_USAGE;
	}
	return commands[result->command](o, result->args, result->arg_count);
}

int main(int argc, char **argv)
{
	struct opt_result result = { .command = 0 };
	struct err err = ERR_INIT;
	struct options options;
	int ret = EXIT_USAGE;

	log_init("skant", LOG_INFO);
	self_init(argv[0]);
	harden_process();
	raise_descriptor_limit();
	options_init(&options);
	if (opt_parse(&options_program, argc, argv, options_take, &options, &result, &err))
		log_error("%s", err.text);
	else
		ret = run(&options, &result);
	verify_freep(&options.verifier);
	privilege_freep(&options.privilege);
	free(result.args);
	options_done(&options);
	return ret;
}
