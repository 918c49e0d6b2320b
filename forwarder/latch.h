/* SPDX-License-Identifier: Apache-2.0 */
/* A flag that one thread raises once and others wait for, by a clock that nobody sets. */
#ifndef FORWARDER_LATCH_H
#define FORWARDER_LATCH_H

#include <pthread.h>

#include "common/base/base.h"

struct latch {
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	bool is_raised;
};

void latch_init(struct latch *latch);
void latch_done(struct latch *latch); /* nobody waits any more */
void latch_raise(struct latch *latch);

/* Waits for up to wait_ms: whether it is raised. */
bool latch_wait(struct latch *latch, uint64_t wait_ms);

#endif
