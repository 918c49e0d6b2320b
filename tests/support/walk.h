/* SPDX-License-Identifier: Apache-2.0 */
/* For tests: what a walk of the object store hands on, collected by object. */
#ifndef TESTS_SUPPORT_WALK_H
#define TESTS_SUPPORT_WALK_H

#include <pthread.h>
#include <stdlib.h>

#include "common/base/bounds.h"
#include "common/base/err.h"
#include "scanner/source/git/packfile.h"
#include "scanner/source/git/store.h"

#define WALK_JOBS 2
#define WALK_TYPES                                                                                                     \
	(1u << OBJECT_COMMIT | 1u << OBJECT_TREE | 1u << OBJECT_BLOB | 1u << OBJECT_TAG) /* every type there is */

struct walked {
	struct oid id;
	enum object_type type;
	struct buf content; /* pieces without what they share */
	bool is_whole;      /* its last piece came */
	bool is_odd;        /* a piece did not fit behind the one before it */
};

struct walked_unread {
	struct oid id; /* null: of no object */
	enum unread reason;
	char detail[256];
};

struct walker {
	pthread_mutex_t lock;
	struct walked *objects;
	size_t count, stop_at; /* stop_at: pieces after which the walk is to end; 0 = never */
	struct walked_unread *unread;
	size_t unread_count, pieces;
	long open[WALK_JOBS];              /* place in objects of the one that the worker is at, or -1 */
	void (*at_piece)(struct walker *); /* called for each piece, with the lock held; may be NULL */
	void *context;
	const struct packfile *skipped;
};

static inline void walker_need(bool holds)
{
	if (!holds)
		abort();
}

static inline void walker_add_object(struct walker *w, unsigned worker, const struct store_object *o)
{
	w->objects = reallocarray(w->objects, w->count + 1, sizeof(*w->objects));
	walker_need(w->objects != NULL);
	w->objects[w->count] =
		(struct walked){ .id = store_object_id(o), .type = o->type, .content = BUF_INIT((size_t)1 << 31) };
	w->open[worker] = (long)w->count++;
}

static inline void walker_piece(void *context, unsigned worker, const struct store_object *o, const struct piece *piece)
{
	struct walker *w = context;
	struct walked *at;
	size_t known;

	pthread_mutex_lock(&w->lock);
	walker_need(worker < WALK_JOBS);
	w->pieces++;
	if (w->at_piece)
		w->at_piece(w);
	if (piece->is_first)
		walker_add_object(w, worker, o);
	walker_need(w->open[worker] >= 0);
	at = &w->objects[w->open[worker]];
	known = piece->is_first ? 0 : SCAN_OVERLAP_BYTES;
	at->is_odd |= piece->offset + known != at->content.len || piece->bytes.len < known;
	walker_need(buf_add(&at->content, view_sub(piece->bytes, known, piece->bytes.len)) == 0);
	if (piece->is_last) {
		at->is_whole = true;
		w->open[worker] = -1;
	}
	pthread_mutex_unlock(&w->lock);
}

static inline void walker_unread(void *context, unsigned, const struct store_object *o, enum unread reason,
				 const char *detail)
{
	struct walker *w = context;
	struct walked_unread *at;

	pthread_mutex_lock(&w->lock);
	w->unread = reallocarray(w->unread, w->unread_count + 1, sizeof(*w->unread));
	walker_need(w->unread != NULL);
	at = &w->unread[w->unread_count++];
	*at = (struct walked_unread){ .reason = reason };
	if (o)
		at->id = store_object_id(o);
	for (size_t i = 0; detail && detail[i] && i < sizeof(at->detail) - 1; i++)
		at->detail[i] = detail[i];
	pthread_mutex_unlock(&w->lock);
}

static inline bool walker_stopped(void *context)
{
	struct walker *w = context;
	bool ret;

	pthread_mutex_lock(&w->lock);
	ret = w->stop_at && w->pieces >= w->stop_at;
	pthread_mutex_unlock(&w->lock);
	return ret;
}

static inline bool walker_skips(void *context, const struct packfile *pack)
{
	struct walker *w = context;

	return w->skipped == pack;
}

static inline void walker_init(struct walker *w)
{
	*w = (struct walker){ .open = { -1, -1 } };
	pthread_mutex_init(&w->lock, NULL);
}

static inline void walker_done(struct walker *w)
{
	for (size_t i = 0; i < w->count; i++)
		buf_done(&w->objects[i].content);
	free(w->objects);
	free(w->unread);
	pthread_mutex_destroy(&w->lock);
}

/* Walks the whole store with a memory of max_bytes. As store_walk. */
static inline int walker_run(struct walker *w, struct objects *o, size_t max_bytes, unsigned types, struct err *err)
{
	struct store_options options = { .types = types,
					 .small_types = types,
					 .jobs = WALK_JOBS,
					 .max_bytes = max_bytes,
					 .skip_pack = walker_skips };
	struct store_ops ops = {
		.piece = walker_piece, .unread = walker_unread, .stopped = walker_stopped, .context = w
	};

	return store_walk(o, &options, &ops, err);
}

/* How often the object came whole; *ret_last is one of them. */
static inline size_t walker_find(const struct walker *w, const struct oid *id, const struct walked **ret_last)
{
	size_t n = 0;

	for (size_t i = 0; i < w->count; i++) {
		if (!oid_eq(&w->objects[i].id, id) || !w->objects[i].is_whole || w->objects[i].is_odd)
			continue;
		n++;
		*ret_last = &w->objects[i];
	}
	return n;
}

/* What was told of an object, or NULL. */
static inline const struct walked_unread *walker_find_unread(const struct walker *w, const struct oid *id)
{
	for (size_t i = 0; i < w->unread_count; i++)
		if (oid_eq(&w->unread[i].id, id))
			return &w->unread[i];
	return NULL;
}

#endif
