/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/period.h"

#include "common/base/bounds.h"
#include "common/base/clock.h"
#include "common/sys/log.h"
#include "common/sys/opt_value.h"

#define MONTHS 12
#define DATE_BYTES 10 /* 2026-11-24 */
#define TIME_BYTES 32

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

/* Midnights as dates. */
static int add_time(struct buf *buf, int64_t unix_s)
{
	if (clock_add_rfc3339(buf, unix_s))
		return -1;
	if (unix_s == period_day(unix_s))
		buf_cut(buf, DATE_BYTES);
	return 0;
}

void period_say(const struct options *o, const struct period *period)
{
	DEFER(buf_done) struct buf from = BUF_INIT(TIME_BYTES), to = BUF_INIT(TIME_BYTES);

	if (o->format == OUTPUT_TABLE && !add_time(&from, period->from_s) && !add_time(&to, period->to_s))
		log_info("from %s to %s (UTC)", from.ptr, o->to ? to.ptr : "now");
}

int64_t period_told(const struct period *period)
{
	int64_t end_s = period_day(period->to_s + PERIOD_DAY_S - 1);

	return end_s < period->now_s ? end_s : period->now_s;
}

bool period_has_month(const struct period *period, int64_t month_s)
{
	return period_day(period->from_s) <= period_month(month_s, 0) &&
	       period_month(month_s, 1) <= period_told(period);
}

int period_check(bool is_ordered, bool has_to, struct err *err)
{
	if (is_ordered)
		return 0;
	return err_set(err, ERR_USAGE, 0, has_to ? "--from has to be before --to" : "--from has to be in the past");
}

int period_read(const struct options *o, int64_t now_s, const struct period_usual *usual, struct period *ret,
		struct err *err)
{
	uint32_t ns;

	*ret = (struct period){ .to_s = now_s, .now_s = now_s };
	if (o->to && opt_time("to", o->to, &ret->to_s, &ns, err))
		return -1;
	/* The end is no part of the period; now is, and may be the first second of a month. */
	ret->from_s = usual->seconds ? ret->to_s - usual->seconds
				     : period_month(o->to ? ret->to_s - 1 : ret->to_s, -usual->months);
	if (o->from && opt_time("from", o->from, &ret->from_s, &ns, err))
		return -1;
	if (!o->from && !o->to && ret->from_s == ret->to_s)
		ret->to_s++;
	if (period_check(ret->from_s < ret->to_s, o->to, err))
		return -1;
	if (ret->to_s - ret->from_s > (int64_t)LEDGER_DAYS_MAX * PERIOD_DAY_S)
		return err_set(err, ERR_USAGE, 0, "--from and --to are further apart than %d days", LEDGER_DAYS_MAX);
	return 0;
}
