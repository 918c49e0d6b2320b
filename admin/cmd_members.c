/* SPDX-License-Identifier: Apache-2.0 */
/* skantctl members. */
#include "admin/change.h"
#include "admin/cmd.h"
#include "admin/given.h"
#include "admin/list.h"
#include "admin/lookup.h"
#include "common/api/endpoint_member.h"
#include "common/base/bounds.h"
#include "common/base/text.h"

#define ROLE_PREFIX "workspace_"

static const struct column columns[] = {
	{ "user_id", "user_id" },
	{ "workspace_id", "workspace_id" },
	{ "role", "workspace_role" },
};

static const struct change addition = { API_MEMBER_ADD, columns, ARRAY_LEN(columns) };
static const struct change update = { API_MEMBER_UPDATE, columns, ARRAY_LEN(columns) };
static const struct change removal = { API_MEMBER_DELETE, NULL, 0 };

struct request {
	const char *workspace, *user, *role; /* as they were given */
	const char *workspace_id, *user_id;
	struct buf full_role; /* as the API calls it */
};

static void request_done(struct request *r)
{
	buf_done(&r->full_role);
}

/* Roles may be given without the word that all of them start with. */
static int read_role(struct request *r, const struct options *o, const char *command, struct err *err)
{
	if (options_single(&o->roles, "role", &r->role, err))
		return -1;
	if (!r->role)
		return err_set(err, ERR_USAGE, 0, "%s needs --role", command);
	if ((!text_starts(view_of(r->role), VIEW(ROLE_PREFIX)) && buf_add_text(&r->full_role, ROLE_PREFIX)) ||
	    buf_add_text(&r->full_role, r->role))
		return err_nomem(err);
	return 0;
}

static int read_request(struct request *r, const struct options *o, const char *command, char **args, size_t count,
			struct err *err)
{
	*r = (struct request){ .full_role = BUF_INIT(ERR_TEXT_BYTES) };
	if (session_args("one user's id or address", 1, count, err) ||
	    options_single(&o->workspaces, "workspace", &r->workspace, err))
		return -1;
	if (!r->workspace)
		return err_set(err, ERR_USAGE, 0, "%s needs --workspace", command);
	r->user = args[0];
	return 0;
}

/* After all that can be said without the API. */
static int look_up(struct request *r, struct session *s, enum api_operation operation, struct err *err)
{
	return session_route(s, operation, err) && !lookup_workspace(s, r->workspace, &r->workspace_id, err) &&
			       !lookup_user(s, r->user, &r->user_id, err)
		       ? 0
		       : -1;
}

int cmd_members_list(struct session *s, char **, size_t count, struct err *err)
{
	struct filters arguments = { .count = 0 };
	struct listing listing = { API_MEMBER_LIST, &arguments, columns, ARRAY_LEN(columns), NULL, NULL };
	const char *workspace;

	if (session_args(NULL, 0, count, err) || options_single(&s->o->workspaces, "workspace", &workspace, err))
		return -1;
	if (!workspace)
		return err_set(err, ERR_USAGE, 0, "members list needs --workspace");
	if (lookup_workspace(s, workspace, &workspace, err))
		return -1;
	filters_add(&arguments, "workspace_id", workspace);
	return list_print(s, &listing, err);
}

int cmd_members_add(struct session *s, char **args, size_t count, struct err *err)
{
	static const struct given role = { "role", API_MEMBER_ADD, "workspace_role", ROLE_PREFIX };
	DEFER(api_answer_done) struct api_answer answer = { .reply = { .status = 0 } };
	DEFER(request_done) struct request r = { .role = NULL };
	struct api_member member;
	int ret;

	if (read_request(&r, s->o, "members add", args, count, err) || read_role(&r, s->o, "members add", err) ||
	    given_check(s, &role, r.role, err) || look_up(&r, s, API_MEMBER_ADD, err))
		return -1;
	ret = change_ask(s, &addition, err, "Add user %s to workspace %s as %s?", r.user, r.workspace, r.role);
	if (ret != CHANGE_GO)
		return ret;
	if (api_member_add(s->api, view_of(r.workspace_id), view_of(r.user_id), buf_view(&r.full_role), &answer,
			   &member, err))
		return -1;
	return change_print(s, &addition, &answer, err, "user %s was added to workspace %s", r.user, r.workspace);
}

int cmd_members_update(struct session *s, char **args, size_t count, struct err *err)
{
	static const struct given role = { "role", API_MEMBER_UPDATE, "workspace_role", ROLE_PREFIX };
	DEFER(api_answer_done) struct api_answer answer = { .reply = { .status = 0 } };
	DEFER(request_done) struct request r = { .role = NULL };
	struct api_member member;
	int ret;

	if (read_request(&r, s->o, "members update", args, count, err) || read_role(&r, s->o, "members update", err) ||
	    given_check(s, &role, r.role, err) || look_up(&r, s, API_MEMBER_UPDATE, err))
		return -1;
	ret = change_ask(s, &update, err, "Make user %s of workspace %s %s?", r.user, r.workspace, r.role);
	if (ret != CHANGE_GO)
		return ret;
	if (api_member_update(s->api, view_of(r.workspace_id), view_of(r.user_id), buf_view(&r.full_role), &answer,
			      &member, err))
		return -1;
	return change_print(s, &update, &answer, err, "user %s is %s in workspace %s", r.user, r.role, r.workspace);
}

int cmd_members_remove(struct session *s, char **args, size_t count, struct err *err)
{
	DEFER(api_answer_done) struct api_answer answer = { .reply = { .status = 0 } };
	DEFER(request_done) struct request r = { .role = NULL };
	int ret;

	if (read_request(&r, s->o, "members remove", args, count, err) || look_up(&r, s, API_MEMBER_DELETE, err))
		return -1;
	ret = change_ask(s, &removal, err, "Take user %s out of workspace %s?", r.user, r.workspace);
	if (ret != CHANGE_GO)
		return ret;
	if (api_member_delete(s->api, view_of(r.workspace_id), view_of(r.user_id), &answer, err))
		return -1;
	return change_print(s, &removal, &answer, err, "user %s was taken out of workspace %s", r.user, r.workspace);
}
