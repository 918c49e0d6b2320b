/* SPDX-License-Identifier: Apache-2.0 */
/* What a commit's tree has that none of its parents' trees has: the entries whose object differs from what stands under
 * the same path in every parent. Of a merge that is what only the merge changed. */
#ifndef SCANNER_SOURCE_GIT_TREEDIFF_H
#define SCANNER_SOURCE_GIT_TREEDIFF_H

#include "scanner/item.h"
#include "scanner/source/git/object.h"

struct treediff {
	struct object_reader *reader;
	size_t hash_len;
	/* A file or link. before has its objects in the parents that have one there, before_count of them. Returns
	 * non-zero to end. */
	int (*changed)(void *context, struct view path, const struct oid *blob, const struct oid *before,
		       size_t before_count);
	/* A tree that cannot be read: what is below it is not known. */
	void (*unread)(void *context, const struct oid *id, enum unread reason);
	void *context;
};

/* parents: the trees of the parents, at most TREEDIFF_PARENTS of them count; none makes everything new. 0, what changed
 * returned, or -1 when there is no memory. */
#define TREEDIFF_PARENTS 32
[[nodiscard]] int treediff_run(const struct treediff *d, const struct oid *tree, const struct oid *parents,
			       size_t parent_count);

#endif
