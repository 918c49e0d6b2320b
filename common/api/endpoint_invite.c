/* SPDX-License-Identifier: Apache-2.0 */
#include "common/api/endpoint_invite.h"

#include "common/api/arguments.h"
#include "common/api/record_table.h"

static const struct record_field fields[] = {
	REQUIRED(api_invite, id, RECORD_TEXT),          FIELD(api_invite, type, RECORD_TEXT),
	FIELD(api_invite, email, RECORD_TEXT),          FIELD(api_invite, role, RECORD_TEXT),
	FIELD(api_invite, status, RECORD_TEXT),         FIELD(api_invite, invited_at, RECORD_TIME),
	FIELD(api_invite, expires_at, RECORD_TIME),     FIELD(api_invite, accepted_at, RECORD_TIME),
	FIELD(api_invite, rbac_group_ids, RECORD_JSON), FIELD(api_invite, workspaces, RECORD_JSON),
};

static const struct record_type type = RECORD_TYPE(api_invite, "an invitation", fields);

int api_invite_read(struct api_reader *reader, struct view row, struct api_invite *ret, struct err *err)
{
	return record_read(reader, &type, row, ret, err);
}

int api_invite_get(struct api *api, struct view id, struct api_answer *answer, struct api_invite *ret, struct err *err)
{
	const struct api_argument arguments[] = { { "id", id } };

	return api_answer_get(api, API_INVITE_GET, arguments, ARRAY_LEN(arguments), &type, answer, ret, err);
}

int api_invite_create(struct api *api, const struct api_invite_request *request, struct api_answer *answer,
		      struct api_invite *ret, struct err *err)
{
	DEFER(arguments_done) struct arguments arguments = { 0 };

	arguments_add(&arguments, "email", request->email);
	arguments_add(&arguments, "role", request->role);
	arguments_add_list(&arguments, "rbac_group_ids", request->rbac_group_ids, request->rbac_group_count);
	arguments_add_list(&arguments, "workspaces", request->workspaces, request->workspace_count);
	arguments_add_number(&arguments, "expires_in_days", request->expires_in_days);
	return arguments_call(&arguments, api, API_INVITE_CREATE, &type, answer, ret, err);
}

int api_invite_delete(struct api *api, struct view id, struct api_answer *answer, struct err *err)
{
	const struct api_argument arguments[] = { { "id", id } };

	return api_answer_get(api, API_INVITE_DELETE, arguments, ARRAY_LEN(arguments), NULL, answer, NULL, err);
}
