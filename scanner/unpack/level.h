/* SPDX-License-Identifier: Apache-2.0 */
/* One container that is being taken apart, by libarchive or as a git bundle, be it the one that was handed over or one
 * within another. */
#ifndef SCANNER_UNPACK_LEVEL_H
#define SCANNER_UNPACK_LEVEL_H

#include "common/base/bounds.h"
#include "scanner/container.h"
#include "scanner/unpack/bundle.h"
#include "scanner/unpack/run.h"

#define LEVEL_SEEN_BYTES (1u << 20) /* of a container in a container, kept until it is known to be one */

struct archive;
struct archive_entry;

struct level {
	struct unpack_run *run;
	struct level *outer;         /* whose member at hand it is; NULL: the container itself */
	struct archive *a;           /* NULL: a git bundle, whose object is at hand */
	struct bundle_walk *bundle;  /* ... in this walk */
	struct archive_entry *entry; /* the member at hand */
	enum container kind;
	unsigned depth; /* 1 for the container itself */
	bool is_part;   /* of the container that it is in, and of the same depth */

	/* Input: the container's own bytes, those of the outer level's member, or of one that is held in memory. */
	uint64_t at;
	bool is_held;
	struct buf held;
	struct buf seen; /* what was taken of the outer member as long as nothing has come of it */
	bool is_open;    /* something has: seen is kept no longer */
	bool was_lost;   /* seen has not all of it */

	/* The member at hand. */
	char head[CONTAINER_HEAD_BYTES];
	size_t head_len, head_given;
	struct view rest;     /* of the block that the head ends in */
	uint64_t data_at;     /* where libarchive's next block should start */
	uint64_t hole;        /* zero bytes to give before it: the member is sparse */
	struct view block;    /* the block behind the hole */
	int state;            /* 1: there may be more; 0: the end; -1: failed */
	uint64_t data_end_at; /* of a tar: where the member's bytes ended in it */
};

/* Opens the container itself (outer NULL) or the outer level's member at hand, of which level_peek was called. 0, or
 * -1 when there is no memory. */
int level_open(struct level *l, struct unpack_run *run, struct level *outer, enum container kind);
void level_close(struct level *l);

/* Of a 7z archive before level_open, and of a git bundle: takes all of the outer member to memory. 0; 1 when it is
 * larger than UNPACK_INNER_BYTES, or cannot be read whole: what was taken stands in l->held. */
int level_hold(struct level *l, struct level *outer);

/* Goes to the next member. 1, 0 at the end, -1 when the container cannot be read any further (level_trouble), -2 when
 * only this member cannot. */
int level_next(struct level *l);
bool level_is_plain(const struct level *l);    /* after the first level_next: it was no container at all */
bool level_is_nameless(const struct level *l); /* a compressed file: its one member has no name */
bool level_has_no_end(const struct level *l);  /* after the last level_next: what has to end a tar was not there */

/* After the last level_next: nothing at all came of the container, not even an archive without members. */
bool level_is_empty(const struct level *l);

/* Goes to the object of a git bundle that has been handed on. */
void level_take_object(struct level *l, struct bundle_walk *bundle);

/* Reads the first bytes of the member at hand, once. */
struct view level_peek(struct level *l);
/* Its next bytes, from the first on. 1, 0 at its end, -1 when it cannot be read any further. */
int level_read(struct level *l, struct view *ret);

/* What went wrong last, in a kind and in the words of the library. */
enum unpack_trouble level_trouble(const struct level *l, struct view *ret_text);

#endif
