/* SPDX-License-Identifier: Apache-2.0 */
/* Refs in a format that only git reads (reftable): asked of git. */
#ifndef SCANNER_SOURCE_GIT_REFS_GIT_H
#define SCANNER_SOURCE_GIT_REFS_GIT_H

#include "common/base/buf.h"
#include "common/base/err.h"
#include "scanner/source/git/gitrepo.h"
#include "scanner/source/git/oid.h"

/* Appends a line `NAME SP ID` for each ref, and for the HEADs of all work trees. 0, or -1 with err. */
[[nodiscard]] int refs_git_list(const struct gitrepo *repo, struct buf *out, struct err *err);

/* The id that a full name has. 0, 1 when there is none, or -1 with err. */
[[nodiscard]] int refs_git_id(const struct gitrepo *repo, const char *name, struct oid *ret, struct err *err);

/* Appends a line with the id of each entry of all reflogs, or of that of refs/stash, the newest first. 0, or -1 with
 * err. */
[[nodiscard]] int refs_git_log(const struct gitrepo *repo, bool only_stash, struct buf *out, struct err *err);

#endif
