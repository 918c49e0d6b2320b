/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/mock/usage.h"

#include <string.h>

#include "tests/mock/when.h"

#define STREAM_KEYS 200 /* keys that are used at all */
#define STREAM_OTHERS 3 /* two people by OAuth, and the console's playground */

/* Prices in thousandths of a US dollar for a million tokens, in the order of enum usage_token. */
static const struct {
	const char *id, *name;
	uint64_t prices[USAGE_TOKENS];
} models[] = {
	{ "claude-opus-5", "Claude Opus 5", { 5000, 10000, 6250, 500, 25000 } },
	{ "claude-sonnet-5", "Claude Sonnet 5", { 2000, 4000, 2500, 200, 10000 } },
	{ "claude-sonnet-4-6", "Claude Sonnet 4.6", { 3000, 6000, 3750, 300, 15000 } },
	{ "claude-haiku-4-5-20251001", "Claude Haiku 4.5", { 1000, 2000, 1250, 100, 5000 } },
};

const char *usage_model_name(size_t model)
{
	return model == USAGE_OTHER_MODEL ? "Another Model" : models[model].name;
}

const char *usage_token_type(enum usage_token token)
{
	static const char *const types[USAGE_TOKENS] = {
		[USAGE_UNCACHED] = "uncached_input_tokens",
		[USAGE_CACHE_1H] = "cache_creation.ephemeral_1h_input_tokens",
		[USAGE_CACHE_5M] = "cache_creation.ephemeral_5m_input_tokens",
		[USAGE_CACHE_READ] = "cache_read_input_tokens",
		[USAGE_OUTPUT] = "output_tokens",
	};

	return types[token];
}

static bool is(const char *text, const char *other)
{
	return text && strcmp(text, other) == 0;
}

/* Dollars for 10^6 tokens times 1000, times tokens: 10^-9 dollars, 10^-7 cents. Priority requests cost nothing here. */
uint64_t usage_cost(const struct usage_event *event, enum usage_token token)
{
	uint64_t hundredth;

	if (event->model == USAGE_OTHER_MODEL)
		return token == USAGE_OUTPUT ? event->price : 0;
	hundredth = event->tokens[token] * models[event->model].prices[token];
	if (is(event->dimensions[USAGE_TIER], "priority"))
		return 0;
	hundredth *= is(event->dimensions[USAGE_GEO], "us") ? 110 : 100;
	return is(event->dimensions[USAGE_TIER], "batch") ? hundredth / 2 : hundredth;
}

uint64_t usage_search_cost(const struct usage_event *event) /* ten dollars a thousand */
{
	return is(event->dimensions[USAGE_TIER], "priority") ? 0 : event->web_searches * USAGE_COST_UNIT;
}

static size_t stream_count(const struct model *m)
{
	return (m->key_count < STREAM_KEYS ? m->key_count : STREAM_KEYS) + STREAM_OTHERS;
}

/* Who is behind the requests of a stream. */
static void set_source(const struct model *m, size_t stream, struct usage_event *e)
{
	const struct key *k;

	if (stream < STREAM_OTHERS) {
		const struct user *u = &m->users[stream % m->user_count];

		e->dimensions[USAGE_ACCOUNT] = stream < 2 ? u->id.text : NULL;
		e->user = e->dimensions[USAGE_ACCOUNT];
		return;
	}
	k = &m->keys[stream - STREAM_OTHERS];
	e->dimensions[USAGE_KEY] = k->id.text;
	if (k->workspace != SIZE_MAX && k->workspace > 0)
		e->dimensions[USAGE_WORKSPACE] = m->workspaces[k->workspace].id.text;
	if (k->owner == KEY_OF_SERVICE)
		e->dimensions[USAGE_SERVICE] = m->services[k->creator].text;
	if (!k->by_service)
		e->user = m->users[k->creator].id.text;
}

static void make_event(const struct model *m, size_t stream, int64_t at_us, uint64_t n, struct usage_event *e)
{
	static const char *const tiers[] = { "standard", "standard", "batch", "standard", "priority" };
	static const char *const geos[] = { "global", "us", "not_available" };

	*e = (struct usage_event){ .at_us = at_us, .model = n % ARRAY_LEN(models) };
	set_source(m, stream, e);
	e->dimensions[USAGE_MODEL] = models[e->model].id;
	e->dimensions[USAGE_TIER] = tiers[n >> 4 & 3];
	if ((n >> 8) % 29 == 0)
		e->dimensions[USAGE_TIER] = tiers[4];
	e->dimensions[USAGE_GEO] = geos[(n >> 16) % ARRAY_LEN(geos)];
	e->dimensions[USAGE_WINDOW] = (n >> 20) % 11 == 0 ? "200k-1M" : "0-200k";
	for (size_t i = 0; i < USAGE_TOKENS; i++) {
		n = rng_mix(n + i);
		e->tokens[i] = i == USAGE_CACHE_1H && n % 3 ? 0 : n % 90'000;
	}
	e->web_searches = n % 7 == 0 ? n / 7 % 5 : 0;
}

/* Some hours of a stream have up to three requests, others none. */
static void each_of_hour(const struct model *m, size_t stream, int64_t hour_us, const int64_t range_us[2],
			 usage_take *take, void *context)
{
	uint64_t n = rng_at(m->seed ^ stream, RNG_USAGE, (uint64_t)(hour_us / WHEN_HOUR));

	for (uint64_t i = 0; i < n % 4; i++) {
		uint64_t own = rng_mix(n ^ i);
		int64_t at = hour_us + (int64_t)(own % 3600) * WHEN_SECOND;
		struct usage_event e;

		if (at < range_us[0] || at >= range_us[1])
			continue;
		make_event(m, stream, at, rng_mix(own), &e);
		take(context, &e);
	}
}

/* So many requests on each day, of any key. */
static void each_of_day(const struct model *m, int64_t day_us, const int64_t range_us[2], usage_take *take,
			void *context)
{
	uint64_t first = rng_at(m->seed, RNG_USAGE, (uint64_t)(day_us / WHEN_DAY));

	for (uint64_t i = 0; i < m->usage_daily; i++) {
		uint64_t own = rng_mix(first ^ rng_mix(i));
		int64_t at = day_us + (int64_t)(own % 86400) * WHEN_SECOND;
		struct usage_event e;

		if (at < range_us[0] || at >= range_us[1])
			continue;
		make_event(m, rng_mix(own ^ 1) % (m->key_count + STREAM_OTHERS), at, rng_mix(own), &e);
		take(context, &e);
	}
}

static void take_extra(const struct usage_extra *x, usage_take *take, void *context)
{
	struct usage_event e = { .at_us = x->at_us,
				 .dimensions = { [USAGE_KEY] = x->key,
						 [USAGE_WORKSPACE] = x->workspace,
						 [USAGE_MODEL] = x->model,
						 [USAGE_TIER] = "standard",
						 [USAGE_GEO] = "global",
						 [USAGE_WINDOW] = "0-200k" },
				 .model = USAGE_OTHER_MODEL,
				 .price = x->cost,
				 .tokens = { [USAGE_UNCACHED] = x->input, [USAGE_OUTPUT] = x->output } };

	take(context, &e);
}

void usage_each(const struct model *m, int64_t from_us, int64_t to_us, usage_take *take, void *context)
{
	const int64_t range_us[2] = { from_us, to_us };

	for (size_t i = 0; i < m->extra_count; i++)
		if (m->extras[i].at_us >= from_us && m->extras[i].at_us < to_us)
			take_extra(&m->extras[i], take, context);
	if (m->is_quiet)
		return;
	if (m->usage_daily) {
		for (int64_t day = when_floor(from_us, WHEN_DAY); day < to_us; day += WHEN_DAY)
			each_of_day(m, day, range_us, take, context);
		return;
	}
	for (int64_t hour = when_floor(from_us, WHEN_HOUR); hour < to_us; hour += WHEN_HOUR)
		for (size_t stream = 0; stream < stream_count(m); stream++)
			each_of_hour(m, stream, hour, range_us, take, context);
}

struct usage_day usage_code_day(const struct model *m, uint64_t actor, int64_t day_us)
{
	static const char *const projects[] = { "website", "billing", "research" };
	uint64_t n = rng_at(m->seed ^ rng_mix(actor), RNG_CODE, (uint64_t)(day_us / WHEN_DAY)), o = rng_mix(n);

	if (n % 3 == 0)
		return (struct usage_day){ .sessions = 0 };
	return (struct usage_day){ .sessions = 1 + n % 9,
				   .added = o % 2000,
				   .removed = o / 7 % 900,
				   .commits = o / 64 % 15,
				   .pulls = o / 512 % 4,
				   .accepted = n / 8 % 90,
				   .rejected = n / 1024 % 9,
				   .input = o / 4096 % 100'000,
				   .output = n / 4096 % 40'000,
				   .cents = n / 99 % 900,
				   .project = projects[o % ARRAY_LEN(projects)] };
}
