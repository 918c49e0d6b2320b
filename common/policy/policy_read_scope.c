/* SPDX-License-Identifier: Apache-2.0 */
/* Sections of the policy file that say something about one part of the organisation: models, departments, budgets. */
#include <stdlib.h>

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "common/policy/policy_reading.h"
#include "common/policy/spend.h"

/* ---- models ---- */

#define MODELS(member) offsetof(struct policy_models, member)

static const struct policy_key model_keys[] = {
	{ "allow", policy_read_globs, MODELS(allow), 0, 0 },
	{ "pinned_only", policy_read_bool, MODELS(pinned_only), 0, 0 },
};
const struct policy_section policy_section_model = { "models.default", model_keys, ARRAY_LEN(model_keys) };

struct models_reading {
	struct policy_models *list;
	size_t count;
};

static POLICY_READ(read_model_default)
{
	struct models_reading *m = member;

	(void)key;
	m->count = 1;
	return policy_read_keys(file, node, &policy_section_model, m->list, err);
}

/* What an entry leaves out is the default's. */
static POLICY_READ(read_model_workspaces)
{
	struct models_reading *m = member;
	const struct policy_models standard = m->list[0];

	(void)key;
	if (!conf_is_mapping(node))
		return conf_error(
			node, err,
			"a mapping of workspaces was expected, such as `ml-prod: {allow: [claude-opus-4-7]}`");
	for (size_t i = 0; i < conf_count(node); i++) {
		struct policy_models *models = &m->list[m->count++];

		*models = standard;
		if (policy_read_word(conf_key_at(node, i), &models->workspace, err) ||
		    policy_read_keys(file, conf_at(node, i), &policy_section_model, models, err))
			return -1;
	}
	return 0;
}

static const struct policy_key models_keys[] = {
	{ "default", read_model_default, 0, 0, 0 },
	{ "workspaces", read_model_workspaces, 0, 0, 0 },
};
const struct policy_section policy_section_models = { "models", models_keys, ARRAY_LEN(models_keys) };

POLICY_READ(policy_read_models)
{
	const struct conf_node *workspaces = conf_get(node, "workspaces");
	struct models_reading m = { .count = 0 };

	(void)key;
	(void)member;
	m.list = policy_file_alloc(file, 1 + (workspaces ? conf_count(workspaces) : 0), sizeof(*m.list), err);
	if (!m.list || policy_read_keys(file, node, &policy_section_models, &m, err))
		return -1;
	file->policy.models = m.list;
	file->policy.model_count = m.count;
	return 0;
}

/* ---- departments ---- */

#define DEPARTMENT(member) offsetof(struct policy_department, member)

static const struct policy_key department_keys[] = {
	{ "workspaces", policy_read_words, DEPARTMENT(workspaces), 0, 0 },
	{ "regulated", policy_read_bool, DEPARTMENT(regulated), 0, 0 },
};
const struct policy_section policy_section_department = { "departments", department_keys, ARRAY_LEN(department_keys) };

/* A workspace of a department, and where the file says so. */
struct belonging {
	const char *workspace;
	const char *department;
	const struct conf_node *node;
};

static int belonging_order(const void *a, const void *b)
{
	const struct belonging *x = a, *y = b;
	int order = text_cmp(view_of(x->workspace), view_of(y->workspace));

	if (order)
		return order;
	if (conf_line(x->node) != conf_line(y->node))
		return conf_line(x->node) < conf_line(y->node) ? -1 : 1;
	return (conf_column(x->node) > conf_column(y->node)) - (conf_column(x->node) < conf_column(y->node));
}

/* list is of the mapping node's entries. */
static int check_belonging(const struct conf_node *node, const struct policy_department *list, struct err *err)
{
	DEFER(freep) struct belonging *all = NULL;
	size_t total = 0, n = 0;

	for (size_t i = 0; i < conf_count(node); i++)
		total += list[i].workspaces.count;
	all = calloc(total + 1, sizeof(*all));
	if (!all)
		return err_nomem(err);
	for (size_t i = 0; i < conf_count(node); i++)
		for (size_t k = 0; k < list[i].workspaces.count; k++)
			all[n++] = (struct belonging){ list[i].workspaces.items[k], list[i].name,
						       conf_at(conf_get(conf_at(node, i), "workspaces"), k) };
	qsort(all, total, sizeof(*all), belonging_order);
	for (size_t i = 1; i < total; i++)
		if (text_eq(view_of(all[i].workspace), view_of(all[i - 1].workspace)))
			return conf_error(all[i].node, err,
					  "the workspace '%s' belongs to the department '%s' on line %u already; a "
					  "workspace in one department only was expected",
					  all[i].workspace, all[i - 1].department, conf_line(all[i - 1].node));
	return 0;
}

POLICY_READ(policy_read_departments)
{
	struct policy_department *list;

	(void)key;
	(void)member;
	if (!conf_is_mapping(node))
		return conf_error(node, err,
				  "a mapping of departments was expected, such as `legal: {workspaces: [legal-prod]}`");
	list = policy_file_alloc(file, conf_count(node), sizeof(*list), err);
	if (!list)
		return -1;
	for (size_t i = 0; i < conf_count(node); i++) {
		if (policy_read_word(conf_key_at(node, i), &list[i].name, err) ||
		    policy_read_keys(file, conf_at(node, i), &policy_section_department, &list[i], err))
			return -1;
		if (!list[i].workspaces.count)
			return conf_error(conf_at(node, i), err,
					  "at least one workspace was expected, such as `workspaces: [legal-prod]`");
	}
	if (check_belonging(node, list, err))
		return -1;
	file->policy.departments = list;
	file->policy.department_count = conf_count(node);
	return 0;
}

/* ---- budgets ---- */

struct budget_reading {
	struct policy_budget common; /* what both periods have */
	struct decimal limits[POLICY_PERIODS];
	bool has[POLICY_PERIODS];
	unsigned scopes;
};

static int check_amount(const struct conf_node *node, struct decimal amount, struct err *err)
{
	if (decimal_cmp(amount, decimal_of(0)) <= 0)
		return conf_error(node, err, "a budget above 0 USD was expected");
	if (decimal_cmp(amount, decimal_of(POLICY_BUDGET_MAX_USD)) > 0)
		return conf_error(node, err, "a budget of at most %u USD was expected", POLICY_BUDGET_MAX_USD);
	if (amount.scale > POLICY_BUDGET_PLACES)
		return conf_error(node, err, "an amount with at most %d digits behind the point was expected",
				  POLICY_BUDGET_PLACES);
	return 0;
}

/* member: the budget_reading; min says which period. */
static POLICY_READ(read_amount)
{
	struct budget_reading *b = member;
	struct decimal amount;

	(void)file;
	if (decimal_parse(conf_text(node), &amount))
		return conf_error(node, err,
				  "an amount of US dollars such as 1500 or 1500.50 was expected: digits only, without "
				  "a currency");
	if (check_amount(node, amount, err))
		return -1;
	b->limits[key->min] = amount;
	b->has[key->min] = true;
	return 0;
}

static POLICY_READ(read_currency)
{
	(void)file;
	(void)key;
	(void)member;
	if (spend_is_usd(conf_text(node)))
		return 0;
	return conf_error(node, err, "USD was expected: the API reports cost in US dollars, and nothing is converted");
}

static POLICY_READ(read_alert_at)
{
	struct policy_budget *budget = member;
	const size_t count = conf_count(node);

	(void)file;
	(void)key;
	if (!conf_is_list(node) || count == 0 || count > POLICY_THRESHOLDS_MAX)
		return conf_error(node, err,
				  "a list of 1 to %d thresholds in per cent was expected, such as [50, 80, 95]",
				  POLICY_THRESHOLDS_MAX);
	for (size_t i = 0; i < count; i++) {
		uint64_t n;

		if (conf_u64(conf_at(node, i), 1, 1000, &n, err))
			return -1;
		if (i && n <= budget->alert_at[i - 1])
			return conf_error(conf_at(node, i), err,
					  "a threshold above %u, the one before it, was expected",
					  budget->alert_at[i - 1]);
		budget->alert_at[i] = (unsigned)n;
	}
	budget->alert_count = count;
	return 0;
}

static int read_organization(const struct conf_node *node, struct err *err)
{
	bool whole;

	if (conf_bool(node, &whole, err))
		return -1;
	return whole ? 0 : conf_error(node, err, "true was expected: the budget is the whole organisation's");
}

static int unknown_department(const struct policy *policy, const struct conf_node *node, const char *name,
			      struct err *err)
{
	DEFER(freep) const char **known = calloc(policy->department_count + 1, sizeof(*known));
	const char *nearest;

	if (!known)
		return err_nomem(err);
	for (size_t i = 0; i < policy->department_count; i++)
		known[i] = policy->departments[i].name;
	nearest = text_nearest(view_of(name), known, policy->department_count);
	if (nearest)
		return conf_error(node, err, "there is no department '%s'; did you mean '%s'?", name, nearest);
	return conf_error(node, err, "there is no department '%s'; one of `departments:` was expected", name);
}

static int check_department(const struct policy *policy, const struct conf_node *node, const char *name,
			    struct err *err)
{
	for (size_t i = 0; i < policy->department_count; i++)
		if (text_eq(view_of(policy->departments[i].name), view_of(name)))
			return 0;
	return unknown_department(policy, node, name, err);
}

/* min says which scope. */
static POLICY_READ(read_scope)
{
	struct budget_reading *b = member;
	struct policy_budget *budget = &b->common;

	budget->scope = (enum policy_scope)key->min;
	b->scopes++;
	if (budget->scope == POLICY_ORGANIZATION) {
		budget->name = "";
		return read_organization(node, err);
	}
	if (policy_read_word(node, &budget->name, err))
		return -1;
	return budget->scope == POLICY_DEPARTMENT ? check_department(&file->policy, node, budget->name, err) : 0;
}

static const struct policy_key budget_keys[] = {
	{ "organization", read_scope, 0, POLICY_ORGANIZATION, 0 },
	{ "workspace", read_scope, 0, POLICY_WORKSPACE, 0 },
	{ "team", read_scope, 0, POLICY_TEAM, 0 },
	{ "department", read_scope, 0, POLICY_DEPARTMENT, 0 },
	{ "key", read_scope, 0, POLICY_KEY, 0 },
	{ "daily", read_amount, 0, POLICY_DAILY, 0 },
	{ "monthly", read_amount, 0, POLICY_MONTHLY, 0 },
	{ "alert_at", read_alert_at, offsetof(struct budget_reading, common), 0, 0 },
	{ "currency", read_currency, 0, 0, 0 },
};
const struct policy_section policy_section_budget = { "budgets", budget_keys, ARRAY_LEN(budget_keys) };

struct placed {
	const struct policy_budget *budget;
	const struct conf_node *node;
};

static int placed_order(const void *a, const void *b)
{
	const struct placed *x = a, *y = b;
	int order = text_cmp(view_of(x->budget->name), view_of(y->budget->name));

	if (x->budget->scope != y->budget->scope)
		return x->budget->scope < y->budget->scope ? -1 : 1;
	if (order)
		return order;
	if (x->budget->period != y->budget->period)
		return x->budget->period < y->budget->period ? -1 : 1;
	return (x->budget > y->budget) - (x->budget < y->budget);
}

static int check_twins(struct placed *all, size_t count, struct err *err)
{
	qsort(all, count, sizeof(*all), placed_order);
	for (size_t i = 1; i < count; i++) {
		const struct policy_budget *a = all[i - 1].budget, *b = all[i].budget;

		if (a->scope == b->scope && a->period == b->period && text_eq(view_of(a->name), view_of(b->name)))
			return conf_error(all[i].node, err,
					  "%s '%s' has a %s budget on line %u already; one of each was expected",
					  policy_scope_names[b->scope], b->name, policy_period_names[b->period],
					  conf_line(all[i - 1].node));
	}
	return 0;
}

/* One entry: a budget for each period that it names. */
static int read_budget(struct policy_file *file, const struct conf_node *node, struct policy_budget *list,
		       size_t *count, struct err *err)
{
	struct budget_reading b = { .common = { .name = "",
						.alert_at = { POLICY_STANDARD_THRESHOLDS },
						.alert_count = POLICY_STANDARD_THRESHOLD_COUNT } };

	if (policy_read_keys(file, node, &policy_section_budget, &b, err))
		return -1;
	if (b.scopes != 1)
		return conf_error(
			node, err,
			"exactly one of organization, workspace, team, department and key was expected: whose "
			"budget it is");
	if (!b.has[POLICY_DAILY] && !b.has[POLICY_MONTHLY])
		return conf_error(node, err, "daily or monthly was expected, with an amount of US dollars");
	for (unsigned period = 0; period < POLICY_PERIODS; period++) {
		if (!b.has[period])
			continue;
		list[*count] = b.common;
		list[*count].period = (enum policy_period)period;
		list[(*count)++].limit_usd = b.limits[period];
	}
	return 0;
}

POLICY_READ(policy_read_budgets)
{
	const size_t entries = conf_count(node);
	DEFER(freep) struct placed *placed = NULL;
	struct policy_budget *list;
	size_t count = 0;

	(void)key;
	(void)member;
	if (!conf_is_list(node))
		return conf_error(node, err,
				  "a list of budgets was expected, such as `- {team: backend, monthly: 1500}`");
	list = policy_file_alloc(file, entries * POLICY_PERIODS, sizeof(*list), err);
	if (!list)
		return -1;
	placed = calloc(entries * POLICY_PERIODS + 1, sizeof(*placed));
	if (!placed)
		return err_nomem(err);
	for (size_t i = 0; i < entries; i++) {
		size_t before = count;

		if (read_budget(file, conf_at(node, i), list, &count, err))
			return -1;
		for (; before < count; before++)
			placed[before] = (struct placed){ &list[before], conf_at(node, i) };
	}
	if (check_twins(placed, count, err))
		return -1;
	file->policy.budgets = list;
	file->policy.budget_count = count;
	return 0;
}
