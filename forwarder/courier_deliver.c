/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/courier_work.h"

#include <stdio.h>
#include <string.h>

#include "common/base/bounds.h"
#include "common/base/clock.h"

int courier_filter(struct courier *c, struct event *events, size_t count, size_t *ret, struct err *err)
{
	const struct event_filter *filter = &c->options.settings->filter;
	size_t passing = 0;

	for (size_t i = 0; i < count; i++) {
		struct event passed;

		if (event_read(&events[i], err))
			return -1;
		if (!event_passes(&events[i], filter))
			continue;
		passed = events[i]; /* swapped, not copied: each keeps a store of its own */
		events[i] = events[passing];
		events[passing++] = passed;
	}
	*ret = passing;
	return 0;
}

int courier_store(struct courier *c, struct err *err)
{
	if (c->is_stored && !c->exception_count)
		return 0;
	c->cursor.window = replay_start(&c->window, c->cursor.confirmed);
	if (c->position < c->cursor.window) /* in the midst of a replay */
		c->cursor.window = c->position;
	if (spool_cursor_store(c->options.spool, c->options.settings->name, &c->cursor, c->exceptions,
			       c->exception_count, err))
		return -1;
	c->is_stored = true;
	c->exception_count = 0;
	pthread_mutex_lock(&c->mutex);
	c->shared.cursor = c->cursor;
	pthread_mutex_unlock(&c->mutex);
	return 0;
}

void courier_rewind(struct courier *c)
{
	uint64_t start = replay_start(&c->window, c->cursor.confirmed);

	courier_replay_rewind(c);
	if (c->options.ops->is_exact || start >= c->position)
		return;
	c->position = start;
	c->doubt_to = c->cursor.attempted;
	replay_empty(&c->window);
	/* What is stored still says where the window began: it moves on with what is sent again. */
}

/* What may reach the receiver has to be known to whoever comes after us. */
static int announce(struct courier *c, uint64_t last_seq, struct err *err)
{
	if (c->options.ops->is_exact || last_seq <= c->cursor.attempted)
		return 0;
	c->cursor.attempted = last_seq;
	c->is_stored = false;
	return courier_store(c, err);
}

/* Events count once, however often they are sent. */
static bool is_counted(const struct courier *c, const struct event *event)
{
	return event->is_replay || event->seq <= c->cursor.confirmed;
}

static uint64_t count_new(const struct courier *c, const struct event *events, size_t count)
{
	uint64_t n = 0;

	for (size_t i = 0; i < count; i++)
		n += !is_counted(c, &events[i]);
	return n;
}

/* For people: how many were rejected, and why the first of them was. */
static void tell_rejected(struct courier *c, uint64_t count, uint64_t seq, const char *reason)
{
	if (!count)
		return;
	pthread_mutex_lock(&c->mutex);
	c->shared.rejected += count;
	(void)snprintf(c->shared.rejection, sizeof(c->shared.rejection), "event %llu: %s", (unsigned long long)seq,
		       reason);
	pthread_mutex_unlock(&c->mutex);
	if (c->options.rejected)
		c->options.rejected(c->options.context, c->options.settings->name, count, seq, reason);
}

/* What was said of events that are not done with does not count: they are sent again. */
static void note_exceptions(struct courier *c, const struct event *events)
{
	const struct sink_exception *first = NULL;
	uint64_t rejected = 0;

	for (size_t i = 0; i < c->receipt.exception_count; i++) {
		const struct sink_exception *e = &c->receipt.exceptions[i];

		if (e->index >= c->receipt.confirmed)
			continue;
		c->exceptions[c->exception_count++] = (struct spool_exception){ .seq = events[e->index].seq,
										.is_rejected = e->is_rejected,
										.reason = e->reason };
		if (e->is_rejected && !rejected++)
			first = e;
		if (is_counted(c, &events[e->index]))
			continue;
		c->cursor.rejected += e->is_rejected;
		c->cursor.unproven += !e->is_rejected;
	}
	if (first)
		tell_rejected(c, rejected, events[first->index].seq, first->reason);
}

enum sink_result courier_hand_over(struct courier *c, struct event *events, size_t count, bool is_doubtful,
				   struct err *err)
{
	const struct sink_batch batch = { .events = events, .count = count, .is_doubtful = is_doubtful };
	enum sink_result result;

	c->receipt = (struct sink_receipt){ .confirmed = 0 };
	result = c->options.ops->deliver(c->sink, &batch, &c->receipt, err);
	note_exceptions(c, events);
	c->cursor.delivered += count_new(c, events, c->receipt.confirmed);
	c->cursor.cut += c->receipt.cut;
	c->cursor.resent += c->receipt.resent;
	if (is_doubtful && !c->options.ops->is_exact)
		c->cursor.replayed += c->receipt.confirmed;
	if (c->receipt.durable_seq > c->cursor.durable)
		c->cursor.durable = c->receipt.durable_seq;
	return result;
}

/* Batches are either doubtful or not: how many of the first count events may be handed over together. */
static size_t cut_at_doubt(const struct courier *c, const struct event *events, size_t count, bool *ret_is_doubtful)
{
	size_t n = 0;

	*ret_is_doubtful = count && events[0].seq <= c->doubt_to;
	while (n < count && (events[n].seq <= c->doubt_to) == *ret_is_doubtful)
		n++;
	return n;
}

/* The cursor after a batch of n passing events (all of them = taken) out of what was read up to last_seq. */
static int move_on(struct courier *c, const struct event *events, size_t taken, bool is_whole, uint64_t last_seq,
		   struct err *err)
{
	const struct sink_receipt *r = &c->receipt;
	uint64_t to = c->position;

	if (r->sent && !c->options.ops->is_exact && replay_sent(&c->window, events[0].seq, r->bytes))
		return err_nomem(err);
	if (r->confirmed == taken)
		to = is_whole ? last_seq : events[taken - 1].seq;
	else if (r->confirmed)
		to = events[r->confirmed - 1].seq;
	if (r->sent > r->confirmed && events[r->sent - 1].seq > c->doubt_to)
		c->doubt_to = events[r->sent - 1].seq;
	if (to != c->position || r->exception_count || r->durable_seq)
		c->is_stored = false;
	c->position = to;
	if (to > c->cursor.confirmed)
		c->cursor.confirmed = to;
	return 0;
}

/* What was read is for nobody here, or has gone: the cursor moves over it. */
static int pass_over(struct courier *c, uint64_t last_seq, enum sink_result *ret_result, struct err *err)
{
	c->position = last_seq;
	c->is_stored = c->is_stored && last_seq <= c->cursor.confirmed;
	c->cursor.confirmed = last_seq > c->cursor.confirmed ? last_seq : c->cursor.confirmed;
	*ret_result = SINK_OK;
	return courier_store(c, err) ? -1 : 1;
}

/* After a batch: what was learned of it is stored before anything else happens. */
static int settle(struct courier *c, enum sink_result *ret_result, struct err *err)
{
	bool is_quiet = !c->options.ops->is_quiet || c->options.ops->is_quiet(c->sink);

	replay_advance(&c->window, clock_mono_ns(), is_quiet);
	/* An exact sink that told of all it was given has sent nothing beyond. */
	if (*ret_result == SINK_OK && c->options.ops->is_exact)
		c->doubt_to = c->position;
	if (courier_store(c, *ret_result == SINK_OK ? err : NULL)) {
		if (*ret_result == SINK_OK)
			*ret_result = SINK_RETRY;
		return -1;
	}
	return *ret_result == SINK_OK ? 1 : -1;
}

int courier_deliver(struct courier *c, enum sink_result *ret_result, struct err *err)
{
	struct event *events;
	size_t passing, taken;
	uint64_t last_seq, gone;
	bool is_doubtful;
	int n;

	*ret_result = SINK_RETRY;
	n = spool_read(c->batch, c->position, SINK_BATCH_EVENTS, SINK_BATCH_BYTES, &events, &gone, err);
	if (n < 0 || (!n && !gone))
		return n;
	/* Bodies that have gone, all that there were: nothing of them can be sent any more. */
	last_seq = n ? events[n - 1].seq : c->position + gone;
	if (courier_filter(c, events, (size_t)n, &passing, err))
		return -1;
	taken = cut_at_doubt(c, events, passing, &is_doubtful);
	if (!taken)
		return pass_over(c, last_seq, ret_result, err);
	if (announce(c, events[taken - 1].seq, err))
		return -1;
	*ret_result = courier_hand_over(c, events, taken, is_doubtful, err);
	if (move_on(c, events, taken, taken == passing, last_seq, err))
		return -1;
	return settle(c, ret_result, err);
}
