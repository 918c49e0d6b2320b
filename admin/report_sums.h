/* SPDX-License-Identifier: Apache-2.0 */
/* What was spent, by month and by whatever a report tells apart: exact sums over the shares of spend.h. */
#ifndef ADMIN_REPORT_SUMS_H
#define ADMIN_REPORT_SUMS_H

#include "common/base/intern.h"
#include "common/policy/organization.h"
#include "common/policy/policy.h"
#include "common/policy/spend.h"

enum sums_dimension { SUMS_TEAM, SUMS_WORKSPACE, SUMS_MODEL, SUMS_KEY, SUMS_DIMENSIONS };

struct sums_cell {
	struct decimal usd;
	uint64_t input, output; /* tokens; input with what was written to the cache and read from it */
};

struct sums_line {
	struct sums_cell total, today, *months;
	int64_t last_day; /* of use, since 1970-01-01; INT64_MIN: none */
};

struct sums {
	const struct policy *policy; /* borrowed, as org */
	const struct organization *org;
	int64_t first_day;   /* since 1970-01-01 */
	int64_t first_month; /* months since 1970-01 */
	int64_t today;       /* days since 1970-01-01 */
	size_t months;
	struct intern names[SUMS_DIMENSIONS]; /* teams; ids of workspaces and keys; models. Empty: none is known */
	struct sums_line *lines[SUMS_DIMENSIONS];
	size_t caps[SUMS_DIMENSIONS];
	struct sums_cell *all; /* of each month */
	struct sums_cell total, today_total;
	uint32_t *team_of_key;
	size_t team_cap;
	struct err err;
};

/* Months from that of from_s to that of the second before to_s, whose day is today; days before that of from_s are
 * left out. Nothing of it is in sums before;
 * sums_done is due in any case. 0, or -1 with err. */
[[nodiscard]] int sums_make(struct sums *sums, const struct spend *spend, const struct policy *policy,
			    const struct organization *org, int64_t from_s, int64_t to_s, struct err *err);
void sums_done(struct sums *sums);

/* The line of that name; NULL: there is none. */
const struct sums_line *sums_find(const struct sums *sums, enum sums_dimension dimension, struct view name);

/* Numbers of the lines from the most expensive on, as intern gave them; names break ties. The caller frees them. NULL:
 * no memory (or no lines). */
uint32_t *sums_order(const struct sums *sums, enum sums_dimension dimension);

/* Appends the months, 2026-11 each and a NUL behind it, and makes ret (as many as there are months) of them: what ret
 * points to is a string as well. 0, or -1 as buf_add. */
[[nodiscard]] int sums_add_months(const struct sums *sums, struct buf *texts, struct view *ret);

int64_t sums_month(int64_t unix_s);                               /* months since 1970-01 */
[[nodiscard]] int sums_add_month(struct buf *buf, int64_t month); /* 2026-11 */

#endif
