/* SPDX-License-Identifier: Apache-2.0 */
/* The time that --from and --to name. */
#ifndef ADMIN_PERIOD_H
#define ADMIN_PERIOD_H

#include "admin/options.h"

#define PERIOD_DAY_S 86400

struct period { /* Unix time; [from_s, to_s) */
	int64_t from_s, to_s, now_s;
	bool has_from, has_to; /* they were given */
};

/* --from (else from_s) and --to (else now, by the clock of this machine). 0, or -1 with ERR_USAGE. */
[[nodiscard]] int period_read(const struct options *o, int64_t now_s, int64_t from_s, struct period *ret,
			      struct err *err);

int64_t period_day(int64_t unix_s); /* its first second, in UTC */
/* The first second of the month, months later (earlier when below 0). */
int64_t period_month(int64_t unix_s, int months);

#endif
