/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/latch.h"

#include <time.h>

#include "common/base/clock.h"

#define NS_PER_MS 1'000'000u
#define NS_PER_S 1'000'000'000u

void latch_init(struct latch *l)
{
	pthread_condattr_t attributes;

	*l = (struct latch){ .is_raised = false };
	pthread_mutex_init(&l->mutex, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&l->changed, &attributes);
	pthread_condattr_destroy(&attributes);
}

void latch_done(struct latch *l)
{
	pthread_cond_destroy(&l->changed);
	pthread_mutex_destroy(&l->mutex);
}

void latch_raise(struct latch *l)
{
	pthread_mutex_lock(&l->mutex);
	l->is_raised = true;
	pthread_cond_broadcast(&l->changed);
	pthread_mutex_unlock(&l->mutex);
}

bool latch_wait(struct latch *l, uint64_t wait_ms)
{
	uint64_t until_ns = clock_mono_ns() + wait_ms * NS_PER_MS;
	const struct timespec until = { .tv_sec = (time_t)(until_ns / NS_PER_S),
					.tv_nsec = (long)(until_ns % NS_PER_S) };
	bool is_raised;

	pthread_mutex_lock(&l->mutex);
	while (!l->is_raised && !pthread_cond_timedwait(&l->changed, &l->mutex, &until))
		;
	is_raised = l->is_raised;
	pthread_mutex_unlock(&l->mutex);
	return is_raised;
}
