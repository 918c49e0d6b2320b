/* SPDX-License-Identifier: Apache-2.0 */
/* skant-unpack: takes containers apart for skant. Its standard input is a socket (scanner/unpack_wire.h); it is of no
 * use to people. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "common/sys/self.h"
#include "scanner/unpack/frames.h"
#include "scanner/unpack/sandbox.h"

#define CHANNEL STDIN_FILENO

/* Reads a request and its descriptor. 1, 0 when skant is gone, -1 when it is no request. */
static int receive(struct unpack_request *ret, int *ret_fd)
{
	union {
		char space[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec part = { .iov_base = ret, .iov_len = sizeof(*ret) };
	struct msghdr message = {
		.msg_iov = &part, .msg_iovlen = 1, .msg_control = control.space, .msg_controllen = sizeof(control.space)
	};
	ssize_t n = recvmsg(CHANNEL, &message, MSG_WAITALL);
	const struct cmsghdr *c = CMSG_FIRSTHDR(&message);

	if (n == 0)
		return 0;
	if (n != (ssize_t)sizeof(*ret) || ret->version != UNPACK_VERSION || !c || c->cmsg_level != SOL_SOCKET ||
	    c->cmsg_type != SCM_RIGHTS || c->cmsg_len != CMSG_LEN(sizeof(int)))
		return -1;
	memcpy(ret_fd, CMSG_DATA(c), sizeof(int));
	return 1;
}

struct input {
	int fd;
	uint64_t size;
	char *all; /* mapped, or NULL */
};

static int64_t read_at(void *context, void *to, size_t len, uint64_t at)
{
	const struct input *in = context;

	return pread(in->fd, to, len, (off_t)at);
}

/* Who cuts the file meanwhile ends this process: that costs one container, as any other crash. */
static const char *map(void *context)
{
	struct input *in = context;
	void *all = mmap(NULL, in->size, PROT_READ, MAP_PRIVATE, in->fd, 0);

	return in->all = all == MAP_FAILED ? NULL : all;
}

static void answer(struct frames *out, const struct unpack_request *request, int fd)
{
	struct input input = { .fd = fd, .size = request->size };
	struct unpack_ops ops = frames_ops(out);
	struct unpack_input in = { .read_at = read_at, .map = map, .context = &input, .size = request->size };

	frames_done(out, unpack_run(&in, request, &ops));
	if (input.all)
		(void)munmap(input.all, input.size);
}

/* Nobody would end this process if skant were killed while it computes without a word: the system does, by SIGPROF. */
static void extend_time(void)
{
	const struct itimerval most = { .it_value = { .tv_sec = UNPACK_CPU_S } };

	(void)setitimer(ITIMER_PROF, &most, NULL);
}

int main(void)
{
	struct frames *out = calloc(1, sizeof(*out));
	struct unpack_request request;
	int fd, status;

	if (!out || self_close_from(STDERR_FILENO + 1) || sandbox_enter(CHANNEL))
		return EXIT_FAILURE;
	frames_init(out, CHANNEL, extend_time);
	extend_time();
	while ((status = receive(&request, &fd)) > 0) {
		answer(out, &request, fd);
		(void)close(fd);
	}
	return status ? EXIT_FAILURE : EXIT_SUCCESS;
}
