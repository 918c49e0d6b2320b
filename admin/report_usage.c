/* SPDX-License-Identifier: Apache-2.0 */
/* The part of a report that tells of usage and cost: by team, workspace, model and key, by month, with budgets. */
#include <stdlib.h>

#include "admin/period.h"
#include "admin/report.h"
#include "admin/report_budget.h"
#include "admin/tally.h"
#include "common/base/bounds.h"
#include "common/base/text.h"
#include "common/html/chart.h"
#include "common/html/table.h"

#define SERIES (HTML_CHART_SERIES - 1) /* lines with a colour of their own; all others are one */
#define RANKS 12
#define NONE "(none)"

enum part { PART_COST, PART_TEAMS, PART_WORKSPACES, PART_MODELS, PART_USERS };
const struct html_section report_usage_sections[] = {
	{ "cost", "Cost and budgets" }, { "teams", "Teams" },           { "workspaces", "Workspaces" },
	{ "models", "Models" },         { "spenders", "Keys by cost" },
};
const size_t report_usage_count = ARRAY_LEN(report_usage_sections);

/* What to show for a name of that dimension. */
static struct view shown(const struct report *r, enum sums_dimension d, uint32_t number)
{
	struct view name = intern_text(&r->sums.names[d], number);
	const struct org_key *key;

	if (d == SUMS_WORKSPACE)
		return organization_workspace_name(r->org, name);
	key = d == SUMS_KEY && name.len ? organization_key(r->org, name) : NULL;
	if (key)
		return view_of(key->name);
	return name.len ? name : VIEW(NONE);
}

/* The lines that cost most as series of a chart, and what is left as the last. */
struct top {
	struct view names[HTML_CHART_SERIES];
	struct decimal *values; /* [series * months + month] */
	size_t count;
	bool has_rest;
};

static int add_up(struct decimal *sum, struct decimal d)
{
	return decimal_add(*sum, d, sum);
}

static int make_top(const struct report *r, enum sums_dimension d, const uint32_t *order, struct top *top)
{
	const struct sums *sums = &r->sums;
	size_t count = sums->names[d].count;

	top->has_rest = count > HTML_CHART_SERIES;
	top->count = top->has_rest ? HTML_CHART_SERIES : count;
	top->values = calloc(top->count * sums->months, sizeof(*top->values));
	if (!top->values)
		return -1;
	for (size_t i = 0; i < count; i++) {
		size_t series = top->has_rest && i >= SERIES ? SERIES : i;

		top->names[series] = i < SERIES || !top->has_rest ? shown(r, d, order[i]) : VIEW("all others");
		for (size_t m = 0; m < sums->months; m++)
			if (add_up(&top->values[series * sums->months + m], sums->lines[d][order[i]].months[m].usd))
				return -1;
	}
	return 0;
}

static int add_months_chart(struct html *h, const struct report *r, enum sums_dimension d, const uint32_t *order,
			    const char *id, const char *title)
{
	DEFER(buf_done) struct buf texts = BUF_INIT(ERR_TEXT_BYTES * 4);
	struct view labels[HTML_CHART_LABELS];
	struct top top = { .count = 0 };
	struct html_chart chart = {
		.id = id, .title = title, .kind = HTML_BARS, .is_money = true, .label_title = "Month"
	};
	int ret = sums_add_months(&r->sums, &texts, labels) || make_top(r, d, order, &top);

	if (!ret) {
		chart.labels = labels;
		chart.label_count = r->sums.months;
		chart.series = top.names;
		chart.series_count = top.count;
		chart.has_rest = top.has_rest;
		chart.values = top.values;
		html_chart(h, &chart);
	}
	free(top.values);
	return ret ? -1 : 0;
}

/* "+12.34 %"; nothing when there was nothing before. */
static void cell_growth(struct html *h, struct html_table *t, struct decimal before, struct decimal now)
{
	DEFER(buf_done) struct buf text = BUF_INIT(ERR_TEXT_BYTES);
	struct decimal difference, percent;

	if (!decimal_sub(now, before, &difference) && tally_percent(difference, before, &percent) &&
	    (buf_add_text(&text, percent.units > 0 ? "+" : "") || decimal_write_fixed(&text, percent, 2) ||
	     buf_add_text(&text, " %")))
		h->failed = true;
	html_cell(h, t, buf_view(&text));
}

/* The last month that is told of whole, as the one before it is; 0: there are no two. A part of a month is not compared
 * with a whole one. */
static size_t growth_month(const struct report *r)
{
	const struct period period = { .from_s = r->from_s, .to_s = r->to_s, .now_s = r->now_s };
	int64_t month_s = period_month(r->to_s - 1, 0);

	for (size_t m = r->sums.months - 1; m > 0; m--, month_s = period_month(month_s, -1))
		if (period_has_month(&period, month_s) && period_has_month(&period, period_month(month_s, -1)))
			return m;
	return 0;
}

#define FIXED_COLUMNS 6 /* name, cost, growth, tokens, id */

struct months_table {
	struct html_column columns[FIXED_COLUMNS + HTML_CHART_LABELS];
	struct html_table table;
	struct buf titles, growth_title;
	struct view months[HTML_CHART_LABELS];
	size_t growth; /* growth_month */
};

/* A column for each month behind the fixed ones. */
static int make_columns(struct months_table *t, const struct report *r, const char *title, bool has_months)
{
	static const struct html_column fixed[] = {
		{ "", HTML_TEXT, false },
		{ "Cost in USD", HTML_MONEY, false },
		{ "Month over month", HTML_NUMBER, false },
		{ "Input tokens", HTML_NUMBER, false },
		{ "Output tokens", HTML_NUMBER, false },
		{ "Id", HTML_WORD, false },
	};
	size_t months = has_months ? r->sums.months : 0;

	for (size_t i = 0; i < FIXED_COLUMNS; i++)
		t->columns[i] = fixed[i];
	t->columns[0].title = title;
	if (sums_add_months(&r->sums, &t->titles, t->months))
		return -1;
	t->growth = growth_month(r);
	if (t->growth) {
		if (buf_addf(&t->growth_title, "%s over %s", t->months[t->growth].ptr, t->months[t->growth - 1].ptr))
			return -1;
		t->columns[2].title = t->growth_title.ptr;
	}
	for (size_t m = 0; m < months; m++)
		t->columns[FIXED_COLUMNS + m] = (struct html_column){ .title = t->months[m].ptr, .type = HTML_MONEY };
	t->table.columns = t->columns;
	t->table.count = FIXED_COLUMNS + months;
	return 0;
}

static void cells_of(struct html *h, struct months_table *t, const struct sums_cell *total,
		     const struct sums_cell *months, struct view id)
{
	html_cell_money(h, &t->table, total->usd);
	if (t->growth)
		cell_growth(h, &t->table, months[t->growth - 1].usd, months[t->growth].usd);
	else
		html_cell(h, &t->table, VIEW_NONE);
	html_cell_number(h, &t->table, total->input);
	html_cell_number(h, &t->table, total->output);
	html_cell(h, &t->table, id);
	for (size_t m = 0; m < t->table.count - FIXED_COLUMNS; m++)
		html_cell_money(h, &t->table, months[m].usd);
}

static int add_table(struct html *h, const struct report *r, enum sums_dimension d, const uint32_t *order,
		     const char *id, const char *caption, const char *title)
{
	struct months_table t = { .table = { .id = id, .caption = caption },
				  .titles = BUF_INIT(ERR_TEXT_BYTES * 4),
				  .growth_title = BUF_INIT(ERR_TEXT_BYTES) };
	const struct sums *sums = &r->sums;
	int ret = make_columns(&t, r, title, d != SUMS_KEY);

	if (!ret) {
		html_table_begin(h, &t.table);
		for (size_t i = 0; i < sums->names[d].count; i++) {
			const struct sums_line *line = &sums->lines[d][order[i]];
			bool has_id = d == SUMS_WORKSPACE || d == SUMS_KEY;

			html_row(h, &t.table);
			html_cell(h, &t.table, shown(r, d, order[i]));
			cells_of(h, &t, &line->total, line->months,
				 has_id ? intern_text(&sums->names[d], order[i]) : VIEW_NONE);
		}
		html_table_totals(h, &t.table);
		html_cell(h, &t.table, VIEW("Total"));
		cells_of(h, &t, &sums->total, sums->all, VIEW_NONE);
		html_table_end(h, &t.table);
	}
	buf_done(&t.titles);
	buf_done(&t.growth_title);
	return ret;
}

static int add_ranks(struct html *h, const struct report *r, const uint32_t *order)
{
	const struct view series = VIEW("USD");
	struct view labels[RANKS];
	struct decimal values[RANKS];
	struct html_chart chart = { .id = "top-keys",
				    .title = "Keys that cost most, in USD",
				    .kind = HTML_RANKS,
				    .is_money = true,
				    .label_title = "Key",
				    .labels = labels,
				    .series = &series,
				    .series_count = 1,
				    .values = values };

	for (size_t i = 0; i < r->sums.names[SUMS_KEY].count && i < RANKS; i++) {
		labels[i] = shown(r, SUMS_KEY, order[i]);
		values[i] = r->sums.lines[SUMS_KEY][order[i]].total.usd;
		chart.label_count++;
	}
	html_chart(h, &chart);
	return 0;
}

static int add_dimension(struct html *h, const struct report *r, enum sums_dimension d)
{
	static const struct {
		const char *chart, *chart_title, *table, *caption, *title;
	} texts[SUMS_DIMENSIONS] = {
		[SUMS_TEAM] = { "team-months", "Cost by team and month, in USD", "team-list", "All teams", "Team" },
		[SUMS_WORKSPACE] = { "workspace-months", "Cost by workspace and month, in USD", "workspace-list",
				     "All workspaces", "Workspace" },
		[SUMS_MODEL] = { "model-months", "Cost by model and month, in USD", "model-list", "All models",
				 "Model" },
		[SUMS_KEY] = { "top-keys", "", "key-costs", "All keys with usage or cost", "Key" },
	};
	uint32_t *order = sums_order(&r->sums, d);
	int ret;

	html_section_begin(h, &report_usage_sections[d == SUMS_KEY ? PART_USERS : PART_TEAMS + (unsigned)d]);
	if (!order)
		ret = r->sums.names[d].count ? -1 : 0;
	else
		ret = (d == SUMS_KEY ? add_ranks(h, r, order)
				     : add_months_chart(h, r, d, order, texts[d].chart, texts[d].chart_title)) ||
		      add_table(h, r, d, order, texts[d].table, texts[d].caption, texts[d].title);
	if (!r->sums.names[d].count)
		html_paragraph(h, VIEW("Nothing was used or billed in this time."));
	html_section_end(h);
	free(order);
	return ret ? -1 : 0;
}

static void tile_money(struct html *h, const char *label, struct decimal usd)
{
	DEFER(buf_done) struct buf text = BUF_INIT(ERR_TEXT_BYTES);

	if (buf_add_text(&text, "$") || decimal_write_money(&text, usd))
		h->failed = true;
	html_tile(h, label, buf_view(&text), NULL);
}

/* A month's cost, and whether it is all of the month. */
static void tile_month(struct html *h, const struct report *r, size_t month)
{
	const struct period period = { .from_s = r->from_s, .to_s = r->to_s, .now_s = r->now_s };
	DEFER(buf_done) struct buf label = BUF_INIT(ERR_TEXT_BYTES);
	int64_t month_s = period_month(r->to_s - 1, (int)month - (int)(r->sums.months - 1));

	if (buf_add_text(&label, "in ") || sums_add_month(&label, r->sums.first_month + (int64_t)month) ||
	    buf_add_text(&label, period_has_month(&period, month_s) ? "" : ", of which a part is told")) {
		h->failed = true;
		return;
	}
	tile_money(h, label.ptr, r->sums.all[month].usd);
}

static int add_cost(struct html *h, const struct report *r)
{
	const struct sums *sums = &r->sums;

	html_section_begin(h, &report_usage_sections[PART_COST]);
	html_tiles_begin(h);
	tile_money(h, "in this time", sums->total.usd);
	tile_month(h, r, sums->months - 1);
	if (sums->months > 1)
		tile_month(h, r, sums->months - 2);
	report_tile(h, "input tokens", sums->total.input, NULL);
	report_tile(h, "output tokens", sums->total.output, NULL);
	html_tiles_end(h);
	if (report_budgets(h, r))
		return -1;
	html_section_end(h);
	return 0;
}

int report_usage_write(struct html *h, const struct report *r, struct err *err)
{
	if (add_cost(h, r))
		return err_nomem(err);
	for (unsigned d = 0; d < SUMS_DIMENSIONS; d++)
		if (add_dimension(h, r, (enum sums_dimension)d))
			return err_nomem(err);
	return 0;
}
