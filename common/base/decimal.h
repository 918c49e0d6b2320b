/* SPDX-License-Identifier: Apache-2.0 */
/* Exact decimal numbers, for money and for what is counted in fractions: no binary floating point anywhere. */
#ifndef COMMON_BASE_DECIMAL_H
#define COMMON_BASE_DECIMAL_H

#include "common/base/buf.h"

__extension__ typedef __int128 decimal_units;

#define DECIMAL_SCALE_MAX 36

/* units * 10^-scale. All zeros is the number 0. */
struct decimal {
	decimal_units units;
	unsigned scale; /* at most DECIMAL_SCALE_MAX */
};

struct decimal decimal_of(uint64_t n);

/* The grammar of JSON's numbers (RFC 8259, section 6), exponent included; the whole view. 0, or -1 when it is none or
 * needs more than 38 digits or DECIMAL_SCALE_MAX of them behind the point. */
[[nodiscard]] int decimal_parse(struct view v, struct decimal *ret);

/* Each is exact, or -1 when the outcome has no room; *ret is then as it was. */
[[nodiscard]] int decimal_add(struct decimal a, struct decimal b, struct decimal *ret);
[[nodiscard]] int decimal_sub(struct decimal a, struct decimal b, struct decimal *ret);
[[nodiscard]] int decimal_mul(struct decimal a, struct decimal b, struct decimal *ret);
[[nodiscard]] int decimal_shift(struct decimal d, int places, struct decimal *ret); /* d * 10^places */

int decimal_cmp(struct decimal a, struct decimal b); /* below 0, 0, above 0; never fails */

/* The number as a whole one; -1 when it has a fraction, is negative or above UINT64_MAX. */
[[nodiscard]] int decimal_u64(struct decimal d, uint64_t *ret);

/* Appends it in plain notation: -12.5, all its digits, no zeros at the end of a fraction. 0, or -1 as buf_add. */
[[nodiscard]] int decimal_write(struct buf *buf, struct decimal d);

/* The same with exactly places digits behind the point, rounded half away from zero: 12.345 with 2 is 12.35. */
[[nodiscard]] int decimal_write_fixed(struct buf *buf, struct decimal d, unsigned places);

/* Money for people: two digits behind the point, and a comma between groups of three before it: 12,345.68. */
[[nodiscard]] int decimal_write_money(struct buf *buf, struct decimal d);
/* The same of what is counted: no digits behind the point. */
[[nodiscard]] int decimal_write_count(struct buf *buf, struct decimal d);

#endif
