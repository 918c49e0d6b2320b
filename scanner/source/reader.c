/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/source/reader.h"

#include <string.h>
#include <sys/mman.h>

#include "common/base/bounds.h"
#include "common/base/secret.h"
#include "common/sys/file.h"

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

void reader_run(struct reader *r, int fd, const struct item *item, const struct reader_target *to)
{
	const struct item_sink *sink = to->sink;
	struct piece piece = { .is_first = true };
	size_t held = 0;

	for (;;) {
		int failure;
		size_t len = held + file_read_window(fd, r->window + held, SCAN_WINDOW_BYTES - held, to->short_is_end,
						     &failure);

		piece.bytes = view_from(r->window, len);
		piece.is_last = failure || len < SCAN_WINDOW_BYTES;
		sink->piece(sink->context, to->worker, to->slot, item, &piece);
		if (failure)
			sink->unread(sink->context, to->worker, to->slot, item, UNREAD_UNREADABLE, failure);
		if (piece.is_last)
			return;
		if (sink->stopped(sink->context)) {
			sink->unread(sink->context, to->worker, to->slot, item, UNREAD_INTERRUPTED, 0);
			return;
		}
		held = SCAN_OVERLAP_BYTES;
		memmove(r->window, r->window + len - held, held);
		piece.offset += len - held;
		piece.is_first = false;
	}
}
