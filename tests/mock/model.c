/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/mock/model.h"

#include <string.h>

#include "common/base/grow.h"
#include "common/base/text.h"
#include "tests/mock/must.h"
#include "tests/mock/when.h"

#define TEXT_BYTES (1u << 20)
#define INVITE_LIFE (21 * WHEN_DAY)

static const char us_residency[] = "{\"workspace_geo\":\"us\",\"default_inference_geo\":\"global\","
				   "\"allowed_inference_geos\":\"unrestricted\"}";

char *model_text(struct view v)
{
	char *text = must_have(malloc(v.len + 1));

	if (v.len)
		memcpy(text, v.ptr, v.len);
	text[v.len] = '\0';
	return text;
}

PRINTF_LIKE(1, 2) static char *text_of(const char *fmt, ...)
{
	struct buf buf = BUF_INIT(TEXT_BYTES);
	va_list args;

	va_start(args, fmt);
	must(buf_addvf(&buf, fmt, args));
	va_end(args);
	return must_have(buf_detach(&buf));
}

static char *copy(const char *text)
{
	return model_text(view_of(text));
}

static uint64_t number(const struct model *m, enum rng_stream stream, uint64_t index)
{
	return rng_at(m->seed, stream, index);
}

/* So long before the model was made: between one and limit days. */
static int64_t days_ago(const struct model *m, enum rng_stream stream, uint64_t index, int64_t limit)
{
	int64_t seconds = (int64_t)(rng_mix(number(m, stream, index)) % (uint64_t)(limit * 86400));

	return when_floor(m->now_us, WHEN_SECOND) - WHEN_DAY - seconds * WHEN_SECOND;
}

static void make_users(struct model *m, size_t count)
{
	static const char *const names[] = { "Ada",  "Bo",   "Chidi", "Dora", "Eun",  "Femi", "Gül",  "Hugo",
					     "Inés", "Jörg", "Kofi",  "Lena", "Mika", "Noor", "Otto", "Ping" };
	static const char *const roles[] = {
		"developer", "user", "developer", "claude_code_user", "user", "developer"
	};

	for (size_t i = 0; i < count; i++) {
		uint64_t n = number(m, RNG_USER, i);
		struct user *u;

		m->users = must_have(grow_items(m->users, m->user_count, &m->user_cap, sizeof(*m->users)));
		u = &m->users[m->user_count++];
		*u = (struct user){ .id = rng_ident("user_", m->seed, RNG_USER, i),
				    .email = text_of("user%zu@%s", i, n % 17 == 3 ? "example.org" : "example.com"),
				    .name = text_of("%s Nr. %zu", names[n % ARRAY_LEN(names)], i),
				    .role = i == 0        ? "admin"
					    : i == 1      ? "billing"
					    : i % 16 == 9 ? "admin"
							  : roles[n % ARRAY_LEN(roles)],
				    .added_us = days_ago(m, RNG_USER, i, 700) };
	}
}

static const char *member_role(const struct user *u, uint64_t n)
{
	static const char *const roles[] = { "workspace_user", "workspace_developer", "workspace_restricted_developer",
					     "workspace_developer", "workspace_admin" };

	if (strcmp(u->role, "admin") == 0)
		return "workspace_admin";
	if (strcmp(u->role, "billing") == 0)
		return "workspace_billing";
	return roles[n % ARRAY_LEN(roles)];
}

void model_add_member(struct workspace *w, size_t user, const char *role, int64_t now_us)
{
	w->members = must_have(grow_items(w->members, w->member_count, &w->member_cap, sizeof(*w->members)));
	w->members[w->member_count++] = (struct workspace_member){ user, role, now_us };
}

static void make_members(struct model *m, size_t index)
{
	struct workspace *w = &m->workspaces[index];

	for (size_t i = 0; i < m->user_count; i++) {
		uint64_t n = number(m, RNG_MEMBER, index * 1'000'003 + i);
		const struct user *u = &m->users[i];

		if (strcmp(u->role, "admin") == 0 || strcmp(u->role, "billing") == 0 || n % 3 == 0)
			model_add_member(w, i, member_role(u, rng_mix(n)), w->created_us);
	}
}

static struct workspace *new_workspace(struct model *m)
{
	struct workspace *w;

	m->workspaces =
		must_have(grow_items(m->workspaces, m->workspace_count, &m->workspace_cap, sizeof(*m->workspaces)));
	w = &m->workspaces[m->workspace_count++];
	*w = (struct workspace){ .color = "#6C5BB9" };
	return w;
}

static char *workspace_name(size_t i)
{
	static const char *const teams[] = { "ml", "backend", "data", "legal", "Überschall", "ops" };
	static const char *const environments[] = { "prod", "staging", "dev" };
	const char *team, *environment;

	if (i-- == 0)
		return copy("Default");
	team = teams[i % ARRAY_LEN(teams)];
	environment = environments[i / ARRAY_LEN(teams) % ARRAY_LEN(environments)];
	if (i < ARRAY_LEN(teams) * ARRAY_LEN(environments))
		return text_of("%s-%s", team, environment);
	return text_of("%s-%s-%zu", team, environment, i + 1);
}

/* One in six is archived. */
static void make_workspaces(struct model *m, size_t count)
{
	static const char *const colors[] = { "#6C5BB9", "#D97757", "#0F7B6C" };

	for (size_t i = 0; i <= count; i++) {
		struct workspace *w = new_workspace(m);

		w->id = rng_ident("wrkspc_", m->seed, RNG_WORKSPACE, i);
		w->created_us = days_ago(m, RNG_WORKSPACE, i, 600);
		w->color = colors[i % ARRAY_LEN(colors)];
		w->name = workspace_name(i);
		w->tags = i % 3 == 2 ? copy("{\"cost-centre\":\"4711\",\"team\":\"ml\"}") : copy("{}");
		w->external_key_id = i % 5 == 4 ? text_of("ext-%zu", i) : NULL;
		w->residency = i % 4 == 3 ? copy("{\"workspace_geo\":\"us\",\"default_inference_geo\":\"us\","
						 "\"allowed_inference_geos\":[\"us\"]}")
					  : copy(us_residency);
		if (i % 6 == 5)
			w->archived_us = w->created_us + WHEN_DAY / 2;
		if (i > 0 && !w->archived_us)
			make_members(m, m->workspace_count - 1);
	}
}

/* Three characters, four at the end of which the last two are AA: no hint is the same as a key's own. */
static void make_hint(struct key *k, uint64_t n)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
	size_t base = sizeof(alphabet) - 1;

	(void)snprintf(k->hint, sizeof(k->hint), "sk-ant-api03-%c%c%c...%c%cAA", alphabet[n % base],
		       alphabet[n / base % base], alphabet[n >> 20 & 31], alphabet[n >> 30 & 31],
		       alphabet[n >> 40 & 31]);
}

static const char *key_status(const struct model *m, const struct key *k, uint64_t n)
{
	if (k->workspace != SIZE_MAX && m->workspaces[k->workspace].archived_us)
		return "archived";
	if (k->expires_us && k->expires_us < m->now_us)
		return "expired";
	return n % 9 == 4 ? "inactive" : n % 13 == 7 ? "archived" : "active";
}

static void make_key(struct model *m, size_t i)
{
	static const char *const purposes[] = {
		"ml-prod-inference",  "backend-staging-batch", "data-dev-etl", "Johns key",
		"ml-prod-inference",  "legal-prod-review",     "test",         "ml-prod-batch-2",
		"Schlüssel für Jörg", "backend-prod-search",   "prod_ml_chat", "ops-dev-chat"
	};
	uint64_t n = rng_mix(number(m, RNG_KEY, i));
	struct key *k;

	m->keys = must_have(grow_items(m->keys, m->key_count, &m->key_cap, sizeof(*m->keys)));
	k = &m->keys[m->key_count++];
	*k = (struct key){ .id = rng_ident("apikey_", m->seed, RNG_KEY, i),
			   .created_us = days_ago(m, RNG_KEY, i, 300),
			   .workspace = i % 4 == 1   ? 0
					: i % 7 == 6 ? SIZE_MAX
						     : n % m->workspace_count,
			   .by_service = i % 5 == 3,
			   .has_scope = i % 2 == 0,
			   .has_new_actor = i % 3 == 0 };
	k->name = i < ARRAY_LEN(purposes) ? copy(purposes[i]) : text_of("%s-%zu", purposes[i % ARRAY_LEN(purposes)], i);
	k->creator = k->by_service ? n % MODEL_SERVICE_ACCOUNTS : n / 7 % m->user_count;
	k->owner = k->workspace == SIZE_MAX || i % 6 == 2 ? (k->by_service ? KEY_OF_SERVICE : KEY_OF_USER)
							  : KEY_OF_WORKSPACE;
	k->has_scope |= k->workspace == SIZE_MAX;
	if (i % 4 == 2)
		k->expires_us = k->created_us + (int64_t)(n % 400) * WHEN_DAY;
	k->status = i == 0 ? "active" : key_status(m, k, n >> 8);
	make_hint(k, rng_mix(n));
}

static struct invite *new_invite(struct model *m)
{
	m->invites = must_have(grow_items(m->invites, m->invite_count, &m->invite_cap, sizeof(*m->invites)));
	m->invites[m->invite_count] = (struct invite){ .status = "pending", .role = "user" };
	return &m->invites[m->invite_count++];
}

static void make_invites(struct model *m, size_t count)
{
	static const char *const statuses[] = { "pending", "accepted", "expired", "deleted", "pending" };
	static const char *const roles[] = { "user", "developer", "billing", "claude_code_user" };

	for (size_t i = 0; i < count; i++) {
		struct invite *v = new_invite(m);

		v->id = rng_ident("invite_", m->seed, RNG_INVITE, i);
		v->email = text_of("guest%zu@example.net", i);
		v->role = roles[i % ARRAY_LEN(roles)];
		v->status = statuses[i % ARRAY_LEN(statuses)];
		v->invited_us = days_ago(m, RNG_INVITE, i, 15);
		if (strcmp(v->status, "expired") == 0)
			v->invited_us -= INVITE_LIFE;
		v->expires_us = v->invited_us + INVITE_LIFE;
		v->accepted_us = strcmp(v->status, "accepted") == 0 ? v->invited_us + WHEN_HOUR : 0;
		v->groups = copy("[]");
		v->workspaces = copy("[]");
	}
}

static struct group *new_group(struct model *m)
{
	m->groups = must_have(grow_items(m->groups, m->group_count, &m->group_cap, sizeof(*m->groups)));
	m->groups[m->group_count] = (struct group){ .is_scim = false };
	return &m->groups[m->group_count++];
}

static void make_groups(struct model *m)
{
	static const char *const names[] = { "engineering", "legal", "eng-oncall", "contractors" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct group *g = new_group(m);

		g->id = rng_ident("rbac_group_", m->seed, RNG_GROUP, i);
		g->name = copy(names[i]);
		g->description = text_of("Everyone of %s", names[i]);
		g->is_scim = i % 2;
		g->created_us = days_ago(m, RNG_GROUP, i, 400);
	}
}

void model_init(struct model *m, const struct settings *s, int64_t now_us)
{
	*m = (struct model){ .seed = s->seed, .usage_daily = s->usage_daily, .now_us = now_us };
	m->organization = rng_ident("org_", s->seed, RNG_ORGANIZATION, 0);
	m->organization_uuid = rng_uuid(s->seed, RNG_ORGANIZATION, 0);
	m->other_uuid = rng_uuid(s->seed, RNG_ORGANIZATION, 1);
	for (size_t i = 0; i < MODEL_SERVICE_ACCOUNTS; i++)
		m->services[i] = rng_ident("svac_", s->seed, RNG_ORGANIZATION, 10 + i);
	make_users(m, s->users);
	make_workspaces(m, s->workspaces);
	for (size_t i = 0; i < s->keys; i++)
		make_key(m, i);
	make_invites(m, s->invites);
	make_groups(m);
}

void model_done(struct model *m)
{
	for (size_t i = 0; i < m->user_count; i++) {
		free(m->users[i].email);
		free(m->users[i].name);
	}
	for (size_t i = 0; i < m->workspace_count; i++) {
		free(m->workspaces[i].name);
		free(m->workspaces[i].external_key_id);
		free(m->workspaces[i].tags);
		free(m->workspaces[i].residency);
		free(m->workspaces[i].members);
	}
	for (size_t i = 0; i < m->key_count; i++)
		free(m->keys[i].name);
	for (size_t i = 0; i < m->invite_count; i++) {
		free(m->invites[i].email);
		free(m->invites[i].groups);
		free(m->invites[i].workspaces);
	}
	for (size_t i = 0; i < m->group_count; i++) {
		free(m->groups[i].name);
		free(m->groups[i].description);
		free(m->groups[i].restrictions);
	}
	for (size_t i = 0; i < m->extra_count; i++) {
		free(m->extras[i].name);
		free(m->extras[i].model);
		free(m->extras[i].workspace);
		free(m->extras[i].key);
	}
	free(m->extras);
	free(m->users);
	free(m->workspaces);
	free(m->keys);
	free(m->invites);
	free(m->groups);
}
