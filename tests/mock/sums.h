/* SPDX-License-Identifier: Apache-2.0 */
/* Sums of usage by the dimensions that a report is grouped by. */
#ifndef TESTS_MOCK_SUMS_H
#define TESTS_MOCK_SUMS_H

#include "tests/mock/usage.h"

#define SUMS_BY(dimension) (1u << (dimension))
#define SUMS_BY_USER (1u << USAGE_DIMENSIONS)
#define SUMS_BY_LINE (1u << (USAGE_DIMENSIONS + 1)) /* a cost report's description */
#define SUMS_SEARCH USAGE_TOKENS                    /* the line of web searches */

struct sum {
	const char *dimensions[USAGE_DIMENSIONS]; /* those that are grouped by, else NULL */
	const char *user;
	size_t model, line; /* with SUMS_BY_LINE */
	uint64_t tokens[USAGE_TOKENS], web_searches;
	uint64_t cost; /* in billionths of a cent */
};

struct sums {
	unsigned by;
	bool is_cost;                                                        /* only what costs is summed */
	bool (*shows)(const void *context, const struct usage_event *event); /* NULL: all */
	const void *context;
	struct sum *rows;
	size_t count, cap;
};

void sums_make(struct sums *s, const struct model *m, int64_t from_us, int64_t to_us); /* appends to rows */
void sums_done(struct sums *s);

#endif
