/* SPDX-License-Identifier: Apache-2.0 */
/* A connection to a syslog receiver: TCP, and TLS over it where the transport says so.
 *
 * Every address of a name is tried. Whatever waits ends when the sink has to return. What is written to a connection
 * whose peer has gone is accepted by the system and lost: conn_check tells before more is written. */
#ifndef FORWARDER_SINK_CONN_H
#define FORWARDER_SINK_CONN_H

#include <sys/types.h>

#include "forwarder/sink.h"
#include "forwarder/sink/wait.h"

struct resolver;
struct tls;

struct conn {
	const struct sink_env *env;
	struct resolver *resolver;
	struct tls *tls; /* NULL: plain, or not open */
	int fd;          /* -1: not open */
	bool is_tls;
	char name[300]; /* "siem.example.com:6514", for messages */
};

/* Prepares one to env->settings' address; nothing is opened. env is borrowed until conn_done. 0 or -1: conn_done is
 * still fine. */
[[nodiscard]] int conn_init(struct conn *c, const struct sink_env *env, struct err *err);
void conn_done(struct conn *c); /* closes, frees */

/* Connects. SINK_OK, or with err SINK_RETRY or SINK_BROKEN; it is closed then. */
enum sink_result conn_open(struct conn *c, struct err *err);
bool conn_is_open(const struct conn *c);

/* Sends what the system takes of v. Bytes; 0: nothing now, and the next call has to begin with the same bytes in the
 * same place; -1 with err: the connection is over. */
ssize_t conn_send(struct conn *c, struct view v, struct err *err);

/* Bytes; 0: nothing now; -1 with err: the connection is over. */
ssize_t conn_recv(struct conn *c, void *ptr, size_t len, struct err *err);

/* Has what was received acknowledged at once. A peer that answers in small pieces holds the second one back until the
 * first is acknowledged (RFC 9293, section 3.7.4), which else takes 40 ms when there is nothing to send. */
void conn_acknowledge(const struct conn *c);

/* As wait_fd. */
enum wait_result conn_wait(const struct conn *c, const struct sink_env *env, short events, uint64_t until_ns);

/* For a peer that has nothing to say: drops what it says all the same; notices that it has gone. 0, or -1 with err. */
[[nodiscard]] int conn_check(struct conn *c, struct err *err);

/* Whether the peer's system has taken all that was sent. */
bool conn_is_drained(const struct conn *c);

/* Ends what we send in order, and waits until until_ns for the peer's end: true when that came, in order. It is closed
 * in any case. */
bool conn_finish(struct conn *c, uint64_t until_ns);

void conn_close(struct conn *c); /* at once, with a farewell if it is TLS */

#endif
