/* SPDX-License-Identifier: Apache-2.0 */
/* A list, page after page, whatever the style of its cursors. One page is in memory at a time, its bytes untouched.
 *
 *	struct page_walk walk;
 *	page_start(&walk, api, API_USER_LIST, arguments, count, 0);
 *	while ((status = page_row(&walk, &row, &err)) == 1)
 *		...
 *	page_done(&walk);
 */
#ifndef COMMON_API_PAGE_H
#define COMMON_API_PAGE_H

#include "common/api/client.h"
#include "common/api/rows.h"

/* The members of a struct rows_form that a list has. */
#define PAGE_ENVELOPE                                                                                                  \
	.rows = "data", .has_more = "has_more", .first_id = "first_id", .last_id = "last_id", .next_page = "next_page"

struct page_walk {
	struct api *api;
	enum api_operation operation;
	const struct api_route *route;
	const struct api_argument *arguments; /* borrowed until page_done; may hold limit, after_id, before_id, page */
	size_t count;
	uint64_t page_size;
	/* page_start sets one without wanted members; who wants some of the rows' sets another before the first page:
	 * static, with PAGE_ENVELOPE in it. */
	const struct rows_form *form;
	struct api_reply reply;
	struct api_refusal refusal; /* when a page was refused (ERR_REFUSED): an expired cursor is a 400 */
	struct rows rows;
	size_t row;         /* the next one that page_row gives */
	struct buf cursor;  /* of the next page; after the last one the newest that there was, to go on from later */
	struct buf mark;    /* a cursor from before, to see that they go in a circle */
	uint64_t pages;     /* read so far */
	unsigned empty_run; /* pages without rows, up to the last one read */
	bool started, is_last;
	bool is_gapless; /* set by who walks: each page but the last has rows; one without is ERR_FORMAT */
	bool backward;   /* arguments hold before_id: the walk goes toward now (before_id = first_id) */
};

/* page_size 0 = the route's largest; a limit among the arguments wins. Nothing is sent yet. */
void page_start(struct page_walk *walk, struct api *api, enum api_operation operation,
		const struct api_argument *arguments, size_t count, uint64_t page_size);

/* The next page's rows in walk->rows. 1, 0 at the end, -1 with err. An empty page keeps the old cursor; a page that
 * repeats its own cursor with has_more, or one from before, is ERR_FORMAT (it would never end). */
[[nodiscard]] int page_next(struct page_walk *walk, struct err *err);

/* The next row, fetching pages as needed: the record's exact bytes, valid until the next call. 1, 0 or -1. */
[[nodiscard]] int page_row(struct page_walk *walk, struct view *ret, struct err *err);

void page_done(struct page_walk *walk);

#endif
