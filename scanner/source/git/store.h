/* SPDX-License-Identifier: Apache-2.0 */
/* The whole object store, each object once a pack: packs as forests of deltas, by several threads, then loose objects.
 * An object that two packs hold comes twice. */
#ifndef SCANNER_SOURCE_GIT_STORE_H
#define SCANNER_SOURCE_GIT_STORE_H

#include "common/base/digest.h"
#include "common/sys/pool.h"
#include "scanner/item.h"
#include "scanner/source/git/object.h"

struct store_object {
	enum object_type type;       /* OBJECT_NONE: could not be told */
	const struct packfile *pack; /* NULL: loose */
	uint32_t index;              /* in the pack's index */
	const struct oid *loose_id;  /* of a loose one */
};

struct oid store_object_id(const struct store_object *o);

struct store_ops {
	/* A piece of an object of the types asked for; any thread, worker says which. */
	void (*piece)(void *context, unsigned worker, const struct store_object *o, const struct piece *piece);
	/* An object, or with o NULL something else, that could not be read; detail is one sentence or NULL. */
	void (*unread)(void *context, unsigned worker, const struct store_object *o, enum unread reason,
		       const char *detail);
	bool (*stopped)(void *context);
	void *context;

	/* To pass over blobs quickly, when blank_edge is not 0. Whether nothing in the bytes is of interest, where
	 * whatever is has at most blank_edge + 1 bytes: then a blob that is made of another such one needs a look only
	 * where they differ. */
	bool (*is_blank)(void *context, unsigned worker, struct view bytes);
	/* A blob that is blank, instead of its pieces. */
	void (*blank)(void *context, unsigned worker, uint64_t size);
	size_t blank_edge;
};

struct store_options {
	unsigned types;       /* bit set of 1 << enum object_type */
	unsigned small_types; /* the same for loose objects and packs of at most GIT_SMALL_PACK objects */
	unsigned jobs;
	size_t max_bytes; /* memory to stay below */
	/* May be NULL. Whether a pack needs no look; and whether the loose objects of one folder need none, whose names
	 * have that digest: a thread that is told to look meets them all before it asks again. */
	bool (*skip_pack)(void *context, const struct packfile *pack);
	bool (*skip_loose)(void *context, unsigned worker, const unsigned char digest[DIGEST_SHA256_BYTES]);
};

/* 0, or -1 with err when the walk as a whole failed (memory). Packs that come while it runs (a repack) are walked as
 * well, since loose objects may have moved into them. */
[[nodiscard]] int store_walk(struct objects *o, const struct store_options *options, const struct store_ops *ops,
			     struct err *err);

#endif
