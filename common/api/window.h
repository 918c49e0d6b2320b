/* SPDX-License-Identifier: Apache-2.0 */
/* A sliding window: how much was used in the last minute or day, in constant memory.
 *
 * Time is cut into buckets of width_ns. What is used is added to the newest bucket; the newest `keep` ones count. With
 * keep = span / width + 1, nothing used within the last span is forgotten at any moment. So whoever adds only what fits
 * below a limit keeps it in every span, wherever that begins: look at the last moment in it at which something was
 * added. Nothing counts for longer than span + width, so that span / (span + width) of a limit can be used.
 *
 * All is plain data without pointers, so that it can be stored as it is. Sums saturate. No function fails. */
#ifndef COMMON_API_WINDOW_H
#define COMMON_API_WINDOW_H

#include "common/base/base.h"

#define WINDOW_BUCKETS 243

struct window_shape {
	uint64_t width_ns;
	unsigned keep; /* at most WINDOW_BUCKETS */
};

extern const struct window_shape window_minute; /* the last 60.5 s: half a second for what lies between two clocks */
extern const struct window_shape window_day;    /* the last 24 h */

struct window {
	uint64_t newest;               /* the newest bucket's number */
	uint64_t used_sum, open_sum;   /* of all buckets */
	uint64_t used[WINDOW_BUCKETS]; /* by number % WINDOW_BUCKETS */
	uint64_t open[WINDOW_BUCKETS]; /* the part of it that no window_settle has confirmed */
};

/* Forgets what is too old at now_ns. When time went back, nothing is forgotten until it has caught up. */
void window_advance(struct window *w, const struct window_shape *shape, uint64_t now_ns);

/* Adds an open amount to the newest bucket. Returns its number, for window_settle. */
uint64_t window_add(struct window *w, uint64_t amount);

/* Replaces an amount that was added to bucket `number` by the true one, which is no longer open. Less than was added
 * counts less from then on; what it was more counts from now on, in the newest bucket. */
void window_settle(struct window *w, const struct window_shape *shape, uint64_t number, uint64_t added,
		   uint64_t amount);

/* Moves an open amount from the bucket `number`, which may be forgotten by now, to the newest one, whose number is
 * returned. */
uint64_t window_move(struct window *w, const struct window_shape *shape, uint64_t number, uint64_t amount);

/* The earliest time at which amount more fits below limit if nothing else happens; 0 when it does now. More than limit
 * counts as limit: it fits into the empty window. with_open false: as if all that is open were to turn out as nothing,
 * so that it cannot be earlier. */
uint64_t window_ready_ns(const struct window *w, const struct window_shape *shape, uint64_t limit, uint64_t amount,
			 bool with_open);

/* Moves all to another clock, on which it is now_ns, elapsed_ns (0 when that is not known) after the last moment by the
 * old one. Nothing is forgotten earlier for it. */
void window_rebase(struct window *w, const struct window_shape *shape, uint64_t elapsed_ns, uint64_t now_ns);

/* Whether what was read from somewhere can be a window at now_ns; sets its sums. */
bool window_check(struct window *w, const struct window_shape *shape, uint64_t now_ns);

/* How long an amount counts at most. */
static inline uint64_t window_span_ns(const struct window_shape *shape)
{
	return shape->keep * shape->width_ns;
}

/* a + b, or the largest number. */
static inline uint64_t window_plus(uint64_t a, uint64_t b)
{
	uint64_t sum;

	return __builtin_add_overflow(a, b, &sum) ? UINT64_MAX : sum;
}

#endif
