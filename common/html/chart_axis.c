/* SPDX-License-Identifier: Apache-2.0 */
#include "common/html/chart_axis.h"

#define HUNDREDTHS 2 /* digits */
#define VALUE_MAX (INT64_MAX / 16)
#define TICKS 4

struct axis axis_for(int64_t highest)
{
	static const int64_t factors[] = { 1, 2, 5 };
	int64_t least = (highest + TICKS - 1) / TICKS, power = 1;
	struct axis axis;
	size_t i = 0;

	while (factors[i] * power < least)
		if (++i == ARRAY_LEN(factors)) {
			i = 0;
			power *= 10;
		}
	axis.step = factors[i] * power;
	axis.top = (highest + axis.step - 1) / axis.step * axis.step;
	if (axis.top == 0)
		axis.top = axis.step;
	return axis;
}

int64_t axis_value(struct decimal value)
{
	decimal_units units = value.units;

	for (; value.scale > HUNDREDTHS; value.scale--)
		units /= 10;
	for (; value.scale < HUNDREDTHS && units < VALUE_MAX; value.scale++)
		units *= 10;
	if (units < 0)
		return 0;
	return units > VALUE_MAX ? VALUE_MAX : (int64_t)units;
}

int64_t axis_sum(int64_t a, int64_t b)
{
	return a > VALUE_MAX - b ? VALUE_MAX : a + b;
}

int64_t axis_part(const struct axis *axis, int64_t value, int64_t length)
{
	return (int64_t)((decimal_units)value * length / axis->top);
}

void axis_add_tick(struct html *h, int64_t value)
{
	static const struct {
		int64_t one;
		const char *suffix;
	} sizes[] = { { 100'000'000'000, "B" }, { 100'000'000, "M" }, { 100'000, "k" } };

	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		int64_t tenths = value / (sizes[i].one / 10);

		if (value < sizes[i].one)
			continue;
		html_markupf(h, "%lld", (long long)(tenths / 10));
		if (tenths % 10)
			html_markupf(h, ".%lld", (long long)(tenths % 10));
		html_markup(h, sizes[i].suffix);
		return;
	}
	if (value % 100)
		html_markupf(h, "%lld.%02lld", (long long)(value / 100), (long long)(value % 100));
	else
		html_markupf(h, "%lld", (long long)(value / 100));
}
