/* SPDX-License-Identifier: Apache-2.0 */
/* One path in a commit's tree. */
#ifndef SCANNER_SOURCE_GIT_TREEFIND_H
#define SCANNER_SOURCE_GIT_TREEFIND_H

#include "scanner/source/git/commit.h"

/* What stands under path ('/' between names) in the tree of a commit, or in a tree. OBJECT_OK, OBJECT_MISSING also when
 * the tree has no such path, or what reading gave. */
enum object_result treefind_path(struct object_reader *r, size_t hash_len, const struct oid *treeish, struct view path,
				 struct oid *ret, enum tree_mode *ret_mode);

#endif
