/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/feed/activities.h"

#include <stdlib.h>

#include "common/base/bounds.h"
#include "common/base/clock.h"

#define NS_PER_S 1'000'000'000
#define NS_PER_MS UINT64_C(1'000'000)
#define RETRY_MOST_MS 300'000u
#define TEXTS_BYTES (2 * (size_t)ROWS_REPLY_BYTES)

/* --- life --- */

static void activities_close(void *feed)
{
	struct activities *a = feed;

	activities_close_walk(a);
	activities_state_done(&a->state);
	free(a->records);
	free(a->is_new);
	buf_done(&a->texts);
	buf_done(&a->escaped);
	buf_done(&a->state_text);
	buf_done(&a->from);
	buf_done(&a->to);
	event_done(&a->event);
	free(a);
}

static void *activities_open(const struct feed_env *env, struct err *err)
{
	struct activities *a = calloc(1, sizeof(*a));

	if (!a) {
		err_nomem(err);
		return NULL;
	}
	a->env = *env;
	a->dialect = api_profile(env->api)->dialect;
	a->texts = (struct buf)BUF_INIT(TEXTS_BYTES);
	a->escaped = (struct buf)BUF_INIT(JSON_RECORD_BYTES);
	a->state_text = (struct buf)BUF_INIT(PAGE_STATE_BYTES);
	a->from = a->to = (struct buf)BUF_INIT(ACTIVITIES_TIME_BYTES);
	if (env->settings->include_content && a->dialect == API_PLATFORM)
		err_set(err, ERR_CONFIG, 0,
			"include_content: the dialect '%s' has no content; 'include_content: false' was expected",
			api_dialect_names[a->dialect]);
	else if (activities_load(a, err) == 0)
		return a;
	activities_close(a);
	return NULL;
}

/* --- a poll --- */

/* The time of the answer that was gathered: N, or, where no row of it has a time that can be read, upstream's clock. */
static int64_t answered_s(const struct activities *a)
{
	if (a->page_newest_ns == INT64_MIN && a->walk.rows.count)
		return activities_now_s(a);
	return activities_newest(a) / NS_PER_S;
}

/* Up to where all is settled by it. */
static int64_t settles_s(const struct activities *a)
{
	int64_t settled_s = answered_s(a) - activities_overlap_s(a);

	return settled_s > a->state.from_s ? settled_s : a->state.from_s;
}

static void tell_polled(struct activities *a)
{
	a->env.out->polled(a->env.out->context, a->env.settings->name, a->state.newest_ns);
}

/* All before the end was read just now, so there is no need to reconcile it. */
static void note_reached(struct activities *a)
{
	a->state.is_behind = false;
	if (!a->state.reconciled_s)
		a->state.reconciled_s = a->asked_s;
}

/* All pages of a fill. 0, ACTIVITIES_FULL, -1; 1 when it was stopped. */
static int fill_all(struct activities *a, struct activities_fill *fill, struct err *err)
{
	int status;

	do {
		if (activities_is_stopped(a))
			return 1;
		status = activities_fill(a, fill, err);
		if (status == 0 || status == 1)
			tell_polled(a); /* a long backfill is no feed that does not answer */
	} while (status == 1);
	return status;
}

/* What does not fit into one page. 0 the end was reached, ACTIVITIES_AGAIN, ACTIVITIES_FULL, -1; 1 stopped. */
static int read_much(struct activities *a, struct err *err)
{
	int64_t settled_s = settles_s(a), newest_s = answered_s(a);
	struct activities_fill old = { .at_s = a->state.settled_s, .to_s = settled_s, .settles = true };
	/* What goes on meanwhile is much as well: then it is read in the same way, before what is younger. */
	bool is_far = settled_s - a->state.settled_s > activities_overlap_s(a);
	int status = fill_all(a, &old, err);

	if (!status && !is_far) {
		struct activities_fill young = { .at_s = a->state.settled_s, .to_s = newest_s + 1 };

		status = fill_all(a, &young, err);
	}
	if (status)
		return status;
	note_reached(a);
	return is_far ? ACTIVITIES_AGAIN : activities_store_state(a, err);
}

/* From what is settled to the end. As read_much. */
static int read_end(struct activities *a, struct err *err)
{
	const struct activities_span span = { .from_s = a->state.settled_s };
	int status = activities_ask(a, &span, false, a->state.is_behind ? 1 : 0, err);
	bool was_behind = a->state.is_behind;

	if (!status)
		status = activities_next(a, err);
	if (status != 1)
		return status;
	a->asked_s = activities_now_s(a);
	if (activities_gather(a, err))
		return -1;
	if (!a->walk.is_last)
		return read_much(a, err);
	note_reached(a);
	status = activities_store(a, settles_s(a), err);
	a->state.is_behind = status && was_behind;
	return status;
}

/* start: now, by upstream's clock. */
static int start_now(struct activities *a, struct err *err)
{
	const struct activities_span span = { .from_s = a->dialect == API_CCA ? activities_now_s(a) : 0 };
	int status = activities_ask(a, &span, false, 1, err);

	if (!status)
		status = activities_next(a, err);
	if (status != 1)
		return status;
	a->asked_s = activities_now_s(a);
	a->state.from_s = a->state.settled_s = a->asked_s;
	note_reached(a);
	status = activities_store_state(a, err);
	a->state.is_known = !status;
	return status;
}

/* 0, ACTIVITIES_FULL, -1; 1 stopped. */
static int poll_end(struct activities *a, struct err *err)
{
	int status;

	do {
		a->mode = a->has_polled ? ACTIVITIES_LIVE : ACTIVITIES_BACKFILL;
		status = a->state.is_known ? read_end(a, err) : start_now(a, err);
		activities_close_walk(a);
	} while (status == ACTIVITIES_AGAIN && !activities_is_stopped(a));
	if (status)
		return status == ACTIVITIES_AGAIN ? 1 : status;
	a->has_polled = true;
	a->seen_s = a->asked_s;
	activities_note_answer(a);
	tell_polled(a);
	return 0;
}

/* Until it is done or the next poll is due. As poll_end. */
static int go_on_reconciling(struct activities *a, struct err *err)
{
	int status = 0;

	if (!a->is_reconciling && activities_reconcile_is_due(a))
		activities_reconcile_start(a);
	while (a->is_reconciling && !status && (a->env.is_once || clock_boot_ns() < a->next_ns)) {
		if (activities_is_stopped(a))
			return 1;
		status = activities_reconcile(a, err);
		status = status == 1 ? 0 : status;
	}
	activities_close_walk(a);
	return status;
}

static int poll_step(struct activities *a, struct err *err)
{
	int status = 0;

	if (a->env.is_once || !a->is_reconciling || clock_boot_ns() >= a->next_ns) {
		status = poll_end(a, err);
		a->next_ns = clock_boot_ns() + a->env.settings->poll_ms * NS_PER_MS;
	}
	return status ? status : go_on_reconciling(a, err);
}

/* Twice as long after each failure. */
static uint64_t backoff_ms(const struct activities *a)
{
	uint64_t ms = a->env.settings->poll_ms;

	for (unsigned i = 1; i < a->failures && ms < RETRY_MOST_MS; i++)
		ms = 2 * ms < RETRY_MOST_MS ? 2 * ms : RETRY_MOST_MS;
	return ms;
}

static int activities_poll(void *feed, uint64_t *ret_wait_ms, struct err *err)
{
	struct activities *a = feed;
	uint64_t now_ns;
	int status;

	activities_tell_content(a);
	activities_watch_settings(a);
	status = poll_step(a, err);
	now_ns = clock_boot_ns();
	if (status < 0 && !activities_is_stopped(a)) {
		a->failures++;
		*ret_wait_ms = backoff_ms(a);
		activities_note_refusal(a, err);
		return -1;
	}
	a->failures = 0;
	activities_tell_switch(a);
	*ret_wait_ms = a->next_ns > now_ns ? (a->next_ns - now_ns) / NS_PER_MS + 1 : 1;
	if (status != ACTIVITIES_FULL)
		return 0;
	*ret_wait_ms = ACTIVITIES_FULL_MS;
	if (a->env.is_once)
		return err_set(err, ERR_LIMIT, 0, "the spool is full: not all that upstream has was read");
	return 0;
}

static int64_t activities_settled_ns(void *feed)
{
	const struct activities *a = feed;

	return a->state.is_known ? a->state.settled_s * NS_PER_S : INT64_MIN;
}

const struct feed_ops feed_activities = { .type = "activities",
					  .open = activities_open,
					  .poll = activities_poll,
					  .check = activities_check,
					  .walk = activities_walk,
					  .switches = activities_switches,
					  .settled_ns = activities_settled_ns,
					  .close = activities_close };
