/* SPDX-License-Identifier: Apache-2.0 */
/* Whose money a budget is about. */
#include "common/base/text.h"
#include "common/policy/budget_scope.h"
#include "forwarder/feed/cost.h"

static const struct organization *organization_of(const struct cost *c)
{
	return c->names.directory ? directory_get(c->names.directory) : NULL;
}

static struct view key_name(const struct cost *c, struct view id)
{
	const struct organization *org = organization_of(c);
	const struct org_key *key = org && id.len ? organization_key(org, id) : NULL;

	return key ? view_of(key->name) : VIEW_NONE;
}

struct view cost_scope_team(const struct cost *c, struct view key)
{
	struct view name = key_name(c, key);
	struct keyname_parts parts;

	return name.len && keyname_parts(&c->policy->names, name, &parts) ? parts.team : VIEW_NONE;
}

static struct view department_of(const struct cost *c, struct view workspace)
{
	const struct policy_department *department =
		policy_department_of(c->policy, workspace, names_of(&c->names, workspace));

	return department ? view_of(department->name) : VIEW_NONE;
}

bool cost_scope_has(const struct cost *c, const struct policy_budget *b, struct view workspace, struct view key)
{
	struct budget_payer payer = { .workspace_id = workspace, .key_id = key };

	if (b->scope == POLICY_WORKSPACE)
		payer.workspace_name = names_of(&c->names, workspace);
	if (b->scope == POLICY_TEAM)
		payer.team = cost_scope_team(c, key);
	if (b->scope == POLICY_DEPARTMENT)
		payer.department = department_of(c, workspace);
	if (b->scope == POLICY_KEY)
		payer.key_name = key_name(c, key);
	return budget_counts(b, &payer);
}

int cost_scope_add(struct buf *buf, const struct policy_budget *b)
{
	if (buf_add_text(buf, policy_scope_names[b->scope]))
		return -1;
	return b->scope == POLICY_ORGANIZATION ? 0 : buf_addf(buf, ":%s", b->name);
}

bool cost_scope_is_known(const struct cost *c, const struct policy_budget *b)
{
	const struct organization *org = organization_of(c);
	bool is_known = b->scope != POLICY_WORKSPACE && b->scope != POLICY_KEY;

	if (!org || is_known)
		return true;
	is_known = b->scope == POLICY_WORKSPACE && text_eq(view_of(b->name), VIEW(NAMES_DEFAULT));
	for (size_t i = 0; b->scope == POLICY_WORKSPACE && !is_known && i < org->workspace_count; i++)
		is_known = budget_names(b, view_of(org->workspaces[i].id), view_of(org->workspaces[i].name));
	for (size_t i = 0; b->scope == POLICY_KEY && !is_known && i < org->key_count; i++)
		is_known = budget_names(b, view_of(org->keys[i].id), view_of(org->keys[i].name));
	return is_known;
}
