/* SPDX-License-Identifier: Apache-2.0 */
#include "common/sys/opt_value.h"

#include "common/base/clock.h"
#include "common/base/text.h"

#define DAY_S 86'400

int opt_number(const char *name, const char *value, uint64_t least, uint64_t most, uint64_t *ret, struct err *err)
{
	if (text_u64(view_of(value), most, ret) == 0 && *ret >= least)
		return 0;
	return err_set(err, ERR_USAGE, 0, "option '--%s' takes a whole number from %llu to %llu", name,
		       (unsigned long long)least, (unsigned long long)most);
}

int opt_time(const char *name, const char *value, int64_t *ret_s, uint32_t *ret_ns, struct err *err)
{
	struct view text = view_of(value);
	int64_t days;

	*ret_ns = 0;
	if (clock_parse_date(text, &days) == 0) {
		*ret_s = days * DAY_S;
		return 0;
	}
	/* clock_parse_time takes one without a zone as well, which could mean another hour than it says. */
	if (clock_parse_rfc3339(text, ret_s) == 0 && clock_parse_time(text, ret_s, ret_ns) == 0)
		return 0;
	return err_set(
		err, ERR_USAGE, 0,
		"option '--%s' takes a time such as 2026-11-24T13:49:09Z (RFC 3339) or a date such as 2026-11-24",
		name);
}
