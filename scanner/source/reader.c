/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/source/reader.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/base/bounds.h"
#include "common/base/secret.h"

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

static void report_failure(const struct item *item, const struct reader_target *to, int errnum)
{
	enum unread reason = UNREAD_UNREADABLE;

	if (errnum == EINTR)
		reason = UNREAD_INTERRUPTED;
	else if (errnum == EAGAIN)
		reason = UNREAD_SPECIAL; /* no file on a disk: it would have us wait */
	to->sink->unread(to->sink->context, to->worker, to->slot, item, reason, errnum);
}

void reader_run(struct reader *r, int fd, const struct item *item, const struct reader_target *to)
{
	const struct item_sink *sink = to->sink;
	struct piece piece = { .is_first = true };
	size_t held = 0;

	for (;;) {
		int failure;
		size_t len = held + fill(fd, r->window + held, SCAN_WINDOW_BYTES - held, to, &failure);

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
	}
}
