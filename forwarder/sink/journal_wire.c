/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/sink/journal_wire.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/sockios.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/sys/file.h"

#define NS_PER_MS 1'000'000u
#define FENCE_FIRST_NS 50'000u
#define FENCE_MOST_NS 5'000'000u
#define SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

int journal_add_field(struct buf *buf, const char *name, struct view value)
{
	unsigned char length[8];

	for (unsigned i = 0; i < sizeof(length); i++)
		length[i] = (unsigned char)((uint64_t)value.len >> (8 * i));
	return buf_add_text(buf, name) || buf_add_byte(buf, '\n') || buf_add(buf, view_from(length, sizeof(length))) ||
			       buf_add(buf, value) || buf_add_byte(buf, '\n')
		       ? -1
		       : 0;
}

static int add_digest(struct buf *buf, const char *name, const unsigned char *digest)
{
	return buf_addf(buf, "%s=", name) || digest_add_hex(buf, digest, DIGEST_SHA256_BYTES) || buf_add_byte(buf, '\n')
		       ? -1
		       : 0;
}

int journal_add_entry(struct buf *buf, const struct event *e, unsigned facility)
{
	int status = journal_add_field(buf, "MESSAGE", e->message);

	status |= buf_addf(buf, "MESSAGE_ID=%s\nPRIORITY=%u\nSYSLOG_IDENTIFIER=skantd\nSYSLOG_FACILITY=%u\n",
			   event_classes[e->class].message_id, (unsigned)e->severity, facility);
	for (unsigned i = 0; i < EVENT_FIELD_COUNT; i++)
		if (e->fields[i].ptr)
			status |= journal_add_field(buf, event_fields[i].journal, e->fields[i]);
	status |= journal_add_field(buf, "ANTHROPIC_JSON", e->body);
	status |= journal_add_field(buf, "SKANT_FEED", e->feed);
	status |= buf_addf(buf, "SKANT_SEQ=%" PRIu64 "\nSKANT_CLASS=%s\n", e->seq, event_classes[e->class].name);
	status |= add_digest(buf, "SKANT_HASH", e->hash);
	status |= add_digest(buf, "SKANT_CHAIN", e->chain);
	if (e->is_redacted)
		status |= buf_add_text(buf, "SKANT_REDACTED=1\n");
	if (e->is_replay)
		status |= buf_add_text(buf, "SKANT_REPLAY=1\n");
	return status ? -1 : 0;
}

/* --- sending --- */

void journal_socket_close(struct journal_socket *s)
{
	closep(&s->fd);
	s->fd = -1;
}

static int connect_to(struct journal_socket *s, struct err *err)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	size_t len = strlen(s->path);

	if (s->fd >= 0)
		return 0;
	if (len >= sizeof(address.sun_path))
		return err_set(err, ERR_CONFIG, 0, "the path '%s' is too long for a socket", s->path);
	memcpy(address.sun_path, s->path, len + 1);
	s->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (s->fd < 0)
		return err_set(err, ERR_IO, errno, "cannot make a socket");
	if (connect(s->fd, (const struct sockaddr *)&address, sizeof(address))) {
		int errnum = errno;

		journal_socket_close(s);
		return err_set(err, ERR_LATER, errnum, "journald is not there ('%s')", s->path);
	}
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

/* 1: there is room; 0: not in time, or we are to stop. */
static int wait_for_room(const struct journal_socket *s, int wake_fd, uint64_t patience_ms)
{
	struct pollfd fds[] = { { .fd = s->fd, .events = POLLOUT }, { .fd = wake_fd, .events = POLLIN } };

	return poll(fds, 2, (int)patience_ms) > 0 && !fds[1].revents;
}

/* What an error means: 0 try again at once, 1 there was no room, 2 too large for a datagram, -1 with err. */
static int judge(struct journal_socket *s, int errnum, int wake_fd, uint64_t patience_ms, unsigned *reconnects,
		 struct err *err)
{
	switch (errnum) {
	case EINTR:
		return 0;
	case EAGAIN:
		return wait_for_room(s, wake_fd, patience_ms) ? 0 : 1;
	case EMSGSIZE:
	case ENOBUFS:
		return 2;
	case ECONNREFUSED:
	case ECONNRESET:
	case ENOTCONN:
	case EPIPE:
		journal_socket_close(s); /* journald was started anew: so is the connection, once */
		if ((*reconnects)++ == 0 && connect_to(s, err) == 0)
			return 0;
		return err_set(err, ERR_LATER, errnum, "journald does not listen");
	default:
		journal_socket_close(s);
		return err_set(err, ERR_LATER, errnum, "cannot send to journald");
	}
}

int journal_send(struct journal_socket *s, struct view entries, int wake_fd, uint64_t patience_ms, struct err *err)
{
	DEFER(closep) int memfd = -1;
	unsigned reconnects = 0;

	if (connect_to(s, err))
		return -1;
	for (;;) {
		int what;

		if (send_once(s, entries, memfd) == 0)
			return 0;
		what = judge(s, errno, wake_fd, patience_ms, &reconnects, err);
		if (what == 2 && memfd < 0) {
			memfd = make_memfd(entries, err);
			if (memfd < 0)
				return -1;
			continue;
		}
		if (what == 2)
			return err_set(err, ERR_LIMIT, 0, "journald takes no message of %zu bytes", entries.len);
		if (what)
			return what;
	}
}

int journal_fence(struct journal_socket *s, int wake_fd, uint64_t patience_ms, struct err *err)
{
	uint64_t end_ns = clock_mono_ns() + patience_ms * NS_PER_MS, pause_ns = FENCE_FIRST_NS;
	struct pollfd fd = { .fd = wake_fd, .events = POLLIN };
	int status = journal_send(s, VIEW_NONE, wake_fd, patience_ms, err), waiting;

	if (status)
		return status;
	for (;;) {
		const struct timespec pause = { .tv_nsec = (long)pause_ns };

		if (ioctl(s->fd, SIOCOUTQ, &waiting))
			return err_set(err, ERR_LATER, errno, "cannot ask for what journald has not taken yet");
		if (waiting == 0)
			return 0;
		if (clock_mono_ns() >= end_ns || ppoll(&fd, 1, &pause, NULL) > 0)
			return 1;
		pause_ns = pause_ns * 2 < FENCE_MOST_NS ? pause_ns * 2 : FENCE_MOST_NS;
	}
}
