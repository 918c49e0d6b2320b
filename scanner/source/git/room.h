/* SPDX-License-Identifier: Apache-2.0 */
/* Blocks for the contents of objects, used again while they are warm. One thread's. */
#ifndef SCANNER_SOURCE_GIT_ROOM_H
#define SCANNER_SOURCE_GIT_ROOM_H

#include "common/base/base.h"

#define ROOM_CLASSES 64

struct room; /* a free block */

struct rooms {
	struct room *spare[ROOM_CLASSES]; /* free blocks of 2^class bytes */
	size_t spare_bytes, used_bytes;
};

/* A block of at least size bytes; NULL when there is no memory. */
char *rooms_take(struct rooms *r, size_t size);
/* Gives a block back that was taken for that size. NULL is fine. */
void rooms_give(struct rooms *r, char *block, size_t size);
void rooms_done(struct rooms *r);

#endif
