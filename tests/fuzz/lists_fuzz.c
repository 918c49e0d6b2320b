/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a list of prices and as one of models: a list or an error. What was taken gives the same price again and
 * again. */
#include <stdlib.h>
#include <string.h>

#include "common/policy/models.h"
#include "common/policy/prices.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool is_right)
{
	if (!is_right)
		abort();
}

static void ask_prices(const struct prices *prices)
{
	static const char *const names[] = { "m", "n", "claude-opus-5", "claude-haiku-5-5" };

	for (unsigned i = 0; i < 8 * ARRAY_LEN(names); i++) {
		struct price_terms terms = { .model = view_of(names[i / 8]),
					     .day = 20000 + 100 * (int64_t)i,
					     .prompt = (uint64_t)1 << (2 * i % 64),
					     .is_batch = i & 1,
					     .is_us = i & 2,
					     .is_fast = i & 4 };
		struct price_rate one, other;
		bool is_found = prices_find(prices, &terms, &one);

		check(is_found == prices_find(prices, &terms, &other));
		check(!is_found || memcmp(&one, &other, sizeof(one)) == 0);
		check(!is_found || prices_model(prices, terms.model) != NULL);
	}
}

static void ask_models(const struct models *models)
{
	static const struct policy_models any = { .pinned_only = true };
	struct model model;
	bool is_known = models_find(models, VIEW("m"), 20000, &model);

	check(!is_known == !!(models_check(models, &any, VIEW("m"), 20000, 60) & MODEL_UNKNOWN));
	check(!is_known || model.id[0] != '\0');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view text = view_from(data, size);
	struct err prices_err = ERR_INIT, models_err = ERR_INIT;
	DEFER(prices_freep) struct prices *prices = prices_parse(text, "f", &prices_err);
	DEFER(models_freep) struct models *models = models_parse(text, "f", &models_err);

	check((prices != NULL) == (prices_err.kind == ERR_NONE));
	check((models != NULL) == (models_err.kind == ERR_NONE));
	if (prices)
		ask_prices(prices);
	if (models)
		ask_models(models);
	return 0;
}
