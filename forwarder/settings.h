/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration of skantd as it is once read and checked (config.h reads it). Plain data; every part is borrowed by
 * the feed or the sink that it is for, for as long as that lives. Texts are never NULL unless it is said. */
#ifndef FORWARDER_SETTINGS_H
#define FORWARDER_SETTINGS_H

#include "common/api/profile.h"
#include "forwarder/encoder.h"

enum settings_start {
	SETTINGS_NOW,
	SETTINGS_BEGINNING,
	SETTINGS_TIME,
	SETTINGS_BACK, /* of usage and cost, where none is given: lookback_ms before now */
};

enum settings_feed_type {
	SETTINGS_ACTIVITIES,
	SETTINGS_INGEST,
	SETTINGS_USAGE,
	SETTINGS_COST,
	SETTINGS_KEYS,
	SETTINGS_ACCESS,
	SETTINGS_FEED_TYPES,
};
extern const char *const settings_feed_types[SETTINGS_FEED_TYPES]; /* "activities", "ingest", "usage", ... */

/* What rows of the usage report are told apart by. */
enum settings_group {
	SETTINGS_BY_ACCOUNT,
	SETTINGS_BY_KEY,
	SETTINGS_BY_WINDOW,
	SETTINGS_BY_GEO,
	SETTINGS_BY_MODEL,
	SETTINGS_BY_SERVICE,
	SETTINGS_BY_TIER,
	SETTINGS_BY_WORKSPACE,
	SETTINGS_GROUPS,
};
extern const char *const settings_groups[SETTINGS_GROUPS]; /* as the API names them: "account_id", "api_key_id", ... */

enum settings_bucket { SETTINGS_MINUTE, SETTINGS_HOUR, SETTINGS_DAY, SETTINGS_BUCKETS };
extern const char *const settings_buckets[SETTINGS_BUCKETS]; /* "1m", "1h", "1d" */

struct policy; /* common/policy/policy.h */

struct settings_feed {
	char *name; /* [a-z][a-z0-9-]*, at most 32; "skantd" is our own */
	enum settings_feed_type type;
	/* all but ingest */
	struct credential_source credential; /* CREDENTIAL_UNSET: those of the api section, then of the profile */
	enum settings_start start;
	int64_t start_unix_s; /* of SETTINGS_TIME */
	uint64_t poll_ms;     /* 5 s to 1 d; of all but activities at least 1 min */
	/* activities: how long after it happened one may still come; 0 = measured ("auto"). usage, cost: how long after
	 * its end a bucket is taken as final. */
	uint64_t settle_ms;
	/* usage, cost */
	uint64_t lookback_ms;        /* how far back each poll reads again, for what was restated */
	unsigned group_by;           /* usage: bit set of enum settings_group */
	enum settings_bucket bucket; /* usage; of cost always a day */
	/* activities */
	uint64_t reconcile_ms;      /* how often the last day is read again; 0 = never */
	struct event_filter filter; /* what is stored at all: what upstream can filter it is asked to */
	bool include_content;       /* cca only */
	bool skip_own;              /* leave out what our own polling makes */
	/* ingest */
	char *socket;        /* absolute path; the datagram socket is the same with ".dgram" behind it */
	char *group;         /* NULL: the daemon's own */
	uint64_t max_record; /* bytes of one record */
};

enum settings_sink_type { SETTINGS_JOURNALD, SETTINGS_SYSLOG, SETTINGS_STDOUT, SETTINGS_FILE, SETTINGS_SINK_TYPES };
extern const char *const settings_sink_types[SETTINGS_SINK_TYPES]; /* "journald", "syslog", "stdout", "file" */

enum settings_transport {
	SETTINGS_UNIX,
	SETTINGS_UDP,
	SETTINGS_TCP,
	SETTINGS_TLS,
	SETTINGS_RELP,
	SETTINGS_RELP_TLS,
	SETTINGS_TRANSPORTS,
};
extern const char *const settings_transports[SETTINGS_TRANSPORTS]; /* "unix" "udp" "tcp" "tls" "relp" "relp+tls" */

struct settings_sink {
	char *name; /* as of a feed; no two sinks have the same */
	enum settings_sink_type type;
	char *format;              /* name of an encoder; not of journald */
	char *message;             /* what MSG of rfc5424 and rfc3164 is: "text" or the name of a JSON encoder */
	enum settings_start start; /* where a sink that is new in this state folder begins; default: the beginning */
	int64_t start_unix_s;
	struct event_filter filter;
	uint64_t max_message;  /* bytes; 0 = any number */
	uint64_t window_bytes; /* what is sent again after a lost connection: so many bytes, ... */
	uint64_t window_ms;    /* ... and what is younger than that */
	/* journald */
	char *socket;      /* "/run/systemd/journal/socket" */
	char *journal;     /* folder to read back from; NULL: the system's */
	bool sync_batch;   /* sync the journal behind each batch, so that its events are proved durable */
	unsigned facility; /* RFC 5424 numbers; 13 (log audit) */
	/* syslog */
	enum settings_transport transport;
	char *host; /* name or address without brackets; of unix: the path */
	uint16_t port;
	char *hostname; /* HOSTNAME in messages; NULL: the machine's */
	uint32_t pen;
	char *ca_file, *cert_file, *key_file; /* NULL: the system's; none */
	char *server_name;                    /* that the certificate has to be for; NULL: host */
	/* file */
	char *path;
	uint64_t rotate_bytes; /* 0 = never */
	unsigned rotate_keep;
};

struct settings_retention {
	uint64_t bodies_ms, ledger_ms;
	uint64_t max_bytes; /* of the spool; when it is reached, feeds stop reading */
};

struct settings_metrics {
	char *textfile; /* NULL: none */
	char *listen;   /* "127.0.0.1:9187", "[::1]:9187", "/run/skant/metrics.sock"; NULL: none */
};

struct settings_health {
	uint64_t stale_ms;     /* a feed without a successful poll for so long raises an alert; 0 = never */
	uint64_t heartbeat_ms; /* 0 = none */
	uint64_t quiet_ms;     /* a feed without a new event for so long raises an alert; 0 = never */
};

struct settings {
	char *path;           /* of the configuration file */
	char *state_dir;      /* absolute */
	char *policy;         /* NULL: none */
	struct policy *rules; /* what stands in it; NULL: none */
	struct profile profile;
	uint64_t requests_per_minute; /* 0 = only what the server says */
	uint64_t timeout_ms;
	struct settings_feed *feeds;
	size_t feed_count;
	struct settings_sink *sinks;
	size_t sink_count;
	struct settings_retention retention;
	struct settings_metrics metrics;
	struct settings_health health;
};

#endif
