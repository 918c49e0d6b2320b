/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/source/git/basecache.h"

#include <stdlib.h>

#define SETS 4096 /* each holds WAYS objects */
#define WAYS 4
#define SHARE 4 /* one object may take so much of the whole */

struct slot {
	const void *pack;  /* NULL: free */
	uint64_t at, used; /* used: when it was asked for last */
	enum object_type type;
	char *content;
	size_t size;
};

struct basecache {
	struct slot slots[SETS][WAYS];
	size_t bytes, max_bytes;
	uint64_t clock;
	size_t hand; /* the set from which room is made next */
};

struct basecache *basecache_new(size_t max_bytes)
{
	struct basecache *c = calloc(1, sizeof(*c));

	if (c)
		c->max_bytes = max_bytes;
	return c;
}

static void drop(struct basecache *c, struct slot *s)
{
	c->bytes -= s->size;
	free(s->content);
	*s = (struct slot){ .pack = NULL };
}

void basecache_freep(struct basecache **at)
{
	struct basecache *c = *at;

	*at = NULL;
	if (!c)
		return;
	for (size_t i = 0; i < SETS * WAYS; i++)
		free(c->slots[i / WAYS][i % WAYS].content);
	free(c);
}

static struct slot *set_of(struct basecache *c, const void *pack, uint64_t at)
{
	uint64_t hash = (at ^ (uintptr_t)pack) * 0x9E3779B97F4A7C15u;

	return c->slots[hash >> 32 & (SETS - 1)];
}

bool basecache_get(struct basecache *c, const void *pack, uint64_t at, struct object *ret)
{
	struct slot *set = set_of(c, pack, at);

	for (size_t i = 0; i < WAYS; i++) {
		if (set[i].pack != pack || set[i].at != at)
			continue;
		set[i].used = ++c->clock;
		*ret = (struct object){ .type = set[i].type, .content = view_from(set[i].content, set[i].size) };
		return true;
	}
	return false;
}

/* Frees sets in turn until size more bytes fit. */
static void make_room(struct basecache *c, size_t size)
{
	while (c->bytes + size > c->max_bytes) {
		struct slot *set = c->slots[c->hand++ % SETS];

		for (size_t i = 0; i < WAYS; i++)
			if (set[i].pack)
				drop(c, &set[i]);
	}
}

bool basecache_put(struct basecache *c, const void *pack, uint64_t at, enum object_type type, char *content,
		   size_t size)
{
	struct slot *set, *oldest;

	if (size > c->max_bytes / SHARE)
		return false;
	make_room(c, size);
	set = oldest = set_of(c, pack, at);
	for (size_t i = 1; i < WAYS; i++)
		if (set[i].used < oldest->used)
			oldest = &set[i];
	if (oldest->pack)
		drop(c, oldest);
	*oldest = (struct slot){
		.pack = pack, .at = at, .used = ++c->clock, .type = type, .content = content, .size = size
	};
	c->bytes += size;
	return true;
}
