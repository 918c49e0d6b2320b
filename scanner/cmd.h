/* SPDX-License-Identifier: Apache-2.0 */
/* skant's commands. Each returns the exit status; what went wrong has been logged. */
#ifndef SCANNER_CMD_H
#define SCANNER_CMD_H

#include "scanner/options.h"

#define EXIT_CLEAN 0
#define EXIT_USAGE 2      /* usage or configuration: nothing was scanned */
#define EXIT_INCOMPLETE 3 /* something that should have been read or written was not */

int cmd_dir(const struct options *o, char **args, size_t count);
int cmd_staged(const struct options *o, char **args, size_t count);
int cmd_staged_of(const struct options *o, char *repository); /* NULL: the one of the current folder */
int cmd_git(const struct options *o, char **args, size_t count);
int cmd_stdin(const struct options *o, char **args, size_t count);
int cmd_names(const struct options *o, char **args, size_t count);
int cmd_rules(const struct options *o, char **args, size_t count);
int cmd_explain(const struct options *o, char **args, size_t count);
int cmd_hook(const struct options *o, char **args, size_t count);
int cmd_receive(const struct options *o, char **args, size_t count);
int cmd_baseline(const struct options *o, char **args, size_t count);
int cmd_merge(const struct options *o, char **args, size_t count);
int cmd_agent(const struct options *o, char **args, size_t count);

#endif
