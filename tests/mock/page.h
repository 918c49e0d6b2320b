/* SPDX-License-Identifier: Apache-2.0 */
/* A page of activities, and the cursors that lead from one to the next. */
#ifndef TESTS_MOCK_PAGE_H
#define TESTS_MOCK_PAGE_H

#include "common/sys/jsonw.h"
#include "tests/mock/feed.h"
#include "tests/mock/model.h"

/* Which rows, and which way. */
struct page_walk {
	struct position from, low, high; /* starts at from; rows between low and high only */
	bool is_newer;                   /* towards newer rows */
	int64_t now_us;
	bool (*shows)(const void *context, const struct row *row); /* NULL: all */
	const void *context;
};

/* Fills rows with at most limit of them in the order they were met; *ret_has_more: there are more that way. */
size_t page_collect(const struct feed *f, const struct page_walk *walk, struct row *rows, size_t limit,
		    bool *ret_has_more);
void page_reverse(struct row *rows, size_t count);

/* {"data":[...],"has_more":...,"first_id":...,"last_id":...}; out_of_order: neighbours change places, not cursors. */
void page_render(struct jsonw *w, const struct feed *f, const struct model *m, const struct row *rows, size_t count,
		 bool has_more, bool out_of_order);

/* Base64 (RFC 4648, section 4) of JSON, as the provider's look. */
void page_add_cursor(struct buf *buf, const struct place *place);
[[nodiscard]] int page_read_cursor(struct view cursor, struct place *ret); /* 0 or -1 */

#endif
