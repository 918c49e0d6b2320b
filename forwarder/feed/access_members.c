/* SPDX-License-Identifier: Apache-2.0 */
/* Who is in which workspace. */
#include "common/base/bounds.h"
#include "common/base/text.h"
#include "forwarder/feed/access.h"

/* One member as it is told of: from the list, or from what was kept. */
struct told {
	struct view workspace_id, user_id, role, previous_role;
};

static struct view person_of(const struct lists *l, struct view id)
{
	const struct org_user *u = organization_user(l->org, id);

	return u && u->email[0] ? view_of(u->email) : id;
}

static int add_sentence(struct lists *l, const struct told *t, const char *verb)
{
	buf_clear(&l->message);
	if (buf_add(&l->message, person_of(l, t->user_id)) || buf_addf(&l->message, " %s workspace ", verb) ||
	    buf_add(&l->message, organization_workspace_name(l->org, t->workspace_id)))
		return -1;
	if (t->role.len && (buf_add_text(&l->message, " as ") || buf_add(&l->message, t->role)))
		return -1;
	if (!t->previous_role.len)
		return 0;
	return buf_add_text(&l->message, ", and was ") || buf_add(&l->message, t->previous_role);
}

static int tell(struct lists *l, const char *type, const char *verb, const struct told *t, struct view key,
		uint64_t revision, struct err *err)
{
	const struct org_user *u = organization_user(l->org, t->user_id);
	struct jsonw *w;

	if (add_sentence(l, t, verb))
		return err_nomem(err);
	w = lists_begin(l, type, NULL);
	jsonw_member(w, "user_id", t->user_id);
	if (u)
		batch_member(w, "email", view_of(u->email));
	jsonw_member(w, "workspace_id", t->workspace_id);
	jsonw_member(w, "workspace_name", organization_workspace_name(l->org, t->workspace_id));
	batch_member(w, "role", t->role);
	batch_member(w, "previous_role", t->previous_role);
	return lists_end(l, key, revision, err);
}

static int keep(struct lists *l, const struct told *t, struct view key, uint64_t revision, struct err *err)
{
	struct jsonw w;

	lists_keep(l, &w, revision);
	jsonw_member(&w, "workspace_id", t->workspace_id);
	jsonw_member(&w, "user_id", t->user_id);
	jsonw_member(&w, "role", t->role);
	return lists_kept(l, &w, ACCESS_MEMBERS, key, err);
}

static int compare(struct lists *l, const struct org_member *m, struct view key, struct view kept, struct err *err)
{
	struct told t = { .workspace_id = view_of(m->workspace_id),
			  .user_id = view_of(m->user_id),
			  .role = view_of(m->role) };
	uint64_t revision = roster_number(kept, "revision") + 1;

	buf_clear(&l->store);
	if (!kept.len || roster_is(kept, "gone")) {
		if (l->is_known && tell(l, "member_added", "is a member of", &t, key, revision, err))
			return -1;
		return keep(l, &t, key, revision, err);
	}
	t.previous_role = roster_text(kept, "role", &l->store);
	if (text_eq(t.previous_role, t.role))
		return 0;
	return tell(l, "member_role_changed", "is now in", &t, key, revision, err) || keep(l, &t, key, revision, err)
		       ? -1
		       : 0;
}

static int remove_member(struct lists *l, struct view key, struct view kept, struct err *err)
{
	uint64_t revision = roster_number(kept, "revision") + 1;
	struct told t = { .role = VIEW_NONE };

	buf_clear(&l->store);
	t.workspace_id = roster_text(kept, "workspace_id", &l->store);
	t.user_id = roster_text(kept, "user_id", &l->store);
	return tell(l, "member_removed", "is no member any more of", &t, key, revision, err) ||
			       lists_keep_gone(l, ACCESS_MEMBERS, key, revision, err)
		       ? -1
		       : 0;
}

static int see(void *context, size_t index, struct view key, struct view kept, struct err *err)
{
	struct access_feed *f = context;
	struct lists *l = &f->lists;
	int status = index == SIZE_MAX ? remove_member(l, key, kept, err)
				       : compare(l, &l->org->members[index], key, kept, err);

	return status ? status : lists_flush(l, err);
}

int access_members_compare(struct access_feed *f, struct err *err)
{
	const struct organization *org = f->lists.org;
	DEFER(roster_done) struct roster roster;
	int status = 0;

	roster_init(&roster, ACCESS_MEMBERS);
	roster.tell = see;
	roster.context = f;
	for (size_t i = 0; i < org->member_count && !status; i++)
		status = roster_add(&roster, view_of(org->members[i].workspace_id), view_of(org->members[i].user_id), i,
				    err);
	return status ? status : roster_compare(&roster, &f->lists.env, err);
}
