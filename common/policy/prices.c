/* SPDX-License-Identifier: Apache-2.0 */
#include "common/policy/prices.h"

#include <stdlib.h>

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "common/policy/builtin.h"
#include "common/policy/namelist.h"
#include "common/policy/spend.h"
#include "common/sys/conf.h"

#define USD_PER 6 /* prices are for 10^6 tokens */

const char *const price_kind_names[PRICE_KINDS] = { "input", "cache_write_5m", "cache_write_1h", "cache_read",
						    "output" };

enum variant { VARIANT_BATCH = 1, VARIANT_US = 2, VARIANT_FAST = 4, VARIANTS = 8 };

struct tier {
	uint64_t prompt_up_to; /* UINT64_MAX: any */
	bool has_fast;
	struct price_rate rates[VARIANTS];
};

struct period {
	int64_t from, until; /* days; until is exclusive */
	struct tier *tiers;  /* the last one is for any prompt */
};

struct price_model {
	struct period *periods;
	size_t count;
};

struct prices {
	struct conf *conf; /* owns the names */
	struct namelist names;
	struct price_model *models;
	size_t count;
};

struct factors {
	struct decimal batch, us;
};

void prices_free(struct prices *prices)
{
	if (!prices)
		return;
	for (size_t i = 0; i < prices->count; i++) {
		struct price_model *model = &prices->models[i];

		for (size_t j = 0; j < model->count; j++)
			free(model->periods[j].tiers);
		free(model->periods);
	}
	free(prices->models);
	namelist_done(&prices->names);
	conf_free(prices->conf);
	free(prices);
}

void prices_freep(struct prices **prices)
{
	prices_free(*prices);
	*prices = NULL;
}

static int read_factor(const struct conf_node *node, const char *name, struct decimal *ret, struct err *err)
{
	const struct conf_node *factor = conf_get(node, name);
	struct decimal d;

	if (!factor)
		return 0;
	if (decimal_parse(conf_text(factor), &d) || d.units <= 0 || decimal_cmp(d, decimal_of(PRICE_FACTOR_MAX)) > 0)
		return conf_error(factor, err, "a factor above 0, at most %d, was expected, such as 0.5",
				  PRICE_FACTOR_MAX);
	*ret = d;
	return 0;
}

/* The mapping `factors` in parent changes what holds around it. */
static int read_factors(const struct conf_node *parent, struct factors *factors, struct err *err)
{
	static const char *const known[] = { "batch", "us" };
	const struct conf_node *node = conf_get(parent, "factors");

	if (!node)
		return 0;
	if (conf_keys(node, known, ARRAY_LEN(known), err) || read_factor(node, "batch", &factors->batch, err))
		return -1;
	return read_factor(node, "us", &factors->us, err);
}

/* The cache's kinds stand together: a model has a cache, or none. */
static bool has_cache(const struct conf_node *node)
{
	return conf_get(node, price_kind_names[PRICE_CACHE_WRITE_5M]) ||
	       conf_get(node, price_kind_names[PRICE_CACHE_WRITE_1H]) ||
	       conf_get(node, price_kind_names[PRICE_CACHE_READ]);
}

/* The price of 10^6 tokens, with its factors, in units of a token. */
static int rate_unit(const struct conf_node *node, struct decimal usd, const struct factors *factors, unsigned variant,
		     uint64_t *ret, struct err *err)
{
	struct decimal d = usd;

	if (((variant & VARIANT_BATCH) && decimal_mul(d, factors->batch, &d)) ||
	    ((variant & VARIANT_US) && decimal_mul(d, factors->us, &d)) ||
	    decimal_shift(d, PRICE_SCALE - USD_PER, &d) || decimal_u64(d, ret))
		return conf_error(node, err,
				  "too many digits: with its factors, a price of at most %d behind the point was "
				  "expected",
				  PRICE_SCALE - USD_PER);
	return 0;
}

/* The prices of node's kinds into the variants with the bits of base. */
static int read_rates(const struct conf_node *node, const struct factors *factors, unsigned base, struct tier *tier,
		      struct err *err)
{
	bool is_cached = has_cache(node);

	for (unsigned kind = 0; kind < PRICE_KINDS; kind++) {
		const struct conf_node *price = conf_get(node, price_kind_names[kind]);
		struct decimal usd;

		if (!price && !is_cached && kind != PRICE_INPUT && kind != PRICE_OUTPUT) {
			for (unsigned v = 0; v <= (VARIANT_BATCH | VARIANT_US); v++)
				tier->rates[base | v].units[kind] = PRICE_NONE;
			continue;
		}
		if (!price)
			return conf_error(node, err, "'%s' was expected as well: the price of a million such tokens",
					  price_kind_names[kind]);
		if (decimal_parse(conf_text(price), &usd) || usd.units < 0 ||
		    decimal_cmp(usd, decimal_of(PRICE_USD_MAX)) > 0)
			return conf_error(price, err,
					  "a price from 0 to %d was expected, in USD for a million tokens, such as "
					  "0.25",
					  PRICE_USD_MAX);
		for (unsigned v = 0; v <= (VARIANT_BATCH | VARIANT_US); v++)
			if (rate_unit(price, usd, factors, v, &tier->rates[base | v].units[kind], err))
				return -1;
	}
	return 0;
}

static int read_tier(const struct conf_node *node, const struct factors *factors, struct tier *tier, struct err *err)
{
	const struct conf_node *fast = conf_get(node, "fast");

	tier->prompt_up_to = UINT64_MAX;
	if (read_rates(node, factors, 0, tier, err))
		return -1;
	if (!fast)
		return 0;
	tier->has_fast = true;
	if (conf_keys(fast, price_kind_names, PRICE_KINDS, err))
		return -1;
	return read_rates(fast, factors, VARIANT_FAST, tier, err);
}

/* All tiers but the last end somewhere, each behind the one before. */
static int read_tier_end(const struct conf_node *list, size_t i, struct tier *tiers, struct err *err)
{
	const struct conf_node *node = conf_at(list, i), *end = conf_get(node, "prompt_up_to");
	uint64_t above = i ? tiers[i - 1].prompt_up_to + 1 : 1;

	if (i + 1 == conf_count(list))
		return end ? conf_error(end, err, "no 'prompt_up_to' was expected in the last tier, which has no end")
			   : 0;
	if (!end)
		return conf_error(node, err,
				  "'prompt_up_to' was expected in each tier but the last: input tokens of a request");
	return conf_u64(end, above, PRICE_PROMPT_MAX, &tiers[i].prompt_up_to, err);
}

static int read_tiers(const struct conf_node *node, const struct factors *factors, struct period *period,
		      struct err *err)
{
	static const char *const known[] = { "prompt_up_to", "input", "cache_write_5m", "cache_write_1h", "cache_read",
					     "output",       "fast" };
	const struct conf_node *list = conf_get(node, "tiers");
	size_t count = list ? conf_count(list) : 1;

	if (list && (!conf_is_list(list) || count == 0 || count > PRICE_TIERS_MAX))
		return conf_error(list, err, "a list of 1 to %d tiers was expected", PRICE_TIERS_MAX);
	period->tiers = calloc(count, sizeof(*period->tiers));
	if (!period->tiers)
		return err_nomem(err);
	if (!list)
		return read_tier(node, factors, &period->tiers[0], err);
	for (size_t i = 0; i < count; i++)
		if (conf_keys(conf_at(list, i), known, ARRAY_LEN(known), err) ||
		    read_tier(conf_at(list, i), factors, &period->tiers[i], err) ||
		    read_tier_end(list, i, period->tiers, err))
			return -1;
	return 0;
}

/* The days that a price holds; before is the one above it in the list, NULL for the first. */
static int read_days(const struct conf_node *node, struct period *before, struct period *period, struct err *err)
{
	const struct conf_node *from = conf_get(node, "from"), *until = conf_get(node, "until");

	*period = (struct period){ .from = INT64_MIN, .until = INT64_MAX };
	if ((from && conf_date(from, &period->from, err)) || (until && conf_date(until, &period->until, err)))
		return -1;
	if (until && period->until <= period->from)
		return conf_error(until, err, "a day after 'from' was expected: the first on which it holds no more");
	if (!before)
		return 0;
	if (!from)
		return conf_error(node, err, "'from' was expected in each price but the first");
	if (period->from <= before->from || (before->until != INT64_MAX && period->from < before->until))
		return conf_error(from, err,
				  "prices overlap: a day was expected on which the price above holds no more");
	if (before->until == INT64_MAX)
		before->until = period->from;
	return 0;
}

static int read_period(const struct conf_node *node, struct factors factors, struct period *before,
		       struct period *period, struct err *err)
{
	static const char *const plain[] = { "from",           "until",      "factors", "input", "cache_write_5m",
					     "cache_write_1h", "cache_read", "output",  "fast",  "tiers" };
	static const char *const tiered[] = { "from", "until", "factors", "tiers" };
	bool has_tiers = conf_is_mapping(node) && conf_get(node, "tiers");

	if (has_tiers ? conf_keys(node, tiered, ARRAY_LEN(tiered), err) : conf_keys(node, plain, ARRAY_LEN(plain), err))
		return -1;
	if (read_days(node, before, period, err) || read_factors(node, &factors, err))
		return -1;
	return read_tiers(node, &factors, period, err);
}

static int read_model(struct prices *prices, const struct conf_node *node, struct factors factors, struct err *err)
{
	static const char *const known[] = { "id", "aliases", "factors", "prices" };
	struct price_model *model = &prices->models[prices->count];
	const struct conf_node *list;
	const char *id;

	if (conf_keys(node, known, ARRAY_LEN(known), err) ||
	    namelist_read(&prices->names, node, prices->count, &id, err) || read_factors(node, &factors, err))
		return -1;
	list = conf_get(node, "prices");
	if (!list || !conf_is_list(list) || conf_count(list) == 0)
		return conf_error(list ? list : node, err, "'prices' was expected: a list, each from a day on");
	model->periods = calloc(conf_count(list), sizeof(*model->periods));
	if (!model->periods)
		return err_nomem(err);
	prices->count++;
	for (; model->count < conf_count(list); model->count++) {
		struct period *period = &model->periods[model->count];

		if (read_period(conf_at(list, model->count), factors, model->count ? period - 1 : NULL, period, err)) {
			free(period->tiers);
			return -1;
		}
	}
	return 0;
}

static int read_list(struct prices *prices, struct err *err)
{
	static const char *const known[] = { "version", "currency", "factors", "models" };
	struct factors factors = { decimal_of(1), decimal_of(1) };
	const struct conf_node *models, *currency;

	if (namelist_root(prices->conf, known, ARRAY_LEN(known), &models, err))
		return -1;
	currency = conf_get(conf_root(prices->conf), "currency");
	if (currency && !spend_is_usd(conf_text(currency)))
		return conf_error(currency, err,
				  "USD was expected: prices are in US dollars, and nothing is converted");
	if (read_factors(conf_root(prices->conf), &factors, err))
		return -1;
	prices->models = calloc(conf_count(models), sizeof(*prices->models));
	if (!prices->models)
		return err_nomem(err);
	for (size_t i = 0; i < conf_count(models); i++)
		if (read_model(prices, conf_at(models, i), factors, err))
			return -1;
	return namelist_sort(&prices->names, err);
}

static struct prices *prices_new(struct conf *conf, struct err *err)
{
	struct prices *prices = conf ? calloc(1, sizeof(*prices)) : NULL;

	if (!prices) {
		if (conf)
			(void)err_nomem(err);
		conf_free(conf);
		return NULL;
	}
	prices->conf = conf;
	if (read_list(prices, err)) {
		prices_free(prices);
		return NULL;
	}
	return prices;
}

struct prices *prices_parse(struct view text, const char *name, struct err *err)
{
	return prices_new(conf_parse(text, name, err), err);
}

struct prices *prices_read(const char *path, struct err *err)
{
	return prices_new(conf_read(path, err), err);
}

struct prices *prices_builtin(struct err *err)
{
	return prices_parse(view_from(builtin_prices, builtin_prices_len), "rules/prices.yaml", err);
}

const struct price_model *prices_model(const struct prices *prices, struct view name)
{
	const struct namelist_entry *entry = namelist_find(&prices->names, name);

	return entry ? &prices->models[entry->owner] : NULL;
}

const struct price_rate *price_model_rate(const struct price_model *model, const struct price_terms *terms)
{
	unsigned variant = (terms->is_batch ? VARIANT_BATCH : 0) | (terms->is_us ? VARIANT_US : 0) |
			   (terms->is_fast ? VARIANT_FAST : 0);
	const struct period *period = NULL;
	const struct tier *tier;

	for (size_t i = 0; i < model->count && !period; i++)
		if (terms->day >= model->periods[i].from && terms->day < model->periods[i].until)
			period = &model->periods[i];
	if (!period)
		return NULL;
	tier = period->tiers;
	while (terms->prompt > tier->prompt_up_to)
		tier++;
	if (terms->is_fast && (!tier->has_fast || terms->is_batch))
		return NULL;
	return &tier->rates[variant];
}

bool prices_find(const struct prices *prices, const struct price_terms *terms, struct price_rate *ret)
{
	const struct price_model *model = prices_model(prices, terms->model);
	const struct price_rate *rate = model ? price_model_rate(model, terms) : NULL;

	if (rate)
		*ret = *rate;
	return rate != NULL;
}

bool price_covers(const struct price_rate *rate, const struct price_tokens *tokens)
{
	for (unsigned kind = 0; kind < PRICE_KINDS; kind++)
		if (rate->units[kind] == PRICE_NONE && tokens->counts[kind])
			return false;
	return true;
}

struct decimal price_of(const struct price_rate *rate, const struct price_tokens *tokens)
{
	struct decimal sum = { .scale = PRICE_SCALE };

	for (unsigned kind = 0; kind < PRICE_KINDS; kind++)
		sum.units += (decimal_units)rate->units[kind] * tokens->counts[kind];
	return sum;
}
