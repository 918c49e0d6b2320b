/* SPDX-License-Identifier: Apache-2.0 */
#include "common/policy/budget.h"

#include "common/base/clock.h"

#define SECONDS_PER_DAY 86400
#define PROJECTION_PLACES 6
#define HALF_UNITS ((decimal_units)1 << 126)
#define UNITS_MAX (HALF_UNITS - 1 + HALF_UNITS)

void budget_period(enum policy_period period, int64_t unix_s, int64_t *ret_from_s, int64_t *ret_to_s)
{
	int64_t from = clock_day(unix_s), to = from + 1;
	int year, month, day;

	if (period == POLICY_MONTHLY) {
		clock_date(from, &year, &month, &day);
		from = clock_days(year, month, 1);
		to = month == 12 ? clock_days(year + 1, 1, 1) : clock_days(year, month + 1, 1);
	}
	*ret_from_s = from * SECONDS_PER_DAY;
	*ret_to_s = to * SECONDS_PER_DAY;
}

/* Whether n * limit <= used * 10^places. What has no room is larger than all that has. */
static bool covers(struct decimal limit, uint64_t n, struct decimal used, int places)
{
	struct decimal left, right;

	if (decimal_shift(used, places, &right))
		return used.units > 0;
	return decimal_mul(limit, decimal_of(n), &left) == 0 && decimal_cmp(left, right) <= 0;
}

unsigned budget_reached(const struct policy_budget *budget, struct decimal used_usd)
{
	unsigned reached = 0;

	for (size_t i = 0; i < budget->alert_count; i++)
		if (covers(budget->limit_usd, budget->alert_at[i], used_usd, 2))
			reached |= 1u << i;
	return reached;
}

uint64_t budget_ratio(const struct policy_budget *budget, struct decimal used_usd)
{
	uint64_t low = 0;

	if (used_usd.units <= 0)
		return 0;
	if (budget->limit_usd.units <= 0)
		return UINT64_MAX;
	for (uint64_t bit = UINT64_C(1) << 63; bit; bit >>= 1) /* the largest n that is covered */
		if (covers(budget->limit_usd, low | bit, used_usd, 4))
			low |= bit;
	return low;
}

/* n * 10, or -1 when there is no room. */
static int tenfold(decimal_units *n)
{
	return __builtin_mul_overflow(*n, (decimal_units)10, n) ? -1 : 0;
}

/* n * length / passed, rounded down, and whether at least half of one is left over. n is not negative; the intermediate
 * products are small. */
static int scale(decimal_units n, int64_t length, int64_t passed, decimal_units *ret, bool *ret_half)
{
	decimal_units rest = n % passed * length;

	if (__builtin_mul_overflow(n / passed, (decimal_units)length, ret) ||
	    __builtin_add_overflow(*ret, rest / passed, ret))
		return -1;
	*ret_half = rest % passed >= passed - rest % passed;
	return 0;
}

/* The same for an amount that is not negative. */
static struct decimal project(struct decimal used, int64_t length, int64_t passed)
{
	struct decimal ret = { .scale = PROJECTION_PLACES };
	bool has_half = false;
	unsigned digits = used.scale;

	for (; digits < PROJECTION_PLACES; digits++)
		if (tenfold(&used.units))
			return (struct decimal){ UNITS_MAX, PROJECTION_PLACES };
	if (scale(used.units, length, passed, &ret.units, &has_half))
		return (struct decimal){ UNITS_MAX, PROJECTION_PLACES };
	/* What was cut off below the last digit is less than one of it, so the digit after the last tells enough. */
	for (; digits > PROJECTION_PLACES; digits--) {
		has_half = ret.units % 10 >= 5;
		ret.units /= 10;
	}
	ret.units += has_half;
	return ret;
}

struct decimal budget_projection(struct decimal used_usd, int64_t from_s, int64_t now_s, int64_t to_s)
{
	bool is_negative = used_usd.units < 0;
	struct decimal ret = used_usd;

	if (now_s <= from_s || now_s >= to_s)
		return used_usd;
	if (is_negative && __builtin_sub_overflow((decimal_units)0, ret.units, &ret.units))
		return used_usd;
	ret = project(ret, to_s - from_s, now_s - from_s);
	if (is_negative)
		ret.units = -ret.units;
	return ret;
}
