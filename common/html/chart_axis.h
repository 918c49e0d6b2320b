/* SPDX-License-Identifier: Apache-2.0 */
/* The scale of a chart, in integers: hundredths of what is drawn. Only for charts. */
#ifndef COMMON_HTML_CHART_AXIS_H
#define COMMON_HTML_CHART_AXIS_H

#include "common/base/decimal.h"
#include "common/html/html.h"

struct axis {
	int64_t top, step; /* ticks at 0, step, ... top; steps are 1, 2 or 5 times a power of ten */
};

struct axis axis_for(int64_t highest);

/* In hundredths, rounded toward 0; below 0 it is 0, and what has no room is as high as can be drawn. */
int64_t axis_value(struct decimal value);
int64_t axis_sum(int64_t a, int64_t b);

/* value's share of a length that stands for the whole axis. */
int64_t axis_part(const struct axis *axis, int64_t value, int64_t length);

void axis_add_tick(struct html *h, int64_t value); /* 0.05, 20, 1.5k, 20M */

#endif
