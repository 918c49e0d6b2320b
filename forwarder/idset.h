/* SPDX-License-Identifier: Apache-2.0 */
/* A set of events, by a digest of their ids (the first 16 bytes of the SHA-256: whoever can make two ids agree there
 * has broken SHA-256 halfway), each with a number that the caller gives it. 32 bytes an event. */
#ifndef FORWARDER_IDSET_H
#define FORWARDER_IDSET_H

#include "common/base/digest.h"

#define IDSET_DIGEST_BYTES 16

struct idset_item {
	unsigned char digest[IDSET_DIGEST_BYTES];
	uint64_t number;
	uint32_t count; /* how often it was added */
	bool is_seen;   /* the caller's */
};

struct idset {                    /* all zero: empty */
	struct idset_item *items; /* open addressing; count 0 = free */
	size_t used, size;
};

/* Adds an id; of one that is there already the number stays and the count rises. *ret (may be NULL) is good until the
 * next one is added. 0, or -1 without memory. */
[[nodiscard]] int idset_add(struct idset *set, struct view id, uint64_t number, struct idset_item **ret);

struct idset_item *idset_find(const struct idset *set, struct view id); /* NULL: it is not in it */
void idset_done(struct idset *set);

#endif
