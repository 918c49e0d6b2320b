/* SPDX-License-Identifier: Apache-2.0 */
/* What is to go wrong, and which requests may be wrong, as a JSON text says (README.md). */
#ifndef TESTS_MOCK_SCRIPT_H
#define TESTS_MOCK_SCRIPT_H

#include "common/base/err.h"
#include "tests/mock/http.h"

#define SCRIPT_BYTES (16u << 20)

struct match {                       /* which requests; each member that is not set fits all */
	char *method, *path, *query; /* path may end in *; query: a part of it */
	uint64_t nth, every, times;  /* 0: not set */
	uint64_t seen, fired;
};

struct wire_fault { /* what happens to the bytes of a reply on their way */
	uint64_t delay_ms, bytes_per_s;
	bool has_cut, has_reset;
	uint64_t cut_at;      /* bytes of the body; then the connection is closed */
	uint64_t reset_at;    /* bytes of the reply, headers included; then it is reset */
	int64_t wrong_length; /* added to content-length */
	bool must_close;      /* the connection cannot be used again */
};

enum body_fault {
	BODY_FINE,
	BODY_BAD_GZIP,
	BODY_INVALID_JSON,
	BODY_TRUNCATED_JSON,
};

struct fault {
	struct match match;
	unsigned status;  /* 0: as answered */
	bool is_executed; /* the request is carried out before the reply is replaced */
	char *retry_after, *should_retry;
	bool has_body;
	struct buf body;
	char *content_type;
	uint64_t oversized; /* bytes; 0: no */
	char *location;
	struct http_header *headers; /* value NULL: the header is left out */
	size_t header_count, header_cap;
	enum body_fault body_fault;
	uint64_t duplicate;                /* rows of the page before that come again */
	uint64_t late_count, late_seconds; /* activities that appear after this reply, so much older */
	bool is_out_of_order, has_expired_cursor;
	int64_t clock_skew_s;
	struct wire_fault wire;
};

struct script {
	struct fault *faults;
	size_t fault_count, fault_cap;
	struct match *expected; /* requests that may be wrong */
	size_t expected_count, expected_cap;
};

/* Reads a script; what it does not know is an error. */
[[nodiscard]] int script_read(struct script *s, struct view text, struct err *err);
void script_done(struct script *s);

/* The first fault that fires for the request, or NULL. Counts. */
const struct fault *script_fault(struct script *s, const struct http_request *rq);
/* Whether the request may be wrong. Counts, and is to be asked of wrong requests only. */
bool script_expects(struct script *s, const struct http_request *rq);

#endif
