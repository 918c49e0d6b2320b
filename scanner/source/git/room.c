/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/source/git/room.h"

#include <stdlib.h>
#include <string.h>

#define CLASS_MIN 12               /* a page */
#define SPARE_MAX_BYTES (8u << 20) /* free blocks that are kept */

struct room { /* at the start of a free block */
	struct room *next;
};

static unsigned class_of(size_t size)
{
	unsigned class = CLASS_MIN;

	while (class < ROOM_CLASSES - 1 && (size_t)1 << class < size)
		class ++;
	return class;
}

char *rooms_take(struct rooms *r, size_t size)
{
	unsigned class = class_of(size);
	struct room *block = r->spare[class];

	if (block) {
		r->spare[class] = block->next;
		r->spare_bytes -= (size_t)1 << class;
	} else {
		block = malloc((size_t)1 << class);
		if (!block)
			return NULL;
	}
	r->used_bytes += (size_t)1 << class;
	return (char *)block;
}

void rooms_give(struct rooms *r, char *block, size_t size)
{
	unsigned class = class_of(size);
	struct room *room;

	if (!block)
		return;
	r->used_bytes -= (size_t)1 << class;
	if (r->spare_bytes + ((size_t)1 << class) > SPARE_MAX_BYTES) {
		free(block);
		return;
	}
	room = (struct room *)(void *)block; /* as malloc aligned it */
	room->next = r->spare[class];
	r->spare[class] = room;
	r->spare_bytes += (size_t)1 << class;
}

void rooms_done(struct rooms *r)
{
	for (size_t class = 0; class < ROOM_CLASSES; class ++) {
		struct room *block = r->spare[class], *next;

		for (; block; block = next) {
			next = block->next;
			free(block);
		}
	}
	*r = (struct rooms){ .spare_bytes = 0 };
}
