/* SPDX-License-Identifier: Apache-2.0 */
/* One thread a feed: has it poll when it is due, stores its pages, tells its alerts, and notices when it has been
 * failing or quiet for too long. */
#ifndef FORWARDER_INTAKE_H
#define FORWARDER_INTAKE_H

#include "forwarder/bulletin.h"
#include "forwarder/feed.h"

struct intake;

/* From when on it waits for what ends an alert, and what it knows of the time before. */
struct intake_times {
	uint64_t start_ns, success_ns, event_ns; /* clock_boot_ns; 0 = none yet */
	int64_t last_success_s, last_event_s, freshest_ns;
};

struct intake_options {
	struct spool *spool;
	struct bulletin *bulletin;
	const struct settings *all;
	const struct settings_feed *settings; /* borrowed until intake_free */
	const struct feed_ops *ops;
	struct api *api; /* NULL for a feed that asks nobody */
	bool is_once;
	const struct intake_times *times; /* of the one whose place it takes; NULL = nobody's */
	/* Told from the feed's thread, for the log and the metrics; may be NULL. */
	void (*failed)(void *context, const char *feed,
		       const struct err *err); /* a new error, or NULL: it works again */
	void (*alerted)(void *context, const char *feed, enum feed_alert alert, bool is_on, const char *text);
	void (*stored)(void *context, const char *feed, const struct page *page, const struct page_stored *stored);
	void (*lagged)(void *context, const char *feed, uint64_t lag_ms);
	void (*measured)(void *context, enum feed_measure measure, const char *first, const char *second, double value);
	void *context;
};

struct intake_state {
	const char *name; /* as long as the intake */
	const char *type;
	bool is_polled; /* it asks somebody; an ingest feed only listens, for hours without a word */
	bool is_running;
	bool has_failed;            /* the last poll did */
	uint64_t events, known;     /* since the start: new ones, and rows that were there already */
	int64_t last_success_s;     /* 0 = none yet */
	int64_t last_event_s;       /* when a new one was stored; 0 = none yet */
	int64_t freshest_ns;        /* time of the newest upstream row that was seen; 0 = none yet */
	char error[ERR_TEXT_BYTES]; /* of the last poll; empty when it went well */
};

struct intake *intake_new(const struct intake_options *options, struct err *err); /* NULL with err */
[[nodiscard]] int intake_start(struct intake *intake, struct err *err);
void intake_stop(struct intake *intake); /* ends within a second or two */
bool intake_has_ended(struct intake *intake, uint64_t wait_ms);
void intake_free(struct intake *intake); /* waits for the thread; NULL is fine */

void intake_state(struct intake *intake, struct intake_state *ret);

struct intake_times intake_times(struct intake *intake);

/* Raises the alerts that only time tells: called now and then, from any thread. They are over when a poll succeeds, or
 * an event comes: not because somebody has begun to wait anew. */
void intake_watch(struct intake *intake);

#endif
