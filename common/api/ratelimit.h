/* SPDX-License-Identifier: Apache-2.0 */
/* How much a client of the API may send: so many requests and tokens in a minute, so many tokens in a day.
 *
 * One limiter stands for one of the server's own limits (a group of models, the admin calls, ...). Each call takes its
 * place before it is sent, with an estimate of its tokens, and settles with the true numbers once they are known:
 *
 *	if (ratelimit_take(limiter, &estimate, &until, &ticket, &err) == 0) {
 *		... send; on each header of the answer: ratelimit_header(&word, name, value)
 *		ratelimit_settle(limiter, &ticket, &used);
 *		ratelimit_observe(limiter, &word);
 *	}
 *
 * - In no 60 seconds (24 hours), wherever they begin, is more taken than a limit allows. A place counts from the moment
 *   it is given: a minute and no more than 0.75 s, so that at least 98 % of a limit are used when calls always wait.
 *   What was used beyond the estimate counts from the settlement on; what was estimated too much is free from then on.
 *   Output is to be estimated as the most that the answer may have (max_tokens), as the server does.
 * - What the server itself says is kept as well, whichever is tighter (ratelimit_observe).
 * - Calls are served in the order in which they came: a large one is not passed by small ones for ever.
 * - Memory is constant: a window is 243 counters (common/api/window.h), however large a limit is.
 *
 * A limiter belongs to one process (ratelimit_new), or to all that name the same file (ratelimit_open). Every function
 * may be called by any thread, at any time but before ratelimit_new's end and after ratelimit_free's begin. */
#ifndef COMMON_API_RATELIMIT_H
#define COMMON_API_RATELIMIT_H

#include <pthread.h>
#include <stdatomic.h>

#include "common/api/after.h"
#include "common/base/buf.h"
#include "common/base/err.h"

enum ratelimit_kind {
	RATELIMIT_REQUESTS, /* a minute */
	RATELIMIT_INPUT,    /* tokens a minute */
	RATELIMIT_OUTPUT,   /* tokens a minute */
	RATELIMIT_TOKENS,   /* both kinds of tokens together, a minute */
	RATELIMIT_DAY,      /* both kinds of tokens together, in 24 hours; the server has no word for it */
	RATELIMIT_KINDS,
};

/* Index: enum ratelimit_kind. 0 = no limit. At most RATELIMIT_MAX (common/base/bounds.h) each. */
struct ratelimit_limits {
	uint64_t most[RATELIMIT_KINDS];
};

struct ratelimit_use {
	uint64_t input_tokens, output_tokens;
};

/* What an answer's headers said. All zero says nothing. */
struct ratelimit_word {
	struct {
		bool has_limit, has_remaining, has_reset;
		uint64_t limit, remaining;
		int64_t reset_unix_s;
	} kinds[RATELIMIT_DAY];
	struct after after; /* Retry-After and Date */
};

/* Time, for tests to replace. now_ns never goes back while the machine runs (CLOCK_BOOTTIME), and is the same for all
 * processes that share a file; run tells one run of the machine, in which now_ns began at 0, from the next. */
struct ratelimit_clock {
	uint64_t (*now_ns)(void *self);
	int64_t (*unix_s)(void *self);
	void (*run)(void *self, unsigned char ret[static 16]); /* all zero when that is not known */
	/* Waits for cond, by mutex (held), until until_ns. May wake early. */
	void (*wait)(void *self, pthread_cond_t *cond, pthread_mutex_t *mutex, uint64_t until_ns);
	void *self;
};
extern const struct ratelimit_clock ratelimit_system_clock;

/* When a call that waits gives up. */
struct ratelimit_until {
	uint64_t deadline_ns; /* by now_ns of the limiter's clock; UINT64_MAX = never */
	const atomic_bool
		*stop; /* once true, waiting ends within RATELIMIT_STOP_NS, or at once by ratelimit_wake; or NULL */
};

/* A place that was taken. */
struct ratelimit_ticket {
	uint64_t taken_ns; /* by now_ns */
	struct ratelimit_use estimate;
	uint64_t epoch; /* of the counters that it is in */
	uint64_t buckets[RATELIMIT_KINDS];
};

enum ratelimit_result {
	RATELIMIT_TAKEN = 0,
	RATELIMIT_LATE = -1,    /* its turn cannot come before the deadline; said as soon as that is known */
	RATELIMIT_STOPPED = -2, /* stop was set */
	RATELIMIT_NEVER = -3,   /* the estimate alone is more than a limit of ours */
	RATELIMIT_FAILED = -4,  /* the file cannot be used */
};

struct ratelimit;

/* clock NULL is the system's. NULL with err: no memory, or a limit above RATELIMIT_MAX. */
struct ratelimit *ratelimit_new(const struct ratelimit_limits *limits, const struct ratelimit_clock *clock,
				struct err *err);

/* Shared by all processes that open the same path, who need not have the same limits: the file holds what was used, and
 * what the server said. It is created with mode 0600, and has to be a regular file of the user that no one else may
 * read or write (no link is followed). Its folder is the caller's to keep others out of.
 *
 * A process may die at any moment: what it took and did not settle counts as estimated. A file that is damaged counts
 * as all used up, for a minute and for a day; ratelimit_note tells. One that cannot be read or written (a disk with
 * errors, or without room) is left as it is, and fails the call (RATELIMIT_FAILED). When the clock went back, and in a
 * machine's first minute, a minute counts as used up. Removing the file forgets everything. A power cut may lose what
 * was used in its last minute from the day's count. The wall clock matters for the day's count only, and only while
 * the machine restarts. A limiter is not for both sides of a fork.
 *
 * NULL with err: no memory, a bad limit, or what is wrong with the file. */
struct ratelimit *ratelimit_open(const char *path, const struct ratelimit_limits *limits,
				 const struct ratelimit_clock *clock, struct err *err);

void ratelimit_free(struct ratelimit *r); /* no thread may be in a call; NULL is fine */
void ratelimit_freep(struct ratelimit **r);

/* Waits for the call's turn. 0 and *ret, or one of the negative results with err. */
[[nodiscard]] enum ratelimit_result ratelimit_take(struct ratelimit *r, const struct ratelimit_use *estimate,
						   const struct ratelimit_until *until, struct ratelimit_ticket *ret,
						   struct err *err);

/* The call is being sent just now: it counts from here on, when its place was given more than RATELIMIT_START_NS ago.
 * Without it a connection that took long to be made would have calls reach the server closer together than they took
 * their places. */
void ratelimit_start(struct ratelimit *r, struct ratelimit_ticket *ticket);

/* The call has ended, with an answer or without: used is what it cost, or its estimate when that is not known. Once a
 * ticket. If the file fails, the estimate stays, and ratelimit_note tells. */
void ratelimit_settle(struct ratelimit *r, const struct ratelimit_ticket *ticket, const struct ratelimit_use *used);

/* Instead of ratelimit_settle: nothing was sent, and nothing counts. */
void ratelimit_return(struct ratelimit *r, const struct ratelimit_ticket *ticket);

/* Notes a header of an answer, its name in any case: retry-after, date, and
 * anthropic-ratelimit-{requests,tokens,input-tokens,output-tokens}-{limit,remaining,reset}. Others, and what cannot be
 * read, are passed over. */
void ratelimit_header(struct ratelimit_word *word, struct view name, struct view value);

/* Takes the server at its word; best after the call that it answers was settled.
 *
 * - limit: holds beside our own from now on. An estimate above it waits until nothing else counts.
 * - remaining, reset: no more than remaining is taken before reset, less what is on its way (taken, not settled, within
 *   the last minute). An answer that is older than one that came before it (an earlier reset, or more remaining before
 *   the same) is passed over. Without a reset it is taken to be in a minute.
 * - retry-after: nothing is taken before.
 *
 * Times are relative to the answer's Date, if it has one; a second is added, which is as exact as they are. None is
 * taken to be further away than RATELIMIT_HOLD_S. */
void ratelimit_observe(struct ratelimit *r, const struct ratelimit_word *word);

/* Has all that wait look at their stop flags now. Not for signal handlers: these set the flag only. */
void ratelimit_wake(struct ratelimit *r);

/* Whether something happened to the file since the last call that a person ought to know; then it is in ret. */
bool ratelimit_note(struct ratelimit *r, struct err *ret);

/* From now on noted is told instead, at once and before anybody waits because of it: by whichever thread comes upon it,
 * one at a time. It may not call the limiter. */
void ratelimit_tell(struct ratelimit *r, void (*noted)(void *context, const struct err *note), void *context);

#endif
