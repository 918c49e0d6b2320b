/* SPDX-License-Identifier: Apache-2.0 */
#include "common/api/endpoint_member.h"

#include "common/api/record_table.h"

static const struct record_field fields[] = {
	FIELD(api_member, type, RECORD_TEXT),         REQUIRED(api_member, user_id, RECORD_TEXT),
	FIELD(api_member, workspace_id, RECORD_TEXT), FIELD(api_member, workspace_role, RECORD_TEXT),
	FIELD(api_member, added_at, RECORD_TIME),
};

static const struct record_type type = RECORD_TYPE(api_member, "a member of a workspace", fields);

int api_member_read(struct api_reader *reader, struct view row, struct api_member *ret, struct err *err)
{
	return record_read(reader, &type, row, ret, err);
}

int api_member_get(struct api *api, struct view workspace_id, struct view user_id, struct api_answer *answer,
		   struct api_member *ret, struct err *err)
{
	const struct api_argument arguments[] = { { "workspace_id", workspace_id }, { "user_id", user_id } };

	return api_answer_get(api, API_MEMBER_GET, arguments, ARRAY_LEN(arguments), &type, answer, ret, err);
}

int api_member_add(struct api *api, struct view workspace_id, struct view user_id, struct view role,
		   struct api_answer *answer, struct api_member *ret, struct err *err)
{
	const struct api_argument arguments[] = { { "workspace_id", workspace_id },
						  { "user_id", user_id },
						  { "workspace_role", role } };

	return api_answer_get(api, API_MEMBER_ADD, arguments, ARRAY_LEN(arguments), &type, answer, ret, err);
}

int api_member_update(struct api *api, struct view workspace_id, struct view user_id, struct view role,
		      struct api_answer *answer, struct api_member *ret, struct err *err)
{
	const struct api_argument arguments[] = { { "workspace_id", workspace_id },
						  { "user_id", user_id },
						  { "workspace_role", role } };

	return api_answer_get(api, API_MEMBER_UPDATE, arguments, ARRAY_LEN(arguments), &type, answer, ret, err);
}

int api_member_delete(struct api *api, struct view workspace_id, struct view user_id, struct api_answer *answer,
		      struct err *err)
{
	const struct api_argument arguments[] = { { "workspace_id", workspace_id }, { "user_id", user_id } };

	return api_answer_get(api, API_MEMBER_DELETE, arguments, ARRAY_LEN(arguments), NULL, answer, NULL, err);
}
