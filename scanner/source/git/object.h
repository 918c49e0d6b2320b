/* SPDX-License-Identifier: Apache-2.0 */
/* Git objects by id: loose files and packs of a repository and of its alternates. */
#ifndef SCANNER_SOURCE_GIT_OBJECT_H
#define SCANNER_SOURCE_GIT_OBJECT_H

#include "common/base/err.h"
#include "scanner/source/git/oid.h"

enum object_type { OBJECT_NONE = 0, OBJECT_COMMIT = 1, OBJECT_TREE = 2, OBJECT_BLOB = 3, OBJECT_TAG = 4 };

enum object_result {
	OBJECT_OK,
	OBJECT_MISSING, /* no store has it, or has the base that it is made from */
	OBJECT_CORRUPT, /* inflate, a checksum or a delta failed */
	OBJECT_LIMIT,   /* too large to be held whole */
	OBJECT_NOMEM,
};

struct object {
	enum object_type type;
	struct view content; /* the reader's, until its next call */
};

struct objects; /* where objects are looked for: shared by threads once it is open */

/* Opens the store in the folder and all that its info/alternates name (the extra folders, NULL-terminated, as well).
 * hash_len is 20 or 32. NULL with err; a pack that cannot be used is told by objects_trouble. */
struct objects *objects_open(const char *folder, const char *const *extra, size_t hash_len, struct err *err);
void objects_freep(struct objects **at);
size_t objects_hash_len(const struct objects *o);
/* Looks once more at what packs there are: a repack may have replaced those that were known. */
[[nodiscard]] int objects_refresh(struct objects *o, struct err *err);

struct object_reader; /* one thread's; keeps recently built objects */

/* max_bytes is the largest object that is built in memory. NULL with err. */
struct object_reader *object_reader_new(struct objects *o, size_t max_bytes, struct err *err);
void object_reader_freep(struct object_reader **at);

/* Reads one object whole. err says more about OBJECT_CORRUPT and the like, and may be NULL. */
enum object_result object_read(struct object_reader *r, const struct oid *id, struct object *ret, struct err *err);

/* The type and size alone. */
enum object_result object_stat(struct object_reader *r, const struct oid *id, enum object_type *ret_type,
			       uint64_t *ret_size);

bool object_exists(struct object_reader *r, const struct oid *id);

#endif
