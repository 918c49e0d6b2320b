/* SPDX-License-Identifier: Apache-2.0 */
/* Replays that somebody asked for. What one has sent may be lost with the connection as well: how far it is stored to
 * be stays behind its own window, and the spool's row goes once nothing of it is in there any more. The next one does
 * not wait for that. */
#include <stdlib.h>
#include <string.h>

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

/* --- those that are under way --- */

/* One that was asked for. NULL without memory. */
static struct courier_again *take_up(struct courier *c, const struct spool_replay *replay)
{
	struct courier_again *again = grow_items(c->again, c->again_count, &c->again_cap, sizeof(*again));

	if (!again)
		return NULL;
	c->again = again;
	again += c->again_count++;
	*again = (struct courier_again){ .replay = *replay,
					 .position = replay->done_seq ? replay->done_seq : replay->from_seq - 1 };
	replay_init(&again->window, c->options.settings->window_bytes, c->options.settings->window_ms);
	return again;
}

/* *ret: the first one that has something to send; when all have sent theirs, the next one that was asked for, or NULL.
 * 0 or -1. */
static int find_unsent(struct courier *c, struct courier_again **ret, struct err *err)
{
	struct spool_replay replay = { .id = 0 };
	int n;

	for (size_t i = 0; i < c->again_count; i++) {
		*ret = &c->again[i];
		replay.id = (*ret)->replay.id;
		if ((*ret)->position < (*ret)->replay.to_seq)
			return 0;
	}
	*ret = NULL;
	n = spool_replay_next(c->options.spool, c->options.settings->name, replay.id, &replay, err);
	if (n <= 0)
		return n;
	*ret = take_up(c, &replay);
	return *ret ? 0 : err_nomem(err);
}

static void forget(struct courier *c, size_t i)
{
	replay_done(&c->again[i].window);
	c->again_count--;
	memmove(c->again + i, c->again + i + 1, (c->again_count - i) * sizeof(*c->again));
}

/* How far each one is for certain; those that are done go. 0 or -1. */
static int store_replays(struct courier *c, struct err *err)
{
	bool is_quiet = c->again_count && (!c->options.ops->is_quiet || c->options.ops->is_quiet(c->sink));

	for (size_t i = 0; i < c->again_count;) {
		struct courier_again *again = &c->again[i];
		struct spool_replay replay = again->replay;

		replay_advance(&again->window, clock_mono_ns(), is_quiet);
		replay.done_seq = replay_start(&again->window, again->position);
		if ((replay.done_seq != again->replay.done_seq || replay.done_seq >= replay.to_seq) &&
		    spool_replay_store(c->options.spool, &replay, err))
			return -1;
		again->replay = replay;
		if (replay.done_seq >= replay.to_seq)
			forget(c, i);
		else
			i++;
	}
	return 0;
}

/* Hands the next events over. 0, or -1 with err: *ret_result says what to do about it. */
static int send_again(struct courier *c, struct courier_again *again, enum sink_result *ret_result, struct err *err)
{
	const struct sink_receipt *r = &c->receipt;
	struct event *events;
	size_t passing;
	uint64_t to;

	if (read_replay(c, &again->replay, again->position, &events, &passing, &to, err))
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

int courier_replay(struct courier *c, enum sink_result *ret_result, struct err *err)
{
	struct courier_again *again = NULL;
	bool has_any;

	*ret_result = SINK_RETRY;
	if (find_unsent(c, &again, err))
		return -1;
	has_any = again != NULL;
	*ret_result = SINK_OK;
	if ((again && send_again(c, again, ret_result, err)) || store_replays(c, *ret_result == SINK_OK ? err : NULL)) {
		if (*ret_result == SINK_OK)
			*ret_result = SINK_RETRY;
		return -1;
	}
	return *ret_result == SINK_OK ? has_any : -1;
}

bool courier_replay_has_window(const struct courier *c, uint64_t *ret_ns)
{
	bool has_any = false;

	*ret_ns = 0;
	for (size_t i = 0; i < c->again_count; i++) {
		uint64_t due_ns = replay_due_ns(&c->again[i].window);

		has_any |= c->again[i].window.count > 0;
		if (due_ns && (!*ret_ns || due_ns < *ret_ns))
			*ret_ns = due_ns;
	}
	return has_any;
}

void courier_replay_rewind(struct courier *c)
{
	for (size_t i = 0; i < c->again_count; i++) {
		struct courier_again *again = &c->again[i];

		again->position = replay_start(&again->window, again->position);
		replay_empty(&again->window);
	}
}

void courier_replay_end(struct courier *c)
{
	for (size_t i = 0; i < c->again_count; i++)
		replay_empty(&c->again[i].window);
	(void)store_replays(c, NULL);
}

void courier_replay_free(struct courier *c)
{
	while (c->again_count)
		forget(c, c->again_count - 1);
	free(c->again);
}
