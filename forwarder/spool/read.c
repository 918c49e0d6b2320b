/* SPDX-License-Identifier: Apache-2.0 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/bounds.h"
#include "common/base/grow.h"
#include "forwarder/spool/base.h"

struct spool_batch {
	struct spool *spool;
	struct base base;
	struct event *events;
	size_t count, cap;
	char *bytes; /* of all their texts, one behind the other */
	size_t used, size;
};

struct spool_batch *spool_batch_new(struct spool *spool, struct err *err)
{
	DEFER(spool_batch_freep) struct spool_batch *batch = calloc(1, sizeof(*batch));

	if (!batch) {
		err_nomem(err);
		return NULL;
	}
	batch->spool = spool;
	if (base_open(&batch->base, spool->path, SQLITE_OPEN_READONLY, err))
		return NULL;
	return TAKE(batch);
}

void spool_batch_free(struct spool_batch *batch)
{
	if (!batch)
		return;
	for (size_t i = 0; i < batch->cap; i++)
		event_done(&batch->events[i]);
	base_close(&batch->base);
	free(batch->events);
	free(batch->bytes);
	free(batch);
}

void spool_batch_freep(struct spool_batch **batch)
{
	spool_batch_free(*batch);
}

/* A place for one more event; each keeps its store from read to read. */
static struct event *next_event(struct spool_batch *batch)
{
	size_t old = batch->cap;
	struct event *events = grow_items(batch->events, batch->count, &batch->cap, sizeof(*events));

	if (!events)
		return NULL;
	if (batch->cap > old)
		memset(events + old, 0, (batch->cap - old) * sizeof(*events));
	batch->events = events;
	return &events[batch->count];
}

static int make_room(struct spool_batch *batch, size_t more)
{
	size_t size = batch->size ? batch->size : 1u << 16;
	char *bytes;

	while (size - batch->used < more)
		if (__builtin_mul_overflow(size, 2, &size))
			return -1;
	if (size == batch->size)
		return 0;
	bytes = realloc(batch->bytes, size);
	if (!bytes)
		return -1;
	batch->bytes = bytes;
	batch->size = size;
	return 0;
}

/* Copies a view behind the others. Until all have come it holds an offset from 1 instead of a pointer. */
static void keep(struct spool_batch *batch, struct view *v)
{
	if (v->len)
		memcpy(batch->bytes + batch->used, v->ptr, v->len);
	v->ptr = (const char *)(batch->used + 1); /* NOLINT(performance-no-int-to-ptr): until place() */
	batch->used += v->len;
}

static void place(const struct spool_batch *batch, struct view *v)
{
	if (v->ptr)
		v->ptr = batch->bytes + (uintptr_t)v->ptr - 1;
}

static void copy_digest(unsigned char ret[static DIGEST_SHA256_BYTES], struct view v)
{
	if (v.len == DIGEST_SHA256_BYTES)
		memcpy(ret, v.ptr, v.len);
}

static int take_row(struct spool_batch *batch, sqlite3_stmt *s)
{
	struct view feed = base_blob(s, 1), id = base_blob(s, 2), type = base_blob(s, 3), body = base_blob(s, 10);
	struct event *e = next_event(batch);
	struct buf store;

	if (!e || make_room(batch, feed.len + id.len + type.len + body.len))
		return -1;
	store = e->store;
	*e = (struct event){ .seq = base_u64(s, 0),
			     .feed = feed,
			     .id = id,
			     .type = type,
			     .origin = (enum event_origin)sqlite3_column_int(s, 4),
			     .time_ns = sqlite3_column_int64(s, 5),
			     .observed_ns = sqlite3_column_int64(s, 6),
			     .is_redacted = sqlite3_column_int(s, 9) != 0,
			     .body = body,
			     .store = store };
	copy_digest(e->hash, base_blob(s, 7));
	copy_digest(e->chain, base_blob(s, 8));
	keep(batch, &e->feed);
	keep(batch, &e->id);
	keep(batch, &e->type);
	if (sqlite3_column_type(s, 10) == SQLITE_NULL)
		e->body = VIEW_NONE;
	else
		keep(batch, &e->body);
	batch->count++;
	return 0;
}

int batch_fill(struct spool_batch *batch, sqlite3_stmt *s, size_t max_count, size_t max_bytes, struct err *err)
{
	size_t bytes = 0;
	int status = 1;

	batch->count = batch->used = 0;
	while (status > 0 && batch->count < max_count && (!batch->count || bytes < max_bytes)) {
		status = base_step(&batch->base, s, err);
		if (status > 0 && take_row(batch, s))
			status = err_nomem(err);
		if (status > 0)
			bytes += batch->events[batch->count - 1].body.len;
	}
	base_reset(s);
	if (status < 0)
		return -1;
	for (size_t i = 0; i < batch->count; i++) {
		place(batch, &batch->events[i].feed);
		place(batch, &batch->events[i].id);
		place(batch, &batch->events[i].type);
		place(batch, &batch->events[i].body);
	}
	return (int)batch->count;
}

struct base *batch_base(struct spool_batch *batch)
{
	return &batch->base;
}

struct event *batch_events(struct spool_batch *batch)
{
	return batch->events;
}

int spool_read(struct spool_batch *batch, uint64_t after_seq, size_t max_count, size_t max_bytes,
	       struct event **ret_events, uint64_t *ret_gone, struct err *err)
{
	/* Not more than what the query sees, so that what comes meanwhile is not counted as gone. */
	uint64_t head = spool_head(batch->spool), last;
	sqlite3_stmt *s;
	int count;

	*ret_events = batch->events;
	if (ret_gone)
		*ret_gone = 0;
	if (batch->spool->is_owner && after_seq >= head)
		return 0;
	s = base_statement(&batch->base, BASE_READ, err);
	if (!s)
		return -1;
	(void)sqlite3_bind_int64(s, 1, after_seq < INT64_MAX ? (int64_t)after_seq : INT64_MAX);
	(void)sqlite3_bind_int64(s, 2, max_count < INT_MAX ? (int64_t)max_count : INT_MAX);
	count = batch_fill(batch, s, max_count, max_bytes, err);
	if (count < 0)
		return -1;
	*ret_events = batch->events;
	last = count ? batch->events[count - 1].seq : head;
	if (ret_gone && last > after_seq)
		*ret_gone = last - after_seq - (uint64_t)count;
	return count;
}

/* When the first event from seq on was stored; INT64_MAX when there is none. */
static int observed_from(struct base *base, uint64_t seq, int64_t *ret, struct err *err)
{
	sqlite3_stmt *s = base_statement(base, BASE_OBSERVED, err);
	int status;

	*ret = INT64_MAX;
	if (!s)
		return -1;
	(void)sqlite3_bind_int64(s, 1, (int64_t)seq);
	status = base_step(base, s, err);
	if (status > 0) {
		*ret = sqlite3_column_int64(s, 0);
		base_reset(s);
	}
	return status < 0 ? -1 : 0;
}

/* The ledger's time never goes back, so that halving finds it. */
int time_find(struct spool *spool, int64_t time_ns, uint64_t *ret, struct err *err)
{
	struct spool_head trimmed;
	uint64_t low, high = spool_head(spool) + 1;

	if (mark_get(&spool->base, MARK_LEDGER, &trimmed, err))
		return -1;
	low = trimmed.seq + 1;
	while (low < high) {
		uint64_t middle = low + (high - low) / 2;
		int64_t observed_ns;

		if (observed_from(&spool->base, middle, &observed_ns, err))
			return -1;
		if (observed_ns < time_ns)
			low = middle + 1;
		else
			high = middle;
	}
	*ret = low;
	return 0;
}

int spool_seq_at(struct spool *spool, int64_t time_ns, uint64_t *ret, struct err *err)
{
	int status;

	pthread_mutex_lock(&spool->mutex);
	status = time_find(spool, time_ns, ret, err);
	pthread_mutex_unlock(&spool->mutex);
	return status;
}
