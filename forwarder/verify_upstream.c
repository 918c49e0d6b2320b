/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <string.h>

#include "common/base/bounds.h"
#include "common/base/clock.h"
#include "common/base/text.h"
#include "forwarder/idset.h"
#include "forwarder/verify.h"

#define NS_PER_S 1'000'000'000
#define SLACK_NS (3600 * INT64_C(1'000'000'000)) /* clocks differ, and rows come to their end while we look */

struct side {
	struct spool *spool;
	const struct settings_feed *settings;
	const struct verify_range *range;
	int64_t from_ns; /* that, or later: activities from then on are compared */
	struct verify_report *report;
	char where[64];
	struct idset upstream; /* number: the first 8 bytes of the body's hash */
	uint64_t count, same;  /* listed; of them, those that are here as they are listed */
	struct buf gaps;       /* a line a switch of the Compliance API, whenever it was, in any order */
	int64_t begin_ns;      /* where the feed begins */
	struct event event;    /* for event_read; its store is used again and again */
	uint64_t unchecked;
};

static uint64_t start_of(const unsigned char hash[static DIGEST_SHA256_BYTES])
{
	uint64_t start;

	memcpy(&start, hash, sizeof(start));
	return start;
}

/* A switch of the Compliance API, off or on, as one more line: "TIME off". */
static int take_switch(void *context, int64_t time_ns, bool is_on, struct err *err)
{
	struct side *s = context;

	return buf_addf(&s->gaps, "%020" PRId64 " %s\n", time_ns, is_on ? "on" : "off") ? err_nomem(err) : 0;
}

static int take_upstream(void *context, const struct page_record *record, struct err *err)
{
	unsigned char hash[DIGEST_SHA256_BYTES];
	struct side *s = context;
	struct idset_item *item;
	bool is_here = false;

	digest_sha256(record->body, hash);
	if (idset_add(&s->upstream, record->id, start_of(hash), &item))
		return err_nomem(err);
	if (item->count > 1) /* at least once, says the API */
		return 0;
	s->count++;
	if (spool_has(s->spool, s->settings->name, &record->id, 1, &is_here, err))
		return -1;
	if (!is_here && !record->is_own &&
	    verify_add(s->report, VERIFY_MISSING, 0, s->where, "activity %.*s is not in the ledger",
		       (int)record->id.len, record->id.ptr))
		return err_nomem(err);
	return 0;
}

/* Whether the feed's filter lets it pass today: upstream's list is looked at through it. What was stored under another
 * one is not compared. 1, 0, or -1 with err. */
static int is_wanted(struct side *s, const struct spool_entry *entry, struct err *err)
{
	const struct event_filter *filter = &s->settings->filter;
	struct buf store = s->event.store;

	if (event_filter_takes_all(filter))
		return 1;
	s->unchecked += !entry->has_body;
	if (!entry->has_body)
		return 0;
	s->event = entry->event;
	s->event.store = store;
	return event_read(&s->event, err) ? -1 : event_passes(&s->event, filter);
}

static int take_entry(void *context, const struct spool_entry *entry, struct err *err)
{
	const struct event *e = &entry->event;
	struct side *s = context;
	const struct idset_item *item;
	int status = 0;

	if (!text_eq(e->feed, view_of(s->settings->name)))
		return 0;
	item = idset_find(&s->upstream, e->id);
	/* What is listed is compared whatever time was stored for it: upstream's list says that it is asked about. */
	if (!item && (e->time_ns < s->from_ns || e->time_ns >= s->range->to_ns))
		return 0;
	if (!item) {
		status = is_wanted(s, entry, err);
		if (status <= 0)
			return status;
		status = verify_add(s->report, VERIFY_UNEXPECTED, e->seq, s->where,
				    "upstream does not list activity %.*s", (int)e->id.len, e->id.ptr);
	} else if (item->number != start_of(e->hash))
		status = verify_add(s->report, VERIFY_ALTERED, e->seq, s->where,
				    "what upstream lists as activity %.*s now is not what was stored", (int)e->id.len,
				    e->id.ptr);
	else
		s->same++;
	return status ? err_nomem(err) : 0;
}

/* From switched off to switched on again (on_ns 0: not yet), by the activities that say so. It is one when a part of it
 * lies in the range. */
static int add_gap(struct side *s, int64_t off_ns, int64_t on_ns)
{
	DEFER(buf_done) struct buf text = BUF_INIT(NAME_BYTES);
	int64_t from_ns = s->range->from_ns > s->begin_ns ? s->range->from_ns : s->begin_ns;
	int status;

	if (off_ns >= s->range->to_ns || (on_ns && on_ns <= from_ns))
		return 0;
	status = buf_add_text(&text, "the Compliance API was switched off from ");
	status |= clock_add_rfc3339(&text, off_ns / NS_PER_S);
	status |= buf_add_text(&text, " to ");
	status |= on_ns ? clock_add_rfc3339(&text, on_ns / NS_PER_S) : buf_add_text(&text, "now");
	return status || verify_add(s->report, VERIFY_GAP, 0, s->where, "%s", text.ptr) ? -1 : 0;
}

/* The switches in the order of time: each line is taken once its time is the smallest that is left. */
static int find_gaps(struct side *s)
{
	int64_t last_ns = INT64_MIN, off_ns = 0;
	bool is_off = false;

	for (;;) {
		struct view rest = buf_view(&s->gaps), line, next = VIEW_NONE;
		uint64_t next_ns = 0, ns;

		while (text_next_line(&rest, &line)) {
			if (text_u64(view_sub(line, 0, 20), INT64_MAX, &ns) || (int64_t)ns <= last_ns)
				continue;
			if (!next.len || ns < next_ns) {
				next = line;
				next_ns = ns;
			}
		}
		if (!next.len)
			break;
		last_ns = (int64_t)next_ns;
		if (text_ends(next, VIEW("off"))) {
			off_ns = is_off ? off_ns : last_ns;
			is_off = true;
		} else if (is_off) {
			if (add_gap(s, off_ns, last_ns))
				return -1;
			is_off = false;
		}
	}
	return is_off ? add_gap(s, off_ns, 0) : 0;
}

static int take_oldest(void *context, const struct spool_entry *entry, struct err *)
{
	*(int64_t *)context = entry->event.observed_ns;
	return 0;
}

/* What happened before the ledger's oldest row was stored may have been in one whose time is over: that it is not there
 * says nothing. */
static int find_begin(struct side *s, struct err *err)
{
	DEFER(buf_done) struct buf time = BUF_INIT(64);
	int64_t oldest_ns = INT64_MIN;
	struct spool_size size;

	s->from_ns = s->range->from_ns;
	if (spool_size(s->spool, &size, err))
		return -1;
	if (size.oldest_seq > 1 &&
	    spool_entry_each(s->spool, size.oldest_seq, size.oldest_seq, take_oldest, &oldest_ns, err))
		return -1;
	if (oldest_ns + SLACK_NS <= s->from_ns)
		return 0;
	s->from_ns = oldest_ns + SLACK_NS;
	return clock_add_rfc3339(&time, s->from_ns / NS_PER_S) ||
			       verify_note(s->report,
					   "%s is compared from %s on: of what is older the ledger does not hold all "
					   "any more",
					   s->where, time.ptr)
		       ? err_nomem(err)
		       : 0;
}

/* What the configuration leaves out is not missing, and whoever reads "0 missing" has to know of it. */
static int note_left_out(struct side *s)
{
	if (!event_filter_takes_all(&s->settings->filter) &&
	    verify_note(s->report, "%s: the feed has a filter; what it leaves out is not stored and was not looked for",
			s->where))
		return -1;
	return s->settings->skip_own ? verify_note(s->report,
						   "%s: activities that skantd's own reading makes are not stored, and "
						   "not missed (skip_own)",
						   s->where)
				     : 0;
}

static int check(struct side *s, const struct feed_ops *ops, void *feed, struct err *err)
{
	struct spool_head head;
	struct spool_size size;

	if (find_begin(s, err) || ops->walk(feed, s->from_ns, s->range->to_ns, take_upstream, s, err) ||
	    (ops->switches && ops->switches(feed, &s->begin_ns, take_switch, s, err)) ||
	    spool_size(s->spool, &size, err) || spool_head_read(s->spool, &head, err))
		return -1;
	if (size.oldest_seq && spool_entry_each(s->spool, size.oldest_seq, head.seq, take_entry, s, err))
		return -1;
	if (find_gaps(s) ||
	    verify_note(s->report, "%s: %" PRIu64 " activities listed, %" PRIu64 " of them are here, byte for byte",
			s->where, s->count, s->same) ||
	    note_left_out(s))
		return err_nomem(err);
	if (s->unchecked && verify_note(s->report,
					"%s: of %" PRIu64 " events that it does not list and whose body has gone it is "
					"not known whether the feed's filter lets them pass",
					s->where, s->unchecked))
		return err_nomem(err);
	return 0;
}

int verify_upstream(struct spool *spool, const struct feed_ops *ops, void *feed, const struct settings_feed *settings,
		    const struct verify_range *range, struct verify_report *report, struct err *err)
{
	struct side s = { .spool = spool,
			  .settings = settings,
			  .range = range,
			  .report = report,
			  .gaps = BUF_INIT(AUDIT_NOTES_BYTES) };
	DEFER(buf_done) struct buf where = BUF_INIT(NAME_BYTES);
	int status;

	if (buf_addf(&where, "upstream of '%.40s'", settings->name))
		return err_nomem(err);
	memccpy(s.where, where.ptr, '\0', sizeof(s.where) - 1);
	status = check(&s, ops, feed, err);
	idset_done(&s.upstream);
	buf_done(&s.gaps);
	event_done(&s.event);
	return status;
}
