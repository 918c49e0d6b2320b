/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/feed.h"

const char *const feed_alert_names[FEED_ALERTS] = { "api-off", "refused", "stale", "quiet",      "content-on",
						    "full",    "gap",     "late",  "sink-broken" };

int feed_takes(const struct settings_feed *feed, const struct page_record *r, struct event *room, struct err *err)
{
	struct buf store = room->store;

	if (event_filter_takes_all(&feed->filter))
		return 1;
	*room = (struct event){ .feed = view_of(feed->name),
				.id = r->id,
				.type = r->type,
				.origin = r->origin,
				.time_ns = r->time_ns,
				.body = r->body,
				.store = store };
	return event_read(room, err) ? -1 : event_passes(room, &feed->filter);
}
