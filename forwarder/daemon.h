/* SPDX-License-Identifier: Apache-2.0 */
/* The life of skantd: opens the spool, builds the parts, and then lives by signals, timers and its control socket until
 * it is told to stop.
 *
 * TERM, INT: feeds stop, sinks deliver what is spooled for at most DAEMON_DRAIN_MS. HUP: the configuration is read
 * again; a bad one changes nothing and is said. USR1: a line of status in the log. */
#ifndef FORWARDER_DAEMON_H
#define FORWARDER_DAEMON_H

#include "forwarder/parts.h"

#define DAEMON_DRAIN_MS 5000

struct daemon_options {
	/* Reads the configuration, again at each reload. */
	int (*load)(void *context, struct settings *ret, struct err *err);
	void *context;
	bool is_once;
	struct api_options api; /* timeout_ms, max_retries, request_log_fd, picked */
};

/* Runs it. 0; 1 when it ran once and a feed failed or a sink could not take all; -1 with err. It logs. */
[[nodiscard]] int daemon_run(const struct daemon_options *options, struct err *err);

#endif
