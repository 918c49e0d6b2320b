/* SPDX-License-Identifier: Apache-2.0 */
/* The models that a key may use. */
#ifndef COMMON_API_ENDPOINT_MODEL_H
#define COMMON_API_ENDPOINT_MODEL_H

#include "common/api/record.h"

struct api_model {
	struct view id, type, display_name;
	struct api_time created_at;
	struct api_number max_input_tokens, max_tokens; /* known where the API tells */
	struct view raw;
};

[[nodiscard]] int api_model_read(struct api_reader *reader, struct view row, struct api_model *ret, struct err *err);

[[nodiscard]] int api_model_get(struct api *api, struct view id, struct api_answer *answer, struct api_model *ret,
				struct err *err);

#endif
