/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/report_budget.h"

#include "admin/tally.h"
#include "common/base/bounds.h"
#include "common/base/text.h"
#include "common/html/table.h"
#include "common/policy/budget.h"
#include "common/policy/budget_scope.h"

#define MONTH_BYTES 7 /* 2026-11 */

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

/* Calls with the months and the last day of each line that counts for the budget. 0 or -1. */
typedef int line_fn(void *context, const struct sums_cell *months, const struct sums_cell *today);

static int each_line(const struct report *r, const struct policy_budget *budget, line_fn *take, void *context)
{
	enum sums_dimension d = dimension_of(budget->scope);

	if (budget->scope == POLICY_ORGANIZATION)
		return take(context, r->whole->all, &r->whole->today_total);
	for (uint32_t i = 0; i < r->whole->names[d].count; i++)
		if (is_of(r, budget, intern_text(&r->whole->names[d], i)) &&
		    take(context, r->whole->lines[d][i].months, &r->whole->lines[d][i].today))
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

int report_budget_used(const struct report *r, const struct policy_budget *budget, struct decimal *ret)
{
	struct used used = { r->whole, budget->period, decimal_of(0) };

	if (each_line(r, budget, add_used, &used))
		return -1;
	*ret = used.usd;
	return 0;
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

int report_budget_months(const struct report *r, const struct policy_budget *budget, struct decimal *ret_months)
{
	struct line line = { r->whole->months, ret_months };

	for (size_t m = 0; m < line.months; m++)
		ret_months[m] = decimal_of(0);
	return each_line(r, budget, add_months, &line);
}

/* ---- the table ---- */

static int add_name(struct buf *buf, const struct policy_budget *budget)
{
	if (budget->scope == POLICY_ORGANIZATION)
		return buf_add_text(buf, "organization");
	return buf_addf(buf, "%s ", policy_scope_names[budget->scope]) || buf_add_text(buf, budget->name) ? -1 : 0;
}

static const char *level_of(const struct policy_budget *budget, struct decimal used, struct decimal projected)
{
	if (decimal_cmp(used, budget->limit_usd) > 0)
		return "critical";
	if (decimal_cmp(projected, budget->limit_usd) > 0)
		return "high";
	return budget_reached(budget, used) ? "medium" : "ok";
}

/* "64.20 %", as cost --projection rounds it. */
static void cell_used(struct html *h, struct html_table *t, struct decimal used, struct decimal limit)
{
	DEFER(buf_done) struct buf text = BUF_INIT(ERR_TEXT_BYTES);
	struct decimal percent;

	if (tally_percent(used, limit, &percent) && (decimal_write_money(&text, percent) || buf_add_text(&text, " %")))
		h->failed = true;
	html_cell(h, t, buf_view(&text));
}

static int add_row(struct html *h, struct html_table *t, const struct report *r, const struct policy_budget *budget)
{
	DEFER(buf_done) struct buf name = BUF_INIT(HTML_TEXT_BYTES);
	DEFER(buf_done) struct buf date = BUF_INIT(ERR_TEXT_BYTES);
	struct decimal projected, used;
	int64_t from_s, to_s;

	budget_period(budget->period, r->to_s - 1, &from_s, &to_s);
	if (report_budget_used(r, budget, &used) || add_name(&name, budget) || report_add_date(&date, from_s))
		return -1;
	projected = budget_projection(used, from_s, r->to_s, to_s);
	html_row(h, t);
	html_cell(h, t, buf_view(&name));
	html_cell(h, t, view_of(policy_period_names[budget->period]));
	html_cell(h, t, view_sub(buf_view(&date), 0, budget->period == POLICY_MONTHLY ? MONTH_BYTES : date.len));
	html_cell_money(h, t, budget->limit_usd);
	html_cell_money(h, t, used);
	cell_used(h, t, used, budget->limit_usd);
	html_cell_money(h, t, projected);
	html_cell(h, t, view_of(level_of(budget, used, projected)));
	return 0;
}

static int add_table(struct html *h, const struct report *r)
{
	static const struct html_column columns[] = {
		{ "Budget of", HTML_TEXT, false },
		{ "Period", HTML_TEXT, true },
		{ "Of", HTML_DATE, false },
		{ "Limit in USD", HTML_MONEY, false },
		{ "Used in USD", HTML_MONEY, false },
		{ "Used", HTML_NUMBER, false },
		{ "At this pace", HTML_MONEY, false },
		{ "State", HTML_LEVEL, true },
	};
	struct html_table t = { .id = "budgets",
				.caption = "Budgets, each in the period that the last day told is in",
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

/* What the reader of budgets has to know of the time. */
static void add_time(struct html *h, const struct report *r)
{
	DEFER(buf_done) struct buf month = BUF_INIT(ERR_TEXT_BYTES);

	if (r->whole == &r->sums)
		return;
	if (sums_add_month(&month, r->whole->first_month))
		h->failed = true;
	else
		html_paragraphf(h,
				"Budgets are judged by whole months, so that the charts with budgets tell of all of "
				"%s, which begins before the time that this page tells of.",
				month.ptr);
}

int report_budgets(struct html *h, const struct report *r)
{
	add_time(h, r);
	return report_budget_charts(h, r) || add_table(h, r) ? -1 : 0;
}
