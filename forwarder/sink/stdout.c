/* SPDX-License-Identifier: Apache-2.0 */
/* The sink of type `stdout`: lines for whoever started us and reads our standard output (rsyslog's improg, the exec
 * sources of Vector and Fluent Bit).
 *
 * Standard output may be shared and may block, and is not ours to change: a pipe is opened once more, without blocking;
 * where that is not allowed, no more is written than has room once poll(2) says so (pipe(7): PIPE_BUF). Lines go out
 * whole, several to a write as long as the system takes them in one piece. Half a line that had to be left is completed
 * by the next delivery, or at the end. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <linux/sockios.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "common/base/bounds.h"
#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/sys/sigpipe.h"
#include "forwarder/sink.h"

#define NS_PER_MS 1'000'000u
#define FINISH_MS 1000u
#define LOOK_MS 10u
#define IDLE_MS 5000u

enum outlet { OUTLET_FILE, OUTLET_PIPE, OUTLET_SOCKET, OUTLET_OTHER };

struct stdout_sink {
	const struct sink_env *env;
	enum outlet outlet;
	int own_fd; /* the pipe, opened by us; -1: there is only standard output */
	struct buf line, lines;
	size_t written;       /* of lines */
	uint64_t partial_seq; /* lines is the rest of this event; 0: of none */
};

static int fd_of(const struct stdout_sink *s)
{
	return s->own_fd >= 0 ? s->own_fd : STDOUT_FILENO;
}

static enum outlet outlet_of(int fd)
{
	struct stat st;

	if (fstat(fd, &st))
		return OUTLET_OTHER;
	if (S_ISFIFO(st.st_mode))
		return OUTLET_PIPE;
	if (S_ISSOCK(st.st_mode))
		return OUTLET_SOCKET;
	return S_ISREG(st.st_mode) ? OUTLET_FILE : OUTLET_OTHER;
}

static void *stdout_open(const struct sink_env *env, struct err *err)
{
	struct stdout_sink *s = calloc(1, sizeof(*s));

	if (!s) {
		err_nomem(err);
		return NULL;
	}
	s->env = env;
	s->outlet = outlet_of(STDOUT_FILENO);
	s->own_fd = -1;
	if (s->outlet == OUTLET_PIPE)
		s->own_fd = open("/proc/self/fd/1", O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	s->line = (struct buf)BUF_INIT(LOGFILE_LINE_BYTES);
	s->lines = (struct buf)BUF_INIT(LOGFILE_LINE_BYTES);
	return s;
}

static void stdout_close(void *sink)
{
	struct stdout_sink *s = sink;

	closep(&s->own_fd);
	buf_done(&s->line);
	buf_done(&s->lines);
	free(s);
}

/* --- writing --- */

/* One write that does not block. Bytes, or -1 with errno. */
static ssize_t write_some(const struct stdout_sink *s, struct view v)
{
	if (s->outlet == OUTLET_SOCKET)
		return send(STDOUT_FILENO, v.ptr, v.len, MSG_DONTWAIT | MSG_NOSIGNAL);
	/* A file never blocks; what poll has promised room for does not either. */
	if (s->outlet != OUTLET_FILE && v.len > PIPE_BUF)
		v.len = PIPE_BUF;
	return write(fd_of(s), v.ptr, v.len);
}

/* Waits until it may be written to. SINK_OK, or why it is over. */
static enum sink_result wait_for_room(const struct stdout_sink *s, uint64_t until_ns, bool is_last, struct err *err)
{
	struct pollfd fds[] = { { .fd = fd_of(s), .events = POLLOUT },
				{ .fd = is_last ? -1 : s->env->wake_fd, .events = POLLIN } };
	uint64_t now_ns = clock_mono_ns();
	int n = 0;

	if (now_ns < until_ns)
		n = poll(fds, ARRAY_LEN(fds), (int)((until_ns - now_ns) / NS_PER_MS) + 1);
	if (n < 0 && errno != EINTR) {
		(void)err_set(err, ERR_IO, errno, "cannot wait for standard output");
		return SINK_RETRY;
	}
	if (!is_last && (fds[1].revents || atomic_load(s->env->stop))) {
		(void)err_set(err, ERR_LATER, 0, "stopped while writing to standard output");
		return SINK_RETRY;
	}
	if (n == 0) {
		(void)err_set(err, ERR_LATER, 0, "the reader of standard output takes nothing");
		return SINK_RETRY;
	}
	return SINK_OK;
}

static enum sink_result failed(const struct stdout_sink *s, int errnum, struct err *err)
{
	struct statfs fs;

	if (errnum == EPIPE || errnum == ECONNRESET) {
		(void)err_set(err, ERR_IO, 0, "the reader of standard output has gone");
		/* A pipe that has a name may get another one. */
		return s->outlet == OUTLET_PIPE && fstatfs(STDOUT_FILENO, &fs) == 0 && fs.f_type != PIPEFS_MAGIC
			       ? SINK_RETRY
			       : SINK_OVER;
	}
	(void)err_set(err, ERR_IO, errnum, "cannot write to standard output");
	return errnum == EBADF || errnum == EINVAL ? SINK_BROKEN : SINK_RETRY;
}

/* Writes the rest of lines; waits up to patience_ms for any progress. is_last: not even a stop ends it. */
static enum sink_result write_lines(struct stdout_sink *s, uint64_t patience_ms, bool is_last, struct err *err)
{
	uint64_t until_ns = clock_mono_ns() + patience_ms * NS_PER_MS;
	bool is_waiting = s->outlet != OUTLET_FILE && s->own_fd < 0 && s->outlet != OUTLET_SOCKET;

	while (s->written < s->lines.len) {
		enum sink_result result = is_waiting ? wait_for_room(s, until_ns, is_last, err) : SINK_OK;
		ssize_t n;

		if (result != SINK_OK)
			return result;
		n = write_some(s, view_sub(buf_view(&s->lines), s->written, SIZE_MAX));
		if (n > 0) {
			s->written += (size_t)n;
			until_ns = clock_mono_ns() + patience_ms * NS_PER_MS;
			continue;
		}
		if (n < 0 && errno != EINTR && errno != EAGAIN && errno != EWOULDBLOCK)
			return failed(s, errno, err);
		is_waiting = is_waiting || n == 0 || errno != EINTR;
	}
	buf_clear(&s->lines);
	s->written = 0;
	return SINK_OK;
}

/* Of lines that could not all be written, the one that was begun stays to be completed. How many are whole. */
static size_t keep_begun(struct stdout_sink *s)
{
	size_t whole = 0, end = 0;
	struct view all = buf_view(&s->lines);

	while (end < s->written) {
		size_t len = text_find_byte(view_sub(all, end, SIZE_MAX), '\n');

		if (end + len + 1 > s->written) {
			buf_cut(&s->lines, end + len + 1);
			return whole;
		}
		end += len + 1;
		whole++;
	}
	buf_clear(&s->lines);
	s->written = 0;
	return whole;
}

/* --- delivering --- */

struct stdout_delivery {
	struct stdout_sink *sink;
	const struct sink_batch *batch;
	struct sink_receipt *receipt;
	size_t waiting; /* events whose lines are not written yet */
};

static enum sink_result flush(struct stdout_delivery *d, struct err *err)
{
	struct stdout_sink *s = d->sink;
	size_t len = s->lines.len;
	enum sink_result result = write_lines(s, SINK_PATIENCE_MS, false, err);
	struct sink_receipt *r = d->receipt;

	if (result == SINK_OK) {
		r->confirmed += d->waiting;
		r->bytes += len;
	} else {
		r->bytes += s->written;
		r->confirmed += keep_begun(s);
		s->partial_seq = s->lines.len ? d->batch->events[r->confirmed].seq : 0;
	}
	r->sent = r->confirmed + (s->lines.len > 0);
	d->waiting = 0;
	return result;
}

/* What an earlier delivery left half done. Its event need not go again when it is the first of this batch. */
static enum sink_result complete(struct stdout_delivery *d, struct err *err)
{
	struct stdout_sink *s = d->sink;
	enum sink_result result;

	if (!s->partial_seq)
		return SINK_OK;
	result = write_lines(s, SINK_PATIENCE_MS, false, err);
	if (result == SINK_OK && d->batch->events[0].seq == s->partial_seq)
		d->receipt->confirmed = d->receipt->sent = 1;
	if (result == SINK_OK)
		s->partial_seq = 0;
	return result;
}

static enum sink_result add_event(struct stdout_delivery *d, const struct event *event, struct err *err)
{
	struct stdout_sink *s = d->sink;
	enum sink_result result = SINK_OK;
	struct event marked = *event;
	bool is_cut = false;

	marked.is_replay = marked.is_replay || d->batch->is_doubtful;
	buf_clear(&s->line);
	if (s->env->encoder->encode(&marked, &s->env->encoding, &s->line, &is_cut) || buf_add_byte(&s->line, '\n'))
		goto nomem;
	if (s->lines.len && s->lines.len + s->line.len > PIPE_BUF)
		result = flush(d, err);
	if (result != SINK_OK)
		return result;
	if (buf_add(&s->lines, buf_view(&s->line)))
		goto nomem;
	d->receipt->cut += is_cut;
	d->waiting++;
	return SINK_OK;
nomem:
	err_nomem(err);
	return SINK_RETRY;
}

static enum sink_result deliver(struct stdout_delivery *d, struct err *err)
{
	enum sink_result result = complete(d, err), flushed;
	size_t first = d->receipt->confirmed;

	if (result != SINK_OK)
		return result;
	for (size_t i = first; result == SINK_OK && i < d->batch->count; i++)
		result = add_event(d, &d->batch->events[i], err);
	if (!d->waiting)
		return result;
	/* What was gathered before it failed goes out all the same. */
	flushed = flush(d, result == SINK_OK ? err : NULL);
	return result == SINK_OK ? flushed : result;
}

static enum sink_result stdout_deliver(void *sink, const struct sink_batch *batch, struct sink_receipt *receipt,
				       struct err *err)
{
	struct stdout_delivery d = { .sink = sink, .batch = batch, .receipt = receipt };
	struct sigpipe_guard guard;
	enum sink_result result;

	sigpipe_block(&guard);
	result = deliver(&d, err);
	sigpipe_restore(&guard);
	return result;
}

/* --- its reader --- */

/* POLLERR: the reading end is closed (poll(2)). */
static enum sink_result stdout_idle(void *sink, struct sink_receipt *, struct err *err)
{
	struct stdout_sink *s = sink;
	struct pollfd fd = { .fd = fd_of(s), .events = 0 };

	if ((s->outlet == OUTLET_PIPE || s->outlet == OUTLET_SOCKET) && poll(&fd, 1, 0) > 0 &&
	    fd.revents & (POLLERR | POLLHUP))
		return failed(s, EPIPE, err);
	return SINK_OK;
}

/* The end of a pipe that is only written to has nothing to read but its reader's end. */
static int stdout_idle_fd(void *sink)
{
	struct stdout_sink *s = sink;

	return s->own_fd;
}

/* Whether the reader has taken all that was written. */
static bool stdout_is_quiet(void *sink)
{
	struct stdout_sink *s = sink;
	int left = 0;

	if (s->lines.len)
		return false;
	if (s->outlet == OUTLET_PIPE)
		return ioctl(fd_of(s), FIONREAD, &left) == 0 && left == 0;
	if (s->outlet == OUTLET_SOCKET)
		return ioctl(STDOUT_FILENO, SIOCOUTQ, &left) == 0 && left == 0;
	return true;
}

static bool stdout_finish(void *sink)
{
	struct stdout_sink *s = sink;
	uint64_t until_ns = clock_mono_ns() + FINISH_MS * NS_PER_MS;
	struct sigpipe_guard guard;
	bool is_gone;

	sigpipe_block(&guard);
	is_gone = write_lines(s, FINISH_MS, true, NULL) != SINK_OK;
	sigpipe_restore(&guard);
	is_gone = is_gone || stdout_idle(sink, NULL, NULL) != SINK_OK;
	while (!is_gone && !stdout_is_quiet(sink) && clock_mono_ns() < until_ns) {
		(void)poll(NULL, 0, LOOK_MS);
		is_gone = stdout_idle(sink, NULL, NULL) != SINK_OK;
	}
	return !is_gone && stdout_is_quiet(sink);
}

const struct sink_ops sink_stdout = {
	.name = "stdout",
	.level = SINK_WRITTEN,
	.open = stdout_open,
	.deliver = stdout_deliver,
	.idle = stdout_idle,
	.idle_ms = IDLE_MS,
	.is_quiet = stdout_is_quiet,
	.idle_fd = stdout_idle_fd,
	.finish = stdout_finish,
	.close = stdout_close,
};
