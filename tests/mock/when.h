/* SPDX-License-Identifier: Apache-2.0 */
/* Times as the provider writes them. */
#ifndef TESTS_MOCK_WHEN_H
#define TESTS_MOCK_WHEN_H

#include "common/base/buf.h"

#define WHEN_SECOND 1'000'000LL
#define WHEN_MINUTE (60 * WHEN_SECOND)
#define WHEN_HOUR (60 * WHEN_MINUTE)
#define WHEN_DAY (24 * WHEN_HOUR)

/* RFC 3339 date-time with its zone, the whole view: microseconds since 1970; further digits are dropped. 0 or -1. */
[[nodiscard]] int when_parse(struct view v, int64_t *ret_us);

/* Appends us with that many digits behind the second (0 to 6), and Z or +00:00. */
void when_add(struct buf *buf, int64_t us, unsigned digits, bool offset_form);

/* Appends YYYY-MM-DD. */
void when_add_date(struct buf *buf, int64_t us);

/* The Date header's form (RFC 9110, section 5.6.7): Sun, 06 Nov 1994 08:49:37 GMT. */
void when_add_http(struct buf *buf, int64_t us);

int64_t when_floor(int64_t us, int64_t step);

#endif
