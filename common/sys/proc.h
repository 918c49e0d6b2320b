/* SPDX-License-Identifier: Apache-2.0 */
/* Child processes: an argument vector, never a shell. */
#ifndef COMMON_SYS_PROC_H
#define COMMON_SYS_PROC_H

#include "common/base/buf.h"
#include "common/base/err.h"

struct proc_spec {
	const char *const *argv; /* NULL-terminated; argv[0] is looked up in PATH */
	/* Changes to our environment, NULL-terminated, or NULL: "NAME=value" sets it, "NAME" takes it out. */
	const char *const *env;
	const char *dir;   /* working folder, or NULL */
	struct view input; /* written to its standard input, then closed */
};

/* Runs it to its end. Standard output is appended to out (ceiling = out's), standard error to err_out when that is not
 * NULL, else /dev/null. *ret_status is the exit code, or 128 + signal. 0, or -1 with err when it could not be started,
 * or its output is too large (it is killed then). SIGPIPE of a child that does not read is not fatal to us. */
[[nodiscard]] int proc_run(const struct proc_spec *spec, struct buf *out, struct buf *err_out, int *ret_status,
			   struct err *err);

#endif
