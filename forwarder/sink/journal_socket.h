/* SPDX-License-Identifier: Apache-2.0 */
/* The way to journald: a datagram socket that never blocks, and a fence that tells when what was sent has been dealt
 * with. */
#ifndef FORWARDER_SINK_JOURNAL_SOCKET_H
#define FORWARDER_SINK_JOURNAL_SOCKET_H

#include "forwarder/sink.h"

struct journal_socket {
	const struct sink_env *env; /* says when to stop */
	const char *path;
	int fd; /* -1: none yet. It stays when journald goes: what is still queued belongs to it */
	bool is_connected;
};

/* Sends entries (journal_wire.h) as one datagram, or as a sealed memfd when they are too large for one. Waits while
 * journald's queue is full: until env says stop or patience_ms have gone without room. 0; 1 when there was no room;
 * -1 with err (nobody is there, or what the system says). */
[[nodiscard]] int journal_send(struct journal_socket *s, struct view entries, uint64_t patience_ms, struct err *err);

/* Waits until journald has dealt with all that was sent to it before this call, by anybody. Nothing is stored for it.
 *
 * It sends an empty datagram, which journald reads and ignores (systemd's server_process_datagram). One thread of
 * journald reads one datagram after the other from one queue, so once the empty one has been read (SIOCOUTQ, unix(7):
 * nothing of this socket is queued any more) all before it are in the journal, or were dropped, or died with a journald
 * that was killed. 0; 1 when patience_ms have gone without anything read, or env says stop; -1 with err. */
[[nodiscard]] int journal_fence(struct journal_socket *s, uint64_t patience_ms, struct err *err);

void journal_socket_close(struct journal_socket *s);

#endif
