/* SPDX-License-Identifier: Apache-2.0 */
/* One thread a sink: reads the spool, has the sink deliver, keeps its cursors, backs off, replays.
 *
 * - The cursor moves only over what the sink said is done with, and what it says is stored before more is sent.
 * - An exact sink (sink.h) is told which events it may have already: after a start, those of the first batch, as no
 *   more than one can have been sent and not stored.
 * - Any other sink's attempts are stored before they are made, so that whatever is sent again is marked as a replay.
 *   Behind the cursor lies the replay window: batches whose loss the receiver's end could still cause. A batch leaves
 *   it once window_bytes were sent behind it, or window_ms after the receiver's system had taken everything.
 *   A replay that somebody asked for has a window of its own, and goes once nothing is in it.
 * - Nothing that a sink does or fails to do holds up anything but its own thread. */
#ifndef FORWARDER_COURIER_H
#define FORWARDER_COURIER_H

#include "forwarder/sink.h"
#include "forwarder/spool/spool.h"

struct courier;

enum courier_mood {
	COURIER_IDLE,    /* nothing is waiting */
	COURIER_SENDING, /* on the way */
	COURIER_WAITING, /* tried, and will try again */
	COURIER_BROKEN,  /* a person is needed; tried again slowly */
	COURIER_ENDED,
	COURIER_MOODS,
};
extern const char *const courier_mood_names[COURIER_MOODS];

struct courier_options {
	struct spool *spool;
	const struct settings_sink *settings; /* borrowed until courier_free */
	const struct sink_ops *ops;
	const struct encoder *encoder, *message; /* NULL: none */
	const char *hostname;
	bool is_once;
	/* Told by its thread, when not NULL: it has failed a few times in a row (COURIER_WAITING), or needs a person
	 * (COURIER_BROKEN), or will never deliver again, so that skantd is to end (COURIER_ENDED), all with err; or it
	 * delivers (COURIER_SENDING), for the first time or again. */
	void (*changed)(void *context, const char *sink, enum courier_mood mood, bool is_first, const struct err *err);
	/* Told by its thread, when not NULL: the receiver will never take so many events, and why the first of them. */
	void (*rejected)(void *context, const char *sink, uint64_t count, uint64_t first_seq, const char *reason);
	/* Told by courier_new, when not NULL: the bodies of events that were not confirmed have gone, as they do while
	 * the sink is not configured; it is sent those behind them. */
	void (*missed)(void *context, const char *sink, uint64_t first_seq, uint64_t last_seq);
	void *context;
};

struct courier_state {
	const char *name; /* as long as the courier */
	const char *type;
	enum sink_level level; /* of what is confirmed */
	enum courier_mood mood;
	struct spool_cursor cursor;
	uint64_t pending;           /* events that are not done with, those for other sinks among them */
	int64_t pending_since_ns;   /* when the oldest of them was stored; 0 = none */
	unsigned failures;          /* in a row */
	uint64_t rejected;          /* dead letters since the start, */
	char rejection[192];        /* and which one and why, the last time; empty when there is none */
	uint64_t retry_ms;          /* until the next try, from when the state was taken */
	char error[ERR_TEXT_BYTES]; /* of the last try; empty when it went well */
};

/* Opens the sink and loads its cursor; nothing is sent yet. NULL with err. */
struct courier *courier_new(const struct courier_options *options, struct err *err);
[[nodiscard]] int courier_start(struct courier *courier, struct err *err);

void courier_wake(struct courier *courier);   /* have it look for replays that were asked for */
void courier_finish(struct courier *courier); /* end once all that is spooled now is delivered */
void courier_stop(struct courier *courier);   /* end at once: within a second or two */

/* Waits up to wait_ms for its end: whether it came. */
bool courier_has_ended(struct courier *courier, uint64_t wait_ms);

/* Waits for the thread, closes the sink. Whether all that was spooled was delivered is in the last state. NULL is
 * fine. */
void courier_free(struct courier *courier);

/* Any thread. */
void courier_state(struct courier *courier, struct courier_state *ret);

#endif
