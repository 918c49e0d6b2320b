/* SPDX-License-Identifier: Apache-2.0 */
/* A child process at the other end of a local stream socket (unix(7)), which is its standard input. It is handed
 * descriptors, and has nothing else of ours: no environment, no other descriptor but /dev/null. */
#ifndef COMMON_SYS_PEER_H
#define COMMON_SYS_PEER_H

#include <sys/types.h>

#include "common/base/buf.h"
#include "common/base/err.h"

struct peer {
	pid_t pid; /* 0: there is none */
	int fd;
};

#define PEER_INIT                                                                                                      \
	{                                                                                                              \
		.fd = -1                                                                                               \
	}

/* Starts the program of that path. 0, or -1 with err. */
[[nodiscard]] int peer_start(struct peer *p, const char *path, struct err *err);

/* Sends it a message that fits into the socket's buffer, with a descriptor, which stays ours as well. 0, or -1 with
 * errno: EPIPE or ECONNRESET when it has gone. */
[[nodiscard]] int peer_send(const struct peer *p, struct view message, int fd);

/* Waits until it has said something. How many bytes were read to to; 0 when it has closed the socket; -1 with errno,
 * EAGAIN when nothing came within wait_ms. */
ssize_t peer_receive(const struct peer *p, void *to, size_t len, int wait_ms);

/* Closes the socket and, unless it ends by itself within wait_ms, kills it. Its status as of waitpid(2); 0 when there
 * is none. */
int peer_end(struct peer *p, unsigned wait_ms);

#endif
