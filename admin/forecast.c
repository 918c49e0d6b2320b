/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/forecast.h"

#include "admin/facts.h"
#include "common/base/text.h"
#include "common/policy/budget.h"

int forecast_init(struct forecast *forecast, const struct session *s, struct naming *naming, const struct tally *tally,
		  const struct period *period, struct err *err)
{
	int64_t from_s = period->from_s, to_s = period_month(from_s, 1);
	int64_t read_s = period_day(period->to_s + PERIOD_DAY_S - 1); /* days come whole */

	if (from_s != period_month(from_s, 0) || period->to_s > to_s)
		return err_set(err, ERR_USAGE, 0,
			       "--projection is of one month: --from has to be its first day (this month's when it is "
			       "not given), and --to may not lie behind its end");
	if (tally->facets.set & FACET(FACET_DAY))
		return err_set(err, ERR_USAGE, 0, "--projection is of a whole month, and not for --group-by day");
	*forecast = (struct forecast){ .s = s,
				       .naming = naming,
				       .tally = tally,
				       .from_s = from_s,
				       .passed_s = read_s < period->now_s ? read_s : period->now_s,
				       .to_s = to_s };
	return 0;
}

size_t forecast_columns(struct column columns[static FORECAST_COLUMNS])
{
	columns[0] = (struct column){ "projected_usd", "projected_usd" };
	columns[1] = (struct column){ "limit_usd", "limit_usd" };
	columns[2] = (struct column){ "used_percent", "used_percent" };
	columns[3] = (struct column){ "projected_percent", "projected_percent" };
	return FORECAST_COLUMNS;
}

/* What the rows are one each of; POLICY_SCOPES: of nothing that has a budget. */
static enum policy_scope scope_of(const struct facets *facets, size_t *ret_dimension)
{
	size_t first = facets->set & FACET(FACET_MONTH) ? 1 : 0; /* there is one month only */

	*ret_dimension = first;
	if (facets->count == first)
		return POLICY_ORGANIZATION;
	if (facets->count != first + 1)
		return POLICY_SCOPES;
	switch (facets->items[first]) {
	case FACET_WORKSPACE:
		return POLICY_WORKSPACE;
	case FACET_DEPARTMENT:
		return POLICY_DEPARTMENT;
	case FACET_TEAM:
		return POLICY_TEAM;
	case FACET_KEY:
		return POLICY_KEY;
	default:
		return POLICY_SCOPES;
	}
}

static const struct policy_budget *find(const struct policy *policy, enum policy_scope scope, struct view id,
					struct view name)
{
	for (size_t i = 0; i < policy->budget_count; i++) {
		const struct policy_budget *budget = &policy->budgets[i];
		struct view of = view_of(budget->name);

		if (budget->scope == scope && budget->period == POLICY_MONTHLY &&
		    (scope == POLICY_ORGANIZATION || (of.len && (text_eq(of, id) || text_eq(of, name)))))
			return budget;
	}
	return NULL;
}

static const struct policy_budget *budget_of(const struct forecast *f, const struct tally_row *row, bool is_total)
{
	const struct policy *policy = f->naming->policy;
	enum policy_scope scope = POLICY_ORGANIZATION;
	struct view id = VIEW_NONE, name = VIEW_NONE;
	size_t dimension;

	if (facts_chosen(f->s->o) && is_total) /* not all of it */
		return NULL;
	if (!is_total) {
		scope = scope_of(&f->tally->facets, &dimension);
		if (scope == POLICY_SCOPES || (scope == POLICY_ORGANIZATION && facts_chosen(f->s->o)))
			return NULL;
		if (scope != POLICY_ORGANIZATION)
			id = tally_text(f->tally, row, dimension);
	}
	if (scope == POLICY_WORKSPACE)
		name = naming_workspace(f->naming, id);
	if (scope == POLICY_KEY)
		name = naming_key(f->naming, id);
	return find(policy, scope, id, name);
}

void forecast_write(const struct forecast *f, struct jsonw *w, const struct tally_row *row, bool is_total)
{
	const struct policy_budget *budget = budget_of(f, row, is_total);
	struct decimal projected = budget_projection(row->amount, f->from_s, f->passed_s, f->to_s), none = { 0 };

	tally_write_money(f->s, w, "projected_usd", projected);
	if (budget) {
		tally_write_money(f->s, w, "limit_usd", budget->limit_usd);
	} else {
		jsonw_key(w, "limit_usd");
		jsonw_raw(w, VIEW("null"));
	}
	tally_write_percent(f->s, w, "used_percent", row->amount, budget ? budget->limit_usd : none);
	tally_write_percent(f->s, w, "projected_percent", projected, budget ? budget->limit_usd : none);
}
