/* SPDX-License-Identifier: Apache-2.0 */
/* Names to addresses, in a time: getaddrinfo(3) cannot be interrupted, so a thread of its own asks, and is left alone
 * when it takes too long. At most one asks for a resolver: who asks again meanwhile waits for that one's answer. */
#ifndef FORWARDER_SINK_RESOLVE_H
#define FORWARDER_SINK_RESOLVE_H

#include <netdb.h>

#include "forwarder/sink.h"

struct resolver; /* of one host and port */

/* host: a name or a number; socktype: SOCK_STREAM or SOCK_DGRAM. NULL: no memory. */
struct resolver *resolver_new(const char *host, uint16_t port, int socktype);
void resolver_free(struct resolver *resolver); /* never waits; NULL is fine */

/* The addresses, at least one, in the order in which they are to be tried; the caller frees them (freeaddrinfo). NULL
 * with err: there is none, not until until_ns (clock_mono_ns), or env says stop. */
struct addrinfo *resolver_ask(struct resolver *resolver, const struct sink_env *env, uint64_t until_ns,
			      struct err *err);

#endif
