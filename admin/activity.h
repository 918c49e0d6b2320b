/* SPDX-License-Identifier: Apache-2.0 */
/* What the commands about activities share: the window, the filters, the columns, what the known types mean. */
#ifndef ADMIN_ACTIVITY_H
#define ADMIN_ACTIVITY_H

#include "admin/session.h"

#define ACTIVITY_TIME_BYTES 64
#define ACTIVITY_COLUMNS 7
extern const struct column activity_columns[ACTIVITY_COLUMNS];

struct activity_query {
	const struct api_route *route;
	struct filters arguments;        /* the filters, then the window */
	size_t filters;                  /* how many of the arguments are filters */
	struct buf from, to;             /* texts of the window */
	struct texts workspaces, actors; /* ids */
};

/* Reads filters and window of the options; the window's end is now unless --to was given. ERR_USAGE: a time that is
 * none, a window that ends before it starts, nobody and nothing of a name (lookup.h). activity_query_done is due in any
 * case. */
[[nodiscard]] int activity_query_init(struct activity_query *q, struct session *s, struct err *err);
void activity_query_done(struct activity_query *q);

/* Sets the window anew: from then to now. */
[[nodiscard]] int activity_query_since(struct activity_query *q, int64_t from_s, struct err *err);

/* Narrows the window to what stands about that time of a row (activity_time) or behind it in the order of the list, so
 * that the list goes on without a cursor; rows of the same time come again. ERR_FORMAT: the time is none. */
[[nodiscard]] int activity_query_go_on(struct activity_query *q, struct view time, bool is_ascending, struct err *err);

/* --from as Unix time; 0 and *ret stays when it was not given. */
[[nodiscard]] int activity_from(const struct options *o, int64_t *ret, struct err *err);

/* Whether the row is of one of the workspaces that were asked for: the API cannot be asked for them. */
bool activity_is_wanted(const struct activity_query *q, struct view row);

/* When it happened, as the row says; VIEW_NONE when that is no plain text of at most ACTIVITY_TIME_BYTES. */
struct view activity_time(const struct activity_query *q, struct view row);

/* The row's id as the bytes in its JSON string, and its type; VIEW_NONE when it has none. */
struct view activity_id(struct view row);
struct view activity_type(struct view row);

/* What activities of that type are, in a few words; NULL when the type is not known. */
const char *activity_describe(struct view type);

#endif
