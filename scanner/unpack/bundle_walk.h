/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of the reader of bundles: what its parts share. bundle.c walks the pack and hands on what is whole,
 * bundle_undo.c undoes the deltas, bundle_object.c names, hands on and tells. */
#ifndef SCANNER_UNPACK_BUNDLE_WALK_H
#define SCANNER_UNPACK_BUNDLE_WALK_H

#include "common/base/bounds.h"
#include "scanner/source/git/inflate.h"
#include "scanner/source/git/oidmap.h"
#include "scanner/source/git/packentry.h"
#include "scanner/unpack/bundle.h"

#define BUNDLE_NONE UINT32_MAX          /* no such entry */
#define BUNDLE_WINDOW_BYTES (64u << 10) /* of a large object that are had at once */

/* An object as it stands in the pack. Its head is read again when it is needed: there may be many of them. */
struct bundle_entry {
	uint64_t at;        /* in the pack */
	uint32_t base;      /* of a delta by offset: its base; or BUNDLE_NONE */
	uint32_t child;     /* the first delta made from it */
	uint32_t next;      /* the next delta made from the same base */
	unsigned char type; /* enum object_type; OBJECT_NONE: a delta */
	bool is_base;       /* a delta by offset is made from it */
	bool is_done;       /* it was read */
	bool is_told;       /* it was not, and that has been told by its name */
};

struct bundle_walk {
	struct unpack_run *run;
	const struct bundle_ops *ops;
	uint64_t pack_at; /* where in the bundle the pack starts */
	struct view pack; /* without its trailer, if it has a right one */
	size_t hash_len;
	struct inflater *inflater;
	struct buf room; /* what was inflated last */
	struct bundle_entry *entries;
	size_t count, cap;
	struct oidmap found;   /* the ids of what has been read: entries */
	struct oidmap waiting; /* the ids of bases: the first delta made from each, the others are its next */
	uint64_t out_bytes;    /* so much has come out of it */
	uint64_t again_bytes;  /* and so much once more */
	uint64_t claimed;      /* objects that it says it has */
	uint64_t read;         /* and those that were read */
	bool has_no_digest;    /* at its end, or a wrong one */
	uint64_t damaged_at;   /* the first place where it is damaged; UINT64_MAX: none is known */
	bool is_over;          /* there is no going on; that has been told */

	/* The object that is handed on. */
	struct view content;           /* what is left of it */
	struct inflate_stream *stream; /* or what it comes of, through the window */
	uint64_t left;                 /* of the stream's bytes */
	char window[BUNDLE_WINDOW_BYTES];
};

/* Whether the walk goes on: neither it nor the run is over. */
bool bundle_goes_on(const struct bundle_walk *w);
/* Ends the walk, once told why: for lack of memory, or another reason. -1. */
int bundle_no_memory(struct bundle_walk *w);
int bundle_give_up(struct bundle_walk *w, enum unpack_trouble trouble);
/* Counts bytes that come out of the bundle, before they do. 0, or -1 when that passes a limit. */
[[nodiscard]] int bundle_charge(struct bundle_walk *w, uint64_t bytes);
/* The same of what is built once more. */
[[nodiscard]] int bundle_charge_again(struct bundle_walk *w, uint64_t bytes);
/* Notes that the pack is damaged at a place of it. */
void bundle_damaged(struct bundle_walk *w, uint64_t at);
/* Tells of a delta that cannot be undone because it, its base or its result is larger than what is held. */
void bundle_too_large(struct bundle_walk *w, uint32_t entry);
/* Tells of a base that is not in the bundle. */
void bundle_missing(struct bundle_walk *w, const struct oid *id);

/* Whether so many bytes can come of a stream: a size is a claim until then. */
bool bundle_is_possible(struct view stream, uint64_t size);
/* What may hold the stream of an object. */
struct view bundle_stream(const struct bundle_walk *w, const struct pack_entry *e);

/* An object that is whole: names it, remembers it, hands it on unless it is a tree or came before. 0 with its id, or
 * -1 when there is no memory. */
[[nodiscard]] int bundle_take(struct bundle_walk *w, uint32_t entry, enum object_type type, struct view content,
			      struct oid *ret_id);
/* The same of one that is read through the window. 1: its stream is not what its head says. */
[[nodiscard]] int bundle_take_large(struct bundle_walk *w, uint32_t entry, const struct pack_entry *e,
				    size_t *ret_used);
/* Only how long its stream is; 0, 1 or -1 likewise. */
[[nodiscard]] int bundle_find_end(struct bundle_walk *w, const struct pack_entry *e, size_t *ret_used);
/* Hands on bytes of an object whose id is not known. */
void bundle_take_part(struct bundle_walk *w, uint64_t at, struct view bytes);
/* Hands on what comes of a stream that is damaged, up to the size that was charged. */
void bundle_take_damaged(struct bundle_walk *w, uint64_t at, const struct pack_entry *e);

/* Undoes the deltas: hands on what they make, and tells of what cannot be made. */
void bundle_undo(struct bundle_walk *w);

#endif
