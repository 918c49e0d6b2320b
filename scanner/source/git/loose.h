/* SPDX-License-Identifier: Apache-2.0 */
/* Loose objects: one zlib stream a file, "TYPE SIZE\0" and the content (gitformat-loose(5) of later git versions;
 * "Git Internals - Git Objects"). */
#ifndef SCANNER_SOURCE_GIT_LOOSE_H
#define SCANNER_SOURCE_GIT_LOOSE_H

#include "scanner/source/git/inflate.h"
#include "scanner/source/git/object.h"

#define LOOSE_HEAD_BYTES 64            /* longest head that is looked at */
#define LOOSE_SMALL_BYTES (256u << 10) /* an object, head and all, that is read in one go */

struct loose { /* one that is being read */
	struct view map;
	struct inflate_stream *stream;
	char head[LOOSE_HEAD_BYTES]; /* the first inflated bytes: the head, then content */
	size_t head_len, head_size;  /* bytes in head; how many of them are the head itself */
	enum object_type type;
	uint64_t size; /* of the content */
};

/* Opens the object's file below folder and reads its head. OBJECT_MISSING when there is none. err may be NULL. */
enum object_result loose_open(struct loose *l, const char *folder, const struct oid *id, size_t hash_len,
			      struct err *err);
/* Reads a small object in one go, without a mapping or a stream: most are small, and that takes a third of the time.
 * Its file goes through file, what comes out stands in room, which has LOOSE_SMALL_BYTES, and *ret in that.
 * OBJECT_LIMIT when it is not small, or damaged: then loose_open says what there is to say. */
enum object_result loose_read_small(const char *folder, const struct oid *id, size_t hash_len,
				    struct inflater *inflater, struct buf *file, char *room, struct object *ret);

/* Gives the next len bytes of the content, fewer only at the end (*ret_len 0). 0, or -1 when the stream is broken
 * or its content is not as long as the head says. */
[[nodiscard]] int loose_read(struct loose *l, char *out, size_t len, size_t *ret_len);
void loose_done(struct loose *l);

bool loose_exists(const char *folder, const struct oid *id, size_t hash_len);

#endif
