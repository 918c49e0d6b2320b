/* SPDX-License-Identifier: Apache-2.0 */
/* One request and its reply, as plain data: nothing here knows the library that moves them. */
#ifndef TESTS_MOCK_HTTP_H
#define TESTS_MOCK_HTTP_H

#include "common/base/buf.h"

#define HTTP_PATH_IDS 3
#define HTTP_REPLY_HEADERS 32
#define HTTP_BODY_BYTES (1u << 30)     /* of a reply */
#define HTTP_REQUEST_BYTES (32u << 20) /* of a request's body, as the provider's */

struct http_field {
	struct view name, value;
};

struct http_request {
	const char *method;
	char *target; /* path and query as they were sent; owned */
	struct view path, query;
	struct http_field *headers; /* borrowed from the connection; the array is owned */
	size_t header_count, header_cap;
	struct http_field *args; /* of the query, decoded, in their order; owned */
	size_t arg_count;
	char *arg_text;
	struct buf body;
	struct view ids[HTTP_PATH_IDS]; /* the variable parts of the path */
};

struct http_header {
	char *name, *value; /* owned */
};

struct http_reply {
	unsigned status;
	struct buf body;
	struct view shared; /* when not empty, instead of body: bytes that outlive the reply */
	struct http_header headers[HTTP_REPLY_HEADERS];
	size_t header_count;
	struct buf unexpected; /* why the request ought not to have been sent; empty when it was fine */
};

void http_request_init(struct http_request *rq, const char *method, const char *target);
void http_request_done(struct http_request *rq);
void http_add_header(struct http_request *rq, struct view name, struct view value);
struct view http_header(const struct http_request *rq, const char *name); /* ptr NULL when there is none */

/* Splits and decodes the query (application/x-www-form-urlencoded, WHATWG URL, section 5.1). 0, or -1: a % without two
 * hex digits behind it, or a NUL. */
[[nodiscard]] int http_decode_query(struct http_request *rq);

/* The first value of a parameter; ptr NULL when it was not given. */
struct view http_arg(const struct http_request *rq, const char *name);

void http_reply_init(struct http_reply *rp);
void http_reply_done(struct http_reply *rp);
struct view http_reply_body(const struct http_reply *rp);
PRINTF_LIKE(3, 4) void http_reply_header(struct http_reply *rp, const char *name, const char *fmt, ...);
const char *http_reply_get(const struct http_reply *rp, const char *name); /* NULL when there is none */
void http_reply_drop(struct http_reply *rp, const char *name);

const char *http_reason(unsigned status); /* "Not Found" */

/* Whether accept-encoding allows gzip. */
bool http_wants_gzip(const struct http_request *rq);

#endif
