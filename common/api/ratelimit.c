/* SPDX-License-Identifier: Apache-2.0 */
#include "common/api/ratelimit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/api/ratefile.h"
#include "common/api/ratestate.h"
#include "common/base/clock.h"
#include "common/base/text.h"

#define NS_PER_S 1'000'000'000u
#define WAIT_MAX_NS ((uint64_t)86400 * NS_PER_S)
#define FILE_POLL_NS NS_PER_S /* how often the first of those that wait looks at what others did */
#define RUN_PATH "/proc/sys/kernel/random/boot_id"

struct waiter { /* on the stack of its thread */
	struct waiter *next;
	pthread_cond_t cond;
};

struct ratelimit {
	struct ratelimit_limits limits;
	struct ratelimit_clock clock;
	pthread_mutex_t lock; /* of all below */
	struct waiter *first, **end;
	struct ratefile *file; /* NULL: the counters are ours alone */
	char *path;
	uint64_t owner; /* of claims in the file */
	struct err note;
	void (*noted)(void *context, const struct err *note); /* or NULL */
	void *context;
	struct ratestate state;
};

static uint64_t system_now_ns(void *self)
{
	(void)self;
	return clock_boot_ns();
}

static int64_t system_unix_s(void *self)
{
	(void)self;
	return clock_unix_s();
}

/* The kernel's id of this run, a UUID (RFC 4122): 32 hexadecimal digits and four hyphens. */
static void system_run(void *self, unsigned char ret[static 16])
{
	static const char digits[] = "0123456789abcdef";
	DEFER(closep) int fd = open(RUN_PATH, O_RDONLY | O_CLOEXEC);
	char text[36];
	size_t n = 0;

	(void)self;
	memset(ret, 0, 16);
	if (fd < 0 || read(fd, text, sizeof(text)) != (ssize_t)sizeof(text))
		return;
	for (size_t i = 0; i < sizeof(text) && n < 32; i++) {
		size_t digit = text_find_byte(view_of(digits), text_lower(text[i]));

		if (digit == SIZE_MAX)
			continue;
		ret[n / 2] = (unsigned char)((unsigned)ret[n / 2] << 4 | (unsigned)digit);
		n++;
	}
}

static void system_wait(void *self, pthread_cond_t *cond, pthread_mutex_t *mutex, uint64_t until_ns)
{
	uint64_t now_ns = clock_boot_ns(), wait_ns = until_ns > now_ns ? until_ns - now_ns : 0;
	uint64_t end_ns = clock_mono_ns() + (wait_ns < WAIT_MAX_NS ? wait_ns : WAIT_MAX_NS);
	struct timespec end = { .tv_sec = (time_t)(end_ns / NS_PER_S), .tv_nsec = (long)(end_ns % NS_PER_S) };

	(void)self;
	(void)pthread_cond_clockwait(cond, mutex, CLOCK_MONOTONIC, &end);
}

const struct ratelimit_clock ratelimit_system_clock = {
	.now_ns = system_now_ns,
	.unix_s = system_unix_s,
	.run = system_run,
	.wait = system_wait,
};

/* Gets hold of the counters as they are now. */
static int begin(struct ratelimit *r, uint64_t *ret_now_ns, struct err *err)
{
	if (!r->file)
		*ret_now_ns = r->clock.now_ns(r->clock.self);
	else if (ratefile_begin(r->file, &r->state, ret_now_ns, err))
		return -1;
	if (r->file && ratefile_note(r->file)->kind != ERR_NONE)
		r->note = *ratefile_note(r->file);
	ratestate_advance(&r->state, *ret_now_ns);
	return 0;
}

static void tell(struct ratelimit *r)
{
	if (!r->noted || r->note.kind == ERR_NONE)
		return;
	r->noted(r->context, &r->note);
	r->note.kind = ERR_NONE;
}

/* Lets go of the counters: other processes need not wait for whoever is told of something. */
static int end(struct ratelimit *r, bool has_changed, struct err *err)
{
	int status = r->file ? ratefile_end(r->file, &r->state, has_changed, err) : 0;

	tell(r);
	return status;
}

static void enqueue(struct ratelimit *r, struct waiter *w)
{
	w->next = NULL;
	(void)pthread_cond_init(&w->cond, NULL);
	*r->end = w;
	r->end = &w->next;
}

static void signal_first(struct ratelimit *r)
{
	if (r->first)
		(void)pthread_cond_signal(&r->first->cond);
}

static void dequeue(struct ratelimit *r, struct waiter *w)
{
	struct waiter **at = &r->first;

	while (*at != w)
		at = &(*at)->next;
	*at = w->next;
	if (r->end == &w->next)
		r->end = at;
	(void)pthread_cond_destroy(&w->cond);
	signal_first(r);
}

static bool is_stopped(const struct ratelimit_until *until)
{
	return until->stop && atomic_load_explicit(until->stop, memory_order_acquire);
}

static enum ratelimit_result say_late(uint64_t ready_ns, uint64_t now_ns, struct err *err)
{
	if (ready_ns > now_ns)
		(void)err_set(
			err, ERR_LIMIT, 0,
			"the rate limit leaves no room before the call's deadline: the next in %llu s at the earliest",
			(unsigned long long)((ready_ns - now_ns + NS_PER_S - 1) / NS_PER_S));
	else
		(void)err_set(err, ERR_LIMIT, 0, "the rate limit left no room before the call's deadline");
	return RATELIMIT_LATE;
}

struct step { /* one look at whether it is a call's turn */
	bool is_first;
	const struct ratelimit_use *estimate;
	const struct ratelimit_until *until;
	struct ratelimit_ticket *ticket;
	bool is_over, has_changed;
	enum ratelimit_result result; /* when it is over */
	uint64_t wake_ns;             /* else: when to look again */
};

static void wait_for_turn(struct ratelimit *r, struct step *s, uint64_t ready_ns, uint64_t now_ns)
{
	s->is_over = false;
	s->has_changed = s->is_first;
	s->wake_ns = s->is_first ? ready_ns : UINT64_MAX;
	if (s->is_first && r->file) {
		ratestate_claim(&r->state, r->owner, s->estimate, now_ns);
		if (s->wake_ns > now_ns + FILE_POLL_NS)
			s->wake_ns = now_ns + FILE_POLL_NS;
	}
	if (s->until->stop && s->wake_ns > now_ns + RATELIMIT_STOP_NS)
		s->wake_ns = now_ns + RATELIMIT_STOP_NS;
	if (s->wake_ns > s->until->deadline_ns)
		s->wake_ns = s->until->deadline_ns;
}

static void look(struct ratelimit *r, struct step *s, uint64_t now_ns, struct err *err)
{
	uint64_t earliest_ns = ratestate_earliest_ns(&r->state, &r->limits, s->estimate, now_ns);
	uint64_t ready_ns = ratestate_ready_ns(&r->state, &r->limits, s->estimate, now_ns, r->owner);

	s->is_over = s->has_changed = true;
	if (earliest_ns > s->until->deadline_ns || s->until->deadline_ns <= now_ns) {
		s->result = say_late(earliest_ns, now_ns, err);
	} else if (s->is_first && ready_ns <= now_ns) {
		ratestate_take(&r->state, s->estimate, now_ns, s->ticket);
		s->result = RATELIMIT_TAKEN;
	} else {
		wait_for_turn(r, s, ready_ns, now_ns);
	}
	if (s->is_over && s->is_first && r->file)
		ratestate_unclaim(&r->state, r->owner);
}

/* Ends with the call's turn, or without. */
static enum ratelimit_result wait_in_queue(struct ratelimit *r, struct waiter *w, struct step *s, struct err *err)
{
	for (;;) {
		uint64_t now_ns;

		s->is_first = r->first == w;
		if (begin(r, &now_ns, err))
			return RATELIMIT_FAILED;
		if (is_stopped(s->until)) {
			if (s->is_first && r->file)
				ratestate_unclaim(&r->state, r->owner);
			(void)end(r, s->is_first, NULL);
			(void)err_set(err, ERR_LIMIT, 0, "the wait for room in the rate limit was stopped");
			return RATELIMIT_STOPPED;
		}
		look(r, s, now_ns, err);
		if (end(r, s->has_changed, err) && (!s->is_over || s->result == RATELIMIT_TAKEN))
			return RATELIMIT_FAILED;
		if (s->is_over)
			return s->result;
		r->clock.wait(r->clock.self, &w->cond, &r->lock, s->wake_ns);
	}
}

/* Whether a call can ever have its turn. */
static enum ratelimit_result check_estimate(const struct ratelimit *r, const struct ratelimit_use *use, struct err *err)
{
	static const char *const names[] = { NULL, "input tokens a minute", "output tokens a minute", "tokens a minute",
					     "tokens a day" };
	uint64_t sum = window_plus(use->input_tokens, use->output_tokens);
	uint64_t amounts[] = { 0, use->input_tokens, use->output_tokens, sum, sum };

	for (unsigned k = RATELIMIT_INPUT; k < RATELIMIT_KINDS; k++) {
		uint64_t most = r->limits.most[k] ? r->limits.most[k] : RATELIMIT_MAX;

		if (amounts[k] <= most)
			continue;
		(void)err_set(err, ERR_LIMIT, 0, "a call of about %llu tokens is above the limit of %llu %s",
			      (unsigned long long)amounts[k], (unsigned long long)most, names[k]);
		return RATELIMIT_NEVER;
	}
	return RATELIMIT_TAKEN;
}

enum ratelimit_result ratelimit_take(struct ratelimit *r, const struct ratelimit_use *estimate,
				     const struct ratelimit_until *until, struct ratelimit_ticket *ret, struct err *err)
{
	struct step s = { .estimate = estimate, .until = until, .ticket = ret };
	enum ratelimit_result result = check_estimate(r, estimate, err);
	struct waiter w;

	if (result != RATELIMIT_TAKEN)
		return result;
	(void)pthread_mutex_lock(&r->lock);
	enqueue(r, &w);
	result = wait_in_queue(r, &w, &s, err);
	dequeue(r, &w);
	(void)pthread_mutex_unlock(&r->lock);
	return result;
}

/* Notes that a change could not be written; what waits goes on. */
static void finish_change(struct ratelimit *r, bool has_failed, const struct err *err)
{
	if (has_failed)
		r->note = *err;
	tell(r);
	signal_first(r);
	(void)pthread_mutex_unlock(&r->lock);
}

static void settle(struct ratelimit *r, const struct ratelimit_ticket *ticket, const struct ratelimit_use *used)
{
	struct err err = ERR_INIT;
	bool has_failed;
	uint64_t now_ns;

	(void)pthread_mutex_lock(&r->lock);
	has_failed = begin(r, &now_ns, &err) < 0;
	if (!has_failed) {
		ratestate_settle(&r->state, ticket, used);
		has_failed = end(r, true, &err) < 0;
	}
	finish_change(r, has_failed, &err);
}

void ratelimit_start(struct ratelimit *r, struct ratelimit_ticket *ticket)
{
	struct err err = ERR_INIT;
	bool has_failed;
	uint64_t now_ns;

	if (r->clock.now_ns(r->clock.self) - ticket->taken_ns <= RATELIMIT_START_NS)
		return;
	(void)pthread_mutex_lock(&r->lock);
	has_failed = begin(r, &now_ns, &err) < 0;
	if (!has_failed) {
		ratestate_start(&r->state, ticket, now_ns);
		has_failed = end(r, true, &err) < 0;
	}
	finish_change(r, has_failed, &err);
}

void ratelimit_settle(struct ratelimit *r, const struct ratelimit_ticket *ticket, const struct ratelimit_use *used)
{
	settle(r, ticket, used);
}

void ratelimit_return(struct ratelimit *r, const struct ratelimit_ticket *ticket)
{
	settle(r, ticket, NULL);
}

void ratelimit_observe(struct ratelimit *r, const struct ratelimit_word *word)
{
	struct err err = ERR_INIT;
	bool has_failed;
	uint64_t now_ns;

	(void)pthread_mutex_lock(&r->lock);
	has_failed = begin(r, &now_ns, &err) < 0;
	if (!has_failed) {
		ratestate_observe(&r->state, word, now_ns, r->clock.unix_s(r->clock.self));
		has_failed = end(r, true, &err) < 0;
	}
	finish_change(r, has_failed, &err);
}

void ratelimit_wake(struct ratelimit *r)
{
	(void)pthread_mutex_lock(&r->lock);
	for (struct waiter *w = r->first; w; w = w->next)
		(void)pthread_cond_signal(&w->cond);
	(void)pthread_mutex_unlock(&r->lock);
}

bool ratelimit_note(struct ratelimit *r, struct err *ret)
{
	bool has_note;

	(void)pthread_mutex_lock(&r->lock);
	has_note = r->note.kind != ERR_NONE;
	if (has_note)
		*ret = r->note;
	r->note.kind = ERR_NONE;
	(void)pthread_mutex_unlock(&r->lock);
	return has_note;
}

void ratelimit_tell(struct ratelimit *r, void (*noted)(void *context, const struct err *note), void *context)
{
	(void)pthread_mutex_lock(&r->lock);
	r->noted = noted;
	r->context = context;
	tell(r);
	(void)pthread_mutex_unlock(&r->lock);
}

struct ratelimit *ratelimit_new(const struct ratelimit_limits *limits, const struct ratelimit_clock *clock,
				struct err *err)
{
	struct ratelimit *r;

	for (unsigned k = 0; k < RATELIMIT_KINDS; k++)
		if (limits->most[k] > RATELIMIT_MAX) {
			(void)err_set(err, ERR_LIMIT, 0, "a rate limit of %llu is too large: at most %llu is taken",
				      (unsigned long long)limits->most[k], (unsigned long long)RATELIMIT_MAX);
			return NULL;
		}
	r = calloc(1, sizeof(*r));
	if (!r) {
		(void)err_nomem(err);
		return NULL;
	}
	r->limits = *limits;
	r->clock = clock ? *clock : ratelimit_system_clock;
	(void)pthread_mutex_init(&r->lock, NULL);
	r->end = &r->first;
	ratestate_init(&r->state, r->clock.now_ns(r->clock.self));
	return r;
}

struct ratelimit *ratelimit_open(const char *path, const struct ratelimit_limits *limits,
				 const struct ratelimit_clock *clock, struct err *err)
{
	DEFER(ratelimit_freep) struct ratelimit *r = ratelimit_new(limits, clock, err);
	uint64_t now_ns;

	if (!r)
		return NULL;
	r->path = strdup(path);
	if (!r->path) {
		(void)err_nomem(err);
		return NULL;
	}
	while (r->owner == 0)
		if (getentropy(&r->owner, sizeof(r->owner)))
			r->owner = (uint64_t)getpid();
	r->file = ratefile_new(r->path, &r->limits, &r->clock, err);
	if (!r->file || begin(r, &now_ns, err) || end(r, false, err))
		return NULL;
	return TAKE(r);
}

void ratelimit_free(struct ratelimit *r)
{
	if (!r)
		return;
	ratefile_free(r->file);
	(void)pthread_mutex_destroy(&r->lock);
	free(r->path);
	free(r);
}

void ratelimit_freep(struct ratelimit **r)
{
	ratelimit_free(*r);
}
