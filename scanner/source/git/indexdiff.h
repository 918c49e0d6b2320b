/* SPDX-License-Identifier: Apache-2.0 */
/* What the index has that a commit's tree has not: the blobs that the next commit would bring in. A folder that is
 * known to be the same is passed over without reading its tree. */
#ifndef SCANNER_SOURCE_GIT_INDEXDIFF_H
#define SCANNER_SOURCE_GIT_INDEXDIFF_H

#include "scanner/source/git/gitindex.h"
#include "scanner/source/git/object.h"

struct indexdiff {
	const struct gitindex *index;
	struct object_reader *reader;
	/* An entry that a commit would record, or one side of a conflict, whose blob is not what the tree has under
	 * that path: before, or NULL when it has no blob there. Returns non-zero to end. */
	int (*changed)(void *context, const struct gitindex_entry *entry, const struct oid *before);
	/* A tree that cannot be read: all that the index has below that folder counts as changed. */
	void (*unread)(void *context, struct view folder, enum object_result why);
	void *context;
	bool has_stages; /* returned: an entry that was looked at is one side of a conflict */
};

/* tree: what is compared with; NULL makes everything new. Submodules, entries that are only intended to be added and
 * empty files are left out. 0, what changed returned, or -1 with err. */
[[nodiscard]] int indexdiff_run(struct indexdiff *d, const struct oid *tree, struct err *err);

/* Whether a commit would record an object for the entry that may have something in it: see above. */
bool indexdiff_is_content(const struct gitindex_entry *entry, size_t hash_len);

#endif
