/* SPDX-License-Identifier: Apache-2.0 */
/* The Compliance API's directory: organisations, people, roles, groups. */
#include "common/base/text.h"
#include "tests/mock/render.h"
#include "tests/mock/route.h"

static const struct {
	const char *id, *name, *description;
} roles[MODEL_ROLES] = {
	{ "rbac_role_01owner", "Owner", "May do everything" },
	{ "rbac_role_01admin", "Admin", "" },
	{ "rbac_role_01auditor", "Auditor", "Reads what others did" },
	{ "rbac_role_01member", "Member", "Works" },
};

static void write_organization(struct call *c, size_t i)
{
	jsonw_object(&c->w);
	jsonw_member_text(&c->w, "uuid", i ? c->model->other_uuid.text : c->model->organization_uuid.text);
	jsonw_member_text(&c->w, "name", i ? "Example Labs" : "Example & Söhne");
	jsonw_member_text(&c->w, "created_at", i ? "2025-06-01T00:00:00Z" : "2024-01-02T03:04:05.678901Z");
	jsonw_end(&c->w);
}

void get_directory_organizations(struct call *c)
{
	call_list_pages(c, &(struct list){ c, 2, NULL, NULL, write_organization }, 1000, true);
}

static bool shows_user(const struct call *c, size_t i)
{
	return !c->model->users[i].is_removed;
}

static void write_user(struct call *c, size_t i)
{
	const struct user *u = &c->model->users[i];

	jsonw_object(&c->w);
	jsonw_member_text(&c->w, "id", u->id.text);
	jsonw_member_text(&c->w, "email", u->email);
	jsonw_member_text(&c->w, "full_name", u->name);
	jsonw_member_text(&c->w, "organization_role", u->role);
	call_when(&c->w, "created_at", u->added_us);
	jsonw_end(&c->w);
}

/* The second organisation has nobody. SIZE_MAX: there is no such organisation, and it is answered. */
static bool organization(struct call *c, bool *ret_is_first)
{
	*ret_is_first = text_eq(c->rq->ids[0], view_of(c->model->organization_uuid.text));
	if (*ret_is_first || text_eq(c->rq->ids[0], view_of(c->model->other_uuid.text)))
		return true;
	call_not_found(c, "Organization");
	return false;
}

void get_directory_users(struct call *c)
{
	bool is_first;

	if (organization(c, &is_first))
		call_list_pages(c,
				&(struct list){ c, is_first ? c->model->user_count : 0, shows_user, NULL, write_user },
				500, true);
}

static void write_role(struct call *c, size_t i)
{
	jsonw_object(&c->w);
	jsonw_member_text(&c->w, "id", roles[i].id);
	jsonw_member_text(&c->w, "name", roles[i].name);
	jsonw_member_text(&c->w, "description", roles[i].description);
	if (i % 2)
		jsonw_member_text(&c->w, "created_at", "2026-01-01T00:00:00.5+00:00");
	jsonw_end(&c->w);
}

void get_directory_roles(struct call *c)
{
	bool is_first;

	if (organization(c, &is_first))
		call_list_pages(c, &(struct list){ c, MODEL_ROLES, NULL, NULL, write_role }, 500, true);
}

static bool shows_group(const struct call *c, size_t i)
{
	struct view prefix = http_arg(c->rq, "name_prefix");

	return !prefix.ptr || text_starts(view_of(c->model->groups[i].name), prefix);
}

static void write_group(struct call *c, size_t i)
{
	render_group(&c->w, &c->model->groups[i]);
}

void get_groups(struct call *c)
{
	call_list_pages(c, &(struct list){ c, c->model->group_count, shows_group, NULL, write_group }, 500, true);
}

void get_group(struct call *c)
{
	const struct group *g = model_group(c->model, c->rq->ids[0]);

	if (g)
		render_group(&c->w, g);
	else
		call_not_found(c, "Group");
}

static bool shows_group_member(const struct call *c, size_t i)
{
	size_t group = (size_t)(model_group(c->model, c->rq->ids[0]) - c->model->groups);

	return !c->model->users[i].is_removed && rng_at(c->model->seed, RNG_GROUP, i * 64 + group) % 2 == 0;
}

static void write_group_member(struct call *c, size_t i)
{
	jsonw_object(&c->w);
	jsonw_member_text(&c->w, "user_id", c->model->users[i].id.text);
	jsonw_member_text(&c->w, "email", c->model->users[i].email);
	if (i % 2)
		call_when(&c->w, "created_at", c->model->users[i].added_us);
	jsonw_end(&c->w);
}

void get_group_members(struct call *c)
{
	if (!model_group(c->model, c->rq->ids[0])) {
		call_not_found(c, "Group");
		return;
	}
	call_list_pages(c, &(struct list){ c, c->model->user_count, shows_group_member, NULL, write_group_member }, 500,
			true);
}
