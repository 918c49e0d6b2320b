/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of courier: what the thread works on, and what it shares. */
#ifndef FORWARDER_COURIER_WORK_H
#define FORWARDER_COURIER_WORK_H

#include <pthread.h>

#include "forwarder/courier.h"
#include "forwarder/latch.h"
#include "forwarder/replay_window.h"

/* A replay that is under way: in the spool it is until nothing of it is in its window any more. */
struct courier_again {
	struct spool_replay replay; /* as it is stored */
	uint64_t position;          /* sent up to here */
	struct replay_window window;
};

struct courier {
	struct courier_options options;
	struct sink_env env;
	void *sink;
	atomic_bool stop, is_last;
	int wake_fd;  /* the sink's: readable = return at once */
	int event_fd; /* written to when there may be something to do */
	pthread_t thread;
	bool has_thread;

	/* The thread's own. */
	struct spool_batch *batch;
	struct spool_cursor cursor;
	bool is_stored;    /* the cursor is stored as it is */
	uint64_t position; /* the next event to read is behind this one */
	uint64_t doubt_to; /* events up to this one may have been sent before */
	struct replay_window window;
	struct courier_again *again; /* in the order in which they were asked for */
	size_t again_count, again_cap;
	unsigned failures;
	enum courier_mood told; /* of what options.changed was told; COURIER_IDLE: nothing yet */
	struct spool_exception exceptions[SINK_EXCEPTIONS_MAX];
	size_t exception_count; /* that are not stored yet; their reasons are the receipt's */
	struct sink_receipt receipt;

	struct latch ended;
	pthread_mutex_t mutex; /* of what follows */
	struct courier_state shared;
	uint64_t retry_ns; /* clock_mono_ns of the next try */
};

/* The thread. */
void *courier_run(void *courier);

/* One batch: reads, lets the sink deliver, moves and stores the cursor. 1 when something was done, 0 when nothing
 * waits, -1 with err: *ret_result says what to do about it. */
int courier_deliver(struct courier *c, enum sink_result *ret_result, struct err *err);

/* Sends again what replays asked for, a batch of it. 1, 0 when there is nothing of them to send now, -1. */
int courier_replay(struct courier *c, enum sink_result *ret_result, struct err *err);

/* Whether anything of a replay is in its window; *ret_ns: when the first of it leaves by time, 0 = not by time. */
bool courier_replay_has_window(const struct courier *c, uint64_t *ret_ns);

/* After the connection was lost: what of replays may be lost with it is sent once more. */
void courier_replay_rewind(struct courier *c);

/* The receiver has taken all that was sent: so it has of replays. */
void courier_replay_end(struct courier *c);

void courier_replay_free(struct courier *c);

/* Stores the cursor and the exceptions when there is anything new. Until it has, nothing more may be sent. */
int courier_store(struct courier *c, struct err *err);

/* After the connection was lost: begins again at the window. */
void courier_rewind(struct courier *c);

/* Those of the events that pass the sink's filter come first, in order; how many do. -1: no memory. */
int courier_filter(struct courier *c, struct event *events, size_t count, size_t *ret, struct err *err);

/* Has the sink deliver; keeps what it left open as exceptions for courier_store. */
enum sink_result courier_hand_over(struct courier *c, struct event *events, size_t count, bool is_doubtful,
				   struct err *err);

#endif
