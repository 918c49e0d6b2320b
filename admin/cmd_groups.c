/* SPDX-License-Identifier: Apache-2.0 */
/* skantctl groups. */
#include "admin/change.h"
#include "admin/cmd.h"
#include "admin/given.h"
#include "admin/list.h"
#include "common/api/endpoint_compliance.h"

static const struct column columns[] = {
	{ "id", "id" },
	{ "name", "name" },
	{ "description", "description" },
	{ "source", "source_type" },
	{ "roles", "roles" },
	{ "created_at", "created_at" },
};

/* As groups are made; the reply has no source and roles. */
static const struct column made_columns[] = {
	{ "id", "id" },
	{ "name", "name" },
	{ "description", "description" },
	{ "retention_days", "restrictions.data_retention_days" },
	{ "encryption", "restrictions.require_encryption" },
	{ "regions", "restrictions.allowed_regions" },
	{ "audit_level", "restrictions.audit_level" },
	{ "created_at", "created_at" },
};

static const struct change making = { API_GROUP_CREATE, made_columns, ARRAY_LEN(made_columns) };

static const struct column member_columns[] = {
	{ "user_id", "user_id" },
	{ "email", "email" },
	{ "created_at", "created_at" },
};

int cmd_groups_list(struct session *s, char **, size_t count, struct err *err)
{
	struct filters arguments = { .count = 0 };
	struct listing listing = { API_GROUP_LIST, &arguments, columns, ARRAY_LEN(columns), NULL, NULL };

	if (session_args(NULL, 0, count, err))
		return -1;
	filters_add(&arguments, "name_prefix", s->o->name);
	return list_print(s, &listing, err);
}

int cmd_groups_get(struct session *s, char **args, size_t count, struct err *err)
{
	DEFER(api_answer_done) struct api_answer answer = { .reply = { .status = 0 } };
	struct api_group group;

	if (session_args("one group's id", 1, count, err) ||
	    api_group_get(s->api, view_of(args[0]), &answer, &group, err))
		return -1;
	return session_print(s, API_GROUP_GET, columns, ARRAY_LEN(columns), buf_view(&answer.reply.body), err);
}

int cmd_groups_members(struct session *s, char **args, size_t count, struct err *err)
{
	struct filters arguments = { .count = 0 };
	struct listing listing = { API_GROUP_MEMBER_LIST,     &arguments, member_columns,
				   ARRAY_LEN(member_columns), NULL,       NULL };

	if (session_args("one group's id", 1, count, err))
		return -1;
	filters_add(&arguments, "id", args[0]);
	return list_print(s, &listing, err);
}

static int read_request(const struct options *o, struct view *regions, struct api_group_request *request,
			struct err *err)
{
	if (!o->name)
		return err_set(err, ERR_USAGE, 0, "groups create needs --name");
	for (size_t i = 0; i < o->regions.count; i++)
		regions[i] = view_of(o->regions.items[i]);
	*request = (struct api_group_request){
		.name = view_of(o->name),
		.description = view_of(o->description),
		.audit_level = view_of(o->audit_level),
		.data_retention_days = (unsigned)o->retention_days,
		.require_encryption = o->require_encryption,
		.allowed_regions = regions,
		.region_count = o->regions.count,
	};
	return 0;
}

int cmd_groups_create(struct session *s, char **, size_t count, struct err *err)
{
	static const struct given level = { "audit-level", API_GROUP_CREATE, "audit_level", NULL };
	DEFER(api_answer_done) struct api_answer answer = { .reply = { .status = 0 } };
	struct api_group_request request;
	struct view regions[LIST_MAX];
	struct api_group group;
	int ret;

	if (session_args(NULL, 0, count, err) || read_request(s->o, regions, &request, err) ||
	    given_check(s, &level, s->o->audit_level, err))
		return -1;
	ret = change_ask(s, &making, err, "Make the group %s?", s->o->name);
	if (ret != CHANGE_GO)
		return ret;
	if (api_group_create(s->api, &request, &answer, &group, err))
		return -1;
	return change_print(s, &making, &answer, err, "the group %s was made", s->o->name);
}
