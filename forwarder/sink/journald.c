/* SPDX-License-Identifier: Apache-2.0 */
/* The sink of type `journald`: our own sender, and what was sent is read back.
 *
 * sd_journal_sendv(3) says 0 when there is no socket at all, blocks when journald has stalled, and cannot see what a
 * rate limit dropped. So a batch is sent in large datagrams; journald takes them in their order, so once the last event
 * is at the journal's end, all of them have been dealt with; and then the journal is walked backward from its end and
 * each of them looked for, by number and hash. What is not there was dropped, and is sent again; unless the oldest
 * entry of all is younger than the sending: then it was stored and has expired already (vacuumed, or kept in memory
 * before a reboot), or it was forgotten: it is sent once more, and called unproven.
 *
 * Whatever may have been sent before (is_doubtful) is looked for first and only sent when it is not there. */
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/base/bounds.h"
#include "common/base/clock.h"
#include "forwarder/sink.h"
#include "forwarder/sink/journal_read.h"
#include "forwarder/sink/journal_sync.h"
#include "forwarder/sink/journal_wire.h"

#define NS_PER_US 1000u
#define US_PER_S 1'000'000
#define DATAGRAM_BYTES (128u << 10) /* below what the default SO_SNDBUF lets pass */
#define DATAGRAM_ENTRIES 100
#define TAIL_LOOK 16      /* entries at the end among which the last event is looked for */
#define LOOK_FIRST_US 50u /* between two looks, growing */
#define LOOK_MOST_US 5000u
#define LOOK_FULL_MS 200u /* until the whole batch is looked for, should its last event have been dropped */
#define SETTLE_MS 1000u   /* until what is not there counts as dropped */
#define MARGIN_US (10 * (uint64_t)US_PER_S)
#define RESEND_MOST 3   /* times in one delivery */
#define BROKEN_AFTER 12 /* deliveries in a row that proved nothing */

struct journald {
	const struct sink_env *env;
	struct journal_socket socket;
	struct journal_reader *reader; /* NULL: not open */
	struct journal_sync sync;
	struct buf wire;
	uint64_t confirmed_seq, synced_seq;
	unsigned fruitless; /* deliveries in a row that proved nothing */
	bool is_there[SINK_BATCH_EVENTS];
	bool was_resent[SINK_BATCH_EVENTS];
};

static void journald_close(void *sink)
{
	struct journald *j = sink;

	journal_socket_close(&j->socket);
	journal_reader_free(j->reader);
	buf_done(&j->wire);
	free(j);
}

static void *journald_open(const struct sink_env *env, struct err *err)
{
	struct journald *j = calloc(1, sizeof(*j));

	if (!j) {
		err_nomem(err);
		return NULL;
	}
	j->env = env;
	j->socket = (struct journal_socket){ .path = env->settings->socket, .fd = -1 };
	j->sync.folder = env->settings->journal;
	j->wire = (struct buf)BUF_INIT(4 * (size_t)JSON_RECORD_BYTES);
	return j;
}

static uint64_t mono_us(void)
{
	return clock_mono_ns() / NS_PER_US;
}

/* --- looking --- */

struct look {
	const struct sink_batch *batch;
	uint64_t since_us; /* monotonic: nothing of the batch is older; 0: it may be */
	int64_t oldest_us; /* realtime: nor than this */
	size_t found;
};

static size_t index_of(const struct sink_batch *batch, const struct journal_entry *entry)
{
	size_t low = 0, high = batch->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (batch->events[middle].seq < entry->seq)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < batch->count && batch->events[low].seq == entry->seq &&
	    memcmp(batch->events[low].hash, entry->hash, sizeof(entry->hash)) == 0)
		return low;
	return SIZE_MAX;
}

/* Whether nothing of the batch can stand before this entry. */
static bool is_behind(const struct look *look, const struct journal_entry *entry)
{
	if (entry->is_ours && !entry->is_replay && entry->seq < look->batch->events[0].seq)
		return true; /* a batch is only begun when the one before is there */
	if (look->since_us)
		return !entry->is_this_boot || entry->mono_us + MARGIN_US < look->since_us;
	return entry->realtime_us < look->oldest_us;
}

/* Whether it has to be known if the entry is ours: it may be one of the batch that has not been found yet, or lie
 * before it. Numbers have no gaps but for what a filter took out, so that most are where their number says. */
static bool matters(const struct journald *j, const struct look *look, const struct journal_entry *entry)
{
	const struct sink_batch *batch = look->batch;
	uint64_t first = batch->events[0].seq;

	if (!entry->has_seq || entry->seq < first)
		return entry->has_seq;
	if (entry->seq - first < batch->count && batch->events[entry->seq - first].seq == entry->seq)
		return !j->is_there[entry->seq - first];
	return entry->seq <= batch->events[batch->count - 1].seq;
}

/* Walks back from the end of the journal. most 0: as far as the batch can reach. */
static int walk_back(struct journald *j, struct look *look, size_t most, struct err *err)
{
	struct journal_entry entry;
	int status;

	if (journal_reader_tail(j->reader, err))
		return -1;
	for (size_t n = 0; (!most || n < most) && look->found < look->batch->count; n++) {
		size_t i;

		status = journal_reader_previous(j->reader, &entry, err);
		if (status <= 0)
			return status;
		if (matters(j, look, &entry))
			journal_reader_look(j->reader, &entry);
		if (is_behind(look, &entry))
			break;
		i = entry.is_ours ? index_of(look->batch, &entry) : SIZE_MAX;
		if (i == SIZE_MAX || j->is_there[i])
			continue;
		j->is_there[i] = true;
		look->found++;
	}
	return 0;
}

static void look_start(struct journald *j, struct look *look, const struct sink_batch *batch, uint64_t since_us)
{
	/* An hour for clocks that were set back since. */
	*look = (struct look){ .batch = batch,
			       .since_us = since_us,
			       .oldest_us = batch->events[0].observed_ns / NS_PER_US - 3600 * (int64_t)US_PER_S };
	memset(j->is_there, 0, sizeof(j->is_there));
}

/* 1: we are to return at once. */
static int nap(const struct journald *j, uint64_t us)
{
	const struct timespec time = { .tv_sec = 0, .tv_nsec = (long)(us * NS_PER_US) };
	struct pollfd fd = { .fd = j->env->wake_fd, .events = POLLIN };

	return ppoll(&fd, 1, &time, NULL) > 0;
}

/* Waits until the event with that index is there, which all before it are then, too, or were dropped. */
static int wait_for_last(struct journald *j, struct look *look, size_t last, struct err *err)
{
	uint64_t start_us = mono_us(), pause_us = LOOK_FIRST_US, full_us = start_us + LOOK_FULL_MS * 1000;

	for (;;) {
		bool is_full = mono_us() >= full_us;

		if (walk_back(j, look, is_full ? 0 : TAIL_LOOK, err))
			return -1;
		if (j->is_there[last] || mono_us() - start_us > SETTLE_MS * 1000)
			break;
		if (is_full)
			full_us = mono_us() + LOOK_FULL_MS * 1000;
		if (nap(j, pause_us))
			return 0;
		pause_us = pause_us * 2 < LOOK_MOST_US ? pause_us * 2 : LOOK_MOST_US;
	}
	return walk_back(j, look, 0, err);
}

/* --- sending --- */

/* Of what journal_wire.h told. */
static enum sink_result result_of(int status, struct err *err)
{
	if (status > 0)
		err_set(err, ERR_LATER, 0, "journald takes nothing: it has stalled");
	return status == 0 ? SINK_OK : err->kind == ERR_CONFIG ? SINK_BROKEN : SINK_RETRY;
}

static enum sink_result send_wire(struct journald *j, struct sink_receipt *receipt, struct err *err)
{
	int status = journal_send(&j->socket, buf_view(&j->wire), j->env->wake_fd, SINK_PATIENCE_MS, err);

	if (status == 0) {
		receipt->bytes += j->wire.len;
		buf_clear(&j->wire);
	}
	return result_of(status, err);
}

/* Sends those that are not there. *ret_last: index of the last one; SIZE_MAX: there was none to send. */
static enum sink_result send_missing(struct journald *j, const struct sink_batch *batch, struct sink_receipt *receipt,
				     size_t *ret_last, struct err *err)
{
	enum sink_result result = SINK_OK;
	size_t entries = 0;

	*ret_last = SIZE_MAX;
	buf_clear(&j->wire);
	for (size_t i = 0; i < batch->count; i++) {
		size_t before = j->wire.len;

		if (j->is_there[i])
			continue;
		if ((entries && buf_add_byte(&j->wire, '\n')) ||
		    journal_add_entry(&j->wire, &batch->events[i], j->env->settings->facility)) {
			buf_clear(&j->wire);
			err_nomem(err);
			return SINK_RETRY;
		}
		entries++;
		*ret_last = i;
		receipt->sent = i + 1 > receipt->sent ? i + 1 : receipt->sent;
		if (j->wire.len < DATAGRAM_BYTES && entries < DATAGRAM_ENTRIES &&
		    j->wire.len - before < DATAGRAM_BYTES / 4)
			continue;
		result = send_wire(j, receipt, err);
		if (result != SINK_OK)
			return result;
		entries = 0;
	}
	return entries ? send_wire(j, receipt, err) : SINK_OK;
}

/* --- delivering --- */

static enum sink_result open_reader(struct journald *j, struct err *err)
{
	if (j->reader)
		return SINK_OK;
	j->reader = journal_reader_open(j->env->settings->journal, err);
	if (j->reader)
		return SINK_OK;
	return err->kind == ERR_CONFIG ? SINK_BROKEN : SINK_RETRY;
}

static size_t count_prefix(const struct journald *j, size_t count)
{
	size_t n = 0;

	while (n < count && j->is_there[n])
		n++;
	return n;
}

/* What is not there although it was sent: forgotten already, when the oldest entry of all is younger than the sending.
 * Then it was sent as often as it makes sense: it counts as unproven. */
static int forget(struct journald *j, const struct sink_batch *batch, int64_t sent_us, struct sink_receipt *receipt,
		  struct err *err)
{
	int64_t oldest_us;

	if (journal_reader_oldest(j->reader, &oldest_us, err))
		return -1;
	if (oldest_us && oldest_us <= sent_us)
		return 0;
	for (size_t i = 0; i < batch->count && receipt->exception_count < SINK_EXCEPTIONS_MAX; i++) {
		struct sink_exception *e = &receipt->exceptions[receipt->exception_count];

		if (j->is_there[i] || !j->was_resent[i])
			continue;
		*e = (struct sink_exception){ .index = i,
					      .reason = "the journal forgot it before it could be read back" };
		receipt->exception_count++;
		j->is_there[i] = true;
	}
	return 0;
}

/* What is in journald's queue is neither there nor lost: nothing may be concluded before it has been taken. */
static enum sink_result drain(struct journald *j, struct err *err)
{
	return result_of(journal_fence(&j->socket, j->env->wake_fd, SINK_PATIENCE_MS, err), err);
}

/* Sends what is not there, and looks for it. */
static enum sink_result send_and_look(struct journald *j, struct look *look, struct sink_receipt *receipt,
				      struct err *err)
{
	size_t last;
	enum sink_result result = send_missing(j, look->batch, receipt, &last, err);

	if (result != SINK_OK || last == SIZE_MAX)
		return result;
	result = drain(j, err);
	if (result != SINK_OK)
		return result;
	return wait_for_last(j, look, last, err) ? SINK_RETRY : SINK_OK;
}

static void note_resent(struct journald *j, const struct sink_batch *batch, struct sink_receipt *receipt)
{
	for (size_t i = 0; i < batch->count; i++)
		if (!j->is_there[i]) {
			j->was_resent[i] = true;
			receipt->resent++;
		}
}

static enum sink_result prove(struct journald *j, struct look *look, struct sink_receipt *receipt, struct err *err)
{
	int64_t sent_us = clock_unix_ns() / NS_PER_US;
	enum sink_result result = send_and_look(j, look, receipt, err);

	for (unsigned n = 0; result == SINK_OK && look->found < look->batch->count && n < RESEND_MOST; n++) {
		if (atomic_load(j->env->stop))
			break;
		note_resent(j, look->batch, receipt);
		result = send_and_look(j, look, receipt, err);
		if (result == SINK_OK && look->found < look->batch->count &&
		    forget(j, look->batch, sent_us, receipt, err))
			result = SINK_RETRY;
		if (count_prefix(j, look->batch->count) == look->batch->count)
			break;
	}
	return result;
}

/* What follows from what was found. */
static enum sink_result conclude(struct journald *j, const struct sink_batch *batch, enum sink_result result,
				 struct sink_receipt *receipt, struct err *err)
{
	receipt->confirmed = count_prefix(j, batch->count);
	if (receipt->confirmed) {
		j->confirmed_seq = batch->events[receipt->confirmed - 1].seq;
		j->fruitless = 0;
	}
	if (receipt->confirmed == batch->count)
		return SINK_OK;
	if (result != SINK_OK)
		return result;
	j->fruitless++;
	err_set(err, ERR_LATER, 0,
		"journald dropped %zu of %zu events: a rate limit (LogRateLimitIntervalSec=0 in the unit), or a level "
		"that it does not store (LogLevelMax=, MaxLevelStore=, Storage=none)",
		batch->count - receipt->confirmed, batch->count);
	return j->fruitless > BROKEN_AFTER ? SINK_BROKEN : SINK_RETRY;
}

static void prove_durable(struct journald *j, struct sink_receipt *receipt)
{
	if (j->confirmed_seq > j->synced_seq && journal_sync(&j->sync, NULL) == 1) {
		j->synced_seq = j->confirmed_seq;
		receipt->durable_seq = j->synced_seq;
	}
}

static enum sink_result journald_deliver(void *sink, const struct sink_batch *batch, struct sink_receipt *receipt,
					 struct err *err)
{
	struct journald *j = sink;
	enum sink_result result = open_reader(j, err);
	struct look look;

	if (result != SINK_OK)
		return result;
	memset(j->was_resent, 0, sizeof(j->was_resent));
	look_start(j, &look, batch, batch->is_doubtful ? 0 : mono_us());
	if (batch->is_doubtful) {
		result = drain(j, err);
		if (result != SINK_OK)
			return result;
		if (walk_back(j, &look, 0, err))
			return SINK_RETRY;
	}
	result = prove(j, &look, receipt, err);
	result = conclude(j, batch, result, receipt, err);
	if (receipt->confirmed && j->env->settings->sync_batch)
		prove_durable(j, receipt);
	return result;
}

static int journald_read_back(void *sink, int64_t from_ns, int64_t to_ns,
			      int (*tell)(void *context, const struct event *event, struct err *err), void *context,
			      struct err *err)
{
	struct journald *j = sink;

	if (open_reader(j, err) != SINK_OK)
		return -1;
	return journal_reader_each(j->reader, from_ns / NS_PER_US, to_ns / NS_PER_US, tell, context, err);
}

/* --- check --- */

/* A message of so many bytes that says what it is; found again by its mark. */
static int probe_one(struct journald *j, size_t size, struct buf *report, struct err *err)
{
	DEFER(buf_done) struct buf body = BUF_INIT(2 * (size_t)JSON_RECORD_BYTES);
	struct event event = { .seq = 1,
			       .feed = VIEW("skantd"),
			       .id = VIEW("probe"),
			       .type = VIEW("skantd.probe"),
			       .class = EVENT_CLASS_RECORD,
			       .severity = EVENT_DEBUG - 1,
			       .message = VIEW("test message of skantd check: nothing has happened") };
	const struct sink_batch batch = { .events = &event, .count = 1 };
	struct look look;
	size_t last = 0;
	int status;

	if (buf_addf(&body, "{\"probe\":%llu,\"filling\":\"", (unsigned long long)clock_mono_ns()))
		return err_nomem(err);
	while (body.len < size)
		if (buf_add_byte(&body, 'x'))
			return err_nomem(err);
	if (buf_add_text(&body, "\"}"))
		return err_nomem(err);
	event.body = buf_view(&body);
	event.observed_ns = clock_unix_ns();
	event.is_replay = true; /* it is no event: nobody counts it */
	digest_sha256(event.body, event.hash);
	look_start(j, &look, &batch, mono_us());
	buf_clear(&j->wire);
	if (journal_add_entry(&j->wire, &event, j->env->settings->facility))
		return err_nomem(err);
	if (send_wire(j, &(struct sink_receipt){ .bytes = 0 }, err) != SINK_OK || wait_for_last(j, &look, last, err))
		return -1;
	status = look.found != 1;
	return buf_addf(report, "a message of %zu bytes: %s\n", size,
			status ? "NOT found in the journal" : "stored and read back")
		       ? err_nomem(err)
		       : status;
}

static int journald_probe(void *sink, struct buf *report, struct err *err)
{
	static const size_t sizes[] = { 100, 10'000, 200'000, 1'000'000 };
	struct journald *j = sink;
	int worst = 0, synced;

	if (open_reader(j, err) != SINK_OK)
		return -1;
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		int status = probe_one(j, sizes[i], report, err);

		if (status < 0)
			return -1;
		worst |= status;
	}
	synced = journal_sync(&j->sync, err);
	if (synced < 0)
		return -1;
	return buf_addf(report, "%s\n",
			synced ? "the journal is on a disk and can be synced: events are proved durable"
			       : "the journal is kept in memory (Storage=volatile): events are never proved durable")
		       ? err_nomem(err)
		       : worst;
}

const struct sink_ops sink_journald = { .name = "journald",
					.level = SINK_STORED,
					.is_exact = true,
					.open = journald_open,
					.deliver = journald_deliver,
					.probe = journald_probe,
					.read_back = journald_read_back,
					.close = journald_close };
