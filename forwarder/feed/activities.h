/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of the activities feed: how nothing is lost, whatever cursors, clocks and order do.
 *
 * The list is read by upstream's own time, and one number, stored with each page, tells how far:
 *
 *	settled: what upstream lists with from <= created_at < settled has been stored, but for rows that first show
 *	later than the overlap after they happened.
 *
 * It moves only over what could not change any more when it was read. An answer whose newest row is of the time N was
 * given at N or later; what is older than N - overlap was settled in that answer, and in each that is asked for after
 * it. N is taken for no later than the answer's Date, so that one row from the future moves nothing; a clock that steps
 * back, ours or theirs, only lets more be read again. Every poll is the same:
 *
 *	1. One page, newest first, of everything from settled on. If all fits, its rows are stored, oldest first, and
 *	   settled becomes N - overlap. That is the usual poll: one request, and what it sees is of one moment.
 *	2. Else settled .. N - overlap is filled, oldest first: pages of order=asc; where that is refused, windows of
 *	   time, halved until each fits a page and turned round. Each page is stored at once and moves settled along
 *	   with it: the place to go on from after a restart, or when a cursor has expired. After more than the overlap
 *	   of that, 1 again.
 *	3. What is younger is read page by page in the same way, but nothing of it is settled.
 *
 * Backfill is step 2 from the beginning; only its first request asks for one row instead of a page. Rows that were read
 * before are known by their ids in the spool: to read again costs time, never a duplicate.
 *
 * The overlap is settings->settle_ms, or else twice what 99.9 % of the rows were surely late (how old a new row was
 * already when the poll before did not see it), at least ACTIVITIES_OVERLAP_S. Every settings->reconcile_ms the last
 * day is read again between polls. What is new there came later than the overlap: it is stored and told (FEED_LATE),
 * and the overlap is doubled.
 *
 * A row that is not what the API promises is stored all the same. An id that is no clean text of at most PAGE_ID_BYTES
 * (or has an escape in it) is replaced by "sha256:" and the row's own hash, such a type by "unknown", a created_at that
 * is no time by the time of reading. A row of more than JSON_RECORD_BYTES is replaced by an object with its size, hash,
 * id, type and time. */
#ifndef FORWARDER_FEED_ACTIVITIES_H
#define FORWARDER_FEED_ACTIVITIES_H

#include "common/api/page.h"
#include "forwarder/feed.h"

#define ACTIVITIES_OVERLAP_S 60
#define ACTIVITIES_OVERLAP_MOST_S 86'400
#define ACTIVITIES_RECONCILE_S 86'400 /* how far back a reconciliation reads */
#define ACTIVITIES_LAG_BUCKETS 18     /* below 1 s, 2 s, 4 s, ... */
#define ACTIVITIES_ARGUMENTS 64
#define ACTIVITIES_TIME_BYTES 32
#define ACTIVITIES_OWN_MOST 1024 /* requests of ours in one generation of two */
#define ACTIVITIES_FULL_MS 5'000u
#define ACTIVITIES_STUCK_MOST 3 /* cursors that are forgotten in a row, with no row between them */

#define ACTIVITIES_SWITCHED "org_compliance_api_settings_updated"
#define ACTIVITIES_ACCESSED "compliance_api_accessed"

/* Requests of ours, by the first bytes of their ids' SHA-256: what they left in the feed is known by them. Of two
 * generations the older one goes when the younger is full. */
struct activities_own {
	int64_t since_s; /* upstream's time of the first one */
	size_t count;
	uint64_t *ids; /* ACTIVITIES_OWN_MOST */
};

struct activities_state {
	bool is_known;  /* it is known where the feed begins */
	bool is_behind; /* the end has not been reached yet: backfill */
	int64_t from_s, settled_s;
	int64_t newest_ns; /* N, of all answers; 0 = none */
	uint64_t lags[ACTIVITIES_LAG_BUCKETS];
	uint64_t wide_s;      /* what reconciliation made of the overlap; 0 = nothing */
	int64_t reconciled_s; /* upstream's time of the last one's end; 0 = never */
	uint64_t filter;      /* a hash of the filter that held */
	int64_t switched_ns;  /* of the last row that switched recording off or on, */
	int64_t off_ns;       /* and since when it is off; 0 = it is on */
	struct activities_own own, own_before;
};

struct activities_span {
	int64_t from_s, to_s; /* from <= created_at < to; 0: no bound */
};

/* A span of time that is read oldest first, a page at a time. */
struct activities_fill {
	int64_t at_s, to_s; /* what is left of it */
	int64_t width_s;    /* of the next window, where order is refused */
	bool settles;       /* what is read is settled */
	bool is_open;       /* its walk goes on */
	unsigned stuck;     /* cursors that expired without a step between them */
};

enum activities_mode {
	ACTIVITIES_BACKFILL, /* what is new is old: it says nothing of lags */
	ACTIVITIES_LIVE,
	ACTIVITIES_RECONCILE,
};

struct activities {
	struct feed_env env;
	enum api_dialect dialect;
	struct activities_state state;

	/* What the API turned out to refuse or not to bear. */
	bool has_no_order, has_no_filters;
	uint64_t page_rows; /* of a request; 0 = as many as it allows */

	/* The request. */
	struct page_walk walk;
	bool is_walking;
	struct api_argument arguments[ACTIVITIES_ARGUMENTS];
	size_t argument_count;
	struct buf from, to; /* texts of times */
	int64_t date_s;      /* upstream's clock at date_at_ns of ours (clock_boot_ns); 0 = it never said */
	uint64_t date_at_ns;

	/* The page that is being stored. */
	struct page_record *records;
	bool *is_new;
	size_t count, cap;
	int64_t page_newest_ns; /* of all rows whose time is known; INT64_MIN = none */
	int64_t page_oldest_ns; /* INT64_MAX = none */
	struct buf texts, escaped;
	struct event event; /* for the filter */
	struct buf state_text;

	/* This run. */
	enum activities_mode mode;
	bool is_telling;        /* verify: nothing is stored */
	bool is_about_switches; /* only rows that switch recording off or on are asked for */
	bool has_polled, was_content_told;
	int64_t asked_s; /* upstream's time of the poll's first answer, */
	int64_t seen_s;  /* and of the last one that reached the end */
	unsigned failures;
	uint64_t next_ns, settings_ns; /* clock_boot_ns: of the next poll, of the next look at the settings */
	struct activities_fill reconcile;
	bool is_reconciling, is_silent; /* silent: another filter held, so what is new is not late */
	uint64_t late;
	int64_t latest_s; /* how late the latest of them was at most */
};

/* Beside 0, 1 and -1. */
enum { ACTIVITIES_AGAIN = 2, ACTIVITIES_FULL = 3 };

/* --- activities_state.c --- */
[[nodiscard]] int activities_load(struct activities *a, struct err *err);
/* Writes the state into state_text. 0 or -1. */
[[nodiscard]] int activities_write_state(struct activities *a);
void activities_state_done(struct activities_state *state);

/* --- activities_own.c --- */
[[nodiscard]] int activities_own_add(struct activities *a, struct view request_id, struct err *err);
bool activities_own_has(const struct activities *a, struct view request_id);
uint64_t activities_hash(struct view text);

/* --- activities_ask.c: requests --- */
/* Upstream's time now, as well as it is known. */
int64_t activities_now_s(const struct activities *a);
/* Opens a walk over a span. rows: 0 = as many as a page has. 0 or -1. */
[[nodiscard]] int activities_ask(struct activities *a, const struct activities_span *span, bool is_oldest_first,
				 uint64_t rows, struct err *err);
/* Its next page. 1, 0 at its end, ACTIVITIES_AGAIN when it has to be opened anew (the API refused what it can do
 * without, forgot the cursor, or the page was too large: err has which), -1 with err. */
[[nodiscard]] int activities_next(struct activities *a, struct err *err);
void activities_close_walk(struct activities *a);
bool activities_is_stopped(const struct activities *a);

/* --- activities_page.c: from rows to what is stored --- */
enum activities_member {
	ACTIVITIES_ID,
	ACTIVITIES_TYPE,
	ACTIVITIES_TIME,
	ACTIVITIES_REQUEST,
	ACTIVITIES_URL,
	ACTIVITIES_ENABLED,
	ACTIVITIES_AGENT,
};
extern const struct rows_form activities_forms[API_DIALECTS]; /* with these members */
/* Reads the walk's page into records, oldest first: filtered, without our own (with skip_own), masked. 0 or -1. */
[[nodiscard]] int activities_gather(struct activities *a, struct err *err);
/* Tells the switches among the walk's page. 0, or -1 as tell. */
[[nodiscard]] int activities_each_switch(struct activities *a, feed_tell_switch *tell, void *context, struct err *err);
/* Stores what was gathered, and with it that all before settled_s is. 0, ACTIVITIES_FULL, or -1; then settled is what
 * it was. */
[[nodiscard]] int activities_store(struct activities *a, int64_t settled_s, struct err *err);
/* Stores the state alone. */
[[nodiscard]] int activities_store_state(struct activities *a, struct err *err);
/* N, of the page that was gathered and those before, no later than upstream's clock. */
int64_t activities_newest(const struct activities *a);

/* --- activities_lag.c --- */
int64_t activities_overlap_s(const struct activities *a);
/* What the stored page tells of lags: for the metrics, the overlap, the count of a reconciliation. */
void activities_measure(struct activities *a);

/* --- activities_fill.c --- */
/* Reads and stores the next page. 1 there is more, 0 it is done, ACTIVITIES_FULL, -1 with err. */
[[nodiscard]] int activities_fill(struct activities *a, struct activities_fill *fill, struct err *err);

/* --- activities_reconcile.c --- */
bool activities_reconcile_is_due(const struct activities *a);
void activities_reconcile_start(struct activities *a);
/* One page of it. As activities_fill. */
[[nodiscard]] int activities_reconcile(struct activities *a, struct err *err);

/* --- activities_health.c: is there anything to read at all --- */
void activities_alert(struct activities *a, enum feed_alert alert, bool is_on, const char *text);
void activities_tell_content(struct activities *a);
bool activities_may_ask_settings(const struct activities *a);
/* Asks now and then whether the Compliance API is on, when a credential may. What goes wrong is no error. */
void activities_watch_settings(struct activities *a);
/* A row that says that recording was switched off or on. */
void activities_note_switch(struct activities *a, bool is_on, int64_t time_ns);
/* Raises or ends the alert, once all is read: what a backfill reads was so, and is not. */
void activities_tell_switch(struct activities *a);
/* Appends which key is needed, once the API has answered with this status. 0 or -1. */
[[nodiscard]] int activities_add_needed(struct buf *buf, const struct activities *a, unsigned status);
/* Alerts when err says that the credential is not accepted. */
void activities_note_refusal(struct activities *a, const struct err *err);
void activities_note_answer(struct activities *a);

/* --- activities_check.c --- */
int activities_check(void *feed, struct buf *report, struct err *err);
int activities_walk(void *feed, int64_t from_ns, int64_t to_ns,
		    int (*tell)(void *context, const struct page_record *record, struct err *err), void *context,
		    struct err *err);
int activities_switches(void *feed, int64_t *ret_begin_ns, feed_tell_switch *tell, void *context, struct err *err);

#endif
