/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of daemon. */
#ifndef FORWARDER_DAEMON_WORK_H
#define FORWARDER_DAEMON_WORK_H

#include "forwarder/daemon.h"
#include "forwarder/guard.h"
#include "forwarder/telemetry.h"

struct daemon {
	const struct daemon_options *options;
	struct settings settings; /* of the parts that run */
	struct spool *spool;
	struct bulletin *bulletin;
	struct guard *guard;
	bool is_unguarded; /* the last look of guard has failed */
	struct telemetry *telemetry;
	struct parts parts;
	int signal_fd, control_fd;
	atomic_bool is_over; /* a sink has said that it will never deliver again */
	int64_t started_s;
	uint64_t reloads;
	char reload_error[ERR_TEXT_BYTES];

	/* When what is due next, by clock_boot_ns; UINT64_MAX = never. */
	uint64_t heartbeat_ns, watch_ns, trim_ns, textfile_ns, alive_ns, guard_ns;
};

/* Sets all timers to their first time; at a reload, to an earlier one that they had. */
void daemon_timers_start(struct daemon *d);

/* Looks whether skantd itself is set as the policy wants it. */
void daemon_guard(struct daemon *d);

/* Does what is due; milliseconds until the next is. */
int daemon_timers_run(struct daemon *d);

/* Tells "skantd.started", "skantd.stopped", "skantd.heartbeat" with the counts and the chain's head. message
 * NULL: how many events there are. */
void daemon_tell(struct daemon *d, const char *type, const char *message);

/* How it stands now. */
struct status daemon_status(struct daemon *d);

/* --- daemon_say.c --- */
/* The ledger's times never go back: what is stored while the clock is behind them gets that of the event before. */
void daemon_tell_clock(const struct daemon *d);
/* A feed that is new, while one that has stored something is not configured any more, may be that one renamed. */
void daemon_tell_renamed(const struct daemon *d);

#endif
