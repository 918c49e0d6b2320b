/* SPDX-License-Identifier: Apache-2.0 */
/* The time that --from and --to name. */
#ifndef ADMIN_PERIOD_H
#define ADMIN_PERIOD_H

#include "admin/options.h"

#define PERIOD_DAY_S 86400

struct period { /* Unix time; [from_s, to_s) */
	int64_t from_s, to_s, now_s;
};

/* Where it begins without --from. */
struct period_usual {
	int64_t seconds; /* so long before its end; or, when 0, ... */
	int months;      /* ... with the month that is so many before that of its end */
};

/* --from (else as usual says) and --to (else now, by the clock of this machine); each is a date, which is its midnight
 * in UTC, or an RFC 3339 time (opt_time), the parts of a second left out. 0, or -1 with ERR_USAGE. */
[[nodiscard]] int period_read(const struct options *o, int64_t now_s, const struct period_usual *usual,
			      struct period *ret, struct err *err);

/* ERR_USAGE when it does not begin before it ends. has_to: --to was given. */
[[nodiscard]] int period_check(bool is_ordered, bool has_to, struct err *err);

int64_t period_day(int64_t unix_s); /* its first second, in UTC */
/* The first second of the month, months later (earlier when below 0). */
int64_t period_month(int64_t unix_s, int months);

/* Tells on standard error what time a table is of; rows in other formats are for programs. */
void period_say(const struct options *o, const struct period *period);

/* How far reports of whole days tell of the period: to the end of its last day, or to now. */
int64_t period_told(const struct period *period);
/* Whether they tell of all of the month that month_s is in. */
bool period_has_month(const struct period *period, int64_t month_s);

#endif
