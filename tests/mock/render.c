/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/mock/render.h"

#include <string.h>

#include "tests/mock/must.h"

void render_user(struct jsonw *w, const struct user *u)
{
	jsonw_object(w);
	jsonw_member_text(w, "id", u->id.text);
	jsonw_member_text(w, "type", "user");
	jsonw_member_text(w, "email", u->email);
	jsonw_member_text(w, "name", u->name);
	jsonw_member_text(w, "role", u->role);
	call_when(w, "added_at", u->added_us);
	jsonw_end(w);
}

void render_invite(struct jsonw *w, const struct invite *v)
{
	jsonw_object(w);
	jsonw_member_text(w, "id", v->id.text);
	jsonw_member_text(w, "type", "invite");
	jsonw_member_text(w, "email", v->email);
	jsonw_member_text(w, "role", v->role);
	jsonw_member_text(w, "status", v->status);
	call_when(w, "invited_at", v->invited_us);
	call_when(w, "expires_at", v->expires_us);
	call_when(w, "accepted_at", v->accepted_us);
	jsonw_key(w, "rbac_group_ids");
	jsonw_raw(w, view_of(v->groups));
	jsonw_end(w);
}

void render_workspace(struct jsonw *w, const struct workspace *ws)
{
	jsonw_object(w);
	jsonw_member_text(w, "id", ws->id.text);
	jsonw_member_text(w, "type", "workspace");
	jsonw_member_text(w, "name", ws->name);
	jsonw_member_text(w, "display_color", ws->color);
	call_when(w, "created_at", ws->created_us);
	call_when(w, "archived_at", ws->archived_us);
	jsonw_member_text(w, "compartment_id", "cmpt_01");
	call_or_null(w, "external_key_id", ws->external_key_id);
	jsonw_key(w, "tags");
	jsonw_raw(w, view_of(ws->tags));
	jsonw_key(w, "data_residency");
	jsonw_raw(w, view_of(ws->residency));
	jsonw_end(w);
}

void render_member(struct jsonw *w, const struct model *m, const struct workspace *ws,
		   const struct workspace_member *member)
{
	jsonw_object(w);
	jsonw_member_text(w, "type", "workspace_member");
	jsonw_member_text(w, "user_id", m->users[member->user].id.text);
	jsonw_member_text(w, "workspace_id", ws->id.text);
	jsonw_member_text(w, "workspace_role", member->role);
	jsonw_end(w);
}

/* Both shapes are seen in the wild. */
static void render_actor(struct jsonw *w, const char *key, const char *id, bool by_service, bool is_new)
{
	const char *type = by_service ? "service_account" : "user";

	jsonw_key(w, key);
	jsonw_object(w);
	if (is_new) {
		jsonw_member_text(w, "type", by_service ? "service_account_actor" : "user_actor");
		jsonw_member_text(w, by_service ? "service_account_id" : "user_id", id);
	} else {
		jsonw_member_text(w, "id", id);
		jsonw_member_text(w, "type", type);
	}
	jsonw_end(w);
}

static void render_scope(struct jsonw *w, const struct model *m, const struct key *k)
{
	jsonw_key(w, "scope");
	jsonw_object(w);
	jsonw_member_text(w, "type", k->workspace == SIZE_MAX ? "organization" : "workspace");
	if (k->workspace != SIZE_MAX)
		jsonw_member_text(w, "workspace_id", m->workspaces[k->workspace].id.text);
	jsonw_end(w);
}

void render_key(struct jsonw *w, const struct model *m, const struct key *k)
{
	const char *creator = k->by_service ? m->services[k->creator].text : m->users[k->creator].id.text;
	bool has_workspace = k->workspace != SIZE_MAX && k->workspace != 0;

	jsonw_object(w);
	jsonw_member_text(w, "id", k->id.text);
	jsonw_member_text(w, "type", "api_key");
	jsonw_member_text(w, "name", k->name);
	call_or_null(w, "partial_key_hint", strcmp(k->status, "archived") == 0 ? NULL : k->hint);
	jsonw_member_text(w, "status", k->status);
	call_when(w, "created_at", k->created_us);
	render_actor(w, "created_by", creator, k->by_service, false);
	call_when(w, "expires_at", k->expires_us);
	call_or_null(w, "workspace_id", has_workspace ? m->workspaces[k->workspace].id.text : NULL);
	if (k->principal)
		render_actor(w, "principal", m->users[k->principal - 1].id.text, false, k->has_new_actor);
	else if (k->owner == KEY_OF_WORKSPACE)
		call_null(w, "principal");
	else
		render_actor(w, "principal", creator, k->owner == KEY_OF_SERVICE, k->has_new_actor);
	if (k->has_scope)
		render_scope(w, m, k);
	jsonw_end(w);
}

void render_group(struct jsonw *w, const struct group *g)
{
	jsonw_object(w);
	jsonw_member_text(w, "id", g->id.text);
	jsonw_member_text(w, "name", g->name);
	call_or_null(w, "description", g->description);
	jsonw_member_text(w, "source_type", g->is_scim ? "scim" : "direct");
	jsonw_key(w, "roles");
	jsonw_raw(w, g->is_scim ? VIEW("null") : VIEW("[\"auditor\"]"));
	if (g->is_scim)
		call_when(w, "created_at", g->created_us);
	else /* without a zone: UTC is meant */
		jsonw_member_text(w, "created_at", "2026-02-03T04:05:06.789");
	jsonw_end(w);
}

void render_deleted(struct jsonw *w, const struct ident *id, const char *type)
{
	jsonw_object(w);
	jsonw_member_text(w, "id", id->text);
	jsonw_member_text(w, "type", type);
	jsonw_end(w);
}
