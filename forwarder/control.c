/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/control.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/base/bounds.h"
#include "common/base/text.h"

#define REPLY_BYTES (16u << 20)
#define REQUEST_BYTES 256
#define SERVE_US 300'000
#define ASK_S 10
#define READ_BYTES 4096
#define BACKLOG 8

/* A socket's path has at most 107 bytes (unix(7)). */
static int address_of(const char *dir, struct sockaddr_un *ret, socklen_t *ret_len, struct err *err)
{
	struct buf path = BUF_INIT(sizeof(ret->sun_path) - 1);
	int status = buf_addf(&path, "%s/" CONTROL_SOCKET, dir);

	*ret = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (status == 0)
		memcpy(ret->sun_path, path.ptr, path.len + 1);
	buf_done(&path);
	*ret_len = sizeof(*ret);
	if (status)
		return err_set(err, ERR_CONFIG, 0, "the path of the state folder '%s' is too long for a socket in it",
			       dir);
	return 0;
}

static void set_patience(int fd, long us)
{
	const struct timeval time = { .tv_sec = us / 1'000'000, .tv_usec = us % 1'000'000 };

	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof(time));
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &time, sizeof(time));
}

int control_listen(const char *dir, struct err *err)
{
	struct sockaddr_un address;
	socklen_t len;
	DEFER(closep) int fd = -1;
	int ret;

	if (address_of(dir, &address, &len, err))
		return -1;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	(void)unlink(address.sun_path);
	if (fd < 0 || fchmod(fd, 0600) || bind(fd, (const struct sockaddr *)&address, len) || listen(fd, BACKLOG))
		return err_set(err, ERR_IO, errno, "cannot listen on '%s'", address.sun_path);
	ret = fd;
	fd = -1;
	return ret;
}

static int send_all(int fd, struct view v)
{
	while (v.len) {
		ssize_t n = send(fd, v.ptr, v.len, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		v = view_sub(v, (size_t)n, SIZE_MAX);
	}
	return 0;
}

void control_serve(int listen_fd, void (*answer)(void *context, struct view request, struct buf *reply), void *context)
{
	DEFER(closep) int fd = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC);
	DEFER(buf_done) struct buf reply = BUF_INIT(REPLY_BYTES);
	char request[REQUEST_BYTES];
	ssize_t n;

	if (fd < 0)
		return;
	set_patience(fd, SERVE_US);
	n = recv(fd, request, sizeof(request), 0);
	if (n <= 0)
		return;
	answer(context, text_trim(view_from(request, (size_t)n)), &reply);
	(void)send_all(fd, buf_view(&reply));
}

void control_close(int listen_fd, const char *dir)
{
	struct sockaddr_un address;
	socklen_t len;

	if (listen_fd < 0)
		return;
	if (address_of(dir, &address, &len, NULL) == 0)
		(void)unlink(address.sun_path);
	(void)close(listen_fd);
}

static int read_all(int fd, struct buf *reply, struct err *err)
{
	char bytes[READ_BYTES];

	for (;;) {
		ssize_t n = recv(fd, bytes, sizeof(bytes), 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_set(err, ERR_LATER, errno, "the daemon does not answer");
		if (n == 0)
			return 0;
		if (buf_add(reply, view_from(bytes, (size_t)n)))
			return err_set(err, ERR_LIMIT, 0, "the daemon's answer has no end");
	}
}

int control_ask(const char *dir, const char *request, struct buf *reply, struct err *err)
{
	struct sockaddr_un address;
	socklen_t len;
	DEFER(closep) int fd = -1;

	if (address_of(dir, &address, &len, err))
		return -1;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return err_set(err, ERR_IO, errno, "cannot make a socket");
	set_patience(fd, ASK_S * 1'000'000L);
	if (connect(fd, (const struct sockaddr *)&address, len)) {
		if (errno == ENOENT || errno == ECONNREFUSED)
			return 0;
		return err_set(err, ERR_IO, errno, "cannot reach the daemon by '%s'", address.sun_path);
	}
	if (send_all(fd, view_of(request)) || shutdown(fd, SHUT_WR))
		return err_set(err, ERR_LATER, errno, "the daemon does not listen");
	return read_all(fd, reply, err) ? -1 : 1;
}
