/* SPDX-License-Identifier: Apache-2.0 */
/* For LD_PRELOAD: the clocks that nobody can set run $FASTCLOCK times as fast, for all processes alike, and what is
 * waited for by them comes so much sooner: a minute of a rate limit passes in a few seconds. The time of day goes on as
 * it does. */
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_S UINT64_C(1000000000)

static uint64_t factor(void)
{
	static uint64_t known;

	if (!known) {
		const char *text = getenv("FASTCLOCK");
		long n = text ? strtol(text, NULL, 10) : 1;

		known = n > 0 ? (uint64_t)n : 1;
	}
	return known;
}

static struct timespec from_ns(uint64_t ns)
{
	return (struct timespec){ .tv_sec = (time_t)(ns / NS_PER_S), .tv_nsec = (long)(ns % NS_PER_S) };
}

static uint64_t to_ns(const struct timespec *t)
{
	return (uint64_t)t->tv_sec * NS_PER_S + (uint64_t)t->tv_nsec;
}

int clock_gettime(clockid_t clock, struct timespec *ret)
{
	int status = (int)syscall(SYS_clock_gettime, clock, ret);

	if (status == 0 && (clock == CLOCK_MONOTONIC || clock == CLOCK_BOOTTIME))
		*ret = from_ns(to_ns(ret) * factor());
	return status;
}

int nanosleep(const struct timespec *wait, struct timespec *left)
{
	struct timespec real = from_ns(to_ns(wait) / factor());

	return (int)syscall(SYS_nanosleep, &real, left);
}

/* The C library has no call for a wait until a moment that is not of its own clock, but by the time of day. */
int pthread_cond_clockwait(pthread_cond_t *cond, pthread_mutex_t *mutex, clockid_t clock, const struct timespec *until)
{
	struct timespec now, real;
	uint64_t wait_ns;

	(void)clock_gettime(clock, &now);
	wait_ns = to_ns(until) > to_ns(&now) ? (to_ns(until) - to_ns(&now)) / factor() : 0;
	(void)syscall(SYS_clock_gettime, CLOCK_REALTIME, &real);
	real = from_ns(to_ns(&real) + wait_ns);
	return pthread_cond_timedwait(cond, mutex, &real);
}
