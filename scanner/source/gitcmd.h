/* SPDX-License-Identifier: Apache-2.0 */
/* Running git as a reader: no hook, file system monitor, lock, prompt or network, and none of the environment that
 * would make it look at another repository than the one it is run in. */
#ifndef SCANNER_SOURCE_GITCMD_H
#define SCANNER_SOURCE_GITCMD_H

#include "common/base/buf.h"
#include "common/base/err.h"

#define GITCMD_ARGS_MAX 64

/* Runs git with args (NULL-terminated, at most GITCMD_ARGS_MAX) in the folder dir and appends what it prints to out.
 * *ret_status is 0 or 1: git's way to say no. 0, or -1 with err when git could not be started or failed; err has the
 * line of its complaint that says why. */
[[nodiscard]] int gitcmd_run(const char *dir, const char *const *args, struct buf *out, int *ret_status,
			     struct err *err);

/* Which repository git is to read, without looking for it or asking whose it is: that has been done. */
struct gitcmd_place {
	const char *dir;        /* the repository's folder, absolute */
	const char *root;       /* the work tree; NULL = it has none */
	const char *index;      /* GIT_INDEX_FILE; NULL = the usual one */
	const char *store;      /* GIT_OBJECT_DIRECTORY; NULL = the usual one */
	const char *alternates; /* GIT_ALTERNATE_OBJECT_DIRECTORIES; NULL = none */
	struct view input;      /* for git's standard input */
};

/* gitcmd_run in that repository. */
[[nodiscard]] int gitcmd_run_at(const struct gitcmd_place *place, const char *const *args, struct buf *out,
				int *ret_status, struct err *err);

#endif
