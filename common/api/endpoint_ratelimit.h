/* SPDX-License-Identifier: Apache-2.0 */
/* The API's rate limits, the organisation's (API_RATELIMIT_LIST) and what a workspace overrides
 * (API_WORKSPACE_RATELIMIT_LIST). */
#ifndef COMMON_API_ENDPOINT_RATELIMIT_H
#define COMMON_API_ENDPOINT_RATELIMIT_H

#include "common/api/record.h"

struct api_ratelimit {
	struct view id, type;
	struct view group_type;                  /* model_group, batch, files, skills, token_count, web_search */
	struct view rate_limit_id, workspace_id; /* of a workspace's */
	struct view models;                      /* JSON array of texts, or null */
	struct view limits;                      /* JSON array: for api_limit_read */
	struct view raw;
};

struct api_limit {
	struct view type; /* requests_per_minute, ... */
	struct api_number value, org_limit;
	struct view raw;
};

[[nodiscard]] int api_ratelimit_read(struct api_reader *reader, struct view row, struct api_ratelimit *ret,
				     struct err *err);

/* reader is another one than the rate limit's, whose texts would go. */
[[nodiscard]] int api_limit_read(struct api_reader *reader, struct view row, struct api_limit *ret, struct err *err);

#endif
