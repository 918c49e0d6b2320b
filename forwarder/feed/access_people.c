/* SPDX-License-Identifier: Apache-2.0 */
/* People and invitations. */
#include "common/base/bounds.h"
#include "common/base/text.h"
#include "forwarder/feed/access.h"

#define USERS "user/"
#define INVITES "invite/"

/* --- people --- */

static int keep_user(struct lists *l, const struct org_user *u, struct view key, uint64_t revision, struct err *err)
{
	struct jsonw w;

	lists_keep(l, &w, revision);
	jsonw_member_text(&w, "id", u->id);
	jsonw_member_text(&w, "email", u->email);
	jsonw_member_text(&w, "role", u->role);
	return lists_kept(l, &w, USERS, key, err);
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

/* The call that shows one by itself. */
static int is_gone(struct lists *l, enum api_operation operation, struct view id, struct err *err)
{
	const struct api_argument argument = { .name = "id", .value = id };

	return lists_is_gone(l, operation, &argument, 1, err);
}

static int remove_user(struct lists *l, struct view key, struct view kept, struct err *err)
{
	uint64_t revision = roster_number(kept, "revision") + 1;
	struct view id, email, role;
	struct jsonw *w;
	int status;

	buf_clear(&l->store);
	id = roster_text(kept, "id", &l->store);
	email = roster_text(kept, "email", &l->store);
	role = roster_text(kept, "role", &l->store);
	status = is_gone(l, API_USER_GET, id, err);
	if (status <= 0)
		return status;
	buf_clear(&l->message);
	if (buf_add(&l->message, email.len ? email : id) ||
	    buf_add_text(&l->message, " is no user of the organization any more"))
		return err_nomem(err);
	w = lists_begin(l, "user_removed", NULL);
	batch_member(w, "user_id", id);
	batch_member(w, "email", email);
	batch_member(w, "role", role);
	return lists_end(l, key, revision, err) || lists_keep_gone(l, USERS, key, revision, err) ? -1 : 0;
}

static int see_user(void *context, size_t index, struct view key, struct view kept, struct err *err)
{
	struct access_feed *f = context;
	struct lists *l = &f->lists;
	int status;

	if (index == SIZE_MAX)
		status = remove_user(l, key, kept, err);
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

	roster_init(&roster, USERS);
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
	jsonw_member_text(&w, "status", i->status);
	return lists_kept(l, &w, INVITES, key, err);
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

static int remove_invite(struct lists *l, struct view key, struct view kept, struct err *err)
{
	uint64_t revision = roster_number(kept, "revision") + 1;
	struct view id, email;
	struct jsonw *w;
	int status;

	buf_clear(&l->store);
	id = roster_text(kept, "id", &l->store);
	email = roster_text(kept, "email", &l->store);
	status = is_gone(l, API_INVITE_GET, id, err);
	if (status <= 0)
		return status;
	buf_clear(&l->message);
	if (buf_add_text(&l->message, "the invitation of ") || buf_add(&l->message, email.len ? email : id) ||
	    buf_add_text(&l->message, " is there no more"))
		return err_nomem(err);
	w = lists_begin(l, "invite_gone", NULL);
	batch_member(w, "invite_id", id);
	batch_member(w, "email", email);
	return lists_end(l, key, revision, err) || lists_keep_gone(l, INVITES, key, revision, err) ? -1 : 0;
}

static int see_invite(void *context, size_t index, struct view key, struct view kept, struct err *err)
{
	struct access_feed *f = context;
	struct lists *l = &f->lists;
	int status;

	if (index == SIZE_MAX)
		status = remove_invite(l, key, kept, err);
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

	roster_init(&roster, INVITES);
	roster.tell = see_invite;
	roster.context = f;
	for (size_t i = 0; i < f->lists.org->invite_count && !status; i++)
		status = roster_add(&roster, view_of(f->lists.org->invites[i].id), VIEW_NONE, i, err);
	return status ? status : roster_compare(&roster, &f->lists.env, err);
}
