/* SPDX-License-Identifier: Apache-2.0 */
/* What is asked of the person at the terminal. */
#ifndef ADMIN_ASK_H
#define ADMIN_ASK_H

#include "common/base/buf.h"
#include "common/base/err.h"

enum answer { ANSWER_NO, ANSWER_YES };

/* Writes `question [y/N] ` to out_fd and reads a line from in_fd: y or yes, in any case, is yes; all else, and the end
 * of the input, is no. question must be clean. Without a terminal on both: -1 with ERR_USAGE that names --yes. */
[[nodiscard]] int ask(int in_fd, int out_fd, const char *question, enum answer *ret, struct err *err);

/* The part of ask behind the check for terminals. */
[[nodiscard]] int ask_line(int in_fd, int out_fd, const char *question, enum answer *ret, struct err *err);

/* Where standard input is a terminal, says what is read from it: "keys, one a line". Else nothing is said. */
void ask_for_input(const char *what);

#endif
