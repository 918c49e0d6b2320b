/* SPDX-License-Identifier: Apache-2.0 */
/* A map from object ids to numbers. Ids are digests, so their own bytes are the hash; but whoever makes a repository
 * chooses them, so a seed that nobody knows is mixed in. */
#ifndef SCANNER_SOURCE_GIT_OIDMAP_H
#define SCANNER_SOURCE_GIT_OIDMAP_H

#include "scanner/source/git/oid.h"

#define OIDMAP_NONE UINT32_MAX

struct oidmap {
	size_t hash_len;
	unsigned char *ids; /* hash_len bytes each, in order of insertion */
	uint32_t *values;
	uint32_t *slots; /* place in ids + 1, or 0 */
	size_t count, cap, slot_count;
	uint64_t seed;
};

void oidmap_init(struct oidmap *m, size_t hash_len);
void oidmap_done(struct oidmap *m);

/* The value, or OIDMAP_NONE. id has hash_len raw bytes. */
uint32_t oidmap_get(const struct oidmap *m, const void *id);
/* Sets the value of an id. 0, or -1 when there is no memory. */
[[nodiscard]] int oidmap_put(struct oidmap *m, const void *id, uint32_t value);

#endif
