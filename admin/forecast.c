/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/forecast.h"

#include "admin/facts.h"
#include "common/policy/budget.h"
#include "common/policy/budget_scope.h"

int forecast_init(struct forecast *forecast, const struct session *s, struct naming *naming, const struct tally *tally,
		  const struct period *period, struct err *err)
{
	int64_t from_s = period->from_s, to_s = period_month(from_s, 1);

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
				       .passed_s = period_told(period),
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

/* ---- whose budget it is ---- */

static struct budget_payer payer_of(const struct forecast *f, const struct tally_row *row, enum policy_scope scope,
				    size_t dimension)
{
	struct budget_payer payer = { .team = VIEW_NONE };
	struct view text = scope == POLICY_ORGANIZATION ? VIEW_NONE : tally_text(f->tally, row, dimension);

	if (scope == POLICY_WORKSPACE) {
		payer.workspace_id = text;
		payer.workspace_name = naming_workspace(f->naming, text);
	} else if (scope == POLICY_KEY) {
		payer.key_id = text;
		payer.key_name = naming_key(f->naming, text);
	} else if (scope == POLICY_DEPARTMENT) {
		payer.department = text;
	} else {
		payer.team = text;
	}
	return payer;
}

/* Whether options choose all workspaces that the budget names. */
static bool has_all_workspaces(const struct forecast *f, const struct policy_budget *budget)
{
	const struct texts *chosen = &f->s->o->workspaces;

	for (size_t i = 0; i < f->naming->org->workspace_count; i++) {
		struct view id = view_of(f->naming->org->workspaces[i].id), name = naming_workspace(f->naming, id);

		if (budget_names(budget, id, name) && !facts_choose(chosen, id, name))
			return false;
	}
	return true;
}

/* The same of keys: by themselves, and by their workspaces. */
static bool has_all_keys(const struct forecast *f, const struct policy_budget *budget)
{
	const struct options *o = f->s->o;

	for (size_t i = 0; i < f->naming->org->key_count; i++) {
		const struct org_key *key = &f->naming->org->keys[i];
		struct view id = view_of(key->id), name = view_of(key->name), workspace = view_of(key->workspace_id);

		if (budget_names(budget, id, name) &&
		    !(facts_choose(&o->keys, id, name) &&
		      facts_choose(&o->workspaces, workspace, naming_workspace(f->naming, workspace))))
			return false;
	}
	return true;
}

/* Whether all that counts for the budget is in the rows. What options choose may leave some of it out; a key's team is
 * in its name. */
static bool is_whole(const struct forecast *f, const struct policy_budget *budget)
{
	unsigned chosen = facts_chosen(f->s->o);

	switch (budget->scope) {
	case POLICY_WORKSPACE:
		return !(chosen & ~FACET(FACET_WORKSPACE)) && has_all_workspaces(f, budget);
	case POLICY_TEAM:
		return !(chosen & ~FACET(FACET_TEAM));
	case POLICY_KEY:
		return !(chosen & ~(FACET(FACET_WORKSPACE) | FACETS_OF_KEYS)) && has_all_keys(f, budget);
	default:
		return !chosen;
	}
}

/* What all rows that count for the budget cost together. 0, or -1 when it cannot be counted. */
static int add_used(const struct forecast *f, const struct policy_budget *budget, size_t dimension, struct decimal *ret)
{
	*ret = decimal_of(0);
	for (size_t i = 0; i < f->tally->count; i++) {
		struct budget_payer payer = payer_of(f, &f->tally->rows[i], budget->scope, dimension);

		if (budget_counts(budget, &payer) && decimal_add(*ret, f->tally->rows[i].amount, ret))
			return -1;
	}
	return 0;
}

/* A row's monthly budget, and what is used of it; of several (by id, by name) the one that is used most. NULL: none. */
static const struct policy_budget *budget_of(const struct forecast *f, const struct tally_row *row, bool is_total,
					     struct decimal *ret_used)
{
	const struct policy *policy = f->naming->policy;
	const struct policy_budget *ret = NULL;
	size_t dimension = 0;
	enum policy_scope scope = is_total ? POLICY_ORGANIZATION : scope_of(&f->tally->facets, &dimension);
	struct budget_payer payer;

	if (scope == POLICY_SCOPES)
		return NULL;
	payer = payer_of(f, row, scope, dimension);
	for (size_t i = 0; i < policy->budget_count; i++) {
		const struct policy_budget *budget = &policy->budgets[i];
		struct decimal used;

		if (budget->scope != scope || budget->period != POLICY_MONTHLY || !budget_counts(budget, &payer) ||
		    !is_whole(f, budget) || add_used(f, budget, dimension, &used))
			continue;
		if (!ret || budget_ratio(budget, used) > budget_ratio(ret, *ret_used)) {
			ret = budget;
			*ret_used = used;
		}
	}
	return ret;
}

void forecast_write(const struct forecast *f, struct jsonw *w, const struct tally_row *row, bool is_total)
{
	struct decimal used = row->amount, limit = decimal_of(0);
	const struct policy_budget *budget = budget_of(f, row, is_total, &used);

	tally_write_money(f->s, w, "projected_usd", budget_projection(row->amount, f->from_s, f->passed_s, f->to_s));
	if (budget) {
		limit = budget->limit_usd;
		tally_write_money(f->s, w, "limit_usd", limit);
	} else {
		jsonw_key(w, "limit_usd");
		jsonw_raw(w, VIEW("null"));
	}
	tally_write_percent(f->s, w, "used_percent", used, limit);
	tally_write_percent(f->s, w, "projected_percent", budget_projection(used, f->from_s, f->passed_s, f->to_s),
			    limit);
}
