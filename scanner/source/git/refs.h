/* SPDX-License-Identifier: Apache-2.0 */
/* The refs of a repository (gitrepository-layout(5), git-pack-refs(1), git-worktree(1)): files below refs/,
 * packed-refs, HEAD, and those of linked work trees. A reftable repository's are asked of git. */
#ifndef SCANNER_SOURCE_GIT_REFS_H
#define SCANNER_SOURCE_GIT_REFS_H

#include "common/base/err.h"
#include "scanner/source/git/gitrepo.h"
#include "scanner/source/git/oid.h"

struct ref {
	const char *name; /* full: refs/heads/main */
	struct oid id;    /* what it leads to in the end: a commit, a tag, or anything else */
};

struct refs {
	struct ref *refs; /* sorted by the bytes of their names */
	size_t count;
	size_t trouble_count; /* refs that say nothing sensible, which git ignores as well */
	struct err trouble;   /* about the first of them */
	struct buf names;     /* where names stand */
};

/* Reads all of them: refs/..., HEAD, and of work trees other than the one at hand worktrees/NAME/HEAD,
 * worktrees/NAME/refs/... and main-worktree/..., as git calls them. A symbolic ref whose target does not exist yet is
 * left out. 0, or -1 with err. */
[[nodiscard]] int refs_read(const struct gitrepo *repo, struct refs *ret, struct err *err);
void refs_done(struct refs *refs);

/* The ref that name means, in git's order: itself, refs/, refs/tags/, refs/heads/, refs/remotes/ and name,
 * refs/remotes/NAME/HEAD; MERGE_HEAD and other files beside HEAD too, of which the first id counts. 0, 1 when there is
 * none, or -1 with err. */
[[nodiscard]] int refs_resolve(const struct gitrepo *repo, const char *name, struct oid *ret, struct err *err);

/* All ids of a file beside HEAD, one a line: MERGE_HEAD. *ret is a heap array, NULL when there are none. 0, or -1 with
 * err. */
[[nodiscard]] int refs_pseudo(const struct gitrepo *repo, const char *name, struct oid **ret, size_t *ret_count,
			      struct err *err);

#endif
