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

/* As git does it for any command: also from inside of a repository's own folder (a bare one, or `.git`), where
 * ret->root is NULL. ret->dir is NULL when there is no repository. A `.git` file that leads nowhere is ERR_USAGE.
 * *ret_pointer is the `.git` file that was followed, a heap string, or NULL. */
[[nodiscard]] int gitdir_discover(const char *folder, struct gitdir *ret, char **ret_pointer, struct err *err);
/* The repository that path names itself: its folder, or a `.git` file. ret->root is NULL; so is ret->dir when it is no
 * repository. common, unless NULL, is what GIT_COMMON_DIR says: where objects and refs are. 0, or -1 with err. */
[[nodiscard]] int gitdir_at(const char *path, const char *common, struct gitdir *ret, struct err *err);

/* The heap path of name in folder, or name itself when it is absolute. NULL when there is no memory. */
char *gitdir_path(const char *folder, const char *name);

/* Whether an environment variable is set to what git takes for true. */
bool gitdir_env_is_true(const char *name);

#endif
