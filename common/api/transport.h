/* SPDX-License-Identifier: Apache-2.0 */
/* One HTTP exchange at a time over connections that are kept: the only file that sees libcurl.
 *
 * HTTPS only (loopback HTTP when the profile allows it, and then no other host and no proxy), certificates verified,
 * TLS 1.2 or later, gzip, the proxy that the environment names (https_proxy, no_proxy), no redirects, no netrc, no
 * cookies, no file of curl's. HTTP/1.1: there is one request at a time, and the library for HTTP/2 would leave copies
 * of the credential in memory. A reply's body has a ceiling. Credentials are in the headers only while the exchange
 * lasts; libcurl's verbose mode is never on. */
#ifndef COMMON_API_TRANSPORT_H
#define COMMON_API_TRANSPORT_H

#include <stdatomic.h>

#include "common/api/credential.h"
#include "common/api/profile.h"
#include "common/api/transport_headers.h"

struct transport; /* one thread's at a time */

/* Makes libcurl ready for the process, such that it overwrites its memory when it lets go of it. Whoever else uses
 * libcurl calls this and not curl_global_init: the first call decides. Any thread, any number of times. 0 or -1. */
[[nodiscard]] int transport_init(struct err *err);

struct transport_request {
	const char *method;
	struct view target;        /* path and query, as api_write made them */
	struct view body;          /* empty: none */
	struct view credential;    /* credential_is_sendable; empty: none is sent */
	enum credential_kind kind; /* oauth goes as Authorization: Bearer, the others as x-api-key */
	const char *beta;          /* of the header anthropic-beta, or NULL */
	bool once;               /* must not reach the server twice: goes over a new connection, as over a kept one that
	                            * turns out to be closed libcurl itself sends again */
	size_t max_bytes;        /* ceiling of the body after decoding */
	uint64_t deadline_ns;    /* clock_mono_ns; the whole exchange ends before it */
	const atomic_bool *stop; /* raised: the exchange ends within a second; may be NULL */
	/* Told when there is a connection, before the first byte of the request is sent; may be NULL. */
	void (*starting)(void *context);
	void *context;
};

/* Why there is no whole reply. Told apart for the sake of what may be sent again. */
enum transport_fault {
	TRANSPORT_OK,
	TRANSPORT_NO_CONNECT, /* no name, no route, refused, or no connection in time */
	TRANSPORT_NO_TLS,     /* the handshake broke off; nothing was sent */
	TRANSPORT_UNTRUSTED,  /* the certificate is not the host's, not trusted or out of date: never worth a retry */
	TRANSPORT_UNSENT,     /* the connection closed, or time was up, before anything of the request was sent */
	TRANSPORT_RESET,      /* broken after something was sent */
	TRANSPORT_TIMEOUT,    /* time was up after something was sent */
	TRANSPORT_CUT,        /* the body ended before its length */
	TRANSPORT_BAD_CODING, /* the body cannot be decoded (content-encoding) */
	TRANSPORT_NO_HTTP,    /* what came is no HTTP */
	TRANSPORT_TOO_LARGE,  /* the body passed max_bytes */
	TRANSPORT_STOPPED,    /* *stop was raised */
	TRANSPORT_NO_MEMORY,
	TRANSPORT_FAULTS,
};

struct transport_reply {
	unsigned status; /* HTTP; 0 when none came */
	/* Decoded; may be partial after a fault. The caller owns it; it is read into in place, so a buffer that is used
	 * again costs no memory. Of a status from 300 up only the first API_ERROR_BYTES. */
	struct buf body;
	struct transport_headers headers;
	uint64_t duration_ns;
	unsigned http_version; /* 10, 11; 0 when none came */
};

/* profile is borrowed for the transport's life. user_agent: "skantctl/0.1 (...)". NULL with err. */
struct transport *transport_new(const struct profile *profile, const char *user_agent, struct err *err);
void transport_free(struct transport *transport);
void transport_freep(struct transport **transport);

/* TRANSPORT_OK for any HTTP status. Else err says what happened in words (host, not credentials, not body bytes): of
 * kind ERR_LATER, ERR_CONFIG (certificate), ERR_FORMAT (coding, no HTTP), ERR_LIMIT or ERR_NOMEM. */
[[nodiscard]] enum transport_fault transport_exchange(struct transport *transport,
						      const struct transport_request *request,
						      struct transport_reply *reply, struct err *err);

/* A header's value without surrounding white space; VIEW_NONE when absent. Names: "request-id", "retry-after",
 * "x-should-retry", "date", "content-type", "location", "anthropic-organization-id", "anthropic-ratelimit-...". */
struct view transport_header(const struct transport_reply *reply, const char *name);

void transport_reply_clear(struct transport_reply *reply); /* keeps the memory for the next one */
void transport_reply_done(struct transport_reply *reply);

#endif
