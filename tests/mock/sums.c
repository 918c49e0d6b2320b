/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/mock/sums.h"

#include <string.h>

#include "common/base/grow.h"
#include "tests/mock/must.h"

static bool same(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static bool is_same_group(const struct sum *a, const struct sum *b)
{
	for (size_t i = 0; i < USAGE_DIMENSIONS; i++)
		if (!same(a->dimensions[i], b->dimensions[i]))
			return false;
	return same(a->user, b->user) && a->line == b->line && a->model == b->model;
}

static struct sum *group(struct sums *s, const struct sum *key)
{
	for (size_t i = 0; i < s->count; i++)
		if (is_same_group(&s->rows[i], key))
			return &s->rows[i];
	s->rows = must_have(grow_items(s->rows, s->count, &s->cap, sizeof(*s->rows)));
	s->rows[s->count] = *key;
	return &s->rows[s->count++];
}

static struct sum key_of(const struct sums *s, const struct usage_event *e, size_t line)
{
	struct sum key = { .line = 0 };

	for (size_t i = 0; i < USAGE_DIMENSIONS; i++)
		if (s->by & SUMS_BY(i))
			key.dimensions[i] = e->dimensions[i];
	if (s->by & SUMS_BY_USER)
		key.user = e->user;
	if (!(s->by & SUMS_BY_LINE))
		return key;
	key.line = line;
	key.model = e->model;
	key.dimensions[USAGE_TIER] = e->dimensions[USAGE_TIER];
	key.dimensions[USAGE_WINDOW] = e->dimensions[USAGE_WINDOW];
	key.dimensions[USAGE_GEO] = e->dimensions[USAGE_GEO];
	if (line == SUMS_SEARCH) {
		key.model = 0;
		key.dimensions[USAGE_MODEL] = key.dimensions[USAGE_TIER] = key.dimensions[USAGE_WINDOW] =
			key.dimensions[USAGE_GEO] = NULL;
	}
	return key;
}

static void add_cost(struct sums *s, const struct usage_event *e)
{
	for (size_t line = 0; line <= SUMS_SEARCH; line++) {
		uint64_t cost = line == SUMS_SEARCH ? usage_search_cost(e) : usage_cost(e, (enum usage_token)line);
		struct sum key = key_of(s, e, line);

		if (cost)
			group(s, &key)->cost += cost;
	}
}

static void add(void *context, const struct usage_event *e)
{
	struct sums *s = context;
	struct sum key, *row;

	if (s->shows && !s->shows(s->context, e))
		return;
	if (s->is_cost) {
		add_cost(s, e);
		return;
	}
	key = key_of(s, e, 0);
	row = group(s, &key);
	for (size_t i = 0; i < USAGE_TOKENS; i++)
		row->tokens[i] += e->tokens[i];
	row->web_searches += e->web_searches;
}

void sums_make(struct sums *s, const struct model *m, int64_t from_us, int64_t to_us)
{
	usage_each(m, from_us, to_us, add, s);
}

void sums_done(struct sums *s)
{
	free(s->rows);
	s->rows = NULL;
	s->count = s->cap = 0;
}
