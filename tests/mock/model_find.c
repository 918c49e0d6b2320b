/* SPDX-License-Identifier: Apache-2.0 */
/* Looking the model's parts up, and what clients add to it. */
#include <string.h>

#include "common/base/grow.h"
#include "common/base/text.h"
#include "tests/mock/model.h"
#include "tests/mock/must.h"
#include "tests/mock/when.h"

static const char *const prefixes[][2] = {
	/* platform, cca */
	{ "wrkspc_", "ws_" },
	{ "apikey_", "key_" },
	{ "invite_", "inv_" },
	{ "rbac_group_", "grp_" },
};

struct ident model_cca_id(const struct ident *id)
{
	for (size_t i = 0; i < ARRAY_LEN(prefixes); i++) {
		size_t len = strlen(prefixes[i][0]), cca_len = strlen(prefixes[i][1]);
		struct ident ret;

		if (!text_starts(view_of(id->text), view_of(prefixes[i][0])))
			continue;
		memcpy(ret.text, prefixes[i][1], cca_len);
		memcpy(ret.text + cca_len, id->text + len, strlen(id->text + len) + 1);
		return ret;
	}
	return *id;
}

static bool is_id(const struct ident *id, struct view v)
{
	struct ident cca;

	if (text_eq(view_of(id->text), v))
		return true;
	cca = model_cca_id(id);
	return text_eq(view_of(cca.text), v);
}

struct user *model_user(struct model *m, struct view id)
{
	for (size_t i = 0; i < m->user_count; i++)
		if (!m->users[i].is_removed && is_id(&m->users[i].id, id))
			return &m->users[i];
	return NULL;
}

struct workspace *model_workspace(struct model *m, struct view id)
{
	for (size_t i = 0; i < m->workspace_count; i++)
		if (is_id(&m->workspaces[i].id, id))
			return &m->workspaces[i];
	return NULL;
}

struct key *model_key(struct model *m, struct view id)
{
	for (size_t i = 0; i < m->key_count; i++)
		if (!m->keys[i].is_removed && is_id(&m->keys[i].id, id))
			return &m->keys[i];
	return NULL;
}

struct invite *model_invite(struct model *m, struct view id)
{
	for (size_t i = 0; i < m->invite_count; i++)
		if (is_id(&m->invites[i].id, id))
			return &m->invites[i];
	return NULL;
}

struct group *model_group(struct model *m, struct view id)
{
	for (size_t i = 0; i < m->group_count; i++)
		if (is_id(&m->groups[i].id, id))
			return &m->groups[i];
	return NULL;
}

struct user *model_user_by_email(struct model *m, struct view email)
{
	for (size_t i = 0; i < m->user_count; i++)
		if (!m->users[i].is_removed && text_eq_nocase(view_of(m->users[i].email), email))
			return &m->users[i];
	return NULL;
}

struct workspace_member *model_member(struct model *m, struct workspace *w, struct view user_id)
{
	for (size_t i = 0; i < w->member_count; i++) {
		const struct user *u = &m->users[w->members[i].user];

		if (!u->is_removed && text_eq(view_of(u->id.text), user_id))
			return &w->members[i];
	}
	return NULL;
}

void model_drop_member(struct workspace *w, struct workspace_member *member)
{
	size_t index = (size_t)(member - w->members);

	memmove(member, member + 1, (w->member_count - index - 1) * sizeof(*member));
	w->member_count--;
}

struct user *model_add_user(struct model *m, int64_t now_us)
{
	struct user *u;

	m->users = must_have(grow_items(m->users, m->user_count, &m->user_cap, sizeof(*m->users)));
	u = &m->users[m->user_count++];
	*u = (struct user){ .id = rng_ident("user_", ~m->seed, RNG_USER, m->made++),
			    .name = model_text(VIEW("Somebody New")),
			    .role = "user",
			    .added_us = now_us };
	return u;
}

struct key *model_add_key(struct model *m, int64_t now_us)
{
	struct key *k;

	m->keys = must_have(grow_items(m->keys, m->key_count, &m->key_cap, sizeof(*m->keys)));
	k = &m->keys[m->key_count++];
	*k = (struct key){ .id = rng_ident("apikey_", ~m->seed, RNG_KEY, m->made++),
			   .hint = "sk-ant-api03-New...neAA",
			   .status = "active",
			   .created_us = now_us,
			   .has_scope = true };
	return k;
}

struct usage_extra *model_extra(struct model *m, struct view name)
{
	for (size_t i = 0; i < m->extra_count; i++)
		if (text_eq(view_of(m->extras[i].name), name))
			return &m->extras[i];
	m->extras = must_have(grow_items(m->extras, m->extra_count, &m->extra_cap, sizeof(*m->extras)));
	m->extras[m->extra_count] = (struct usage_extra){ .name = model_text(name) };
	return &m->extras[m->extra_count++];
}

struct workspace *model_add_workspace(struct model *m, int64_t now_us)
{
	struct workspace *w;

	m->workspaces =
		must_have(grow_items(m->workspaces, m->workspace_count, &m->workspace_cap, sizeof(*m->workspaces)));
	w = &m->workspaces[m->workspace_count++];
	*w = (struct workspace){ .id = rng_ident("wrkspc_", ~m->seed, RNG_WORKSPACE, m->made++),
				 .color = "#6C5BB9",
				 .created_us = now_us };
	return w;
}

struct invite *model_add_invite(struct model *m, int64_t now_us)
{
	struct invite *v;

	m->invites = must_have(grow_items(m->invites, m->invite_count, &m->invite_cap, sizeof(*m->invites)));
	v = &m->invites[m->invite_count++];
	*v = (struct invite){ .id = rng_ident("invite_", ~m->seed, RNG_INVITE, m->made++),
			      .status = "pending",
			      .invited_us = now_us };
	return v;
}

struct group *model_add_group(struct model *m, int64_t now_us)
{
	struct group *g;

	m->groups = must_have(grow_items(m->groups, m->group_count, &m->group_cap, sizeof(*m->groups)));
	g = &m->groups[m->group_count++];
	*g = (struct group){ .id = rng_ident("rbac_group_", ~m->seed, RNG_GROUP, m->made++), .created_us = now_us };
	return g;
}

size_t model_live_workspaces(const struct model *m)
{
	size_t live = 0;

	for (size_t i = 1; i < m->workspace_count; i++)
		live += m->workspaces[i].archived_us == 0;
	return live;
}
