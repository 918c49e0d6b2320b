/* SPDX-License-Identifier: Apache-2.0 */
/* What the commands that print texts about rules share. */
#ifndef SCANNER_CMD_SHARE_H
#define SCANNER_CMD_SHARE_H

#include "scanner/match/ruleset.h"

#define CMD_OUTPUT_BYTES (64u << 20)

/* Prints what was put together. Gives the exit status: status, or EXIT_INCOMPLETE when it could not be written. */
int cmd_print(const struct buf *out, int status);

/* The rule of that id, or NULL; then it has been logged, with the nearest there is. */
const struct rule *cmd_find_rule(const struct ruleset *rules, const char *id);

/* Appends the lines of a text, clean, each behind two blanks. 0, or -1 as buf_add. */
[[nodiscard]] int cmd_add_indented(struct buf *out, const char *text);

#endif
