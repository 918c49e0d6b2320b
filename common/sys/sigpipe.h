/* SPDX-License-Identifier: Apache-2.0 */
/* SIGPIPE, held back in this thread alone while something writes to a pipe or a connection that may be gone: how the
 * process handles it is not a library's to change. */
#ifndef COMMON_SYS_SIGPIPE_H
#define COMMON_SYS_SIGPIPE_H

#include <signal.h>

#include "common/base/base.h"

struct sigpipe_guard {
	sigset_t old_mask;
	bool was_pending;
};

void sigpipe_block(struct sigpipe_guard *guard);
void sigpipe_restore(const struct sigpipe_guard *guard); /* takes away the SIGPIPE that came meanwhile */

#endif
