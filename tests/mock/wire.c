/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/mock/wire.h"

#include <errno.h>
#include <gnutls/gnutls.h>
#include <linux/sockios.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "common/base/clock.h"
#include "tests/mock/must.h"

#define SEND_TIMEOUT_MS 30'000
#define FLUSH_TIMEOUT_MS 5'000
#define SLICES_PER_SECOND 20 /* of a slow reply */
#define RAW_BYTES (HTTP_BODY_BYTES + (1u << 20))

bool wire_is_needed(const struct wire_fault *f)
{
	return f->bytes_per_s || f->has_cut || f->has_reset || f->wrong_length;
}

void wire_wait(int stop_fd, uint64_t ms)
{
	struct pollfd stop = { .fd = stop_fd, .events = POLLIN };
	uint64_t end = clock_mono_ns() + ms * 1'000'000;

	for (uint64_t now = clock_mono_ns(); now < end; now = clock_mono_ns())
		if (poll(&stop, 1, (int)((end - now) / 1'000'000) + 1) > 0)
			return;
}

static ssize_t send_some(const struct wire *w, struct view v)
{
	ssize_t n;

	if (!w->session) {
		n = send(w->fd, v.ptr, v.len, MSG_NOSIGNAL);
		return n < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : n;
	}
	n = gnutls_record_send(w->session, v.ptr, v.len);
	return n == GNUTLS_E_AGAIN || n == GNUTLS_E_INTERRUPTED ? 0 : n;
}

/* false: the peer has gone, or the mock is to end. */
static bool send_all(const struct wire *w, struct view v)
{
	while (v.len) {
		struct pollfd fds[2] = { { .fd = w->fd, .events = POLLOUT }, { .fd = w->stop_fd, .events = POLLIN } };
		ssize_t n = send_some(w, v);

		if (n < 0)
			return false;
		v = view_sub(v, (size_t)n, v.len);
		if (n == 0 && (poll(fds, 2, SEND_TIMEOUT_MS) <= 0 || fds[1].revents))
			return false;
	}
	return true;
}

static bool send_slowly(const struct wire *w, struct view v, uint64_t bytes_per_s)
{
	size_t slice = bytes_per_s / SLICES_PER_SECOND ? bytes_per_s / SLICES_PER_SECOND : 1;

	for (size_t at = 0; at < v.len; at += slice) {
		struct pollfd stop = { .fd = w->stop_fd, .events = POLLIN };

		if (!send_all(w, view_sub(v, at, slice)) || poll(&stop, 1, 0) > 0)
			return false;
		wire_wait(w->stop_fd, slice * 1000 / bytes_per_s);
	}
	return true;
}

/* Until the peer's system has all that was sent: what is not there when the reset comes is lost. */
static void flush(const struct wire *w)
{
	for (int ms = 0, left = 1; ms < FLUSH_TIMEOUT_MS && left > 0; ms++) {
		if (ioctl(w->fd, SIOCOUTQ, &left) || left == 0)
			return;
		wire_wait(w->stop_fd, 1);
	}
}

/* An RST at once: a disconnect (tcp(7)), for the library closes gracefully. */
static void reset(const struct wire *w)
{
	const struct linger none = { .l_onoff = 1, .l_linger = 0 };
	const struct sockaddr nowhere = { .sa_family = AF_UNSPEC };

	flush(w);
	(void)setsockopt(w->fd, SOL_SOCKET, SO_LINGER, &none, sizeof(none));
	(void)connect(w->fd, &nowhere, sizeof(nowhere));
}

/* The end without a TLS closure alert. */
static void cut(const struct wire *w)
{
	flush(w);
	(void)shutdown(w->fd, SHUT_RDWR);
}

/* The head, and behind it the body. */
static void add_head(struct buf *raw, const struct http_reply *rp, const struct wire_fault *f)
{
	int64_t length = (int64_t)http_reply_body(rp).len + f->wrong_length;

	must(buf_addf(raw, "HTTP/1.1 %u %s\r\n", rp->status, http_reason(rp->status)));
	for (size_t i = 0; i < rp->header_count; i++)
		must(buf_addf(raw, "%s: %s\r\n", rp->headers[i].name, rp->headers[i].value));
	must(buf_addf(raw, "connection: close\r\ncontent-length: %lld\r\n\r\n", (long long)(length < 0 ? 0 : length)));
}

void wire_send(const struct wire *w, const struct http_reply *rp, const struct wire_fault *f)
{
	DEFER(buf_done) struct buf raw = BUF_INIT(RAW_BYTES);
	struct view all;
	size_t head;

	add_head(&raw, rp, f);
	head = raw.len;
	must(buf_add(&raw, http_reply_body(rp)));
	all = buf_view(&raw);
	if (f->has_cut)
		all = view_sub(all, 0, head + f->cut_at);
	if (f->has_reset)
		all = view_sub(all, 0, f->reset_at);
	if (!(f->bytes_per_s ? send_slowly(w, all, f->bytes_per_s) : send_all(w, all)))
		return;
	if (f->has_reset)
		reset(w);
	else
		cut(w);
}
