/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/usage_field.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"

#define AT(level) (1u << (level))
#define REPORTED (AT(LEVEL_RECORD) | AT(LEVEL_USAGE))

static const struct {
	struct view name;
	enum usage_field field;
	unsigned levels;
} fields[] = {
#define FIELD(name, field, levels)                                                                                     \
	{                                                                                                              \
		{ (name), sizeof(name) - 1 }, field, levels                                                            \
	}
	FIELD("timestamp", FIELD_TIMESTAMP, AT(LEVEL_RECORD)),
	FIELD("model", FIELD_MODEL, AT(LEVEL_RECORD)),
	FIELD("input_tokens", FIELD_INPUT, REPORTED),
	FIELD("output_tokens", FIELD_OUTPUT, REPORTED),
	FIELD("cache_read_input_tokens", FIELD_CACHE_READ, REPORTED),
	FIELD("cache_creation_input_tokens", FIELD_CACHE_WRITE, REPORTED),
	FIELD("ephemeral_5m_input_tokens", FIELD_CACHE_WRITE_5M, AT(LEVEL_CACHE_CREATION)),
	FIELD("ephemeral_1h_input_tokens", FIELD_CACHE_WRITE_1H, AT(LEVEL_CACHE_CREATION)),
	FIELD("team", FIELD_TEAM, AT(LEVEL_RECORD)),
	FIELD("feature", FIELD_FEATURE, AT(LEVEL_RECORD)),
	FIELD("stop_reason", FIELD_STOP_REASON, AT(LEVEL_RECORD)),
	FIELD("api_key_id", FIELD_KEY, AT(LEVEL_RECORD)),
	FIELD("key", FIELD_KEY, AT(LEVEL_RECORD)),
	FIELD("request_id", FIELD_REQUEST_ID, AT(LEVEL_RECORD)),
	FIELD("service_tier", FIELD_SERVICE_TIER, REPORTED),
	FIELD("inference_geo", FIELD_GEO, REPORTED),
	FIELD("speed", FIELD_SPEED, REPORTED),
	FIELD("batch", FIELD_BATCH, AT(LEVEL_RECORD)),
	FIELD("fast", FIELD_FAST, AT(LEVEL_RECORD)),
	FIELD("usage", FIELD_USAGE, AT(LEVEL_RECORD)),
	FIELD("cache_creation", FIELD_CACHE_CREATION, REPORTED),
#undef FIELD
};

const char *const usage_field_names[FIELDS] = {
	[FIELD_INPUT] = "input_tokens",
	[FIELD_OUTPUT] = "output_tokens",
	[FIELD_CACHE_READ] = "cache_read_input_tokens",
	[FIELD_CACHE_WRITE] = "cache_creation_input_tokens",
	[FIELD_CACHE_WRITE_5M] = "ephemeral_5m_input_tokens",
	[FIELD_CACHE_WRITE_1H] = "ephemeral_1h_input_tokens",
	[FIELD_MODEL] = "model",
	[FIELD_TEAM] = "team",
	[FIELD_FEATURE] = "feature",
	[FIELD_STOP_REASON] = "stop_reason",
	[FIELD_KEY] = "api_key_id",
	[FIELD_SERVICE_TIER] = "service_tier",
	[FIELD_GEO] = "inference_geo",
	[FIELD_SPEED] = "speed",
	[FIELD_REQUEST_ID] = "request_id",
	[FIELD_TIMESTAMP] = "timestamp",
	[FIELD_BATCH] = "batch",
	[FIELD_FAST] = "fast",
	[FIELD_USAGE] = "usage",
	[FIELD_CACHE_CREATION] = "cache_creation",
};

enum usage_field usage_field_of(struct view key, enum usage_level level)
{
	for (size_t i = 0; i < ARRAY_LEN(fields); i++)
		if (fields[i].name.len == key.len && (fields[i].levels & AT(level)) && text_eq(fields[i].name, key))
			return fields[i].field;
	return FIELD_OTHER;
}

static const char *missing(uint32_t seen)
{
	if (!(seen & usage_bit(FIELD_TIMESTAMP)))
		return "no 'timestamp' is in this record; one was expected";
	if (!(seen & usage_bit(FIELD_MODEL)))
		return "no 'model' is in this record; one was expected";
	if (!(seen & usage_bit(FIELD_INPUT)))
		return "no 'input_tokens' is in this record; it was expected, there or in 'usage'";
	return "no 'output_tokens' is in this record; it was expected, there or in 'usage'";
}

const char *usage_raw_finish(const struct usage_raw *raw, struct usage_record *ret)
{
	const uint32_t needed =
		usage_bit(FIELD_TIMESTAMP) | usage_bit(FIELD_MODEL) | usage_bit(FIELD_INPUT) | usage_bit(FIELD_OUTPUT);
	uint64_t by_lifetime = raw->numbers[FIELD_CACHE_WRITE_5M] + raw->numbers[FIELD_CACHE_WRITE_1H];
	uint64_t written = raw->numbers[FIELD_CACHE_WRITE];

	if ((raw->seen & needed) != needed)
		return missing(raw->seen);
	if (raw->texts[USAGE_MODEL].len == 0)
		return "the 'model' of this record is empty; a model's name was expected";
	if (!(raw->seen & usage_bit(FIELD_CACHE_WRITE)))
		written = by_lifetime;
	if (written < by_lifetime)
		return "'cache_creation_input_tokens' is less than its parts in 'cache_creation'; the sum was expected";
	memcpy(ret->texts, raw->texts, sizeof(ret->texts));
	ret->unix_s = raw->unix_s;
	ret->tokens.counts[PRICE_INPUT] = raw->numbers[FIELD_INPUT];
	ret->tokens.counts[PRICE_CACHE_WRITE_5M] = written - raw->numbers[FIELD_CACHE_WRITE_1H];
	ret->tokens.counts[PRICE_CACHE_WRITE_1H] = raw->numbers[FIELD_CACHE_WRITE_1H];
	ret->tokens.counts[PRICE_CACHE_READ] = raw->numbers[FIELD_CACHE_READ];
	ret->tokens.counts[PRICE_OUTPUT] = raw->numbers[FIELD_OUTPUT];
	ret->is_batch = raw->is_batch || text_eq(raw->texts[FIELD_SERVICE_TIER - FIELD_MODEL], VIEW("batch"));
	ret->is_us = text_eq(raw->texts[FIELD_GEO - FIELD_MODEL], VIEW("us"));
	ret->is_fast = raw->is_fast || text_eq(raw->texts[FIELD_SPEED - FIELD_MODEL], VIEW("fast"));
	return NULL;
}

struct usage_reader *usage_reader_new(void)
{
	struct usage_reader *reader = calloc(1, sizeof(*reader));

	if (!reader)
		return NULL;
	reader->store = (struct buf)BUF_INIT(USAGE_STORE_BYTES);
	if (buf_reserve(&reader->store, USAGE_STORE_BYTES)) { /* once, so that views into it stay good */
		free(reader);
		return NULL;
	}
	return reader;
}

void usage_reader_free(struct usage_reader *reader)
{
	if (!reader)
		return;
	buf_done(&reader->store);
	free(reader);
}

void usage_reader_freep(struct usage_reader **reader)
{
	usage_reader_free(*reader);
	*reader = NULL;
}

int usage_record_read(struct usage_reader *reader, struct view line, struct usage_record *ret, size_t *ret_at,
		      struct err *err)
{
	if (usage_record_read_plain(reader, line, ret) == 0)
		return 0;
	return usage_record_read_any(reader, line, ret, ret_at, err);
}
