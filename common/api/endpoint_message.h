/* SPDX-License-Identifier: Apache-2.0 */
/* One message to a model, and how many tokens one would have. */
#ifndef COMMON_API_ENDPOINT_MESSAGE_H
#define COMMON_API_ENDPOINT_MESSAGE_H

#include "common/api/record.h"

struct api_message {
	struct view id, type, role, model, stop_reason, stop_sequence;
	struct view content; /* JSON array: for api_content_read */
	struct api_number uncached_input_tokens, cache_creation_input_tokens, cache_read_input_tokens, output_tokens;
	uint64_t input_tokens; /* all input: uncached, written to and read from the cache */
	struct view usage;     /* the whole object, JSON */
	struct view service_tier, inference_geo;
	struct view raw;
};

struct api_content {
	struct view type; /* text, tool_use, server_tool_use, ... */
	struct view text; /* of a text */
	struct view name; /* of a tool */
	struct view raw;
};

/* What the person says, in one message. system may be VIEW_NONE. */
struct api_message_request {
	struct view model, prompt, system;
	struct view messages; /* unless it is VIEW_NONE, instead of prompt: a JSON array as the API takes it */
	uint64_t max_tokens;  /* not for counting */
};

[[nodiscard]] int api_message_create(struct api *api, const struct api_message_request *request,
				     struct api_answer *answer, struct api_message *ret, struct err *err);

[[nodiscard]] int api_message_count(struct api *api, const struct api_message_request *request,
				    struct api_answer *answer, uint64_t *ret_input_tokens, struct err *err);

/* reader is another one than the message's. */
[[nodiscard]] int api_content_read(struct api_reader *reader, struct view row, struct api_content *ret,
				   struct err *err);

/* Appends the texts of the content, and the names of the tools that it uses with a comma between them. */
[[nodiscard]] int api_message_add_text(struct buf *buf, const struct api_message *message);
[[nodiscard]] int api_message_add_tools(struct buf *buf, const struct api_message *message);

#endif
