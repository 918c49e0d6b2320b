/* SPDX-License-Identifier: Apache-2.0 */
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

/* Copies a view behind the others. Until all have come it holds an offset instead of a pointer. */
static void keep(struct spool_batch *batch, struct view *v)
{
	if (v->len)
		memcpy(batch->bytes + batch->used, v->ptr, v->len);
	v->ptr = (const char *)batch->used; /* NOLINT(performance-no-int-to-ptr): an offset, until place() */
	batch->used += v->len;
}

static int take_row(struct spool_batch *batch, sqlite3_stmt *s)
{
	struct event *e = next_event(batch);
	struct buf store;

	if (!e)
		return -1;
	store = e->store;
	*e = (struct event){ .store = store };
	row_read(s, e);
	if (make_room(batch, e->feed.len + e->id.len + e->type.len + e->body.len))
		return -1;
	keep(batch, &e->feed);
	keep(batch, &e->id);
	keep(batch, &e->type);
	keep(batch, &e->body);
	batch->count++;
	return 0;
}

static void place(const struct spool_batch *batch, struct view *v)
{
	v->ptr = batch->bytes + (uintptr_t)v->ptr;
}

static void place_all(struct spool_batch *batch)
{
	for (size_t i = 0; i < batch->count; i++) {
		place(batch, &batch->events[i].feed);
		place(batch, &batch->events[i].id);
		place(batch, &batch->events[i].type);
		place(batch, &batch->events[i].body);
	}
}

int spool_read(struct spool_batch *batch, uint64_t after_seq, size_t max_count, size_t max_bytes,
	       struct event **ret_events, uint64_t *ret_gone, struct err *err)
{
	sqlite3_stmt *s;
	size_t bytes = 0;
	int status = 1;

	batch->count = batch->used = 0;
	*ret_events = batch->events;
	if (ret_gone)
		*ret_gone = 0;
	if (after_seq >= spool_head(batch->spool))
		return 0;
	s = base_statement(&batch->base, BASE_READ, err);
	if (!s)
		return -1;
	(void)sqlite3_bind_int64(s, 1, (int64_t)after_seq);
	(void)sqlite3_bind_int64(s, 2, (int64_t)max_count);
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
	place_all(batch);
	*ret_events = batch->events;
	if (ret_gone)
		*ret_gone = (batch->count ? batch->events[batch->count - 1].seq : spool_head(batch->spool)) -
			    after_seq - batch->count;
	return (int)batch->count;
}

/* When an event was stored; 0 when there is no such row. */
static int observed_at(struct base *base, uint64_t seq, int64_t *ret, struct err *err)
{
	sqlite3_stmt *s = base_statement(base, BASE_OBSERVED, err);
	int status;

	*ret = 0;
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

int base_first(struct base *base, enum base_statement statement, uint64_t *ret, struct err *err)
{
	sqlite3_stmt *s = base_statement(base, statement, err);
	int status;

	*ret = 0;
	if (!s)
		return -1;
	status = base_step(base, s, err);
	if (status > 0) {
		*ret = base_u64(s, 0);
		base_reset(s);
	}
	return status < 0 ? -1 : 0;
}

/* The ledger's time never goes back, so that halving finds it. */
static int find_time(struct spool *spool, int64_t time_ns, uint64_t *ret, struct err *err)
{
	uint64_t low, high = spool_head(spool) + 1;

	if (base_first(&spool->base, BASE_FIRST, &low, err))
		return -1;
	low = low ? low : high;
	while (low < high) {
		uint64_t middle = low + (high - low) / 2;
		int64_t observed_ns;

		if (observed_at(&spool->base, middle, &observed_ns, err))
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
	status = find_time(spool, time_ns, ret, err);
	pthread_mutex_unlock(&spool->mutex);
	return status;
}
