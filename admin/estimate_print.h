/* SPDX-License-Identifier: Apache-2.0 */
/* Prints what usage records came to. */
#ifndef ADMIN_ESTIMATE_PRINT_H
#define ADMIN_ESTIMATE_PRINT_H

#include "admin/estimate.h"
#include "admin/session.h"

struct estimate_print {
	const struct estimate_tally *tally;
	enum estimate_part parts[ESTIMATE_PARTS]; /* in the order of the columns */
	size_t part_count;
};

/* A row a group: by time where the groups have one, else what costs most first; a table has a row for the total as
 * well. 0 or -1. */
[[nodiscard]] int estimate_print(const struct session *s, const struct estimate_print *print, struct err *err);

/* Says on standard error how many records have no price, and of which models; nothing when all have one. */
void estimate_tell_unpriced(const struct estimate_tally *tally);

#endif
