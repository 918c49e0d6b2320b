/* SPDX-License-Identifier: Apache-2.0 */
/* What tokens cost: rules/prices.yaml, built in, or a file of the same form (rules/README.md has the grammar). A price
 * holds from a day on, may depend on how long the prompt is, and is never guessed: a model without one is unknown. */
#ifndef COMMON_POLICY_PRICES_H
#define COMMON_POLICY_PRICES_H

#include "common/base/decimal.h"
#include "common/base/err.h"

struct prices;

enum price_kind {
	PRICE_INPUT, /* neither written to the cache nor read from it */
	PRICE_CACHE_WRITE_5M,
	PRICE_CACHE_WRITE_1H,
	PRICE_CACHE_READ,
	PRICE_OUTPUT,
	PRICE_KINDS,
};
extern const char *const price_kind_names[PRICE_KINDS]; /* "input", "cache_write_5m", ... */

/* One request's tokens by kind. */
struct price_tokens {
	uint64_t counts[PRICE_KINDS];
};

/* What a request's price depends on. */
struct price_terms {
	struct view model; /* id or alias */
	int64_t day;       /* since 1970-01-01, UTC */
	uint64_t prompt;   /* all input tokens of one request, for tiers */
	bool is_batch;
	bool is_us;   /* inference_geo us */
	bool is_fast; /* fast mode */
};

/* Prices of one model on one day, for one length of prompt: units of a token as integers, so that sums are exact. */
struct price_rate {
	uint64_t units[PRICE_KINDS]; /* 10^-PRICE_SCALE USD a token; PRICE_NONE: of a cache that the model lacks */
};
#define PRICE_SCALE 12
#define PRICE_NONE UINT64_MAX

/* The built-in list, or the file's. NULL with err (`file:line:column: what, and what was expected`). */
struct prices *prices_builtin(struct err *err);
struct prices *prices_read(const char *path, struct err *err);
struct prices *prices_parse(struct view text, const char *name, struct err *err);
void prices_free(struct prices *prices);
void prices_freep(struct prices **prices);

/* The rate that terms lead to; false: the model is not in the list, had no price on that day, or none in fast mode
 * (which there is not for batches). */
bool prices_find(const struct prices *prices, const struct price_terms *terms, struct price_rate *ret);

/* The same in two steps, for many requests. NULL where prices_find is false; terms->model is not looked at. */
struct price_model;
const struct price_model *prices_model(const struct prices *prices, struct view name);
const struct price_rate *price_model_rate(const struct price_model *model, const struct price_terms *terms);

/* Whether each kind that there are tokens of has a price: a model without a cache has none for the cache's. */
bool price_covers(const struct price_rate *rate, const struct price_tokens *tokens);

/* The sum in USD, exact, of tokens that the rate covers. */
struct decimal price_of(const struct price_rate *rate, const struct price_tokens *tokens);

#endif
