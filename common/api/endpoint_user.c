/* SPDX-License-Identifier: Apache-2.0 */
#include "common/api/endpoint_user.h"

#include "common/api/record_table.h"

static const struct record_field fields[] = {
	REQUIRED(api_user, id, RECORD_TEXT),         FIELD(api_user, type, RECORD_TEXT),
	FIELD(api_user, email, RECORD_TEXT),         FIELD(api_user, name, RECORD_TEXT),
	FIELD(api_user, role, RECORD_TEXT),          FIELD(api_user, added_at, RECORD_TIME),
	FIELD(api_user, workspace_ids, RECORD_JSON),
};

static const struct record_type type = RECORD_TYPE(api_user, "a user", fields);

int api_user_read(struct api_reader *reader, struct view row, struct api_user *ret, struct err *err)
{
	return record_read(reader, &type, row, ret, err);
}

int api_user_get(struct api *api, struct view id, struct api_answer *answer, struct api_user *ret, struct err *err)
{
	const struct api_argument arguments[] = { { "id", id } };

	return api_answer_get(api, API_USER_GET, arguments, ARRAY_LEN(arguments), &type, answer, ret, err);
}

int api_user_update(struct api *api, struct view id, struct view role, struct api_answer *answer, struct api_user *ret,
		    struct err *err)
{
	const struct api_argument arguments[] = { { "id", id }, { "role", role } };

	return api_answer_get(api, API_USER_UPDATE, arguments, ARRAY_LEN(arguments), &type, answer, ret, err);
}

int api_user_delete(struct api *api, struct view id, struct api_answer *answer, struct err *err)
{
	const struct api_argument arguments[] = { { "id", id } };

	return api_answer_get(api, API_USER_DELETE, arguments, ARRAY_LEN(arguments), NULL, answer, NULL, err);
}
