/* SPDX-License-Identifier: Apache-2.0 */
/* A receiver on the loopback for tests of the syslog sinks: what it does with each connection is the test's to say. It
 * allocates only what it gathers. */
#ifndef TESTS_SUPPORT_RECEIVER_H
#define TESTS_SUPPORT_RECEIVER_H

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/buf.h"

#define RECEIVER_BYTES (64u << 20)

struct receiver {
	int fd;
	uint16_t port;
	pthread_t thread;
	void (*serve)(struct receiver *r, int fd); /* one connection; it is closed behind it */
	void *context;
	struct buf got; /* its thread's own until receiver_stop */
	unsigned connections;
	atomic_bool may_go_on;
	atomic_uint last_port; /* of the connection behind which there is none; network byte order */
};

/* Adds what comes next to got, some bytes at least. false: the peer has ended. */
static inline bool receiver_read(struct receiver *r, int fd)
{
	ssize_t n;

	if (buf_reserve(&r->got, 64u << 10))
		abort();
	n = recv(fd, r->got.ptr + r->got.len, 64u << 10, 0);
	if (n <= 0)
		return false;
	r->got.len += (size_t)n;
	r->got.ptr[r->got.len] = '\0';
	return true;
}

static inline void receiver_read_all(struct receiver *r, int fd)
{
	while (receiver_read(r, fd))
		;
}

static inline void receiver_say(int fd, struct view v)
{
	for (size_t sent = 0; sent < v.len;) {
		ssize_t n = send(fd, v.ptr + sent, v.len - sent, MSG_NOSIGNAL);

		if (n <= 0)
			return;
		sent += (size_t)n;
	}
}

/* Its closing resets the connection. */
static inline void receiver_reset(int fd)
{
	const struct linger now = { .l_onoff = 1 };

	(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
}

/* Until the test has said so (receiver_go_on). */
static inline void receiver_hold(struct receiver *r)
{
	while (!atomic_load(&r->may_go_on))
		(void)poll(NULL, 0, 2);
}

static inline void receiver_go_on(struct receiver *r)
{
	atomic_store(&r->may_go_on, true);
}

static inline void *receiver_run(void *context)
{
	struct receiver *r = context;

	for (;;) {
		struct sockaddr_in peer;
		socklen_t len = sizeof(peer);
		int fd = accept4(r->fd, (struct sockaddr *)&peer, &len, SOCK_CLOEXEC), one = 1;

		if (fd < 0)
			abort();
		if (peer.sin_port == atomic_load(&r->last_port)) {
			(void)close(fd);
			return NULL;
		}
		(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
		r->connections++;
		r->serve(r, fd);
		(void)close(fd);
	}
}

/* Listens at 127.0.0.1:port; port 0: at any. */
static inline int receiver_listen(uint16_t *port)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
				       .sin_port = htons(*port) };
	socklen_t len = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) ||
	    bind(fd, (struct sockaddr *)&address, len) || listen(fd, 16) ||
	    getsockname(fd, (struct sockaddr *)&address, &len))
		abort();
	*port = ntohs(address.sin_port);
	return fd;
}

/* Fills serve, context and port (0: any) before; everything else is the receiver's. */
static inline void receiver_start(struct receiver *r)
{
	r->got = (struct buf)BUF_INIT(RECEIVER_BYTES);
	r->connections = 0;
	atomic_store(&r->may_go_on, false);
	atomic_store(&r->last_port, 0);
	r->fd = receiver_listen(&r->port);
	if (pthread_create(&r->thread, NULL, receiver_run, r))
		abort();
}

/* After the sink has closed: all of its connections are served to their end. got is the test's then. */
static inline void receiver_stop(struct receiver *r)
{
	struct sockaddr_in own = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) }, address = own;
	socklen_t len = sizeof(own);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	address.sin_port = htons(r->port);
	receiver_go_on(r);
	if (fd < 0 || bind(fd, (struct sockaddr *)&own, len) || getsockname(fd, (struct sockaddr *)&own, &len))
		abort();
	atomic_store(&r->last_port, own.sin_port);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)))
		abort();
	(void)pthread_join(r->thread, NULL);
	(void)close(fd);
	(void)close(r->fd);
}

#endif
