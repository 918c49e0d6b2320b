/* SPDX-License-Identifier: Apache-2.0 */
/* One page of a list: its envelope, and where each record stands in it. The page's bytes stay where they are; they are
 * looked through once. */
#ifndef COMMON_API_ROWS_H
#define COMMON_API_ROWS_H

#include "common/base/buf.h"
#include "common/base/err.h"

struct rows {
	struct view *items; /* the records' exact bytes, in the page; valid JSON */
	size_t count, cap;
	size_t next;                              /* of rows_next */
	bool has_more, tells_more;                /* has_more's value, and whether it was there */
	struct view first_id, last_id, next_page; /* string values with their quotes; VIEW_NONE: null or absent */
};

/* Reads a page: {"data":[...],"has_more":b?,"first_id":s?,"last_id":s?,"next_page":s?}; other members are passed over,
 * a member that comes twice is an error. page has to outlive rows. 0, or -1 with ERR_FORMAT (where, what was expected)
 * or ERR_NOMEM. All zero is a good start; what was in rows is replaced, and its memory used again. */
[[nodiscard]] int rows_read(struct rows *rows, struct view page, struct err *err);

/* The next record. false at the end. */
bool rows_next(struct rows *rows, struct view *ret);

void rows_done(struct rows *rows);

#endif
