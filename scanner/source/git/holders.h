/* SPDX-License-Identifier: Apache-2.0 */
/* Which trees hold some blobs, at any depth, and under which paths: each distinct tree is looked at once. */
#ifndef SCANNER_SOURCE_GIT_HOLDERS_H
#define SCANNER_SOURCE_GIT_HOLDERS_H

#include "scanner/item.h"
#include "scanner/source/git/object.h"
#include "scanner/source/git/oidmap.h"
#include "scanner/source/git/sets.h"

struct holders;

struct holders_options {
	struct object_reader *reader;
	size_t hash_len;
	const struct oid *blobs; /* what is looked for; a blob's number is its place here */
	size_t blob_count;
	struct sets *sets;
	void (*unread)(void *context, const struct oid *id, enum unread reason); /* a tree that cannot be read */
	bool (*stopped)(void *context);
	void *context;
};

struct holders *holders_new(const struct holders_options *options); /* borrows all; NULL when there is no memory */
void holders_freep(struct holders **at);

/* The set of the blobs' numbers that the tree holds; SETS_FAILED when memory or the sets' ceiling is reached. */
uint32_t holders_set(struct holders *h, const struct oid *tree);

/* Calls take for each path of each blob in the tree that was not given before, or with again for each there is. 0, or
 * -1 when there is no memory. The tree must have gone through holders_set. */
[[nodiscard]] int holders_paths(struct holders *h, const struct oid *tree, bool again,
				int (*take)(void *context, uint32_t blob, struct view path), void *context);

#endif
