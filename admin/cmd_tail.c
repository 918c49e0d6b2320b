/* SPDX-License-Identifier: Apache-2.0 */
/* skantctl activities tail: follows the feed.
 *
 * Where the dialect has cursors toward now (before_id) each poll asks for what is newer than the last one. A row that
 * was recorded late stands behind the cursor: so the last minutes are read again now and then, and what was not seen is
 * printed. Without such cursors every poll reads the last minutes. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "admin/activity.h"
#include "admin/cmd.h"
#include "admin/dedupe.h"
#include "common/api/page.h"
#include "common/base/bounds.h"
#include "common/base/clock.h"
#include "common/base/grow.h"
#include "common/base/text.h"
#include "common/sys/log.h"

#define OVERLAP_S 300
#define OVERLAP_EVERY 2 /* intervals */
#define NS_PER_MS 1'000'000u
#define MS_PER_S 1000u

struct span {
	size_t from, len;
};

struct tail {
	struct session *s;
	struct activity_query *q;
	struct dedupe seen;
	struct output out;
	struct buf cursor; /* before_id of the next poll; empty = none yet */
	struct buf page;   /* new rows of one page, and where each stands: printed the oldest first */
	struct span *spans;
	size_t count, cap;
	int64_t start_s;          /* nothing older is printed */
	int64_t good_s;           /* when the last poll that ended well began */
	uint64_t next_overlap_ns; /* when the last minutes are due */
	bool has_cursors;
};

static struct session *interrupted; /* whose calls a signal ends */
static int wake_fds[2] = { -1, -1 };

static void on_signal(int)
{
	int saved = errno;

	atomic_store(&interrupted->stop, true);
	if (write(wake_fds[1], "", 1) < 0)
		errno = saved; /* the pipe is full: it wakes all the same */
	errno = saved;
}

static int catch_signals(struct session *s, struct err *err)
{
	struct sigaction action = { .sa_handler = on_signal };

	if (pipe2(wake_fds, O_CLOEXEC | O_NONBLOCK))
		return err_set(err, ERR_IO, errno, "cannot make a pipe");
	interrupted = s;
	(void)sigemptyset(&action.sa_mask);
	if (sigaction(SIGINT, &action, NULL) || sigaction(SIGTERM, &action, NULL))
		return err_set(err, ERR_IO, errno, "cannot handle signals");
	return 0;
}

static uint64_t interval_ns(const struct tail *t)
{
	return t->s->o->interval_s * MS_PER_S * NS_PER_MS;
}

static bool is_stopped(const struct tail *t)
{
	return atomic_load(&t->s->stop);
}

static int hold(struct tail *t, struct view row, struct err *err)
{
	struct span *grown = grow_items(t->spans, t->count, &t->cap, sizeof(*t->spans));

	if (!grown)
		return err_nomem(err);
	t->spans = grown;
	t->spans[t->count] = (struct span){ .from = t->page.len, .len = row.len };
	if (buf_add(&t->page, row))
		return err_nomem(err);
	t->count++;
	return 0;
}

static int release(struct tail *t, struct err *err)
{
	while (t->count) {
		const struct span *span = &t->spans[--t->count];

		if (output_row(&t->out, view_sub(buf_view(&t->page), span->from, span->len), err))
			return -1;
	}
	buf_clear(&t->page);
	return 0;
}

static bool is_new(struct tail *t, struct view row)
{
	struct view id = activity_id(row);

	return activity_is_wanted(t->q, row) && (!id.len || dedupe_is_new(&t->seen, id));
}

/* Prints the new rows of a walk; the newest page comes first unless it goes toward now. */
static int print_walk(struct tail *t, struct page_walk *walk, bool in_order, struct err *err)
{
	uint64_t pages = 0;
	struct view row;
	int status;

	while ((status = page_row(walk, &row, err)) == 1) {
		if (pages != walk->pages && release(t, err))
			return -1;
		pages = walk->pages;
		if (is_new(t, row) && (in_order ? output_row(&t->out, row, err) : hold(t, row, err)))
			return -1;
	}
	return status < 0 || release(t, err) ? -1 : 0;
}

static int print_window(struct tail *t, int64_t from_s, const char *order, struct err *err)
{
	struct page_walk walk;
	int ret;

	if (activity_query_since(t->q, from_s, err))
		return -1;
	filters_add(&t->q->arguments, "order", order);
	page_start(&walk, t->s->api, API_ACTIVITY_LIST, t->q->arguments.items, t->q->arguments.count, 0);
	ret = print_walk(t, &walk, order != NULL, err);
	page_done(&walk);
	return ret;
}

/* The newest row's cursor. What that row is was printed, or is older than what is wanted. */
static int find_cursor(struct tail *t, struct err *err)
{
	struct page_walk walk;
	int status;

	t->q->arguments.count = t->q->filters;
	page_start(&walk, t->s->api, API_ACTIVITY_LIST, t->q->arguments.items, t->q->arguments.count, 1);
	status = page_next(&walk, err);
	if (status == 1 && walk.cursor.len) {
		buf_clear(&t->cursor);
		if (buf_add(&t->cursor, buf_view(&walk.cursor)))
			status = err_nomem(err);
	}
	page_done(&walk);
	return status < 0 ? -1 : 0;
}

/* *ret_lost: it failed because the API does not know the cursor any more. */
static int follow_cursor(struct tail *t, bool *ret_lost, struct err *err)
{
	struct page_walk walk;
	int ret;

	*ret_lost = false;
	t->q->arguments.count = t->q->filters;
	filters_add(&t->q->arguments, "before_id", t->cursor.ptr);
	page_start(&walk, t->s->api, API_ACTIVITY_LIST, t->q->arguments.items, t->q->arguments.count, 0);
	ret = print_walk(t, &walk, false, err);
	if (!ret && walk.cursor.len && !text_eq(buf_view(&walk.cursor), buf_view(&t->cursor))) {
		buf_clear(&t->cursor);
		if (buf_add(&t->cursor, buf_view(&walk.cursor)))
			ret = err_nomem(err);
	}
	*ret_lost = ret && err->kind == ERR_REFUSED && walk.refusal.status == 400;
	page_done(&walk);
	return ret;
}

/* The last minutes; those since the last good poll with them when its cursor is not known any more. */
static int print_overlap(struct tail *t, bool is_lost, struct err *err)
{
	const int64_t from_s = (is_lost && t->good_s ? t->good_s : clock_unix_s()) - OVERLAP_S;

	t->next_overlap_ns = clock_mono_ns() + OVERLAP_EVERY * interval_ns(t);
	return print_window(t, from_s > t->start_s ? from_s : t->start_s, NULL, err);
}

static int poll_once(struct tail *t, struct err *err)
{
	int64_t now_s = clock_unix_s();
	bool is_lost = false;

	if (t->cursor.len && follow_cursor(t, &is_lost, err)) {
		if (!is_lost)
			return -1;
		log_warn("the API no longer knows where the last poll ended: it is asked by time from there on");
		buf_clear(&t->cursor);
	}
	if (!t->cursor.len && t->has_cursors && find_cursor(t, err))
		return -1;
	if ((is_lost || !t->cursor.len || clock_mono_ns() >= t->next_overlap_ns) && print_overlap(t, is_lost, err))
		return -1;
	t->good_s = now_s;
	return output_settle(&t->out, err);
}

/* What --from asks for, the oldest first where the API takes the order. */
static int print_past(struct tail *t, struct err *err)
{
	struct err why = ERR_INIT;

	if (t->has_cursors && print_window(t, t->start_s, "asc", &why) == 0)
		return output_settle(&t->out, err);
	if (t->has_cursors && (why.kind != ERR_REFUSED || text_find(view_of(why.text), VIEW("order")) == SIZE_MAX)) {
		*err = why;
		return -1;
	}
	return print_window(t, t->start_s, NULL, err) || output_settle(&t->out, err) ? -1 : 0;
}

static void wait_until(const struct tail *t, uint64_t due_ns)
{
	struct pollfd wake = { .fd = wake_fds[0], .events = POLLIN };
	uint64_t now;

	while (!is_stopped(t) && (now = clock_mono_ns()) < due_ns)
		(void)poll(&wake, 1, (int)((due_ns - now) / NS_PER_MS + 1));
}

/* A network that is away for a while does not end a tail that had begun. */
static int run(struct tail *t, struct err *err)
{
	struct err why = ERR_INIT;

	if (t->s->o->from && print_past(t, err))
		return -1;
	if (poll_once(t, err))
		return -1;
	while (!is_stopped(t)) {
		wait_until(t, clock_mono_ns() + interval_ns(t));
		if (is_stopped(t) || poll_once(t, &why) == 0)
			continue;
		if (why.kind != ERR_LATER && !is_stopped(t)) {
			*err = why;
			return -1;
		}
		if (!is_stopped(t))
			log_warn("%s; the next try follows", why.text);
	}
	return 0;
}

static bool has_parameter(const struct api_route *route, const char *name)
{
	for (const struct api_parameter *p = route->parameters; p && p->name; p++)
		if (strcmp(p->name, name) == 0)
			return true;
	return false;
}

static int follow(struct tail *t, struct err *err)
{
	struct shape shape = { .columns = activity_columns, .count = ACTIVITY_COLUMNS, .is_verbatim = true };
	int ret;

	shape.route = t->q->route;
	if (dedupe_init(&t->seen, ACTIVITY_IDS, err) || catch_signals(t->s, err))
		return -1;
	session_output(t->s, &t->out, &shape);
	ret = run(t, err);
	if (ret && is_stopped(t))
		ret = 0; /* the error is that it was stopped */
	if (output_end(&t->out, err))
		ret = -1;
	output_done(&t->out);
	return ret;
}

int cmd_activities_tail(struct session *s, char **, size_t count, struct err *err)
{
	DEFER(activity_query_done) struct activity_query q = { .route = NULL };
	struct tail t = { .s = s,
			  .q = &q,
			  .cursor = BUF_INIT(JSON_RECORD_BYTES),
			  .page = BUF_INIT(OUTPUT_PENDING_BYTES),
			  .start_s = clock_unix_s() };
	int ret;

	if (session_args(NULL, 0, count, err) || activity_query_init(&q, s, err) ||
	    activity_from(s->o, &t.start_s, err))
		return -1;
	t.has_cursors = has_parameter(q.route, "before_id");
	ret = follow(&t, err);
	dedupe_done(&t.seen);
	buf_done(&t.cursor);
	buf_done(&t.page);
	free(t.spans);
	return ret;
}
