/* SPDX-License-Identifier: Apache-2.0 */
/* One HTTP exchange at a time over connections that are kept: the only file that sees libcurl.
 *
 * HTTPS only (loopback HTTP when the profile allows it, and then no other host), certificates verified, TLS 1.2 or
 * later, HTTP/2 where both sides have it, gzip, the proxy that the environment names (https_proxy, no_proxy), no
 * redirects, no netrc, no cookies, no file of curl's. A reply's body has a ceiling. Credentials are in the headers only
 * while the exchange lasts; libcurl's verbose mode is never on. */
#ifndef COMMON_API_TRANSPORT_H
#define COMMON_API_TRANSPORT_H

#include <stdatomic.h>

#include "common/api/credential.h"
#include "common/api/profile.h"

struct transport; /* one thread's at a time */

struct transport_request {
	const char *method;
	struct view target;                  /* path and query, as api_write made them */
	struct view body;                    /* empty: none */
	const struct credential *credential; /* NULL: none is sent */
	enum credential_kind kind;           /* oauth goes as Authorization: Bearer, the others as x-api-key */
	size_t max_bytes;                    /* ceiling of the body after decoding */
	uint64_t deadline_ns;                /* clock_mono_ns; the whole exchange ends before it */
	const atomic_bool *stop;             /* raised: the exchange ends at once; may be NULL */
};

/* Why there is no whole reply. Told apart for the sake of what may be sent again. */
enum transport_fault {
	TRANSPORT_OK,
	TRANSPORT_UNSENT,     /* no name, no connection, no TLS: the server saw nothing of the request */
	TRANSPORT_UNTRUSTED,  /* the certificate is not the host's, not trusted or out of date: never worth a retry */
	TRANSPORT_BROKEN,     /* reset, cut short or timed out after the request may have been seen */
	TRANSPORT_UNREADABLE, /* wrong length, bad gzip: a reply that cannot be believed */
	TRANSPORT_TOO_LARGE,  /* the body passed max_bytes */
	TRANSPORT_STOPPED,    /* *stop was raised */
	TRANSPORT_NO_MEMORY,
};

struct transport_reply {
	unsigned status; /* HTTP; 0 when none came */
	struct buf
		body; /* decoded; may be partial after a fault. The caller owns it; a page is read into it in place */
	/* Headers that skant looks at, by transport_header; terminated, empty = absent. */
	struct transport_headers *headers;
	uint64_t duration_ns;
	unsigned http_version; /* 10, 11, 20 */
};

/* profile is borrowed for the transport's life. user_agent: "skantctl/0.1 (...)". NULL with err. */
struct transport *transport_new(const struct profile *profile, const char *user_agent, struct err *err);
void transport_free(struct transport *transport);
void transport_freep(struct transport **transport);

/* TRANSPORT_OK for any HTTP status. Else err says what happened in words (host, not credentials, not body bytes). */
[[nodiscard]] enum transport_fault transport_exchange(struct transport *transport,
						      const struct transport_request *request,
						      struct transport_reply *reply, struct err *err);

/* A header's value without surrounding white space; VIEW_NONE when absent. Names: "request-id", "retry-after",
 * "x-should-retry", "date", "content-type", "anthropic-organization-id", "anthropic-ratelimit-...". */
struct view transport_header(const struct transport_reply *reply, const char *name);

void transport_reply_clear(struct transport_reply *reply); /* keeps the memory for the next one */
void transport_reply_done(struct transport_reply *reply);

#endif
