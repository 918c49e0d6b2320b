/* SPDX-License-Identifier: Apache-2.0 */
/* What the feeds that ask for reports and lists have in common: upstream's clock, when it is their turn again, whether
 * they are let in. */
#ifndef FORWARDER_FEED_TURN_H
#define FORWARDER_FEED_TURN_H

#include "forwarder/feed/batch.h"

struct turn {
	const struct feed_env *env;
	int64_t date_s; /* upstream's clock at date_at_ns of ours (clock_boot_ns); 0 = it never said */
	uint64_t date_at_ns;
	unsigned failures;   /* in a row */
	uint64_t asked_ns;   /* when the last poll began to ask (clock_boot_ns) */
	bool waits_for_room; /* the batch holds what the spool had no room for */
};

/* Upstream's time now, as well as it is known: our own clock may be set to anything. */
int64_t turn_now_s(const struct turn *turn);
/* What a reply says of it. */
void turn_note(struct turn *turn, const struct api_reply *reply);

bool turn_is_stopped(const struct turn *turn);

/* The begin of a poll. What the one before could not store is tried again first, and the API is not asked until there
 * was room for it, nor sooner than a minute after it was asked. 1: go on; 0: return, and come again after *ret_wait_ms;
 * -1 with err, likewise. */
[[nodiscard]] int turn_begin(struct turn *turn, struct batch *batch, uint64_t *ret_wait_ms, struct err *err);

/* The end of a poll: status is 0, BATCH_FULL, or -1 with err. Tells whether the API lets us in, that a poll succeeded
 * (freshest_s: of the newest row that was seen; 0 = none) and when to poll again; with BATCH_FULL the batch has to stay
 * as it is until turn_begin. 0 or -1, as feed_ops.poll. */
[[nodiscard]] int turn_end(struct turn *turn, int status, int64_t freshest_s, uint64_t *ret_wait_ms, struct err *err);

/* Appends "feed 'NAME': TEXT" and a line end. 0, or -1 as buf_add. */
PRINTF_LIKE(3, 4) [[nodiscard]] int turn_add_line(struct buf *report, const struct turn *turn, const char *format, ...);

#endif
