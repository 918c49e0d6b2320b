/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <string.h>

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "forwarder/idset.h"
#include "forwarder/verify.h"

/* What the receiver holds is put into a set by sequence number and hash; then the ledger is walked against it. */
struct side {
	struct verify_report *report;
	const struct settings_sink *settings;
	const struct verify_range *range;
	char where[64];
	struct idset held; /* keyed by sequence number and hash; number: the sequence number */
	uint64_t start, confirmed, highest;
	uint64_t told, expected, unchecked;
	struct event event; /* for event_read; its store is used again and again */
};

/* "SEQ" and the hash behind it: the same number with another hash is another thing. */
static struct view key_of(unsigned char key[static 8 + DIGEST_SHA256_BYTES], uint64_t seq, const unsigned char *hash)
{
	memcpy(key, &seq, 8);
	memcpy(key + 8, hash, DIGEST_SHA256_BYTES);
	return view_from(key, 8 + DIGEST_SHA256_BYTES);
}

static int take_held(void *context, const struct event *event, struct err *err)
{
	unsigned char key[8 + DIGEST_SHA256_BYTES];
	struct side *s = context;
	struct idset_item *item;

	s->told++;
	if (idset_add(&s->held, key_of(key, event->seq, event->hash), event->seq, &item))
		return err_nomem(err);
	if (item->count > 1 && !event->is_replay &&
	    verify_add(s->report, VERIFY_UNEXPECTED, event->seq, s->where, "it is there more than once, unmarked"))
		return err_nomem(err);
	return 0;
}

/* Whether the sink's filter let it pass; -1 when only the body could tell, and it has gone. */
static int passes(struct side *s, const struct spool_entry *entry, struct err *err)
{
	static const struct event_filter none = { .severity = EVENT_DEBUG };
	const struct event_filter *f = &s->settings->filter;
	struct buf store = s->event.store;

	if (!f->types && !f->feeds && !f->classes && !f->actors && !f->workspaces && f->severity == none.severity)
		return 1;
	if (!entry->has_body)
		return -1;
	s->event = entry->event;
	s->event.store = store;
	if (event_read(&s->event, err))
		return -2;
	return event_passes(&s->event, f);
}

static int take_entry(void *context, const struct spool_entry *entry, struct err *err)
{
	unsigned char key[8 + DIGEST_SHA256_BYTES];
	const struct event *e = &entry->event;
	struct side *s = context;
	struct idset_item *item = idset_find(&s->held, key_of(key, e->seq, e->hash));
	int passed;

	if (item) {
		item->is_seen = true;
		s->expected++;
		return 0;
	}
	if (e->seq <= s->start || e->seq > s->confirmed || e->observed_ns < s->range->from_ns ||
	    e->observed_ns >= s->range->to_ns)
		return 0;
	passed = passes(s, entry, err);
	if (passed == -2)
		return -1;
	s->unchecked += passed == -1;
	s->expected += passed == 1;
	if (passed == 1 &&
	    verify_add(s->report, VERIFY_MISSING, e->seq, s->where, "%.*s is not there", (int)e->id.len, e->id.ptr))
		return err_nomem(err);
	return 0;
}

/* What the receiver holds and the ledger does not have: another body under a known number, or one from nowhere. */
static int find_strangers(struct side *s)
{
	for (size_t i = 0; i < s->held.size; i++) {
		const struct idset_item *item = &s->held.items[i];

		if (!item->count || item->is_seen)
			continue;
		if (verify_add(s->report, item->number <= s->highest ? VERIFY_ALTERED : VERIFY_UNEXPECTED, item->number,
			       s->where,
			       item->number <= s->highest ? "what is there has another hash than the ledger's"
							  : "the ledger has no such event"))
			return -1;
	}
	return 0;
}

static int find_cursor(void *context, const char *sink, const struct spool_cursor *cursor, struct err *err)
{
	struct side *s = context;

	(void)err;
	if (strcmp(sink, s->settings->name) == 0) {
		s->start = cursor->start;
		s->confirmed = cursor->confirmed;
	}
	return 0;
}

static int check(struct side *s, struct spool *spool, const struct sink_ops *ops, void *sink, struct err *err)
{
	struct spool_size size;

	if (spool_cursor_each(spool, find_cursor, s, err) || spool_size(spool, &size, err))
		return -1;
	/* What arrives while we read is in the ledger already: it was stored before it was sent. */
	if (ops->read_back(sink, s->range->from_ns, s->range->to_ns, take_held, s, err))
		return -1;
	s->highest = spool_head(spool);
	if (size.oldest_seq && spool_entry_each(spool, size.oldest_seq, s->highest, take_entry, s, err))
		return -1;
	if (find_strangers(s) ||
	    verify_note(s->report, "%s: %" PRIu64 " of ours were read back, %" PRIu64 " were expected", s->where,
			s->told, s->expected))
		return err_nomem(err);
	if (s->unchecked && verify_note(s->report,
					"%s: of %" PRIu64 " events whose body has gone it is not known whether its "
					"filter let them pass",
					s->where, s->unchecked))
		return err_nomem(err);
	return 0;
}

int verify_sink(struct spool *spool, const struct sink_ops *ops, void *sink, const struct settings_sink *settings,
		const struct verify_range *range, struct verify_report *report, struct err *err)
{
	struct side s = { .report = report, .settings = settings, .range = range };
	DEFER(buf_done) struct buf where = BUF_INIT(NAME_BYTES);
	int status;

	if (buf_addf(&where, "sink '%.40s'", settings->name))
		return err_nomem(err);
	memccpy(s.where, where.ptr, '\0', sizeof(s.where) - 1);
	if (!ops->read_back)
		return verify_note(report,
				   "%s: its receiver cannot be read back: export what it holds and use --export",
				   s.where)
			       ? err_nomem(err)
			       : 0;
	status = check(&s, spool, ops, sink, err);
	idset_done(&s.held);
	event_done(&s.event);
	return status;
}
