/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "forwarder/spool/base.h"

static void read_cursor(sqlite3_stmt *s, struct spool_cursor *ret)
{
	*ret = (struct spool_cursor){
		.confirmed = base_u64(s, 0),
		.attempted = base_u64(s, 1),
		.window = base_u64(s, 2),
		.durable = base_u64(s, 3),
		.delivered = base_u64(s, 4),
		.unproven = base_u64(s, 5),
		.rejected = base_u64(s, 6),
		.replayed = base_u64(s, 7),
		.resent = base_u64(s, 8),
		.cut = base_u64(s, 9),
	};
}

/* 1 it is there, 0, -1. */
static int get_cursor(struct base *base, const char *sink, struct spool_cursor *ret, struct err *err)
{
	sqlite3_stmt *s = base_statement(base, BASE_GET_CURSOR, err);
	int status;

	if (!s)
		return -1;
	base_bind_text(s, 1, view_of(sink));
	status = base_step(base, s, err);
	if (status > 0) {
		read_cursor(s, ret);
		base_reset(s);
	}
	return status;
}

static int add_cursor(struct base *base, const char *sink, uint64_t start_seq, struct err *err)
{
	sqlite3_stmt *s = base_statement(base, BASE_ADD_CURSOR, err);

	if (!s)
		return -1;
	base_bind_text(s, 1, view_of(sink));
	(void)sqlite3_bind_int64(s, 2, (int64_t)start_seq);
	return base_run(base, s, err);
}

int spool_cursor_load(struct spool *spool, const char *sink, uint64_t start_seq, struct spool_cursor *ret,
		      struct err *err)
{
	int status;

	pthread_mutex_lock(&spool->mutex);
	status = get_cursor(&spool->base, sink, ret, err);
	if (status == 0) {
		*ret = (struct spool_cursor){ .confirmed = start_seq, .attempted = start_seq, .window = start_seq };
		status = add_cursor(&spool->base, sink, start_seq, err);
	}
	pthread_mutex_unlock(&spool->mutex);
	return status < 0 ? -1 : 0;
}

static int set_cursor(struct base *base, const char *sink, const struct spool_cursor *c, struct err *err)
{
	const uint64_t values[] = { c->confirmed, c->attempted, c->window,   c->durable, c->delivered,
				    c->unproven,  c->rejected,  c->replayed, c->resent,  c->cut };
	sqlite3_stmt *s = base_statement(base, BASE_SET_CURSOR, err);

	if (!s)
		return -1;
	base_bind_text(s, 1, view_of(sink));
	for (size_t i = 0; i < ARRAY_LEN(values); i++)
		(void)sqlite3_bind_int64(s, (int)i + 2, (int64_t)values[i]);
	return base_run(base, s, err);
}

static int set_exception(struct spool *spool, const char *sink, const struct spool_exception *e, struct err *err)
{
	sqlite3_stmt *s = base_statement(&spool->base, BASE_SET_EXCEPTION, err);

	if (!s)
		return -1;
	base_bind_text(s, 1, view_of(sink));
	(void)sqlite3_bind_int64(s, 2, (int64_t)e->seq);
	(void)sqlite3_bind_int(s, 3, e->is_rejected);
	base_bind_text(s, 4, view_of(e->reason));
	(void)sqlite3_bind_int64(s, 5, spool->options.now_ns());
	return base_run(&spool->base, s, err);
}

static int store(struct spool *spool, const char *sink, const struct spool_cursor *cursor,
		 const struct spool_exception *exceptions, size_t count, struct err *err)
{
	bool is_good;

	if (base_begin(&spool->base, err))
		return -1;
	is_good = set_cursor(&spool->base, sink, cursor, err) == 0;
	for (size_t i = 0; is_good && i < count; i++)
		is_good = set_exception(spool, sink, &exceptions[i], err) == 0;
	return base_end(&spool->base, is_good, err);
}

int spool_cursor_store(struct spool *spool, const char *sink, const struct spool_cursor *cursor,
		       const struct spool_exception *exceptions, size_t count, struct err *err)
{
	int status;

	pthread_mutex_lock(&spool->mutex);
	status = store(spool, sink, cursor, exceptions, count, err);
	pthread_mutex_unlock(&spool->mutex);
	return status;
}

int spool_cursor_each(struct spool *spool,
		      int (*tell)(void *context, const char *sink, const struct spool_cursor *cursor, struct err *err),
		      void *context, struct err *err)
{
	struct base base;
	sqlite3_stmt *s;
	int status = 1;

	if (base_open(&base, spool->path, SQLITE_OPEN_READONLY, err))
		return -1;
	s = base_statement(&base, BASE_EACH_CURSOR, err);
	if (!s)
		status = -1;
	while (status > 0) {
		struct spool_cursor cursor;

		status = base_step(&base, s, err);
		if (status <= 0)
			break;
		read_cursor(s, &cursor);
		if (tell(context, base_text(s, 10).ptr, &cursor, err))
			status = -1;
	}
	base_close(&base);
	return status;
}

int spool_exception_each(struct spool *spool, const char *sink,
			 int (*tell)(void *context, const char *sink, const struct spool_exception *e, struct err *err),
			 void *context, struct err *err)
{
	struct base base;
	sqlite3_stmt *s;
	int status = 1;

	if (base_open(&base, spool->path, SQLITE_OPEN_READONLY, err))
		return -1;
	s = base_statement(&base, BASE_EACH_EXCEPTION, err);
	if (!s)
		status = -1;
	else if (sink)
		base_bind_text(s, 1, view_of(sink));
	while (status > 0) {
		struct spool_exception e;

		status = base_step(&base, s, err);
		if (status <= 0)
			break;
		e = (struct spool_exception){ .seq = base_u64(s, 1),
					      .is_rejected = sqlite3_column_int(s, 2) != 0,
					      .reason = base_text(s, 3).ptr };
		if (tell(context, base_text(s, 0).ptr, &e, err))
			status = -1;
	}
	base_close(&base);
	return status;
}

/* --- replays --- */

int spool_replay_add(struct spool *spool, const char *sink, const struct spool_replay *replay, struct err *err)
{
	sqlite3_stmt *s;
	int status = -1;

	pthread_mutex_lock(&spool->mutex);
	s = base_statement(&spool->base, BASE_ADD_REPLAY, err);
	if (s) {
		base_bind_text(s, 1, view_of(sink));
		(void)sqlite3_bind_int64(s, 2, (int64_t)replay->from_seq);
		(void)sqlite3_bind_int64(s, 3, (int64_t)replay->to_seq);
		(void)sqlite3_bind_int(s, 4, replay->dead_only);
		(void)sqlite3_bind_int64(s, 5, spool->options.now_ns());
		status = base_run(&spool->base, s, err);
	}
	pthread_mutex_unlock(&spool->mutex);
	return status;
}

int spool_replay_next(struct spool *spool, const char *sink, struct spool_replay *ret, struct err *err)
{
	sqlite3_stmt *s;
	int status = -1;

	pthread_mutex_lock(&spool->mutex);
	s = base_statement(&spool->base, BASE_NEXT_REPLAY, err);
	if (s) {
		base_bind_text(s, 1, view_of(sink));
		status = base_step(&spool->base, s, err);
	}
	if (status > 0) {
		*ret = (struct spool_replay){ .id = sqlite3_column_int64(s, 0),
					      .from_seq = base_u64(s, 1),
					      .to_seq = base_u64(s, 2),
					      .dead_only = sqlite3_column_int(s, 3) != 0,
					      .done_seq = base_u64(s, 4) };
		base_reset(s);
	}
	pthread_mutex_unlock(&spool->mutex);
	return status;
}

static int run_with_id(struct base *base, enum base_statement statement, int64_t id, int64_t value, struct err *err)
{
	sqlite3_stmt *s = base_statement(base, statement, err);

	if (!s)
		return -1;
	(void)sqlite3_bind_int64(s, 1, id);
	if (sqlite3_bind_parameter_count(s) > 1)
		(void)sqlite3_bind_int64(s, 2, value);
	return base_run(base, s, err);
}

static int store_replay(struct base *base, const struct spool_replay *r, struct err *err)
{
	bool is_good;

	if (r->done_seq < r->to_seq)
		return run_with_id(base, BASE_SET_REPLAY, r->id, (int64_t)r->done_seq, err);
	if (base_begin(base, err))
		return -1;
	/* Dead letters that died again meanwhile are younger than the replay, and stay. */
	is_good =
		!run_with_id(base, BASE_END_DEAD, r->id, 0, err) && !run_with_id(base, BASE_END_REPLAY, r->id, 0, err);
	return base_end(base, is_good, err);
}

int spool_replay_store(struct spool *spool, const struct spool_replay *replay, struct err *err)
{
	int status;

	pthread_mutex_lock(&spool->mutex);
	status = store_replay(&spool->base, replay, err);
	pthread_mutex_unlock(&spool->mutex);
	return status;
}
