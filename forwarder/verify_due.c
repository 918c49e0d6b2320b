/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/verify_due.h"

#include <string.h>

static int find_cursor(void *context, const char *sink, const struct spool_cursor *cursor, struct err *)
{
	struct verify_due *due = context;

	if (strcmp(sink, due->settings->name) == 0) {
		due->has_run = true;
		due->start = cursor->start;
		due->confirmed = cursor->confirmed;
	}
	return 0;
}

int verify_due_init(struct spool *spool, const struct settings_sink *settings, struct verify_due *ret, struct err *err)
{
	*ret = (struct verify_due){ .settings = settings };
	return spool_cursor_each(spool, find_cursor, ret, err);
}

int verify_due_look(struct verify_due *due, const struct spool_entry *entry, enum verify_dueness *ret, struct err *err)
{
	const struct event_filter *f = &due->settings->filter;
	struct buf store = due->event.store;

	*ret = VERIFY_NOT_DUE;
	if (entry->event.seq <= due->start || entry->event.seq > due->confirmed)
		return 0;
	if (event_filter_takes_all(f) || !entry->has_body) {
		*ret = event_filter_takes_all(f) ? VERIFY_DUE : VERIFY_DUE_UNKNOWN;
		return 0;
	}
	due->event = entry->event;
	due->event.store = store;
	if (event_read(&due->event, err))
		return -1;
	*ret = event_passes(&due->event, f) ? VERIFY_DUE : VERIFY_NOT_DUE;
	return 0;
}

void verify_due_done(struct verify_due *due)
{
	event_done(&due->event);
}
