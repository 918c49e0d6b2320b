/* SPDX-License-Identifier: Apache-2.0 */
#include "common/base/clock.h"

#include <time.h>

#include "common/base/text.h"

#define NS_PER_S 1'000'000'000
#define SECONDS_PER_DAY 86400
#define DAYS_PER_ERA 146097 /* 400 Gregorian years */

static uint64_t read_ns(clockid_t clock)
{
	struct timespec now;

	(void)clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

uint64_t clock_mono_ns(void)
{
	return read_ns(CLOCK_MONOTONIC);
}

uint64_t clock_boot_ns(void)
{
	return read_ns(CLOCK_BOOTTIME);
}

uint64_t clock_thread_ns(void)
{
	return read_ns(CLOCK_THREAD_CPUTIME_ID);
}

int64_t clock_unix_s(void)
{
	return clock_unix_ns() / NS_PER_S;
}

int64_t clock_unix_ns(void)
{
	return (int64_t)read_ns(CLOCK_REALTIME);
}

/* Years are counted from March, so that the leap day is the last of its year (Howard Hinnant, "chrono-Compatible
 * Low-Level Date Algorithms"). */
int64_t clock_days(int year, int month, int day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t year_of_era = y - era * 400;
	int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

	return era * DAYS_PER_ERA + day_of_era - 719468;
}

int64_t clock_floor(int64_t unix_s, int64_t width_s)
{
	int64_t rest = unix_s % width_s;

	return unix_s - (rest < 0 ? rest + width_s : rest);
}

int64_t clock_day(int64_t unix_s)
{
	return clock_floor(unix_s, SECONDS_PER_DAY) / SECONDS_PER_DAY;
}

void clock_date(int64_t days, int *ret_year, int *ret_month, int *ret_day)
{
	int64_t z = days + 719468;
	int64_t era = (z >= 0 ? z : z - (DAYS_PER_ERA - 1)) / DAYS_PER_ERA;
	int64_t day_of_era = z - era * DAYS_PER_ERA;
	int64_t year_of_era =
		(day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / (DAYS_PER_ERA - 1)) / 365;
	int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int64_t march_month = (5 * day_of_year + 2) / 153;

	*ret_day = (int)(day_of_year - (153 * march_month + 2) / 5 + 1);
	*ret_month = (int)(march_month < 10 ? march_month + 3 : march_month - 9);
	*ret_year = (int)(year_of_era + era * 400 + (*ret_month <= 2));
}

int clock_parse_date(struct view v, int64_t *ret_days)
{
	uint64_t year, month, day;
	int y, m, d;
	int64_t days;

	if (v.len != 10 || v.ptr[4] != '-' || v.ptr[7] != '-')
		return -1;
	if (text_u64(view_sub(v, 0, 4), 9999, &year) || text_u64(view_sub(v, 5, 2), 12, &month) ||
	    text_u64(view_sub(v, 8, 2), 31, &day) || year == 0 || month == 0 || day == 0)
		return -1;
	days = clock_days((int)year, (int)month, (int)day);
	clock_date(days, &y, &m, &d);
	if (m != (int)month || d != (int)day)
		return -1; /* 30 February */
	*ret_days = days;
	return 0;
}

/* Date and time without a zone. */
static int add_local(struct buf *buf, int64_t local_s)
{
	int64_t days = clock_day(local_s), second = local_s - days * SECONDS_PER_DAY;
	int y, m, d;

	clock_date(days, &y, &m, &d);
	return buf_addf(buf, "%04d-%02d-%02dT%02d:%02d:%02d", y, m, d, (int)(second / 3600), (int)(second / 60 % 60),
			(int)(second % 60));
}

int clock_add_rfc3339(struct buf *buf, int64_t unix_s)
{
	return add_local(buf, unix_s) || buf_add_byte(buf, 'Z') ? -1 : 0;
}

int clock_add_rfc3339_at(struct buf *buf, int64_t unix_s, int offset_mins)
{
	int mins = offset_mins < 0 ? -offset_mins : offset_mins;

	return add_local(buf, unix_s + (int64_t)offset_mins * 60) ||
			       buf_addf(buf, "%c%02d:%02d", offset_mins < 0 ? '-' : '+', mins / 60, mins % 60)
		       ? -1
		       : 0;
}
