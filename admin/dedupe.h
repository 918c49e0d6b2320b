/* SPDX-License-Identifier: Apache-2.0 */
/* Which ids were seen among the last so many: a feed that delivers at least once, read once. Memory is bounded. Ids are
 * kept as they are, those that are too long for that as their SHA-256: no two are taken for one. */
#ifndef ADMIN_DEDUPE_H
#define ADMIN_DEDUPE_H

#include "common/base/buf.h"
#include "common/base/err.h"

#define DEDUPE_WORDS 5

struct dedupe_id { /* its length and its bytes, then zeros; or 255 and a digest */
	uint64_t words[DEDUPE_WORDS];
};

struct dedupe_slot {
	uint32_t place; /* in ring, + 1; 0 = free */
	uint32_t hash;  /* so that the ring is seldom looked at */
};

struct dedupe {
	struct dedupe_id *ring;    /* in the order they came */
	struct dedupe_slot *table; /* open addressing */
	size_t window, slots;
	uint64_t seed;  /* so that nobody can choose ids that share a place */
	uint64_t count; /* ever added */
};

/* window: how many ids are remembered; a power of two. 0, or -1 with ERR_NOMEM. */
[[nodiscard]] int dedupe_init(struct dedupe *d, size_t window, struct err *err);
void dedupe_done(struct dedupe *d);

/* Remembers the id. true when it was not among the last ones. */
bool dedupe_is_new(struct dedupe *d, struct view text);

#endif
