/* SPDX-License-Identifier: Apache-2.0 */
#include "common/api/endpoint_ratelimit.h"

#include "common/api/record_table.h"

static const struct record_field fields[] = {
	FIELD(api_ratelimit, id, RECORD_TEXT),           FIELD(api_ratelimit, type, RECORD_TEXT),
	FIELD(api_ratelimit, group_type, RECORD_TEXT),   FIELD(api_ratelimit, rate_limit_id, RECORD_TEXT),
	FIELD(api_ratelimit, workspace_id, RECORD_TEXT), FIELD(api_ratelimit, models, RECORD_JSON),
	FIELD(api_ratelimit, limits, RECORD_JSON),
};

static const struct record_type type = RECORD_TYPE(api_ratelimit, "a rate limit", fields);

static const struct record_field limit_fields[] = {
	FIELD(api_limit, type, RECORD_TEXT),
	FIELD(api_limit, value, RECORD_NUMBER),
	FIELD(api_limit, org_limit, RECORD_NUMBER),
};

static const struct record_type limit_type = RECORD_TYPE(api_limit, "a rate limit's value", limit_fields);

int api_ratelimit_read(struct api_reader *reader, struct view row, struct api_ratelimit *ret, struct err *err)
{
	return record_read(reader, &type, row, ret, err);
}

int api_limit_read(struct api_reader *reader, struct view row, struct api_limit *ret, struct err *err)
{
	return record_read(reader, &limit_type, row, ret, err);
}
