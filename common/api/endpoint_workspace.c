/* SPDX-License-Identifier: Apache-2.0 */
#include "common/api/endpoint_workspace.h"

#include "common/api/arguments.h"
#include "common/api/record_table.h"

static const struct record_field fields[] = {
	REQUIRED(api_workspace, id, RECORD_TEXT),
	FIELD(api_workspace, type, RECORD_TEXT),
	FIELD(api_workspace, name, RECORD_TEXT),
	FIELD(api_workspace, display_color, RECORD_TEXT),
	FIELD(api_workspace, compartment_id, RECORD_TEXT),
	FIELD(api_workspace, external_key_id, RECORD_TEXT),
	FIELD(api_workspace, created_at, RECORD_TIME),
	FIELD(api_workspace, archived_at, RECORD_TIME),
	FIELD(api_workspace, tags, RECORD_JSON),
	FIELD_AS(api_workspace, workspace_geo, "data_residency.workspace_geo", RECORD_TEXT),
	FIELD_AS(api_workspace, default_inference_geo, "data_residency.default_inference_geo", RECORD_TEXT),
	FIELD_AS(api_workspace, allowed_inference_geos, "data_residency.allowed_inference_geos", RECORD_JSON),
};

static const struct record_type type = RECORD_TYPE(api_workspace, "a workspace", fields);

int api_workspace_read(struct api_reader *reader, struct view row, struct api_workspace *ret, struct err *err)
{
	return record_read(reader, &type, row, ret, err);
}

int api_workspace_get(struct api *api, struct view id, struct api_answer *answer, struct api_workspace *ret,
		      struct err *err)
{
	const struct api_argument arguments[] = { { "id", id } };

	return api_answer_get(api, API_WORKSPACE_GET, arguments, ARRAY_LEN(arguments), &type, answer, ret, err);
}

/* id is absent for a new one. */
static int save(struct api *api, enum api_operation operation, struct view id,
		const struct api_workspace_request *request, struct api_answer *answer, struct api_workspace *ret,
		struct err *err)
{
	DEFER(arguments_done) struct arguments arguments = { 0 };

	arguments_add(&arguments, "id", id);
	arguments_add(&arguments, "name", request->name);
	arguments_add(&arguments, "tags", request->tags);
	arguments_add(&arguments, "data_residency", request->data_residency);
	arguments_add(&arguments, "external_key_id", request->external_key_id);
	arguments_add(&arguments, "display_color", request->display_color);
	return arguments_call(&arguments, api, operation, &type, answer, ret, err);
}

int api_workspace_create(struct api *api, const struct api_workspace_request *request, struct api_answer *answer,
			 struct api_workspace *ret, struct err *err)
{
	return save(api, API_WORKSPACE_CREATE, VIEW_NONE, request, answer, ret, err);
}

int api_workspace_update(struct api *api, struct view id, const struct api_workspace_request *request,
			 struct api_answer *answer, struct api_workspace *ret, struct err *err)
{
	return save(api, API_WORKSPACE_UPDATE, id, request, answer, ret, err);
}

int api_workspace_archive(struct api *api, struct view id, struct api_answer *answer, struct api_workspace *ret,
			  struct err *err)
{
	const struct api_argument arguments[] = { { "id", id } };

	return api_answer_get(api, API_WORKSPACE_ARCHIVE, arguments, ARRAY_LEN(arguments), &type, answer, ret, err);
}
