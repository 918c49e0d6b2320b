/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/mock/change.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "common/sys/json.h"
#include "tests/mock/usage.h"
#include "tests/mock/when.h"

#define NUMBER_MAX 1'000'000'000'000
#define WHY_BYTES 4096

static void bad(struct call *c, const char *why)
{
	call_fail(c, 400, "mock_error", "%s", why);
}

/* The word of a static list that a member says, or standard where it says nothing; the table let no other pass. */
static const char *word(const struct call *c, const char *name, const char *const *words, size_t count,
			const char *standard)
{
	struct view value = call_member(c, name);

	for (size_t i = 0; value.ptr && i < count; i++)
		if (json_string_is(value, view_of(words[i])))
			return words[i];
	return standard;
}

static bool says(const struct call *c, const char *name)
{
	struct view value = call_member(c, name);

	return value.ptr && json_type_of(value) == JSON_TRUE;
}

/* A number that may be left out. 0; -1: answered. */
static int number(struct call *c, const char *name, uint64_t *ret)
{
	struct view value = call_member(c, name);

	if (!value.ptr)
		return 0;
	if (text_u64(value, NUMBER_MAX, ret) == 0)
		return 0;
	bad(c, "a whole number was expected");
	return -1;
}

static void set_text(struct call *c, const char *name, char **text)
{
	char *value = call_text(c, name);

	if (!value)
		return;
	free(*text);
	*text = value;
}

static void answer_id(struct call *c, const struct ident *id)
{
	jsonw_object(&c->w);
	jsonw_member_text(&c->w, "id", id->text);
	jsonw_end(&c->w);
}

/* --- keys --- */

static int set_workspace(struct call *c, struct key *k)
{
	DEFER(freep) char *id = call_text(c, "workspace_id");
	struct workspace *w = id ? model_workspace(c->model, view_of(id)) : NULL;

	if (id && !w) {
		bad(c, "there is no such workspace");
		return -1;
	}
	if (w)
		k->workspace = (size_t)(w - c->model->workspaces);
	return 0;
}

static int set_principal(struct call *c, struct key *k)
{
	DEFER(freep) char *id = call_text(c, "principal_id");
	struct user *u = id ? model_user(c->model, view_of(id)) : NULL;

	if (id && !u) {
		bad(c, "there is no such user");
		return -1;
	}
	if (u)
		k->principal = (size_t)(u - c->model->users) + 1;
	return 0;
}

static void post_key(struct call *c)
{
	static const char *const statuses[] = { "active", "inactive", "archived", "expired" };
	DEFER(freep) char *id = call_text(c, "id");
	struct key *k = id ? model_key(c->model, view_of(id)) : NULL;
	uint64_t days = 0;

	if (id ? !k : !call_member(c, "name").ptr) {
		bad(c, "the id of a key was expected, or the name of a new one");
		return;
	}
	if (number(c, "created_days_ago", &days))
		return;
	if (!k)
		k = model_add_key(c->model, c->now_us);
	if (set_workspace(c, k) || set_principal(c, k))
		return;
	set_text(c, "name", &k->name);
	k->status = word(c, "status", statuses, ARRAY_LEN(statuses), k->status);
	if (days)
		k->created_us = c->now_us - (int64_t)days * WHEN_DAY;
	k->is_removed = k->is_removed || says(c, "removed");
	answer_id(c, &k->id);
}

/* --- people --- */

#define USER_ROLES "user developer billing admin claude_code_user"
#define MEMBER_ROLES "workspace_user workspace_developer workspace_restricted_developer workspace_admin"

static const char *const roles[] = { "user", "developer", "billing", "admin", "claude_code_user" };
static const char *const member_roles[] = { "workspace_user", "workspace_developer", "workspace_restricted_developer",
					    "workspace_admin" };

static void post_user(struct call *c)
{
	DEFER(freep) char *id = call_text(c, "id");
	struct user *u = id ? model_user(c->model, view_of(id)) : NULL;

	if (id ? !u : !call_member(c, "email").ptr) {
		bad(c, "the id of a user was expected, or the email of a new one");
		return;
	}
	if (!u)
		u = model_add_user(c->model, c->now_us);
	set_text(c, "email", &u->email);
	u->role = word(c, "role", roles, ARRAY_LEN(roles), u->role);
	u->is_removed = says(c, "removed");
	answer_id(c, &u->id);
}

static void post_invite(struct call *c)
{
	static const char *const statuses[] = { "pending", "accepted", "expired", "deleted" };
	DEFER(freep) char *id = call_text(c, "id");
	struct invite *v = id ? model_invite(c->model, view_of(id)) : NULL;
	uint64_t days = 0;

	if (id ? !v : !call_member(c, "email").ptr) {
		bad(c, "the id of an invitation was expected, or the email of a new one");
		return;
	}
	if (number(c, "days_ago", &days))
		return;
	if (!v) {
		v = model_add_invite(c->model, c->now_us);
		v->role = "user";
		v->groups = model_text(VIEW("[]"));
		v->workspaces = model_text(VIEW("[]"));
		v->expires_us = c->now_us + 21 * WHEN_DAY;
	}
	set_text(c, "email", &v->email);
	v->role = word(c, "role", roles, ARRAY_LEN(roles), v->role);
	v->status = word(c, "status", statuses, ARRAY_LEN(statuses), v->status);
	if (days)
		v->invited_us = c->now_us - (int64_t)days * WHEN_DAY;
	answer_id(c, &v->id);
}

static void post_member(struct call *c)
{
	DEFER(freep) char *workspace_id = call_text(c, "workspace_id");
	DEFER(freep) char *user_id = call_text(c, "user_id");
	struct workspace *w = model_workspace(c->model, view_of(workspace_id));
	struct user *u = model_user(c->model, view_of(user_id));
	struct workspace_member *m = w && u ? model_member(c->model, w, view_of(u->id.text)) : NULL;

	if (!w || !u || (says(c, "removed") && !m)) {
		bad(c, "there is no such workspace, user or member");
		return;
	}
	if (says(c, "removed"))
		model_drop_member(w, m);
	else if (m)
		m->role = word(c, "role", member_roles, ARRAY_LEN(member_roles), m->role);
	else
		model_add_member(w, (size_t)(u - c->model->users),
				 word(c, "role", member_roles, ARRAY_LEN(member_roles), "workspace_user"), c->now_us);
	answer_id(c, &u->id);
}

/* --- usage --- */

static void post_use(struct call *c)
{
	DEFER(freep) char *name = call_text(c, "name");
	DEFER(freep) char *workspace = call_text(c, "workspace_id");
	DEFER(freep) char *key = call_text(c, "api_key_id");
	uint64_t seconds = 0, input = 0, output = 0, cents = 0;
	struct usage_extra *x;

	if ((workspace && !model_workspace(c->model, view_of(workspace))) ||
	    (key && !model_key(c->model, view_of(key)))) {
		bad(c, "there is no such workspace or key");
		return;
	}
	if (number(c, "seconds_ago", &seconds) || number(c, "input_tokens", &input) ||
	    number(c, "output_tokens", &output) || number(c, "cents", &cents))
		return;
	x = model_extra(c->model, view_of(name));
	set_text(c, "model", &x->model);
	set_text(c, "workspace_id", &x->workspace);
	set_text(c, "api_key_id", &x->key);
	x->at_us = c->now_us - (int64_t)seconds * WHEN_SECOND;
	x->input = input;
	x->output = output;
	x->cost = cents * USAGE_COST_UNIT;
	jsonw_object(&c->w);
	jsonw_end(&c->w);
}

static void post_quiet(struct call *c)
{
	c->model->is_quiet = says(c, "on");
	jsonw_object(&c->w);
	jsonw_end(&c->w);
}

/* --- all of them --- */

static const struct member key_members[] = {
	{ "id", MEMBER_STRING, NULL, false },
	{ "name", MEMBER_STRING, NULL, false },
	{ "status", MEMBER_STRING, "active inactive archived expired", false },
	{ "workspace_id", MEMBER_STRING, NULL, false },
	{ "principal_id", MEMBER_STRING, NULL, false },
	{ "created_days_ago", MEMBER_NUMBER, NULL, false },
	{ "removed", MEMBER_BOOL, NULL, false },
	{ .kind = MEMBER_END },
};

static const struct member user_members[] = {
	{ "id", MEMBER_STRING, NULL, false },
	{ "email", MEMBER_STRING, NULL, false },
	{ "role", MEMBER_STRING, USER_ROLES, false },
	{ "removed", MEMBER_BOOL, NULL, false },
	{ .kind = MEMBER_END },
};

static const struct member invite_members[] = {
	{ "id", MEMBER_STRING, NULL, false },
	{ "email", MEMBER_STRING, NULL, false },
	{ "role", MEMBER_STRING, USER_ROLES, false },
	{ "status", MEMBER_STRING, "pending accepted expired deleted", false },
	{ "days_ago", MEMBER_NUMBER, NULL, false },
	{ .kind = MEMBER_END },
};

static const struct member member_members[] = {
	{ "workspace_id", MEMBER_STRING, NULL, true },
	{ "user_id", MEMBER_STRING, NULL, true },
	{ "role", MEMBER_STRING, MEMBER_ROLES, false },
	{ "removed", MEMBER_BOOL, NULL, false },
	{ .kind = MEMBER_END },
};

static const struct member use_members[] = {
	{ "name", MEMBER_STRING, NULL, true },
	{ "model", MEMBER_STRING, NULL, true },
	{ "workspace_id", MEMBER_STRING, NULL, false },
	{ "api_key_id", MEMBER_STRING, NULL, false },
	{ "seconds_ago", MEMBER_NUMBER, NULL, false },
	{ "input_tokens", MEMBER_NUMBER, NULL, false },
	{ "output_tokens", MEMBER_NUMBER, NULL, false },
	{ "cents", MEMBER_NUMBER, NULL, false },
	{ .kind = MEMBER_END },
};

static const struct member quiet_members[] = {
	{ "on", MEMBER_BOOL, NULL, true },
	{ .kind = MEMBER_END },
};

bool change_answer(struct call *c)
{
	static const struct {
		const char *path;
		const struct member *members;
		void (*answer)(struct call *c);
	} calls[] = {
		{ "/__mock/key", key_members, post_key },          { "/__mock/user", user_members, post_user },
		{ "/__mock/invite", invite_members, post_invite }, { "/__mock/member", member_members, post_member },
		{ "/__mock/use", use_members, post_use },          { "/__mock/quiet", quiet_members, post_quiet },
	};

	for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
		DEFER(buf_done) struct buf why = BUF_INIT(WHY_BYTES);

		if (strcmp(c->rq->method, "POST") != 0 || !text_eq(c->rq->path, view_of(calls[i].path)))
			continue;
		if (params_check_body(calls[i].members, buf_view(&c->rq->body), &why))
			bad(c, why.ptr);
		else
			calls[i].answer(c);
		return true;
	}
	return false;
}
