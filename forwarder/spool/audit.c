/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "common/base/bounds.h"
#include "forwarder/spool/base.h"
#include "forwarder/spool/chain.h"

typedef int tell_entry(void *context, const struct spool_entry *entry, struct err *err);

/* The next rows from *seq on, which moves behind them. Their number, or -1. */
static int read_entries(struct spool_batch *batch, uint64_t *seq, uint64_t to_seq, struct err *err)
{
	struct base *base = batch_base(batch);
	sqlite3_stmt *s = base_statement(base, BASE_ENTRIES, err);
	int count;

	if (!s)
		return -1;
	(void)sqlite3_bind_int64(s, 1, (int64_t)*seq);
	(void)sqlite3_bind_int64(s, 2, to_seq < INT64_MAX ? (int64_t)to_seq : INT64_MAX);
	(void)sqlite3_bind_int(s, 3, SPOOL_READ_EVENTS);
	count = batch_fill(batch, s, SPOOL_READ_EVENTS, SPOOL_READ_BYTES, err);
	if (count > 0)
		*seq = batch_events(batch)[count - 1].seq + 1;
	return count;
}

/* Rows are told from memory: who is told may take its time, and holds nothing of the database meanwhile. */
static int tell_entries(struct spool_batch *batch, uint64_t from_seq, uint64_t to_seq, tell_entry *tell, void *context,
			struct err *err)
{
	uint64_t seq = from_seq;
	int count = 1;

	while (count > 0 && seq <= to_seq && seq < INT64_MAX) {
		count = read_entries(batch, &seq, to_seq, err);
		for (int i = 0; i < count; i++) {
			struct spool_entry entry = { .event = batch_events(batch)[i] };

			entry.has_body = entry.event.body.ptr != NULL;
			if (tell(context, &entry, err))
				return -1;
		}
	}
	return count < 0 ? -1 : 0;
}

int spool_entry_each(struct spool *spool, uint64_t from_seq, uint64_t to_seq,
		     int (*tell)(void *context, const struct spool_entry *entry, struct err *err), void *context,
		     struct err *err)
{
	DEFER(spool_batch_freep) struct spool_batch *batch = spool_batch_new(spool, err);

	return batch ? tell_entries(batch, from_seq, to_seq, tell, context, err) : -1;
}

struct audit {
	int (*tell)(void *context, uint64_t seq, enum spool_fault fault, struct err *err);
	void *context;
	struct base *base;
	struct spool_head head;
	struct spool_head trimmed; /* the last row that is over */
	uint64_t bodies_gone;      /* up to here */
	unsigned char chain[DIGEST_SHA256_BYTES];
	uint64_t next, checked;
	bool has_chain; /* of the row before next */
};

/* Rows and bodies may come to their end while we look: asked again before one counts as missing. */
static int read_marks(struct audit *a, struct err *err)
{
	struct spool_head bodies;

	if (mark_get(a->base, MARK_LEDGER, &a->trimmed, err) || mark_get(a->base, MARK_BODIES, &bodies, err))
		return -1;
	a->bodies_gone = bodies.seq;
	return 0;
}

static int tell_missing(struct audit *a, uint64_t to_seq, struct err *err)
{
	if (a->next >= to_seq)
		return 0;
	a->has_chain = false;
	if (read_marks(a, err))
		return -1;
	if (a->next <= a->trimmed.seq) {
		a->next = a->trimmed.seq + 1 < to_seq ? a->trimmed.seq + 1 : to_seq;
		a->has_chain = a->next == to_seq && a->trimmed.seq + 1 == to_seq;
		memcpy(a->chain, a->trimmed.chain, sizeof(a->chain));
	}
	for (; a->next < to_seq; a->next++)
		if (a->tell(a->context, a->next, SPOOL_MISSING, err))
			return -1;
	return 0;
}

static int check_body(struct audit *a, const struct spool_entry *entry, struct err *err)
{
	unsigned char hash[DIGEST_SHA256_BYTES];
	const struct event *e = &entry->event;

	if (!entry->has_body) {
		if (e->seq > a->bodies_gone && read_marks(a, err))
			return -1;
		return e->seq > a->bodies_gone ? a->tell(a->context, e->seq, SPOOL_BODY_MISSING, err) : 0;
	}
	digest_sha256(e->body, hash);
	return memcmp(hash, e->hash, sizeof(hash)) ? a->tell(a->context, e->seq, SPOOL_BODY_ALTERED, err) : 0;
}

static int audit_entry(void *context, const struct spool_entry *entry, struct err *err)
{
	const struct event *e = &entry->event;
	struct audit *a = context;
	bool is_broken;

	if (tell_missing(a, e->seq, err) || check_body(a, entry, err))
		return -1;
	chain_link(a->chain, e->id, e->hash);
	is_broken = a->has_chain && memcmp(a->chain, e->chain, sizeof(a->chain)) != 0;
	is_broken |= e->seq == a->head.seq && memcmp(a->head.chain, e->chain, sizeof(e->chain)) != 0;
	if (is_broken && a->tell(a->context, e->seq, SPOOL_CHAIN_BROKEN, err))
		return -1;
	memcpy(a->chain, e->chain, sizeof(a->chain));
	a->has_chain = true;
	a->next = e->seq + 1;
	a->checked++;
	return 0;
}

/* The chain that the first row starts from. */
static int find_start(struct audit *a, uint64_t from_seq, struct err *err)
{
	struct spool_head before = { .seq = 0 };

	if (read_marks(a, err) || mark_get(a->base, MARK_HEAD, &a->head, err))
		return -1;
	if (from_seq > 1 && mark_last(a->base, from_seq - 1, &before, err))
		return -1;
	if (before.seq != from_seq - 1 && a->trimmed.seq == from_seq - 1)
		before = a->trimmed;
	a->has_chain = before.seq == from_seq - 1;
	memcpy(a->chain, before.chain, sizeof(a->chain));
	return 0;
}

int spool_audit(struct spool *spool, uint64_t from_seq, uint64_t to_seq,
		int (*tell)(void *context, uint64_t seq, enum spool_fault fault, struct err *err), void *context,
		uint64_t *ret_checked, struct err *err)
{
	DEFER(spool_batch_freep) struct spool_batch *batch = spool_batch_new(spool, err);
	struct audit a = { .tell = tell, .context = context, .next = from_seq ? from_seq : 1 };

	*ret_checked = 0;
	if (!batch)
		return -1;
	a.base = batch_base(batch);
	if (find_start(&a, a.next, err) || tell_entries(batch, a.next, to_seq, audit_entry, &a, err) ||
	    tell_missing(&a, to_seq + 1, err))
		return -1;
	*ret_checked = a.checked;
	return 0;
}
