/* SPDX-License-Identifier: Apache-2.0 */
#include "common/sys/peer.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/sys/self.h"

#define LOOK_MS 2

/* The child gets its signals as they usually are, not as this thread has set them. 0, or an errno. */
static int spawn(const char *path, int fd, pid_t *ret_pid)
{
	char *argv[2] = { NULL, NULL }, *none = NULL;
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	sigset_t empty, all;
	int errnum = posix_spawn_file_actions_init(&actions);

	if (errnum)
		return errnum;
	errnum = posix_spawnattr_init(&attr);
	if (errnum) {
		(void)posix_spawn_file_actions_destroy(&actions);
		return errnum;
	}
	memcpy(argv, &path, sizeof(path)); /* posix_spawn does not touch it */
	sigemptyset(&empty);
	sigfillset(&all);
	errnum = posix_spawn_file_actions_adddup2(&actions, fd, STDIN_FILENO);
	for (int i = STDOUT_FILENO; i <= STDERR_FILENO && !errnum; i++)
		errnum = posix_spawn_file_actions_addopen(&actions, i, "/dev/null", O_RDWR, 0);
	errnum = errnum ? errnum : self_close_in_child(&actions, STDERR_FILENO + 1);
	errnum = errnum ? errnum : posix_spawnattr_setsigmask(&attr, &empty);
	errnum = errnum ? errnum : posix_spawnattr_setsigdefault(&attr, &all);
	/* a group of its own: what the terminal sends to ours is for us to act on */
	errnum = errnum ? errnum
			: posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
								  POSIX_SPAWN_SETPGROUP);
	errnum = errnum ? errnum : posix_spawn(ret_pid, path, &actions, &attr, argv, &none);
	(void)posix_spawnattr_destroy(&attr);
	(void)posix_spawn_file_actions_destroy(&actions);
	return errnum;
}

int peer_start(struct peer *p, const char *path, struct err *err)
{
	int ends[2], errnum;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
		return err_set(err, ERR_IO, errno, "cannot make a socket for '%s'", path);
	errnum = spawn(path, ends[1], &p->pid);
	(void)close(ends[1]);
	if (errnum) {
		(void)close(ends[0]);
		*p = (struct peer)PEER_INIT;
		return err_set(err, ERR_IO, errnum, "cannot run '%s'", path);
	}
	p->fd = ends[0];
	return 0;
}

int peer_send(const struct peer *p, struct view message, int fd)
{
	union {
		char space[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = { .space = { 0 } };
	struct iovec part = { .iov_len = message.len };
	struct msghdr m = {
		.msg_iov = &part, .msg_iovlen = 1, .msg_control = control.space, .msg_controllen = sizeof(control.space)
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);
	ssize_t n;

	memcpy(&part.iov_base, &message.ptr, sizeof(message.ptr)); /* sendmsg does not touch it */
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	do
		n = sendmsg(p->fd, &m, MSG_NOSIGNAL | MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	if (n >= 0 && (size_t)n != message.len) {
		errno = EMSGSIZE;
		return -1;
	}
	return n < 0 ? -1 : 0;
}

ssize_t peer_receive(const struct peer *p, void *to, size_t len, int wait_ms)
{
	struct pollfd ready = { .fd = p->fd, .events = POLLIN };
	ssize_t n;
	int status;

	/* What is there needs no poll. */
	n = recv(p->fd, to, len, MSG_DONTWAIT);
	if (n >= 0 || (errno != EAGAIN && errno != EINTR))
		return n;
	status = poll(&ready, 1, wait_ms);
	if (status == 0 || (status < 0 && errno == EINTR)) {
		errno = EAGAIN;
		return -1;
	}
	return status < 0 ? -1 : recv(p->fd, to, len, MSG_DONTWAIT);
}

int peer_end(struct peer *p, unsigned wait_ms)
{
	const struct timespec look = { .tv_nsec = LOOK_MS * 1'000'000L };
	int status = 0;
	pid_t pid = 0;

	if (p->pid <= 0)
		return 0;
	(void)close(p->fd);
	for (unsigned waited = 0; (pid = waitpid(p->pid, &status, WNOHANG)) == 0 && waited < wait_ms; waited += LOOK_MS)
		(void)nanosleep(&look, NULL);
	if (pid == 0) {
		(void)kill(p->pid, SIGKILL);
		while (waitpid(p->pid, &status, 0) < 0 && errno == EINTR)
			;
	}
	*p = (struct peer)PEER_INIT;
	return status;
}
