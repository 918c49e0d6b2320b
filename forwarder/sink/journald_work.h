/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of the journald sink: what it keeps, and how it looks for what it sent. */
#ifndef FORWARDER_SINK_JOURNALD_WORK_H
#define FORWARDER_SINK_JOURNALD_WORK_H

#include "common/base/bounds.h"
#include "forwarder/sink.h"
#include "forwarder/sink/journal_files.h"
#include "forwarder/sink/journal_read.h"
#include "forwarder/sink/journal_socket.h"

struct journald {
	const struct sink_env *env;
	struct journal_socket socket;
	struct journal_reader *reader; /* NULL: not open */
	struct buf wire;
	unsigned fruitless; /* deliveries in a row that proved nothing */

	/* What is on the disk. */
	struct journal_sync sync;
	uint64_t confirmed_seq, synced_seq;
	uint64_t sync_ns; /* the next sync is due (clock_mono_ns) */
	int timer_fd;     /* readable when it is, should nobody deliver */

	/* The delivery. */
	const struct sink_batch *batch;
	int64_t began_us;          /* realtime: nothing of the batch was sent before */
	int64_t since_us;          /* realtime: nothing of it was taken before, though the clock was set back; ... */
	uint64_t since_mono_us;    /* ... nor before this, in this boot; 0 = it may have been */
	struct journal_entry mark; /* if has_mark: neither it nor what stands before it has to be looked at (again) */
	bool has_mark;
	size_t found;
	bool is_there[SINK_BATCH_EVENTS];
	bool is_half[SINK_BATCH_EVENTS]; /* there, but not indexed: sent once more, marked */
};

/* Begins to look for a batch, before any of it is sent; nothing is found yet. */
enum sink_result journald_look_start(struct journald *j, const struct sink_batch *batch, struct err *err);

/* Looks which events of the batch are there already; of the others nothing follows. journald works meanwhile, so this
 * takes no time while more is to be sent. */
enum sink_result journald_glance(struct journald *j, struct err *err);

/* Waits until all that was sent has been dealt with, and looks which events of the batch are there. */
enum sink_result journald_look(struct journald *j, struct err *err);

/* Appends and sends; what is in j->wire is gone then. */
enum sink_result journald_send(struct journald *j, struct sink_receipt *receipt, struct err *err);

/* For what was taken since then (realtime, us). */
enum sink_result journald_open_reader(struct journald *j, int64_t since_us, struct err *err);

/* sink_ops.probe. */
int journald_probe(void *sink, struct buf *report, struct err *err);

#endif
