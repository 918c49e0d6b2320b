/* SPDX-License-Identifier: Apache-2.0 */
/* A page of records, as the API gives lists: {"data":[{...},{...}],"has_more":true,"first_id":"...","last_id":"..."}.
 *
 * One pass over the reply validates it (RFC 8259, as json_whole), finds each record and, inside of it, the few members
 * that are wanted. Nothing is copied: records and members are views of the reply, which has to outlive them, so what
 * the upstream wrote (large numbers, \u0000, halves of pairs, members not known yet) survives. Nothing is there of a
 * page that turned out to be invalid, however late. Of members with the same name the first counts, everywhere. */
#ifndef COMMON_API_ROWS_H
#define COMMON_API_ROWS_H

#include "common/base/buf.h"
#include "common/base/err.h"

#define ROWS_WANTED_MAX 8

/* A member of a record that is wanted: "id"; or, with inner, one of an object in it: "actor", "type". */
struct rows_wanted {
	const char *key, *inner;
};

/* What members of a reply are called; NULL: replies of this kind have none, and one of any name is passed over. */
struct rows_form {
	const char *rows, *has_more, *first_id, *last_id, *next_page;
	struct rows_wanted wanted[ROWS_WANTED_MAX]; /* the first without a key ends them */
};

enum rows_more { ROWS_MORE_UNTOLD, ROWS_MORE_NO, ROWS_MORE_YES };

struct rows_span;

struct rows {
	size_t count;
	bool has_rows;                            /* false: the member is absent or null, which is not an empty page */
	enum rows_more more;                      /* untold: absent or null */
	struct view first_id, last_id, next_page; /* string values with their quotes; VIEW_NONE: absent or null */

	struct view reply;
	struct rows_span *spans; /* of each row: its own, then those of wanted members */
	size_t stride, cap;
};

/* Reads a reply of at most ROWS_REPLY_BYTES with at most ROWS_MAX rows. rows is {0}, or was read before: its memory is
 * used again, and views of the reply before stay what they are. 0; or -1, and rows is empty: ERR_FORMAT (no valid JSON,
 * at which byte; a member that is not what it has to be), ERR_LIMIT, ERR_NOMEM. */
[[nodiscard]] int rows_read(struct rows *rows, const struct rows_form *form, struct view reply, struct err *err);

/* The exact bytes of a record, an object. i is below count. */
struct view rows_row(const struct rows *rows, size_t i);

/* The value of form->wanted[wanted] in a record, of whatever type (json_type_of; json_text gives a string's text), or
 * VIEW_NONE when it is absent. */
struct view rows_member(const struct rows *rows, size_t i, size_t wanted);

void rows_done(struct rows *rows); /* frees; reusable after */

#endif
