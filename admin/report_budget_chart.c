/* SPDX-License-Identifier: Apache-2.0 */
/* Cost by month, with the monthly budgets as lines across. A chart has room for HTML_CHART_LIMITS of them: those that
 * are used most; the table beside it has all. */
#include <stdlib.h>

#include "admin/report_budget.h"
#include "common/base/bounds.h"
#include "common/base/text.h"
#include "common/html/chart.h"
#include "common/html/table.h"
#include "common/policy/budget.h"

/* A monthly budget, and what counted for it in each month. */
struct line {
	const struct policy_budget *budget;
	uint64_t ratio; /* how much of it the last month used */
	struct decimal *months;
};

struct budget_chart {
	const struct report *r;
	const char *title;  /* what has them: "Team" */
	struct line *lines; /* those that are used most first */
	size_t count;
	struct buf labels_text;
	struct view labels[HTML_CHART_LABELS];
	struct decimal *values; /* of the lines that are drawn */
	struct buf names[HTML_CHART_LIMITS];
	struct view series[HTML_CHART_LIMITS];
	struct html_limit limits[HTML_CHART_LIMITS];
};

static void chart_init(struct budget_chart *c, const struct report *r, const char *title)
{
	*c = (struct budget_chart){ .r = r, .title = title, .labels_text = BUF_INIT(ERR_TEXT_BYTES * 4) };
	for (size_t i = 0; i < HTML_CHART_LIMITS; i++)
		c->names[i] = (struct buf)BUF_INIT(HTML_TEXT_BYTES);
}

static void chart_done(struct budget_chart *c)
{
	for (size_t i = 0; i < c->count; i++)
		free(c->lines[i].months);
	free(c->lines);
	free(c->values);
	buf_done(&c->labels_text);
	for (size_t i = 0; i < HTML_CHART_LIMITS; i++)
		buf_done(&c->names[i]);
}

static size_t drawn_of(const struct budget_chart *c)
{
	return c->count < HTML_CHART_LIMITS ? c->count : HTML_CHART_LIMITS;
}

static int by_use(const void *left, const void *right)
{
	const struct line *a = left, *b = right;

	if (a->ratio != b->ratio)
		return a->ratio > b->ratio ? -1 : 1;
	return (a->budget > b->budget) - (a->budget < b->budget); /* as the policy has them */
}

static int add_lines(struct budget_chart *c, enum policy_scope scope)
{
	const struct policy *policy = c->r->policy;
	size_t months = c->r->whole->months;

	c->lines = calloc(policy->budget_count + 1, sizeof(*c->lines));
	if (!c->lines)
		return -1;
	for (size_t i = 0; i < policy->budget_count; i++) {
		struct line *line = &c->lines[c->count];

		if (policy->budgets[i].scope != scope || policy->budgets[i].period != POLICY_MONTHLY)
			continue;
		line->budget = &policy->budgets[i];
		line->months = calloc(months, sizeof(*line->months));
		if (!line->months)
			return -1;
		c->count++;
		if (report_budget_months(c->r, line->budget, line->months))
			return -1;
		line->ratio = budget_ratio(line->budget, line->months[months - 1]);
	}
	qsort(c->lines, c->count, sizeof(*c->lines), by_use);
	return 0;
}

/* "ml-prod: 20,000.00 a month" */
static int add_limit_name(struct buf *buf, const struct policy_budget *budget)
{
	return buf_add_text(buf, budget->scope == POLICY_ORGANIZATION ? "organization" : budget->name) ||
			       buf_add_text(buf, ": ") || decimal_write_money(buf, budget->limit_usd) ||
			       buf_add_text(buf, " a month")
		       ? -1
		       : 0;
}

static int add_limits(struct budget_chart *c)
{
	for (size_t i = 0; i < drawn_of(c); i++) {
		const struct policy_budget *budget = c->lines[i].budget;

		if (add_limit_name(&c->names[i], budget))
			return -1;
		c->series[i] = view_of(budget->name);
		c->limits[i] = (struct html_limit){ buf_view(&c->names[i]), budget->limit_usd };
	}
	return 0;
}

/* One of them on a row, with its months. */
static int add_table(struct html *h, const struct budget_chart *c, const char *id)
{
	DEFER(buf_done) struct buf table_id = BUF_INIT(ERR_TEXT_BYTES);
	struct html_column columns[2 + HTML_CHART_LABELS] = { { c->title, HTML_TEXT, false },
							      { "Limit in USD", HTML_MONEY, false } };
	size_t months = c->r->whole->months;
	struct html_table t = { .caption = "All that have one, in USD", .columns = columns, .count = 2 + months };

	if (buf_addf(&table_id, "%s-table", id))
		return -1;
	t.id = table_id.ptr;
	for (size_t m = 0; m < months; m++)
		columns[2 + m] = (struct html_column){ c->labels[m].ptr, HTML_MONEY, false };
	html_table_begin(h, &t);
	for (size_t i = 0; i < c->count; i++) {
		html_row(h, &t);
		html_cell(h, &t, view_of(c->lines[i].budget->name));
		html_cell_money(h, &t, c->lines[i].budget->limit_usd);
		for (size_t m = 0; m < months; m++)
			html_cell_money(h, &t, c->lines[i].months[m]);
	}
	html_table_end(h, &t);
	return 0;
}

static int write_chart(struct html *h, struct budget_chart *c, struct html_chart *chart)
{
	size_t months = c->r->whole->months, drawn = drawn_of(c);

	c->values = calloc(drawn * months + 1, sizeof(*c->values));
	if (!c->values || sums_add_months(c->r->whole, &c->labels_text, c->labels) || add_limits(c))
		return -1;
	for (size_t i = 0; i < drawn; i++)
		for (size_t m = 0; m < months; m++)
			c->values[i * months + m] = c->lines[i].months[m];
	chart->labels = c->labels;
	chart->label_count = months;
	chart->series = c->series;
	chart->series_count = drawn;
	chart->values = c->values;
	chart->limits = c->limits;
	chart->limit_count = drawn;
	html_chart_begin(h, chart);
	if (add_table(h, c, chart->id))
		return -1;
	html_chart_end(h);
	if (c->count > drawn)
		html_paragraphf(h, "The %zu that this month used most of are drawn; the table has %zu more.", drawn,
				c->count - drawn);
	return 0;
}

static int add_scope(struct html *h, const struct report *r, enum policy_scope scope)
{
	static const struct {
		const char *id, *title, *who;
	} texts[POLICY_SCOPES] = {
		[POLICY_TEAM] = { "team-budgets", "Teams with a monthly budget, in USD", "Team" },
		[POLICY_DEPARTMENT] = { "department-budgets", "Departments with a monthly budget, in USD",
					"Department" },
		[POLICY_WORKSPACE] = { "workspace-budgets", "Workspaces with a monthly budget, in USD", "Workspace" },
		[POLICY_KEY] = { "key-budgets", "Keys with a monthly budget, in USD", "Key" },
	};
	struct html_chart chart = { .id = texts[scope].id,
				    .title = texts[scope].title,
				    .kind = HTML_LINES,
				    .is_money = true,
				    .label_title = "Month" };
	struct budget_chart c;
	int ret;

	chart_init(&c, r, texts[scope].who);
	ret = add_lines(&c, scope);
	if (!ret && c.count)
		ret = write_chart(h, &c, &chart);
	chart_done(&c);
	return ret;
}

/* All cost by month, with the organization's budget when there is one. */
static int add_total(struct html *h, const struct report *r)
{
	const struct view series = VIEW("USD");
	struct html_chart chart = { .id = "months",
				    .title = "Cost by month, in USD",
				    .kind = HTML_BARS,
				    .is_money = true,
				    .label_title = "Month",
				    .label_count = r->whole->months,
				    .series = &series,
				    .series_count = 1 };
	struct budget_chart c;
	int ret;

	chart_init(&c, r, "");
	c.values = calloc(r->whole->months, sizeof(*c.values));
	ret = !c.values || sums_add_months(r->whole, &c.labels_text, c.labels) || add_lines(&c, POLICY_ORGANIZATION) ||
	      add_limits(&c);
	if (!ret) {
		for (size_t m = 0; m < r->whole->months; m++)
			c.values[m] = r->whole->all[m].usd;
		chart.labels = c.labels;
		chart.values = c.values;
		chart.limits = c.limits;
		chart.limit_count = drawn_of(&c);
		html_chart(h, &chart);
	}
	chart_done(&c);
	return ret ? -1 : 0;
}

int report_budget_charts(struct html *h, const struct report *r)
{
	static const enum policy_scope scopes[] = { POLICY_TEAM, POLICY_DEPARTMENT, POLICY_WORKSPACE, POLICY_KEY };

	if (add_total(h, r))
		return -1;
	for (size_t i = 0; i < ARRAY_LEN(scopes); i++)
		if (add_scope(h, r, scopes[i]))
			return -1;
	return 0;
}
