/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/source/reader.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/base/bounds.h"
#include "common/base/secret.h"
#include "scanner/source/archive.h"
#include "scanner/source/memspool.h"

#define WAIT_MS 100      /* between two looks at whether the scan is to end */
#define SECTOR_BYTES 512 /* a disk error ends a read at such a border: there the end is to be seen */

_Static_assert(SCAN_OVERLAP_BYTES * 2 < SCAN_WINDOW_BYTES, "a window must advance");

int reader_init(struct reader *r, struct err *err)
{
	void *p = mmap(NULL, SCAN_WINDOW_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		return err_nomem(err);
	r->window = p;
	return 0;
}

void reader_done(struct reader *r)
{
	if (!r->window)
		return;
	(void)munmap(r->window, SCAN_WINDOW_BYTES); /* the kernel clears pages before anybody else gets them */
	r->window = NULL;
}

/* Waits until a stream has something, or the scan is to end: false. */
static bool wait_for(int fd, const struct reader_target *to)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	while (!to->sink->stopped(to->sink->context))
		if (poll(&p, 1, WAIT_MS) != 0 && errno != EINTR)
			return true;
	return false;
}

/* Reads until the window's room is full, the end or an error. Bytes read; *ret_errnum is 0, or what went wrong: EINTR
 * when the scan is to end. */
static size_t fill(int fd, char *room, size_t len, const struct reader_target *to, int *ret_errnum)
{
	size_t done = 0;

	*ret_errnum = 0;
	while (done < len) {
		ssize_t n;

		if (to->may_wait && !wait_for(fd, to)) {
			*ret_errnum = EINTR;
			break;
		}
		n = read(fd, room + done, len - done);
		if (n < 0 && (errno == EINTR || (errno == EAGAIN && to->may_wait)))
			continue;
		if (n < 0) {
			*ret_errnum = errno;
			break;
		}
		done += (size_t)n;
		if (n == 0 || (to->short_is_end && done % SECTOR_BYTES))
			break;
	}
	return done;
}

/* The same, of what comes before fd as well. */
static size_t fill_all(struct reader *r, int fd, size_t held, const struct reader_target *to, int *ret_errnum)
{
	const struct reader_target file = { .sink = to->sink };
	size_t n = 0;

	*ret_errnum = 0;
	if (to->before_fd)
		n = fill(to->before_fd, r->window + held, SCAN_WINDOW_BYTES - held, &file, ret_errnum);
	if (*ret_errnum == 0 && held + n < SCAN_WINDOW_BYTES)
		n += fill(fd, r->window + held + n, SCAN_WINDOW_BYTES - held - n, to, ret_errnum);
	return n;
}

static void report_failure(const struct item *item, const struct reader_target *to, int errnum)
{
	enum unread reason = UNREAD_UNREADABLE;

	if (errnum == EINTR)
		reason = UNREAD_INTERRUPTED;
	else if (errnum == EAGAIN)
		reason = UNREAD_SPECIAL; /* no file on a disk: it would have us wait */
	to->sink->unread(to->sink->context, to->worker, to->slot, item, reason, errnum);
}

/* What the window begins with. */
struct first {
	size_t len;
	int failure;
};

/* Hands on the window, and all that follows in fd. */
static void run_plain(struct reader *r, int fd, const struct item *item, const struct reader_target *to, struct first f)
{
	const struct item_sink *sink = to->sink;
	struct piece piece = { .is_first = true };
	size_t len = f.len, held;
	int failure = f.failure;

	for (;;) {
		piece.bytes = view_from(r->window, len);
		piece.is_last = failure || len < SCAN_WINDOW_BYTES;
		sink->piece(sink->context, to->worker, to->slot, item, &piece);
		if (failure)
			report_failure(item, to, failure);
		if (piece.is_last)
			return;
		if (sink->stopped(sink->context)) {
			report_failure(item, to, EINTR);
			return;
		}
		held = SCAN_OVERLAP_BYTES;
		memmove(r->window, r->window + len - held, held);
		piece.offset += len - held;
		piece.is_first = false;
		len = held + fill_all(r, fd, held, to, &failure);
	}
}

/* false: it is to be read as bytes. */
static bool take_spooled(const struct archive_way *way, int spool, const struct item *item, char *window)
{
	struct view head = memspool_seal(spool) ? VIEW_NONE : memspool_head(spool, window);

	if (head.len)
		return archive_take(way, spool, item, head);
	way->sink->unread_text(way->sink->context, way->worker, way->slot, item, UNREAD_UNREADABLE, MEMSPOOL_FAILED);
	return false;
}

/* A container in a stream is put into memory as a whole: skant-unpack may have to read it from its end. */
static void run_spooled(struct reader *r, int fd, const struct item *item, const struct reader_target *to,
			struct first f)
{
	const struct archive_way way = { .sink = to->sink, .worker = to->worker, .slot = to->slot };
	struct reader_target plain = *to;
	DEFER(closep) int spool = memspool_open();
	uint64_t size = f.len;
	bool has_room = spool >= 0 && memspool_add(spool, view_from(r->window, f.len)) == 0;

	if (!has_room) {
		to->sink->unread_text(to->sink->context, to->worker, to->slot, item, UNREAD_UNREADABLE,
				      MEMSPOOL_FAILED);
		run_plain(r, fd, item, to, f);
		return;
	}
	while (has_room && !f.failure && f.len == SCAN_WINDOW_BYTES && size < ARCHIVE_SPOOL_BYTES) {
		f.len = fill(fd, r->window, SCAN_WINDOW_BYTES, to, &f.failure);
		size += f.len;
		has_room = memspool_add(spool, view_from(r->window, f.len)) == 0;
	}
	if (!has_room)
		to->sink->unread_text(to->sink->context, to->worker, to->slot, item, UNREAD_UNREADABLE,
				      MEMSPOOL_FAILED);
	else if (!f.failure && f.len == SCAN_WINDOW_BYTES)
		to->sink->unread_text(to->sink->context, to->worker, to->slot, item, UNREAD_LIMIT, MEMSPOOL_NO_ROOM);
	else if (!f.failure && take_spooled(&way, spool, item, r->window))
		return;
	if (lseek(spool, 0, SEEK_SET) != 0)
		return;
	plain.before_fd = spool; /* what went wrong in fd does so again */
	f.len = fill_all(r, fd, 0, &plain, &f.failure);
	run_plain(r, fd, item, &plain, f);
}

/* Whether all that was read of fd stands in the window, and fd can be read anew. */
static bool is_file_from_start(int fd, size_t len)
{
	return lseek(fd, 0, SEEK_CUR) == (off_t)len;
}

void reader_run(struct reader *r, int fd, const struct item *item, const struct reader_target *to)
{
	const struct archive_way way = { .sink = to->sink, .worker = to->worker, .slot = to->slot };
	struct first f = { .failure = 0 };
	struct view head;
	bool is_container;

	f.len = fill(fd, r->window, SCAN_WINDOW_BYTES, to, &f.failure);
	head = view_from(r->window, f.len < CONTAINER_HEAD_BYTES ? f.len : CONTAINER_HEAD_BYTES);
	is_container = !f.failure && archive_is_wanted(to->sink, head);
	if (is_container && to->may_wait && !is_file_from_start(fd, f.len))
		run_spooled(r, fd, item, to, f);
	else if (!is_container || !archive_take(&way, fd, item, head))
		run_plain(r, fd, item, to, f);
}
