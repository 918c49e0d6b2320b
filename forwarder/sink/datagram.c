/* SPDX-License-Identifier: Apache-2.0 */
/* Syslog in datagrams: one message each, over UDP (RFC 5426) or to the socket of a local daemon (/dev/log).
 *
 * Whether anybody reads them is only hoped for. A local socket makes us wait while its queue is full; over UDP nothing
 * does, so we pause by ourselves. When word comes back that nobody listens, the events of the batch that is under way
 * do not count; what was sent before does, as far as hope goes. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/base/bounds.h"
#include "common/base/clock.h"
#include "forwarder/sink.h"
#include "forwarder/sink/probe.h"
#include "forwarder/sink/resolve.h"
#include "forwarder/sink/wait.h"

#define NS_PER_US 1'000u

struct datagram_sink {
	const struct sink_env *env;
	bool is_unix;
	struct resolver *resolver; /* of UDP */
	unsigned refusals;         /* by one of a name's addresses: the next one is tried then */
	int fd;                    /* -1: not open */
	size_t limit;              /* that this socket was found to have; 0: none yet */
	unsigned burst;            /* messages since turn_ns */
	uint64_t turn_ns;
	struct buf message;
	char name[300]; /* for messages */
};

static void close_socket(struct datagram_sink *s)
{
	closep(&s->fd);
	s->fd = -1;
	s->limit = 0;
}

static void datagram_close(void *sink)
{
	struct datagram_sink *s = sink;

	close_socket(s);
	resolver_free(s->resolver);
	buf_done(&s->message);
	free(s);
}

static void *datagram_open(const struct sink_env *env, struct err *err)
{
	const struct settings_sink *settings = env->settings;
	struct datagram_sink *s = calloc(1, sizeof(*s));
	bool is_six = strchr(settings->host, ':') != NULL;

	if (!s) {
		err_nomem(err);
		return NULL;
	}
	s->env = env;
	s->fd = -1;
	s->is_unix = settings->transport == SETTINGS_UNIX;
	s->message = (struct buf)BUF_INIT(SYSLOG_MESSAGE_BYTES);
	if (s->is_unix) {
		(void)snprintf(s->name, sizeof(s->name), "%s", settings->host);
		return s;
	}
	(void)snprintf(s->name, sizeof(s->name), "%s%s%s:%u", is_six ? "[" : "", settings->host, is_six ? "]" : "",
		       (unsigned)settings->port);
	s->resolver = resolver_new(settings->host, settings->port, SOCK_DGRAM);
	if (s->resolver)
		return s;
	err_nomem(err);
	datagram_close(s);
	return NULL;
}

/* --- the socket --- */

/* SINK_OK, or with err. */
static enum sink_result open_at(struct datagram_sink *s, int family, const struct sockaddr *address, socklen_t len,
				struct err *err)
{
	static const int buffer_bytes = DATAGRAM_BUFFER_BYTES; /* the longest datagram follows from it (unix(7)) */
	int errnum;

	s->fd = socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (s->fd >= 0)
		(void)setsockopt(s->fd, SOL_SOCKET, SO_SNDBUF, &buffer_bytes, sizeof(buffer_bytes));
	if (s->fd >= 0 && connect(s->fd, address, len) == 0)
		return SINK_OK;
	errnum = errno;
	close_socket(s);
	if (errnum == EPROTOTYPE) {
		(void)err_set(err, ERR_CONFIG, 0, "%s is no datagram socket", s->name);
		return SINK_BROKEN;
	}
	(void)err_set(err, ERR_IO, errnum, "cannot send to %s", s->name);
	return errnum == EACCES || errnum == EPERM ? SINK_BROKEN : SINK_RETRY;
}

static enum sink_result open_unix(struct datagram_sink *s, struct err *err)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	size_t len = strlen(s->env->settings->host);

	if (len >= sizeof(address.sun_path)) {
		(void)err_set(err, ERR_CONFIG, 0, "%s is too long for the name of a socket", s->name);
		return SINK_BROKEN;
	}
	memcpy(address.sun_path, s->env->settings->host, len + 1);
	return open_at(s, AF_UNIX, (const struct sockaddr *)&address, sizeof(address), err);
}

static enum sink_result open_udp(struct datagram_sink *s, struct err *err)
{
	struct addrinfo *all = resolver_ask(s->resolver, s->env, wait_until(CONN_OPEN_MS), err);
	enum sink_result result = SINK_RETRY;
	unsigned count = 0;

	for (const struct addrinfo *a = all; a; a = a->ai_next)
		count++;
	for (unsigned i = 0; i < count && result != SINK_OK; i++) {
		const struct addrinfo *a = all;

		for (unsigned skip = (s->refusals + i) % count; skip; skip--)
			a = a->ai_next;
		result = open_at(s, a->ai_family, a->ai_addr, a->ai_addrlen, err);
	}
	if (all)
		freeaddrinfo(all);
	return result;
}

static enum sink_result open_socket(struct datagram_sink *s, struct err *err)
{
	if (s->fd >= 0)
		return SINK_OK;
	return s->is_unix ? open_unix(s, err) : open_udp(s, err);
}

/* Nobody listens there. */
static enum sink_result give_up(struct datagram_sink *s, int errnum, struct err *err)
{
	close_socket(s);
	s->refusals++;
	(void)err_set(err, ERR_IO, errnum, "cannot send to %s", s->name);
	return SINK_RETRY;
}

/* What came back for what was sent before (udp(7), IP_RECVERR). */
static enum sink_result hear_back(struct datagram_sink *s, struct err *err)
{
	int errnum = 0;
	socklen_t len = sizeof(errnum);

	if (s->is_unix || s->fd < 0 || getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &errnum, &len))
		return SINK_OK;
	return errnum ? give_up(s, errnum, err) : SINK_OK;
}

/* --- sending --- */

enum sending { SENDING_DONE, SENDING_AGAIN, SENDING_TOO_LARGE, SENDING_FAILED };

static bool is_receiver_gone(int errnum)
{
	return errnum == ECONNREFUSED || errnum == ECONNRESET || errnum == ENOTCONN || errnum == EPIPE ||
	       errnum == EDESTADDRREQ || errnum == ENOENT;
}

/* Waits until there may be room. SENDING_AGAIN, or SENDING_FAILED with err. */
static enum sending wait_for_room(struct datagram_sink *s, bool can_poll, uint64_t until_ns, struct err *err)
{
	uint64_t pause_ns = wait_until(DATAGRAM_FULL_MS);
	enum wait_result waited;

	if (can_poll)
		waited = wait_fd(s->env, s->fd, POLLOUT, until_ns);
	else
		waited = wait_fd(s->env, -1, 0, pause_ns < until_ns ? pause_ns : until_ns);
	if (waited == WAIT_READY || (waited == WAIT_TIME && !can_poll && pause_ns < until_ns))
		return SENDING_AGAIN;
	(void)err_set(err, ERR_LATER, 0, waited == WAIT_STOP ? "stopped while sending to %s" : "%s takes no more",
		      s->name);
	return SENDING_FAILED;
}

/* One try. SENDING_FAILED: *ret_errnum says why, or is 0 and err does. */
static enum sending try_send(struct datagram_sink *s, struct view message, uint64_t until_ns, int *ret_errnum,
			     struct err *err)
{
	*ret_errnum = 0;
	if (send(s->fd, message.ptr, message.len, MSG_NOSIGNAL) >= 0)
		return SENDING_DONE;
	switch (errno) {
	case EINTR:
		return SENDING_AGAIN;
	case EMSGSIZE:
		return SENDING_TOO_LARGE;
	case EAGAIN:
		return wait_for_room(s, true, until_ns, err);
	case ENOBUFS: /* no room in a queue; of a large one, no piece of memory of that size, and there may never be */
		return message.len > DATAGRAM_UDP_BYTES ? SENDING_TOO_LARGE : wait_for_room(s, false, until_ns, err);
	default:
		*ret_errnum = errno;
		return SENDING_FAILED;
	}
}

/* A local daemon that was started again listens at another socket of the same name: that is tried at once. */
static enum sending send_message(struct datagram_sink *s, struct view message, struct err *err)
{
	uint64_t until_ns = wait_until(SINK_PATIENCE_MS);
	bool may_reopen = s->is_unix;

	for (;;) {
		int errnum;
		enum sending sending = try_send(s, message, until_ns, &errnum, err);

		if (sending == SENDING_AGAIN)
			continue;
		if (!errnum)
			return sending;
		if (!may_reopen || !is_receiver_gone(errnum)) {
			(void)give_up(s, errnum, err);
			return SENDING_FAILED;
		}
		may_reopen = false;
		close_socket(s);
		if (open_unix(s, err) != SINK_OK)
			return SENDING_FAILED;
	}
}

/* --- delivering --- */

struct datagram_delivery {
	struct datagram_sink *sink;
	const struct sink_batch *batch;
	struct sink_receipt *receipt;
};

static int encode(struct datagram_delivery *d, const struct event *event, bool *ret_is_cut, struct err *err)
{
	struct datagram_sink *s = d->sink;
	struct encoder_options options = s->env->encoding;
	struct event marked = *event;

	marked.is_replay = marked.is_replay || d->batch->is_doubtful;
	if (s->limit && (!options.max_message || options.max_message > s->limit))
		options.max_message = s->limit;
	buf_clear(&s->message);
	return s->env->encoder->encode(&marked, &options, &s->message, ret_is_cut) ? err_nomem(err) : 0;
}

/* A message of len bytes was too large: what to try next. */
static size_t smaller(const struct datagram_sink *s, size_t len)
{
	size_t limit = !s->is_unix && len > DATAGRAM_UDP_BYTES ? DATAGRAM_UDP_BYTES : len / 2;

	return limit < DATAGRAM_LEAST_BYTES ? DATAGRAM_LEAST_BYTES : limit;
}

static void reject(struct sink_receipt *r, size_t index, size_t len)
{
	struct sink_exception *e = &r->exceptions[r->exception_count++];

	e->index = index;
	e->is_rejected = true;
	(void)snprintf(e->reason, sizeof(e->reason), "the socket takes no datagram of %zu bytes", len);
}

/* SENDING_DONE as well when it became a dead letter. */
static enum sending send_event(struct datagram_delivery *d, size_t index, struct err *err)
{
	struct datagram_sink *s = d->sink;
	size_t before = SIZE_MAX;
	enum sending sending;
	bool is_cut = false;

	do {
		if (encode(d, &d->batch->events[index], &is_cut, err))
			return SENDING_FAILED;
		if (s->message.len >= before) {
			reject(d->receipt, index, s->message.len);
			return SENDING_DONE;
		}
		before = s->message.len;
		sending = send_message(s, buf_view(&s->message), err);
		if (sending == SENDING_TOO_LARGE)
			s->limit = smaller(s, before);
	} while (sending == SENDING_TOO_LARGE);
	if (sending == SENDING_DONE) {
		d->receipt->cut += is_cut;
		d->receipt->bytes += s->message.len;
	}
	return sending;
}

/* Before a message: waits for its turn, and catches up with a little of what was missed. false: stopped. */
static bool pace(struct datagram_sink *s)
{
	const uint64_t step_ns = (uint64_t)DATAGRAM_BURST_US * NS_PER_US;
	uint64_t now_ns;

	if (s->is_unix)
		return true;
	if (++s->burst < DATAGRAM_BURST)
		return true;
	s->burst = 0;
	s->turn_ns += step_ns;
	now_ns = clock_mono_ns();
	if (s->turn_ns + DATAGRAM_MISSED * step_ns < now_ns)
		s->turn_ns = now_ns - DATAGRAM_MISSED * step_ns;
	return s->turn_ns <= now_ns || wait_fd(s->env, -1, 0, s->turn_ns) != WAIT_STOP;
}

static enum sink_result send_batch(struct datagram_delivery *d, struct err *err)
{
	struct sink_receipt *r = d->receipt;

	while (r->confirmed < d->batch->count && r->exception_count < SINK_EXCEPTIONS_MAX) {
		if (!pace(d->sink)) {
			(void)err_set(err, ERR_LATER, 0, "stopped while sending to %s", d->sink->name);
			return SINK_RETRY;
		}
		if (send_event(d, r->confirmed, err) != SENDING_DONE)
			return SINK_RETRY;
		r->sent = ++r->confirmed;
	}
	return SINK_OK;
}

static enum sink_result datagram_deliver(void *sink, const struct sink_batch *batch, struct sink_receipt *receipt,
					 struct err *err)
{
	struct datagram_sink *s = sink;
	struct datagram_delivery d = { .sink = s, .batch = batch, .receipt = receipt };
	enum sink_result result = open_socket(s, err);

	if (result != SINK_OK)
		return result;
	result = send_batch(&d, err);
	if (result == SINK_OK)
		result = hear_back(s, err);
	if (!s->is_unix && s->fd < 0) {
		receipt->confirmed = 0;
		receipt->exception_count = 0;
	}
	return result;
}

/* --- between deliveries --- */

static enum sink_result datagram_idle(void *sink, struct sink_receipt *, struct err *err)
{
	struct datagram_sink *s = sink;
	ssize_t n = s->is_unix || s->fd < 0 ? -1 : 0;
	char dropped[1];

	/* What nobody asked for is dropped; what came back for what was sent comes this way, too. */
	for (unsigned i = 0; n >= 0 && i < CONN_DROPS; i++) {
		n = recv(s->fd, dropped, sizeof(dropped), 0);
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return give_up(s, errno, err);
	}
	return SINK_OK;
}

/* A local socket tells nothing. */
static int datagram_idle_fd(void *sink)
{
	const struct datagram_sink *s = sink;

	return s->is_unix ? -1 : s->fd;
}

/* Nothing more can be learned of what was sent: after an end in order it is not sent again. */
static bool datagram_finish(void *)
{
	return true;
}

/* --- check --sink --- */

static int send_probe(void *sink, struct view message, struct buf *answer, struct err *err)
{
	struct datagram_sink *s = sink;

	(void)answer;
	if (open_socket(s, err) != SINK_OK)
		return -1;
	switch (send_message(s, message, err)) {
	case SENDING_DONE:
		break;
	case SENDING_TOO_LARGE:
		(void)err_set(err, ERR_LIMIT, 0, "the socket takes no datagram of this size");
		return 0;
	case SENDING_AGAIN:
	case SENDING_FAILED:
		return -1;
	}
	if (s->is_unix)
		return 1;
	(void)wait_fd(s->env, s->fd, 0, wait_until(PROBE_WAIT_MS));
	return hear_back(s, err) == SINK_OK ? 1 : -1;
}

static int datagram_probe(void *sink, struct buf *report, struct err *err)
{
	struct datagram_sink *s = sink;

	return probe_run(s->env, s->name, send_probe, s, report, err);
}

const struct sink_ops sink_datagram = {
	.name = "syslog",
	.level = SINK_HOPED,
	.open = datagram_open,
	.deliver = datagram_deliver,
	.idle = datagram_idle,
	.idle_fd = datagram_idle_fd,
	.probe = datagram_probe,
	.finish = datagram_finish,
	.close = datagram_close,
};
