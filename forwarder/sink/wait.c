/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/sink/wait.h"

#include <errno.h>
#include <poll.h>

#include "common/base/clock.h"

#define NS_PER_MS 1'000'000u
#define NS_PER_S 1'000'000'000u

uint64_t wait_until(uint64_t ms)
{
	return clock_mono_ns() + ms * NS_PER_MS;
}

enum wait_result wait_fd(const struct sink_env *env, int fd, short events, uint64_t until_ns)
{
	struct pollfd fds[] = { { .fd = fd, .events = events }, { .fd = env ? env->wake_fd : -1, .events = POLLIN } };

	for (;;) {
		uint64_t now_ns = clock_mono_ns(), left_ns = now_ns < until_ns ? until_ns - now_ns : 0;
		const struct timespec left = { .tv_sec = (time_t)(left_ns / NS_PER_S),
					       .tv_nsec = (long)(left_ns % NS_PER_S) };
		int n = ppoll(fds, ARRAY_LEN(fds), &left, NULL);

		if (env && atomic_load(env->stop))
			return WAIT_STOP;
		if (n < 0 && errno == EINTR)
			continue;
		if (n > 0 && fds[1].revents)
			return WAIT_STOP;
		return n > 0 && fds[0].revents ? WAIT_READY : WAIT_TIME;
	}
}
