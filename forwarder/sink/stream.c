/* SPDX-License-Identifier: Apache-2.0 */
/* Syslog over TCP (RFC 6587, section 3.4.1: octet counting) and TLS (RFC 5425): `LEN SP MSG`, whatever the format is.
 *
 * Nobody answers: a message is `written` once the system has taken all of its bytes. When the connection is lost, so
 * may be what was written to it: no event of a batch that was under way counts as done with then. A frame that had to
 * be left half-written is completed by the next delivery, or at the end. */
#include <poll.h>
#include <stdlib.h>

#include "common/base/bounds.h"
#include "forwarder/sink.h"
#include "forwarder/sink/conn.h"
#include "forwarder/sink/probe.h"

#define HEADER_BYTES 32 /* of a frame */

struct stream_sink {
	const struct sink_env *env;
	struct conn conn;
	struct buf message, out;        /* one; frames that are not written yet, but for the first bytes */
	size_t written;                 /* of out */
	size_t ends[SINK_BATCH_EVENTS]; /* in out, of the frames of this batch */
};

static void stream_close(void *sink)
{
	struct stream_sink *s = sink;

	conn_done(&s->conn);
	buf_done(&s->message);
	buf_done(&s->out);
	free(s);
}

static void *stream_open(const struct sink_env *env, struct err *err)
{
	struct stream_sink *s = calloc(1, sizeof(*s));

	if (!s) {
		err_nomem(err);
		return NULL;
	}
	s->env = env;
	s->message = (struct buf)BUF_INIT(SYSLOG_MESSAGE_BYTES);
	s->out = (struct buf)BUF_INIT(SYSLOG_MESSAGE_BYTES + SYSLOG_WRITE_BYTES);
	if (conn_init(&s->conn, env, err)) {
		stream_close(s);
		return NULL;
	}
	return s;
}

/* --- writing --- */

static void forget(struct stream_sink *s)
{
	buf_clear(&s->out);
	s->written = 0;
}

static enum sink_result lose(struct stream_sink *s)
{
	conn_close(&s->conn);
	forget(s);
	return SINK_LOST;
}

static int add_frame(struct stream_sink *s, struct view message)
{
	return buf_reserve(&s->out, message.len + HEADER_BYTES) || buf_addf(&s->out, "%zu ", message.len) ||
			       buf_add(&s->out, message)
		       ? -1
		       : 0;
}

/* Writes all of out; waits up to SINK_PATIENCE_MS for any progress, but env NULL: up to CONN_FINISH_MS in all. */
static enum sink_result write_out(struct stream_sink *s, const struct sink_env *env, struct err *err)
{
	uint64_t until_ns = wait_until(env ? SINK_PATIENCE_MS : CONN_FINISH_MS);

	while (s->written < s->out.len) {
		ssize_t n = conn_send(&s->conn, view_sub(buf_view(&s->out), s->written, SIZE_MAX), err);

		if (n < 0)
			return lose(s);
		s->written += (size_t)n;
		if (n > 0 && env)
			until_ns = wait_until(SINK_PATIENCE_MS);
		if (n > 0)
			continue;
		switch (conn_wait(&s->conn, env, POLLOUT, until_ns)) {
		case WAIT_READY:
			break;
		case WAIT_STOP:
			(void)err_set(err, ERR_LATER, 0, "stopped while writing to %s", s->conn.name);
			return SINK_RETRY;
		case WAIT_TIME:
			(void)err_set(err, ERR_LATER, 0, "%s takes no more: it does not read", s->conn.name);
			return lose(s);
		}
	}
	forget(s);
	return SINK_OK;
}

/* A connection to which may be written. */
static enum sink_result make_ready(struct stream_sink *s, struct err *err)
{
	if (!conn_is_open(&s->conn))
		return conn_open(&s->conn, err);
	if (conn_check(&s->conn, err))
		return lose(s);
	return write_out(s, s->env, err);
}

/* --- delivering --- */

struct stream_delivery {
	struct stream_sink *sink;
	const struct sink_batch *batch;
	struct sink_receipt *receipt;
	size_t waiting; /* events whose frames are in out */
};

static enum sink_result flush(struct stream_delivery *d, struct err *err)
{
	struct stream_sink *s = d->sink;
	struct sink_receipt *r = d->receipt;
	size_t len = s->out.len, whole = 0;
	enum sink_result result = write_out(s, s->env, err);

	r->sent += d->waiting;
	if (result == SINK_LOST) {
		r->confirmed = 0;
		r->bytes += len;
		return result;
	}
	while (result != SINK_OK && whole < d->waiting && s->ends[whole] <= s->written)
		whole++;
	r->bytes += result == SINK_OK ? len : s->written;
	r->confirmed += result == SINK_OK ? d->waiting : whole;
	d->waiting = 0;
	return result;
}

static enum sink_result add_event(struct stream_delivery *d, const struct event *event, struct err *err)
{
	struct stream_sink *s = d->sink;
	struct event marked = *event;
	bool is_cut = false;

	marked.is_replay = marked.is_replay || d->batch->is_doubtful;
	buf_clear(&s->message);
	if (s->env->encoder->encode(&marked, &s->env->encoding, &s->message, &is_cut) ||
	    add_frame(s, buf_view(&s->message))) {
		err_nomem(err);
		return SINK_RETRY;
	}
	d->receipt->cut += is_cut;
	s->ends[d->waiting++] = s->out.len;
	return s->out.len < SYSLOG_WRITE_BYTES ? SINK_OK : flush(d, err);
}

static enum sink_result stream_deliver(void *sink, const struct sink_batch *batch, struct sink_receipt *receipt,
				       struct err *err)
{
	struct stream_delivery d = { .sink = sink, .batch = batch, .receipt = receipt };
	enum sink_result result = make_ready(d.sink, err), flushed;

	if (result != SINK_OK)
		return result;
	for (size_t i = 0; result == SINK_OK && i < batch->count; i++)
		result = add_event(&d, &batch->events[i], err);
	if (!d.waiting || result == SINK_LOST)
		return result;
	/* What was gathered before there was no memory goes out all the same. */
	flushed = flush(&d, result == SINK_OK ? err : NULL);
	return flushed == SINK_LOST || result == SINK_OK ? flushed : result;
}

/* --- between deliveries --- */

static enum sink_result stream_idle(void *sink, struct sink_receipt *, struct err *err)
{
	struct stream_sink *s = sink;

	return conn_is_open(&s->conn) && conn_check(&s->conn, err) ? lose(s) : SINK_OK;
}

static int stream_idle_fd(void *sink)
{
	return ((struct stream_sink *)sink)->conn.fd;
}

static bool stream_is_quiet(void *sink)
{
	const struct stream_sink *s = sink;

	return !s->out.len && conn_is_drained(&s->conn);
}

static bool stream_finish(void *sink)
{
	struct stream_sink *s = sink;
	uint64_t until_ns = wait_until(CONN_FINISH_MS);

	if (!conn_is_open(&s->conn) || write_out(s, NULL, NULL) != SINK_OK)
		return false;
	return conn_finish(&s->conn, until_ns);
}

/* --- check --sink --- */

/* Taken is what the connection outlives for some time. */
static int send_probe(void *sink, struct view message, struct buf *answer, struct err *err)
{
	struct stream_sink *s = sink;
	enum sink_result result;

	(void)answer;
	if (!conn_is_open(&s->conn) && conn_open(&s->conn, err) != SINK_OK)
		return -1;
	forget(s);
	if (add_frame(s, message))
		return err_nomem(err);
	result = write_out(s, s->env, err);
	if (result != SINK_OK)
		return result == SINK_LOST ? 0 : -1;
	if (conn_wait(&s->conn, s->env, POLLIN, wait_until(PROBE_WAIT_MS)) != WAIT_READY ||
	    conn_check(&s->conn, err) == 0)
		return 1;
	conn_close(&s->conn);
	return 0;
}

static int stream_probe(void *sink, struct buf *report, struct err *err)
{
	struct stream_sink *s = sink;

	return probe_run(s->env, s->conn.name, send_probe, s, report, err);
}

const struct sink_ops sink_stream = {
	.name = "syslog",
	.level = SINK_WRITTEN,
	.open = stream_open,
	.deliver = stream_deliver,
	.idle = stream_idle,
	.is_quiet = stream_is_quiet,
	.idle_fd = stream_idle_fd,
	.probe = stream_probe,
	.finish = stream_finish,
	.close = stream_close,
};
