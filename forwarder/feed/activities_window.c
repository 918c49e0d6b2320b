/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "common/base/bounds.h"
#include "common/base/clock.h"
#include "common/base/text.h"
#include "forwarder/feed/activities.h"

#define NS_PER_S 1'000'000'000
#define NS_PER_US 1000
#define TIME_BYTES 64
#define DAY_NS (86'400 * (int64_t)NS_PER_S)
#define WIDEST_NS (20'000 * DAY_NS)
#define NARROWEST_NS ((int64_t)NS_PER_US)
#define ROWS_FEW 4 /* a window that fills less than a quarter of a page lets the next one be wider */

/* --- the request --- */

static void add(struct activities *a, const char *name, struct view value)
{
	if (a->argument_count < ARGUMENTS_MAX)
		a->arguments[a->argument_count++] = (struct api_argument){ .name = name, .value = value };
}

static bool is_exact(const char *glob)
{
	for (; *glob; glob++)
		if (*glob == '*' || *glob == '?' || *glob == '[' || *glob == '\\')
			return false;
	return true;
}

static size_t count_of(char *const *list)
{
	size_t n = 0;

	while (list && list[n])
		n++;
	return n;
}

/* What upstream can leave out itself. It is filtered here as well, so this only saves work. */
static void add_filters(struct activities *a)
{
	const struct event_filter *f = &a->env->settings->filter;
	size_t types = count_of(f->types), actors = count_of(f->actors);
	size_t most = a->dialect == API_CCA ? 1 : ARGUMENTS_MAX / 4;
	bool all_types = types > 0 && types <= most, all_actors = actors > 0 && actors <= most;

	for (size_t i = 0; i < types; i++)
		all_types = all_types && is_exact(f->types[i]);
	for (size_t i = 0; i < actors; i++)
		all_actors = all_actors && strncmp(f->actors[i], "user_", 5) == 0;
	for (size_t i = 0; all_types && i < types; i++)
		add(a, "activity_types", view_of(f->types[i]));
	for (size_t i = 0; all_actors && i < actors; i++)
		add(a, "actor_ids", view_of(f->actors[i]));
	if (a->env->settings->include_content)
		add(a, "include_content", VIEW("true"));
}

/* In UTC, with microseconds, cut off. */
static int write_time(struct buf *buf, int64_t ns)
{
	int64_t s = ns / NS_PER_S, us = ns % NS_PER_S / NS_PER_US;

	if (us < 0) {
		us += NS_PER_S / NS_PER_US;
		s--;
	}
	buf_clear(buf);
	if (clock_add_rfc3339(buf, s))
		return -1;
	if (!us)
		return 0;
	buf_cut(buf, buf->len - 1);
	return buf_addf(buf, ".%06lldZ", (long long)us);
}

/* to_ns INT64_MAX: no end. */
static int write_request(struct activities *a, int64_t from_ns, int64_t to_ns, bool is_ordered, struct err *err)
{
	a->argument_count = 0;
	if (write_time(&a->from, from_ns) || (to_ns != INT64_MAX && write_time(&a->to, to_ns)))
		return err_nomem(err);
	add(a, "created_at.gte", buf_view(&a->from));
	if (to_ns != INT64_MAX)
		add(a, "created_at.lt", buf_view(&a->to));
	if (is_ordered)
		add(a, "order", VIEW("asc"));
	add_filters(a);
	return 0;
}

/* --- oldest first, as the API gives it --- */

static bool refuses_order(const struct page_walk *walk, const struct err *err)
{
	return !walk->pages && err->kind == ERR_REFUSED && walk->refusal.status == 400 &&
	       text_find(view_of(err->text), VIEW("order")) != SIZE_MAX;
}

/* 2: the API has forgotten the cursor after some pages; it goes on by time from the last row on. */
static int read_ordered(struct activities *a, int64_t from_ns, int64_t to_ns, activities_taker *take, void *context,
			struct api_refusal *refusal, struct err *err)
{
	struct page_walk walk;
	int status;

	if (write_request(a, from_ns, to_ns, true, err))
		return -1;
	page_start(&walk, a->env->api, API_ACTIVITY_LIST, a->arguments, a->argument_count, 0);
	while ((status = page_next(&walk, err)) == 1) {
		status = take(a, &walk, false, context, err);
		if (status)
			break;
	}
	if (status < 0) {
		*refusal = walk.refusal;
		a->has_no_order = a->has_no_order || refuses_order(&walk, err);
		if (walk.pages && err->kind == ERR_REFUSED && walk.refusal.status == 400)
			status = 2;
	}
	page_done(&walk);
	return status;
}

/* --- by windows, where it has only the newest first --- */

struct window {
	int64_t from_ns, width_ns, to_ns;
	size_t pages; /* read of this window without a place for them: it is as narrow as it gets */
};

/* A time behind all that can be there: the clocks need not agree. */
static int64_t far_ns(const struct activities *a)
{
	int64_t now_ns = clock_unix_s() * NS_PER_S;

	return (a->newest_ns > now_ns ? a->newest_ns : now_ns) + DAY_NS;
}

/* So many rows of one microsecond that they fill more than a page cannot be halved: they go newest first. */
static int read_crowd(struct activities *a, struct page_walk *walk, activities_taker *take, void *context,
		      struct err *err)
{
	int status;

	do {
		status = take(a, walk, true, context, err);
		if (!status)
			status = page_next(walk, err);
	} while (status == 1);
	return status;
}

/* The first page of a window. 0 it was whole and was taken; 2 it was not; 1 or -1 as take. */
static int try_window(struct activities *a, const struct window *w, int64_t end_ns, activities_taker *take,
		      void *context, size_t *ret_rows, struct api_refusal *refusal, struct err *err)
{
	struct page_walk walk;
	int status;

	if (write_request(a, w->from_ns, end_ns, false, err))
		return -1;
	page_start(&walk, a->env->api, API_ACTIVITY_LIST, a->arguments, a->argument_count, 0);
	status = page_next(&walk, err);
	*ret_rows = status > 0 ? walk.rows.count : 0;
	if (status > 0) {
		bool is_whole = walk.rows.more != ROWS_MORE_YES && !walk.rows.next_page.len;

		if (is_whole)
			status = take(a, &walk, true, context, err);
		else if (end_ns - w->from_ns <= NARROWEST_NS)
			status = read_crowd(a, &walk, take, context, err);
		else
			status = 2;
	}
	if (status < 0)
		*refusal = walk.refusal;
	page_done(&walk);
	return status;
}

static int read_windows(struct activities *a, int64_t from_ns, int64_t to_ns, activities_taker *take, void *context,
			struct api_refusal *refusal, struct err *err)
{
	int64_t last_ns = to_ns == INT64_MAX ? far_ns(a) : to_ns;
	struct window w = { .from_ns = from_ns, .width_ns = WIDEST_NS };
	size_t few = a->dialect == API_CCA ? 1000 / ROWS_FEW : 5000 / ROWS_FEW;

	while (w.from_ns < last_ns && !atomic_load(a->env->stop)) {
		int64_t end_ns = last_ns - w.from_ns > w.width_ns ? w.from_ns + w.width_ns : last_ns;
		size_t rows;
		int status = try_window(a, &w, end_ns, take, context, &rows, refusal, err);

		if (status < 0 || status == 1)
			return status;
		if (status == 2) {
			/* Whole microseconds, which is what goes over the wire. */
			w.width_ns = (end_ns - w.from_ns) / 2 / NS_PER_US * NS_PER_US;
			w.width_ns = w.width_ns < NARROWEST_NS ? NARROWEST_NS : w.width_ns;
			continue;
		}
		w.from_ns = end_ns;
		if (rows < few && w.width_ns < WIDEST_NS / 2)
			w.width_ns *= 2;
	}
	return 0;
}

int activities_newest(struct activities *a, int64_t *ret_ns, struct api_refusal *refusal, struct err *err)
{
	struct page_walk walk;
	int status;

	a->argument_count = 0;
	if (a->dialect == API_CCA) {
		if (write_time(&a->from, 0) || write_time(&a->to, far_ns(a)))
			return err_nomem(err);
		add(a, "created_at.gte", buf_view(&a->from));
		add(a, "created_at.lt", buf_view(&a->to));
	}
	page_start(&walk, a->env->api, API_ACTIVITY_LIST, a->arguments, a->argument_count, 1);
	status = page_next(&walk, err);
	if (status > 0 && walk.rows.count) {
		struct page_record record;
		bool ignored;

		status = activities_reserve(a, &walk)
				 ? err_nomem(err)
				 : activities_record(a, rows_row(&walk.rows, 0), &record, &ignored, err);
		*ret_ns = record.time_ns;
		status = status ? -1 : 1;
	} else if (status > 0) {
		status = 0;
	}
	*refusal = walk.refusal;
	page_done(&walk);
	return status;
}

int activities_read(struct activities *a, int64_t from_ns, int64_t to_ns, activities_taker *take, void *context,
		    struct api_refusal *refusal, struct err *err)
{
	int status;

	*refusal = (struct api_refusal){ .status = 0 };
	from_ns -= from_ns % NS_PER_US;
	while (a->dialect == API_PLATFORM && !a->has_no_order) {
		status = read_ordered(a, from_ns, to_ns, take, context, refusal, err);
		if (status == 2 && a->last_ns > from_ns) {
			from_ns = a->last_ns - a->last_ns % NS_PER_US;
			continue;
		}
		if (status >= 0 || !a->has_no_order)
			return status == 2 ? -1 : status;
	}
	return read_windows(a, from_ns, to_ns, take, context, refusal, err);
}
