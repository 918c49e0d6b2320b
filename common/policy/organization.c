/* SPDX-License-Identifier: Apache-2.0 */
#include "common/policy/organization.h"

#include "common/base/text.h"

/* Of a list whose records have their id first. */
static const void *find(const void *list, size_t count, size_t size, struct view id)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const void *item = (const char *)list + middle * size;
		int order = text_cmp(view_of(*(const char *const *)item), id);

		if (order == 0)
			return item;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

_Static_assert(offsetof(struct org_user, id) == 0);
_Static_assert(offsetof(struct org_invite, id) == 0);
_Static_assert(offsetof(struct org_workspace, id) == 0);
_Static_assert(offsetof(struct org_key, id) == 0);

const struct org_user *organization_user(const struct organization *org, struct view id)
{
	return find(org->users, org->user_count, sizeof(*org->users), id);
}

const struct org_invite *organization_invite(const struct organization *org, struct view id)
{
	return find(org->invites, org->invite_count, sizeof(*org->invites), id);
}

const struct org_workspace *organization_workspace(const struct organization *org, struct view id)
{
	return find(org->workspaces, org->workspace_count, sizeof(*org->workspaces), id);
}

const struct org_key *organization_key(const struct organization *org, struct view id)
{
	return find(org->keys, org->key_count, sizeof(*org->keys), id);
}

const struct org_member *organization_member(const struct organization *org, struct view workspace_id,
					     struct view user_id)
{
	size_t low = 0, high = org->member_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct org_member *m = &org->members[middle];
		int order = text_cmp(view_of(m->workspace_id), workspace_id);

		order = order ? order : text_cmp(view_of(m->user_id), user_id);
		if (order == 0)
			return m;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

bool organization_is_gone(const struct organization *org, struct view user_id)
{
	if (organization_user(org, user_id))
		return false;
	return !org->gone || find(org->gone, org->gone_count, sizeof(*org->gone), user_id);
}

/* Older replies tell ids without a type. */
static bool is_of(struct view type, struct view id, struct view wanted, struct view prefix)
{
	return type.len ? text_eq(type, wanted) : text_starts(id, prefix);
}

struct org_owner organization_owner(const struct org_key *key)
{
	struct org_owner owner = { .is_principal = key->principal_id[0] != '\0' };
	struct view id = view_of(owner.is_principal ? key->principal_id : key->created_by_id);
	struct view type = view_of(owner.is_principal ? key->principal_type : key->created_by_type);

	owner.id = id.ptr;
	owner.is_user = is_of(type, id, VIEW("user"), VIEW("user_"));
	owner.is_service = is_of(type, id, VIEW("service_account"), VIEW("svac_"));
	return owner;
}

bool organization_is_orphan(const struct organization *org, const struct org_key *key)
{
	const struct org_owner owner = organization_owner(key);

	return owner.is_user && owner.id[0] && organization_is_gone(org, view_of(owner.id));
}

struct view organization_workspace_name(const struct organization *org, struct view id)
{
	const struct org_workspace *workspace;

	if (!id.len || (org->default_workspace_id && text_eq(id, view_of(org->default_workspace_id))))
		return VIEW(ORG_DEFAULT_WORKSPACE);
	workspace = organization_workspace(org, id);
	return workspace && *workspace->name ? view_of(workspace->name) : id;
}

struct view organization_key_workspace(const struct organization *org, const struct org_key *key)
{
	switch (key->place) {
	case ORG_KEY_IN_WORKSPACE:
	case ORG_KEY_IN_DEFAULT_WORKSPACE:
		return organization_workspace_name(org, view_of(key->workspace_id));
	case ORG_KEY_ORGANIZATION_WIDE:
		return VIEW("organisation-wide");
	case ORG_KEY_PLACE_UNKNOWN:
		break;
	}
	return VIEW_NONE;
}

bool organization_key_is_in(const struct organization *org, const struct org_key *key, struct view workspace)
{
	if (key->place == ORG_KEY_PLACE_UNKNOWN)
		return text_eq(workspace, VIEW(ORG_DEFAULT_WORKSPACE));
	if (key->place == ORG_KEY_ORGANIZATION_WIDE)
		return false;
	return text_eq(view_of(key->workspace_id), workspace) ||
	       text_eq(organization_key_workspace(org, key), workspace);
}
