/* SPDX-License-Identifier: Apache-2.0 */
/* A report of the provider's as a feed: rows in buckets of time, whose recent ones still change.
 *
 * What becomes an event: each row once its bucket is final, which is settings->settle_ms after its end, and again
 * whenever a later report says other numbers: then as restated, with the numbers before. A bucket that goes on growing
 * is read and judged by the policy at each poll, but makes no event before it is final: else each row would be told
 * anew with every poll.
 *
 * Each poll reads from settled on (all before that was stored), and at least settings->lookback_ms back, for what was
 * restated. What is compared is kept in the spool, a row under its bucket and a hash of its group, and changes in the
 * transaction that stores the event: nothing is told twice, or not at all, whenever the process ends. A row that a
 * final bucket does not have any more is restated to nothing; of a bucket that is left out nothing is concluded.
 *
 * The state says which grouping its rows have. When the configuration asks for another one, rows of the new kind begin
 * where the old ones end. */
#ifndef FORWARDER_FEED_REPORT_H
#define FORWARDER_FEED_REPORT_H

#include "common/api/bucket.h"
#include "forwarder/feed/batch.h"
#include "forwarder/feed/turn.h"

#define REPORT_ARGUMENTS 16
#define REPORT_SHAPE_BYTES 17
#define REPORT_ROWS "rows/"

struct report;

/* One row of a bucket as it becomes an event. Rows are those of kind->read. */
struct report_change {
	const void *row;    /* NULL: the report has it no more */
	const void *before; /* what it was, when it was told already; else NULL */
	struct view raw, raw_before;
	int64_t from_s, to_s; /* of the bucket */
	uint64_t revision;    /* 1, 2, ... */
};

struct report_kind {
	const char *type, *restated; /* of events */
	enum api_operation operation;
	size_t row_bytes;
	/* Adds what the report is grouped by. */
	void (*ask)(const struct report *report, struct api_argument *arguments, size_t *count);
	/* One row's bytes. 0 or -1 with err. */
	int (*read)(struct api_reader *reader, struct view raw, void *ret, struct err *err);
	/* Appends what a row is told apart by within its bucket. 0 or -1. */
	int (*add_group)(struct buf *group, const void *row);
	bool (*is_same)(const void *row, const void *before); /* in all numbers */
	/* Appends the event's sentence, writes its members. */
	int (*add_message)(const struct report *report, struct buf *message, const struct report_change *change);
	void (*write)(const struct report *report, struct jsonw *w, const struct report_change *change);
	/* Every row of every bucket that is read, final or not, at each poll; may be NULL. 0 or -1 with err. */
	int (*see)(struct report *report, const void *row, int64_t from_s, struct err *err);
};

struct report_row {
	unsigned char group[16]; /* first bytes of a SHA-256 */
	size_t at, len;          /* in bucket.text */
};

struct report {
	const struct report_kind *kind;
	struct feed_env env;
	struct turn turn;
	struct batch batch;
	void *owner; /* the feed's own */

	/* What the spool keeps of it. */
	bool is_known;
	int64_t from_s; /* where the feed began, or, later, from when on rows are kept */
	int64_t settled_s;
	int64_t stored_s; /* the settled_s that the spool has */
	char shape[REPORT_SHAPE_BYTES];
	bool is_reshaped; /* rows of another shape are kept still */

	/* The bucket that is being read. */
	struct {
		int64_t from_s;
		struct buf text;
		struct report_row *rows;
		size_t count, cap;
	} bucket;
	struct bucket_walk walk;
	int64_t asked_s;                         /* where it begins */
	struct api_reader reader, reader_before; /* of rows that are stored */
	void *row, *row_before;
	struct buf state, scratch, key, id, message;
	int64_t freshest_s;
};

/* env is copied. 0, or -1 with err: what the spool keeps cannot be read. */
[[nodiscard]] int report_init(struct report *report, const struct report_kind *kind, const struct feed_env *env,
			      void *owner, struct err *err);
void report_done(struct report *report);

/* Reads what is due and stores it. 0, BATCH_FULL, -1 with err. */
[[nodiscard]] int report_read(struct report *report, struct err *err);

/* One request, for `check`: the newest bucket. 0 or -1 with err. */
[[nodiscard]] int report_probe(struct report *report, struct err *err);

int64_t report_width_s(const struct report *report);

/* --- report_state.c --- */
[[nodiscard]] int report_load(struct report *report, struct err *err);
/* The state, good until the next call. VIEW_NONE without memory. */
struct view report_state(struct report *report);

/* --- report_bucket.c --- */
/* A row of the open bucket is added; all of it is told. 0, BATCH_FULL, -1 with err. */
[[nodiscard]] int report_add_row(struct report *report, struct view raw, struct err *err);
[[nodiscard]] int report_tell_bucket(struct report *report, bool is_final, struct err *err);
/* For kind->add_group: appends what a row is told apart by, each with its length, so that no two groups look alike; one
 * that is null is none that is empty. 0, or -1 as buf_add. */
[[nodiscard]] int report_add_group(struct buf *group, const struct view *parts, size_t count);
/* Appends the key of a bucket's rows, or (row not NULL) of one of them: rows/SHAPE/TIME/GROUP. 0 or -1. */
[[nodiscard]] int report_add_key(struct buf *key, const struct report *report, int64_t from_s,
				 const struct report_row *row);

#endif
