/* SPDX-License-Identifier: Apache-2.0 */
/* People and invitations. */
#include "common/base/bounds.h"
#include "common/base/text.h"
#include "forwarder/feed/access.h"

/* One that is there no more, in words. */
struct leaving {
	const char *prefix, *type, *id_member;
	const char *before, *behind; /* of whose address the message tells */
};

static int remove_one(struct lists *l, const struct leaving *what, struct view key, struct view kept, struct err *err)
{
	uint64_t revision = roster_number(kept, "revision") + 1;
	struct view id, email, role;
	struct jsonw *w;

	buf_clear(&l->store);
	id = roster_text(kept, "id", &l->store);
	email = roster_text(kept, "email", &l->store);
	role = roster_text(kept, "role", &l->store);
	buf_clear(&l->message);
	if (buf_add_text(&l->message, what->before) || buf_add(&l->message, email.len ? email : id) ||
	    buf_add_text(&l->message, what->behind))
		return err_nomem(err);
	w = lists_begin(l, what->type, NULL);
	batch_member(w, what->id_member, id);
	batch_member(w, "email", email);
	batch_member(w, "role", role);
	return lists_end(l, key, revision, err) || lists_keep_gone(l, what->prefix, key, revision, err) ? -1 : 0;
}

/* --- people --- */

static int keep_user(struct lists *l, const struct org_user *u, struct view key, uint64_t revision, struct err *err)
{
	struct jsonw w;

	lists_keep(l, &w, revision);
	jsonw_member_text(&w, "id", u->id);
	jsonw_member_text(&w, "email", u->email);
	jsonw_member_text(&w, "role", u->role);
	return lists_kept(l, &w, ACCESS_USERS, key, err);
}

static int tell_user(struct lists *l, const char *type, const struct org_user *u, const char *changed,
		     struct view before, struct view key, uint64_t revision, struct err *err)
{
	struct jsonw *w = lists_begin(l, type, NULL);

	jsonw_member_text(w, "user_id", u->id);
	batch_member(w, "email", view_of(u->email));
	batch_member(w, "name", view_of(u->name));
	batch_member(w, "role", view_of(u->role));
	batch_member_time(w, "added_at", u->added_at_s);
	if (changed)
		jsonw_member(w, changed, before);
	return lists_end(l, key, revision, err);
}

static int add_user(struct lists *l, const struct org_user *u, struct view key, uint64_t revision, struct err *err)
{
	buf_clear(&l->message);
	if (buf_addf(&l->message, "%s is a user of the organization now, as %s", u->email[0] ? u->email : u->id,
		     u->role))
		return err_nomem(err);
	if (l->is_known && tell_user(l, "user_added", u, NULL, VIEW_NONE, key, revision, err))
		return -1;
	return keep_user(l, u, key, revision, err);
}

/* kept lies in the spool's memory: it stays during the call. */
static int compare_user(struct lists *l, const struct org_user *u, struct view key, struct view kept, struct err *err)
{
	uint64_t revision = roster_number(kept, "revision") + 1;
	struct view role, email;
	bool is_new_role, is_new_email;

	buf_clear(&l->store);
	role = roster_text(kept, "role", &l->store);
	email = roster_text(kept, "email", &l->store);
	is_new_role = !text_eq(role, view_of(u->role));
	is_new_email = !text_eq(email, view_of(u->email));
	if (!is_new_role && !is_new_email)
		return 0;
	buf_clear(&l->message);
	if (buf_addf(&l->message, "the role of %s is %s now, and was ", u->email[0] ? u->email : u->id, u->role) ||
	    buf_add(&l->message, role))
		return err_nomem(err);
	if (is_new_role && tell_user(l, "user_role_changed", u, "previous_role", role, key, revision, err))
		return -1;
	buf_clear(&l->message);
	if (buf_addf(&l->message, "the address of user %s is %s now, and was ", u->id, u->email) ||
	    buf_add(&l->message, email))
		return err_nomem(err);
	if (is_new_email && tell_user(l, "user_email_changed", u, "previous_email", email, key, revision, err))
		return -1;
	return keep_user(l, u, key, revision, err);
}

static const struct leaving user_leaving = { ACCESS_USERS, "user_removed", "user_id", "",
					     " is no user of the organization any more" };

static int see_user(void *context, size_t index, struct view key, struct view kept, struct err *err)
{
	struct access_feed *f = context;
	struct lists *l = &f->lists;
	int status;

	if (index == SIZE_MAX)
		status = remove_one(l, &user_leaving, key, kept, err);
	else if (!kept.len || roster_is(kept, "gone"))
		status = add_user(l, &l->org->users[index], key, roster_number(kept, "revision") + 1, err);
	else
		status = compare_user(l, &l->org->users[index], key, kept, err);
	return status ? status : lists_flush(l, err);
}

int access_people_compare(struct access_feed *f, struct err *err)
{
	DEFER(roster_done) struct roster roster;
	int status = 0;

	roster_init(&roster, ACCESS_USERS);
	roster.tell = see_user;
	roster.context = f;
	for (size_t i = 0; i < f->lists.org->user_count && !status; i++)
		status = roster_add(&roster, view_of(f->lists.org->users[i].id), VIEW_NONE, i, err);
	return status ? status : roster_compare(&roster, &f->lists.env, err);
}

/* --- invitations --- */

static int keep_invite(struct lists *l, const struct org_invite *i, struct view key, uint64_t revision, struct err *err)
{
	struct jsonw w;

	lists_keep(l, &w, revision);
	jsonw_member_text(&w, "id", i->id);
	jsonw_member_text(&w, "email", i->email);
	jsonw_member_text(&w, "role", i->role);
	jsonw_member_text(&w, "status", i->status);
	if (i->invited_at_s > 0)
		jsonw_member_u64(&w, "invited_at", (uint64_t)i->invited_at_s);
	if (i->expires_at_s > 0)
		jsonw_member_u64(&w, "expires_at", (uint64_t)i->expires_at_s);
	return lists_kept(l, &w, ACCESS_INVITES, key, err);
}

static int tell_invite(struct lists *l, const char *type, const struct org_invite *i, struct view before,
		       struct view key, uint64_t revision, struct err *err)
{
	struct jsonw *w = lists_begin(l, type, NULL);

	jsonw_member_text(w, "invite_id", i->id);
	batch_member(w, "email", view_of(i->email));
	batch_member(w, "role", view_of(i->role));
	batch_member(w, "status", view_of(i->status));
	batch_member(w, "previous_status", before);
	batch_member_time(w, "invited_at", i->invited_at_s);
	batch_member_time(w, "expires_at", i->expires_at_s);
	return lists_end(l, key, revision, err);
}

static int add_invite(struct lists *l, const struct org_invite *i, struct view key, uint64_t revision, struct err *err)
{
	buf_clear(&l->message);
	if (buf_addf(&l->message, "%s was invited to the organization, as %s (%s)", i->email, i->role, i->status))
		return err_nomem(err);
	if (l->is_known && tell_invite(l, "invite_sent", i, VIEW_NONE, key, revision, err))
		return -1;
	return keep_invite(l, i, key, revision, err);
}

static const char *type_of_status(const char *status)
{
	static const char *const known[][2] = { { "accepted", "invite_accepted" },
						{ "expired", "invite_expired" },
						{ "deleted", "invite_deleted" } };

	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (text_eq(view_of(status), view_of(known[i][0])))
			return known[i][1];
	return "invite_status_changed";
}

static int compare_invite(struct lists *l, const struct org_invite *i, struct view key, struct view kept,
			  struct err *err)
{
	uint64_t revision = roster_number(kept, "revision") + 1;
	struct view before;

	buf_clear(&l->store);
	before = roster_text(kept, "status", &l->store);
	if (text_eq(before, view_of(i->status)))
		return 0;
	buf_clear(&l->message);
	if (buf_addf(&l->message, "the invitation of %s is %s now, and was ", i->email, i->status) ||
	    buf_add(&l->message, before))
		return err_nomem(err);
	return tell_invite(l, type_of_status(i->status), i, before, key, revision, err) ||
			       keep_invite(l, i, key, revision, err)
		       ? -1
		       : 0;
}

static const struct leaving invite_leaving = { ACCESS_INVITES, "invite_gone", "invite_id", "the invitation of ",
					       " is there no more" };

static int see_invite(void *context, size_t index, struct view key, struct view kept, struct err *err)
{
	struct access_feed *f = context;
	struct lists *l = &f->lists;
	int status;

	if (index == SIZE_MAX)
		status = remove_one(l, &invite_leaving, key, kept, err);
	else if (!kept.len || roster_is(kept, "gone"))
		status = add_invite(l, &l->org->invites[index], key, roster_number(kept, "revision") + 1, err);
	else
		status = compare_invite(l, &l->org->invites[index], key, kept, err);
	return status ? status : lists_flush(l, err);
}

int access_invites_compare(struct access_feed *f, struct err *err)
{
	DEFER(roster_done) struct roster roster;
	int status = 0;

	roster_init(&roster, ACCESS_INVITES);
	roster.tell = see_invite;
	roster.context = f;
	for (size_t i = 0; i < f->lists.org->invite_count && !status; i++)
		status = roster_add(&roster, view_of(f->lists.org->invites[i].id), VIEW_NONE, i, err);
	return status ? status : roster_compare(&roster, &f->lists.env, err);
}
