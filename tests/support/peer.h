/* SPDX-License-Identifier: Apache-2.0 */
/* A server on the loopback for tests of the API client: plain HTTP/1.1, one connection at a time. What it answers is
 * the test's to say, down to the byte at which the connection breaks. Allocates nothing, so that allocations can be
 * made to fail around it. */
#ifndef TESTS_SUPPORT_PEER_H
#define TESTS_SUPPORT_PEER_H

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/buf.h"

#define PEER_REQUEST_BYTES (64u << 10)
#define PEER_REPLY_BYTES (256u << 10)

struct peer_reply {
	char bytes[PEER_REPLY_BYTES]; /* of the whole reply, headers included */
	size_t len;
	size_t cut_at; /* so many bytes are sent, then the connection ends */
	bool reset;    /* by a reset; else it is closed */
	bool silent;   /* nothing is sent until the client goes */
};

struct peer {
	int fd;
	pthread_t thread;
	char url[64];
	void (*answer)(void *context, unsigned n, const char *request, struct peer_reply *reply); /* n from 0 */
	void *context;
	atomic_uint requests;
	char request[PEER_REQUEST_BYTES];
	struct peer_reply reply;
};

/* Writes a whole reply with its length. headers: lines that end in \r\n. */
static inline void peer_answer(struct peer_reply *reply, const char *status, const char *headers, const char *body)
{
	int len = snprintf(reply->bytes, sizeof(reply->bytes), "HTTP/1.1 %s\r\ncontent-length: %zu\r\n%s\r\n%s", status,
			   strlen(body), headers, body);

	if (len < 0 || (size_t)len >= sizeof(reply->bytes))
		abort();
	reply->len = (size_t)len;
}

static inline size_t peer_body_length(const char *headers)
{
	const char *at = strcasestr(headers, "\r\ncontent-length:");
	size_t n = 0;

	for (at = at ? at + 17 : ""; *at == ' ' || (*at >= '0' && *at <= '9'); at++)
		n = *at == ' ' ? n : 10 * n + (size_t)(*at - '0');
	return n;
}

/* Reads one request into peer->request, terminated. false when the client has gone or another one comes. */
static inline bool peer_read(struct peer *peer, int fd)
{
	size_t len = 0;

	for (;;) {
		struct pollfd fds[2] = { { .fd = fd, .events = POLLIN }, { .fd = peer->fd, .events = POLLIN } };
		const char *end;
		ssize_t n;

		if (poll(fds, 2, -1) < 0 || (fds[1].revents && !fds[0].revents))
			return false;
		n = read(fd, peer->request + len, sizeof(peer->request) - 1 - len);
		if (n <= 0)
			return false;
		len += (size_t)n;
		peer->request[len] = '\0';
		end = strstr(peer->request, "\r\n\r\n");
		if (end && len >= (size_t)(end + 4 - peer->request) + peer_body_length(peer->request))
			return true;
	}
}

/* false when the connection is over. */
static inline bool peer_send(const struct peer_reply *reply, int fd)
{
	size_t len = reply->cut_at < reply->len ? reply->cut_at : reply->len;
	bool ends = reply->cut_at != SIZE_MAX;

	for (size_t sent = 0; sent < len;) {
		ssize_t n = send(fd, reply->bytes + sent, len - sent, MSG_NOSIGNAL);

		if (n <= 0)
			return false;
		sent += (size_t)n;
	}
	if (ends && reply->reset) {
		struct linger now = { .l_onoff = 1 };

		(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	}
	return !ends;
}

static inline void peer_serve(struct peer *peer, int fd)
{
	while (peer_read(peer, fd)) {
		unsigned n = atomic_fetch_add(&peer->requests, 1);

		peer->reply.len = 0;
		peer->reply.cut_at = SIZE_MAX;
		peer->reply.reset = peer->reply.silent = false;
		peer->answer(peer->context, n, peer->request, &peer->reply);
		if (peer->reply.silent ? peer_read(peer, fd) : !peer_send(&peer->reply, fd))
			break;
	}
	(void)close(fd);
}

static inline void *peer_run(void *context)
{
	struct peer *peer = context;

	for (;;) {
		int fd = accept4(peer->fd, NULL, NULL, SOCK_CLOEXEC);

		if (fd < 0)
			return NULL;
		peer_serve(peer, fd);
	}
}

/* Fills answer and context before; everything else is the peer's. */
static inline void peer_start(struct peer *peer)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(address);

	peer->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	atomic_store(&peer->requests, 0);
	if (peer->fd < 0 || bind(peer->fd, (struct sockaddr *)&address, len) || listen(peer->fd, 16) ||
	    getsockname(peer->fd, (struct sockaddr *)&address, &len))
		abort();
	(void)snprintf(peer->url, sizeof(peer->url), "http://127.0.0.1:%u", (unsigned)ntohs(address.sin_port));
	if (pthread_create(&peer->thread, NULL, peer_run, peer))
		abort();
}

static inline void peer_stop(struct peer *peer)
{
	(void)shutdown(peer->fd, SHUT_RDWR);
	(void)pthread_join(peer->thread, NULL);
	(void)close(peer->fd);
}

#endif
