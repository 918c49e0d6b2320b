/* SPDX-License-Identifier: Apache-2.0 */
/* Waiting for a descriptor, a time, or the word to stop. */
#ifndef FORWARDER_SINK_WAIT_H
#define FORWARDER_SINK_WAIT_H

#include "forwarder/sink.h"

enum wait_result {
	WAIT_READY, /* the descriptor is ready, or in error */
	WAIT_TIME,  /* the time has come */
	WAIT_STOP,  /* the sink has to return at once */
};

/* Waits until poll(2) has one of events for fd (-1: for no descriptor), until_ns (clock_mono_ns) has come, or env says
 * stop; env NULL: nothing but the time ends it. */
enum wait_result wait_fd(const struct sink_env *env, int fd, short events, uint64_t until_ns);

uint64_t wait_until(uint64_t ms); /* clock_mono_ns in so many milliseconds */

#endif
