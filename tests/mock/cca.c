/* SPDX-License-Identifier: Apache-2.0 */
/* Dialect cca: invitations, users, members, the directory. */
#include <string.h>

#include "common/base/text.h"
#include "common/sys/json.h"
#include "tests/mock/must.h"
#include "tests/mock/route.h"
#include "tests/mock/when.h"

#define STANDARD_LIMIT 100
#define FIELD_BYTES 4096

static const char *const roles[][2] = {
	/* platform, cca; the first that fits counts */
	{ "admin", "admin" },     { "developer", "developer" },
	{ "billing", "billing" }, { "claude_code_user", "developer" },
	{ "user", "viewer" },
};

static const char *cca_role(const char *role)
{
	for (size_t i = 0; i < ARRAY_LEN(roles); i++)
		if (strcmp(roles[i][0], role) == 0)
			return roles[i][1];
	return "viewer";
}

static const char *platform_role(const char *role)
{
	for (size_t i = 0; i < ARRAY_LEN(roles); i++)
		if (strcmp(roles[i][1], role) == 0)
			return roles[i][0];
	return "user";
}

static const char *cca_status(const struct invite *v)
{
	return strcmp(v->status, "deleted") == 0 ? "revoked" : v->status;
}

static void record(struct call *c, const char *type, const char *key, const char *value)
{
	DEFER(buf_done) struct buf fields = BUF_INIT(FIELD_BYTES);

	must(buf_addf(&fields, "\"%s\":\"%s\"", key, value));
	call_record(c, type, "admin.users.update", buf_view(&fields));
}

static void write_invitation(struct call *c, const struct invite *v)
{
	struct ident id = model_cca_id(&v->id);

	jsonw_object(&c->w);
	jsonw_member_text(&c->w, "id", id.text);
	jsonw_member_text(&c->w, "email", v->email);
	jsonw_member_text(&c->w, "role", cca_role(v->role));
	jsonw_key(&c->w, "workspaces");
	jsonw_raw(&c->w, view_of(v->workspaces));
	jsonw_member_text(&c->w, "status", cca_status(v));
	call_when(&c->w, "created_at", v->invited_us);
	call_when(&c->w, "expires_at", v->expires_us);
	jsonw_end(&c->w);
}

static bool has_invite(const struct call *c, const char *email)
{
	for (size_t i = 0; i < c->model->invite_count; i++)
		if (strcmp(c->model->invites[i].status, "pending") == 0 &&
		    text_eq_nocase(view_of(c->model->invites[i].email), view_of(email)))
			return true;
	return false;
}

static bool check_workspaces(struct call *c, struct view list)
{
	struct view one;

	while (list.ptr && json_each(&list, &one)) {
		if (json_type_of(one) != JSON_STRING) {
			call_refuse(c, 400, "invalid_request_error", "workspaces: a list of ids was expected");
			return false;
		}
		if (!model_workspace(c->model, view_sub(one, 1, one.len - 2))) {
			call_not_found(c, "Workspace");
			return false;
		}
	}
	return true;
}

void cca_post_invitations(struct call *c)
{
	DEFER(freep) char *email = call_text(c, "email");
	DEFER(freep) char *role = call_text(c, "role");
	struct view workspaces = call_member(c, "workspaces"), days = call_member(c, "expires_in_days");
	struct invite *v;
	uint64_t n = 7;

	if (days.ptr && (text_u64(days, 30, &n) || n < 1)) {
		call_refuse(c, 400, "invalid_request_error", "expires_in_days: 1 to 30 was expected");
		return;
	}
	if (text_find_byte(view_of(email), '@') == SIZE_MAX) {
		call_refuse(c, 400, "invalid_request_error", "email: value is not a valid email address");
		return;
	}
	if (!check_workspaces(c, workspaces))
		return;
	if (model_user_by_email(c->model, view_of(email)) || has_invite(c, email)) {
		call_fail(c, 409, "conflict_error", "There is a member or a pending invitation with this address.");
		return;
	}
	v = model_add_invite(c->model, c->now_us);
	v->email = TAKE(email);
	v->role = platform_role(role);
	v->expires_us = c->now_us + (int64_t)n * WHEN_DAY;
	v->groups = model_text(VIEW("[]"));
	v->workspaces = model_text(workspaces.ptr ? workspaces : VIEW("[]"));
	record(c, "org_user_invite_sent", "invited_role", v->role);
	write_invitation(c, v);
}

static bool shows_invitation(const struct call *c, size_t i)
{
	return call_selects(c, "status", cca_status(&c->model->invites[i]));
}

static void list_invitation(struct call *c, size_t i)
{
	write_invitation(c, &c->model->invites[i]);
}

void cca_get_invitations(struct call *c)
{
	call_list_pages(c, &(struct list){ c, c->model->invite_count, shows_invitation, NULL, list_invitation },
			STANDARD_LIMIT, true);
}

void cca_delete_invitation(struct call *c)
{
	struct invite *v = model_invite(c->model, c->rq->ids[0]);

	if (!v) {
		call_not_found(c, "Invitation");
		return;
	}
	if (strcmp(v->status, "pending") != 0) {
		call_fail(c, 409, "conflict_error", "The invitation is not pending.");
		return;
	}
	v->status = "deleted";
	record(c, "org_user_invite_deleted", "invite_id", v->id.text);
	write_invitation(c, v);
}

static void write_user(struct call *c, size_t index)
{
	const struct user *u = &c->model->users[index];

	jsonw_object(&c->w);
	jsonw_member_text(&c->w, "id", u->id.text);
	jsonw_member_text(&c->w, "email", u->email);
	jsonw_member_text(&c->w, "name", u->name);
	jsonw_member_text(&c->w, "role", cca_role(u->role));
	jsonw_key(&c->w, "workspace_ids");
	jsonw_array(&c->w);
	for (size_t i = 0; i < c->model->workspace_count; i++) {
		struct workspace *w = &c->model->workspaces[i];
		struct ident id = model_cca_id(&w->id);

		if (model_member(c->model, w, view_of(u->id.text)))
			jsonw_string(&c->w, view_of(id.text));
	}
	jsonw_end(&c->w);
	call_when(&c->w, "created_at", u->added_us);
	jsonw_end(&c->w);
}

static bool shows_user(const struct call *c, size_t i)
{
	return !c->model->users[i].is_removed;
}

void cca_get_users(struct call *c)
{
	call_list_pages(c, &(struct list){ c, c->model->user_count, shows_user, NULL, write_user }, STANDARD_LIMIT,
			true);
}

static struct user *user(struct call *c)
{
	struct user *u = model_user(c->model, c->rq->ids[0]);

	if (!u)
		call_not_found(c, "User");
	return u;
}

void cca_get_user(struct call *c)
{
	const struct user *u = user(c);

	if (u)
		write_user(c, (size_t)(u - c->model->users));
}

static bool is_last_admin(const struct model *m, const struct user *u)
{
	size_t admins = 0;

	for (size_t i = 0; i < m->user_count; i++)
		admins += !m->users[i].is_removed && strcmp(m->users[i].role, "admin") == 0;
	return admins == 1 && strcmp(u->role, "admin") == 0;
}

void cca_put_user(struct call *c)
{
	DEFER(freep) char *role = call_text(c, "role");
	struct user *u = user(c);

	if (!u)
		return;
	if (is_last_admin(c->model, u) && strcmp(role, "admin") != 0) {
		call_fail(c, 409, "conflict_error", "The last admin cannot become something else.");
		return;
	}
	u->role = platform_role(role);
	record(c, "claude_user_role_updated", "user_id", u->id.text);
	write_user(c, (size_t)(u - c->model->users));
}

void cca_delete_user(struct call *c)
{
	struct user *u = user(c);

	if (!u)
		return;
	if (is_last_admin(c->model, u)) {
		call_fail(c, 409, "conflict_error", "The last admin cannot be removed.");
		return;
	}
	u->is_removed = true;
	record(c, "org_user_deleted", "deleted_user_id", u->id.text);
	jsonw_object(&c->w);
	jsonw_member_text(&c->w, "id", u->id.text);
	jsonw_key(&c->w, "deleted");
	jsonw_bool(&c->w, true);
	jsonw_end(&c->w);
}

static const char *const member_roles[] = { "workspace_user", "workspace_restricted_developer", "workspace_developer",
					    "workspace_admin" };

static const char *member_role(const char *role)
{
	for (size_t i = 0; i < ARRAY_LEN(member_roles); i++)
		if (strcmp(member_roles[i] + strlen("workspace_"), role) == 0)
			return member_roles[i];
	return member_roles[0];
}

static struct workspace *workspace(struct call *c)
{
	struct workspace *w = model_workspace(c->model, c->rq->ids[0]);

	if (!w || w->archived_us) {
		call_not_found(c, "Workspace");
		return NULL;
	}
	return w;
}

void cca_post_members(struct call *c)
{
	DEFER(freep) char *user_id = call_text(c, "user_id");
	DEFER(freep) char *role = call_text(c, "role");
	struct workspace *w = workspace(c);
	struct ident id;
	const struct user *u;

	if (!w)
		return;
	u = model_user(c->model, view_of(user_id));
	if (!u) {
		call_not_found(c, "User");
		return;
	}
	if (model_member(c->model, w, view_of(user_id))) {
		call_fail(c, 409, "conflict_error", "The user is a member of the workspace already.");
		return;
	}
	model_add_member(w, (size_t)(u - c->model->users), member_role(role), c->now_us);
	record(c, "platform_workspace_member_added", "user_id", u->id.text);
	id = model_cca_id(&w->id);
	jsonw_object(&c->w);
	jsonw_member_text(&c->w, "workspace_id", id.text);
	jsonw_member_text(&c->w, "user_id", u->id.text);
	jsonw_member_text(&c->w, "role", role);
	call_when(&c->w, "added_at", c->now_us);
	jsonw_end(&c->w);
}

void cca_delete_member(struct call *c)
{
	struct workspace *w = workspace(c);
	struct workspace_member *member = w ? model_member(c->model, w, c->rq->ids[1]) : NULL;
	struct ident id;

	if (!w)
		return;
	if (!member) {
		call_not_found(c, "Workspace member");
		return;
	}
	id = c->model->users[member->user].id;
	model_drop_member(w, member);
	record(c, "platform_workspace_member_removed", "user_id", id.text);
	jsonw_object(&c->w);
	jsonw_member_text(&c->w, "workspace_id", model_cca_id(&w->id).text);
	jsonw_member_text(&c->w, "user_id", id.text);
	jsonw_key(&c->w, "deleted");
	jsonw_bool(&c->w, true);
	jsonw_end(&c->w);
}

static void write_organization(struct call *c, size_t i)
{
	(void)i;
	jsonw_object(&c->w);
	jsonw_member_text(&c->w, "id", c->model->organization.text);
	jsonw_member_text(&c->w, "name", "Example & Söhne");
	jsonw_member_text(&c->w, "created_at", "2024-01-02T03:04:05Z");
	jsonw_end(&c->w);
}

void cca_get_organizations(struct call *c)
{
	call_list_pages(c, &(struct list){ c, 1, NULL, NULL, write_organization }, STANDARD_LIMIT, true);
}

static void write_directory_user(struct call *c, size_t i)
{
	const struct user *u = &c->model->users[i];

	jsonw_object(&c->w);
	jsonw_member_text(&c->w, "id", u->id.text);
	jsonw_member_text(&c->w, "email", u->email);
	jsonw_member_text(&c->w, "name", u->name);
	jsonw_member_text(&c->w, "role", cca_role(u->role));
	jsonw_member_text(&c->w, "organization_id", c->model->organization.text);
	jsonw_end(&c->w);
}

void cca_get_directory_users(struct call *c)
{
	struct view id = http_arg(c->rq, "organization_id");

	if (id.ptr && !text_eq(id, view_of(c->model->organization.text))) {
		call_not_found(c, "Organization");
		return;
	}
	call_list_pages(c, &(struct list){ c, c->model->user_count, shows_user, NULL, write_directory_user },
			STANDARD_LIMIT, true);
}

static bool check_restrictions(struct call *c, struct view restrictions)
{
	static const struct member table[] = {
		{ "data_retention_days", MEMBER_NUMBER, NULL, false },
		{ "require_encryption", MEMBER_BOOL, NULL, false },
		{ "allowed_regions", MEMBER_ARRAY, NULL, false },
		{ "audit_level", MEMBER_STRING, "none metadata full", false },
		{ .name = NULL },
	};
	DEFER(buf_done) struct buf why = BUF_INIT(HTTP_REQUEST_BYTES);

	if (!restrictions.ptr || params_check_body(table, restrictions, &why) == 0)
		return true;
	call_refuse(c, 400, "invalid_request_error", "restrictions.%s", why.ptr);
	return false;
}

void cca_post_groups(struct call *c)
{
	DEFER(freep) char *name = call_text(c, "name");
	DEFER(freep) char *description = call_text(c, "description");
	struct view restrictions = call_member(c, "restrictions");
	struct group *g;

	if (!check_restrictions(c, restrictions))
		return;
	for (size_t i = 0; i < c->model->group_count; i++)
		if (strcmp(c->model->groups[i].name, name) == 0) {
			call_fail(c, 409, "conflict_error", "A group with this name exists.");
			return;
		}
	g = model_add_group(c->model, c->now_us);
	g->name = TAKE(name);
	g->description = TAKE(description);
	g->restrictions = restrictions.ptr ? model_text(restrictions) : NULL;
	record(c, "rbac_role_created", "group_id", g->id.text);
	jsonw_object(&c->w);
	jsonw_member_text(&c->w, "id", model_cca_id(&g->id).text);
	jsonw_member_text(&c->w, "name", g->name);
	jsonw_member_text(&c->w, "description", g->description);
	if (g->restrictions) {
		jsonw_key(&c->w, "restrictions");
		jsonw_raw(&c->w, view_of(g->restrictions));
	}
	call_when(&c->w, "created_at", g->created_us);
	jsonw_end(&c->w);
}
