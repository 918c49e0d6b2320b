/* SPDX-License-Identifier: Apache-2.0 */
/* Whose money a budget is about. */
#include "common/base/text.h"
#include "forwarder/feed/cost.h"

static const struct organization *organization_of(const struct cost *c)
{
	return c->names.directory ? directory_get(c->names.directory) : NULL;
}

/* By id or by name. */
static bool is_either(const char *wanted, struct view id, struct view name)
{
	return text_eq(view_of(wanted), id) || text_eq(view_of(wanted), name);
}

static struct view key_name(const struct cost *c, struct view id)
{
	const struct organization *org = organization_of(c);
	const struct org_key *key = org && id.len ? organization_key(org, id) : NULL;

	return key ? view_of(key->name) : VIEW_NONE;
}

static bool is_of_team(const struct cost *c, const char *team, struct view key)
{
	struct view name = key_name(c, key);
	struct keyname_parts parts;

	return name.len && keyname_parts(&c->policy->names, name, &parts) && text_eq(parts.team, view_of(team));
}

bool cost_scope_has(const struct cost *c, const struct policy_budget *b, struct view workspace, struct view key)
{
	const struct policy_department *department;

	switch (b->scope) {
	case POLICY_ORGANIZATION:
		return true;
	case POLICY_WORKSPACE:
		return is_either(b->name, workspace, names_of(&c->names, workspace));
	case POLICY_TEAM:
		return is_of_team(c, b->name, key);
	case POLICY_DEPARTMENT:
		department = policy_department_of(c->policy, workspace, names_of(&c->names, workspace));
		return department && text_eq(view_of(department->name), view_of(b->name));
	case POLICY_KEY:
		return key.len && is_either(b->name, key, key_name(c, key));
	case POLICY_SCOPES:
		break;
	}
	return false;
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
		is_known = is_either(b->name, view_of(org->workspaces[i].id), view_of(org->workspaces[i].name));
	for (size_t i = 0; b->scope == POLICY_KEY && !is_known && i < org->key_count; i++)
		is_known = is_either(b->name, view_of(org->keys[i].id), view_of(org->keys[i].name));
	return is_known;
}
