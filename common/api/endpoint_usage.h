/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens used, by bucket of time and group. */
#ifndef COMMON_API_ENDPOINT_USAGE_H
#define COMMON_API_ENDPOINT_USAGE_H

#include "common/api/bucket.h"

struct api_usage {
	struct api_time starting_at, ending_at; /* of the bucket; ending_at is exclusive */
	/* What the row is grouped by. Absent or null without grouping; with it, null has a meaning: workspace_id the
	 * default workspace, api_key_id the Console, account_id a request that nobody signed in for. */
	struct view account_id, api_key_id, workspace_id, model, service_tier, context_window, inference_geo,
		service_account_id;
	struct api_number uncached_input_tokens, cache_creation_1h_tokens, cache_creation_5m_tokens;
	struct api_number cache_read_input_tokens, output_tokens, web_search_requests;
	uint64_t input_tokens; /* all input: uncached, written to and read from the cache */
	struct view raw;
};

/* 1 with *ret, valid until the next call; 0 at the end; -1 with err. walk is one for API_USAGE_MESSAGES. */
[[nodiscard]] int api_usage_next(struct bucket_walk *walk, struct api_usage *ret, struct err *err);

/* One result's bytes, without its bucket's times. */
[[nodiscard]] int api_usage_read(struct api_reader *reader, struct view row, struct api_usage *ret, struct err *err);

#endif
