/* SPDX-License-Identifier: Apache-2.0 */
/* What happens after a try of an API call: is it done, is it tried again and when, or is it given up and why. Pure:
 * time and randomness are given.
 *
 * - Tried again is what may pass: 408, 429, 5xx, faults of the connection, and answers that are damaged.
 *   `x-should-retry` overrides the status, either way; a spend limit that was reached ends the call whatever else is
 *   said, as no wait within its life helps.
 * - A call that must not happen twice (retry_is_repeatable is false for it) is tried again only when the server surely
 *   did nothing: it refused (4xx but 408), said so (503 or 529 with `x-should-retry: true`), or nothing was sent.
 *   Otherwise the call is given up as ambiguous: it may have been carried out, and only reading can tell.
 * - Before the n-th repetition passes a random time between nothing and 1 s, 2 s, 4 s, ... 60 s ("full jitter"), or
 *   exactly what Retry-After says. A wait that would end at or behind the deadline is not begun. */
#ifndef COMMON_API_RETRY_H
#define COMMON_API_RETRY_H

#include "common/api/after.h"
#include "common/base/bounds.h"

/* What became of the transfer, where there is no whole answer. */
enum retry_fault {
	RETRY_NO_FAULT,   /* status and body are there */
	RETRY_NO_CONNECT, /* no name, no route, refused, or out of time before there was a connection */
	RETRY_TLS,        /* the handshake broke off; nothing was sent */
	RETRY_UNTRUSTED,  /* the peer's certificate does not hold; nothing was sent, and nothing will be */
	RETRY_UNSENT,     /* out of time, or the connection closed, before the first byte of the request was sent */
	RETRY_RESET,      /* the connection broke after something was sent */
	RETRY_TIMEOUT,    /* out of time after something was sent */
	RETRY_CUT,        /* the answer ended before its length; its status may be known */
	RETRY_ENCODING,   /* the body cannot be decoded (content-encoding) */
	RETRY_PROTOCOL,   /* what came is no HTTP */
	RETRY_UNREADABLE, /* the answer is there, and is no JSON or not the JSON that is promised */
	RETRY_TOO_LARGE,  /* the answer is larger than a limit of ours */
	RETRY_CANCELLED,  /* we were told to stop */
	RETRY_FAULTS,
};

/* The call as a whole. */
struct retry_call {
	bool is_repeatable; /* carrying it out twice is as good as once */
	unsigned max_retries;
	uint64_t deadline_ns; /* UINT64_MAX = none */
};

/* One try, once it has ended. All zero is a good start; retry_header fills the answer's part. */
struct retry_try {
	enum retry_fault fault;
	int status;                                                   /* 0 when there was none */
	enum { RETRY_UNSAID, RETRY_SHOULD, RETRY_SHOULD_NOT } should; /* x-should-retry */
	struct after after;
	char error_type[RETRY_WORD_BYTES]; /* of the body; or empty. See retry_set_error */
	char request_id[RETRY_WORD_BYTES]; /* or empty */
	bool is_spend_limit;               /* details.error_code is enforced_spend_limit_reached */
};

enum retry_action { RETRY_DONE, RETRY_AGAIN, RETRY_GIVE_UP };

enum retry_reason {
	RETRY_FINAL,       /* another try would have the same answer */
	RETRY_SPEND_LIMIT, /* the organization's money is used up */
	RETRY_AMBIGUOUS,   /* it may have been carried out, and must not be twice */
	RETRY_EXHAUSTED,   /* max_retries was reached */
	RETRY_NO_TIME,     /* the deadline lies before the next try */
};

struct retry_verdict {
	enum retry_action action;
	uint64_t wait_ns;         /* RETRY_AGAIN: before the next try; RETRY_NO_TIME: what it would have been */
	enum retry_reason reason; /* RETRY_GIVE_UP */
	bool is_ambiguous;        /* RETRY_GIVE_UP, of what must not happen twice: it may have been carried out */
};

/* GET, HEAD, OPTIONS and PUT. Not DELETE, though RFC 9110 (9.2.2) calls it idempotent: its second answer is another one
 * (404), and what it names may be a new thing by then. A POST that only reads is the caller's to know. */
bool retry_is_repeatable(struct view method);

/* Notes a header of the answer: x-should-retry, retry-after, date, request-id, in any case; others are passed over. */
void retry_header(struct retry_try *t, struct view name, struct view value, int64_t now_s);

/* Notes the error object of the answer: `type` and `details.error_code`, either may be empty. A type that is no plain
 * word (lower-case letters and _) is not kept: it is going to be shown. */
void retry_set_error(struct retry_try *t, struct view type, struct view error_code);

/* tries counts this one. now_ns and the deadline are by the same clock, now_s is the wall clock's; random is any 64
 * bits. */
struct retry_verdict retry_decide(const struct retry_call *call, const struct retry_try *t, unsigned tries,
				  uint64_t now_ns, int64_t now_s, uint64_t random);

/* Why each try failed, in constant memory: of more than RETRY_CAUSES the first and the last ones. All zero is empty. */
struct retry_log {
	unsigned count;
	uint64_t first_ns, last_ns;
	struct retry_cause {
		enum retry_fault fault;
		int status;
		char error_type[RETRY_WORD_BYTES], request_id[RETRY_WORD_BYTES];
	} causes[RETRY_CAUSES];
};

/* start_ns: when the try began; now_ns: when it ended. */
void retry_log_add(struct retry_log *log, const struct retry_try *t, uint64_t start_ns, uint64_t now_ns);

/* Appends "tried 3 times in 12 s: 503 overloaded_error (req_01); connection reset; 429". 0, or -1 as buf_add. */
[[nodiscard]] int retry_add_causes(struct buf *buf, const struct retry_log *log);

/* Appends why a call was given up, as part of a sentence: "the next try may be in 120 s, behind the deadline". */
[[nodiscard]] int retry_add_reason(struct buf *buf, const struct retry_verdict *verdict);

#endif
