/* SPDX-License-Identifier: Apache-2.0 */
/* Journal native protocol (https://systemd.io/JOURNAL_NATIVE_PROTOCOL): entries as bytes, and their way to journald.
 *
 * Texts from outside go in the form with a length, so that no byte in them can end a field or begin another. */
#ifndef FORWARDER_SINK_JOURNAL_WIRE_H
#define FORWARDER_SINK_JOURNAL_WIRE_H

#include <stdatomic.h>

#include "forwarder/event.h"

/* Appends an event as one entry, without the empty line that would end it. 0 or -1. */
[[nodiscard]] int journal_add_entry(struct buf *buf, const struct event *event, unsigned facility);

/* Appends NAME, the length and the value. */
[[nodiscard]] int journal_add_field(struct buf *buf, const char *name, struct view value);

struct journal_socket {
	const char *path;
	int fd; /* -1: not connected */
};

/* Sends entries (separated by empty lines) as one datagram, or as a sealed memfd when they are too large for one.
 * Waits while journald's queue is full: until wake_fd is readable or patience_ms have gone without room. 0; 1 when it
 * had no room; -1 with err (nobody is there, or what the system says). */
[[nodiscard]] int journal_send(struct journal_socket *s, struct view entries, int wake_fd, uint64_t patience_ms,
			       struct err *err);
/* Waits until journald has taken everything that was in its queue when this was called, whoever sent it: an empty
 * datagram, which it passes over, goes behind it, and the system tells when that has been received (SIOCOUTQ, unix(7)).
 * 0; 1 when it was not in time, or wake_fd is readable; -1 with err. */
[[nodiscard]] int journal_fence(struct journal_socket *s, int wake_fd, uint64_t patience_ms, struct err *err);
void journal_socket_close(struct journal_socket *s);

#endif
