/* SPDX-License-Identifier: Apache-2.0 */
/* The git work tree that a folder is in: where it starts, what it ignores, what it tracks.
 *
 * Opening one reads a few files; git itself is started only when the configuration touches what is asked here, and for
 * the list of tracked paths. A repository's hooks, file system monitor and network are never started. */
#ifndef SCANNER_SOURCE_GITTREE_H
#define SCANNER_SOURCE_GITTREE_H

#include "common/base/buf.h"
#include "common/base/err.h"
#include "scanner/source/ignore.h"

struct gittree;

/* Finds the work tree that holds folder, as git does: upward, on one file system, to the first folder with a `.git`
 * that is, or points to, a repository. *ret is NULL when there is none, also inside of a repository's own folder and
 * below a `.git` file that leads nowhere. 0, or -1 with err (no such folder, memory). */
[[nodiscard]] int gittree_open(const char *folder, struct gittree **ret, struct err *err);
/* As gittree_open, but only a work tree that starts in folder itself: a repository within another. */
[[nodiscard]] int gittree_open_nested(const char *folder, struct gittree **ret, struct err *err);
void gittree_free(struct gittree *tree); /* NULL is fine */

/* The work tree's first folder: absolute, links resolved, without a final slash (but "/" is "/"). */
const char *gittree_root(const struct gittree *tree);
/* The folder it was opened for, from the root, with its final slash; "" at the root. */
const char *gittree_folder(const struct gittree *tree);
bool gittree_ignores_case(const struct gittree *tree); /* core.ignoreCase */

/* What could not be known when it was opened (an ignore file that cannot be read, git that does not start): the scan
 * covers more than it had to. kind is ERR_NONE when all is well. */
const struct err *gittree_trouble(const struct gittree *tree);

/* The scope around the folder it was opened for: the ignore files of the folders above that one, info/exclude and
 * core.excludesFile. The folder's own ignore file is the caller's to read. */
const struct ignore_scope *gittree_scope(const struct gittree *tree);

/* Whether git tracks path (relative to the root) or, for a folder, anything below it. 1 or 0, or -1 when git cannot
 * tell; err is filled by the first call that fails only, so that it is told once. Any thread; the first call runs
 * git and the others wait for it. */
int gittree_tracks(struct gittree *tree, struct view path, bool is_folder, struct err *err);

#endif
