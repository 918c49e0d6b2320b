/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/feed/activities.h"

#include <stdlib.h>

#include "common/base/bounds.h"
#include "common/base/clock.h"

#define NS_PER_S 1'000'000'000
#define NS_PER_MS 1'000'000
#define TEXTS_BYTES (3 * (size_t)ROWS_REPLY_BYTES)
#define TIME_BYTES 64
#define RETRY_MOST_MS 300'000u
#define FULL_MS 5'000u

static void activities_close(void *feed)
{
	struct activities *a = feed;

	api_reader_done(&a->reader);
	free(a->own.ids);
	free(a->records);
	free(a->is_new);
	buf_done(&a->texts);
	event_done(&a->event);
	buf_done(&a->from);
	buf_done(&a->to);
	free(a);
}

static void *activities_open(const struct feed_env *env, struct err *err)
{
	struct activities *a = calloc(1, sizeof(*a));

	if (!a) {
		err_nomem(err);
		return NULL;
	}
	a->env = env;
	a->dialect = api_profile(env->api)->dialect;
	a->texts = (struct buf)BUF_INIT(TEXTS_BYTES);
	a->from = a->to = (struct buf)BUF_INIT(TIME_BYTES);
	if (api_reader_init(&a->reader, a->dialect, API_ACTIVITY_LIST, err) || activities_load(a, err)) {
		activities_close(a);
		return NULL;
	}
	return a;
}

/* --- polling --- */

static int take_page(struct activities *a, const struct page_walk *walk, bool is_reversed, void *, struct err *err)
{
	return activities_put(a, walk, is_reversed, err);
}

static int64_t overlap_ns(const struct activities *a)
{
	const struct settings_feed *s = a->env->settings;
	int64_t overlap_s = s->settle_ms ? (int64_t)(s->settle_ms / 1000) : a->overlap_s;

	return (overlap_s > OVERLAP_LEAST_S ? overlap_s : OVERLAP_LEAST_S) * (int64_t)NS_PER_S;
}

/* Starting now: behind the newest row that there is, so that no clock of ours takes part. Where there is none, the first
 * one will be new. */
static int start_now(struct activities *a, struct api_refusal *refusal, struct err *err)
{
	DEFER(buf_done) struct buf state = BUF_INIT(PAGE_STATE_BYTES);
	struct page_stored stored = { .added = 0 };
	int status = activities_newest(a, &a->newest_ns, refusal, err);
	struct page page;

	if (status < 0)
		return -1;
	a->newest_ns = status ? a->newest_ns + 1 : 0;
	a->start_ns = a->newest_ns;
	a->has_newest = a->is_caught_up = true;
	if (activities_add_state(a, &state))
		return err_nomem(err);
	page = (struct page){ .feed = a->env->settings->name, .state = buf_view(&state) };
	return a->env->out->put(a->env->out->context, &page, &stored, err);
}

static int read_new(struct activities *a, struct api_refusal *refusal, struct err *err)
{
	int64_t from_ns = 0;

	if (!a->has_newest && a->env->settings->start == SETTINGS_NOW)
		return start_now(a, refusal, err);
	a->poll_newest_ns = a->newest_ns;
	if (a->has_newest && a->newest_ns > overlap_ns(a))
		from_ns = a->newest_ns - overlap_ns(a);
	if (from_ns < a->start_ns)
		from_ns = a->start_ns;
	return activities_read(a, from_ns, INT64_MAX, take_page, NULL, refusal, err);
}

/* The last day once more. */
static int reconcile(struct activities *a, struct api_refusal *refusal, struct err *err)
{
	int64_t to_ns = a->newest_ns - overlap_ns(a), from_ns = a->newest_ns - RECONCILE_SPAN_S * (int64_t)NS_PER_S;
	DEFER(buf_done) struct buf text = BUF_INIT(ERR_TEXT_BYTES);
	int status = 0;

	if (from_ns < a->start_ns)
		from_ns = a->start_ns;
	a->is_reconciling = true;
	a->late = 0;
	a->poll_newest_ns = a->newest_ns;
	if (from_ns < to_ns)
		status = activities_read(a, from_ns, to_ns, take_page, NULL, refusal, err);
	a->is_reconciling = false;
	if (status)
		return status;
	if (buf_addf(&text, "%llu activities came later than %lld s after newer ones; they are stored now",
		     (unsigned long long)a->late, (long long)(overlap_ns(a) / NS_PER_S)))
		return err_nomem(err);
	a->env->out->alert(a->env->out->context, a->env->settings->name, FEED_LATE, a->late > 0,
			   a->late ? text.ptr : "nothing came late");
	a->reconcile_ns = clock_boot_ns() + a->env->settings->reconcile_ms * (uint64_t)NS_PER_MS;
	return 0;
}

static bool is_due(const struct activities *a)
{
	return a->env->settings->reconcile_ms && a->is_caught_up && a->has_newest && clock_boot_ns() >= a->reconcile_ns;
}

static void tell_content(struct activities *a)
{
	if (a->was_content_told)
		return;
	a->was_content_told = true;
	a->env->out->alert(
		a->env->out->context, a->env->settings->name, FEED_CONTENT_ON, a->env->settings->include_content,
		a->env->settings->include_content
			? "include_content is on: prompts and answers, with whatever secrets and personal data "
			  "are in them, are stored and sent to every sink"
			: "include_content is off");
}

static int poll_all(struct activities *a, struct api_refusal *refusal, struct err *err)
{
	int status = read_new(a, refusal, err);

	if (status == 0) {
		a->is_caught_up = true;
		if (is_due(a))
			status = reconcile(a, refusal, err);
	}
	return status;
}

static int activities_poll(void *feed, uint64_t *ret_wait_ms, struct err *err)
{
	struct activities *a = feed;
	const struct feed_out *out = a->env->out;
	uint64_t poll_ms = a->env->settings->poll_ms;
	struct api_refusal refusal = { .status = 0 };
	int status;

	tell_content(a);
	activities_watch_settings(a);
	status = poll_all(a, &refusal, err);
	*ret_wait_ms = poll_ms;
	if (status > 0) { /* full */
		*ret_wait_ms = FULL_MS;
		return 0;
	}
	if (status == 0) {
		a->failures = 0;
		activities_accepted(a);
		out->polled(out->context, a->env->settings->name, a->newest_ns);
		return 0;
	}
	a->failures++;
	if (err->kind == ERR_REFUSED)
		activities_refused(a, &refusal, err);
	for (unsigned i = 1; i < a->failures && *ret_wait_ms < RETRY_MOST_MS; i++)
		*ret_wait_ms *= 2;
	if (*ret_wait_ms > RETRY_MOST_MS && poll_ms < RETRY_MOST_MS)
		*ret_wait_ms = RETRY_MOST_MS;
	return -1;
}

/* --- verify --- */

struct telling {
	int (*tell)(void *context, const struct page_record *record, struct err *err);
	void *context;
};

static int tell_page(struct activities *a, const struct page_walk *walk, bool is_reversed, void *context,
		     struct err *err)
{
	const struct telling *t = context;
	size_t count = walk->rows.count;

	if (activities_reserve(a, walk))
		return err_nomem(err);
	for (size_t i = 0; i < count; i++) {
		struct page_record record;
		bool is_wanted;

		if (activities_record(a, rows_row(&walk->rows, is_reversed ? count - 1 - i : i), &record, &is_wanted,
				      err))
			return -1;
		if (is_wanted && t->tell(t->context, &record, err))
			return -1;
	}
	return 0;
}

static int activities_walk(void *feed, int64_t from_ns, int64_t to_ns,
			   int (*tell)(void *context, const struct page_record *record, struct err *err), void *context,
			   struct err *err)
{
	struct telling telling = { .tell = tell, .context = context };
	struct api_refusal refusal;

	return activities_read(feed, from_ns, to_ns, tell_page, &telling, &refusal, err) < 0 ? -1 : 0;
}

const struct feed_ops feed_activities = { .type = "activities",
					  .open = activities_open,
					  .poll = activities_poll,
					  .check = activities_check,
					  .walk = activities_walk,
					  .close = activities_close };
