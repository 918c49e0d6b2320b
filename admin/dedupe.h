/* SPDX-License-Identifier: Apache-2.0 */
/* Which ids were seen among the last so many: a feed that delivers at least once, read once. Memory is bounded; an id
 * is known by half of its SHA-256, so that no two are taken for one. */
#ifndef ADMIN_DEDUPE_H
#define ADMIN_DEDUPE_H

#include "common/base/buf.h"
#include "common/base/err.h"

#define DEDUPE_DIGEST_BYTES 16

struct dedupe {
	unsigned char (*ring)[DEDUPE_DIGEST_BYTES]; /* digests in the order they came */
	uint32_t *table;                            /* open addressing: place in ring + 1; 0 = free */
	size_t window, slots;
	uint64_t count; /* ever added */
};

/* window: how many ids are remembered; a power of two. 0, or -1 with ERR_NOMEM. */
[[nodiscard]] int dedupe_init(struct dedupe *d, size_t window, struct err *err);
void dedupe_done(struct dedupe *d);

/* Remembers id. true when it was not among the last ones. */
bool dedupe_is_new(struct dedupe *d, struct view id);

#endif
