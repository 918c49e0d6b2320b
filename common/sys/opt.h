/* SPDX-License-Identifier: Apache-2.0 */
/* Command lines from one table: the parser, --help, the man page's option list and the shell completions all read it
 * (--dump-options prints it for those that are made at build time).
 *
 * A command's name is one word, or two with a space between ("users list"): then the first one is a group.
 *
 * Options may stand anywhere; `--` ends them; `--name=value`, `--name value`, `-nvalue`, `-n value`, bundled short
 * flags. A long option must be given whole: abbreviations would break when options are added. */
#ifndef COMMON_SYS_OPT_H
#define COMMON_SYS_OPT_H

#include "common/base/buf.h"
#include "common/base/err.h"

/* What an option is to some commands. Where it is something else to others it stands in the table once for each
 * meaning: with the same id, name, letter and way of taking a value, and other commands. */
struct opt {
	int id;               /* what the caller's switch sees */
	const char *name;     /* long form without dashes */
	char letter;          /* short form, or 0 */
	const char *value;    /* name of the value in the help ("FILE"); NULL = a flag. "[N]" = optional, only with = */
	const char *choices;  /* space-separated values for the completions, "@file" for file names, or NULL */
	const char *standard; /* the default as shown in the help, or NULL */
	const char *help;     /* one sentence without a full stop */
	uint64_t commands;    /* bit set of the commands (1 << index in the command table) that take it */
	bool hidden;          /* understood but not shown (other tools' spellings) */
};

struct opt_command {
	const char *name;    /* "dir", or "users list" */
	const char *args;    /* "[PATH ...]" */
	const char *summary; /* one line */
	const char *help;    /* paragraphs for `NAME --help`, or NULL */
};

struct opt_program {
	const char *name;
	const char *summary;
	const char *footer;         /* text after the options in --help: exit codes, examples */
	const char *const *footers; /* by command, instead of footer where one is not NULL; or NULL */
	const struct opt_command *commands;
	size_t command_count;
	const struct opt *options;
	size_t option_count;
};

/* Called for each option in the order given; value is NULL for a flag. 0, or -1 with err. */
typedef int opt_handler(void *context, int id, const char *value, struct err *err);

struct opt_result {
	size_t command; /* index of the command */
	char **args;    /* what is no option, in order: pointers into argv, in an array the caller frees */
	size_t arg_count;
	bool wants_help; /* -h, --help: nothing else was checked */
	bool wants_version;
	bool wants_dump; /* --dump-options */
	bool has_command;
	struct view group; /* the first word when it is a group and no command of it followed; part of argv */
};

/* Reads argv. Errors are ERR_USAGE and name the nearest known command or option; an option that the command does not
 * take says which commands do, unless they are many. 0 or -1. */
[[nodiscard]] int opt_parse(const struct opt_program *program, int argc, char **argv, opt_handler *handler,
			    void *context, struct opt_result *ret, struct err *err);

/* Appends the help of the whole program (command = SIZE_MAX) or of one command, wrapped at width columns. */
[[nodiscard]] int opt_add_help(const struct opt_program *program, size_t command, unsigned width, struct buf *buf);

/* The same of a group: its commands, and the options that all of them take. */
[[nodiscard]] int opt_add_group_help(const struct opt_program *program, struct view group, unsigned width,
				     struct buf *buf);

/* Appends the table, one line an entry, tab-separated. First column "command" (name, args, summary, help) or "option"
 * (long, letter, value, choices, default, help, commands comma-separated). Newlines in help are \n. */
[[nodiscard]] int opt_add_dump(const struct opt_program *program, struct buf *buf);

#endif
