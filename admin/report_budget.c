/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/report_budget.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "common/html/chart.h"
#include "common/html/table.h"
#include "common/policy/budget.h"
#include "common/policy/budget_scope.h"

/* Calls with each line that a budget is about: one, or the workspaces of a department. 0 or -1. */
typedef int line_fn(void *context, const struct sums_cell *total_of_months, const struct sums_cell *today);

/* Whether a line of the budget's dimension counts for it. */
static bool is_of(const struct report *r, const struct policy_budget *budget, struct view name)
{
	struct budget_payer payer = { .workspace_id = name, .key_id = name, .team = name };
	const struct policy_department *department;
	const struct org_key *key;

	if (budget->scope == POLICY_WORKSPACE || budget->scope == POLICY_DEPARTMENT)
		payer.workspace_name = organization_workspace_name(r->org, name);
	if (budget->scope == POLICY_DEPARTMENT) {
		department = policy_department_of(r->policy, name, payer.workspace_name);
		payer.department = department ? view_of(department->name) : VIEW_NONE;
	}
	if (budget->scope == POLICY_KEY) {
		key = organization_key(r->org, name);
		payer.key_name = key ? view_of(key->name) : VIEW_NONE;
	}
	return budget_counts(budget, &payer);
}

static enum sums_dimension dimension_of(enum policy_scope scope)
{
	switch (scope) {
	case POLICY_TEAM:
		return SUMS_TEAM;
	case POLICY_KEY:
		return SUMS_KEY;
	default:
		return SUMS_WORKSPACE;
	}
}

static int each_line(const struct report *r, const struct policy_budget *budget, line_fn *take, void *context)
{
	enum sums_dimension d = dimension_of(budget->scope);

	if (budget->scope == POLICY_ORGANIZATION)
		return take(context, r->sums.all, &r->sums.today_total);
	for (uint32_t i = 0; i < r->sums.names[d].count; i++)
		if (is_of(r, budget, intern_text(&r->sums.names[d], i)) &&
		    take(context, r->sums.lines[d][i].months, &r->sums.lines[d][i].today))
			return -1;
	return 0;
}

struct used {
	const struct sums *sums;
	enum policy_period period;
	struct decimal usd;
};

static int add_used(void *context, const struct sums_cell *months, const struct sums_cell *today)
{
	struct used *u = context;
	const struct sums_cell *cell = u->period == POLICY_DAILY ? today : &months[u->sums->months - 1];

	return decimal_add(u->usd, cell->usd, &u->usd);
}

struct line {
	size_t months;
	struct decimal *values;
};

static int add_months(void *context, const struct sums_cell *months, const struct sums_cell *)
{
	struct line *line = context;

	for (size_t m = 0; m < line->months; m++)
		if (decimal_add(line->values[m], months[m].usd, &line->values[m]))
			return -1;
	return 0;
}

static int add_name(struct buf *buf, const struct policy_budget *budget)
{
	if (budget->scope == POLICY_ORGANIZATION)
		return buf_add_text(buf, "organization");
	return buf_addf(buf, "%s ", policy_scope_names[budget->scope]) || buf_add_text(buf, budget->name) ? -1 : 0;
}

/* "ml-prod: 20,000.00 a month" */
static int add_limit_name(struct buf *buf, const struct policy_budget *budget)
{
	return buf_add_text(buf, budget->scope == POLICY_ORGANIZATION ? "organization" : budget->name) ||
			       buf_add_text(buf, ": ") || html_add_money(buf, budget->limit_usd) ||
			       buf_add_text(buf, " a month")
		       ? -1
		       : 0;
}

static int add_labels(const struct sums *sums, struct buf *texts, struct view labels[static HTML_CHART_LABELS])
{
	for (size_t m = 0; m < sums->months; m++)
		if (sums_add_month(texts, sums->first_month + (int64_t)m))
			return -1;
	for (size_t m = 0; m < sums->months; m++)
		labels[m] = view_sub(buf_view(texts), m * (texts->len / sums->months), texts->len / sums->months);
	return 0;
}

/* One chart: the months of what one scope's monthly budgets are about, each budget a line across. */
struct budget_chart {
	const struct policy_budget *budgets[HTML_CHART_LIMITS];
	size_t count;
	struct decimal *values;
	struct buf names[HTML_CHART_LIMITS], labels_text;
	struct view labels[HTML_CHART_LABELS], series[HTML_CHART_LIMITS];
	struct html_limit limits[HTML_CHART_LIMITS];
};

static void budget_chart_done(struct budget_chart *c)
{
	free(c->values);
	buf_done(&c->labels_text);
	for (size_t i = 0; i < HTML_CHART_LIMITS; i++)
		buf_done(&c->names[i]);
}

static void pick_budgets(const struct policy *policy, enum policy_scope scope, struct budget_chart *c)
{
	for (size_t i = 0; i < policy->budget_count && c->count < HTML_CHART_LIMITS; i++)
		if (policy->budgets[i].scope == scope && policy->budgets[i].period == POLICY_MONTHLY)
			c->budgets[c->count++] = &policy->budgets[i];
}

static int fill_chart(const struct report *r, struct budget_chart *c)
{
	c->values = calloc(c->count * r->sums.months, sizeof(*c->values));
	if (!c->values || add_labels(&r->sums, &c->labels_text, c->labels))
		return -1;
	for (size_t i = 0; i < c->count; i++) {
		struct line line = { r->sums.months, c->values + i * r->sums.months };

		if (each_line(r, c->budgets[i], add_months, &line) || add_limit_name(&c->names[i], c->budgets[i]))
			return -1;
		c->series[i] = view_of(c->budgets[i]->name);
		c->limits[i] = (struct html_limit){ buf_view(&c->names[i]), c->budgets[i]->limit_usd };
	}
	return 0;
}

static int add_chart(struct html *h, const struct report *r, enum policy_scope scope, const char *id, const char *title)
{
	struct budget_chart c = { .labels_text = BUF_INIT(ERR_TEXT_BYTES * 4) };
	struct html_chart chart = {
		.id = id, .title = title, .kind = HTML_LINES, .is_money = true, .label_title = "Month"
	};
	int ret = 0;

	for (size_t i = 0; i < HTML_CHART_LIMITS; i++)
		c.names[i] = (struct buf)BUF_INIT(HTML_TEXT_BYTES);
	pick_budgets(r->policy, scope, &c);
	if (c.count)
		ret = fill_chart(r, &c);
	if (c.count && !ret) {
		chart.labels = c.labels;
		chart.label_count = r->sums.months;
		chart.series = c.series;
		chart.series_count = c.count;
		chart.values = c.values;
		chart.limits = c.limits;
		chart.limit_count = c.count;
		html_chart(h, &chart);
	}
	budget_chart_done(&c);
	return ret;
}

/* All cost by month, with the organization's budget when there is one. */
static int add_total(struct html *h, const struct report *r)
{
	struct budget_chart c = { .labels_text = BUF_INIT(ERR_TEXT_BYTES * 4) };
	const struct view series = VIEW("USD");
	struct html_chart chart = { .id = "months",
				    .title = "Cost by month, in USD",
				    .kind = HTML_BARS,
				    .is_money = true,
				    .label_title = "Month",
				    .series = &series,
				    .series_count = 1 };
	int ret;

	for (size_t i = 0; i < HTML_CHART_LIMITS; i++)
		c.names[i] = (struct buf)BUF_INIT(HTML_TEXT_BYTES);
	c.values = calloc(r->sums.months, sizeof(*c.values));
	pick_budgets(r->policy, POLICY_ORGANIZATION, &c);
	ret = !c.values || add_labels(&r->sums, &c.labels_text, c.labels) ||
	      (c.count && add_limit_name(&c.names[0], c.budgets[0]));
	if (!ret) {
		for (size_t m = 0; m < r->sums.months; m++)
			c.values[m] = r->sums.all[m].usd;
		if (c.count)
			c.limits[0] = (struct html_limit){ buf_view(&c.names[0]), c.budgets[0]->limit_usd };
		chart.labels = c.labels;
		chart.label_count = r->sums.months;
		chart.values = c.values;
		chart.limits = c.limits;
		chart.limit_count = c.count ? 1 : 0;
		html_chart(h, &chart);
	}
	budget_chart_done(&c);
	return ret ? -1 : 0;
}

static const char *level_of(const struct policy_budget *budget, struct decimal used, struct decimal projected)
{
	if (decimal_cmp(used, budget->limit_usd) > 0)
		return "critical";
	if (decimal_cmp(projected, budget->limit_usd) > 0)
		return "high";
	return budget_reached(budget, used) ? "medium" : "ok";
}

/* "64.20 %" of a ratio in hundredths of a per cent. */
static void cell_ratio(struct html *h, struct html_table *t, uint64_t ratio)
{
	DEFER(buf_done) struct buf text = BUF_INIT(ERR_TEXT_BYTES);

	if (ratio != UINT64_MAX &&
	    (text_add_grouped(&text, ratio / 100) || buf_addf(&text, ".%02u %%", (unsigned)(ratio % 100))))
		h->failed = true;
	html_cell(h, t, buf_view(&text));
}

static int add_row(struct html *h, struct html_table *t, const struct report *r, const struct policy_budget *budget)
{
	DEFER(buf_done) struct buf name = BUF_INIT(HTML_TEXT_BYTES);
	struct used used = { &r->sums, budget->period, decimal_of(0) };
	struct decimal projected;
	int64_t from_s, to_s;

	if (each_line(r, budget, add_used, &used) || add_name(&name, budget))
		return -1;
	budget_period(budget->period, r->to_s - 1, &from_s, &to_s);
	projected = budget_projection(used.usd, from_s, r->to_s, to_s);
	html_row(h, t);
	html_cell(h, t, buf_view(&name));
	html_cell(h, t, view_of(policy_period_names[budget->period]));
	html_cell_money(h, t, budget->limit_usd);
	html_cell_money(h, t, used.usd);
	cell_ratio(h, t, budget_ratio(budget, used.usd));
	html_cell_money(h, t, projected);
	html_cell(h, t, view_of(level_of(budget, used.usd, projected)));
	return 0;
}

static int add_table(struct html *h, const struct report *r)
{
	static const struct html_column columns[] = {
		{ "Budget of", HTML_TEXT, false },     { "Period", HTML_TEXT, true },
		{ "Limit in USD", HTML_MONEY, false }, { "Used in USD", HTML_MONEY, false },
		{ "Used", HTML_NUMBER, false },        { "At this pace", HTML_MONEY, false },
		{ "State", HTML_LEVEL, true },
	};
	struct html_table t = { .id = "budgets",
				.caption = "Budgets in the period that runs",
				.columns = columns,
				.count = ARRAY_LEN(columns) };

	if (!r->policy->budget_count) {
		html_paragraph(h, VIEW("The policy sets no budgets."));
		return 0;
	}
	html_table_begin(h, &t);
	for (size_t i = 0; i < r->policy->budget_count; i++)
		if (add_row(h, &t, r, &r->policy->budgets[i]))
			return -1;
	html_table_end(h, &t);
	html_paragraph(
		h, VIEW("critical: the limit is passed; high: it will be at this pace; medium: an alert's threshold is "
			"reached."));
	return 0;
}

int report_budgets(struct html *h, const struct report *r)
{
	return add_total(h, r) || add_chart(h, r, POLICY_TEAM, "team-budgets", "Teams with a monthly budget, in USD") ||
			       add_chart(h, r, POLICY_WORKSPACE, "workspace-budgets",
					 "Workspaces with a monthly budget, in USD") ||
			       add_table(h, r)
		       ? -1
		       : 0;
}
