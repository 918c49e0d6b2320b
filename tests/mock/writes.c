/* SPDX-License-Identifier: Apache-2.0 */
/* POST and DELETE of the Admin API, dialect platform. */
#include <string.h>

#include "common/base/text.h"
#include "common/sys/json.h"
#include "tests/mock/must.h"
#include "tests/mock/render.h"
#include "tests/mock/route.h"
#include "tests/mock/when.h"

#define INVITE_LIFE (21 * WHEN_DAY)
#define FIELD_BYTES 4096

/* A role of a static list, by its name. */
static const char *role_of(struct view name)
{
	static const char *const roles[] = { "user",
					     "developer",
					     "billing",
					     "admin",
					     "claude_code_user",
					     "managed",
					     "membership_admin",
					     "owner",
					     "primary_owner",
					     "workspace_user",
					     "workspace_restricted_developer",
					     "workspace_developer",
					     "workspace_admin",
					     "workspace_billing" };

	for (size_t i = 0; i < ARRAY_LEN(roles); i++)
		if (text_eq(view_of(roles[i]), name))
			return roles[i];
	return NULL;
}

/* A console organisation gives these roles; admin is no role that can be given. */
static bool can_give(struct call *c, const char *role)
{
	if (params_among("user developer billing claude_code_user", view_of(role)))
		return true;
	call_fail(c, 400, "invalid_request_error", "role: this role cannot be assigned through the API.");
	return false;
}

static void record(struct call *c, const char *type, const char *cca_type, const char *key, const char *value)
{
	DEFER(buf_done) struct buf fields = BUF_INIT(FIELD_BYTES);

	must(buf_addf(&fields, "\"%s\":\"%s\"", key, value));
	call_record(c, type, cca_type, buf_view(&fields));
}

void post_user(struct call *c)
{
	DEFER(freep) char *role = call_text(c, "role");
	struct user *u = model_user(c->model, c->rq->ids[0]);

	if (!u) {
		call_not_found(c, "User");
		return;
	}
	if (!can_give(c, role))
		return;
	if (strcmp(u->role, "admin") == 0) {
		call_fail(c, 400, "invalid_request_error", "The role of an admin cannot be changed through the API.");
		return;
	}
	u->role = role_of(view_of(role));
	record(c, "claude_user_role_updated", "admin.users.update", "user_id", u->id.text);
	render_user(&c->w, u);
}

void delete_user(struct call *c)
{
	struct user *u = model_user(c->model, c->rq->ids[0]);

	if (!u) {
		call_not_found(c, "User");
		return;
	}
	if (strcmp(u->role, "admin") == 0) {
		call_fail(c, 400, "invalid_request_error", "Admins cannot be removed through the API.");
		return;
	}
	u->is_removed = true;
	record(c, "org_user_deleted", "admin.users.update", "deleted_user_id", u->id.text);
	render_deleted(&c->w, &u->id, "user_deleted");
}

static const struct invite *pending_invite(const struct model *m, const char *email)
{
	for (size_t i = 0; i < m->invite_count; i++)
		if (strcmp(m->invites[i].status, "pending") == 0 &&
		    text_eq_nocase(view_of(m->invites[i].email), view_of(email)))
			return &m->invites[i];
	return NULL;
}

void post_invites(struct call *c)
{
	DEFER(freep) char *email = call_text(c, "email");
	DEFER(freep) char *role = call_text(c, "role");
	struct view groups = call_member(c, "rbac_group_ids");
	struct invite *v;

	if (!can_give(c, role))
		return;
	if (text_find_byte(view_of(email), '@') == SIZE_MAX) {
		call_refuse(c, 400, "invalid_request_error", "email: value is not a valid email address");
		return;
	}
	if (model_user_by_email(c->model, view_of(email)) || pending_invite(c->model, email)) {
		call_fail(c, 400, "invalid_request_error", "email: is a member or has a pending invite already");
		return;
	}
	v = model_add_invite(c->model, c->now_us);
	v->email = TAKE(email);
	v->role = role_of(view_of(role));
	v->expires_us = c->now_us + INVITE_LIFE;
	v->groups = model_text(groups.ptr ? groups : VIEW("[]"));
	v->workspaces = model_text(VIEW("[]"));
	record(c, "org_user_invite_sent", "admin.users.update", "invited_role", v->role);
	render_invite(&c->w, v);
}

void delete_invite(struct call *c)
{
	struct invite *v = model_invite(c->model, c->rq->ids[0]);

	if (!v || strcmp(v->status, "deleted") == 0) {
		call_not_found(c, "Invite");
		return;
	}
	v->status = "deleted";
	record(c, "org_user_invite_deleted", "admin.users.update", "invite_id", v->id.text);
	render_deleted(&c->w, &v->id, "invite_deleted");
}

/* The members of a workspace that the body names; workspace_geo of one that exists stays. */
static bool change_workspace(struct call *c, struct workspace *w, bool is_new)
{
	struct view tags = call_member(c, "tags"), residency = call_member(c, "data_residency");
	char *name = call_text(c, "name"), *external = call_text(c, "external_key_id");

	if (residency.ptr && !is_new && json_member(residency, "workspace_geo").ptr &&
	    !text_eq(json_member(residency, "workspace_geo"), json_member(view_of(w->residency), "workspace_geo"))) {
		free(name);
		free(external);
		call_fail(c, 400, "invalid_request_error", "data_residency.workspace_geo cannot be changed.");
		return false;
	}
	if (name) {
		free(w->name);
		w->name = name;
	}
	if (external) {
		free(w->external_key_id);
		w->external_key_id = external;
	}
	if (tags.ptr) {
		free(w->tags);
		w->tags = model_text(tags);
	}
	if (residency.ptr) {
		free(w->residency);
		w->residency = model_text(residency);
	}
	return true;
}

void post_workspaces(struct call *c)
{
	struct workspace *w;

	if (model_live_workspaces(c->model) >= MODEL_LIVE_WORKSPACES) {
		call_fail(c, 400, "invalid_request_error", "An organization has at most %d workspaces.",
			  MODEL_LIVE_WORKSPACES);
		return;
	}
	w = model_add_workspace(c->model, c->now_us);
	w->tags = model_text(VIEW("{}"));
	w->residency = model_text(VIEW("{\"workspace_geo\":\"us\",\"default_inference_geo\":\"global\","
				       "\"allowed_inference_geos\":\"unrestricted\"}"));
	(void)change_workspace(c, w, true);
	record(c, "platform_workspace_created", "admin.users.update", "workspace_id", w->id.text);
	render_workspace(&c->w, w);
}

static struct workspace *live_workspace(struct call *c)
{
	struct workspace *w = model_workspace(c->model, c->rq->ids[0]);

	if (!w)
		call_not_found(c, "Workspace");
	else if (w->archived_us)
		call_fail(c, 400, "invalid_request_error", "The workspace is archived.");
	else
		return w;
	return NULL;
}

void post_workspace(struct call *c)
{
	struct workspace *w = live_workspace(c);

	if (!w || !change_workspace(c, w, false))
		return;
	record(c, "platform_workspace_updated", "admin.users.update", "workspace_id", w->id.text);
	render_workspace(&c->w, w);
}

void post_archive(struct call *c)
{
	struct workspace *w = live_workspace(c);

	if (!w)
		return;
	if (w == c->model->workspaces) {
		call_fail(c, 400, "invalid_request_error", "The default workspace cannot be archived.");
		return;
	}
	w->archived_us = c->now_us;
	for (size_t i = 0; i < c->model->key_count; i++)
		if (c->model->keys[i].workspace == (size_t)(w - c->model->workspaces))
			c->model->keys[i].status = "archived";
	record(c, "platform_workspace_archived", "admin.keys.revoke", "workspace_id", w->id.text);
	render_workspace(&c->w, w);
}

/* Admins and billing members of the organisation are members by that, and stay. */
static bool is_fixed(const struct model *m, const struct workspace_member *member)
{
	const char *role = m->users[member->user].role;

	return strcmp(role, "admin") == 0 || strcmp(role, "billing") == 0;
}

void post_members(struct call *c)
{
	DEFER(freep) char *user_id = call_text(c, "user_id");
	DEFER(freep) char *role = call_text(c, "workspace_role");
	struct workspace *w = live_workspace(c);
	const struct user *u;

	if (!w)
		return;
	u = model_user(c->model, view_of(user_id));
	if (!u) {
		call_not_found(c, "User");
		return;
	}
	if (model_member(c->model, w, view_of(user_id))) {
		call_fail(c, 400, "invalid_request_error", "The user is a member of the workspace already.");
		return;
	}
	model_add_member(w, (size_t)(u - c->model->users), role_of(view_of(role)), c->now_us);
	record(c, "platform_workspace_member_added", "admin.users.update", "user_id", u->id.text);
	render_member(&c->w, c->model, w, &w->members[w->member_count - 1]);
}

static struct workspace_member *free_member(struct call *c, struct workspace *w)
{
	struct workspace_member *member = model_member(c->model, w, c->rq->ids[1]);

	if (!member)
		call_not_found(c, "Workspace member");
	else if (is_fixed(c->model, member))
		call_fail(c, 400, "invalid_request_error",
			  "Organization admins and billing members cannot be changed in a workspace.");
	else
		return member;
	return NULL;
}

void post_member(struct call *c)
{
	DEFER(freep) char *role = call_text(c, "workspace_role");
	struct workspace *w = live_workspace(c);
	struct workspace_member *member = w ? free_member(c, w) : NULL;

	if (!member)
		return;
	if (strcmp(role, "workspace_billing") == 0) {
		call_fail(c, 400, "invalid_request_error", "workspace_role: workspace_billing is inherited only.");
		return;
	}
	member->role = role_of(view_of(role));
	record(c, "platform_workspace_member_updated", "admin.users.update", "user_id",
	       c->model->users[member->user].id.text);
	render_member(&c->w, c->model, w, member);
}

void delete_member(struct call *c)
{
	struct workspace *w = live_workspace(c);
	struct workspace_member *member = w ? free_member(c, w) : NULL;
	struct ident user;

	if (!member)
		return;
	user = c->model->users[member->user].id;
	model_drop_member(w, member);
	record(c, "platform_workspace_member_removed", "admin.users.update", "user_id", user.text);
	jsonw_object(&c->w);
	jsonw_member_text(&c->w, "type", "workspace_member_deleted");
	jsonw_member_text(&c->w, "user_id", user.text);
	jsonw_member_text(&c->w, "workspace_id", w->id.text);
	jsonw_end(&c->w);
}

static const char *status_of(const char *text)
{
	return strcmp(text, "active") == 0 ? "active" : strcmp(text, "inactive") == 0 ? "inactive" : "archived";
}

void post_key(struct call *c)
{
	DEFER(freep) char *name = call_text(c, "name");
	DEFER(freep) char *status = call_text(c, "status");
	struct key *k = model_key(c->model, c->rq->ids[0]);

	if (!k) {
		call_not_found(c, "API key");
		return;
	}
	if (!name && !status) {
		call_refuse(c, 400, "invalid_request_error", "name or status is required");
		return;
	}
	if (strcmp(k->status, "archived") == 0 || (strcmp(k->status, "expired") == 0 && status)) {
		call_fail(c, 400, "invalid_request_error", "An %s API key cannot be changed.", k->status);
		return;
	}
	if (name) {
		free(k->name);
		k->name = TAKE(name);
	}
	if (status)
		k->status = status_of(status);
	record(c, "platform_api_key_updated",
	       status && strcmp(status, "active") != 0 ? "admin.keys.revoke" : "agents.update", "api_key_id",
	       k->id.text);
	render_key(&c->w, c->model, k);
}
