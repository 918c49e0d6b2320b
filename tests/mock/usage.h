/* SPDX-License-Identifier: Apache-2.0 */
/* What was used: single requests that follow from the seed and the hour. Every report of either dialect is a sum over
 * them, so that all of them agree. */
#ifndef TESTS_MOCK_USAGE_H
#define TESTS_MOCK_USAGE_H

#include "tests/mock/model.h"

enum usage_token {
	USAGE_UNCACHED,
	USAGE_CACHE_1H,
	USAGE_CACHE_5M,
	USAGE_CACHE_READ,
	USAGE_OUTPUT,
	USAGE_TOKENS,
};

enum usage_dimension { /* as the provider names them */
		       USAGE_ACCOUNT,
		       USAGE_KEY,
		       USAGE_WINDOW,
		       USAGE_GEO,
		       USAGE_MODEL,
		       USAGE_SERVICE,
		       USAGE_TIER,
		       USAGE_WORKSPACE,
		       USAGE_DIMENSIONS,
};

struct usage_event {
	int64_t at_us;
	const char *dimensions[USAGE_DIMENSIONS]; /* NULL: none; of the workspace: the default one */
	const char *user;                         /* who is behind it: the account, or the key's creator; or NULL */
	size_t model;                             /* of those that have a price; USAGE_OTHER_MODEL: priced as a whole */
	uint64_t price;                           /* of such a one */
	uint64_t tokens[USAGE_TOKENS], web_searches;
};

#define USAGE_OTHER_MODEL SIZE_MAX
#define USAGE_COST_UNIT 1'000'000'000u /* amounts are counted in billionths of a cent */

typedef void usage_take(void *context, const struct usage_event *event);

/* Calls take for each request in [from_us, to_us). */
void usage_each(const struct model *m, int64_t from_us, int64_t to_us, usage_take *take, void *context);

/* What a token kind of the event costs; web_search: instead, what its searches do. */
uint64_t usage_cost(const struct usage_event *event, enum usage_token token);
uint64_t usage_search_cost(const struct usage_event *event);

const char *usage_model_name(size_t model); /* "Claude Opus 5" */
const char *usage_token_type(enum usage_token token);

/* A user's day with Claude Code; sessions 0: none. */
struct usage_day {
	uint64_t sessions, added, removed, commits, pulls, accepted, rejected, input, output, cents;
	const char *project;
};
struct usage_day usage_code_day(const struct model *m, uint64_t actor, int64_t day_us);

#endif
