/* SPDX-License-Identifier: Apache-2.0 */
/* What a start finds and somebody should know. */
#include "common/base/bounds.h"
#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/sys/log.h"
#include "forwarder/daemon_work.h"

#define NS_PER_S 1'000'000'000
#define CLOCK_AHEAD_S 60 /* less is what a clock is set back by while it is kept right */

void daemon_tell_clock(const struct daemon *d)
{
	DEFER(buf_done) struct buf ahead = BUF_INIT(64), time = BUF_INIT(64);
	struct spool_head head;
	int64_t ahead_s;

	if (spool_head_read(d->spool, &head, NULL))
		return;
	ahead_s = head.observed_ns / NS_PER_S - clock_unix_s();
	if (ahead_s < CLOCK_AHEAD_S || text_add_duration(&ahead, (uint64_t)ahead_s * 1000) ||
	    clock_add_rfc3339(&time, head.observed_ns / NS_PER_S))
		return;
	log_warn("the ledger's last event was stored at %s, %s ahead of this machine's clock: until then, that time is "
		 "given to all that is stored",
		 time.ptr, ahead.ptr);
}

static bool has_feed(const struct settings *settings, struct view name)
{
	for (size_t i = 0; i < settings->feed_count; i++)
		if (text_eq(name, view_of(settings->feeds[i].name)))
			return true;
	return false;
}

static bool has_line(struct view lines, struct view wanted)
{
	struct view line;

	while (text_next_line(&lines, &line))
		if (text_eq(line, wanted))
			return true;
	return false;
}

void daemon_tell_renamed(const struct daemon *d)
{
	DEFER(buf_done) struct buf names = BUF_INIT(PAGE_STATE_BYTES);
	struct view rest, name, gone = VIEW_NONE;

	if (spool_feed_names(d->spool, BULLETIN_FEED, &names, NULL))
		return;
	rest = buf_view(&names);
	while (text_next_line(&rest, &name))
		gone = has_feed(&d->settings, name) ? gone : name;
	for (size_t i = 0; gone.len && i < d->settings.feed_count; i++) {
		const struct settings_feed *f = &d->settings.feeds[i];

		if (f->type != SETTINGS_INGEST && !has_line(buf_view(&names), view_of(f->name)))
			log_warn("feed '%s' is new and begins at its 'start'; '%.*s', which has stored events, is not "
				 "configured any more: if that is its old name, what happened in between may be in "
				 "neither, or all be stored twice (skantd.yaml(5), name)",
				 f->name, (int)gone.len, gone.ptr);
	}
}
