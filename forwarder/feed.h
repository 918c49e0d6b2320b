/* SPDX-License-Identifier: Apache-2.0 */
/* What a feed is: it brings events in, page by page. One thread a feed, so that a slow one holds up no other. */
#ifndef FORWARDER_FEED_H
#define FORWARDER_FEED_H

#include <stdatomic.h>

#include "common/api/client.h"
#include "forwarder/page.h"
#include "forwarder/settings.h"

/* In the message when a credential is not of the organization whose events the feed has. */
#define FEED_OTHER_ORGANIZATION "another organization"

/* What an operator has to know at once; each becomes an event of class ALERT, and another when it is over. All are of a
 * feed, but for the last one. */
enum feed_alert {
	FEED_API_OFF,    /* the Compliance API is switched off: nothing is recorded upstream */
	FEED_REFUSED,    /* the credential is not accepted, or is of the wrong kind */
	FEED_STALE,      /* no successful poll for too long */
	FEED_QUIET,      /* no new event for too long */
	FEED_CONTENT_ON, /* content of prompts and answers is asked for */
	FEED_FULL,       /* the spool is full: reading has stopped */
	FEED_GAP,        /* upstream recorded nothing for a time: it was switched off */
	FEED_LATE,       /* rows came later than the overlap reaches; reconciliation found them */
	SINK_NEEDS_HELP, /* of a sink: it does not deliver, and will not unless a person does something */
	FEED_ALERTS,
};
extern const char *const feed_alert_names[FEED_ALERTS]; /* "api-off", "refused", ... */

/* What a feed measures, each under one or two labels. */
enum feed_measure {
	FEED_BUDGET_USED, /* what of a budget is used, 1 = all of it; of a scope and a period */
	FEED_VIOLATIONS,  /* how often the policy is broken now; of a code */
	FEED_MEASURES,
};

/* Where a feed puts things. Calls may come from the feed's thread only. */
struct feed_out {
	/* Stores a page. 0; 1 when the spool is full (the page is not stored; ask again later); -1 with err. */
	int (*put)(void *context, const struct page *page, struct page_stored *ret, struct err *err);
	/* Appends the state that was stored with the last page; nothing when there is none. */
	int (*state)(void *context, const char *feed, struct buf *ret, struct err *err);
	/* What is kept by name, as spool_item and spool_item_each have it. */
	int (*item)(void *context, const char *feed, struct view key, struct buf *ret, struct err *err);
	int (*items)(void *context, const char *feed, struct view from, struct view to, page_item_tell *tell,
		     void *told, struct err *err);
	/* An alert is on, or over. text: one clean sentence. Repeating what is known does nothing. */
	void (*alert)(void *context, const char *feed, enum feed_alert alert, bool is_on, const char *text);
	/* A successful poll ended: freshest is the time of the newest upstream row that was seen (0 = none). */
	void (*polled)(void *context, const char *feed, int64_t freshest_ns);
	/* An event was first seen so long after it happened. */
	void (*lag)(void *context, const char *feed, uint64_t lag_ms);
	/* second: NULL where there is one label only. */
	void (*measured)(void *context, const char *feed, enum feed_measure measure, const char *first,
			 const char *second, double value);
	void *context;
};

struct feed_env {
	const struct settings_feed *settings;
	const struct settings *all;
	struct api *api; /* of the feed's own credential, rate limited; NULL for ingest */
	const struct feed_out *out;
	const atomic_bool *stop; /* raised: poll returns within a second */
	int wake_fd;             /* eventfd, never read by the feed: readable = return at once */
	bool is_once;            /* `run --once`: read what is there, to the end, and return */
};

typedef int feed_tell_switch(void *context, int64_t time_ns, bool is_on, struct err *err);

struct feed_ops {
	const char *type;
	void *(*open)(const struct feed_env *env, struct err *err); /* NULL with err */
	/* One round. *ret_wait_ms: when to call again. 0; -1 with err: it is called again after *ret_wait_ms all the
	 * same (the caller tells the error when it is a new one). A feed whose sources speak up by themselves (ingest)
	 * returns only when stopped or, with is_once, when nothing waits any more, and once after an error, when it is
	 * over. */
	int (*poll)(void *feed, uint64_t *ret_wait_ms, struct err *err);
	/* `check`: asks upstream and appends lines on what the feed will hold. 0; 1 when it would not work; -1 with
	 * err. */
	int (*check)(void *feed, struct buf *report, struct err *err);
	/* `verify`: walks upstream for from <= time < to, oldest last or first, and tells each record, filter applied.
	 * NULL: there is no upstream to ask. */
	int (*walk)(void *feed, int64_t from_ns, int64_t to_ns,
		    int (*tell)(void *context, const struct page_record *record, struct err *err), void *context,
		    struct err *err);
	/* `verify`: tells each time at which recording was switched off or on upstream, in any order, whenever that was
	 * and whatever the filter; one may come twice. *ret_begin_ns: nothing is stored from before. NULL: upstream
	 * says nothing of it. */
	int (*switches)(void *feed, int64_t *ret_begin_ns, feed_tell_switch *tell, void *context, struct err *err);
	/* Before which time (exclusive) all that upstream lists has been stored; INT64_MIN: none yet. NULL as walk. */
	int64_t (*settled_ns)(void *feed);
	void (*close)(void *feed);
};

/* Whether the feed's filter lets a record pass that is not stored yet. room: where it is read, kept from call to call
 * (zeroed at first, event_done in the end). 1, 0, -1 with err as event_read. */
[[nodiscard]] int feed_takes(const struct settings_feed *feed, const struct page_record *record, struct event *room,
			     struct err *err);

extern const struct feed_ops feed_activities, feed_ingest, feed_usage, feed_cost, feed_keys, feed_access;

#endif
