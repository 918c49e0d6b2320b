/* SPDX-License-Identifier: Apache-2.0 */
/* One pack with its index (gitformat-pack(5): pack version 2 and 3, index version 2, reverse index version 1), mapped.
 * Everything is checked against the files' bounds when it is read, so that a damaged pack gives errors. */
#ifndef SCANNER_SOURCE_GIT_PACKFILE_H
#define SCANNER_SOURCE_GIT_PACKFILE_H

#include "common/base/err.h"
#include "scanner/source/git/object.h"
#include "scanner/source/git/packentry.h"

#define PACK_NONE UINT32_MAX /* no such object in the pack */

struct packfile {
	char *path;            /* of the .pack */
	struct view pack, idx; /* mapped, or idx is own_idx */
	struct buf own_idx;    /* an index that was made, not read */
	const uint32_t *rev;   /* of the .rev, big-endian, mapped; NULL = there is none of use */
	struct view rev_map;
	uint32_t count;
	size_t hash_len;
	bool is_promisor; /* of a partial clone: what it refers to may be elsewhere */
};

/* Opens PATH.pack and PATH.idx, path being without ending. NULL with err. */
struct packfile *packfile_open(const char *path, size_t hash_len, struct err *err);
/* The same with an index that was made for it; its bytes are taken over on success. */
struct packfile *packfile_open_with(const char *path, struct buf *idx, size_t hash_len, struct err *err);
void packfile_free(struct packfile *p); /* NULL is fine */

/* By index: 0 to count - 1, in order of id. */
struct oid packfile_id(const struct packfile *p, uint32_t index);
/* UINT64_MAX when it points outside of the pack. */
uint64_t packfile_offset(const struct packfile *p, uint32_t index);
uint32_t packfile_find(const struct packfile *p, const struct oid *id);

/* Reads the head of the object at an offset. 0, or -1 when there can be none. */
[[nodiscard]] int packfile_entry(const struct packfile *p, uint64_t at, struct pack_entry *ret);
/* What may hold the zlib stream that starts at data: all up to the pack's trailer. */
struct view packfile_data(const struct packfile *p, uint64_t data);

/* Lets go of the memory that reading the pack has taken; it is read again when needed. */
void packfile_rest(const struct packfile *p);

#endif
