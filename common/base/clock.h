/* SPDX-License-Identifier: Apache-2.0 */
/* Time: a monotonic clock for durations, and UTC calendar dates without the C library's locale and zone state. */
#ifndef COMMON_BASE_CLOCK_H
#define COMMON_BASE_CLOCK_H

#include "common/base/buf.h"

uint64_t clock_mono_ns(void);   /* CLOCK_MONOTONIC */
uint64_t clock_boot_ns(void);   /* CLOCK_BOOTTIME: as CLOCK_MONOTONIC, and it runs on while the machine is suspended */
uint64_t clock_thread_ns(void); /* CLOCK_THREAD_CPUTIME_ID: processor time of the calling thread */
int64_t clock_unix_s(void);     /* seconds since 1970-01-01T00:00:00Z */
int64_t clock_unix_ns(void);    /* the same in nanoseconds */

/* Days since 1970-01-01 of a proleptic Gregorian date, and back. year 1 to 9999. */
int64_t clock_days(int year, int month, int day);
void clock_date(int64_t days, int *ret_year, int *ret_month, int *ret_day);

/* The day since 1970 that unix_s is in, UTC; and unix_s rounded down to a multiple of width_s (above 0; with 86400: to
 * its day's midnight). Before 1970 as well. */
int64_t clock_day(int64_t unix_s);
int64_t clock_floor(int64_t unix_s, int64_t width_s);

/* `YYYY-MM-DD` (RFC 3339 full-date), the whole view, a date that exists. Days since 1970-01-01. 0 or -1. */
[[nodiscard]] int clock_parse_date(struct view v, int64_t *ret_days);

/* RFC 3339 date-time, the whole view: `2026-11-24T13:49:09.5+01:00`. A fraction is dropped; the leap second :60 is the
 * next minute's first. Seconds since 1970. 0 or -1. */
[[nodiscard]] int clock_parse_rfc3339(struct view v, int64_t *ret_unix_s);

/* The same as the API writes it: without a zone it is UTC, a space may stand for the T (RFC 3339, section 5.6, note),
 * and a fraction has at most 9 digits. *ret_ns (may be NULL) is nanoseconds behind the second. 0 or -1. */
[[nodiscard]] int clock_parse_time(struct view v, int64_t *ret_unix_s, uint32_t *ret_ns);

/* HTTP-date (RFC 9110, 5.6.7), the whole view, in any of its three forms:
 *
 *	Sun, 06 Nov 1994 08:49:37 GMT	IMF-fixdate
 *	Sunday, 06-Nov-94 08:49:37 GMT	RFC 850; of the years that end in 94, the last that is at most 50 after now_s
 *	Sun Nov  6 08:49:37 1994	asctime
 *
 * That the day of the week is the date's is not checked. Seconds since 1970. 0 or -1. */
[[nodiscard]] int clock_parse_http_date(struct view v, int64_t now_s, int64_t *ret_unix_s);

/* Appends unix_s as RFC 3339 in UTC: 2026-11-24T13:49:09Z. 0, or -1 as buf_add. */
[[nodiscard]] int clock_add_rfc3339(struct buf *buf, int64_t unix_s);

/* The same by a clock that is offset_mins ahead of UTC: 2026-11-24T15:49:09+02:00. */
[[nodiscard]] int clock_add_rfc3339_at(struct buf *buf, int64_t unix_s, int offset_mins);

#endif
