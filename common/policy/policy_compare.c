/* SPDX-License-Identifier: Apache-2.0 */
#include "common/policy/policy_compare.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/base/text.h"

struct comparing {
	const struct policy *policy;
	const struct organization *org;
	const struct policy_teller *teller;
};

/* What an entry's name stands for. */
struct meant {
	const char *id; /* of the only one that is live; NULL: none, or several */
	size_t live, gone;
};

static bool is_called(const char *id, const char *name, const char *text)
{
	return text_eq(view_of(id), view_of(text)) || text_eq(view_of(name), view_of(text));
}

static struct meant find_workspace(const struct organization *org, const char *text)
{
	struct meant m = { .id = NULL };

	if (text_eq(view_of(text), VIEW(ORG_DEFAULT_WORKSPACE)) ||
	    (*org->default_workspace_id && text_eq(view_of(text), view_of(org->default_workspace_id)))) {
		m.id = ORG_DEFAULT_WORKSPACE;
		m.live = 1;
	}
	for (size_t i = 0; i < org->workspace_count; i++) {
		const struct org_workspace *w = &org->workspaces[i];

		if (!is_called(w->id, w->name, text))
			continue;
		m.gone += w->archived_at_s != 0;
		m.live += w->archived_at_s == 0;
		if (!w->archived_at_s)
			m.id = w->id;
	}
	if (m.live > 1)
		m.id = NULL;
	return m;
}

static bool is_active(const struct org_key *key)
{
	return text_eq(view_of(key->status), VIEW("active"));
}

static struct meant find_key(const struct organization *org, const char *text)
{
	struct meant m = { .id = NULL };

	for (size_t i = 0; i < org->key_count; i++) {
		const struct org_key *key = &org->keys[i];

		if (!is_called(key->id, key->name, text))
			continue;
		m.gone += !is_active(key);
		m.live += is_active(key);
		if (is_active(key))
			m.id = key->id;
	}
	if (m.live > 1)
		m.id = NULL;
	return m;
}

static int unknown_workspace(struct comparing *c, const char *section, const char *name, struct err *err)
{
	DEFER(freep) const char **names = calloc(c->org->workspace_count + 1, sizeof(*names));
	size_t count = 0;
	const char *nearest;

	if (!names)
		return err_nomem(err);
	for (size_t i = 0; i < c->org->workspace_count; i++)
		if (!c->org->workspaces[i].archived_at_s)
			names[count++] = c->org->workspaces[i].name;
	nearest = text_nearest(view_of(name), names, count);
	if (nearest)
		return policy_tell(c->teller, section, "unknown-workspace", false, err,
				   "there is no workspace '%s'; did you mean '%s'?", name, nearest);
	return policy_tell(c->teller, section, "unknown-workspace", false, err,
			   "there is no workspace '%s': its name or id was expected", name);
}

/* ret_id: whom it means, or NULL. */
static int check_workspace(struct comparing *c, const char *section, const char *name, const char **ret_id,
			   struct err *err)
{
	struct meant m = find_workspace(c->org, name);

	*ret_id = m.id;
	if (m.live > 1)
		return policy_tell(c->teller, section, "ambiguous-workspace", false, err,
				   "%zu workspaces are called '%s': the id of one was expected", m.live, name);
	if (m.live)
		return 0;
	return m.gone ? policy_tell(c->teller, section, "archived-workspace", false, err,
				    "the workspace '%s' is archived: take it out of the policy", name)
		      : unknown_workspace(c, section, name, err);
}

/* ---- entries that mean the same ---- */

struct entry {
	const char *id;   /* NULL: it means none, or nobody knows which */
	const char *name; /* as the policy has it */
	unsigned kind;    /* only entries of one kind can overlap */
};

static int compare_entries(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int order = text_cmp(view_of(x->id), view_of(y->id));

	return order ? order : (x->kind > y->kind) - (x->kind < y->kind);
}

/* The reader has refused what has one name twice: what means the same has a name and an id. */
static int check_overlaps(struct comparing *c, const char *section, struct entry *entries, size_t count,
			  struct err *err)
{
	qsort(entries, count, sizeof(*entries), compare_entries);
	for (size_t i = 1; i < count; i++)
		if (entries[i].id && compare_entries(&entries[i - 1], &entries[i]) == 0 &&
		    policy_tell(c->teller, section, "overlap", false, err,
				"'%s' and '%s' are the same: one entry was expected", entries[i - 1].name,
				entries[i].name))
			return -1;
	return 0;
}

/* ---- sections ---- */

static bool has_team(const struct comparing *c, const char *team)
{
	struct keyname_parts parts;

	for (size_t i = 0; i < c->org->key_count; i++)
		if (is_active(&c->org->keys[i]) &&
		    keyname_parts(&c->policy->names, view_of(c->org->keys[i].name), &parts) &&
		    text_eq(parts.team, view_of(team)))
			return true;
	return false;
}

static int check_teams(struct comparing *c, struct err *err)
{
	const struct keyname_list *teams = &c->policy->names.teams;

	for (size_t i = 0; i < teams->count; i++)
		if (!has_team(c, teams->items[i]) &&
		    policy_tell(c->teller, "names.teams", "unused-team", true, err,
				"no active key's name has the team '%s'", teams->items[i]))
			return -1;
	return 0;
}

static int check_models(struct comparing *c, struct err *err)
{
	DEFER(freep) struct entry *entries = calloc(c->policy->model_count + 1, sizeof(*entries));
	size_t count = 0;

	if (!entries)
		return err_nomem(err);
	for (size_t i = 0; i < c->policy->model_count; i++) {
		const char *name = c->policy->models[i].workspace;

		if (!name)
			continue;
		entries[count].name = name;
		if (check_workspace(c, "models.workspaces", name, &entries[count].id, err))
			return -1;
		count++;
	}
	return check_overlaps(c, "models.workspaces", entries, count, err);
}

static int check_key(struct comparing *c, const char *name, const char **ret_id, struct err *err)
{
	struct meant m = find_key(c->org, name);

	*ret_id = m.id;
	if (m.live > 1)
		return policy_tell(c->teller, "budgets", "ambiguous-key", false, err,
				   "%zu active keys are called '%s': the id of one was expected", m.live, name);
	if (m.live)
		return 0;
	return m.gone ? policy_tell(c->teller, "budgets", "inactive-key", true, err, "the key '%s' is not active", name)
		      : policy_tell(c->teller, "budgets", "unknown-key", false, err,
				    "there is no key '%s': its name or id was expected", name);
}

static int check_budget(struct comparing *c, const struct policy_budget *budget, const char **ret_id, struct err *err)
{
	switch (budget->scope) {
	case POLICY_WORKSPACE:
		return check_workspace(c, "budgets", budget->name, ret_id, err);
	case POLICY_KEY:
		return check_key(c, budget->name, ret_id, err);
	case POLICY_TEAM:
		if (!has_team(c, budget->name))
			return policy_tell(
				c->teller, "budgets", "unknown-team", false, err,
				"no active key's name has the team '%s': nothing will ever count for its budget",
				budget->name);
		return 0;
	case POLICY_ORGANIZATION:
	case POLICY_DEPARTMENT:
	case POLICY_SCOPES:
		break;
	}
	return 0;
}

static int check_budgets(struct comparing *c, struct err *err)
{
	DEFER(freep) struct entry *entries = calloc(c->policy->budget_count + 1, sizeof(*entries));

	if (!entries)
		return err_nomem(err);
	for (size_t i = 0; i < c->policy->budget_count; i++) {
		const struct policy_budget *budget = &c->policy->budgets[i];

		entries[i].name = budget->name;
		entries[i].kind = (unsigned)budget->scope * POLICY_PERIODS + (unsigned)budget->period;
		if (check_budget(c, budget, &entries[i].id, err))
			return -1;
	}
	return check_overlaps(c, "budgets", entries, c->policy->budget_count, err);
}

static int check_departments(struct comparing *c, struct err *err)
{
	DEFER(freep) struct entry *entries = NULL;
	size_t total = 0, count = 0;

	for (size_t i = 0; i < c->policy->department_count; i++)
		total += c->policy->departments[i].workspaces.count;
	entries = calloc(total + 1, sizeof(*entries));
	if (!entries)
		return err_nomem(err);
	for (size_t i = 0; i < c->policy->department_count; i++) {
		const struct keyname_list *workspaces = &c->policy->departments[i].workspaces;

		for (size_t k = 0; k < workspaces->count; k++, count++) {
			entries[count].name = workspaces->items[k];
			if (check_workspace(c, "departments", workspaces->items[k], &entries[count].id, err))
				return -1;
		}
	}
	return check_overlaps(c, "departments", entries, count, err);
}

static size_t named_models(const struct policy *policy)
{
	size_t count = 0;

	for (size_t i = 0; i < policy->model_count; i++)
		count += policy->models[i].workspace != NULL;
	return count;
}

/* Budgets of what the organisation has; departments are the file's own. */
static size_t named_budgets(const struct policy *policy)
{
	size_t count = 0;

	for (size_t i = 0; i < policy->budget_count; i++)
		count += policy->budgets[i].scope != POLICY_ORGANIZATION &&
			 policy->budgets[i].scope != POLICY_DEPARTMENT;
	return count;
}

int policy_tell_unasked(const struct policy *policy, const char *why, const struct policy_teller *teller,
			struct err *err)
{
	const struct {
		const char *section;
		size_t count;
	} sections[] = {
		{ "names.teams", policy->names.teams.count },
		{ "models.workspaces", named_models(policy) },
		{ "budgets", named_budgets(policy) },
		{ "departments", policy->department_count },
	};

	for (size_t i = 0; i < ARRAY_LEN(sections); i++)
		if (sections[i].count && policy_tell(teller, sections[i].section, "not-checked", true, err,
						     "%zu %s not compared with the organisation: %s", sections[i].count,
						     sections[i].count == 1 ? "entry was" : "entries were", why))
			return -1;
	return 0;
}

int policy_compare(const struct policy *policy, const struct organization *org, const struct policy_teller *teller,
		   struct err *err)
{
	struct comparing c = { .policy = policy, .org = org, .teller = teller };

	return check_teams(&c, err) || check_models(&c, err) || check_budgets(&c, err) || check_departments(&c, err)
		       ? -1
		       : 0;
}
