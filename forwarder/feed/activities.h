/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of the activities feed.
 *
 * What has been read is known by one time of upstream's, `newest`: the latest created_at that was seen. Each poll reads
 * everything from `newest - overlap` on, oldest first, and stores it page by page; what is there already is known by its
 * id and adds nothing. So no cursor is trusted to see rows that come late, no clock of ours takes part, and a poll may
 * end anywhere: the next one begins before the place that was stored with the last page.
 *
 *	- A row is late by `newest - created_at` when it first shows. The overlap is at least twice the longest of these
 *	  that was measured, and at least OVERLAP_LEAST_S.
 *	- Every settings->reconcile_ms the last day is read again. What only that finds was later than the overlap: it is
 *	  stored, told (FEED_LATE), and the overlap grows over it.
 *	- Where the API gives the oldest first (order=asc), a window is one walk. Where it does not, windows are halved
 *	  until each fits a page, whose rows are then turned round. Either way events are stored in the order of time.
 *	- Backfill is nothing else: `newest` begins where the settings say, and moves on with each page. */
#ifndef FORWARDER_FEED_ACTIVITIES_H
#define FORWARDER_FEED_ACTIVITIES_H

#include "common/api/endpoint_activity.h"
#include "common/api/page.h"
#include "forwarder/feed.h"

#define OVERLAP_LEAST_S 60
#define OVERLAP_MOST_S 86'400
#define RECONCILE_SPAN_S 86'400
#define OWN_IDS 1024 /* requests of ours that are remembered */
#define ARGUMENTS_MAX 64

struct own_ids { /* the last OWN_IDS request ids, in a ring */
	char (*ids)[64];
	size_t count, next;
};

struct activities {
	const struct feed_env *env;
	enum api_dialect dialect;
	struct api_reader reader;

	/* What is stored with each page. */
	bool has_newest;
	int64_t newest_ns; /* by upstream's clock */
	int64_t start_ns;  /* nothing before it is read */
	int64_t overlap_s; /* what lateness asks for; 0 = the least */
	bool is_caught_up; /* the end was reached once: what is new from now on is news */
	bool has_no_order; /* the API does not know order */
	int64_t off_ns;    /* since when upstream records nothing; 0 = it does */

	/* Of this run only. */
	struct own_ids own;
	unsigned failures;
	bool was_content_told;
	uint64_t reconcile_ns, settings_ns; /* clock_boot_ns of the next; 0 = at once */
	int64_t poll_newest_ns;             /* newest_ns when the poll began: what is older is late */
	int64_t last_ns;                    /* time of the row that was read last */
	bool is_reconciling;
	uint64_t late; /* rows that this reconciliation found */

	/* The page that is being gathered. */
	struct page_record *records;
	bool *is_new;
	size_t count, cap;
	struct buf texts;   /* ids, types and bodies that are not the reply's own */
	struct event event; /* for the filter */

	/* The request. */
	struct api_argument arguments[ARGUMENTS_MAX];
	size_t argument_count;
	struct buf from, to;
};

/* --- activities_state.c --- */
[[nodiscard]] int activities_load(struct activities *a, struct err *err);
/* Appends the state. 0 or -1. */
[[nodiscard]] int activities_add_state(const struct activities *a, struct buf *buf);

/* --- activities_page.c: from rows to what is stored --- */
/* Gathers rows first to last of the walk's page (in that order, or the other way round) and puts them. 0; 1 the spool is
 * full; -1 with err. */
[[nodiscard]] int activities_put(struct activities *a, const struct page_walk *walk, bool is_reversed, struct err *err);
/* Room for the texts of a page's records, so that they stay where they are. 0 or -1. */
[[nodiscard]] int activities_reserve(struct activities *a, const struct page_walk *walk);
/* One row as a record; *ret_is_wanted: the filter lets it pass. Texts are good until the next page. */
[[nodiscard]] int activities_record(struct activities *a, struct view row, struct page_record *ret, bool *ret_is_wanted,
				    struct err *err);
void own_ids_add(struct own_ids *own, struct view id);
bool own_ids_has(const struct own_ids *own, struct view id);

/* --- activities_window.c: reading a span of time, oldest first --- */
/* What is done with each page; 0 goes on, 1 ends it early, -1 with err. */
typedef int activities_taker(struct activities *a, const struct page_walk *walk, bool is_reversed, void *context,
			     struct err *err);
/* The time of the newest row that there is. 1, 0 there is none, -1 with err; *refusal as page_walk's. */
[[nodiscard]] int activities_newest(struct activities *a, int64_t *ret_ns, struct api_refusal *refusal,
				    struct err *err);
/* Reads from <= created_at < to; to_ns INT64_MAX: to the end. 0, 1 or -1 as take; *refusal as page_walk's. */
[[nodiscard]] int activities_read(struct activities *a, int64_t from_ns, int64_t to_ns, activities_taker *take,
				  void *context, struct api_refusal *refusal, struct err *err);

/* --- activities_health.c: is there anything to read at all --- */
/* Asks whether the Compliance API is on, when a credential may ask; alerts. Nothing that goes wrong here is an error. */
void activities_watch_settings(struct activities *a);
/* Of a refusal of the feed itself: alerts with what is needed. */
void activities_refused(struct activities *a, const struct api_refusal *refusal, const struct err *err);
void activities_accepted(struct activities *a);
/* A new row that says that the recording was switched off or on. */
void activities_switched(struct activities *a, struct view row, int64_t time_ns);
#define ACTIVITIES_SWITCHED "org_compliance_api_settings_updated"
int activities_check(void *feed, struct buf *report, struct err *err);

#endif
