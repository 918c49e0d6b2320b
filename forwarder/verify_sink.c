/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <string.h>

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "forwarder/idset.h"
#include "forwarder/verify.h"
#include "forwarder/verify_due.h"

#define ID_BYTES (2 * PAGE_ID_BYTES) /* more than any of ours has */
#define KEY_BYTES (sizeof(uint64_t) + 2 * (size_t)DIGEST_SHA256_BYTES + ID_BYTES)

/* What the receiver holds is put into a set by sequence number, hash, chain and id; then the ledger is walked against
 * it. */
struct side {
	struct verify_report *report;
	struct verify_due due;
	const struct verify_range *range;
	const struct sink_ops *ops;
	char where[64];
	struct idset held; /* keyed by key_of; number: the sequence number */
	uint64_t highest;
	uint64_t lowest;    /* that it holds and that is no replay; UINT64_MAX: none */
	int64_t forgets_ns; /* what was stored before then, and is below the lowest, may have gone */
	uint64_t last;      /* the highest of those that were told, up to now */
	uint64_t told, expected, unchecked;
	uint64_t older; /* than the ledger */
	uint64_t gone, gone_first, gone_last;
};

/* All that a receiver's copy is known by: the same number with another hash, chain or id is another thing. Not the id
 * where it may have been cut to make the message fit. */
static struct view key_of(const struct side *s, unsigned char key[static KEY_BYTES], const struct event *event)
{
	struct view id = view_sub(event->id, 0, s->due.settings->max_message ? 0 : ID_BYTES);
	unsigned char *at = key;

	memcpy(at, &event->seq, sizeof(event->seq));
	at += sizeof(event->seq);
	memcpy(at, event->hash, DIGEST_SHA256_BYTES);
	at += DIGEST_SHA256_BYTES;
	memcpy(at, event->chain, DIGEST_SHA256_BYTES);
	at += DIGEST_SHA256_BYTES;
	if (id.len)
		memcpy(at, id.ptr, id.len);
	return view_from(key, (size_t)(at - key) + id.len);
}

static int take_held(void *context, const struct event *event, struct err *err)
{
	unsigned char key[KEY_BYTES];
	struct side *s = context;
	struct idset_item *item;

	s->told++;
	if (!event->is_replay && event->seq < s->lowest)
		s->lowest = event->seq;
	if (idset_add(&s->held, key_of(s, key, event), event->seq, &item))
		return err_nomem(err);
	if (event->is_replay)
		return 0;
	if (item->count > 1 &&
	    verify_add(s->report, VERIFY_UNEXPECTED, event->seq, s->where, "it is there more than once, unmarked"))
		return err_nomem(err);
	if (item->count == 1 && s->ops->is_ordered && event->seq < s->last &&
	    verify_add(s->report, VERIFY_UNEXPECTED, event->seq, s->where, "it stands behind event %" PRIu64, s->last))
		return err_nomem(err);
	s->last = event->seq > s->last ? event->seq : s->last;
	return 0;
}

static int take_entry(void *context, const struct spool_entry *entry, struct err *err)
{
	unsigned char key[KEY_BYTES];
	const struct event *e = &entry->event;
	struct side *s = context;
	struct idset_item *item = idset_find(&s->held, key_of(s, key, e));
	enum verify_dueness dueness;

	if (item) {
		item->is_seen = true;
		s->expected++;
		return 0;
	}
	if (e->observed_ns < s->range->from_ns || e->observed_ns >= s->range->to_ns)
		return 0;
	if (verify_due_look(&s->due, entry, &dueness, err))
		return -1;
	if (dueness != VERIFY_NOT_DUE && e->seq < s->lowest && e->observed_ns < s->forgets_ns) {
		s->gone_first = s->gone++ ? s->gone_first : e->seq;
		s->gone_last = e->seq;
		return 0;
	}
	s->unchecked += dueness == VERIFY_DUE_UNKNOWN;
	s->expected += dueness == VERIFY_DUE;
	if (dueness == VERIFY_DUE &&
	    verify_add(s->report, VERIFY_MISSING, e->seq, s->where, "%.*s is not there", (int)e->id.len, e->id.ptr))
		return err_nomem(err);
	return 0;
}

/* What the receiver holds and the ledger does not have: another body under a known number, or one from nowhere. Of what
 * is older than the ledger's oldest row nothing is known any more. */
static int find_strangers(struct side *s, uint64_t oldest)
{
	for (size_t i = 0; i < s->held.size; i++) {
		const struct idset_item *item = &s->held.items[i];

		if (!item->count || item->is_seen)
			continue;
		s->older += item->number < oldest;
		if (item->number < oldest)
			continue;
		if (verify_add(s->report, item->number <= s->highest ? VERIFY_ALTERED : VERIFY_UNEXPECTED, item->number,
			       s->where,
			       item->number <= s->highest
				       ? "what is there has another id, hash or chain than the ledger's"
				       : "the ledger has no such event"))
			return -1;
	}
	return 0;
}

static int add_notes(struct side *s)
{
	if (verify_note(s->report, "%s: %" PRIu64 " of ours were read back, %" PRIu64 " were expected", s->where,
			s->told, s->expected))
		return -1;
	if (!event_filter_takes_all(&s->due.settings->filter) &&
	    verify_note(s->report, "%s: the sink has a filter; what it leaves out is not expected", s->where))
		return -1;
	if (s->older &&
	    verify_note(s->report, "%s: %" PRIu64 " are older than the ledger, and were not compared with anything",
			s->where, s->older))
		return -1;
	if (s->gone && verify_note(s->report,
				   "%s: %" PRIu64 " from %" PRIu64 " to %" PRIu64
				   " are older than all that it still holds: rotation or vacuuming has taken them, and "
				   "whether they were there before cannot be told",
				   s->where, s->gone, s->gone_first, s->gone_last))
		return -1;
	return s->unchecked ? verify_note(s->report,
					  "%s: of %" PRIu64 " events whose body has gone it is not known whether its "
					  "filter let them pass",
					  s->where, s->unchecked)
			    : 0;
}

/* What is not looked for there, as skantd itself says that it is not there. */
static int note_place(const struct side *s, struct spool *spool)
{
	const struct verify_due *due = &s->due;
	uint64_t head = spool_head(spool);

	if (!due->has_run)
		return verify_note(s->report, "%s: nothing was delivered to it yet, and nothing is expected of it",
				   s->where);
	if (due->start &&
	    verify_note(s->report, "%s: it began behind event %" PRIu64 ": nothing before is expected of it", s->where,
			due->start))
		return -1;
	return due->confirmed < head ? verify_note(s->report,
						   "%s: %" PRIu64 " events from %" PRIu64
						   " on wait to be delivered, and are not expected of it yet",
						   s->where, head - due->confirmed, due->confirmed + 1)
				     : 0;
}

struct dead {
	struct side *side;
	uint64_t from, end; /* sequence numbers */
};

static int take_dead(void *context, const char *sink, const struct spool_exception *e, struct err *err)
{
	const struct dead *d = context;

	(void)sink;
	return e->is_rejected && e->seq >= d->from && e->seq < d->end &&
			       verify_add(d->side->report, VERIFY_MISSING, e->seq, d->side->where, "a dead letter: %s",
					  e->reason)
		       ? err_nomem(err)
		       : 0;
}

/* Of a receiver that cannot be asked it is known all the same what it has refused. */
static int check_unread(struct side *s, struct spool *spool, struct err *err)
{
	struct dead dead = { .side = s, .end = UINT64_MAX };

	if (verify_note(s->report, "%s: its receiver cannot be read back: export what it holds and use --export",
			s->where))
		return err_nomem(err);
	if ((s->range->from_ns > 0 && spool_seq_at(spool, s->range->from_ns, &dead.from, err)) ||
	    (s->range->to_ns < INT64_MAX && spool_seq_at(spool, s->range->to_ns, &dead.end, err)))
		return -1;
	return spool_exception_each(spool, s->due.settings->name, take_dead, &dead, err);
}

static int check(struct side *s, struct spool *spool, const struct sink_ops *ops, void *sink, struct err *err)
{
	struct spool_head head;
	struct spool_size size;

	if (spool_size(spool, &size, err))
		return -1;
	/* What arrives while we read is in the ledger already: it was stored before it was sent. So the ledger's end is
	 * looked for behind that. */
	if (ops->read_back(sink, s->range->from_ns, s->range->to_ns, take_held, s, err))
		return -1;
	if (ops->forgets && ops->forgets(sink, &s->forgets_ns, err))
		return -1;
	if (spool_head_read(spool, &head, err))
		return -1;
	s->highest = head.seq;
	if (size.oldest_seq && spool_entry_each(spool, size.oldest_seq, s->highest, take_entry, s, err))
		return -1;
	/* Rows may have come to their end while they were looked at. */
	if (spool_size(spool, &size, err))
		return -1;
	return find_strangers(s, size.oldest_seq) || add_notes(s) ? err_nomem(err) : 0;
}

int verify_sink(struct spool *spool, const struct sink_ops *ops, void *sink, const struct settings_sink *settings,
		const struct verify_range *range, struct verify_report *report, struct err *err)
{
	struct side s = { .report = report, .range = range, .ops = ops, .lowest = UINT64_MAX, .forgets_ns = INT64_MIN };
	DEFER(buf_done) struct buf where = BUF_INIT(NAME_BYTES);
	int status;

	if (buf_addf(&where, "sink '%.40s'", settings->name))
		return err_nomem(err);
	memccpy(s.where, where.ptr, '\0', sizeof(s.where) - 1);
	status = verify_due_init(spool, settings, &s.due, err);
	if (!status)
		status = ops->read_back ? check(&s, spool, ops, sink, err) : check_unread(&s, spool, err);
	if (!status && note_place(&s, spool))
		status = err_nomem(err);
	idset_done(&s.held);
	verify_due_done(&s.due);
	return status;
}
