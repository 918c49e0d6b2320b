/* SPDX-License-Identifier: Apache-2.0 */
#include "common/sys/opt_value.h"

#include "common/base/buf.h"
#include "common/base/clock.h"
#include "common/base/text.h"

#define DAY_S 86'400

int opt_number(const char *name, const char *value, uint64_t least, uint64_t most, uint64_t *ret, struct err *err)
{
	if (text_u64(view_of(value), most, ret) == 0 && *ret >= least)
		return 0;
	if (most >= UINT64_MAX - 1) /* which is no bound that helps anybody */
		return err_set(err, ERR_USAGE, 0, "--%s takes a whole number from %llu on, not '%s'", name,
			       (unsigned long long)least, value);
	return err_set(err, ERR_USAGE, 0, "--%s takes a whole number from %llu to %llu, not '%s'", name,
		       (unsigned long long)least, (unsigned long long)most, value);
}

int opt_refuse_word(const char *name, const char *words, const char *value, struct err *err)
{
	DEFER(buf_done) struct buf all = BUF_INIT(ERR_TEXT_BYTES);

	for (const char *p = words; *p; p++)
		if (buf_addf(&all, *p == ' ' ? ",%c" : "%c", *p))
			return err_nomem(err);
	return err_set(err, ERR_USAGE, 0, "--%s takes one of %s, not '%s'", name, all.ptr, value);
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
		"--%s takes a time such as 2026-11-24T13:49:09Z (RFC 3339) or a date such as 2026-11-24, not '%s'",
		name, value);
}
