/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/period.h"

#include "common/base/bounds.h"
#include "common/base/clock.h"

#define MONTHS 12

int64_t period_day(int64_t unix_s)
{
	return clock_floor(unix_s, PERIOD_DAY_S);
}

int64_t period_month(int64_t unix_s, int months)
{
	int year, month, day, at;

	clock_date(clock_day(unix_s), &year, &month, &day);
	at = year * MONTHS + month - 1 + months;
	return clock_days(at / MONTHS, at % MONTHS + 1, 1) * PERIOD_DAY_S;
}

static int read_time(const char *name, const char *text, int64_t *ret, struct err *err)
{
	int64_t days;

	if (clock_parse_date(view_of(text), &days) == 0) {
		*ret = days * PERIOD_DAY_S;
		return 0;
	}
	if (clock_parse_rfc3339(view_of(text), ret) == 0)
		return 0;
	return err_set(err, ERR_USAGE, 0, "--%s: '%s' is no date (2026-11-01) and no RFC 3339 time", name, text);
}

int period_read(const struct options *o, int64_t now_s, int64_t from_s, struct period *ret, struct err *err)
{
	*ret = (struct period){
		.from_s = from_s, .to_s = now_s, .now_s = now_s, .has_from = o->from != NULL, .has_to = o->to != NULL
	};
	if ((o->from && read_time("from", o->from, &ret->from_s, err)) ||
	    (o->to && read_time("to", o->to, &ret->to_s, err)))
		return -1;
	if (ret->from_s >= ret->to_s && ret->has_from && ret->from_s > now_s && !ret->has_to)
		return err_set(err, ERR_USAGE, 0, "--from: '%s' lies in the future", o->from);
	if (ret->from_s > ret->to_s || (ret->from_s == ret->to_s && (ret->has_from || ret->has_to)))
		return err_set(err, ERR_USAGE, 0, "--to has to be behind --from");
	if (ret->to_s - ret->from_s > (int64_t)LEDGER_DAYS_MAX * PERIOD_DAY_S)
		return err_set(err, ERR_USAGE, 0, "--from and --to are further apart than %d days", LEDGER_DAYS_MAX);
	if (ret->from_s == ret->to_s)
		ret->to_s++; /* the first second of a month */
	return 0;
}
