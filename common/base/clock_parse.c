/* SPDX-License-Identifier: Apache-2.0 */
#include "common/base/clock.h"

#include "common/base/text.h"

#define SECONDS_PER_DAY 86400
#define ZONE_AT 19 /* behind `2026-11-24T13:49:09` */

/* Two digits at a place of v, which is long enough, up to max. */
static int two_digits(struct view v, size_t at, unsigned max, int *ret)
{
	uint64_t n;

	if (text_u64(view_sub(v, at, 2), max, &n))
		return -1;
	*ret = (int)n;
	return 0;
}

/* `HH:MM:SS`, the whole view. */
static int parse_time(struct view v, int64_t *ret_s)
{
	int hour, minute, second;

	if (v.len != 8 || v.ptr[2] != ':' || v.ptr[5] != ':' || two_digits(v, 0, 23, &hour) ||
	    two_digits(v, 3, 59, &minute) || two_digits(v, 6, 60, &second))
		return -1;
	*ret_s = hour * 3600 + minute * 60 + second;
	return 0;
}

/* `Z` or `+HH:MM`, the whole view. Seconds ahead of UTC. */
static int parse_zone(struct view v, int64_t *ret_s)
{
	int hour, minute;

	*ret_s = 0;
	if (text_eq_nocase(v, VIEW("Z")))
		return 0;
	if (v.len != 6 || (v.ptr[0] != '+' && v.ptr[0] != '-') || v.ptr[3] != ':' || two_digits(v, 1, 23, &hour) ||
	    two_digits(v, 4, 59, &minute))
		return -1;
	*ret_s = (hour * 3600 + minute * 60) * (v.ptr[0] == '-' ? -1 : 1);
	return 0;
}

int clock_parse_rfc3339(struct view v, int64_t *ret_unix_s)
{
	int64_t days, second, ahead;
	size_t zone = ZONE_AT;

	if (v.len <= ZONE_AT || text_lower(v.ptr[10]) != 't' || clock_parse_date(view_sub(v, 0, 10), &days) ||
	    parse_time(view_sub(v, 11, 8), &second))
		return -1;
	if (v.ptr[zone] == '.') {
		do
			zone++;
		while (zone < v.len && text_is_digit(v.ptr[zone]));
		if (zone == ZONE_AT + 1)
			return -1;
	}
	if (parse_zone(view_sub(v, zone, v.len), &ahead))
		return -1;
	*ret_unix_s = days * SECONDS_PER_DAY + second - ahead;
	return 0;
}

/* Takes `.123` off *rest; nothing there is 0. */
static int take_fraction(struct view *rest, uint32_t *ret_ns)
{
	size_t digits = 0;
	uint64_t ns = 0;

	*ret_ns = 0;
	if (rest->len == 0 || rest->ptr[0] != '.')
		return 0;
	while (digits + 1 < rest->len && text_is_digit(rest->ptr[digits + 1]))
		digits++;
	if (digits > 9 || text_u64(view_sub(*rest, 1, digits), 999'999'999, &ns))
		return -1;
	*rest = view_sub(*rest, digits + 1, rest->len);
	for (; digits < 9; digits++)
		ns *= 10;
	*ret_ns = (uint32_t)ns;
	return 0;
}

int clock_parse_time(struct view v, int64_t *ret_unix_s, uint32_t *ret_ns)
{
	struct view rest = view_sub(v, ZONE_AT, v.len);
	int64_t days, second, ahead = 0;
	uint32_t ns;

	if (v.len < ZONE_AT || (text_lower(v.ptr[10]) != 't' && v.ptr[10] != ' ') ||
	    clock_parse_date(view_sub(v, 0, 10), &days) || parse_time(view_sub(v, 11, 8), &second) ||
	    take_fraction(&rest, &ns) || (rest.len && parse_zone(rest, &ahead)))
		return -1;
	*ret_unix_s = days * SECONDS_PER_DAY + second - ahead;
	if (ret_ns)
		*ret_ns = ns;
	return 0;
}

/* Number of the name (0 for the first) that v is, or -1. HTTP dates are case-sensitive. */
static int number_of(struct view v, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (text_eq(v, view_of(names[i])))
			return (int)i;
	return -1;
}

static bool is_day_name(struct view v, bool is_long)
{
	static const char *const shorts[] = { "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" };
	static const char *const longs[] = { "Monday", "Tuesday",  "Wednesday", "Thursday",
					     "Friday", "Saturday", "Sunday" };

	return number_of(v, is_long ? longs : shorts, 7) >= 0;
}

static int parse_month(struct view v, int *ret)
{
	static const char *const names[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
					     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };

	*ret = number_of(v, names, ARRAY_LEN(names)) + 1;
	return *ret ? 0 : -1;
}

/* Puts the parts together when the date exists. */
static int to_unix(int year, int month, int day, struct view time, int64_t *ret_unix_s)
{
	int64_t days, second;
	int y, m, d;

	if (year < 1 || day < 1 || parse_time(time, &second))
		return -1;
	days = clock_days(year, month, day);
	clock_date(days, &y, &m, &d);
	if (m != month || d != day)
		return -1;
	*ret_unix_s = days * SECONDS_PER_DAY + second;
	return 0;
}

static int parse_year(struct view v, int *ret)
{
	uint64_t year;

	if (v.len != 4 || text_u64(v, 9999, &year))
		return -1;
	*ret = (int)year;
	return 0;
}

/* `06 Nov 1994 08:49:37 GMT` */
static int parse_fixdate(struct view v, int64_t *ret_unix_s)
{
	int year, month, day;

	if (v.len != 24 || v.ptr[2] != ' ' || v.ptr[6] != ' ' || v.ptr[11] != ' ' || !text_ends(v, VIEW(" GMT")) ||
	    two_digits(v, 0, 31, &day) || parse_month(view_sub(v, 3, 3), &month) ||
	    parse_year(view_sub(v, 7, 4), &year))
		return -1;
	return to_unix(year, month, day, view_sub(v, 12, 8), ret_unix_s);
}

/* `06-Nov-94 08:49:37 GMT` */
static int parse_rfc850(struct view v, int64_t now_s, int64_t *ret_unix_s)
{
	int64_t today = now_s / SECONDS_PER_DAY;
	int year, month, day, now_year, now_month, now_day;

	if (v.len != 22 || v.ptr[2] != '-' || v.ptr[6] != '-' || v.ptr[9] != ' ' || !text_ends(v, VIEW(" GMT")) ||
	    two_digits(v, 0, 31, &day) || parse_month(view_sub(v, 3, 3), &month) || two_digits(v, 7, 99, &year))
		return -1;
	clock_date(today, &now_year, &now_month, &now_day);
	year += (now_year + 50) / 100 * 100;
	if (year > now_year + 50)
		year -= 100;
	return to_unix(year, month, day, view_sub(v, 10, 8), ret_unix_s);
}

/* `Nov  6 08:49:37 1994` */
static int parse_asctime(struct view v, int64_t *ret_unix_s)
{
	int year, month, day;

	if (v.len != 20 || v.ptr[3] != ' ' || v.ptr[6] != ' ' || v.ptr[15] != ' ' ||
	    parse_month(view_sub(v, 0, 3), &month) || parse_year(view_sub(v, 16, 4), &year))
		return -1;
	if (v.ptr[4] == ' ' ? !text_is_digit(v.ptr[5]) : two_digits(v, 4, 31, &day))
		return -1;
	if (v.ptr[4] == ' ')
		day = v.ptr[5] - '0';
	return to_unix(year, month, day, view_sub(v, 7, 8), ret_unix_s);
}

int clock_parse_http_date(struct view v, int64_t now_s, int64_t *ret_unix_s)
{
	size_t comma = text_find_byte(v, ',');

	if (comma == SIZE_MAX)
		return v.len > 4 && v.ptr[3] == ' ' && is_day_name(view_sub(v, 0, 3), false)
			       ? parse_asctime(view_sub(v, 4, v.len), ret_unix_s)
			       : -1;
	if (comma + 2 >= v.len || v.ptr[comma + 1] != ' ')
		return -1;
	if (is_day_name(view_sub(v, 0, comma), false))
		return parse_fixdate(view_sub(v, comma + 2, v.len), ret_unix_s);
	return is_day_name(view_sub(v, 0, comma), true) ? parse_rfc850(view_sub(v, comma + 2, v.len), now_s, ret_unix_s)
							: -1;
}
