/* SPDX-License-Identifier: Apache-2.0 */
/* skantctl workspaces. */
#include <string.h>

#include "admin/change.h"
#include "admin/cmd.h"
#include "admin/list.h"
#include "admin/lookup.h"
#include "common/api/endpoint_workspace.h"
#include "common/base/bounds.h"
#include "common/base/text.h"
#include "common/sys/json.h"
#include "common/sys/jsonw.h"
#include "common/sys/opt_value.h"

#define COLOUR_DIGITS 6

static const struct column columns[] = {
	{ "id", "id" },     { "name", "name" }, { "created_at", "created_at" }, { "archived_at", "archived_at" },
	{ "tags", "tags" },
};

static const struct change making = { API_WORKSPACE_CREATE, columns, ARRAY_LEN(columns) };
static const struct change update = { API_WORKSPACE_UPDATE, columns, ARRAY_LEN(columns) };
static const struct change archiving = { API_WORKSPACE_ARCHIVE, columns, ARRAY_LEN(columns) };

static int is_archived(void *, struct view row, struct err *)
{
	struct view value = json_member(row, "archived_at");

	return value.len && json_type_of(value) != JSON_NULL;
}

int cmd_workspaces_list(struct session *s, char **, size_t count, struct err *err)
{
	struct filters arguments = { .count = 0 };
	struct listing listing = { API_WORKSPACE_LIST, &arguments, columns, ARRAY_LEN(columns), NULL, NULL };
	const char *status;

	if (session_args(NULL, 0, count, err) || options_single(&s->o->statuses, "status", &status, err))
		return -1;
	if (status && strcmp(status, "archived") == 0)
		listing.keep = is_archived;
	else if (status && strcmp(status, "all") != 0 && strcmp(status, "active") != 0)
		return opt_refuse_word("status", "active archived all", status, err);
	if (status && strcmp(status, "active") != 0)
		filters_add(&arguments, "include_archived", "true");
	return list_print(s, &listing, err);
}

int cmd_workspaces_get(struct session *s, char **args, size_t count, struct err *err)
{
	DEFER(api_answer_done) struct api_answer answer = { .reply = { .status = 0 } };
	struct api_workspace workspace;
	const char *id;

	if (session_args("one workspace's id or name", 1, count, err) || lookup_workspace(s, args[0], &id, err) ||
	    api_workspace_get(s->api, view_of(id), &answer, &workspace, err))
		return -1;
	return session_print(s, API_WORKSPACE_GET, columns, ARRAY_LEN(columns), buf_view(&answer.reply.body), err);
}

/* #RRGGBB, as the Console has it. */
static int check_colour(const char *colour, struct err *err)
{
	size_t digits = colour && *colour == '#' ? strspn(colour + 1, "0123456789abcdefABCDEF") : 0;

	if (!colour || (digits == COLOUR_DIGITS && !colour[1 + COLOUR_DIGITS]))
		return 0;
	return err_set(err, ERR_USAGE, 0, "--color takes #RRGGBB, such as #6c5bb9, not '%s'", colour);
}

/* The tags as a JSON object; nothing when none was given. */
static int add_tags(struct buf *json, const struct texts *tags, struct err *err)
{
	struct jsonw w;

	if (!tags->count)
		return 0;
	jsonw_init(&w, json, 0);
	jsonw_object(&w);
	for (size_t i = 0; i < tags->count; i++) {
		DEFER(buf_done) struct buf key = BUF_INIT(JSON_RECORD_BYTES);
		struct view tag = view_of(tags->items[i]);
		size_t at = text_find_byte(tag, '=');

		if (at == SIZE_MAX || at == 0)
			return err_set(err, ERR_USAGE, 0, "--tag takes KEY=VALUE, not '%s'", tags->items[i]);
		if (buf_add(&key, view_sub(tag, 0, at)))
			return err_nomem(err);
		jsonw_member(&w, key.ptr, view_sub(tag, at + 1, tag.len));
	}
	jsonw_end(&w);
	return jsonw_ok(&w) ? 0 : err_nomem(err);
}

int cmd_workspaces_create(struct session *s, char **, size_t count, struct err *err)
{
	DEFER(api_answer_done) struct api_answer answer = { .reply = { .status = 0 } };
	DEFER(buf_done) struct buf tags = BUF_INIT(JSON_RECORD_BYTES);
	struct api_workspace_request request = { .name = view_of(s->o->name), .display_color = view_of(s->o->colour) };
	struct api_workspace workspace;
	int ret;

	if (session_args(NULL, 0, count, err) || check_colour(s->o->colour, err) || add_tags(&tags, &s->o->tags, err))
		return -1;
	if (!s->o->name)
		return err_set(err, ERR_USAGE, 0, "workspaces create needs --name");
	request.tags = buf_view(&tags);
	ret = change_ask(s, &making, err, "Make a workspace '%s'?", s->o->name);
	if (ret != CHANGE_GO)
		return ret;
	if (api_workspace_create(s->api, &request, &answer, &workspace, err))
		return -1;
	return change_print(s, &making, &answer, err, "workspace '%s' was made", s->o->name);
}

int cmd_workspaces_update(struct session *s, char **args, size_t count, struct err *err)
{
	DEFER(api_answer_done) struct api_answer answer = { .reply = { .status = 0 } };
	DEFER(buf_done) struct buf tags = BUF_INIT(JSON_RECORD_BYTES);
	struct api_workspace_request request = { .name = view_of(s->o->name), .display_color = view_of(s->o->colour) };
	struct api_workspace workspace;
	const char *id;
	int ret;

	if (session_args("one workspace's id or name", 1, count, err) || check_colour(s->o->colour, err) ||
	    add_tags(&tags, &s->o->tags, err))
		return -1;
	if (!s->o->name && !s->o->colour && !tags.len)
		return err_set(err, ERR_USAGE, 0, "workspaces update needs --name, --color or --tag");
	if (lookup_workspace(s, args[0], &id, err))
		return -1;
	request.tags = buf_view(&tags);
	ret = change_ask(s, &update, err, "Change workspace %s?", args[0]);
	if (ret != CHANGE_GO)
		return ret;
	if (api_workspace_update(s->api, view_of(id), &request, &answer, &workspace, err))
		return -1;
	return change_print(s, &update, &answer, err, "workspace %s was changed", args[0]);
}

/* A question is too easily answered for what nothing brings back. */
int cmd_workspaces_archive(struct session *s, char **args, size_t count, struct err *err)
{
	DEFER(api_answer_done) struct api_answer answer = { .reply = { .status = 0 } };
	struct api_workspace workspace;
	const char *id;

	if (session_args("one workspace's id or name", 1, count, err) || !session_route(s, API_WORKSPACE_ARCHIVE, err))
		return -1;
	if (!s->o->yes && !s->o->dry_run)
		return err_set(err, ERR_USAGE, 0,
			       "archiving a workspace revokes all its keys and cannot be undone; nothing was done. Say "
			       "--yes to go on");
	if (lookup_workspace(s, args[0], &id, err) ||
	    api_workspace_archive(s->api, view_of(id), &answer, &workspace, err))
		return -1;
	return change_print(s, &archiving, &answer, err, "workspace %s was archived, and its keys are revoked",
			    args[0]);
}
