/* SPDX-License-Identifier: Apache-2.0 */
#include "common/base/bounds.h"
#include "forwarder/feed/activities.h"

#define NS_PER_S 1'000'000'000

/* Up to where all is settled once a fill has got to at_s. */
static int64_t settled_at(const struct activities *a, const struct activities_fill *fill, int64_t at_s)
{
	return fill->settles && at_s > a->state.settled_s ? at_s : a->state.settled_s;
}

/* A walk that has to be opened anew goes on from at_s. 1 or -1. */
static int reopen(struct activities *a, struct activities_fill *fill, struct err *err)
{
	fill->is_open = false;
	activities_close_walk(a);
	if (err->kind != ERR_LIMIT && ++fill->stuck > ACTIVITIES_STUCK_MOST)
		return err_set(err, ERR_LATER, 0, "the API forgets its cursors before more than a page is read");
	return 1;
}

/* --- as the API gives it --- */

/* The page is stored, and with it that all before its newest row is read. A second less: the rows of two pages need not
 * be in order to the last. */
static int store_ordered(struct activities *a, struct activities_fill *fill, bool is_last, struct err *err)
{
	int64_t at_s = fill->at_s;
	int status;

	if (activities_gather(a, err))
		return -1;
	if (is_last)
		at_s = fill->to_s;
	else if (a->page_newest_ns != INT64_MIN && a->page_newest_ns / NS_PER_S - 1 > at_s)
		at_s = a->page_newest_ns / NS_PER_S - 1;
	status = activities_store(a, settled_at(a, fill, at_s), err);
	if (status)
		return status;
	fill->stuck = at_s > fill->at_s ? 0 : fill->stuck;
	fill->at_s = at_s;
	return is_last ? 0 : 1;
}

static int fill_ordered(struct activities *a, struct activities_fill *fill, struct err *err)
{
	int status;

	if (!fill->is_open || !a->is_walking) {
		const struct activities_span span = { fill->at_s, fill->to_s };

		if (activities_ask(a, &span, true, 0, err))
			return -1;
		fill->is_open = true;
	}
	status = activities_next(a, err);
	if (status == ACTIVITIES_AGAIN)
		return reopen(a, fill, err);
	if (status == 1)
		status = store_ordered(a, fill, a->walk.is_last, err);
	if (status != 1) {
		fill->is_open = false;
		activities_close_walk(a);
	}
	return status;
}

/* --- by windows, where the newest comes first --- */

/* A second that has more than a page: it is stored newest first, and settled at its end. */
static int store_crowd(struct activities *a, int64_t settled_s, struct err *err)
{
	int status;

	do {
		bool is_last = a->walk.is_last;

		status = activities_gather(a, err) ? -1
						   : activities_store(a, is_last ? settled_s : a->state.settled_s, err);
		if (!status)
			status = is_last ? 0 : activities_next(a, err);
	} while (status == 1);
	return status;
}

static int store_window(struct activities *a, struct activities_fill *fill, int64_t end_s, struct err *err)
{
	int64_t settled_s = settled_at(a, fill, end_s);
	size_t rows = a->walk.rows.count;
	int status;

	if (a->walk.is_last)
		status = activities_gather(a, err) ? -1 : activities_store(a, settled_s, err);
	else
		status = store_crowd(a, settled_s, err);
	if (status)
		return status == ACTIVITIES_AGAIN ? reopen(a, fill, err) : status;
	fill->at_s = end_s;
	fill->stuck = 0;
	/* One that fills less than a quarter of a page lets the next one be wider. */
	if (rows < a->walk.page_size / 4 && fill->width_s <= INT64_MAX / 4)
		fill->width_s *= 2;
	return end_s < fill->to_s ? 1 : 0;
}

static int fill_window(struct activities *a, struct activities_fill *fill, struct err *err)
{
	int64_t left_s = fill->to_s - fill->at_s, width_s = left_s < fill->width_s ? left_s : fill->width_s;
	const struct activities_span span = { fill->at_s, fill->at_s + width_s };
	int status;

	if (activities_ask(a, &span, false, 0, err))
		return -1;
	status = activities_next(a, err);
	if (status == ACTIVITIES_AGAIN)
		status = reopen(a, fill, err);
	else if (status == 1 && !a->walk.is_last && width_s > 1)
		fill->width_s = width_s / 2;
	else if (status == 1)
		status = store_window(a, fill, span.to_s, err);
	activities_close_walk(a);
	return status;
}

int activities_fill(struct activities *a, struct activities_fill *fill, struct err *err)
{
	if (fill->at_s >= fill->to_s)
		return 0;
	if (!fill->width_s)
		fill->width_s = fill->to_s - fill->at_s;
	if (a->dialect == API_PLATFORM && !a->has_no_order)
		return fill_ordered(a, fill, err);
	return fill_window(a, fill, err);
}
