/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/message_audit.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/sys/json.h"

#define NS_PER_MS UINT64_C(1'000'000)
#define LOOK_MS 200 /* how often waiting looks at its stop flag */

struct message_audit {
	char *path;
	const atomic_bool *stop;
	uint64_t patience_ms;
	pthread_mutex_t lock; /* of all below */
	int fd;               /* -1: no connection */
	uint64_t lines;       /* sent over this connection */
	struct buf replies;
	struct err refusal; /* what the daemon said of the last line that it would not have */
};

struct counts {
	uint64_t told, refused; /* lines that something is said of, and those of them that were refused */
};

static bool is_stopped(const struct message_audit *a)
{
	return a->stop && atomic_load(a->stop);
}

static void disconnect(struct message_audit *a)
{
	closep(&a->fd);
	a->fd = -1;
	a->lines = 0;
	buf_clear(&a->replies);
}

static int connect_once(struct message_audit *a, struct err *err)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	size_t len = strlen(a->path);

	disconnect(a);
	if (len > CONFIG_SOCKET_BYTES)
		return err_set(err, ERR_CONFIG, 0, "the path '%s' is too long for a socket", a->path);
	memcpy(address.sun_path, a->path, len);
	a->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (a->fd < 0)
		return err_set(err, ERR_IO, errno, "cannot make a socket");
	if (connect(a->fd, (const struct sockaddr *)&address, sizeof(address))) {
		bool is_later = errno == ENOENT || errno == ECONNREFUSED || errno == EAGAIN;
		int saved = errno;

		disconnect(a);
		return err_set(err, is_later ? ERR_LATER : ERR_CONFIG, saved, "cannot hand audit events to '%s'",
			       a->path);
	}
	return 0;
}

/* Waits until the socket can be used so. 0; -1 with ERR_LATER when it is no use to wait on. */
static int wait_for(struct message_audit *a, short events, uint64_t end_ns, struct err *err)
{
	struct pollfd p = { .fd = a->fd, .events = events };

	for (;;) {
		int n = poll(&p, 1, LOOK_MS);

		if (n > 0)
			return 0;
		if (n < 0 && errno != EINTR)
			return err_set(err, ERR_IO, errno, "cannot wait for the daemon on '%s'", a->path);
		if (is_stopped(a))
			return err_set(err, ERR_LATER, 0, "stopped before the daemon on '%s' had stored an audit event",
				       a->path);
		if (clock_mono_ns() >= end_ns)
			return err_set(err, ERR_LATER, 0, "the daemon on '%s' stores nothing now (its disk, its spool)",
				       a->path);
	}
}

/* 0; 1 the connection has broken; -1 with err. */
static int send_all(struct message_audit *a, struct view v, uint64_t end_ns, struct err *err)
{
	while (v.len) {
		ssize_t n = send(a->fd, v.ptr, v.len, MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n > 0)
			v = view_sub(v, (size_t)n, SIZE_MAX);
		else if (n < 0 && errno == EAGAIN) {
			if (wait_for(a, POLLOUT, end_ns, err))
				return -1;
		} else if (n < 0 && errno != EINTR)
			return 1;
	}
	return 0;
}

static uint64_t number_of(struct view object, const char *name)
{
	struct view value = json_member(object, name);
	uint64_t n = 0;

	return value.len && text_u64(value, UINT32_MAX, &n) == 0 ? n : 0;
}

/* What a line of the daemon's says. */
static void take_reply(struct message_audit *a, struct view line, struct counts *ret)
{
	DEFER(buf_done) struct buf why = BUF_INIT(AUDIT_REPLY_BYTES), clean = BUF_INIT(8 * AUDIT_REPLY_BYTES);
	struct view object, error;

	if (json_whole(line, &object, NULL) || json_type_of(object) != JSON_OBJECT)
		return;
	error = json_member(object, "error");
	if (error.len && json_type_of(error) == JSON_STRING) {
		if (json_add_string(&why, error) == 0 && text_add_clean(&clean, buf_view(&why)) == 0)
			(void)err_set(&a->refusal, ERR_FORMAT, 0, "%s", clean.ptr ? clean.ptr : "");
		return;
	}
	if (!json_member(object, "stored").len)
		return;
	ret->refused = number_of(object, "refused");
	ret->told =
		number_of(object, "stored") + number_of(object, "known") + number_of(object, "ignored") + ret->refused;
}

/* Takes what is there. 0; 1 the connection has ended; -1 with err. */
static int read_replies(struct message_audit *a, struct counts *ret, struct err *err)
{
	struct view rest;
	size_t end;
	ssize_t n;

	if (buf_reserve(&a->replies, AUDIT_REPLY_BYTES / 2))
		return err_set(err, ERR_FORMAT, 0, "what listens on '%s' does not answer as an ingest socket", a->path);
	n = recv(a->fd, a->replies.ptr + a->replies.len, AUDIT_REPLY_BYTES / 2, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n <= 0)
		return 1;
	a->replies.len += (size_t)n;
	rest = buf_view(&a->replies);
	while ((end = text_find_byte(rest, '\n')) != SIZE_MAX) {
		take_reply(a, view_sub(rest, 0, end), ret);
		rest = view_sub(rest, end + 1, SIZE_MAX);
	}
	memmove(a->replies.ptr, rest.ptr, rest.len);
	buf_cut(&a->replies, rest.len);
	return 0;
}

/* Sends a line (or none), asks for the counts, and waits for them. 0; 1 the connection has broken; -1 with err. */
static int exchange(struct message_audit *a, struct view line, uint64_t end_ns, struct err *err)
{
	struct counts counts = { .told = UINT64_MAX };
	uint64_t lines = a->lines + (line.len > 0);
	int status = send_all(a, line, end_ns, err);

	if (status == 0)
		status = send_all(a, VIEW("\n"), end_ns, err);
	while (status == 0 && (counts.told == UINT64_MAX || counts.told < lines)) {
		status = wait_for(a, POLLIN, end_ns, err);
		if (status == 0)
			status = read_replies(a, &counts, err);
	}
	a->lines = lines;
	if (status == 0 && counts.refused)
		status = err_set(err, ERR_FORMAT, 0, "the daemon on '%s' will not have an audit event: %s", a->path,
				 a->refusal.text);
	return status;
}

static int pause_before_retry(const struct message_audit *a, struct err *err)
{
	const struct timespec pause = { .tv_nsec = (long)(AUDIT_RETRY_MS * NS_PER_MS) };

	if (is_stopped(a))
		return err_set(err, ERR_LATER, 0, "stopped while the daemon on '%s' was away", a->path);
	(void)nanosleep(&pause, NULL);
	return 0;
}

/* Exchanges over this connection or the next, until it is done or there is no patience left. */
static int insist(struct message_audit *a, struct view line, struct err *err)
{
	uint64_t end_ns = clock_mono_ns() + a->patience_ms * NS_PER_MS;
	int status = 1;

	for (;;) {
		struct err why = ERR_INIT;
		int connected = a->fd >= 0 ? 0 : connect_once(a, &why);

		if (connected == 0) {
			status = exchange(a, line, end_ns, err);
			if (status <= 0)
				break;
			(void)err_set(&why, ERR_LATER, 0, "the daemon on '%s' has ended the connection", a->path);
		}
		disconnect(a);
		if (why.kind != ERR_LATER || clock_mono_ns() >= end_ns) {
			if (err)
				*err = why;
			return -1;
		}
		if (pause_before_retry(a, err))
			return -1;
	}
	if (status)
		disconnect(a); /* its counts are no longer those of our lines */
	return status;
}

struct message_audit *message_audit_open(const char *path, const atomic_bool *stop, uint64_t patience_ms,
					 struct err *err)
{
	struct message_audit *a = calloc(1, sizeof(*a));

	if (!a) {
		(void)err_nomem(err);
		return NULL;
	}
	*a = (struct message_audit){
		.stop = stop, .patience_ms = patience_ms, .fd = -1, .replies = BUF_INIT(2 * AUDIT_REPLY_BYTES)
	};
	(void)pthread_mutex_init(&a->lock, NULL);
	a->path = strdup(path);
	if (!a->path)
		(void)err_nomem(err);
	/* Nobody is waited for who was not there in the beginning. */
	if (a->path && connect_once(a, err) == 0 && insist(a, VIEW_NONE, err) == 0)
		return a;
	message_audit_free(a);
	return NULL;
}

void message_audit_free(struct message_audit *a)
{
	if (!a)
		return;
	closep(&a->fd);
	buf_done(&a->replies);
	(void)pthread_mutex_destroy(&a->lock);
	free(a->path);
	free(a);
}

void message_audit_freep(struct message_audit **audit)
{
	message_audit_free(*audit);
	*audit = NULL;
}

int message_audit_check(struct message_audit *a, struct err *err)
{
	struct pollfd p = { .events = POLLIN };
	int ret = 0;

	(void)pthread_mutex_lock(&a->lock);
	p.fd = a->fd;
	/* it says nothing that it was not asked: what can be read is the end */
	if (a->fd < 0 || (poll(&p, 1, 0) > 0 && p.revents))
		ret = insist(a, VIEW_NONE, err);
	(void)pthread_mutex_unlock(&a->lock);
	return ret;
}

int message_audit_add(struct message_audit *a, struct view line, struct err *err)
{
	int ret;

	(void)pthread_mutex_lock(&a->lock);
	ret = insist(a, line, err);
	(void)pthread_mutex_unlock(&a->lock);
	return ret;
}
