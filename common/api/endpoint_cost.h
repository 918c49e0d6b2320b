/* SPDX-License-Identifier: Apache-2.0 */
/* Cost, by day and group. */
#ifndef COMMON_API_ENDPOINT_COST_H
#define COMMON_API_ENDPOINT_COST_H

#include "common/api/bucket.h"

struct api_cost {
	struct api_time starting_at, ending_at; /* of the bucket; ending_at is exclusive */
	struct decimal cents;                   /* exact, whatever unit the dialect has */
	struct view currency;
	struct view description, cost_type, model, token_type, service_tier, context_window, inference_geo;
	struct view workspace_id;               /* null when grouped by it: the default workspace */
	struct view workspace_name, account_id; /* cca only */
	struct view raw;
};

/* 1 with *ret, valid until the next call; 0 at the end; -1 with err. walk is one for API_COST. */
[[nodiscard]] int api_cost_next(struct bucket_walk *walk, struct api_cost *ret, struct err *err);

/* One result's bytes, without its bucket's times. */
[[nodiscard]] int api_cost_read(struct api_reader *reader, struct view row, struct api_cost *ret, struct err *err);

#endif
