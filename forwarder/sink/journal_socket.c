/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/sink/journal_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/sys/file.h"
#include "forwarder/sink/wait.h"

#define NS_PER_MS 1'000'000u
#define SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)
#define FENCE_FIRST_NS 20'000u /* between two looks at the queue, growing */
#define FENCE_MOST_NS 2'000'000u

void journal_socket_close(struct journal_socket *s)
{
	closep(&s->fd);
	s->fd = -1;
	s->is_connected = false;
}

static int connect_to(struct journal_socket *s, struct err *err)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	size_t len = strlen(s->path);

	if (s->is_connected)
		return 0;
	if (len >= sizeof(address.sun_path))
		return err_set(err, ERR_CONFIG, 0, "the path '%s' is too long for a socket", s->path);
	memcpy(address.sun_path, s->path, len + 1);
	if (s->fd < 0)
		s->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (s->fd < 0)
		return err_set(err, ERR_IO, errno, "cannot make a socket");
	if (connect(s->fd, (const struct sockaddr *)&address, sizeof(address)))
		return err_set(err, ERR_LATER, errno, "journald is not there ('%s')", s->path);
	s->is_connected = true;
	return 0;
}

/* One datagram; memfd >= 0: it is passed instead. 0, or -1 with errno. */
static int send_once(const struct journal_socket *s, struct view entries, int memfd)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = { .bytes = { 0 } };
	struct iovec iov = { .iov_base = (void *)(uintptr_t)entries.ptr, .iov_len = entries.len };
	struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1 };

	if (memfd >= 0) {
		message = (struct msghdr){ .msg_control = control.bytes, .msg_controllen = sizeof(control.bytes) };
		control.header = (struct cmsghdr){ .cmsg_level = SOL_SOCKET,
						   .cmsg_type = SCM_RIGHTS,
						   .cmsg_len = CMSG_LEN(sizeof(int)) };
		memcpy(CMSG_DATA(&control.header), &memfd, sizeof(memfd));
	}
	return sendmsg(s->fd, &message, MSG_NOSIGNAL) < 0 ? -1 : 0;
}

static int make_memfd(struct view entries, struct err *err)
{
	int fd = memfd_create("skantd", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0)
		return err_set(err, ERR_IO, errno, "cannot make a memory file");
	if (file_write_full(fd, entries) || fcntl(fd, F_ADD_SEALS, SEALS)) {
		err_set(err, ERR_IO, errno, "cannot fill a memory file");
		(void)close(fd);
		return -1;
	}
	return fd;
}

/* What an error means: 0 try again at once, 1 there was no room, 2 too large for a datagram, -1 with err. */
static int judge(struct journal_socket *s, int errnum, uint64_t patience_ms, unsigned *reconnects, struct err *err)
{
	switch (errnum) {
	case EINTR:
		return 0;
	case EAGAIN:
		return wait_fd(s->env, s->fd, POLLOUT, wait_until(patience_ms)) == WAIT_READY ? 0 : 1;
	case EMSGSIZE:
	case ENOBUFS:
		return 2;
	case ECONNREFUSED:
	case ECONNRESET:
	case ENOTCONN:
	case EPIPE:
		s->is_connected = false; /* journald was started anew: so is the connection, once */
		if ((*reconnects)++ == 0 && connect_to(s, err) == 0)
			return 0;
		return err_set(err, ERR_LATER, errnum, "journald does not listen");
	default:
		s->is_connected = false;
		return err_set(err, ERR_LATER, errnum, "cannot send to journald");
	}
}

int journal_send(struct journal_socket *s, struct view entries, uint64_t patience_ms, struct err *err)
{
	DEFER(closep) int memfd = -1;
	unsigned reconnects = 0;

	if (connect_to(s, err))
		return -1;
	for (;;) {
		int what;

		if (send_once(s, entries, memfd) == 0)
			return 0;
		what = judge(s, errno, patience_ms, &reconnects, err);
		if (what == 2 && memfd < 0) {
			memfd = make_memfd(entries, err);
			if (memfd < 0)
				return -1;
			continue;
		}
		if (what == 2)
			return err_set(err, ERR_LATER, 0, "journald takes no message of %zu bytes", entries.len);
		if (what)
			return what;
	}
}

int journal_fence(struct journal_socket *s, uint64_t patience_ms, struct err *err)
{
	uint64_t pause_ns = FENCE_FIRST_NS, until_ns;
	int queued, before = 0, status = journal_send(s, VIEW_NONE, patience_ms, err);

	if (status)
		return status;
	until_ns = wait_until(patience_ms);
	for (;;) {
		uint64_t now_ns = clock_mono_ns();

		if (ioctl(s->fd, SIOCOUTQ, &queued))
			return err_set(err, ERR_IO, errno, "cannot ask how much is queued for journald");
		if (queued == 0)
			return 0;
		if (queued != before)
			until_ns = wait_until(patience_ms);
		before = queued;
		if (now_ns >= until_ns || wait_fd(s->env, -1, 0, now_ns + pause_ns) == WAIT_STOP)
			return 1;
		pause_ns = pause_ns + pause_ns / 4 < FENCE_MOST_NS ? pause_ns + pause_ns / 4 : FENCE_MOST_NS;
	}
}
