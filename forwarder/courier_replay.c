/* SPDX-License-Identifier: Apache-2.0 */
/* Replays that somebody asked for. What one has sent may be lost with the connection as well: how far it is stored to
 * be stays behind its own window, and the spool's row goes once nothing of it is in there any more. */
#include <stdlib.h>

#include "common/base/bounds.h"
#include "common/base/clock.h"
#include "common/base/grow.h"
#include "forwarder/courier_work.h"

struct dead_letters {
	uint64_t *seqs; /* ascending */
	size_t count, cap;
};

static int note_dead(void *context, const char *sink, const struct spool_exception *e, struct err *err)
{
	struct dead_letters *dead = context;
	uint64_t *seqs;

	(void)sink;
	if (!e->is_rejected)
		return 0;
	seqs = grow_items(dead->seqs, dead->count, &dead->cap, sizeof(*seqs));
	if (!seqs)
		return err_nomem(err);
	dead->seqs = seqs;
	seqs[dead->count++] = e->seq;
	return 0;
}

static bool is_dead(const struct dead_letters *dead, uint64_t seq)
{
	size_t low = 0, high = dead->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (dead->seqs[middle] < seq)
			low = middle + 1;
		else
			high = middle;
	}
	return low < dead->count && dead->seqs[low] == seq;
}

/* Of the first count events, the dead letters come first, in order. */
static int keep_dead(struct courier *c, struct event *events, size_t count, size_t *ret, struct err *err)
{
	struct dead_letters dead = { .seqs = NULL };
	int status = spool_exception_each(c->options.spool, c->options.settings->name, note_dead, &dead, err);

	*ret = 0;
	for (size_t i = 0; status == 0 && i < count; i++) {
		struct event kept = events[i];

		if (!is_dead(&dead, kept.seq))
			continue;
		events[i] = events[*ret];
		events[(*ret)++] = kept;
	}
	free(dead.seqs);
	return status;
}

/* Reads the events of a replay behind `after` that pass; *ret_to is how far it is once they are sent. */
static int read_replay(struct courier *c, const struct spool_replay *replay, uint64_t after, struct event **ret_events,
		       size_t *ret_count, uint64_t *ret_to, struct err *err)
{
	int n = spool_read(c->batch, after, SINK_BATCH_EVENTS, SINK_BATCH_BYTES, ret_events, NULL, err);

	if (n < 0)
		return -1;
	while (n > 0 && (*ret_events)[n - 1].seq > replay->to_seq)
		n--;
	*ret_to = n > 0 ? (*ret_events)[n - 1].seq : replay->to_seq;
	if (courier_filter(c, *ret_events, (size_t)n, ret_count, err) ||
	    (replay->dead_only && keep_dead(c, *ret_events, *ret_count, ret_count, err)))
		return -1;
	for (size_t i = 0; i < *ret_count; i++)
		(*ret_events)[i].is_replay = true;
	return 0;
}

/* The one that is under way, or another one now. */
static void take_up(struct courier_again *again, const struct spool_replay *replay)
{
	if (again->id == replay->id)
		return;
	again->id = replay->id;
	again->position = replay->done_seq ? replay->done_seq : replay->from_seq - 1;
	replay_empty(&again->window);
}

static bool is_quiet(const struct courier *c)
{
	return !c->options.ops->is_quiet || c->options.ops->is_quiet(c->sink);
}

/* How far it is for certain. 0 or -1. */
static int store_replay(struct courier *c, struct spool_replay *replay, struct err *err)
{
	uint64_t done_seq;

	replay_advance(&c->again.window, clock_mono_ns(), is_quiet(c));
	done_seq = replay_start(&c->again.window, c->again.position);
	if (done_seq == replay->done_seq && done_seq < replay->to_seq)
		return 0;
	replay->done_seq = done_seq;
	return spool_replay_store(c->options.spool, replay, err);
}

/* Hands the next events over. 0, or -1 with err: *ret_result says what to do about it. */
static int send_again(struct courier *c, const struct spool_replay *replay, enum sink_result *ret_result,
		      struct err *err)
{
	struct courier_again *again = &c->again;
	const struct sink_receipt *r = &c->receipt;
	struct event *events;
	size_t passing;
	uint64_t to;

	if (read_replay(c, replay, again->position, &events, &passing, &to, err))
		return -1;
	*ret_result = SINK_OK;
	if (!passing) {
		again->position = to;
		return 0;
	}
	*ret_result = courier_hand_over(c, events, passing, false, err);
	c->cursor.replayed += r->confirmed;
	c->is_stored = false;
	if (r->sent && !c->options.ops->is_exact && replay_sent(&again->window, events[0].seq, r->bytes))
		return err_nomem(err);
	if (*ret_result == SINK_OK)
		again->position = to;
	else if (r->confirmed)
		again->position = events[r->confirmed - 1].seq;
	return courier_store(c, *ret_result == SINK_OK ? err : NULL);
}

/* One step of it. As courier_replay, but 0 only when all of it was sent. */
static int go_on(struct courier *c, struct spool_replay *replay, enum sink_result *ret_result, struct err *err)
{
	bool was_sent = c->again.position >= replay->to_seq;

	*ret_result = SINK_OK;
	if ((!was_sent && send_again(c, replay, ret_result, err)) ||
	    store_replay(c, replay, *ret_result == SINK_OK ? err : NULL)) {
		if (*ret_result == SINK_OK)
			*ret_result = SINK_RETRY;
		return -1;
	}
	if (*ret_result != SINK_OK)
		return -1;
	if (replay->done_seq >= replay->to_seq)
		c->again.id = 0; /* the next row may have its number */
	return !was_sent || !c->again.id;
}

int courier_replay(struct courier *c, enum sink_result *ret_result, struct err *err)
{
	struct spool_replay replay;
	int n = spool_replay_next(c->options.spool, c->options.settings->name, &replay, err);

	*ret_result = SINK_RETRY;
	if (n <= 0)
		return n;
	take_up(&c->again, &replay);
	return go_on(c, &replay, ret_result, err);
}

void courier_replay_rewind(struct courier *c)
{
	c->again.position = replay_start(&c->again.window, c->again.position);
	replay_empty(&c->again.window);
}

void courier_replay_end(struct courier *c)
{
	struct spool_replay replay;

	replay_empty(&c->again.window);
	if (c->again.id && spool_replay_next(c->options.spool, c->options.settings->name, &replay, NULL) > 0 &&
	    replay.id == c->again.id)
		(void)store_replay(c, &replay, NULL);
}
