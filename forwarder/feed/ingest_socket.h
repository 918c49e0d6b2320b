/* SPDX-License-Identifier: Apache-2.0 */
/* A Unix socket that others send to. */
#ifndef FORWARDER_FEED_INGEST_SOCKET_H
#define FORWARDER_FEED_INGEST_SOCKET_H

#include <sys/types.h>

#include "common/base/err.h"

struct ingest_socket {
	int fd;     /* non-blocking; -1: none */
	char *path; /* NULL: it is not ours to remove */
	dev_t dev;
	ino_t ino;
};

/* Has a socket of type (SOCK_STREAM, which listens; SOCK_DGRAM, which tells who sent) at path: the one that the service
 * manager passed ($LISTEN_FDS, sd_listen_fds(3)) when one of them has that path and type, else a new one of mode 0660.
 * group: its group; NULL: the process's own. What a process that has gone left behind is replaced; a socket that
 * somebody listens on, and anything that is no socket, is an error. 0 or -1. */
[[nodiscard]] int ingest_socket_open(struct ingest_socket *socket, const char *path, int type, const char *group,
				     struct err *err);

/* Whether there is such a group (a name or a number). 0, or -1 with err. */
[[nodiscard]] int ingest_socket_check_group(const char *group, struct err *err);

/* Closes it, and removes its file when it still is ours. Nothing when fd is -1. */
void ingest_socket_close(struct ingest_socket *socket);

#endif
