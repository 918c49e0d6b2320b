/* SPDX-License-Identifier: Apache-2.0 */
/* Finds the items of an array by their hash: open addressing over the items' numbers. The items are the caller's, and
 * so is what makes two of them the same. */
#ifndef COMMON_BASE_HASHINDEX_H
#define COMMON_BASE_HASHINDEX_H

#include "common/base/buf.h"

#define HASHINDEX_NONE UINT32_MAX

struct hashindex { /* all zero is empty */
	struct hashindex_slot *slots;
	size_t cap, count;
};

/* Whether that item is the one that is looked for. */
typedef bool hashindex_is(const void *context, uint32_t item);

/* The item, or HASHINDEX_NONE. hash is of what is looked for. */
uint32_t hashindex_find(const struct hashindex *index, uint32_t hash, hashindex_is *is, const void *context);

/* Adds an item that is not in it. 0, or -1 without memory: nothing is changed then. */
[[nodiscard]] int hashindex_add(struct hashindex *index, uint32_t hash, uint32_t item);

void hashindex_done(struct hashindex *index); /* frees; empty after */

/* A hash of bytes. The secret that it is mixed with is the process's own, so that no server can choose texts that all
 * meet in one slot. */
uint32_t hashindex_of(const void *bytes, size_t len);

#endif
