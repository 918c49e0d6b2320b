/* SPDX-License-Identifier: Apache-2.0 */
#include "common/policy/organization.h"

#include "common/base/text.h"

/* Every record of a list has its id first. */
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
_Static_assert(offsetof(struct org_workspace, id) == 0);
_Static_assert(offsetof(struct org_key, id) == 0);

const struct org_user *organization_user(const struct organization *org, struct view id)
{
	return find(org->users, org->user_count, sizeof(*org->users), id);
}

const struct org_workspace *organization_workspace(const struct organization *org, struct view id)
{
	return find(org->workspaces, org->workspace_count, sizeof(*org->workspaces), id);
}

const struct org_key *organization_key(const struct organization *org, struct view id)
{
	return find(org->keys, org->key_count, sizeof(*org->keys), id);
}

struct view organization_workspace_name(const struct organization *org, struct view id)
{
	const struct org_workspace *workspace;

	if (!id.len || (org->default_workspace_id && text_eq(id, view_of(org->default_workspace_id))))
		return VIEW("Default");
	workspace = organization_workspace(org, id);
	return workspace && *workspace->name ? view_of(workspace->name) : id;
}
