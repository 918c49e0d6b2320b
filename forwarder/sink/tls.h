/* SPDX-License-Identifier: Apache-2.0 */
/* TLS over a connected socket: libcurl's, and the only file that sees it here.
 *
 * TLS 1.2 or later; the peer's certificate is always verified, for the configured name. libcurl is given the socket: it
 * looks up nothing, connects nowhere, knows no proxy and closes nothing. */
#ifndef FORWARDER_SINK_TLS_H
#define FORWARDER_SINK_TLS_H

#include <sys/types.h>

#include "forwarder/sink.h"

struct tls;

/* Does the handshake over fd (connected, not blocking; borrowed until tls_close) as env->settings want it, until
 * until_ns (clock_mono_ns). *ret: SINK_OK, else with err: SINK_BROKEN when a certificate or a file of ours is the
 * reason, SINK_RETRY. NULL unless SINK_OK. */
struct tls *tls_open(int fd, const struct sink_env *env, uint64_t until_ns, enum sink_result *ret, struct err *err);

/* Bytes; 0: not now, then the next call has to begin with the same bytes in the same place; -1 with err: over. */
ssize_t tls_send(struct tls *tls, struct view v, struct err *err);

/* Bytes; 0: none now; -1: over, with err but for an end in order; ERR_REFUSED when the server said by an alert that it
 * does not take us. There may be more than poll(2) knows of: read until 0. */
ssize_t tls_recv(struct tls *tls, void *ptr, size_t len, struct err *err);

void tls_close(struct tls *tls); /* with a close_notify, where the socket takes it at once; NULL is fine */

#endif
