/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/naming.h"

#include <stdlib.h>

#include "common/base/bounds.h"
#include "common/base/grow.h"
#include "common/base/text.h"

static const struct organization nobody = { .id = "" };

static unsigned parts_of(const struct session *s, unsigned facets)
{
	unsigned parts = 0;

	if (facets & (FACET(FACET_ACCOUNT) | FACET(FACET_USER)))
		parts |= DIRECTORY_USERS;
	if (s->profile.dialect != API_PLATFORM) /* which has no lists of the others */
		return parts;
	if (facets & FACETS_OF_KEYS)
		parts |= DIRECTORY_KEYS;
	if (facets & (FACET(FACET_WORKSPACE) | FACET(FACET_DEPARTMENT)))
		parts |= DIRECTORY_WORKSPACES;
	return parts;
}

int naming_open(struct naming *naming, struct session *s, unsigned facets, bool wants_policy, struct err *err)
{
	unsigned parts = parts_of(s, facets);

	*naming = (struct naming){ .org = &nobody,
				   .policy = &policy_standard,
				   .told_ids = INTERN_INIT(TALLY_TEXT_BYTES),
				   .told_names = INTERN_INIT(TALLY_TEXT_BYTES) };
	if (wants_policy || facets & (FACETS_OF_NAMES | FACET(FACET_DEPARTMENT)))
		naming->policy = session_policy(s, err);
	if (!naming->policy)
		return -1;
	if (!parts)
		return 0;
	naming->directory = directory_read(s->api, parts, err);
	if (!naming->directory)
		return -1;
	naming->org = directory_get(naming->directory);
	return 0;
}

void naming_done(struct naming *naming)
{
	directory_freep(&naming->directory);
	intern_done(&naming->told_ids);
	intern_done(&naming->told_names);
	free(naming->told);
}

int naming_tell_workspace(struct naming *naming, struct view id, struct view name, struct err *err)
{
	uint32_t number, name_number, *told;

	if (!name.len || intern_find(&naming->told_ids, id) != INTERN_NONE)
		return 0;
	told = grow_items(naming->told, naming->told_ids.count, &naming->told_cap, sizeof(*told));
	if (!told)
		return err_nomem(err);
	naming->told = told;
	if (intern_add(&naming->told_names, name, &name_number) || intern_add(&naming->told_ids, id, &number))
		return err_nomem(err);
	told[number] = name_number;
	return 0;
}

struct view naming_workspace(const struct naming *naming, struct view id)
{
	struct view name = organization_workspace_name(naming->org, id); /* the id where there is none */
	uint32_t number = intern_find(&naming->told_ids, id);

	if (number != INTERN_NONE)
		return intern_text(&naming->told_names, naming->told[number]);
	return id.len && text_eq(name, id) ? VIEW_NONE : name;
}

struct view naming_key(const struct naming *naming, struct view id)
{
	const struct org_key *key = id.len ? organization_key(naming->org, id) : NULL;

	return key ? view_of(key->name) : VIEW_NONE;
}

/* Rows of one key come one after the other. */
const struct keyname_parts *naming_parts(struct naming *naming, struct view key_id)
{
	const struct org_key *key = key_id.len ? organization_key(naming->org, key_id) : NULL;

	if (key != naming->last_key || !key) {
		naming->last_key = key;
		naming->last_parts = (struct keyname_parts){ .team = VIEW_NONE };
		if (key)
			(void)!keyname_parts(policy_names(naming->policy), view_of(key->name), &naming->last_parts);
	}
	return &naming->last_parts;
}

struct view naming_user(const struct naming *naming, struct view id)
{
	const struct org_user *user = organization_user(naming->org, id);

	return user ? view_of(user->email) : VIEW_NONE;
}

struct view naming_department(const struct naming *naming, struct view workspace_id)
{
	const struct policy_department *department =
		policy_department_of(naming->policy, workspace_id, naming_workspace(naming, workspace_id));

	return department ? view_of(department->name) : VIEW_NONE;
}
