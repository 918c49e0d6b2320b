/* SPDX-License-Identifier: Apache-2.0 */
/* What a month will cost by its end at this pace, beside the policy's budget. */
#ifndef ADMIN_FORECAST_H
#define ADMIN_FORECAST_H

#include "admin/period.h"
#include "admin/tally_print.h"

struct forecast {
	const struct session *s;
	struct naming *naming; /* of which naming_open has been called when something is written */
	const struct tally *tally;
	int64_t from_s, passed_s, to_s; /* the month, and how far into it the amounts reach */
};

/* ERR_USAGE when the period is not one calendar month from its first moment on, or it is grouped by day. */
[[nodiscard]] int forecast_init(struct forecast *forecast, const struct session *s, struct naming *naming,
				const struct tally *tally, const struct period *period, struct err *err);

#define FORECAST_COLUMNS 4
/* Appends them; how many there are. */
size_t forecast_columns(struct column columns[static FORECAST_COLUMNS]);

/* Members of a row: projected_usd, and what the monthly budget of its scope is and how much of it is used; null where
 * there is none. Rows that share a budget (keys of one name) each tell it and what all of them use of it together. Rows
 * of other groups than one of workspace, department, team or key have none; all of the organisation's together have
 * the organisation's; and a budget of which options choose a part only is not told. */
void forecast_write(const struct forecast *forecast, struct jsonw *w, const struct tally_row *row, bool is_total);

#endif
