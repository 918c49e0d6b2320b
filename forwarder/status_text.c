/* SPDX-License-Identifier: Apache-2.0 */
#include "common/base/bounds.h"
#include "common/base/clock.h"
#include "common/base/text.h"
#include "forwarder/status.h"

#define NS_PER_S 1'000'000'000
#define MINUTE_S 60
#define HOUR_S 3600
#define DAY_S 86'400

/* "12 s", "5 min", "3 h", "9 d". */
static int add_span(struct buf *buf, int64_t s)
{
	if (s < 2 * MINUTE_S)
		return buf_addf(buf, "%lld s", (long long)(s > 0 ? s : 0));
	if (s < 2 * HOUR_S)
		return buf_addf(buf, "%lld min", (long long)(s / MINUTE_S));
	if (s < 2 * DAY_S)
		return buf_addf(buf, "%lld h", (long long)(s / HOUR_S));
	return buf_addf(buf, "%lld d", (long long)(s / DAY_S));
}

static int add_count(struct buf *buf, uint64_t n, const char *what)
{
	return text_add_grouped(buf, n) || buf_addf(buf, " %s", what) ? -1 : 0;
}

static int add_head(struct buf *buf, const struct status *s, struct err *err)
{
	struct spool_size size;
	struct spool_head head;
	int status = 0;

	if (spool_size(s->spool, &size, err) || spool_head_read(s->spool, &head, err))
		return -1;
	if (s->parts) {
		status |= buf_addf(buf, "skantd: running (pid %llu) for ", (unsigned long long)s->pid);
		status |= add_span(buf, clock_unix_s() - s->started_s);
	} else {
		status |= buf_add_text(buf, "skantd: not running; this is what its spool says");
	}
	status |= buf_add_text(buf, "\nspool:  ");
	status |= add_count(buf, head.seq, head.seq == 1 ? "event, " : "events, ");
	status |= add_count(buf, size.bodies, "with their body, ");
	status |= text_add_bytes(buf, size.bytes);
	if (size.max_bytes) {
		status |= buf_add_text(buf, " of ");
		status |= text_add_bytes(buf, size.max_bytes);
	}
	if (head.seq) {
		status |= buf_addf(buf, "; chain of event %llu: ", (unsigned long long)head.seq);
		status |= digest_add_hex(buf, head.chain, sizeof(head.chain));
	}
	status |= buf_add_byte(buf, '\n');
	return status ? err_nomem(err) : 0;
}

static int add_feed(struct buf *buf, struct intake *intake)
{
	struct intake_state f;
	int status;

	intake_state(intake, &f);
	status = buf_addf(buf, "feed    %-12s %-10s ", f.name, f.type);
	status |= add_count(buf, f.events, f.events == 1 ? "new event" : "new events");
	status |= buf_add_text(buf, " since the start or the last reload");
	if (f.last_success_s) {
		status |= buf_add_text(buf, ", last poll ");
		status |= add_span(buf, clock_unix_s() - f.last_success_s);
		status |= buf_add_text(buf, " ago");
	}
	if (f.error[0])
		status |= buf_addf(buf, "\n        error: %s", f.error);
	return status | buf_add_byte(buf, '\n');
}

static int add_odd(struct buf *buf, const struct spool_cursor *c)
{
	const struct {
		uint64_t n;
		const char *what;
	} odd[] = { { c->unproven, "unproven" },
		    { c->rejected, "dead letters" },
		    { c->replayed, "sent again and marked" },
		    { c->resent, "found missing and sent again" },
		    { c->cut, "without their JSON" } };
	int status = 0;

	for (size_t i = 0; i < ARRAY_LEN(odd); i++) {
		if (!odd[i].n)
			continue;
		status |= buf_add_text(buf, ", ");
		status |= add_count(buf, odd[i].n, odd[i].what);
	}
	return status;
}

static int add_cursor(struct buf *buf, struct spool *spool, const struct spool_cursor *c, const char *level)
{
	uint64_t head = spool_head(spool), pending = head > c->confirmed ? head - c->confirmed : 0;
	bool is_durable = c->durable && c->durable >= c->confirmed;
	int status = add_count(buf, c->delivered, is_durable ? sink_level_names[SINK_DURABLE] : level);
	int64_t lag_s;

	if (c->durable && !is_durable)
		status |= buf_addf(buf, ", durable up to event %llu", (unsigned long long)c->durable);
	if (pending) {
		status |= buf_add_text(buf, ", ");
		status |= add_count(buf, pending, "waiting");
		if (status_lag(spool, c, &lag_s, NULL) == 0) {
			status |= buf_add_text(buf, " for ");
			status |= add_span(buf, lag_s);
		}
	}
	return status | add_odd(buf, c);
}

/* What was asked for to be sent again, and is not done with. */
static int add_replays(struct buf *buf, struct spool *spool, const char *sink)
{
	struct spool_replay first;
	uint64_t count;
	int status;

	if (status_replays(spool, sink, &count, &first, NULL) || !count)
		return 0;
	status = buf_addf(buf, "\n        replay: %sevents %llu to %llu", first.dead_only ? "the dead letters of " : "",
			  (unsigned long long)first.from_seq, (unsigned long long)first.to_seq);
	if (first.done_seq >= first.from_seq)
		status |= buf_addf(buf, ", done up to %llu", (unsigned long long)first.done_seq);
	if (count > 1)
		status |= buf_addf(buf, "; and %llu more", (unsigned long long)count - 1);
	return status;
}

static int add_sink(struct buf *buf, const struct status *s, struct courier *courier)
{
	struct courier_state c;
	int status;

	courier_state(courier, &c);
	status = buf_addf(buf, "sink    %-12s %-10s %s: ", c.name, c.type, courier_mood_names[c.mood]);
	status |= add_cursor(buf, s->spool, &c.cursor, sink_level_names[c.level]);
	status |= add_replays(buf, s->spool, c.name);
	if (c.rejection[0])
		status |= buf_addf(buf, "\n        dead letter: %s", c.rejection);
	if (c.error[0])
		status |= buf_addf(buf, "\n        error: %s", c.error);
	if (c.retry_ms) {
		status |= buf_add_text(buf, "\n        next try in ");
		status |= add_span(buf, (int64_t)(c.retry_ms / 1000));
	}
	return status | buf_add_byte(buf, '\n');
}

struct stored_text {
	struct buf *buf;
	struct spool *spool;
};

static int add_stored(void *context, const char *sink, const struct spool_cursor *cursor, struct err *err)
{
	struct stored_text *t = context;
	int status = buf_addf(t->buf, "sink    %-12s ", sink);

	status |= add_cursor(t->buf, t->spool, cursor, "delivered");
	status |= add_replays(t->buf, t->spool, sink);
	return status | buf_add_byte(t->buf, '\n') ? err_nomem(err) : 0;
}

struct alerts {
	struct buf *buf;
	int status;
};

static void add_alert(void *context, const char *of, enum feed_alert alert, const char *text)
{
	struct alerts *a = context;

	a->status |= buf_addf(a->buf, "alert   %-12s %s: %s\n", of, feed_alert_names[alert], text);
}

int status_add_text(struct buf *buf, const struct status *s, struct err *err)
{
	struct stored_text stored = { .buf = buf, .spool = s->spool };
	struct alerts alerts = { .buf = buf };
	int status = 0;

	if (add_head(buf, s, err))
		return -1;
	for (size_t i = 0; s->parts && i < s->parts->intake_count; i++)
		status |= add_feed(buf, s->parts->intakes[i]);
	for (size_t i = 0; s->parts && i < s->parts->courier_count; i++)
		status |= add_sink(buf, s, s->parts->couriers[i]);
	if (!s->parts && spool_cursor_each(s->spool, add_stored, &stored, err))
		return -1;
	if (s->bulletin)
		bulletin_each(s->bulletin, add_alert, &alerts);
	if (s->reload_error)
		status |= buf_addf(buf, "reload  refused, the configuration from before holds: %s\n", s->reload_error);
	return status | alerts.status ? err_nomem(err) : 0;
}

int status_add_line(struct buf *buf, const struct status *s, struct err *err)
{
	int status = text_add_grouped(buf, spool_head(s->spool));

	status |= buf_addf(buf, " event%s, %zu feed%s, %zu sink%s", spool_head(s->spool) == 1 ? "" : "s",
			   s->parts->intake_count, s->parts->intake_count == 1 ? "" : "s", s->parts->courier_count,
			   s->parts->courier_count == 1 ? "" : "s");
	for (size_t i = 0; i < s->parts->courier_count; i++) {
		struct courier_state c;

		courier_state(s->parts->couriers[i], &c);
		if (c.mood == COURIER_WAITING || c.mood == COURIER_BROKEN)
			status |= buf_addf(buf, "; sink '%s' %s", c.name, courier_mood_names[c.mood]);
	}
	for (size_t i = 0; i < s->parts->intake_count; i++) {
		struct intake_state f;

		intake_state(s->parts->intakes[i], &f);
		if (f.has_failed)
			status |= buf_addf(buf, "; feed '%s' failing", f.name);
	}
	return status ? err_nomem(err) : 0;
}
