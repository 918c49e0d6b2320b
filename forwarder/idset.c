/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/idset.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_SIZE 1024u

static void digest_of(struct view id, unsigned char ret[static IDSET_DIGEST_BYTES])
{
	unsigned char whole[DIGEST_SHA256_BYTES];

	digest_sha256(id, whole);
	memcpy(ret, whole, IDSET_DIGEST_BYTES);
}

/* The item's place, or the free one where it belongs. size is a power of two and never full. */
static struct idset_item *place_of(struct idset_item *items, size_t size, const unsigned char *digest)
{
	uint64_t start;
	size_t i;

	memcpy(&start, digest, sizeof(start));
	i = (size_t)start & (size - 1);
	while (items[i].count && memcmp(items[i].digest, digest, IDSET_DIGEST_BYTES) != 0)
		i = (i + 1) & (size - 1);
	return &items[i];
}

static int grow(struct idset *set)
{
	size_t size = set->size ? set->size * 2 : FIRST_SIZE;
	struct idset_item *items;

	if (set->size && set->used < set->size - set->size / 4)
		return 0;
	items = calloc(size, sizeof(*items));
	if (!items)
		return -1;
	for (size_t i = 0; i < set->size; i++)
		if (set->items[i].count)
			*place_of(items, size, set->items[i].digest) = set->items[i];
	free(set->items);
	set->items = items;
	set->size = size;
	return 0;
}

int idset_add(struct idset *set, struct view id, uint64_t number, struct idset_item **ret)
{
	struct idset_item new = { .number = number };
	struct idset_item *item;

	if (grow(set))
		return -1;
	digest_of(id, new.digest);
	item = place_of(set->items, set->size, new.digest);
	if (!item->count) {
		*item = new;
		set->used++;
	}
	item->count += item->count < UINT32_MAX;
	if (ret)
		*ret = item;
	return 0;
}

struct idset_item *idset_find(const struct idset *set, struct view id)
{
	unsigned char digest[IDSET_DIGEST_BYTES];
	struct idset_item *item;

	if (!set->size)
		return NULL;
	digest_of(id, digest);
	item = place_of(set->items, set->size, digest);
	return item->count ? item : NULL;
}

void idset_done(struct idset *set)
{
	free(set->items);
	*set = (struct idset){ .items = NULL };
}
