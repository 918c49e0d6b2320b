/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of the object reader: its state, and how it finds objects. */
#ifndef SCANNER_SOURCE_GIT_OBJECT_READER_H
#define SCANNER_SOURCE_GIT_OBJECT_READER_H

#include "scanner/source/git/basecache.h"
#include "scanner/source/git/inflate.h"
#include "scanner/source/git/loose.h"
#include "scanner/source/git/packfile.h"

struct link { /* of a delta chain */
	uint64_t at;
	struct pack_entry entry;
};

struct object_reader {
	struct objects *objects;
	size_t max_bytes;
	struct inflater *inflater;
	struct basecache *cache;
	struct buf delta; /* inflated, of the link at hand */
	char *held;       /* what the last call gave and no cache holds */
	struct buf file;  /* a loose object's, as it is */
	char *loose;      /* room for what was in it, kept from one to the next */
	size_t loose_cap;
	char *window;       /* for streams */
	struct link *chain; /* from the object down to its base */
	size_t chain_len, chain_cap;
	size_t last_pack; /* where the last object was found */
	unsigned depth;   /* of bases that are looked for outside of their pack */
};

/* Finds the pack of an object, and its place in the index. NULL when no pack that is known has it. */
const struct packfile *object_find_pack(struct object_reader *r, const struct oid *id, uint32_t *ret_index);
/* The same with its offset. */
const struct packfile *object_find_packed(struct object_reader *r, const struct oid *id, uint64_t *ret_at);
/* Opens the loose file in the first folder that has one. err may be NULL. */
enum object_result object_find_loose(struct object_reader *r, const struct oid *id, struct loose *ret, struct err *err);

/* Reads the content of a loose file that is open. */
enum object_result object_read_loose(struct object_reader *r, struct loose *l, struct object *ret, struct err *err);

#endif
