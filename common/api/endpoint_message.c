/* SPDX-License-Identifier: Apache-2.0 */
#include "common/api/endpoint_message.h"

#include "common/api/arguments.h"
#include "common/api/record_table.h"
#include "common/base/bounds.h"
#include "common/base/text.h"
#include "common/sys/json.h"
#include "common/sys/jsonw.h"

static const struct record_field fields[] = {
	REQUIRED(api_message, id, RECORD_TEXT),
	FIELD(api_message, type, RECORD_TEXT),
	FIELD(api_message, role, RECORD_TEXT),
	FIELD(api_message, model, RECORD_TEXT),
	FIELD(api_message, stop_reason, RECORD_TEXT),
	FIELD(api_message, stop_sequence, RECORD_TEXT),
	FIELD(api_message, content, RECORD_JSON),
	FIELD_AS(api_message, uncached_input_tokens, "usage.input_tokens", RECORD_NUMBER),
	FIELD_AS(api_message, cache_creation_input_tokens, "usage.cache_creation_input_tokens", RECORD_NUMBER),
	FIELD_AS(api_message, cache_read_input_tokens, "usage.cache_read_input_tokens", RECORD_NUMBER),
	FIELD_AS(api_message, output_tokens, "usage.output_tokens", RECORD_NUMBER),
	FIELD(api_message, usage, RECORD_JSON),
	FIELD_AS(api_message, service_tier, "usage.service_tier", RECORD_TEXT),
	FIELD_AS(api_message, inference_geo, "usage.inference_geo", RECORD_TEXT),
};

static const struct record_type type = RECORD_TYPE(api_message, "a message", fields);

static const struct record_field content_fields[] = {
	FIELD(api_content, type, RECORD_TEXT),
	FIELD(api_content, text, RECORD_TEXT),
	FIELD(api_content, name, RECORD_TEXT),
};

static const struct record_type content_type = RECORD_TYPE(api_content, "a part of a message", content_fields);

struct count {
	struct api_number input_tokens;
	struct view raw;
};

static const struct record_field count_fields[] = { REQUIRED(count, input_tokens, RECORD_NUMBER) };

static const struct record_type count_type = RECORD_TYPE(count, "a count of tokens", count_fields);

static void write_prompt(struct jsonw *w, struct view prompt)
{
	jsonw_array(w);
	jsonw_object(w);
	jsonw_member(w, "role", VIEW("user"));
	jsonw_member(w, "content", prompt);
	jsonw_end(w);
	jsonw_end(w);
}

static int send_request(struct api *api, enum api_operation operation, const struct api_message_request *request,
			const struct record_type *its_type, struct api_answer *answer, void *ret, struct err *err)
{
	DEFER(arguments_done) struct arguments arguments = { 0 };
	DEFER(buf_wipe) struct buf messages = BUF_INIT(JSON_RECORD_BYTES);
	struct jsonw w;

	jsonw_init(&w, &messages, 0);
	if (!request->messages.ptr)
		write_prompt(&w, request->prompt);
	if (!jsonw_ok(&w)) {
		*answer = (struct api_answer){ 0 };
		return err_nomem(err);
	}
	arguments_add(&arguments, "model", request->model);
	arguments_add(&arguments, "messages", request->messages.ptr ? request->messages : buf_view(&messages));
	arguments_add(&arguments, "system", request->system);
	if (operation == API_MESSAGE_CREATE)
		arguments_add_number(&arguments, "max_tokens", request->max_tokens);
	return arguments_call(&arguments, api, operation, its_type, answer, ret, err);
}

int api_message_create(struct api *api, const struct api_message_request *request, struct api_answer *answer,
		       struct api_message *ret, struct err *err)
{
	uint64_t sum;

	if (send_request(api, API_MESSAGE_CREATE, request, &type, answer, ret, err))
		return -1;
	if (__builtin_add_overflow(ret->uncached_input_tokens.value, ret->cache_creation_input_tokens.value, &sum) ||
	    __builtin_add_overflow(sum, ret->cache_read_input_tokens.value, &sum))
		return err_set(err, ERR_FORMAT, 0, "%s has more input tokens than can be counted", type.what);
	ret->input_tokens = sum;
	return 0;
}

int api_message_count(struct api *api, const struct api_message_request *request, struct api_answer *answer,
		      uint64_t *ret_input_tokens, struct err *err)
{
	struct count count;

	if (send_request(api, API_MESSAGE_COUNT, request, &count_type, answer, &count, err))
		return -1;
	*ret_input_tokens = count.input_tokens.value;
	return 0;
}

int api_content_read(struct api_reader *reader, struct view row, struct api_content *ret, struct err *err)
{
	return record_read(reader, &content_type, row, ret, err);
}

/* The next part that is an object, and its type. */
static bool next_part(struct view *content, struct view *ret_type, struct view *part)
{
	while (json_each(content, part))
		if (json_type_of(*part) == JSON_OBJECT) {
			*ret_type = json_member(*part, "type");
			return true;
		}
	return false;
}

int api_message_add_text(struct buf *buf, const struct api_message *message)
{
	struct view content = message->content, part, kind;
	size_t start = buf->len;

	while (next_part(&content, &kind, &part)) {
		struct view text = json_member(part, "text");

		if (!text_eq(kind, VIEW("\"text\"")) || json_type_of(text) != JSON_STRING)
			continue;
		if (json_add_string(buf, text)) {
			buf_cut(buf, start);
			return -1;
		}
	}
	return 0;
}

int api_message_add_tools(struct buf *buf, const struct api_message *message)
{
	struct view content = message->content, part, kind;
	size_t start = buf->len;

	while (next_part(&content, &kind, &part)) {
		struct view name = json_member(part, "name");
		bool is_use = text_eq(kind, VIEW("\"tool_use\"")) || text_eq(kind, VIEW("\"server_tool_use\""));

		if (!is_use || json_type_of(name) != JSON_STRING)
			continue;
		if ((buf->len > start && buf_add_byte(buf, ',')) || json_add_string(buf, name)) {
			buf_cut(buf, start);
			return -1;
		}
	}
	return 0;
}
