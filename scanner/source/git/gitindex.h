/* SPDX-License-Identifier: Apache-2.0 */
/* The index: what the next commit will hold (gitformat-index(5), versions 2 to 4, SHA-1 and SHA-256), mapped. The
 * checksum at its end is not looked at, as in git. */
#ifndef SCANNER_SOURCE_GIT_GITINDEX_H
#define SCANNER_SOURCE_GIT_GITINDEX_H

#include "common/base/err.h"
#include "scanner/source/git/oid.h"

#define GITINDEX_MODE_TYPE 0170000u
#define GITINDEX_MODE_LINK 0120000u
#define GITINDEX_MODE_MODULE 0160000u /* a submodule's commit: no object of this repository */

/* A folder whose tree is known from an earlier commit, and unchanged since (extension TREE). */
struct gitindex_folder {
	const char *name; /* one component, name_len bytes; none for the root */
	const char *id;   /* raw, of the tree that its entries make; NULL = that is not known */
	uint32_t name_len;
	uint32_t entries;  /* below it, when id is known */
	uint32_t children; /* folders directly in it */
	uint32_t next;     /* number of the folder behind this one and all below it; its first child follows it */
};

struct gitindex {
	struct view map;
	struct buf listing; /* instead of a file: what git lists of one that only it understands */
	unsigned version;
	size_t hash_len;
	uint32_t count;     /* entries */
	uint32_t *places;   /* where some are; NULL when they can only be read one behind the other */
	size_t path_bytes;  /* of the longest path */
	size_t entries_end; /* 0 when each entry has been looked at; else where they end, found another way */
	bool has_stages;    /* a merge with conflicts is under way; known only when each entry has been looked at */
	struct err foreign; /* kind is not ERR_NONE: only git understands this index (split, sparse, a later version) */
	struct gitindex_folder *folders; /* parents before children; [0] is the root */
	size_t folder_count, folder_cap;
};

/* Opens a file, and checks it whole when it has at most whole_bytes: an entry or extension that does not fit is
 * ERR_FORMAT. In a larger one that names its folders (extension TREE) entries are checked when a cursor comes to them,
 * so that those that gitindex_skip passes over cost nothing. No such file is ERR_IO with errnum ENOENT. 0, also when
 * ret->foreign says why its entries cannot be read here, or -1 with err. */
[[nodiscard]] int gitindex_open(const char *path, size_t hash_len, size_t whole_bytes, struct gitindex *ret,
				struct err *err);
/* The same entries from what `git ls-files --stage -z` prints, taken over: no intent to add, no flags and no folders
 * are known then. 0, or -1 with err when it is no such listing. */
[[nodiscard]] int gitindex_from_listing(struct buf *listing, size_t hash_len, struct gitindex *ret, struct err *err);
void gitindex_done(struct gitindex *index);

struct gitindex_entry {
	struct view path; /* from the root; the cursor's, until it moves */
	const unsigned char *id;
	uint32_t mode;
	unsigned stage;     /* 0, or of a conflict: 1 base, 2 ours, 3 theirs */
	bool intent_to_add; /* `git add -N`: no commit records it yet */
	bool skip_worktree;
};

struct gitindex_cursor {
	const struct gitindex *index;
	size_t at;                   /* of the next entry in the file */
	size_t start;                /* of the one at hand */
	uint32_t left;               /* entries not yet given */
	char *path;                  /* version 4 only: paths are told by their difference */
	struct oid id;               /* of an entry in a listing */
	bool has_stages;             /* one of those given was in conflict */
	bool is_damaged;             /* the last that was asked for does not fit: it and those behind it are lost */
	struct gitindex_entry entry; /* the one at hand */
};

/* Starts before the first entry. 0, or -1 with err when there is no memory. */
[[nodiscard]] int gitindex_start(const struct gitindex *index, struct gitindex_cursor *ret, struct err *err);
/* Moves to the next entry; git writes them in order of path and stage, which is not checked. false behind the last. */
bool gitindex_next(struct gitindex_cursor *c);
/* Moves on from an entry whose path starts with prefix to the next whose path does not. count is how many in a row are
 * said to have it, the one at hand included: when that is so, most of them are not looked at. false behind the last. */
bool gitindex_skip(struct gitindex_cursor *c, struct view prefix, uint32_t count);
void gitindex_end(struct gitindex_cursor *c);

#endif
