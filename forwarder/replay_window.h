/* SPDX-License-Identifier: Apache-2.0 */
/* The replay window of one sink: which of the events that were handed over the receiver's end could still lose.
 *
 * Batches go in as they are sent. One leaves when max_bytes were sent behind it, or max_ms after the receiver's system
 * was first seen to have taken all (quiet): then a receiver that reads at all has read it. */
#ifndef FORWARDER_REPLAY_WINDOW_H
#define FORWARDER_REPLAY_WINDOW_H

#include "common/base/base.h"

struct replay_batch {
	uint64_t first_seq;
	uint64_t end_bytes; /* all that was sent up to its end */
	uint64_t quiet_ns;  /* 0: not yet */
};

struct replay_window {
	uint64_t max_bytes, max_ns;
	struct replay_batch *batches; /* oldest first */
	size_t count, cap;
	uint64_t sent_bytes;
};

void replay_init(struct replay_window *w, uint64_t max_bytes, uint64_t max_ms);
void replay_done(struct replay_window *w);

/* A batch that begins with first_seq was sent. -1: no memory, and nothing was forgotten. */
[[nodiscard]] int replay_sent(struct replay_window *w, uint64_t first_seq, uint64_t bytes);

/* Lets go of what has left by now_ns (clock_mono_ns); is_quiet: as above. */
void replay_advance(struct replay_window *w, uint64_t now_ns, bool is_quiet);

/* The cursor behind which a replay starts: before the oldest batch in it, or confirmed when it is empty. */
uint64_t replay_start(const struct replay_window *w, uint64_t confirmed);

/* When the oldest batch leaves by time, if nothing else happens; 0 = not by time. */
uint64_t replay_due_ns(const struct replay_window *w);

void replay_empty(struct replay_window *w);

#endif
