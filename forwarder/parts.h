/* SPDX-License-Identifier: Apache-2.0 */
/* Everything that one configuration asks for, over a spool that outlives it: the feeds' intakes and the sinks'
 * couriers. A reload takes the parts down and builds those of the new configuration. */
#ifndef FORWARDER_PARTS_H
#define FORWARDER_PARTS_H

#include "common/base/bounds.h"
#include "forwarder/access.h"
#include "forwarder/courier.h"
#include "forwarder/intake.h"

struct parts {
	const struct settings *settings;
	struct ratelimit *ratelimit;
	struct access *accesses; /* of each feed; empty for one that asks nobody */
	struct intake **intakes;
	struct courier **couriers;
	size_t intake_count, courier_count;
	char hostname[256];
	atomic_bool stop_api; /* calls of the API end */
};

/* What stays of feeds that make place for others of the same names. */
struct parts_kept {
	struct {
		const struct settings_feed *settings; /* borrowed */
		struct intake_times times;
	} feeds[CONFIG_FEEDS_MAX];
	size_t count;
};

struct parts_options {
	const struct settings *settings; /* borrowed until parts_done */
	struct spool *spool;
	struct bulletin *bulletin;
	bool is_once;
	const struct parts_kept *kept; /* of the parts before; NULL = there were none */
	/* There are others to go back to: a credential that cannot be used is an error. Else it is one of its feed
	 * alone, as the other feeds and the sinks are not to stop for it. */
	bool is_trial;
	struct api_options api;         /* profile and ratelimit are ours */
	struct intake_options watchers; /* its functions and context only */
	void (*sink_changed)(void *context, const char *sink, enum courier_mood mood, bool is_first,
			     const struct err *err); /* courier.h; with watchers' context */
	void (*sink_rejected)(void *context, const char *sink, uint64_t count, uint64_t first_seq, const char *reason);
	void (*sink_missed)(void *context, const char *sink, uint64_t first_seq, uint64_t last_seq);
	void (*rate_noted)(void *context, const struct err *note); /* common/api/ratelimit.h; the same */
};

/* Makes all, starts nothing. 0, or -1 with err, and nothing is left of it. */
[[nodiscard]] int parts_open(struct parts *parts, const struct parts_options *options, struct err *err);

/* Starts the couriers, then the intakes. 0 or -1: then parts_close is still to be called. */
[[nodiscard]] int parts_start(struct parts *parts, struct err *err);

/* Stops the feeds, which is the beginning of parts_close, and tells what stays of them. */
void parts_keep(struct parts *parts, struct parts_kept *ret);

/* Feeds stop first; sinks deliver what is spooled for at most drain_ms, then stop. Frees all. */
void parts_close(struct parts *parts, uint64_t drain_ms);

/* The limit of requests that all who have this state folder share; *ret NULL: there is none. 0, or -1 with err. */
[[nodiscard]] int parts_open_rate(const struct settings *settings, struct ratelimit **ret, struct err *err);

/* The feed's and the sink's functions and encoders: what config.h has checked exists. */
const struct feed_ops *parts_feed_ops(const struct settings_feed *settings);
const struct sink_ops *parts_sink_ops(const struct settings_sink *settings);

/* The machine's name as syslog wants it: printable ASCII, or "-". */
void parts_hostname(char ret[static 256]);

/* One sink alone, not started: for `check --sink`. NULL with err. */
void *parts_open_sink(const struct settings_sink *settings, struct sink_env *env, const char *hostname,
		      struct err *err);

#endif
