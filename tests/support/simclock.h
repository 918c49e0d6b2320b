/* SPDX-License-Identifier: Apache-2.0 */
/* For tests: time that passes only while every thread of the test sleeps, so that hours of eight callers take a moment,
 * and nothing depends on the machine's speed. */
#ifndef TESTS_SUPPORT_SIMCLOCK_H
#define TESTS_SUPPORT_SIMCLOCK_H

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "common/api/ratelimit.h"

#define SIM_THREADS 16
#define SIM_QUANTUM_NS 100'000'000u /* a thread that waits for a signal looks again so often */
#define SIM_S UINT64_C(1'000'000'000)

struct sim {
	pthread_mutex_t lock;
	uint64_t now_ns;
	int64_t unix_s; /* at now_ns 0 */
	unsigned char run;
	unsigned threads, asleep;
	struct {
		uint64_t until_ns; /* 0 = free */
		pthread_cond_t due;
	} sleepers[SIM_THREADS];
};

static inline void sim_init(struct sim *s, unsigned threads)
{
	memset(s, 0, sizeof(*s));
	(void)pthread_mutex_init(&s->lock, NULL);
	for (unsigned i = 0; i < SIM_THREADS; i++)
		(void)pthread_cond_init(&s->sleepers[i].due, NULL);
	s->now_ns = 1000 * SIM_S;
	s->unix_s = 1795528149 - 1000; /* 2026-11-24T13:49:09Z once 1000 s have passed */
	s->run = 1;
	s->threads = threads;
}

static inline uint64_t sim_now_ns(void *self)
{
	struct sim *s = self;
	uint64_t now_ns;

	(void)pthread_mutex_lock(&s->lock);
	now_ns = s->now_ns;
	(void)pthread_mutex_unlock(&s->lock);
	return now_ns;
}

static inline int64_t sim_unix_s(void *self)
{
	struct sim *s = self;

	return s->unix_s + (int64_t)(sim_now_ns(self) / SIM_S);
}

static inline void sim_run(void *self, unsigned char ret[static 16])
{
	memset(ret, 0, 16);
	ret[0] = ((struct sim *)self)->run;
}

/* Moves on to the moment at which the first of the sleepers wakes, if all sleep. */
static inline void sim_move(struct sim *s)
{
	uint64_t next_ns = UINT64_MAX;

	if (s->asleep < s->threads)
		return;
	for (unsigned i = 0; i < SIM_THREADS; i++)
		if (s->sleepers[i].until_ns && s->sleepers[i].until_ns < next_ns)
			next_ns = s->sleepers[i].until_ns;
	if (next_ns <= s->now_ns || next_ns == UINT64_MAX)
		return;
	s->now_ns = next_ns;
	for (unsigned i = 0; i < SIM_THREADS; i++)
		if (s->sleepers[i].until_ns == next_ns)
			(void)pthread_cond_signal(&s->sleepers[i].due);
}

static inline void sim_sleep_until(struct sim *s, uint64_t until_ns)
{
	unsigned i = 0;

	(void)pthread_mutex_lock(&s->lock);
	while (s->sleepers[i].until_ns)
		i++;
	s->sleepers[i].until_ns = until_ns;
	s->asleep++;
	sim_move(s);
	while (s->now_ns < until_ns)
		(void)pthread_cond_wait(&s->sleepers[i].due, &s->lock);
	s->sleepers[i].until_ns = 0;
	s->asleep--;
	(void)pthread_mutex_unlock(&s->lock);
}

static inline void sim_sleep(struct sim *s, uint64_t ns)
{
	sim_sleep_until(s, sim_now_ns(s) + ns);
}

static inline bool sim_is_alone(struct sim *s)
{
	bool is_alone;

	(void)pthread_mutex_lock(&s->lock);
	is_alone = s->threads <= 1;
	(void)pthread_mutex_unlock(&s->lock);
	return is_alone;
}

static inline void sim_wait(void *self, pthread_cond_t *cond, pthread_mutex_t *mutex, uint64_t until_ns)
{
	struct sim *s = self;
	uint64_t soon_ns = sim_now_ns(self) + SIM_QUANTUM_NS;

	(void)cond;
	/* alone there is nobody to signal; asked with the mutex held, as who leaves may have signalled just before */
	if (until_ns > soon_ns && !sim_is_alone(s))
		until_ns = soon_ns;
	(void)pthread_mutex_unlock(mutex);
	sim_sleep_until(s, until_ns);
	(void)pthread_mutex_lock(mutex);
}

/* A thread of the test ends. */
static inline void sim_leave(struct sim *s)
{
	(void)pthread_mutex_lock(&s->lock);
	s->threads--;
	sim_move(s);
	(void)pthread_mutex_unlock(&s->lock);
}

static inline struct ratelimit_clock sim_clock(struct sim *s)
{
	return (struct ratelimit_clock){
		.now_ns = sim_now_ns, .unix_s = sim_unix_s, .run = sim_run, .wait = sim_wait, .self = s
	};
}

/* What was taken, and when: to be looked at with windows that begin anywhere. */
struct sim_taken {
	uint64_t at_ns, amount;
};

static inline int sim_compare(const void *a, const void *b)
{
	const struct sim_taken *x = a, *y = b;

	return (x->at_ns > y->at_ns) - (x->at_ns < y->at_ns);
}

/* The most that was taken within span_ns, wherever it begins: (t - span, t] for each moment t at which any was. */
static inline uint64_t sim_most(struct sim_taken *taken, size_t count, uint64_t span_ns)
{
	uint64_t sum = 0, most = 0;
	size_t first = 0;

	qsort(taken, count, sizeof(*taken), sim_compare);
	for (size_t i = 0; i < count; i++) {
		sum += taken[i].amount;
		while (taken[i].at_ns - taken[first].at_ns >= span_ns)
			sum -= taken[first++].amount;
		if (sum > most)
			most = sum;
	}
	return most;
}

#endif
