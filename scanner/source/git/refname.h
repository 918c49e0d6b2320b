/* SPDX-License-Identifier: Apache-2.0 */
/* Names of refs, and what the file of one says (git-check-ref-format(1), gitrepository-layout(5)). */
#ifndef SCANNER_SOURCE_GIT_REFNAME_H
#define SCANNER_SOURCE_GIT_REFNAME_H

#include "scanner/source/git/oid.h"

#define REFNAME_HOPS 5 /* files that a chain of symbolic refs may be read from, as git has it */

/* Whether git takes name for one: no component is empty, starts with a dot or ends in ".lock", no blank, control byte
 * or one of ~^:?*[\ , no ".." or "@{", no final dot. One of a single component is well-formed here. */
bool refname_is_valid(struct view name);

/* Whether each work tree has a ref of that name for itself: HEAD and the like, refs/bisect, refs/worktree and
 * refs/rewritten. */
bool refname_is_of_tree(struct view name);

/* Whether name is that of a file beside HEAD: capitals, '-' and '_' only. */
bool refname_is_pseudo(struct view name);

/* What the text of a ref's file says. *ret_target is the name that a symbolic one leads to, and else empty. 0, or -1
 * when it says nothing sensible. */
[[nodiscard]] int refname_parse(struct view text, size_t hash_len, struct oid *ret_id, struct view *ret_target);

#endif
