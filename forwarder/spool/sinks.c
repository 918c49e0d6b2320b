/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "common/base/bounds.h"
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
		.start = base_u64(s, 10),
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
		*ret = (struct spool_cursor){
			.confirmed = start_seq, .attempted = start_seq, .window = start_seq, .start = start_seq
		};
		status = add_cursor(&spool->base, sink, start_seq, err);
	}
	pthread_mutex_unlock(&spool->mutex);
	return status < 0 ? -1 : 0;
}

static int set_cursor(struct base *base, const char *sink, const struct spool_cursor *c, struct err *err)
{
	const uint64_t values[] = { c->confirmed, c->attempted, c->window, c->durable, c->delivered, c->unproven,
				    c->rejected,  c->replayed,  c->resent, c->cut,     c->start };
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

/* Sinks and exceptions are told a few at a time, from memory, without the mutex: who is told may take its time, and ask
 * for something else. */
struct rows {
	struct spool_cursor cursors[SPOOL_TELL_ROWS];
	struct spool_exception exceptions[SPOOL_TELL_ROWS];
	size_t sinks[SPOOL_TELL_ROWS], reasons[SPOOL_TELL_ROWS]; /* where they start in texts */
	size_t count;
	struct buf texts;
};

static struct rows *rows_new(struct err *err)
{
	struct rows *rows = calloc(1, sizeof(*rows));

	if (rows)
		rows->texts = (struct buf)BUF_INIT(SPOOL_TELL_BYTES);
	else
		err_nomem(err);
	return rows;
}

static void rows_freep(struct rows **rows)
{
	if (*rows)
		buf_done(&(*rows)->texts);
	free(*rows);
}

static int keep_text(struct rows *rows, struct view text, size_t *ret_at)
{
	*ret_at = rows->texts.len;
	return buf_add(&rows->texts, text) || buf_add_byte(&rows->texts, '\0') ? -1 : 0;
}

static int keep_cursor(struct rows *rows, sqlite3_stmt *s)
{
	read_cursor(s, &rows->cursors[rows->count]);
	return keep_text(rows, base_blob(s, 11), &rows->sinks[rows->count]);
}

static int keep_exception(struct rows *rows, sqlite3_stmt *s)
{
	rows->exceptions[rows->count] =
		(struct spool_exception){ .seq = base_u64(s, 1), .is_rejected = sqlite3_column_int(s, 2) != 0 };
	return keep_text(rows, base_blob(s, 0), &rows->sinks[rows->count]) ||
			       keep_text(rows, base_blob(s, 3), &rows->reasons[rows->count])
		       ? -1
		       : 0;
}

static int fill(struct rows *rows, struct base *base, sqlite3_stmt *s, int (*keep)(struct rows *rows, sqlite3_stmt *s),
		struct err *err)
{
	int status = 1;

	rows->count = 0;
	buf_clear(&rows->texts);
	while (status > 0 && rows->count < SPOOL_TELL_ROWS) {
		status = base_step(base, s, err);
		if (status > 0 && keep(rows, s))
			status = err_nomem(err);
		rows->count += status > 0;
	}
	base_reset(s);
	return status < 0 ? -1 : 0;
}

static const char *sink_of(const struct rows *rows, size_t i)
{
	return rows->texts.ptr + rows->sinks[i];
}

/* The name of the last one told, from which on the next are read. */
static int keep_last(const struct rows *rows, struct buf *last, struct err *err)
{
	buf_clear(last);
	return buf_add_text(last, sink_of(rows, rows->count - 1)) ? err_nomem(err) : 0;
}

static int read_cursors(struct spool *spool, struct rows *rows, struct view after, struct err *err)
{
	sqlite3_stmt *s;
	int status = -1;

	pthread_mutex_lock(&spool->mutex);
	s = base_statement(&spool->base, BASE_CURSORS, err);
	if (s) {
		base_bind_text(s, 1, after);
		(void)sqlite3_bind_int(s, 2, SPOOL_TELL_ROWS);
		status = fill(rows, &spool->base, s, keep_cursor, err);
	}
	pthread_mutex_unlock(&spool->mutex);
	return status;
}

int spool_cursor_each(struct spool *spool,
		      int (*tell)(void *context, const char *sink, const struct spool_cursor *cursor, struct err *err),
		      void *context, struct err *err)
{
	DEFER(buf_done) struct buf last = BUF_INIT(SPOOL_TELL_BYTES);
	DEFER(rows_freep) struct rows *rows = rows_new(err);

	if (!rows)
		return -1;
	do {
		if (read_cursors(spool, rows, buf_view(&last), err))
			return -1;
		for (size_t i = 0; i < rows->count; i++)
			if (tell(context, sink_of(rows, i), &rows->cursors[i], err))
				return -1;
		if (rows->count && keep_last(rows, &last, err))
			return -1;
	} while (rows->count == SPOOL_TELL_ROWS);
	return 0;
}

static int read_exceptions(struct spool *spool, struct rows *rows, struct view sink, uint64_t seq, struct err *err)
{
	sqlite3_stmt *s;
	int status = -1;

	pthread_mutex_lock(&spool->mutex);
	s = base_statement(&spool->base, BASE_EXCEPTIONS, err);
	if (s) {
		base_bind_text(s, 1, sink);
		(void)sqlite3_bind_int64(s, 2, (int64_t)seq);
		(void)sqlite3_bind_int(s, 3, SPOOL_TELL_ROWS);
		status = fill(rows, &spool->base, s, keep_exception, err);
	}
	pthread_mutex_unlock(&spool->mutex);
	return status;
}

int spool_exception_each(struct spool *spool, const char *sink,
			 int (*tell)(void *context, const char *sink, const struct spool_exception *e, struct err *err),
			 void *context, struct err *err)
{
	DEFER(buf_done) struct buf last = BUF_INIT(SPOOL_TELL_BYTES);
	DEFER(rows_freep) struct rows *rows = rows_new(err);
	uint64_t seq = 0;

	if (!rows)
		return -1;
	if (sink && buf_add_text(&last, sink))
		return err_nomem(err);
	do {
		if (read_exceptions(spool, rows, buf_view(&last), seq, err))
			return -1;
		for (size_t i = 0; i < rows->count; i++) {
			struct spool_exception *e = &rows->exceptions[i];

			e->reason = rows->texts.ptr + rows->reasons[i];
			if (sink && strcmp(sink, sink_of(rows, i)) != 0)
				return 0;
			if (tell(context, sink_of(rows, i), e, err))
				return -1;
			seq = e->seq;
		}
		if (rows->count && keep_last(rows, &last, err))
			return -1;
	} while (rows->count == SPOOL_TELL_ROWS);
	return 0;
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

int spool_replay_next(struct spool *spool, const char *sink, int64_t after_id, struct spool_replay *ret,
		      struct err *err)
{
	sqlite3_stmt *s;
	int status = -1;

	pthread_mutex_lock(&spool->mutex);
	s = base_statement(&spool->base, BASE_NEXT_REPLAY, err);
	if (s) {
		base_bind_text(s, 1, view_of(sink));
		(void)sqlite3_bind_int64(s, 2, after_id);
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
