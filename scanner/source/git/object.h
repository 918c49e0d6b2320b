/* SPDX-License-Identifier: Apache-2.0 */
/* Git objects by id: loose files and packs of a repository and of its alternates. */
#ifndef SCANNER_SOURCE_GIT_OBJECT_H
#define SCANNER_SOURCE_GIT_OBJECT_H

#include "common/base/err.h"
#include "scanner/source/git/oid.h"
#include "scanner/source/git/packentry.h"
#include "scanner/source/pieces.h"

enum object_result {
	OBJECT_OK,
	OBJECT_MISSING, /* no store has it, or has the base that it is made from */
	OBJECT_CORRUPT, /* inflate, a checksum or a delta failed */
	OBJECT_LIMIT,   /* too large to be held whole */
	OBJECT_NOMEM,
};

/* Why an object was not read, for the summary: what a result other than OBJECT_OK means there. */
enum unread object_unread(enum object_result status);

struct object {
	enum object_type type;
	struct view content; /* the reader's, until its next call */
};

struct objects; /* where objects are looked for; threads share it */
struct packfile;

/* Opens the stores in folders (count of them, the first is asked first) and all that their info/alternates name.
 * hash_len is 20 or 32. NULL with err. */
struct objects *objects_open(const char *const *folders, size_t count, size_t hash_len, struct err *err);
void objects_freep(struct objects **at);
size_t objects_hash_len(const struct objects *o);

/* Looks once more at what packs there are: a repack may have replaced those that were known, which stay open. 1 when
 * there are new ones, 0, or -1 with err. Any thread. */
int objects_refresh(struct objects *o, struct err *err);

/* objects_refresh for the last time: gives a pack that has no index up to a second to get one, as git and others write
 * it last. When nothing is new then, packs that cannot be opened are among the troubles from now on. Likewise; no other
 * thread may use the stores meanwhile. */
int objects_settle(struct objects *o, struct err *err);

/* The packs by number, in the order in which they were met; NULL behind the last. */
const struct packfile *objects_pack(const struct objects *o, size_t n);
/* The folders, alternates included; NULL behind the last. */
const char *objects_folder(const struct objects *o, size_t n);
/* Whether there is no pack and no folder of loose objects in any of them. */
bool objects_is_empty(const struct objects *o);
/* What could not be opened, of packs only after objects_settle: one complete sentence each, NULL behind the last.
 * *ret_is_loss: objects that were there cannot be read; otherwise it matters only when one is missing. */
const char *objects_trouble(const struct objects *o, size_t n, bool *ret_is_loss);

struct object_reader; /* one thread's; keeps recently built objects */

/* max_bytes is the largest object that is built in memory. NULL with err. */
struct object_reader *object_reader_new(struct objects *o, size_t max_bytes, struct err *err);
void object_reader_freep(struct object_reader **at);

/* Reads one object whole. What is not found is looked for in new packs once. err says more about OBJECT_CORRUPT and
 * the like, and may be NULL. */
enum object_result object_read(struct object_reader *r, const struct oid *id, struct object *ret, struct err *err);

/* The object at an offset of a pack that objects_pack gave. */
enum object_result object_read_at(struct object_reader *r, const struct packfile *pack, uint64_t at, struct object *ret,
				  struct err *err);

/* Hands the object's content on in pieces, whatever its size: what is no delta is streamed when it is too large to be
 * held. */
enum object_result object_pieces(struct object_reader *r, const struct oid *id, pieces_fn *take, void *context,
				 struct err *err);

enum object_result object_pieces_at(struct object_reader *r, const struct packfile *pack, uint64_t at, pieces_fn *take,
				    void *context, struct err *err);

/* The same for loose files alone. */
enum object_result object_loose_type(struct object_reader *r, const struct oid *id, enum object_type *ret,
				     struct err *err);
enum object_result object_pieces_loose(struct object_reader *r, const struct oid *id, pieces_fn *take, void *context,
				       struct err *err);

/* The type of an object, by its head and those of what it is made from. OBJECT_NONE for one in a pack of more than
 * max_count objects: it is there, but its deltas are not followed. Only packs that are known are looked into. */
enum object_result object_type(struct object_reader *r, const struct oid *id, uint32_t max_count,
			       enum object_type *ret);

/* Whether it is in a pack that is known, or loose; its content is not looked at. */
bool object_exists(struct object_reader *r, const struct oid *id);

#endif
