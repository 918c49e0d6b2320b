/* SPDX-License-Identifier: Apache-2.0 */
#include "common/base/hashindex.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CAP_START 64u
#define MIX UINT64_C(0x9E3779B97F4A7C15) /* 2^64 / the golden ratio (Knuth 3, section 6.4) */

struct hashindex_slot {
	uint32_t hash, item; /* item HASHINDEX_NONE: free */
};

static uint64_t seed(void)
{
	static _Atomic uint64_t kept;
	uint64_t own, none = 0;

	own = atomic_load_explicit(&kept, memory_order_relaxed);
	if (own)
		return own;
	if (getentropy(&own, sizeof(own)))
		own = MIX;
	own |= 1;
	return atomic_compare_exchange_strong(&kept, &none, own) ? own : none;
}

uint32_t hashindex_of(const void *bytes, size_t len)
{
	const unsigned char *at = bytes;
	uint64_t hash = seed() ^ len;

	while (len) {
		size_t n = len < sizeof(uint64_t) ? len : sizeof(uint64_t);
		uint64_t word = 0;

		memcpy(&word, at, n);
		hash = (hash ^ word) * MIX;
		hash ^= hash >> 32;
		at += n;
		len -= n;
	}
	return (uint32_t)(hash * MIX >> 32); /* else the last bytes would be in the upper bits only */
}

uint32_t hashindex_find(const struct hashindex *index, uint32_t hash, hashindex_is *is, const void *context)
{
	if (index->cap == 0)
		return HASHINDEX_NONE;
	for (size_t at = hash & (index->cap - 1);; at = (at + 1) & (index->cap - 1)) {
		const struct hashindex_slot *slot = &index->slots[at];

		if (slot->item == HASHINDEX_NONE)
			return HASHINDEX_NONE;
		if (slot->hash == hash && is(context, slot->item))
			return slot->item;
	}
}

static void put(struct hashindex_slot *slots, size_t cap, struct hashindex_slot slot)
{
	size_t at = slot.hash & (cap - 1);

	while (slots[at].item != HASHINDEX_NONE)
		at = (at + 1) & (cap - 1);
	slots[at] = slot;
}

static int grow(struct hashindex *index)
{
	size_t cap = index->cap ? 2 * index->cap : CAP_START;
	struct hashindex_slot *slots = reallocarray(NULL, cap, sizeof(*slots));

	if (!slots)
		return -1;
	memset(slots, 0xff, cap * sizeof(*slots)); /* HASHINDEX_NONE everywhere */
	for (size_t i = 0; i < index->cap; i++)
		if (index->slots[i].item != HASHINDEX_NONE)
			put(slots, cap, index->slots[i]);
	free(index->slots);
	index->slots = slots;
	index->cap = cap;
	return 0;
}

int hashindex_add(struct hashindex *index, uint32_t hash, uint32_t item)
{
	if (index->count >= index->cap / 4 * 3 && grow(index)) /* three quarters full at most */
		return -1;
	put(index->slots, index->cap, (struct hashindex_slot){ hash, item });
	index->count++;
	return 0;
}

void hashindex_done(struct hashindex *index)
{
	free(index->slots);
	*index = (struct hashindex){ 0 };
}
