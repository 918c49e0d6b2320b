/* SPDX-License-Identifier: Apache-2.0 */
/* Child processes: an argument vector, never a shell. */
#ifndef COMMON_SYS_PROC_H
#define COMMON_SYS_PROC_H

#include <limits.h>
#include <sys/types.h>

#include "common/base/buf.h"
#include "common/base/err.h"

struct proc_spec {
	const char *const *argv; /* NULL-terminated; argv[0] is looked up in PATH */
	/* Changes to our environment, NULL-terminated, or NULL: "NAME=value" sets it, "NAME" takes it out. */
	const char *const *env;
	/* Else our environment is handed on without ANTHROPIC_*, CREDENTIALS_DIRECTORY and whatever has sk-ant- in its
	 * value, but for GIT_*: a program that a user's PATH finds has no business with keys. */
	bool gets_credentials;
	struct view input; /* written to its standard input, then closed */
};

/* Runs it to its end. Standard output is appended to out (ceiling = out's), standard error to err_out when that is not
 * NULL, else /dev/null. *ret_status is the exit code, or 128 + signal. 0, or -1 with err when it could not be started,
 * or its output is too large (it is killed then). SIGPIPE of a child that does not read is not fatal to us. */
[[nodiscard]] int proc_run(const struct proc_spec *spec, struct buf *out, struct buf *err_out, int *ret_status,
			   struct err *err);

/* A child that runs beside us. */
struct proc_child {
	const char *name; /* argv[0], borrowed */
	pid_t pid;        /* 0: none */
	int fds[3];       /* our ends of its pipes, by its descriptor: input, output, errors; -1 = closed */
};

/* How long to wait for it: go_on is asked again and again, at least each look_ms milliseconds, and may take out of the
 * buffers what it has looked at. */
struct proc_wait {
	bool (*go_on)(void *context);
	void *context;
	unsigned look_ms;
};

/* Starts it with a pipe to and from each of its standard descriptors; spec's input is not looked at. What argv points
 * to has to stay. 0, or -1 with err. */
[[nodiscard]] int proc_start(const struct proc_spec *spec, struct proc_child *ret, struct err *err);
/* Writes input and closes, reads its output and its errors to their ends. 0; 1 when wait had enough; -1 with err as
 * proc_run. Nothing is killed. */
[[nodiscard]] int proc_talk(struct proc_child *child, struct view input, struct buf *out, struct buf *err_out,
			    const struct proc_wait *wait, struct err *err);
#define PROC_FOREVER UINT_MAX
/* Closes the pipes. What has not ended by itself after so long is ended, with PROC_FOREVER never. Its exit code, or
 * 128 + signal; 0 when there is none. */
int proc_end(struct proc_child *child, unsigned wait_ms);

/* The path of a program of ours: beside this one, or in a folder of PATH that is not a relative one. 0, or -1 with err
 * (ERR_USAGE) when there is none. */
[[nodiscard]] int proc_find(const char *name, struct buf *ret, struct err *err);

/* The path of the program that argv[0] of a child stands for, looked up in PATH as it would be: a relative path when
 * PATH names a relative folder. 0, or -1 when there is none or no memory. */
[[nodiscard]] int proc_resolve(const char *name, struct buf *ret);

#endif
