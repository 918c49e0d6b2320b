/* SPDX-License-Identifier: Apache-2.0 */
/* The counters of a limiter, without threads, files and clocks: what has been taken, what the server said, who waits.
 *
 * Plain data without pointers, so that it can be stored as it is. Times are by one clock that starts at 0 with the
 * machine. Nothing here fails; amounts above RATELIMIT_MAX are the caller's to refuse. */
#ifndef COMMON_API_RATESTATE_H
#define COMMON_API_RATESTATE_H

#include "common/api/ratelimit.h"
#include "common/api/window.h"

#define RATESTATE_CLAIM_NS 3'000'000'000u /* a claim that is not renewed for so long is void: its process has died */

struct ratestate_said { /* by the server */
	uint64_t limit; /* 0 = none */
	uint64_t remaining;
	int64_t reset_unix_s;
	uint64_t left;     /* how much of remaining may still be taken ... */
	uint64_t until_ns; /* ... before this */
};

/* A process whose first call waits for its turn. */
struct ratestate_claim {
	uint64_t owner; /* 0 = nobody */
	uint64_t number, end_ns;
	uint64_t amounts[RATELIMIT_KINDS];
};

struct ratestate {
	uint64_t epoch; /* differs between counters that do not continue each other */
	uint64_t hold_until_ns;
	uint64_t next_claim;
	struct window windows[RATELIMIT_KINDS];
	struct ratestate_said said[RATELIMIT_DAY];
	struct ratestate_claim claims[RATELIMIT_CLAIMS];
};

/* Nothing has been used. */
void ratestate_init(struct ratestate *s, uint64_t now_ns);

/* What has been used is not known: nothing can be taken for a minute, and no token for a day, if that has a limit. */
void ratestate_init_full(struct ratestate *s, const struct ratelimit_limits *limits, uint64_t now_ns);

/* The counters go on by another clock, on which it is now_ns, elapsed_ns (0 if unknown) after the last moment by
 * the old one. What counts for a minute is replaced by waiting until hold_until_ns. */
void ratestate_rebase(struct ratestate *s, uint64_t elapsed_ns, uint64_t now_ns, uint64_t hold_until_ns);

/* Whether what was read from somewhere can be true at now_ns; whatever it is, it cannot harm more than by waiting. */
bool ratestate_check(struct ratestate *s, uint64_t now_ns);

/* Forgets what is too old. To be called before what follows. */
void ratestate_advance(struct ratestate *s, uint64_t now_ns);

/* When use fits, if nothing else happens, behind what the claims that came before owner's want (all claims, if it has
 * none; 0 = there are no others). At or before now_ns when it fits now. */
uint64_t ratestate_ready_ns(const struct ratestate *s, const struct ratelimit_limits *limits,
			    const struct ratelimit_use *use, uint64_t now_ns, uint64_t owner);

/* Before this it cannot fit, even if all that is on its way turns out to have used nothing, and nobody else waits. */
uint64_t ratestate_earliest_ns(const struct ratestate *s, const struct ratelimit_limits *limits,
			       const struct ratelimit_use *use, uint64_t now_ns);

/* Puts owner (not 0) behind those that wait, or keeps its place. When there are too many it gets none. */
void ratestate_claim(struct ratestate *s, uint64_t owner, const struct ratelimit_use *use, uint64_t now_ns);
void ratestate_unclaim(struct ratestate *s, uint64_t owner);

void ratestate_take(struct ratestate *s, const struct ratelimit_use *use, uint64_t now_ns,
		    struct ratelimit_ticket *ret);

/* What was taken counts from now on, as if it had been taken now. */
void ratestate_start(struct ratestate *s, struct ratelimit_ticket *ticket, uint64_t now_ns);

/* used NULL: nothing was sent. */
void ratestate_settle(struct ratestate *s, const struct ratelimit_ticket *ticket, const struct ratelimit_use *used);

/* now_s is our wall clock. */
void ratestate_observe(struct ratestate *s, const struct ratelimit_word *word, uint64_t now_ns, int64_t now_s);

#endif
