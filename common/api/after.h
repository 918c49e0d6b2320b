/* SPDX-License-Identifier: Apache-2.0 */
/* When an answer says to come again: Retry-After (RFC 9110, 10.2.3), in seconds or as a date that is read against the
 * answer's own Date (6.6.1), so that a wrong clock on either side does no harm. */
#ifndef COMMON_API_AFTER_H
#define COMMON_API_AFTER_H

#include "common/base/buf.h"

struct after { /* all zero says nothing */
	bool has_seconds, has_time, has_date;
	uint64_t seconds;
	int64_t time_unix_s; /* of a Retry-After that is a date */
	int64_t date_unix_s; /* of Date */
};

/* Takes a header if it is one of the two, its name in any case; true then. A value that cannot be read says nothing,
 * seconds above 2^31 are 2^31 (as in RFC 9111, 1.2.2). The last header of a name counts. now_s: our clock, for years of
 * two digits. */
bool after_header(struct after *after, struct view name, struct view value, int64_t now_s);

/* Seconds from the moment of the answer to unix_s, a time by the server's clock; 0 when that has passed. now_s: our
 * clock, which is used when the answer had no Date. */
uint64_t after_seconds_to(const struct after *after, int64_t unix_s, int64_t now_s);

/* Whether there is a Retry-After that can be read, and how many seconds it asks for, 2^31 at most. */
bool after_asked(const struct after *after, int64_t now_s, uint64_t *ret_s);

#endif
