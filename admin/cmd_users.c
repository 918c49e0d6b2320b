/* SPDX-License-Identifier: Apache-2.0 */
/* skantctl users. */
#include "admin/change.h"
#include "admin/cmd.h"
#include "admin/given.h"
#include "admin/list.h"
#include "admin/lookup.h"
#include "common/api/endpoint_user.h"

static const struct column columns[] = {
	{ "id", "id" }, { "email", "email" }, { "name", "name" }, { "role", "role" }, { "added_at", "added_at" },
};

static const struct change update = { API_USER_UPDATE, columns, ARRAY_LEN(columns) };
static const struct change removal = { API_USER_DELETE, NULL, 0 };

int cmd_users_list(struct session *s, char **, size_t count, struct err *err)
{
	static const struct given email = { "email", API_USER_LIST, "email", NULL };
	static const struct given role = { "role", API_USER_LIST, "roles", NULL };
	struct filters arguments = { .count = 0 };
	struct listing listing = { API_USER_LIST, &arguments, columns, ARRAY_LEN(columns), NULL, NULL };

	if (session_args(NULL, 0, count, err) || given_check(s, &email, s->o->email, err) ||
	    given_check_all(s, &role, &s->o->roles, err))
		return -1;
	filters_add(&arguments, "email", s->o->email);
	filters_add_all(&arguments, "roles", &s->o->roles);
	return list_print(s, &listing, err);
}

int cmd_users_get(struct session *s, char **args, size_t count, struct err *err)
{
	DEFER(api_answer_done) struct api_answer answer = { .reply = { .status = 0 } };
	struct api_user user;
	const char *id;

	if (session_args("one user's id or address", 1, count, err) || lookup_user(s, args[0], &id, err) ||
	    api_user_get(s->api, view_of(id), &answer, &user, err))
		return -1;
	return session_print(s, API_USER_GET, columns, ARRAY_LEN(columns), buf_view(&answer.reply.body), err);
}

int cmd_users_update(struct session *s, char **args, size_t count, struct err *err)
{
	static const struct given given_role = { "role", API_USER_UPDATE, "role", NULL };
	DEFER(api_answer_done) struct api_answer answer = { .reply = { .status = 0 } };
	struct api_user user;
	const char *role, *id;
	int ret;

	if (session_args("one user's id or address", 1, count, err) || options_single(&s->o->roles, "role", &role, err))
		return -1;
	if (!role)
		return err_set(err, ERR_USAGE, 0, "users update needs --role");
	if (given_check(s, &given_role, role, err) || lookup_user(s, args[0], &id, err))
		return -1;
	ret = change_ask(s, &update, err, "Give user %s the role %s?", args[0], role);
	if (ret != CHANGE_GO)
		return ret;
	if (api_user_update(s->api, view_of(id), view_of(role), &answer, &user, err))
		return -1;
	return change_print(s, &update, &answer, err, "user %s has the role %s", args[0], role);
}

int cmd_users_remove(struct session *s, char **args, size_t count, struct err *err)
{
	DEFER(api_answer_done) struct api_answer answer = { .reply = { .status = 0 } };
	const char *id;
	int ret;

	if (session_args("one user's id or address", 1, count, err) || lookup_user(s, args[0], &id, err))
		return -1;
	ret = change_ask(s, &removal, err, "Remove user %s from the organisation?", args[0]);
	if (ret != CHANGE_GO)
		return ret;
	if (api_user_delete(s->api, view_of(id), &answer, err))
		return -1;
	return change_print(s, &removal, &answer, err, "user %s was removed from the organisation", args[0]);
}
