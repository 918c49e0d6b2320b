/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/sink/conn.h"

#include <errno.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/bounds.h"
#include "common/base/clock.h"
#include "forwarder/sink/resolve.h"
#include "forwarder/sink/tls.h"

#define KEEPALIVE_IDLE_S 60
#define KEEPALIVE_INTERVAL_S 10
#define KEEPALIVE_PROBES 3
#define NS_PER_US 1'000u
#define DROP_BYTES 4096

int conn_init(struct conn *c, const struct sink_env *env, struct err *err)
{
	const struct settings_sink *s = env->settings;
	bool is_six = strchr(s->host, ':') != NULL;

	*c = (struct conn){ .env = env,
			    .fd = -1,
			    .is_tls = s->transport == SETTINGS_TLS || s->transport == SETTINGS_RELP_TLS };
	(void)snprintf(c->name, sizeof(c->name), "%s%s%s:%u", is_six ? "[" : "", s->host, is_six ? "]" : "",
		       (unsigned)s->port);
	c->resolver = resolver_new(s->host, s->port, SOCK_STREAM);
	return c->resolver ? 0 : err_nomem(err);
}

void conn_done(struct conn *c)
{
	conn_close(c);
	resolver_free(c->resolver);
	c->resolver = NULL;
}

bool conn_is_open(const struct conn *c)
{
	return c->fd >= 0;
}

void conn_close(struct conn *c)
{
	tls_close(c->tls);
	c->tls = NULL;
	closep(&c->fd);
	c->fd = -1;
}

/* --- connecting --- */

static void set_number(int fd, int level, int option, int value)
{
	(void)setsockopt(fd, level, option, &value, sizeof(value)); /* a system without it does without it */
}

/* The less the system holds, the less is lost with it; what it holds has to be taken within our patience. */
static void set_options(int fd)
{
	set_number(fd, SOL_SOCKET, SO_SNDBUF, CONN_BUFFER_BYTES);
	set_number(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
	set_number(fd, IPPROTO_TCP, TCP_KEEPIDLE, KEEPALIVE_IDLE_S);
	set_number(fd, IPPROTO_TCP, TCP_KEEPINTVL, KEEPALIVE_INTERVAL_S);
	set_number(fd, IPPROTO_TCP, TCP_KEEPCNT, KEEPALIVE_PROBES);
	set_number(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, SINK_PATIENCE_MS);
	set_number(fd, IPPROTO_TCP, TCP_NODELAY, 1);
}

/* An address that does not answer leaves the others a share of the time. */
static uint64_t share_of(uint64_t until_ns, size_t addresses)
{
	uint64_t now_ns = clock_mono_ns();

	return now_ns >= until_ns ? until_ns : now_ns + (until_ns - now_ns) / addresses;
}

/* One address. 0, or -1 with err. */
static int try_address(struct conn *c, const struct addrinfo *a, uint64_t until_ns, struct err *err)
{
	DEFER(closep) int fd = socket(a->ai_family, a->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, a->ai_protocol);
	int errnum = 0;
	socklen_t len = sizeof(errnum);

	if (fd < 0)
		return err_set(err, ERR_IO, errno, "cannot connect to %s", c->name);
	set_options(fd);
	if (connect(fd, a->ai_addr, a->ai_addrlen) && errno != EINPROGRESS)
		return err_set(err, ERR_IO, errno, "cannot connect to %s", c->name);
	switch (wait_fd(c->env, fd, POLLOUT, until_ns)) {
	case WAIT_STOP:
		return err_set(err, ERR_LATER, 0, "stopped while connecting to %s", c->name);
	case WAIT_TIME:
		return err_set(err, ERR_LATER, 0, "cannot connect to %s: nobody answers", c->name);
	case WAIT_READY:
		break;
	}
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &errnum, &len) || errnum)
		return err_set(err, ERR_IO, errnum ? errnum : errno, "cannot connect to %s", c->name);
	c->fd = fd;
	fd = -1;
	return 0;
}

static int try_addresses(struct conn *c, const struct addrinfo *addresses, uint64_t until_ns, struct err *err)
{
	size_t left = 0;

	for (const struct addrinfo *a = addresses; a; a = a->ai_next)
		left++;
	for (const struct addrinfo *a = addresses; a && !atomic_load(c->env->stop); a = a->ai_next)
		if (try_address(c, a, share_of(until_ns, left--), err) == 0)
			return 0;
	return -1;
}

/* In TLS 1.3 the server judges our certificate after its part of the handshake: what it has against it comes a round
 * trip later, and what was sent until then is lost. A server that takes us mostly sends tickets at once. */
static enum sink_result hear_objections(struct conn *c, struct err *err)
{
	struct tcp_info info = { .tcpi_rtt = 0 };
	socklen_t len = sizeof(info);
	struct err why = ERR_INIT;
	uint64_t until_ns;

	(void)getsockopt(c->fd, IPPROTO_TCP, TCP_INFO, &info, &len);
	until_ns = wait_until(CONN_SETTLE_MS) + 2 * (uint64_t)info.tcpi_rtt * NS_PER_US;
	switch (wait_fd(c->env, c->fd, POLLIN, until_ns)) {
	case WAIT_STOP:
		(void)err_set(err, ERR_LATER, 0, "stopped while connecting to %s", c->name);
		return SINK_RETRY;
	case WAIT_TIME:
		return SINK_OK;
	case WAIT_READY:
		break;
	}
	if (conn_check(c, &why) == 0)
		return SINK_OK;
	(void)err_set(err, why.kind, 0, "after the TLS handshake, %s", why.text);
	return why.kind == ERR_REFUSED ? SINK_BROKEN : SINK_RETRY;
}

static enum sink_result start_tls(struct conn *c, uint64_t until_ns, struct err *err)
{
	enum sink_result result;

	c->tls = tls_open(c->fd, c->env, until_ns, &result, err);
	return c->tls ? hear_objections(c, err) : result;
}

enum sink_result conn_open(struct conn *c, struct err *err)
{
	uint64_t until_ns = wait_until(CONN_OPEN_MS);
	struct addrinfo *addresses;
	enum sink_result result = SINK_OK;

	conn_close(c);
	addresses = resolver_ask(c->resolver, c->env, until_ns, err);
	if (!addresses)
		return SINK_RETRY;
	if (try_addresses(c, addresses, until_ns, err))
		result = SINK_RETRY;
	freeaddrinfo(addresses);
	if (result == SINK_OK && c->is_tls)
		result = start_tls(c, until_ns, err);
	if (result != SINK_OK)
		conn_close(c);
	return result;
}

/* --- sending and receiving --- */

/* 0 when it is only a matter of time. */
static ssize_t is_over(const struct conn *c, int errnum, struct err *err)
{
	if (errnum == EAGAIN || errnum == EINTR)
		return 0;
	return err_set(err, ERR_IO, errnum, "the connection to %s broke", c->name);
}

static int has_closed(const struct conn *c, struct err *err)
{
	return err_set(err, ERR_IO, 0, "%s closed the connection", c->name);
}

ssize_t conn_send(struct conn *c, struct view v, struct err *err)
{
	ssize_t n;

	if (c->tls) {
		n = tls_send(c->tls, v, err);
		if (n < 0)
			(void)err_prefix(err, "the connection to %s broke", c->name);
		return n;
	}
	n = send(c->fd, v.ptr, v.len, MSG_NOSIGNAL);
	return n >= 0 ? n : is_over(c, errno, err);
}

static ssize_t recv_tls(struct conn *c, void *ptr, size_t len, struct err *err)
{
	struct err why = ERR_INIT;
	ssize_t n = tls_recv(c->tls, ptr, len, &why);

	if (n >= 0)
		return n;
	if (why.kind == ERR_NONE)
		return has_closed(c, err);
	return err_set(err, why.kind, 0, "the connection to %s broke: %s", c->name, why.text);
}

ssize_t conn_recv(struct conn *c, void *ptr, size_t len, struct err *err)
{
	ssize_t n;

	if (c->tls)
		return recv_tls(c, ptr, len, err);
	n = recv(c->fd, ptr, len, 0);
	if (n == 0)
		return has_closed(c, err);
	return n > 0 ? n : is_over(c, errno, err);
}

void conn_acknowledge(const struct conn *c)
{
	set_number(c->fd, IPPROTO_TCP, TCP_QUICKACK, 1); /* until the system thinks otherwise (tcp(7)) */
}

enum wait_result conn_wait(const struct conn *c, const struct sink_env *env, short events, uint64_t until_ns)
{
	return wait_fd(env, c->fd, events, until_ns);
}

int conn_check(struct conn *c, struct err *err)
{
	char dropped[DROP_BYTES];

	/* One that talks without end does not keep us here. */
	for (unsigned i = 0; i < CONN_DROPS; i++) {
		ssize_t n = conn_recv(c, dropped, sizeof(dropped), err);

		if (n <= 0)
			return (int)n;
	}
	return 0;
}

bool conn_is_drained(const struct conn *c)
{
	int left = 0;

	return c->fd >= 0 && ioctl(c->fd, SIOCOUTQ, &left) == 0 && left == 0;
}

/* --- ending --- */

/* Drops what still comes, until the peer's end. */
static bool await_end(int fd, uint64_t until_ns)
{
	char dropped[DROP_BYTES];

	for (;;) {
		ssize_t n = recv(fd, dropped, sizeof(dropped), 0);

		if (n == 0)
			return true;
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return false;
		if (wait_fd(NULL, fd, POLLIN, until_ns) != WAIT_READY)
			return false;
	}
}

bool conn_finish(struct conn *c, uint64_t until_ns)
{
	bool has_ended = false;

	if (c->fd < 0)
		return false;
	/* a close_notify is sent only if there is room for it */
	if (!c->tls || wait_fd(NULL, c->fd, POLLOUT, until_ns) == WAIT_READY) {
		tls_close(c->tls);
		c->tls = NULL;
		has_ended = shutdown(c->fd, SHUT_WR) == 0 && await_end(c->fd, until_ns);
	}
	conn_close(c);
	return has_ended;
}
