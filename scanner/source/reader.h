/* SPDX-License-Identifier: Apache-2.0 */
/* Reads a descriptor to its end in pieces of bounded size: one read for a small file, a window with overlap for a
 * large one. */
#ifndef SCANNER_SOURCE_READER_H
#define SCANNER_SOURCE_READER_H

#include "common/base/err.h"
#include "scanner/item.h"

struct reader {
	char *window; /* SCAN_WINDOW_BYTES, touched only as far as it was needed */
};

/* Where the pieces of one item go. */
struct reader_target {
	const struct item_sink *sink;
	unsigned worker;
	struct pool_task *slot;
	bool short_is_end; /* see file_short_read_is_end */
	bool may_wait;     /* a stream: its next bytes may be long in coming, and the scan may be stopped meanwhile */
	int before_fd;     /* what is read before fd, and belongs to it; 0: nothing */
};

[[nodiscard]] int reader_init(struct reader *r, struct err *err);
void reader_done(struct reader *r); /* wipes the window: it held what was scanned */

/* Hands all of fd to the target, or what is in it when the sink opens containers and it is one. Bytes before a read
 * error are still handed over, then the item is unreadable. */
void reader_run(struct reader *r, int fd, const struct item *item, const struct reader_target *to);

#endif
