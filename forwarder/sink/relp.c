/* SPDX-License-Identifier: Apache-2.0 */
/* Syslog over RELP: each message is a transaction, and done with once it is answered. RELP_WINDOW of them are under way
 * at once; answers may come in any order, and a message counts when all before it do as well. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/base/text.h"
#include "forwarder/sink.h"
#include "forwarder/sink/probe.h"
#include "forwarder/sink/relp_session.h"

#define NOBODYS SIZE_MAX
#define ACCEPTED 200u

struct relp_pending {
	uint32_t txn;
	size_t index; /* of the event in the batch; NOBODYS: of a batch that is over */
	bool is_answered;
};

struct relp_sink {
	const struct sink_env *env;
	struct relp_session session;
	struct buf message;
	struct relp_pending window[RELP_WINDOW]; /* a ring, in the order of sending */
	size_t first, count;
};

static void relp_close(void *sink)
{
	struct relp_sink *s = sink;

	(void)relp_session_end(&s->session, wait_until(CONN_FINISH_MS));
	relp_session_done(&s->session);
	buf_done(&s->message);
	free(s);
}

static void *relp_open(const struct sink_env *env, struct err *err)
{
	struct relp_sink *s = calloc(1, sizeof(*s));

	if (!s) {
		err_nomem(err);
		return NULL;
	}
	s->env = env;
	s->message = (struct buf)BUF_INIT(SYSLOG_MESSAGE_BYTES);
	if (relp_session_init(&s->session, env, err)) {
		relp_close(s);
		return NULL;
	}
	return s;
}

static enum sink_result lose(struct relp_sink *s)
{
	relp_session_drop(&s->session);
	s->first = s->count = 0;
	return SINK_LOST;
}

/* --- the window --- */

static struct relp_pending *pending_at(struct relp_sink *s, size_t i)
{
	return &s->window[(s->first + i) % RELP_WINDOW];
}

static int send_message(struct relp_sink *s, struct view message, size_t index, struct err *err)
{
	if (relp_session_put(&s->session, "syslog", message))
		return err_nomem(err);
	*pending_at(s, s->count++) = (struct relp_pending){ .txn = s->session.txn, .index = index };
	return 0;
}

/* Which message it answers; NULL with err: none that waits. */
static struct relp_pending *answered(struct relp_sink *s, uint32_t txn, struct err *err)
{
	for (size_t i = 0; i < s->count; i++) {
		struct relp_pending *p = pending_at(s, i);

		if (p->txn == txn && !p->is_answered) {
			p->is_answered = true;
			return p;
		}
	}
	(void)err_set(err, ERR_FORMAT, 0, "%s answers what it was not asked (transaction %" PRIu32 ")",
		      s->session.conn.name, txn);
	return NULL;
}

/* Lets go of those that are answered, from the first. How many of them are of this batch. */
static size_t slide(struct relp_sink *s)
{
	size_t own = 0;

	while (s->count && pending_at(s, 0)->is_answered) {
		own += pending_at(s, 0)->index != NOBODYS;
		s->first = (s->first + 1) % RELP_WINDOW;
		s->count--;
	}
	return own;
}

/* --- delivering --- */

struct relp_delivery {
	struct relp_sink *sink;
	const struct sink_batch *batch;
	struct sink_receipt *receipt;
};

static void reject(struct sink_receipt *r, size_t index, unsigned code, struct view text)
{
	struct sink_exception *e = &r->exceptions[r->exception_count++];
	DEFER(buf_done) struct buf clean = BUF_INIT(RELP_ANSWER_BYTES);

	e->index = index;
	e->is_rejected = true;
	if (text_add_clean(&clean, view_sub(text, 0, sizeof(e->reason) / 4))) /* a byte becomes at most four */
		buf_clear(&clean);
	(void)snprintf(e->reason, sizeof(e->reason), "the receiver answered %u%s%s", code, clean.len ? ": " : "",
		       clean.len ? clean.ptr : "");
}

/* All answers that are there. r NULL: of nobody's messages. 0, or -1 with err: the session is over. */
static int take_answers(struct relp_sink *s, struct sink_receipt *r, struct err *err)
{
	struct relp_frame answer;
	int status;

	while ((status = relp_session_answer(&s->session, &answer, err)) == 1) {
		struct view text;
		unsigned code = relp_frame_code(answer.data, &text);
		const struct relp_pending *p;

		if (!code)
			return relp_session_reject(&s->session, err);
		p = answered(s, answer.txn, err);
		if (!p)
			return -1;
		if (code != ACCEPTED && r && p->index != NOBODYS)
			reject(r, p->index, code, text);
	}
	return status;
}

static int add_event(struct relp_delivery *d, struct err *err)
{
	struct relp_sink *s = d->sink;
	struct sink_receipt *r = d->receipt;
	struct event marked = d->batch->events[r->sent];
	size_t before = s->session.out.len;
	bool is_cut = false;

	marked.is_replay = marked.is_replay || d->batch->is_doubtful;
	buf_clear(&s->message);
	if (s->env->encoder->encode(&marked, &s->env->encoding, &s->message, &is_cut))
		return err_nomem(err);
	if (send_message(s, buf_view(&s->message), r->sent, err))
		return -1;
	r->bytes += s->session.out.len - before;
	r->cut += is_cut;
	r->sent++;
	return 0;
}

/* Each message may be rejected: no more are under way than can be told of. */
static bool has_room(const struct relp_delivery *d)
{
	const struct relp_sink *s = d->sink;

	return s->count < RELP_WINDOW && !s->session.is_blocked && s->session.out.len < SYSLOG_WRITE_BYTES &&
	       d->receipt->exception_count + s->count < SINK_EXCEPTIONS_MAX;
}

static bool is_done(const struct relp_delivery *d)
{
	const struct sink_receipt *r = d->receipt;

	if (d->sink->count || d->sink->session.out.len)
		return false;
	return r->sent == d->batch->count || r->exception_count == SINK_EXCEPTIONS_MAX;
}

/* Until all that could be sent is answered. */
static enum sink_result exchange(struct relp_delivery *d, struct err *err)
{
	struct relp_sink *s = d->sink;
	uint64_t until_ns = wait_until(SINK_PATIENCE_MS);

	while (!is_done(d)) {
		bool has_moved;

		if (s->count <= RELP_WINDOW - RELP_REFILL)
			while (d->receipt->sent < d->batch->count && has_room(d))
				if (add_event(d, err))
					return SINK_RETRY;
		if (relp_session_move(&s->session, &has_moved, err) || take_answers(s, d->receipt, err))
			return SINK_LOST;
		d->receipt->confirmed += slide(s);
		if (has_moved)
			until_ns = wait_until(SINK_PATIENCE_MS);
		switch (relp_session_wait(&s->session, s->env, has_moved, until_ns)) {
		case WAIT_READY:
			break;
		case WAIT_STOP:
			(void)err_set(err, ERR_LATER, 0, "stopped while waiting for %s", s->session.conn.name);
			return SINK_RETRY;
		case WAIT_TIME:
			(void)err_set(err, ERR_LATER, 0, "%s does not answer", s->session.conn.name);
			return SINK_LOST;
		}
	}
	return SINK_OK;
}

/* What there is to tell of events that will be sent again is told then. */
static void forget_later(struct sink_receipt *r)
{
	size_t kept = 0;

	for (size_t i = 0; i < r->exception_count; i++)
		if (r->exceptions[i].index < r->confirmed)
			r->exceptions[kept++] = r->exceptions[i];
	r->exception_count = kept;
}

/* Takes what has come since. */
static enum sink_result look(struct relp_sink *s, struct err *err)
{
	bool has_moved = true;

	for (unsigned i = 0; has_moved && i < CONN_DROPS; i++)
		if (relp_session_move(&s->session, &has_moved, err) || take_answers(s, NULL, err))
			return lose(s);
	(void)slide(s);
	return SINK_OK;
}

static enum sink_result make_ready(struct relp_sink *s, struct err *err)
{
	return conn_is_open(&s->session.conn) ? look(s, err) : relp_session_open(&s->session, err);
}

static enum sink_result relp_deliver(void *sink, const struct sink_batch *batch, struct sink_receipt *receipt,
				     struct err *err)
{
	struct relp_sink *s = sink;
	struct relp_delivery d = { .sink = s, .batch = batch, .receipt = receipt };
	enum sink_result result = make_ready(s, err);

	if (result != SINK_OK)
		return result;
	result = exchange(&d, err);
	if (result != SINK_OK)
		forget_later(receipt);
	if (result == SINK_LOST)
		return lose(s);
	for (size_t i = 0; i < s->count; i++)
		pending_at(s, i)->index = NOBODYS;
	return result;
}

/* --- between deliveries --- */

static enum sink_result relp_idle(void *sink, struct sink_receipt *, struct err *err)
{
	struct relp_sink *s = sink;

	return conn_is_open(&s->session.conn) ? look(s, err) : SINK_OK;
}

static int relp_idle_fd(void *sink)
{
	return ((struct relp_sink *)sink)->session.conn.fd;
}

static bool relp_is_quiet(void *sink)
{
	const struct relp_sink *s = sink;

	return conn_is_open(&s->session.conn) && !s->count && !s->session.out.len;
}

/* Waits for the answers that are still to come. */
static bool relp_finish(void *sink)
{
	struct relp_sink *s = sink;
	uint64_t until_ns = wait_until(CONN_FINISH_MS);

	if (!conn_is_open(&s->session.conn))
		return false;
	while (look(s, NULL) == SINK_OK && s->count)
		if (relp_session_wait(&s->session, NULL, false, until_ns) != WAIT_READY)
			break;
	return relp_session_end(&s->session, until_ns) && !s->count;
}

/* --- check --sink --- */

static int send_probe(void *sink, struct view message, struct buf *answer, struct err *err)
{
	struct relp_sink *s = sink;
	struct sink_receipt receipt = { .confirmed = 0 };
	const struct sink_batch none = { .count = 0 };
	struct relp_delivery d = { .sink = s, .batch = &none, .receipt = &receipt };
	enum sink_result result;

	if (make_ready(s, err) != SINK_OK || send_message(s, message, 0, err))
		return -1;
	result = exchange(&d, err);
	if (result == SINK_LOST) {
		(void)lose(s);
		return 0;
	}
	if (result != SINK_OK)
		return -1;
	if (receipt.exception_count) {
		(void)err_set(err, ERR_REFUSED, 0, "%s", receipt.exceptions[0].reason);
		return 0;
	}
	return buf_add_text(answer, "answered 200") ? err_nomem(err) : 1;
}

static int relp_probe(void *sink, struct buf *report, struct err *err)
{
	struct relp_sink *s = sink;

	return probe_run(s->env, s->session.conn.name, send_probe, s, report, err);
}

const struct sink_ops sink_relp = {
	.name = "syslog",
	.level = SINK_ACCEPTED,
	.open = relp_open,
	.deliver = relp_deliver,
	.idle = relp_idle,
	.is_quiet = relp_is_quiet,
	.idle_fd = relp_idle_fd,
	.probe = relp_probe,
	.finish = relp_finish,
	.close = relp_close,
};
