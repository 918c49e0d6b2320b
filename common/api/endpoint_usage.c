/* SPDX-License-Identifier: Apache-2.0 */
#include "common/api/endpoint_usage.h"

#include "common/api/record_table.h"

/* cca tells all input as one number. */
struct usage {
	struct api_usage shown;
	struct api_number input_tokens;
	struct view raw;
};

static const struct record_field fields[] = {
	FIELD_AS(usage, shown.account_id, "account_id", RECORD_TEXT),
	FIELD_AS(usage, shown.api_key_id, "api_key_id", RECORD_TEXT),
	FIELD_AS(usage, shown.workspace_id, "workspace_id", RECORD_TEXT),
	FIELD_AS(usage, shown.model, "model", RECORD_TEXT),
	FIELD_AS(usage, shown.service_tier, "service_tier", RECORD_TEXT),
	FIELD_AS(usage, shown.context_window, "context_window", RECORD_TEXT),
	FIELD_AS(usage, shown.inference_geo, "inference_geo", RECORD_TEXT),
	FIELD_AS(usage, shown.service_account_id, "service_account_id", RECORD_TEXT),
	FIELD_AS(usage, shown.uncached_input_tokens, "uncached_input_tokens", RECORD_NUMBER),
	FIELD_AS(usage, shown.cache_creation_1h_tokens, "cache_creation.ephemeral_1h_input_tokens", RECORD_NUMBER),
	FIELD_AS(usage, shown.cache_creation_5m_tokens, "cache_creation.ephemeral_5m_input_tokens", RECORD_NUMBER),
	FIELD_AS(usage, shown.cache_read_input_tokens, "cache_read_input_tokens", RECORD_NUMBER),
	FIELD_AS(usage, shown.output_tokens, "output_tokens", RECORD_NUMBER),
	FIELD_AS(usage, shown.web_search_requests, "server_tool_use.web_search_requests", RECORD_NUMBER),
	FIELD(usage, input_tokens, RECORD_NUMBER),
};

static const struct record_type type = RECORD_TYPE(usage, "a row of usage", fields);

static int add_input(struct usage *usage, struct err *err)
{
	const struct api_number parts[] = { usage->input_tokens, usage->shown.uncached_input_tokens,
					    usage->shown.cache_creation_1h_tokens,
					    usage->shown.cache_creation_5m_tokens,
					    usage->shown.cache_read_input_tokens };
	uint64_t sum = 0;

	if (usage->input_tokens.is_known && usage->shown.uncached_input_tokens.is_known)
		return err_set(err, ERR_FORMAT, 0, "%s has 'input_tokens' and 'uncached_input_tokens'", type.what);
	if (!usage->input_tokens.is_known && !usage->shown.uncached_input_tokens.is_known)
		return err_set(err, ERR_FORMAT, 0, "%s: 'uncached_input_tokens' is not there", type.what);
	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		if (__builtin_add_overflow(sum, parts[i].value, &sum))
			return err_set(err, ERR_FORMAT, 0, "%s has more input tokens than can be counted", type.what);
	usage->shown.input_tokens = sum;
	return 0;
}

int api_usage_read(struct api_reader *reader, struct view row, struct api_usage *ret, struct err *err)
{
	struct usage usage;

	if (record_read(reader, &type, row, &usage, err) || add_input(&usage, err))
		return -1;
	*ret = usage.shown;
	ret->raw = usage.raw;
	return 0;
}

int api_usage_next(struct bucket_walk *walk, struct api_usage *ret, struct err *err)
{
	struct view row;
	int status = bucket_next(walk, &row, err);

	if (status <= 0)
		return status;
	if (api_usage_read(&walk->reader, row, ret, err))
		return -1;
	ret->starting_at = walk->starting_at;
	ret->ending_at = walk->ending_at;
	return 1;
}
