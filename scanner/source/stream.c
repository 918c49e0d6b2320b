/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/source/stream.h"

#include <stdlib.h>

#include "common/base/bounds.h"
#include "scanner/source/reader.h"

struct stream {
	struct pool_task task; /* first: the pool's view of it */
	struct reader reader;
	const struct item_sink *sink;
	struct item item;
	int fd;
};

static void run(void *context, unsigned worker, struct pool_task *task)
{
	struct stream *s = context;
	struct reader_target to = { .sink = s->sink, .worker = worker, .slot = task, .may_wait = true };

	reader_run(&s->reader, s->fd, &s->item, &to);
}

static void emit(void *context, struct pool_task *task)
{
	struct stream *s = context;

	s->sink->emit(s->sink->context, task);
}

/* The task is part of struct stream, which stream_scan owns. */
static void keep(void *, struct pool_task *)
{
}

int stream_scan(int fd, const char *label, const struct item_sink *sink, struct err *err)
{
	struct stream s = { .sink = sink, .item = { .name = view_of(label) }, .fd = fd };
	struct pool_ops ops = { .run = run, .emit = emit, .free = keep, .context = &s };
	int ret;

	if (reader_init(&s.reader, err))
		return -1;
	ret = pool_run(&ops, 1, FINDINGS_WAITING_BYTES, &s.task, err);
	reader_done(&s.reader);
	return ret;
}
