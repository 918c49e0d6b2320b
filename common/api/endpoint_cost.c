/* SPDX-License-Identifier: Apache-2.0 */
#include "common/api/endpoint_cost.h"

#include "common/api/record_table.h"

/* The platform tells cents, cca dollars. */
struct cost {
	struct api_cost shown;
	struct api_decimal amount, total_cost;
	struct view raw;
};

static const struct record_field fields[] = {
	FIELD(cost, amount, RECORD_DECIMAL),
	FIELD(cost, total_cost, RECORD_DECIMAL),
	FIELD_AS(cost, shown.currency, "currency", RECORD_TEXT),
	FIELD_AS(cost, shown.description, "description", RECORD_TEXT),
	FIELD_AS(cost, shown.cost_type, "cost_type", RECORD_TEXT),
	FIELD_AS(cost, shown.model, "model", RECORD_TEXT),
	FIELD_AS(cost, shown.token_type, "token_type", RECORD_TEXT),
	FIELD_AS(cost, shown.service_tier, "service_tier", RECORD_TEXT),
	FIELD_AS(cost, shown.context_window, "context_window", RECORD_TEXT),
	FIELD_AS(cost, shown.inference_geo, "inference_geo", RECORD_TEXT),
	FIELD_AS(cost, shown.workspace_id, "workspace_id", RECORD_TEXT),
	FIELD_AS(cost, shown.workspace_name, "workspace_name", RECORD_TEXT),
	FIELD_AS(cost, shown.account_id, "account_id", RECORD_TEXT),
};

static const struct record_type type = RECORD_TYPE(cost, "a row of cost", fields);

static int set_cents(struct cost *cost, struct err *err)
{
	if (cost->amount.is_known == cost->total_cost.is_known)
		return err_set(err, ERR_FORMAT, 0, "%s has not one of 'amount' and 'total_cost'", type.what);
	if (decimal_shift(cost->amount.is_known ? cost->amount.value : cost->total_cost.value,
			  cost->amount.is_known ? 0 : 2, &cost->shown.cents))
		return err_set(err, ERR_FORMAT, 0, "%s is larger than can be counted", type.what);
	return 0;
}

int api_cost_read(struct api_reader *reader, struct view row, struct api_cost *ret, struct err *err)
{
	struct cost cost;

	if (record_read(reader, &type, row, &cost, err) || set_cents(&cost, err))
		return -1;
	*ret = cost.shown;
	ret->raw = cost.raw;
	return 0;
}

int api_cost_next(struct bucket_walk *walk, struct api_cost *ret, struct err *err)
{
	struct view row;
	int status = bucket_next(walk, &row, err);

	if (status <= 0)
		return status;
	if (api_cost_read(&walk->reader, row, ret, err))
		return -1;
	ret->starting_at = walk->starting_at;
	ret->ending_at = walk->ending_at;
	return 1;
}
