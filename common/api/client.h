/* SPDX-License-Identifier: Apache-2.0 */
/* The API client: one call of one operation, whatever it takes.
 *
 * It picks the weakest credential that may do the operation (when its scopes turn out not to reach, the next), waits
 * for the rate limit, sends, repeats what may be repeated (retry.h) within one deadline, and turns a refusal into an
 * error that tells operation, status, error type, message and request id. Usable by several threads at once: each call
 * has a connection of its own, kept for the next. What may have been carried out by a try that failed is never sent
 * again, and the error says so.
 *
 * Kinds of errors: ERR_USAGE, ERR_CONFIG before anything is sent (unknown parameter, no credential of a kind that may,
 * an operation that the dialect lacks); ERR_REFUSED the API said no; ERR_LATER the rate limit or the network held to
 * the end of the retries; ERR_FORMAT a reply that is not what the API promises. */
#ifndef COMMON_API_CLIENT_H
#define COMMON_API_CLIENT_H

#include <stdatomic.h>

#include "common/api/dialect.h"
#include "common/api/profile.h"
#include "common/api/transport.h"

struct api;
struct ratelimit;

/* One try of a call, once it has ended. */
struct api_try {
	enum api_operation operation;
	unsigned status; /* HTTP; 0 when none came */
	enum transport_fault fault;
	uint64_t duration_ns;
	bool is_retry;           /* it was not the first of its call ... */
	const char *retry_cause; /* ... because of this, in the one before: "429", "timeout"; else "" */
};

struct api_options {
	const struct profile *profile; /* borrowed */
	const char *user_agent;
	uint64_t timeout_ms;         /* of one try; 0 = API_TIMEOUT_MS */
	uint64_t deadline_ms;        /* of a call with all its tries; 0 = API_DEADLINE_MS */
	unsigned max_retries;        /* tries beyond the first */
	struct ratelimit *ratelimit; /* borrowed; NULL = none of ours (the server's headers count all the same) */
	const atomic_bool *stop;     /* borrowed; raised: calls end at once */
	const atomic_bool *drain;    /* borrowed, or NULL; raised (before stop, too): what is on its way goes on, and
	                              * nothing more is sent */
	/* Keys that stand in a good reply, such as one that somebody has given to another key as its name, are masked
	 * before anybody reads it (redact.h); what a model answers stays as it is. */
	bool masks_keys;
	/* -1, or where a line a try goes (request_log.h): opened for appending, closed by the caller. */
	int request_log_fd;
	/* Told before a call is sent: the kind of credential that was picked; again when another is tried. May be
	 * NULL. */
	void (*picked)(void *context, enum api_operation operation, enum credential_kind kind);
	/* Set for --dry-run: gets what would be sent instead of sending it (reads are sent all the same). May be
	 * NULL. */
	int (*dry_run)(void *context, const char *method, struct view target, struct view body, struct err *err);
	/* Told before the pause that leads to the next try, from the thread that calls: why there is one ("429",
	 * "timeout"), and how long it takes. May be NULL. */
	void (*pauses)(void *context, enum api_operation operation, const char *cause, uint64_t wait_ns);
	/* Told of each try, from the thread that calls: for metrics. May be NULL. */
	void (*observed)(void *context, const struct api_try *t);
	void *context;
	/* Told, with owner, of which organization a good reply is, where it says so; -1 with err: it is not to be
	 * used. From the thread that calls. May be NULL. */
	int (*owned)(void *owner, struct view organization, struct err *err);
	void *owner;
};

struct api_reply {
	unsigned status;
	struct buf body;         /* the untouched bytes, but for masks_keys */
	struct buf request_id;   /* may be empty */
	struct buf organization; /* anthropic-organization-id; may be empty */
	struct buf workspace;    /* anthropic-workspace-id; may be empty */
	uint64_t duration_ns;    /* of the last try */
	int64_t date_s;          /* the server's time (Date), since 1970; 0 when it did not say */
	bool was_sent;           /* false after a dry run: there is no reply */
};

/* What the API said no with; for callers that tell refusals apart. */
struct api_refusal {
	unsigned status;
	char type[64];       /* error.type, cleaned; empty when the body had none */
	char message[512];   /* error.message, cleaned and masked */
	bool is_spend_limit; /* the organisation's money is used up: nothing helps but to raise the limit */
	bool is_unknown;     /* of a call that failed, refused or not: it may have been carried out all the same */
};

struct api *api_new(const struct api_options *options, struct err *err);
void api_free(struct api *api);
void api_freep(struct api **api);

/* The profile that options named. */
const struct profile *api_profile(const struct api *api);

/* Whether a credential of that kind is there (loads it). 1, 0, or -1 with err when its source cannot be used. */
[[nodiscard]] int api_has(struct api *api, enum credential_kind kind, struct err *err);

/* One call. *reply: all zero at first, or from a call before: its memory is used again. *refusal (may be NULL) is
 * filled when -1 comes with ERR_REFUSED, and has the status 0 otherwise; is_unknown counts in any case. */
[[nodiscard]] int api_call(struct api *api, enum api_operation operation, const struct api_argument *arguments,
			   size_t count, struct api_reply *reply, struct api_refusal *refusal, struct err *err);

/* Reads the body of a good reply. 0; or -1 with err: ERR_FORMAT when it is not what the API promises. */
struct api_reading {
	int (*read)(void *context, struct view body, struct err *err);
	void *context;
};

/* The same with a reply that counts only once it is read: one that is damaged is a try that failed, and what may be
 * repeated is tried again. read is called for each; views of the body that it keeps are those of reply->body. */
[[nodiscard]] int api_call_read(struct api *api, enum api_operation operation, const struct api_argument *arguments,
				size_t count, const struct api_reading *reading, struct api_reply *reply,
				struct api_refusal *refusal, struct err *err);

/* The same with one kind of credential and no other: for `auth check`. */
[[nodiscard]] int api_call_as(struct api *api, enum credential_kind kind, enum api_operation operation,
			      const struct api_argument *arguments, size_t count, struct api_reply *reply,
			      struct api_refusal *refusal, struct err *err);

/* The same with a key that is none of the profile's: whether a found key is live (verify). key is not kept. ERR_USAGE
 * when it is nothing that a header may hold. */
[[nodiscard]] int api_call_with(struct api *api, struct view key, enum credential_kind kind,
				enum api_operation operation, const struct api_argument *arguments, size_t count,
				struct api_reply *reply, struct api_refusal *refusal, struct err *err);

void api_reply_done(struct api_reply *reply);

#endif
