/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a repository may be read: its configuration could otherwise have us run what somebody else wrote. */
#ifndef SCANNER_SOURCE_GIT_GITOWNER_H
#define SCANNER_SOURCE_GIT_GITOWNER_H

#include "common/base/err.h"
#include "scanner/source/git/gitconfig.h"

/* Checks that the effective user (for root: also the one that sudo was called by) owns the paths, any of which may be
 * NULL: the `.git` file, the work tree, the repository's folder. Else safe.directory, as the system's, the user's and
 * the command's configuration have it, must name the work tree (the folder, when there is none). 0, or -1 with
 * ERR_USAGE and git's advice. */
[[nodiscard]] int gitowner_check(const char *pointer, const char *root, const char *dir, struct err *err);

#endif
