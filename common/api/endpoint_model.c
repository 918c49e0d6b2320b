/* SPDX-License-Identifier: Apache-2.0 */
#include "common/api/endpoint_model.h"

#include "common/api/record_table.h"

static const struct record_field fields[] = {
	REQUIRED(api_model, id, RECORD_TEXT),
	FIELD(api_model, type, RECORD_TEXT),
	FIELD(api_model, display_name, RECORD_TEXT),
	FIELD(api_model, created_at, RECORD_TIME),
	FIELD(api_model, max_input_tokens, RECORD_NUMBER),
	FIELD(api_model, max_tokens, RECORD_NUMBER),
};

static const struct record_type type = RECORD_TYPE(api_model, "a model", fields);

int api_model_read(struct api_reader *reader, struct view row, struct api_model *ret, struct err *err)
{
	return record_read(reader, &type, row, ret, err);
}

int api_model_get(struct api *api, struct view id, struct api_answer *answer, struct api_model *ret, struct err *err)
{
	const struct api_argument arguments[] = { { "id", id } };

	return api_answer_get(api, API_MODEL_GET, arguments, ARRAY_LEN(arguments), &type, answer, ret, err);
}
