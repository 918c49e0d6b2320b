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
	uint64_t in_use[SETS / 64]; /* a bit for each set that ever held something: most are never touched */
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

static bool is_in_use(const struct basecache *c, size_t set)
{
	return c->in_use[set / 64] >> (set % 64) & 1;
}

void basecache_freep(struct basecache **at)
{
	struct basecache *c = *at;

	*at = NULL;
	if (!c)
		return;
	for (size_t i = 0; i < SETS * WAYS; i++)
		if (is_in_use(c, i / WAYS))
			free(c->slots[i / WAYS][i % WAYS].content);
	free(c);
}

static size_t set_of(const void *pack, uint64_t at)
{
	uint64_t hash = (at ^ (uintptr_t)pack) * 0x9E3779B97F4A7C15u;

	return hash >> 32 & (SETS - 1);
}

bool basecache_get(struct basecache *c, const void *pack, uint64_t at, struct object *ret)
{
	size_t number = set_of(pack, at);
	struct slot *set = c->slots[number];

	for (size_t i = 0; i < WAYS && is_in_use(c, number); i++) {
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
		size_t number = c->hand++ % SETS;
		struct slot *set = c->slots[number];

		for (size_t i = 0; i < WAYS && is_in_use(c, number); i++)
			if (set[i].pack)
				drop(c, &set[i]);
	}
}

bool basecache_put(struct basecache *c, const void *pack, uint64_t at, enum object_type type, char *content,
		   size_t size)
{
	struct slot *set, *oldest;
	size_t number;

	if (size > c->max_bytes / SHARE)
		return false;
	make_room(c, size);
	number = set_of(pack, at);
	c->in_use[number / 64] |= (uint64_t)1 << (number % 64);
	set = oldest = c->slots[number];
	for (size_t i = 1; i < WAYS; i++)
		if (set[i].used < oldest->used)
			oldest = &set[i];
	if (oldest->pack)
		drop(c, oldest);
	*oldest = (struct slot){ .pack = pack, .at = at, .used = ++c->clock, .type = type, .size = size };
	oldest->content = content;
	c->bytes += size;
	return true;
}
