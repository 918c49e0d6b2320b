/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/feed/report.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/bounds.h"
#include "common/base/clock.h"
#include "common/base/text.h"

#define MS_PER_S 1000
#define TIME_BYTES 32
#define KEEP_DAYS_S (2 * INT64_C(86'400)) /* rows are kept so much longer than they are looked at */

int64_t report_width_s(const struct report *r)
{
	static const int64_t widths_s[SETTINGS_BUCKETS] = { 60, 3600, 86'400 };

	return widths_s[r->env.settings->bucket];
}

/* --- life --- */

int report_init(struct report *r, const struct report_kind *kind, const struct feed_env *env, void *owner,
		struct err *err)
{
	enum api_dialect dialect = api_profile(env->api)->dialect;

	*r = (struct report){ .kind = kind,
			      .env = *env,
			      .owner = owner,
			      .bucket.text = BUF_INIT(FEED_BUCKET_BYTES),
			      .state = BUF_INIT(PAGE_STATE_BYTES),
			      .scratch = BUF_INIT(2 * (size_t)FEED_ROW_BYTES),
			      .key = BUF_INIT(PAGE_ITEM_KEY_BYTES),
			      .id = BUF_INIT(PAGE_ID_BYTES),
			      .message = BUF_INIT(4 * EVENT_MESSAGE_BYTES) };
	r->turn.env = &r->env;
	batch_init(&r->batch, &r->env);
	r->row = calloc(1, kind->row_bytes);
	r->row_before = calloc(1, kind->row_bytes);
	if (!r->row || !r->row_before)
		return err_nomem(err);
	if (api_reader_init(&r->reader, dialect, kind->operation, err) ||
	    api_reader_init(&r->reader_before, dialect, kind->operation, err))
		return -1;
	return report_load(r, err);
}

void report_done(struct report *r)
{
	batch_done(&r->batch);
	buf_done(&r->bucket.text);
	free(r->bucket.rows);
	api_reader_done(&r->reader);
	api_reader_done(&r->reader_before);
	free(r->row);
	free(r->row_before);
	buf_done(&r->state);
	buf_done(&r->scratch);
	buf_done(&r->key);
	buf_done(&r->id);
	buf_done(&r->message);
}

/* --- the request --- */

struct span {
	int64_t from_s, to_s;
	struct api_argument arguments[REPORT_ARGUMENTS];
	size_t count;
	struct buf from, to;
};

static void span_done(struct span *s)
{
	buf_done(&s->from);
	buf_done(&s->to);
}

static int span_make(const struct report *r, struct span *s, struct err *err)
{
	s->from = s->to = (struct buf)BUF_INIT(TIME_BYTES);
	if (clock_add_rfc3339(&s->from, s->from_s) || clock_add_rfc3339(&s->to, s->to_s))
		return err_nomem(err);
	s->arguments[s->count++] = (struct api_argument){ .name = "starting_at", .value = buf_view(&s->from) };
	s->arguments[s->count++] = (struct api_argument){ .name = "ending_at", .value = buf_view(&s->to) };
	s->arguments[s->count++] = (struct api_argument){ .name = "bucket_width",
							  .value = view_of(settings_buckets[r->env.settings->bucket]) };
	r->kind->ask(r, s->arguments, &s->count);
	return 0;
}

/* The next result, with upstream's clock. As bucket_next. */
static int next(struct report *r, struct view *ret, struct err *err)
{
	uint64_t pages = r->walk.pages.pages;
	int status = bucket_next(&r->walk, ret, err);

	if (r->walk.pages.pages != pages)
		turn_note(&r->turn, &r->walk.pages.reply);
	return status;
}

int report_probe(struct report *r, struct err *err)
{
	int64_t now_s = clock_floor(turn_now_s(&r->turn), report_width_s(r));
	DEFER(span_done) struct span span = { .from_s = now_s, .to_s = now_s + report_width_s(r) };
	struct view raw;
	int status;

	if (span_make(r, &span, err) ||
	    bucket_start(&r->walk, r->env.api, r->kind->operation, span.arguments, span.count, err))
		return -1;
	do
		status = next(r, &raw, err);
	while (status == 1 && !turn_is_stopped(&r->turn));
	bucket_done(&r->walk);
	return status < 0 ? -1 : 0;
}

/* --- a poll --- */

/* What time it is, as our clock may be set to anything; and where a feed that is new begins. */
static int begin(struct report *r, struct err *err)
{
	const struct settings_feed *s = r->env.settings;
	int64_t from_s = s->start_unix_s;

	if (!r->turn.date_s && report_probe(r, err))
		return -1;
	if (r->is_known)
		return 0;
	if (s->start == SETTINGS_NOW)
		from_s = turn_now_s(&r->turn);
	else if (s->start == SETTINGS_BACK)
		from_s = turn_now_s(&r->turn) - (int64_t)(s->lookback_ms / MS_PER_S);
	r->from_s = r->settled_s = clock_floor(from_s > 0 ? from_s : 0, report_width_s(r));
	r->is_known = true;
	return 0;
}

/* Up to where buckets are final now. */
static int64_t final_s(const struct report *r)
{
	int64_t settle_s = (int64_t)(r->env.settings->settle_ms / MS_PER_S);

	return clock_floor(turn_now_s(&r->turn) - settle_s, report_width_s(r));
}

/* Stores what was gathered, and up to where all is. What was not stored is read again. */
static int store(struct report *r, struct err *err)
{
	struct view state = report_state(r);
	int status = state.ptr ? batch_put(&r->batch, state, err) : err_nomem(err);

	if (status)
		r->settled_s = r->stored_s ? r->stored_s : r->from_s;
	else
		r->stored_s = r->settled_s;
	return status;
}

/* Buckets join (bucket.h), so that their number tells where the first one began. */
static int check_begin(const struct report *r, struct err *err)
{
	int64_t all_s = (int64_t)r->walk.buckets * report_width_s(r);

	if (!r->walk.buckets || r->walk.ending_at.unix_s - all_s <= r->asked_s)
		return 0;
	return err_set(err, ERR_FORMAT, 0, "%s: the report begins later than it was asked for",
		       api_operation_name(r->kind->operation));
}

/* The open bucket ends, and all those up to to_s that have no rows. */
static int close_buckets(struct report *r, int64_t to_s, struct err *err)
{
	int status = check_begin(r, err);

	while (!status && r->bucket.from_s < to_s) {
		int64_t end_s = r->bucket.from_s + report_width_s(r);
		bool is_final = end_s <= final_s(r);

		status = report_tell_bucket(r, is_final, err);
		if (status)
			return status;
		if (is_final && end_s > r->settled_s && r->bucket.from_s <= r->settled_s)
			r->settled_s = end_s;
		r->bucket.from_s = end_s;
		r->bucket.count = 0;
		buf_clear(&r->bucket.text);
		if (batch_is_full(&r->batch))
			status = store(r, err);
	}
	return status;
}

static int take(struct report *r, struct view raw, struct err *err)
{
	int64_t from_s = clock_floor(r->walk.starting_at.unix_s, report_width_s(r));
	int status = from_s > r->bucket.from_s ? close_buckets(r, from_s, err) : 0;

	if (status)
		return status;
	/* One that begins before what was asked for was asked for in part only. */
	if (from_s < r->bucket.from_s)
		return 0;
	if (from_s > r->freshest_s)
		r->freshest_s = from_s;
	return report_add_row(r, raw, err);
}

/* How far the buckets reach that came, empty ones included. */
static int64_t reached_s(const struct report *r)
{
	return r->walk.buckets && r->walk.ending_at.is_known ? r->walk.ending_at.unix_s : r->bucket.from_s;
}

static int walk(struct report *r, struct err *err)
{
	struct view raw;
	int status;

	while ((status = next(r, &raw, err)) == 1) {
		if (turn_is_stopped(&r->turn))
			return 0;
		status = take(r, raw, err);
		if (status)
			return status;
	}
	return status < 0 ? -1 : close_buckets(r, reached_s(r), err);
}

static int read_span(struct report *r, struct span *span, struct err *err)
{
	int status;

	if (span_make(r, span, err) ||
	    bucket_start(&r->walk, r->env.api, r->kind->operation, span->arguments, span->count, err))
		return -1;
	r->bucket.from_s = r->asked_s = span->from_s;
	r->bucket.count = 0;
	buf_clear(&r->bucket.text);
	status = walk(r, err);
	if (!status && !turn_is_stopped(&r->turn) && reached_s(r) < final_s(r) && reached_s(r) < span->to_s)
		status = err_set(err, ERR_FORMAT, 0, "%s: the report ends early, before time that is over",
				 api_operation_name(r->kind->operation));
	bucket_done(&r->walk);
	return status;
}

/* --- rows that nobody looks at any more --- */

static int drop_other(void *context, const struct page_item *item, struct err *err)
{
	struct report *r = context;
	struct view shape = view_sub(item->key, sizeof(REPORT_ROWS) - 1, sizeof(r->shape) - 1);

	return text_eq(shape, view_of(r->shape)) ? 0 : batch_drop(&r->batch, item, err);
}

static int forget(struct report *r, int64_t before_s, struct err *err)
{
	const struct feed_out *out = r->env.out;
	DEFER(buf_done) struct buf from = BUF_INIT(PAGE_ITEM_KEY_BYTES), to = BUF_INIT(PAGE_ITEM_KEY_BYTES);
	int status = 0;

	if (r->is_reshaped)
		status = out->items(out->context, r->env.settings->name, VIEW(REPORT_ROWS), VIEW("rows0"), drop_other,
				    r, err);
	if (!status)
		r->is_reshaped = false;
	if (report_add_key(&from, r, 0, NULL) || report_add_key(&to, r, before_s > 0 ? before_s : 0, NULL))
		return err_nomem(err);
	return status ? status
		      : out->items(out->context, r->env.settings->name, buf_view(&from), buf_view(&to), batch_drop,
				   &r->batch, err);
}

/* What was read is stored, and from when on rows are kept, before those from before then go: a lookback that is made
 * longer later must not take rows for new that were told and forgotten. */
static int finish(struct report *r, int64_t keep_s, struct err *err)
{
	int status;

	if (keep_s > r->from_s)
		r->from_s = keep_s;
	status = store(r, err);
	if (!status)
		status = forget(r, keep_s, err);
	return status ? status : batch_put(&r->batch, VIEW_NONE, err);
}

int report_read(struct report *r, struct err *err)
{
	int64_t width_s = report_width_s(r), back_s;
	struct span span = { .from_s = 0 };
	int status;

	batch_clear(&r->batch);
	if (begin(r, err))
		return -1;
	back_s = clock_floor(turn_now_s(&r->turn) - (int64_t)(r->env.settings->lookback_ms / MS_PER_S), width_s);
	span.from_s = back_s > r->from_s ? back_s : r->from_s;
	span.from_s = span.from_s < r->settled_s ? span.from_s : r->settled_s;
	span.to_s = clock_floor(turn_now_s(&r->turn), width_s) + width_s;
	if (span.to_s <= span.from_s)
		return 0; /* the clock was set back, behind where the feed begins */
	status = read_span(r, &span, err);
	span_done(&span);
	if (!status)
		return finish(r, clock_floor(span.from_s - KEEP_DAYS_S, width_s), err);
	if (status == BATCH_FULL) {
		r->settled_s = r->stored_s ? r->stored_s : r->from_s;
	} else {
		struct err ignored = ERR_INIT;

		/* What came before the report failed came whole, and is worth its place. */
		(void)!store(r, &ignored);
	}
	return status;
}
