/* SPDX-License-Identifier: Apache-2.0 */
/* Running git as a reader: no hook, file system monitor, lock, prompt or network, and none of the environment that
 * would make it look at another repository than the one it is run in. */
#ifndef SCANNER_SOURCE_GITCMD_H
#define SCANNER_SOURCE_GITCMD_H

#include "common/base/buf.h"
#include "common/base/err.h"

#define GITCMD_ARGS_MAX 16

/* Runs git with args (NULL-terminated, at most GITCMD_ARGS_MAX) in the folder dir and appends what it prints to out.
 * *ret_status is 0 or 1: git's way to say no. 0, or -1 with err when git could not be started or failed; err has the
 * line of its complaint that says why. */
[[nodiscard]] int gitcmd_run(const char *dir, const char *const *args, struct buf *out, int *ret_status,
			     struct err *err);

#endif
