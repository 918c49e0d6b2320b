/* SPDX-License-Identifier: Apache-2.0 */
/* What stands at the head of an object in a pack (gitformat-pack(5), "pack-*.pack files have the following
 * format"). */
#ifndef SCANNER_SOURCE_GIT_PACKENTRY_H
#define SCANNER_SOURCE_GIT_PACKENTRY_H

#include "scanner/source/git/oid.h"

#define PACK_HEAD_BYTES 12 /* "PACK", version, number of objects */

enum object_type { OBJECT_NONE = 0, OBJECT_COMMIT = 1, OBJECT_TREE = 2, OBJECT_BLOB = 3, OBJECT_TAG = 4 };

struct pack_entry {
	enum object_type type; /* OBJECT_NONE: a delta */
	uint64_t size;         /* of the object, or of a delta's inflated form */
	uint64_t data;         /* where its zlib stream starts */
	bool is_ofs, is_ref;   /* a delta: its base is at base_at, or has the id base_id */
	uint64_t base_at;
	struct oid base_id;
};

/* Reads the head of the object that starts at a place of a pack, which is given without its trailer. 0, or -1 when
 * there can be none. */
[[nodiscard]] int pack_entry_read(struct view pack, size_t hash_len, uint64_t at, struct pack_entry *ret);

#endif
