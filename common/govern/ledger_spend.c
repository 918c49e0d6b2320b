/* SPDX-License-Identifier: Apache-2.0 */
/* Both reports into one spend. */
#include "common/govern/ledger.h"

#include "common/base/clock.h"

static const struct api_argument platform_usage[] = {
	{ "group_by", { "api_key_id", sizeof("api_key_id") - 1 } },
	{ "group_by", { "workspace_id", sizeof("workspace_id") - 1 } },
	{ "group_by", { "model", sizeof("model") - 1 } },
	{ "group_by", { "service_tier", sizeof("service_tier") - 1 } },
	{ "group_by", { "context_window", sizeof("context_window") - 1 } },
	{ "group_by", { "inference_geo", sizeof("inference_geo") - 1 } },
};
static const struct api_argument platform_cost[] = {
	{ "group_by", { "workspace_id", sizeof("workspace_id") - 1 } },
	{ "group_by", { "description", sizeof("description") - 1 } },
};
static const struct api_argument cca_rows[] = {
	{ "group_by", { "workspace_id", sizeof("workspace_id") - 1 } },
	{ "group_by", { "model", sizeof("model") - 1 } },
};

struct reading {
	struct spend *spend;
	enum api_dialect dialect;
};

static int add_usage(void *context, const struct api_usage *row, struct err *err)
{
	const struct reading *reading = context;
	bool is_cca = reading->dialect == API_CCA;
	const struct spend_key what = { clock_day(row->starting_at.unix_s),
					row->workspace_id,
					row->model,
					row->service_tier,
					row->context_window,
					row->inference_geo };
	const uint64_t counts[SPEND_KINDS] = {
		[SPEND_INPUT] = is_cca ? row->input_tokens : row->uncached_input_tokens.value,
		[SPEND_CACHE_WRITE_5M] = row->cache_creation_5m_tokens.value,
		[SPEND_CACHE_WRITE_1H] = row->cache_creation_1h_tokens.value,
		[SPEND_CACHE_READ] = row->cache_read_input_tokens.value,
		[SPEND_OUTPUT] = row->output_tokens.value,
		[SPEND_WEB_SEARCH] = row->web_search_requests.value,
	};
	struct view api_key = row->api_key_id.len ? row->api_key_id : VIEW("");

	return spend_add_usage(reading->spend, &what, is_cca ? VIEW_NONE : api_key, counts, err);
}

static int add_cost(void *context, const struct api_cost *row, struct err *err)
{
	const struct reading *reading = context;
	const struct spend_key what = { clock_day(row->starting_at.unix_s),
					row->workspace_id,
					row->model,
					row->service_tier,
					row->context_window,
					row->inference_geo };
	struct decimal usd;

	if (ledger_usd(row, &usd, err))
		return -1;
	return spend_add_cost(reading->spend, &what, reading->dialect == API_CCA ? SPEND_OTHER : ledger_kind(row), usd,
			      err);
}

int ledger_read(struct api *api, unsigned parts, int64_t from_s, int64_t to_s, struct spend *spend, struct err *err)
{
	return ledger_read_usd(api, parts, from_s, to_s, spend, NULL, err);
}

int ledger_read_usd(struct api *api, unsigned parts, int64_t from_s, int64_t to_s, struct spend *spend,
		    const struct ledger_foreign *foreign, struct err *err)
{
	struct reading reading = { spend, api_profile(api)->dialect };
	bool is_cca = reading.dialect == API_CCA;
	struct ledger_query usage = { .from_s = from_s, .to_s = to_s, .by_day = true }, cost = usage;

	usage.arguments = is_cca ? cca_rows : platform_usage;
	usage.count = is_cca ? ARRAY_LEN(cca_rows) : ARRAY_LEN(platform_usage);
	cost.foreign = foreign;
	cost.arguments = is_cca ? cca_rows : platform_cost;
	cost.count = is_cca ? ARRAY_LEN(cca_rows) : ARRAY_LEN(platform_cost);
	if (parts & LEDGER_USAGE && ledger_each_usage(api, &usage, add_usage, &reading, err))
		return -1;
	if (parts & LEDGER_COST && ledger_each_cost(api, &cost, add_cost, &reading, err))
		return -1;
	return 0;
}
