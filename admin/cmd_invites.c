/* SPDX-License-Identifier: Apache-2.0 */
/* skantctl invites. */
#include "admin/change.h"
#include "admin/cmd.h"
#include "admin/given.h"
#include "admin/list.h"
#include "admin/lookup.h"
#include "common/api/endpoint_invite.h"
#include "common/base/text.h"

#define EXPIRY_DAYS_MAX 365

static const struct column columns[] = {
	{ "id", "id" },         { "email", "email" },           { "role", "role" },
	{ "status", "status" }, { "invited_at", "invited_at" }, { "expires_at", "expires_at" },
};

static const struct change making = { API_INVITE_CREATE, columns, ARRAY_LEN(columns) };
static const struct change removal = { API_INVITE_DELETE, NULL, 0 };

int cmd_invites_list(struct session *s, char **, size_t count, struct err *err)
{
	static const struct given email = { "email", API_INVITE_LIST, "email", NULL };
	static const struct given role = { "role", API_INVITE_LIST, "roles", NULL };
	static const struct given status = { "status", API_INVITE_LIST, "statuses", NULL };
	struct filters arguments = { .count = 0 };
	struct listing listing = { API_INVITE_LIST, &arguments, columns, ARRAY_LEN(columns), NULL, NULL };

	if (session_args(NULL, 0, count, err) || given_check(s, &email, s->o->email, err) ||
	    given_check_all(s, &role, &s->o->roles, err) || given_check_all(s, &status, &s->o->statuses, err))
		return -1;
	filters_add(&arguments, "email", s->o->email);
	filters_add_all(&arguments, "roles", &s->o->roles);
	filters_add_all(&arguments, "statuses", &s->o->statuses);
	return list_print(s, &listing, err);
}

int cmd_invites_get(struct session *s, char **args, size_t count, struct err *err)
{
	DEFER(api_answer_done) struct api_answer answer = { .reply = { .status = 0 } };
	struct api_invite invite;
	const char *id;

	if (session_args("one invitation's id or address", 1, count, err) || !session_route(s, API_INVITE_GET, err) ||
	    lookup_invite(s, args[0], &id, err) || api_invite_get(s->api, view_of(id), &answer, &invite, err))
		return -1;
	return session_print(s, API_INVITE_GET, columns, ARRAY_LEN(columns), buf_view(&answer.reply.body), err);
}

static int read_request(const struct options *o, struct view *workspaces, struct api_invite_request *request,
			struct err *err)
{
	const char *role;
	uint64_t days = 0;

	if (options_single(&o->roles, "role", &role, err))
		return -1;
	if (!o->email || !role)
		return err_set(err, ERR_USAGE, 0, "invites create needs --email and --role");
	if (o->expires_in_days && (text_u64(view_of(o->expires_in_days), EXPIRY_DAYS_MAX, &days) || !days))
		return err_set(err, ERR_USAGE, 0, "--expires-in-days takes a whole number from 1 to %d, not '%s'",
			       EXPIRY_DAYS_MAX, o->expires_in_days);
	for (size_t i = 0; i < o->workspaces.count; i++)
		workspaces[i] = view_of(o->workspaces.items[i]);
	*request = (struct api_invite_request){
		.email = view_of(o->email),
		.role = view_of(role),
		.workspaces = workspaces,
		.workspace_count = o->workspaces.count,
		.expires_in_days = (unsigned)days,
	};
	return 0;
}

int cmd_invites_create(struct session *s, char **, size_t count, struct err *err)
{
	static const struct given role = { "role", API_INVITE_CREATE, "role", NULL };
	static const struct given expiry = { "expires-in-days", API_INVITE_CREATE, "expires_in_days", NULL };
	static const struct given workspace = { "workspace", API_INVITE_CREATE, "workspaces", NULL };
	DEFER(api_answer_done) struct api_answer answer = { .reply = { .status = 0 } };
	struct view workspaces[LIST_MAX];
	struct api_invite_request request;
	struct api_invite invite;
	int ret;

	if (session_args(NULL, 0, count, err) || read_request(s->o, workspaces, &request, err) ||
	    given_check(s, &role, request.role.ptr, err) || given_check(s, &expiry, s->o->expires_in_days, err) ||
	    given_check_all(s, &workspace, &s->o->workspaces, err))
		return -1;
	ret = change_ask(s, &making, err, "Invite %s with the role %s?", request.email.ptr, request.role.ptr);
	if (ret != CHANGE_GO)
		return ret;
	if (api_invite_create(s->api, &request, &answer, &invite, err))
		return -1;
	return change_print(s, &making, &answer, err, "%s was invited", request.email.ptr);
}

int cmd_invites_revoke(struct session *s, char **args, size_t count, struct err *err)
{
	DEFER(api_answer_done) struct api_answer answer = { .reply = { .status = 0 } };
	const char *id;
	int ret;

	if (session_args("one invitation's id or address", 1, count, err) || lookup_invite(s, args[0], &id, err))
		return -1;
	ret = change_ask(s, &removal, err, "Take the invitation %s back?", args[0]);
	if (ret != CHANGE_GO)
		return ret;
	if (api_invite_delete(s->api, view_of(id), &answer, err))
		return -1;
	return change_print(s, &removal, &answer, err, "invitation %s was revoked", args[0]);
}
