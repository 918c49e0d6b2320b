/* SPDX-License-Identifier: Apache-2.0 */
#include "common/base/decimal.h"

#include "common/base/text.h"

#define DIGITS_MAX 39 /* of 2^127 */
#define EXPONENT_MAX 999

__extension__ typedef unsigned __int128 magnitude;

/* |units|, of the smallest one as well. */
static magnitude magnitude_of(decimal_units units)
{
	return units < 0 ? -(magnitude)units : (magnitude)units;
}

/* d * 10^n in units. */
static int scale_up(decimal_units units, unsigned n, decimal_units *ret)
{
	for (; n && units; n--)
		if (__builtin_mul_overflow(units, (decimal_units)10, &units))
			return -1;
	*ret = units;
	return 0;
}

/* Without zeros at the end of the fraction. */
static struct decimal trimmed(struct decimal d)
{
	while (d.scale && d.units % 10 == 0) {
		d.units /= 10;
		d.scale--;
	}
	return d;
}

struct decimal decimal_of(uint64_t n)
{
	return (struct decimal){ .units = (decimal_units)n };
}

/* What a number's text says, before its exponent. */
struct digits {
	decimal_units units;
	unsigned scale;
};

static int add_digit(struct digits *digits, char c, bool is_negative)
{
	decimal_units digit = c - '0';

	return __builtin_mul_overflow(digits->units, (decimal_units)10, &digits->units) ||
	       __builtin_add_overflow(digits->units, is_negative ? -digit : digit, &digits->units);
}

/* Takes digits off *rest; their count, or -1 when there are none or no room. */
static int take_digits(struct view *rest, struct digits *digits, bool is_negative)
{
	size_t n = 0;

	for (; n < rest->len && text_is_digit(rest->ptr[n]); n++)
		if (add_digit(digits, rest->ptr[n], is_negative))
			return -1;
	*rest = view_sub(*rest, n, rest->len);
	return n && n <= INT32_MAX ? (int)n : -1;
}

/* Takes `e-5` off *rest, which it has to end; nothing there is 0. */
static int take_exponent(struct view rest, int *ret)
{
	bool is_negative;
	uint64_t n;

	*ret = 0;
	if (rest.len == 0)
		return 0;
	if (text_lower(rest.ptr[0]) != 'e')
		return -1;
	rest = view_sub(rest, 1, rest.len);
	is_negative = rest.len && rest.ptr[0] == '-';
	if (is_negative || (rest.len && rest.ptr[0] == '+'))
		rest = view_sub(rest, 1, rest.len);
	if (text_u64(rest, EXPONENT_MAX, &n))
		return -1;
	*ret = is_negative ? -(int)n : (int)n;
	return 0;
}

int decimal_parse(struct view v, struct decimal *ret)
{
	bool is_negative = v.len && v.ptr[0] == '-';
	struct digits digits = { 0 };
	struct decimal d;
	bool is_zero_led;
	int whole, fraction = 0, exponent;

	if (is_negative)
		v = view_sub(v, 1, v.len);
	is_zero_led = v.len && v.ptr[0] == '0';
	whole = take_digits(&v, &digits, is_negative);
	if (whole < 0 || (is_zero_led && whole > 1))
		return -1;
	if (v.len && v.ptr[0] == '.') {
		v = view_sub(v, 1, v.len);
		fraction = take_digits(&v, &digits, is_negative);
		if (fraction < 0 || fraction > DECIMAL_SCALE_MAX)
			return -1;
	}
	if (take_exponent(v, &exponent))
		return -1;
	d = (struct decimal){ .units = digits.units, .scale = (unsigned)fraction };
	return decimal_shift(d, exponent, ret);
}

int decimal_shift(struct decimal d, int places, struct decimal *ret)
{
	d = trimmed(d);
	if (d.units == 0) {
		*ret = (struct decimal){ 0 };
		return 0;
	}
	if (places < 0) {
		unsigned down = 0U - (unsigned)places;

		for (; down && d.units % 10 == 0; down--)
			d.units /= 10;
		if (down > DECIMAL_SCALE_MAX - d.scale)
			return -1;
		d.scale += down;
	} else {
		unsigned up = (unsigned)places, taken = up < d.scale ? up : d.scale;

		d.scale -= taken;
		if (scale_up(d.units, up - taken, &d.units))
			return -1;
	}
	*ret = d;
	return 0;
}

/* Both with the same scale. */
static int align(struct decimal *a, struct decimal *b)
{
	struct decimal *coarse = a->scale < b->scale ? a : b, *fine = coarse == a ? b : a;

	if (scale_up(coarse->units, fine->scale - coarse->scale, &coarse->units))
		return -1;
	coarse->scale = fine->scale;
	return 0;
}

int decimal_add(struct decimal a, struct decimal b, struct decimal *ret)
{
	a = trimmed(a);
	b = trimmed(b);
	if (align(&a, &b) || __builtin_add_overflow(a.units, b.units, &a.units))
		return -1;
	*ret = trimmed(a);
	return 0;
}

int decimal_sub(struct decimal a, struct decimal b, struct decimal *ret)
{
	a = trimmed(a);
	b = trimmed(b);
	if (align(&a, &b) || __builtin_sub_overflow(a.units, b.units, &a.units))
		return -1;
	*ret = trimmed(a);
	return 0;
}

int decimal_mul(struct decimal a, struct decimal b, struct decimal *ret)
{
	struct decimal d;

	a = trimmed(a);
	b = trimmed(b);
	if (__builtin_mul_overflow(a.units, b.units, &d.units))
		return -1;
	d.scale = a.scale + b.scale;
	d = trimmed(d);
	if (d.scale > DECIMAL_SCALE_MAX)
		return -1;
	*ret = d;
	return 0;
}

static int sign_of(decimal_units n)
{
	return (n > 0) - (n < 0);
}

int decimal_cmp(struct decimal a, struct decimal b)
{
	const struct decimal *coarse;

	a = trimmed(a);
	b = trimmed(b);
	coarse = a.scale < b.scale ? &a : &b;
	if (sign_of(a.units) != sign_of(b.units) || align(&a, &b) == 0)
		return (a.units > b.units) - (a.units < b.units);
	/* The coarser one has no room for more digits: it is so much farther from 0. */
	return sign_of(a.units) * (coarse == &a ? 1 : -1);
}

int decimal_u64(struct decimal d, uint64_t *ret)
{
	d = trimmed(d);
	if (d.scale || d.units < 0 || d.units > (decimal_units)UINT64_MAX)
		return -1;
	*ret = (uint64_t)d.units;
	return 0;
}

/* Writes n's digits with a point before the last scale ones, and at least one before the point. */
static int write_digits(struct buf *buf, bool is_negative, magnitude n, unsigned scale)
{
	char text[DIGITS_MAX + DECIMAL_SCALE_MAX + 3];
	char *end = text + sizeof(text), *at = end;
	unsigned written = 0;

	while (n || written <= scale) {
		*--at = (char)('0' + (int)(n % 10));
		n /= 10;
		if (++written == scale)
			*--at = '.';
	}
	if (is_negative)
		*--at = '-';
	return buf_add(buf, view_from(at, (size_t)(end - at)));
}

int decimal_write(struct buf *buf, struct decimal d)
{
	d = trimmed(d);
	return write_digits(buf, d.units < 0, magnitude_of(d.units), d.scale);
}

/* The last digits of n taken off, rounded half up. */
static magnitude rounded(magnitude n, unsigned digits)
{
	magnitude last = 0;
	bool is_cut = digits > 0;

	for (; digits; digits--) {
		last = n % 10;
		n /= 10;
	}
	return n + (is_cut && last >= 5);
}

int decimal_write_fixed(struct buf *buf, struct decimal d, unsigned places)
{
	magnitude n = magnitude_of(d.units);
	size_t start = buf->len;
	bool is_negative = d.units < 0;

	if (d.scale > places) {
		n = rounded(n, d.scale - places);
		return write_digits(buf, is_negative && n, n, places);
	}
	if (write_digits(buf, is_negative, n, d.scale))
		return -1;
	if (d.scale == 0 && places && buf_add_byte(buf, '.')) {
		buf_cut(buf, start);
		return -1;
	}
	for (unsigned i = d.scale; i < places; i++)
		if (buf_add_byte(buf, '0')) {
			buf_cut(buf, start);
			return -1;
		}
	return 0;
}

static int write_groups(struct buf *buf, struct decimal d, unsigned places)
{
	DEFER(buf_done) struct buf plain = BUF_INIT(DIGITS_MAX + DECIMAL_SCALE_MAX + 4);
	size_t start = buf->len, whole;

	if (decimal_write_fixed(&plain, d, places))
		return -1;
	whole = plain.len - (places ? places + 1 : 0);
	for (size_t i = 0; i < plain.len; i++) {
		bool is_group = i && i < whole && (whole - i) % 3 == 0 && text_is_digit(plain.ptr[i - 1]);

		if ((is_group && buf_add_byte(buf, ',')) || buf_add_byte(buf, plain.ptr[i])) {
			buf_cut(buf, start);
			return -1;
		}
	}
	return 0;
}

int decimal_write_money(struct buf *buf, struct decimal d)
{
	return write_groups(buf, d, 2);
}

int decimal_write_count(struct buf *buf, struct decimal d)
{
	return write_groups(buf, d, 0);
}
