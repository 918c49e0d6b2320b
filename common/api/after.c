/* SPDX-License-Identifier: Apache-2.0 */
#include "common/api/after.h"

#include "common/base/clock.h"
#include "common/base/text.h"

#define SECONDS_MAX ((uint64_t)1 << 31)

/* delta-seconds. More digits than a number holds are a large number. */
static bool parse_seconds(struct view v, uint64_t *ret)
{
	if (v.len == 0)
		return false;
	for (size_t i = 0; i < v.len; i++)
		if (!text_is_digit(v.ptr[i]))
			return false;
	if (text_u64(v, SECONDS_MAX, ret))
		*ret = SECONDS_MAX;
	return true;
}

bool after_header(struct after *after, struct view name, struct view value, int64_t now_s)
{
	value = text_trim(value);
	if (text_eq_nocase(name, VIEW("date"))) {
		after->has_date = clock_parse_http_date(value, now_s, &after->date_unix_s) == 0;
		return true;
	}
	if (!text_eq_nocase(name, VIEW("retry-after")))
		return false;
	after->has_seconds = parse_seconds(value, &after->seconds);
	after->has_time = !after->has_seconds && clock_parse_http_date(value, now_s, &after->time_unix_s) == 0;
	return true;
}

uint64_t after_seconds_to(const struct after *after, int64_t unix_s, int64_t now_s)
{
	int64_t from = after->has_date ? after->date_unix_s : now_s;

	return unix_s > from ? (uint64_t)unix_s - (uint64_t)from : 0;
}

bool after_asked(const struct after *after, int64_t now_s, uint64_t *ret_s)
{
	if (after->has_seconds)
		*ret_s = after->seconds;
	else if (after->has_time)
		*ret_s = after_seconds_to(after, after->time_unix_s, now_s);
	if (after->has_time && *ret_s > SECONDS_MAX)
		*ret_s = SECONDS_MAX;
	return after->has_seconds || after->has_time;
}
