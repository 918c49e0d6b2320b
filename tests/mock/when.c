/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/mock/when.h"

#include "common/base/clock.h"
#include "common/base/text.h"
#include "tests/mock/must.h"

int64_t when_floor(int64_t us, int64_t step)
{
	int64_t rest = us % step;

	return us - (rest < 0 ? rest + step : rest);
}

/* Cuts two digits of at most max off v, behind the byte `before` (0: none). */
static int two_digits(struct view *v, char before, uint64_t max, int64_t *ret)
{
	uint64_t n;

	if (before) {
		if (!v->len || v->ptr[0] != before)
			return -1;
		*v = view_sub(*v, 1, v->len);
	}
	if (v->len < 2 || text_u64(view_sub(*v, 0, 2), max, &n))
		return -1;
	*ret = (int64_t)n;
	*v = view_sub(*v, 2, v->len);
	return 0;
}

static int fraction(struct view *v, int64_t *ret_us)
{
	int64_t unit = WHEN_SECOND / 10;
	size_t i = 1;

	*ret_us = 0;
	if (!v->len || v->ptr[0] != '.')
		return 0;
	for (; i < v->len && text_is_digit(v->ptr[i]); i++) {
		*ret_us += (v->ptr[i] - '0') * unit;
		unit /= 10;
	}
	*v = view_sub(*v, i, v->len);
	return i > 1 ? 0 : -1;
}

static int zone(struct view v, int64_t *ret_us)
{
	int64_t hours, minutes, sign;

	*ret_us = 0;
	if (text_eq(v, VIEW("Z")) || text_eq(v, VIEW("z")))
		return 0;
	if (!v.len || (v.ptr[0] != '+' && v.ptr[0] != '-'))
		return -1;
	sign = v.ptr[0] == '-' ? -1 : 1;
	if (two_digits(&v, v.ptr[0], 23, &hours) || two_digits(&v, ':', 59, &minutes) || v.len)
		return -1;
	*ret_us = sign * (hours * WHEN_HOUR + minutes * WHEN_MINUTE);
	return 0;
}

int when_parse(struct view v, int64_t *ret_us)
{
	int64_t days, hour, minute, second, us, offset;

	if (v.len < 11 || clock_parse_date(view_sub(v, 0, 10), &days) || (v.ptr[10] != 'T' && v.ptr[10] != 't'))
		return -1;
	v = view_sub(v, 11, v.len);
	if (two_digits(&v, 0, 23, &hour) || two_digits(&v, ':', 59, &minute) || two_digits(&v, ':', 60, &second) ||
	    fraction(&v, &us) || zone(v, &offset))
		return -1;
	*ret_us = days * WHEN_DAY + hour * WHEN_HOUR + minute * WHEN_MINUTE + second * WHEN_SECOND + us - offset;
	return 0;
}

void when_add(struct buf *buf, int64_t us, unsigned digits, bool offset_form)
{
	int64_t fraction_us = us - when_floor(us, WHEN_SECOND);
	int year, month, day, second = (int)((us - when_floor(us, WHEN_DAY)) / WHEN_SECOND);

	clock_date(when_floor(us, WHEN_DAY) / WHEN_DAY, &year, &month, &day);
	must(buf_addf(buf, "%04d-%02d-%02dT%02d:%02d:%02d", year, month, day, second / 3600, second / 60 % 60,
		      second % 60));
	if (digits) {
		for (unsigned i = digits; i < 6; i++)
			fraction_us /= 10;
		must(buf_addf(buf, ".%0*d", (int)digits, (int)fraction_us));
	}
	must(buf_add_text(buf, offset_form ? "+00:00" : "Z"));
}

void when_add_date(struct buf *buf, int64_t us)
{
	int year, month, day;

	clock_date(when_floor(us, WHEN_DAY) / WHEN_DAY, &year, &month, &day);
	must(buf_addf(buf, "%04d-%02d-%02d", year, month, day));
}

void when_add_http(struct buf *buf, int64_t us)
{
	static const char days_of_week[] = "ThuFriSatSunMonTueWed";
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	int64_t days = when_floor(us, WHEN_DAY) / WHEN_DAY;
	int year, month, day, second = (int)((us - days * WHEN_DAY) / WHEN_SECOND);

	clock_date(days, &year, &month, &day);
	must(buf_addf(buf, "%.3s, %02d %.3s %04d %02d:%02d:%02d GMT", days_of_week + 3 * (((days % 7) + 7) % 7), day,
		      months + 3 * (month - 1), year, second / 3600, second / 60 % 60, second % 60));
}
