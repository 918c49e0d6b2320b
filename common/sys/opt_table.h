/* SPDX-License-Identifier: Apache-2.0 */
/* Inner side of opt: the option table with the built-in options in front of it. Only opt.c and opt_help.c use it. */
#ifndef COMMON_SYS_OPT_TABLE_H
#define COMMON_SYS_OPT_TABLE_H

#include "common/sys/opt.h"

enum opt_builtin { OPT_BUILTIN_HELP, OPT_BUILTIN_VERSION, OPT_BUILTIN_DUMP, OPT_BUILTINS };

extern const struct opt opt_builtins[OPT_BUILTINS]; /* told apart by address; their ids mean nothing */

size_t opt_table_count(const struct opt_program *program);
const struct opt *opt_table_at(const struct opt_program *program, size_t index);

/* The part of a command's name in front of the space (the whole of one word), and the part behind it (or ""). */
struct view opt_first_word(const struct opt_command *command);
const char *opt_second_word(const struct opt_command *command);
bool opt_in_group(const struct opt_command *command, struct view group);

bool opt_takes(const struct opt *option, size_t command);
bool opt_needs_value(const struct opt *option); /* neither a flag nor "[N]" */

/* Appends the names of the commands in the bit set. 0, or -1 as buf_add. */
[[nodiscard]] int opt_add_takers(const struct opt_program *program, uint64_t commands, const char *separator,
				 struct buf *buf);

#endif
