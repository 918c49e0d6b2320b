/* SPDX-License-Identifier: Apache-2.0 */
/* Where on disk the git repository of a folder is: what git calls discovery. Nothing is started. */
#ifndef SCANNER_SOURCE_GITDIR_H
#define SCANNER_SOURCE_GITDIR_H

#include "common/base/buf.h"
#include "common/base/err.h"

/* All three are absolute or as the repository's own files spell them, and heap strings. */
struct gitdir {
	char *root;   /* the work tree's first folder */
	char *dir;    /* this work tree's part of the repository */
	char *common; /* what linked work trees share; equal to dir in the main one */
};

/* Finds the work tree that holds folder, which is absolute and without links: upward, on one file system unless
 * GIT_DISCOVERY_ACROSS_FILESYSTEM says otherwise, to the first folder with a `.git` that is or points to a repository.
 * only_here looks at folder itself alone. ret->root is NULL when there is none, also inside of a repository's own
 * folder and below a `.git` file that leads nowhere. 0, or -1 with err when there is no memory. */
[[nodiscard]] int gitdir_find(const char *folder, bool only_here, struct gitdir *ret, struct err *err);
void gitdir_done(struct gitdir *dir);

/* The heap path of name in folder, or name itself when it is absolute. NULL when there is no memory. */
char *gitdir_path(const char *folder, const char *name);

/* Whether an environment variable is set to what git takes for true. */
bool gitdir_env_is_true(const char *name);

#endif
