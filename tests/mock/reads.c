/* SPDX-License-Identifier: Apache-2.0 */
/* GET of the Admin API, dialect platform. */
#include <string.h>

#include "common/base/text.h"
#include "tests/mock/render.h"
#include "tests/mock/route.h"

void get_organization(struct call *c)
{
	jsonw_object(&c->w);
	jsonw_member_text(&c->w, "id", c->model->organization_uuid.text);
	jsonw_member_text(&c->w, "type", "organization");
	jsonw_member_text(&c->w, "name", "Example & Söhne");
	jsonw_end(&c->w);
}

static bool shows_user(const struct call *c, size_t i)
{
	const struct user *u = &c->model->users[i];
	struct view email = http_arg(c->rq, "email");

	return !u->is_removed && (!email.ptr || text_eq_nocase(email, view_of(u->email))) &&
	       call_selects(c, "roles[]", u->role);
}

static struct ident user_id(const struct call *c, size_t i)
{
	return c->model->users[i].id;
}

static void write_user(struct call *c, size_t i)
{
	render_user(&c->w, &c->model->users[i]);
}

void get_users(struct call *c)
{
	call_list_ids(c, &(struct list){ c, c->model->user_count, shows_user, user_id, write_user });
}

void get_user(struct call *c)
{
	const struct user *u = model_user(c->model, c->rq->ids[0]);

	if (u)
		render_user(&c->w, u);
	else
		call_not_found(c, "User");
}

static bool shows_invite(const struct call *c, size_t i)
{
	const struct invite *v = &c->model->invites[i];
	struct view email = http_arg(c->rq, "email");

	return (!email.ptr || text_eq_nocase(email, view_of(v->email))) && call_selects(c, "roles[]", v->role) &&
	       call_selects(c, "statuses[]", v->status);
}

static struct ident invite_id(const struct call *c, size_t i)
{
	return c->model->invites[i].id;
}

static void write_invite(struct call *c, size_t i)
{
	render_invite(&c->w, &c->model->invites[i]);
}

void get_invites(struct call *c)
{
	call_list_ids(c, &(struct list){ c, c->model->invite_count, shows_invite, invite_id, write_invite });
}

void get_invite(struct call *c)
{
	const struct invite *v = model_invite(c->model, c->rq->ids[0]);

	if (v)
		render_invite(&c->w, v);
	else
		call_not_found(c, "Invite");
}

/* The list leaves the default workspace out. */
static bool shows_workspace(const struct call *c, size_t i)
{
	return i > 0 && (!c->model->workspaces[i].archived_us || call_arg_is(c, "include_archived", "true"));
}

static struct ident workspace_id(const struct call *c, size_t i)
{
	return c->model->workspaces[i].id;
}

static void write_workspace(struct call *c, size_t i)
{
	render_workspace(&c->w, &c->model->workspaces[i]);
}

void get_workspaces(struct call *c)
{
	call_list_ids(c,
		      &(struct list){ c, c->model->workspace_count, shows_workspace, workspace_id, write_workspace });
}

void get_workspace(struct call *c)
{
	const struct workspace *w = model_workspace(c->model, c->rq->ids[0]);

	if (w)
		render_workspace(&c->w, w);
	else
		call_not_found(c, "Workspace");
}

static bool shows_member(const struct call *c, size_t i)
{
	const struct workspace *w = model_workspace(c->model, c->rq->ids[0]);

	return !c->model->users[w->members[i].user].is_removed;
}

static struct ident member_id(const struct call *c, size_t i)
{
	const struct workspace *w = model_workspace(c->model, c->rq->ids[0]);

	return c->model->users[w->members[i].user].id;
}

static void write_member(struct call *c, size_t i)
{
	const struct workspace *w = model_workspace(c->model, c->rq->ids[0]);

	render_member(&c->w, c->model, w, &w->members[i]);
}

void get_members(struct call *c)
{
	const struct workspace *w = model_workspace(c->model, c->rq->ids[0]);

	if (w)
		call_list_ids(c, &(struct list){ c, w->member_count, shows_member, member_id, write_member });
	else
		call_not_found(c, "Workspace");
}

void get_member(struct call *c)
{
	struct workspace *w = model_workspace(c->model, c->rq->ids[0]);
	const struct workspace_member *member = w ? model_member(c->model, w, c->rq->ids[1]) : NULL;

	if (member)
		render_member(&c->w, c->model, w, member);
	else
		call_not_found(c, w ? "Workspace member" : "Workspace");
}

static bool shows_key(const struct call *c, size_t i)
{
	const struct model *m = c->model;
	const struct key *k = &m->keys[i];

	return !k->is_removed && call_selects(c, "status", k->status) &&
	       call_selects(c, "workspace_id", k->workspace == SIZE_MAX ? NULL : m->workspaces[k->workspace].id.text) &&
	       call_selects(c, "created_by_user_id", k->by_service ? NULL : m->users[k->creator].id.text);
}

static struct ident key_id(const struct call *c, size_t i)
{
	return c->model->keys[i].id;
}

static void write_key(struct call *c, size_t i)
{
	render_key(&c->w, c->model, &c->model->keys[i]);
}

void get_keys(struct call *c)
{
	call_list_ids(c, &(struct list){ c, c->model->key_count, shows_key, key_id, write_key });
}

void get_key(struct call *c)
{
	const struct key *k = model_key(c->model, c->rq->ids[0]);

	if (k)
		render_key(&c->w, c->model, k);
	else
		call_not_found(c, "API key");
}

static const struct limit {
	const char *id, *group, *models, *kind;
	uint64_t value;
	const char *second_kind;
	uint64_t second;
} limits[] = {
	{ "rl_01opus", "model_group", "[\"claude-opus-5\",\"claude-opus-4-8\"]", "requests_per_minute", 4000,
	  "input_tokens_per_minute", 2000000 },
	{ "rl_01sonnet", "model_group", "[\"claude-sonnet-5\"]", "requests_per_minute", 4000, "input_tokens_per_minute",
	  4000000 },
	{ "rl_01batch", "batch", NULL, "requests_in_queue", 500000, NULL, 0 },
	{ "rl_01files", "files", NULL, "requests_per_minute", 100, NULL, 0 },
	{ "rl_01count", "token_count", NULL, "requests_per_minute", 8000, NULL, 0 },
	{ "rl_01search", "web_search", NULL, "requests_per_second", 30, NULL, 0 },
};

static bool shows_limit(const struct call *c, size_t i)
{
	struct view model = http_arg(c->rq, "model");

	return call_selects(c, "group_type", limits[i].group) &&
	       (!model.ptr || (limits[i].models && text_find(view_of(limits[i].models), model) != SIZE_MAX));
}

static void write_limits(struct jsonw *w, const struct limit *limit, bool is_override)
{
	jsonw_key(w, "limits");
	jsonw_array(w);
	for (unsigned i = 0; i < (limit->second_kind && !is_override ? 2u : 1u); i++) {
		uint64_t value = i ? limit->second : limit->value;

		jsonw_object(w);
		jsonw_member_text(w, "type", i ? limit->second_kind : limit->kind);
		jsonw_member_u64(w, "value", is_override ? value / 4 : value);
		if (is_override)
			jsonw_member_u64(w, "org_limit", value);
		jsonw_end(w);
	}
	jsonw_end(w);
}

static void write_limit(struct call *c, size_t i)
{
	const struct limit *limit = &limits[i];

	jsonw_object(&c->w);
	jsonw_member_text(&c->w, "id", limit->id);
	jsonw_member_text(&c->w, "type", "rate_limit");
	jsonw_member_text(&c->w, "group_type", limit->group);
	jsonw_key(&c->w, "models");
	jsonw_raw(&c->w, limit->models ? view_of(limit->models) : VIEW("null"));
	write_limits(&c->w, limit, false);
	jsonw_end(&c->w);
}

void get_rate_limits(struct call *c)
{
	call_list_pages(c, &(struct list){ c, ARRAY_LEN(limits), shows_limit, NULL, write_limit }, 1000, false);
}

static void write_override(struct call *c, size_t i)
{
	const struct workspace *w = model_workspace(c->model, c->rq->ids[0]);

	jsonw_object(&c->w);
	jsonw_member_text(&c->w, "rate_limit_id", limits[i].id);
	jsonw_member_text(&c->w, "type", "workspace_rate_limit");
	jsonw_member_text(&c->w, "workspace_id", w->id.text);
	jsonw_member_text(&c->w, "group_type", limits[i].group);
	jsonw_key(&c->w, "models");
	jsonw_raw(&c->w, limits[i].models ? view_of(limits[i].models) : VIEW("null"));
	write_limits(&c->w, &limits[i], true);
	jsonw_end(&c->w);
}

/* Every second workspace overrides one limit. */
void get_workspace_rate_limits(struct call *c)
{
	const struct workspace *w = model_workspace(c->model, c->rq->ids[0]);

	if (!w) {
		call_not_found(c, "Workspace");
		return;
	}
	call_list_pages(c, &(struct list){ c, (size_t)(w - c->model->workspaces) % 2, NULL, NULL, write_override },
			1000, false);
}

void get_compliance_settings(struct call *c)
{
	jsonw_object(&c->w);
	jsonw_member_text(&c->w, "type", "compliance_settings");
	jsonw_key(&c->w, "state");
	jsonw_object(&c->w);
	jsonw_member_text(&c->w, "type", c->mock->is_off ? "disabled" : "enabled");
	jsonw_end(&c->w);
	jsonw_end(&c->w);
}
