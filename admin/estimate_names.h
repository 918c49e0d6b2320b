/* SPDX-License-Identifier: Apache-2.0 */
/* Texts by number: each different one is kept once, so that groups are compared by numbers. The empty text is 0. */
#ifndef ADMIN_ESTIMATE_NAMES_H
#define ADMIN_ESTIMATE_NAMES_H

#include "common/base/buf.h"

struct estimate_name {
	size_t at;
	uint32_t len, hash;
};

struct estimate_names { /* all zero is an empty table */
	struct estimate_name *names;
	size_t count, cap;
	uint32_t *slots; /* number + 1; 0 = free */
	size_t slot_count;
	struct buf text;
	uint64_t seed; /* of the hashes: nobody outside knows which texts collide */
};

/* The text's number. 0, or -1: no memory, or USAGE_NAMES_MAX, USAGE_NAMES_BYTES. */
[[nodiscard]] int estimate_names_add(struct estimate_names *names, struct view text, uint32_t *ret);
struct view estimate_names_at(const struct estimate_names *names, uint32_t number);
void estimate_names_done(struct estimate_names *names);

/* A hash of whatever bytes. */
static inline uint64_t estimate_mix(uint64_t hash, uint64_t word)
{
	hash = (hash ^ word) * UINT64_C(0x9E3779B97F4A7C15);
	return hash ^ (hash >> 32);
}

#endif
