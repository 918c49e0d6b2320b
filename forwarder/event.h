/* SPDX-License-Identifier: Apache-2.0 */
/* One event on its way from a feed to the sinks: the untouched upstream bytes, what the spool knows of them, and what
 * could be read from them.
 *
 * The bytes are the evidence; everything else is derived. Whatever they hold, an event is never refused here: a member
 * that is not there, or of another type than expected, is a field that is not known, and nothing else. */
#ifndef FORWARDER_EVENT_H
#define FORWARDER_EVENT_H

#include "common/base/buf.h"
#include "common/base/digest.h"
#include "common/base/err.h"

/* Who wrote the bytes. The numbers are stored: never change one. */
enum event_origin {
	EVENT_PLATFORM = 1, /* an activity of the provider's published API */
	EVENT_CCA = 2,      /* an activity of the cca dialect */
	/* what a local program sent: {"peer":{"uid":0,"gid":0,"pid":1},"record":{...}}, the record as it came */
	EVENT_INGEST = 3,
	EVENT_OWN = 4, /* skantd's own: {"type":"skantd.heartbeat", ...} */
};

/* What kind of thing happened: one MESSAGE_ID each (systemd.journal-fields(7); forwarder/systemd/skant.catalog explains
 * them). Ids are part of the interface: never change one. */
#define EVENT_CLASSES(X)                                                                                               \
	X(KEY, "key", "4eff1096df77472586e632c07433d80b")                                                              \
	X(PERSON, "person", "07c27be2c118450cb00026868c56b9ec")                                                        \
	X(ACCESS, "access", "0a78ed35b6ac42f086e9b63cf3370e3a")                                                        \
	X(WORKSPACE, "workspace", "6a51fda42b24472481fd7270a4fa8fb6")                                                  \
	X(COMPLIANCE, "compliance", "f25f285d9c1349dba5eb36549388445f")                                                \
	X(REPORT, "report", "dc27341103254666b599bda2feec9da2")                                                        \
	X(SIGN_IN, "sign-in", "77a8d8f3a5df47f6a358ab5ef625d740")                                                      \
	X(CONTENT, "content", "af956d2ec0c448128ece129b121e3db2")                                                      \
	X(ACTIVITY, "activity", "d32d37cf671046c8882597b5253973c4")                                                    \
	X(CALL, "call", "148586e852354aa0b4a4bd22c3a42aab")                                                            \
	X(FINDING, "finding", "237dcb3f984f47c0a6d0247a79e095ee")                                                      \
	X(KEY_NAME, "key-name", "1cccb43a9a264bed80da914b6ff214ea")                                                    \
	X(RECORD, "record", "dc8eeae994bf491a835f8fa01c725fc3")                                                        \
	X(STARTED, "started", "0623f5ba673a41cf823ab4161ac6d07a")                                                      \
	X(STOPPED, "stopped", "c6e7645d9a9d45e789fcc90e3cdee02c")                                                      \
	X(HEARTBEAT, "heartbeat", "d1256129c7904a25a3ab48127a395668")                                                  \
	X(ALERT, "alert", "a5f447cf8a5e4dc4b7d32943003bddd8")                                                          \
	X(BUDGET, "budget", "ef96543e0abe42eea7a8c629a51fc635")                                                        \
	X(POLICY, "policy", "36be365a5a034faa931f258ad9551051")                                                        \
	X(USAGE, "usage", "a8b1cbdd24a9415097392b12abbba1f0")                                                          \
	X(COST, "cost", "7fec406c17ba48cd8fdf27dc6e1dea00")

enum event_class {
#define EVENT_CLASS_ID(id, name, message_id) EVENT_CLASS_##id,
	EVENT_CLASSES(EVENT_CLASS_ID)
#undef EVENT_CLASS_ID
		EVENT_CLASS_COUNT
};

struct event_class_info {
	const char *name;       /* "sign-in": SKANT_CLASS, and in filters */
	const char *message_id; /* 32 hex digits */
};
extern const struct event_class_info event_classes[EVENT_CLASS_COUNT];

/* RFC 5424, table 2; what journald calls PRIORITY. */
enum event_severity {
	EVENT_EMERG,
	EVENT_ALERT,
	EVENT_CRIT,
	EVENT_ERR,
	EVENT_WARNING,
	EVENT_NOTICE,
	EVENT_INFO,
	EVENT_DEBUG,
	EVENT_SEVERITIES,
};
extern const char *const event_severity_names[EVENT_SEVERITIES]; /* "emerg" "alert" "crit" "err" "warning" ... */

/* What can be read from the bytes: the journal field, the RFC 5424 parameter name, the JSON member (a dot is a member
 * of a member). */
#define EVENT_FIELDS(X)                                                                                                \
	X(ACTIVITY_ID, "ANTHROPIC_ACTIVITY_ID", "activityId", NULL)                                                    \
	X(ACTIVITY_TYPE, "ANTHROPIC_ACTIVITY_TYPE", "activityType", NULL)                                              \
	X(CREATED_AT, "ANTHROPIC_CREATED_AT", "createdAt", NULL)                                                       \
	X(ORGANIZATION_ID, "ANTHROPIC_ORGANIZATION_ID", "organizationId", "organization_id")                           \
	X(WORKSPACE_ID, "ANTHROPIC_WORKSPACE_ID", "workspaceId", "workspace_id")                                       \
	X(API_KEY_ID, "ANTHROPIC_API_KEY_ID", "apiKeyId", "api_key_id")                                                \
	X(ACTOR_TYPE, "ANTHROPIC_ACTOR_TYPE", "actorType", "actor.type")                                               \
	X(ACTOR_ID, "ANTHROPIC_ACTOR_ID", "actorId", "actor.id")                                                       \
	X(ACTOR_EMAIL, "ANTHROPIC_ACTOR_EMAIL", "actorEmail", "actor.email")                                           \
	X(ACTOR_IP, "ANTHROPIC_ACTOR_IP", "actorIp", "actor.ip")                                                       \
	X(ACTOR_USER_AGENT, "ANTHROPIC_ACTOR_USER_AGENT", "actorUserAgent", "actor.user_agent")                        \
	X(MODEL, "ANTHROPIC_MODEL", "model", "model")                                                                  \
	X(INPUT_TOKENS, "ANTHROPIC_INPUT_TOKENS", "inputTokens", "input_tokens")                                       \
	X(OUTPUT_TOKENS, "ANTHROPIC_OUTPUT_TOKENS", "outputTokens", "output_tokens")                                   \
	X(STOP_REASON, "ANTHROPIC_STOP_REASON", "stopReason", "stop_reason")                                           \
	X(LATENCY_MS, "ANTHROPIC_LATENCY_MS", "latencyMs", "latency_ms")                                               \
	X(TOOLS_USED, "ANTHROPIC_TOOLS_USED", "toolsUsed", "tools_used")                                               \
	X(TARGET_TYPE, "ANTHROPIC_TARGET_TYPE", "targetType", "target.type")                                           \
	X(TARGET_ID, "ANTHROPIC_TARGET_ID", "targetId", "target.id")                                                   \
	X(REQUEST_ID, "ANTHROPIC_REQUEST_ID", "requestId", "request_id")                                               \
	X(RULE, "SKANT_RULE", "skantRule", "finding.rule_id")                                                          \
	X(PATH, "SKANT_PATH", "skantPath", "finding.path")                                                             \
	X(LINE, "SKANT_LINE", "skantLine", "finding.line")                                                             \
	X(SECRET_ID, "SKANT_SECRET_ID", "skantSecretId", "finding.secret_id")                                          \
	X(FINGERPRINT, "SKANT_FINGERPRINT", "skantFingerprint", "finding.fingerprint")                                 \
	X(PEER_UID, "SKANT_PEER_UID", "skantPeerUid", "peer.uid")                                                      \
	X(PEER_PID, "SKANT_PEER_PID", "skantPeerPid", "peer.pid")                                                      \
	X(SCOPE, "SKANT_SCOPE", "skantScope", "scope")                                                                 \
	X(PERIOD, "SKANT_PERIOD", "skantPeriod", "period")                                                             \
	X(THRESHOLD, "SKANT_THRESHOLD", "skantThreshold", "threshold")                                                 \
	X(USED_USD, "SKANT_USED_USD", "skantUsedUsd", "used_usd")                                                      \
	X(LIMIT_USD, "SKANT_LIMIT_USD", "skantLimitUsd", "limit_usd")                                                  \
	X(PROJECTED_USD, "SKANT_PROJECTED_USD", "skantProjectedUsd", "projected_usd")                                  \
	X(AMOUNT_USD, "SKANT_AMOUNT_USD", "skantAmountUsd", "amount_usd")                                              \
	X(VIOLATIONS, "SKANT_VIOLATIONS", "skantViolations", "violations")

enum event_field {
#define EVENT_FIELD_ID(id, journal, parameter, member) EVENT_##id,
	EVENT_FIELDS(EVENT_FIELD_ID)
#undef EVENT_FIELD_ID
		EVENT_FIELD_COUNT
};

struct event_field_info {
	const char *journal;   /* field of the journal */
	const char *parameter; /* of the RFC 5424 element */
	const char *member;    /* of the JSON envelope; NULL: it has a place of its own there */
	bool is_number;        /* a JSON number, at most 40 bytes; its text is what upstream wrote */
};
extern const struct event_field_info event_fields[EVENT_FIELD_COUNT];

struct event {
	/* What the spool knows. Views are borrowed from whoever gave them. */
	uint64_t seq;     /* from 1 without a gap, over all feeds */
	struct view feed; /* its name in the configuration */
	struct view id;   /* unique in its feed */
	struct view type; /* upstream's type: "platform_api_key_created" */
	enum event_origin origin;
	int64_t time_ns;                          /* when it happened, by upstream; since 1970-01-01T00:00:00Z */
	int64_t observed_ns;                      /* when it was stored here */
	unsigned char hash[DIGEST_SHA256_BYTES];  /* SHA-256 of body */
	unsigned char chain[DIGEST_SHA256_BYTES]; /* spool/chain.h */
	bool is_redacted;                         /* a key in the upstream bytes was masked before they were stored */
	bool is_replay;                           /* the receiver may have it already */
	struct view body;                         /* JSON, valid */

	/* What event_read makes of it. */
	enum event_class class;
	enum event_severity severity;
	struct view fields[EVENT_FIELD_COUNT]; /* unescaped text, any bytes; VIEW_NONE: not known, or null */
	struct view message; /* one line, clean (text_add_clean), masked, at most EVENT_MESSAGE_BYTES */
	struct buf store;    /* holds what fields and message point to, where body does not */
};

/* Reads class, severity, fields and message from the body and the members above. The event's own memory is used again
 * from event to event: start with {0}. -1 with err only when there is no memory. */
[[nodiscard]] int event_read(struct event *event, struct err *err);

void event_done(struct event *event); /* frees its store */

/* Of the test messages of `check --sink`; their ids begin like this. */
#define EVENT_PROBE_TYPE "skantd.probe"
#define EVENT_PROBE_ID "probe"
/* Whether it is one of them, and no event: whoever reads back what a receiver holds passes over it. No event is of that
 * type and has such an id, as ids of ingested events are ours. */
bool event_is_probe(struct view type, struct view id);

/* What a filter lets pass; an empty list lets everything pass. Lists are NULL-terminated, or NULL. */
struct event_filter {
	char **types;                 /* globs on the type: platform_api_key_* */
	char **feeds;                 /* names */
	char **classes;               /* names of classes */
	char **actors;                /* actor ids, key ids or e-mail addresses */
	char **workspaces;            /* ids */
	enum event_severity severity; /* this one and what is more urgent; EVENT_DEBUG: all */
};

/* Whether every event passes, so that none has to be read for it. */
bool event_filter_takes_all(const struct event_filter *filter);

/* Of an event that was read. */
bool event_passes(const struct event *event, const struct event_filter *filter);

#endif
