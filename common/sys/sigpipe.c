/* SPDX-License-Identifier: Apache-2.0 */
#include "common/sys/sigpipe.h"

#include <errno.h>
#include <time.h>

static sigset_t only_sigpipe(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGPIPE);
	return set;
}

static bool is_sigpipe_pending(void)
{
	sigset_t pending;

	sigemptyset(&pending);
	return sigpending(&pending) == 0 && sigismember(&pending, SIGPIPE) == 1;
}

void sigpipe_block(struct sigpipe_guard *guard)
{
	sigset_t set = only_sigpipe();

	guard->was_pending = is_sigpipe_pending();
	(void)pthread_sigmask(SIG_BLOCK, &set, &guard->old_mask);
}

void sigpipe_restore(const struct sigpipe_guard *guard)
{
	static const struct timespec at_once;
	sigset_t set = only_sigpipe();

	if (!guard->was_pending && is_sigpipe_pending())
		while (sigtimedwait(&set, NULL, &at_once) < 0 && errno == EINTR)
			;
	(void)pthread_sigmask(SIG_SETMASK, &guard->old_mask, NULL);
}
