/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/emit.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/base/bounds.h"
#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/sys/json.h"

#define NS_PER_MS 1'000'000u
#define READ_BYTES (64u << 10)
#define PENDING_BYTES (256u << 10) /* that wait to be sent; a longer line goes in pieces */
#define REPLY_BYTES (64u << 10)
#define TICK_MS 500

struct emit {
	const struct emit_options *options;
	struct emit_result *result;
	int fd; /* of the socket */
	struct buf pending, replies;
	size_t sent, whole;     /* of pending; up to where it may be sent */
	char *chunk;            /* READ_BYTES */
	bool is_read;           /* the input has ended */
	bool is_shut, is_ended; /* all was sent and said so; the daemon has told what became of it */
	bool is_midline;        /* the last byte read was no newline */
	uint64_t progress_ns;
};

static int connect_to(const char *path, int *ret, struct err *err)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	size_t len = strlen(path);
	DEFER(closep) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (len > CONFIG_SOCKET_BYTES)
		return err_set(err, ERR_CONFIG, 0, "the path '%s' is too long for a socket", path);
	memcpy(address.sun_path, path, len);
	if (fd < 0)
		return err_set(err, ERR_IO, errno, "cannot make a socket");
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address))) {
		bool is_nobody = errno == ENOENT || errno == ECONNREFUSED;

		return err_set(err, is_nobody ? ERR_LATER : ERR_IO, errno, "%s '%s'",
			       is_nobody ? "no daemon listens on" : "cannot send to", path);
	}
	if (fcntl(fd, F_SETFL, O_NONBLOCK))
		return err_set(err, ERR_IO, errno, "cannot set up a socket");
	*ret = fd;
	fd = -1;
	return 0;
}

/* --- what goes there --- */

/* An empty line asks the daemon for counts: one of the input gets a space, so that it counts as a line and asks for
 * nothing. */
static int add_input(struct emit *e, struct view v)
{
	while (v.len) {
		size_t newline = text_find_byte(v, '\n');
		struct view piece = view_sub(v, 0, newline == SIZE_MAX ? v.len : newline + 1);

		if (!e->is_midline && (newline == 0 || text_eq(piece, VIEW("\r\n"))) && buf_add_byte(&e->pending, ' '))
			return -1;
		if (buf_add(&e->pending, piece))
			return -1;
		e->is_midline = newline == SIZE_MAX;
		if (!e->is_midline)
			e->whole = e->pending.len;
		v = view_sub(v, piece.len, SIZE_MAX);
	}
	return 0;
}

/* A line whose end has not come is not sent: the daemon need not wait for it. Unless it has no end, it seems. */
static int read_input(struct emit *e, struct err *err)
{
	ssize_t n = read(e->options->fd, e->chunk, READ_BYTES);

	if (n < 0 && errno != EINTR && errno != EAGAIN)
		return err_set(err, ERR_IO, errno, "cannot read the records");
	if (n == 0)
		e->is_read = true;
	if (n > 0 && add_input(e, view_from(e->chunk, (size_t)n)))
		return err_nomem(err);
	if (e->is_read || e->pending.len - e->sent > PENDING_BYTES)
		e->whole = e->pending.len;
	return 0;
}

static int send_pending(struct emit *e, struct err *err)
{
	ssize_t n = send(e->fd, e->pending.ptr + e->sent, e->whole - e->sent, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (n < 0 && errno != EAGAIN && errno != EINTR) {
		if (errno != EPIPE && errno != ECONNRESET)
			return err_set(err, ERR_IO, errno, "cannot send to the daemon");
		/* It hears nothing more: what it has said is still to be read. */
		e->is_read = e->is_shut = true;
		return 0;
	}
	if (n < 0)
		return 0;
	e->progress_ns = clock_mono_ns();
	e->sent += (size_t)n;
	if (e->sent == e->pending.len) {
		buf_clear(&e->pending);
		e->sent = e->whole = 0;
	} else if (e->sent >= PENDING_BYTES) {
		size_t left = e->pending.len - e->sent;

		if (left)
			memmove(e->pending.ptr, e->pending.ptr + e->sent, left);
		buf_cut(&e->pending, left);
		e->whole -= e->sent;
		e->sent = 0;
	}
	return 0;
}

/* --- what comes back --- */

static uint64_t number_of(struct view object, const char *name)
{
	struct view value = json_member(object, name);
	uint64_t n = 0;

	return value.len && text_u64(value, UINT64_MAX, &n) == 0 ? n : 0;
}

static void take_refusal(struct emit *e, struct view object, struct view value)
{
	DEFER(buf_done) struct buf store = BUF_INIT(REPLY_BYTES), why = BUF_INIT(REPLY_BYTES);
	struct view text;

	e->result->refused++;
	if (e->options->refused && json_type_of(value) == JSON_STRING && json_text(value, &store, &text) == 0 &&
	    text_add_clean(&why, text) == 0)
		e->options->refused(e->options->context, number_of(object, "line"), why.ptr ? why.ptr : "");
}

static void take_reply(struct emit *e, struct view line)
{
	struct view object, error;

	if (json_whole(line, &object, NULL) || json_type_of(object) != JSON_OBJECT)
		return;
	error = json_member(object, "error");
	if (error.len) {
		take_refusal(e, object, error);
		return;
	}
	if (!json_member(object, "stored").len)
		return;
	*e->result = (struct emit_result){ .stored = number_of(object, "stored"),
					   .known = number_of(object, "known"),
					   .refused = number_of(object, "refused"),
					   .ignored = number_of(object, "ignored") };
	e->is_ended = json_member(object, "end").len > 0;
}

/* 0; 1 the daemon says nothing more; -1. */
static int read_replies(struct emit *e, struct err *err)
{
	struct view rest, line;
	size_t newline;
	ssize_t n;

	if (buf_reserve(&e->replies, READ_BYTES))
		return err_set(err, ERR_FORMAT, 0, "the daemon's answer is none: is that an ingest socket?");
	n = recv(e->fd, e->replies.ptr + e->replies.len, READ_BYTES, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n <= 0)
		return 1;
	e->progress_ns = clock_mono_ns();
	e->replies.len += (size_t)n;
	rest = buf_view(&e->replies);
	while ((newline = text_find_byte(rest, '\n')) != SIZE_MAX) {
		line = view_sub(rest, 0, newline);
		rest = view_sub(rest, newline + 1, SIZE_MAX);
		take_reply(e, line);
	}
	memmove(e->replies.ptr, rest.ptr, rest.len);
	buf_cut(&e->replies, rest.len);
	return 0;
}

/* --- together --- */

static int check_patience(const struct emit *e, struct err *err)
{
	bool waits_for_us = !e->is_shut && e->sent == e->whole; /* the input says nothing: that may be */

	if (e->options->stop && atomic_load(e->options->stop))
		return err_set(err, ERR_LATER, 0, "stopped before the daemon had taken all records");
	if (e->options->patience_ms && !waits_for_us &&
	    clock_mono_ns() - e->progress_ns > e->options->patience_ms * NS_PER_MS)
		return err_set(err, ERR_LATER, 0, "the daemon takes no records now");
	return 0;
}

/* Once all has been sent, says so. */
static void end_sending(struct emit *e)
{
	if (!e->is_read || e->is_shut || e->sent < e->whole)
		return;
	e->is_shut = true;
	e->progress_ns = clock_mono_ns();
	(void)shutdown(e->fd, SHUT_WR);
}

/* What poll(2) said of the socket and of the input. 1 go on; 0 the daemon says nothing more; -1 with err. */
static int serve(struct emit *e, short socket_events, short input_events, struct err *err)
{
	int status = 0;

	if (socket_events & (POLLIN | POLLHUP | POLLERR))
		status = read_replies(e, err);
	if (status == 0 && socket_events & POLLOUT)
		status = send_pending(e, err);
	if (status == 0 && input_events)
		status = read_input(e, err);
	return status < 0 ? -1 : !status;
}

/* One step, as serve. */
static int step(struct emit *e, struct err *err)
{
	bool reads = !e->is_read && e->pending.len - e->sent <= PENDING_BYTES;
	bool sends = !e->is_shut && e->sent < e->whole;
	struct pollfd fds[] = { { .fd = e->fd, .events = (short)(POLLIN | (sends ? POLLOUT : 0)) },
				{ .fd = reads ? e->options->fd : -1, .events = POLLIN } };
	int n;

	end_sending(e);
	n = poll(fds, ARRAY_LEN(fds), TICK_MS);
	if (n < 0 && errno != EINTR)
		return err_set(err, ERR_IO, errno, "cannot wait for the daemon");
	if (check_patience(e, err))
		return -1;
	return n > 0 ? serve(e, fds[0].revents, fds[1].revents, err) : 1;
}

int emit_run(const struct emit_options *options, struct emit_result *ret, struct err *err)
{
	struct emit e = { .options = options,
			  .result = ret,
			  .fd = -1,
			  .pending = BUF_INIT(4 * PENDING_BYTES),
			  .replies = BUF_INIT(REPLY_BYTES + READ_BYTES + 1),
			  .chunk = malloc(READ_BYTES),
			  .progress_ns = clock_mono_ns() };
	int status = e.chunk ? connect_to(options->socket, &e.fd, err) : err_nomem(err);

	*ret = (struct emit_result){ .stored = 0 };
	if (status == 0)
		do
			status = step(&e, err);
		while (status > 0);
	if (status == 0 && !e.is_ended)
		status = err_set(err, ERR_LATER, 0, "the daemon ended before it had stored all records");
	closep(&e.fd);
	buf_wipe(&e.pending);
	buf_done(&e.replies);
	if (e.chunk)
		explicit_bzero(e.chunk, READ_BYTES);
	free(e.chunk);
	return status;
}
