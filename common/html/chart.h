/* SPDX-License-Identifier: Apache-2.0 */
/* Charts as inline SVG (SVG 2), each with a table of its numbers beside it. Amounts are decimals in the table; drawn
 * they are rounded to hundredths, and what is below 0 is not drawn. */
#ifndef COMMON_HTML_CHART_H
#define COMMON_HTML_CHART_H

#include "common/base/decimal.h"
#include "common/html/html.h"

enum html_chart_kind {
	HTML_BARS,  /* upright, the series on top of each other */
	HTML_LINES, /* one for each series */
	HTML_RANKS, /* lying, one series; for labels that are names */
};

/* A line across: a budget. */
struct html_limit {
	struct view name;
	struct decimal value;
};

struct html_chart {
	const char *id;    /* a word of ours, unique in the page */
	const char *title; /* what is shown, with the unit */
	enum html_chart_kind kind;
	bool is_money;
	const char *label_title; /* "Month" */
	const struct view *labels;
	size_t label_count; /* at most HTML_CHART_LABELS */
	const struct view *series;
	size_t series_count;          /* at most HTML_CHART_SERIES */
	bool has_rest;                /* the last series is all that has none of its own */
	const struct decimal *values; /* [series * label_count + label] */
	const struct html_limit *limits;
	size_t limit_count; /* at most HTML_CHART_LIMITS */
};

/* Nothing is written without labels or series, or with more than there is room for. */
void html_chart(struct html *h, const struct html_chart *c);

/* The same without the table, for one that says more: whoever calls writes it between the two. There are labels and
 * series, and there is room for them. */
void html_chart_begin(struct html *h, const struct html_chart *c);
void html_chart_end(struct html *h);

#endif
