/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/estimate_tally.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/bounds.h"
#include "common/base/clock.h"
#include "common/base/grow.h"

#define MODELS_START 64

const char *const estimate_part_names[ESTIMATE_PARTS] = { "model", "team", "feature", "stop_reason",
							  "key",   "day",  "month" };

struct estimate_model {
	bool is_known;                   /* it was looked for */
	const struct price_model *price; /* NULL: it has none */
	uint64_t unpriced;               /* records */
};

void estimate_tally_init(struct estimate_tally *tally, const struct estimate_query *query)
{
	*tally = (struct estimate_tally){ .query = query, .names = INTERN_INIT(USAGE_NAMES_BYTES) };
}

void estimate_tally_done(struct estimate_tally *tally)
{
	intern_done(&tally->names);
	hashindex_done(&tally->index);
	free(tally->groups);
	free(tally->models);
	*tally = (struct estimate_tally){ .query = NULL };
}

static int number_of(struct estimate_tally *tally, struct view text, uint32_t *ret)
{
	*ret = 0;
	if (text.len == 0)
		return 0;
	if (tally->names.count >= USAGE_NAMES_MAX || intern_add(&tally->names, text, ret))
		return -1;
	++*ret;
	return 0;
}

struct view estimate_tally_name(const struct estimate_tally *tally, uint32_t number)
{
	return number ? intern_text(&tally->names, number - 1) : VIEW_NONE;
}

void estimate_sums_add(struct estimate_sums *into, const struct estimate_sums *sums)
{
	into->records += sums->records;
	into->unpriced += sums->unpriced;
	into->units += sums->units;
	for (unsigned i = 0; i < PRICE_KINDS; i++)
		into->tokens[i] += sums->tokens[i];
}

static int too_many(const struct estimate_tally *tally, struct err *err)
{
	bool is_limit = tally->count >= USAGE_GROUPS_MAX || tally->names.count >= USAGE_NAMES_MAX ||
			tally->names.bytes.len + NAME_BYTES > USAGE_NAMES_BYTES;

	if (!is_limit)
		return err_nomem(err);
	return err_set(err, ERR_LIMIT, 0,
		       "there are more than %d different groups; something with fewer values was expected in "
		       "--group-by",
		       USAGE_GROUPS_MAX);
}

static struct estimate_model *model_at(struct estimate_tally *tally, uint32_t number)
{
	size_t count = tally->model_count ? tally->model_count : MODELS_START;
	struct estimate_model *grown;

	if (number < tally->model_count)
		return &tally->models[number];
	while (count <= number)
		count *= 2;
	grown = reallocarray(tally->models, count, sizeof(*grown));
	if (!grown)
		return NULL;
	memset(grown + tally->model_count, 0, (count - tally->model_count) * sizeof(*grown));
	tally->models = grown;
	tally->model_count = count;
	return &grown[number];
}

struct wanted {
	const struct estimate_group *groups;
	const int32_t *key;
};

static bool is_wanted(const void *context, uint32_t item)
{
	const struct wanted *wanted = context;

	return memcmp(wanted->groups[item].key, wanted->key, sizeof(wanted->groups->key)) == 0;
}

/* The group with that key, a new one if need be; NULL: no memory, or too many. */
static struct estimate_group *group_of(struct estimate_tally *tally, const int32_t key[static ESTIMATE_PARTS])
{
	const struct wanted wanted = { tally->groups, key };
	uint32_t hash = hashindex_of(key, sizeof(wanted.groups->key));
	uint32_t item = hashindex_find(&tally->index, hash, is_wanted, &wanted);
	struct estimate_group *grown;

	if (item != HASHINDEX_NONE)
		return &tally->groups[item];
	grown = tally->count < USAGE_GROUPS_MAX ? grow_items(tally->groups, tally->count, &tally->cap, sizeof(*grown))
						: NULL;
	if (!grown)
		return NULL;
	tally->groups = grown;
	if (hashindex_add(&tally->index, hash, (uint32_t)tally->count))
		return NULL;
	grown += tally->count++;
	memset(grown, 0, sizeof(*grown));
	memcpy(grown->key, key, sizeof(grown->key));
	return grown;
}

static int32_t month_of(struct estimate_tally *tally, int64_t day)
{
	int year, month, day_of_month;

	if (!tally->has_month || tally->month_day != day) {
		clock_date(day, &year, &month, &day_of_month);
		tally->has_month = true;
		tally->month_day = day;
		tally->month = year * 12 + month - 1;
	}
	return tally->month;
}

/* The record's key, and the number of its model. */
static int find_key(struct estimate_tally *tally, const struct usage_record *record, int64_t day,
		    int32_t key[static ESTIMATE_PARTS], uint32_t *ret_model)
{
	unsigned parts = tally->query->parts;
	uint32_t number;

	if (number_of(tally, record->texts[USAGE_MODEL], ret_model))
		return -1;
	if (parts & (1u << ESTIMATE_MODEL))
		key[ESTIMATE_MODEL] = (int32_t)*ret_model;
	for (unsigned i = USAGE_MODEL + 1; i < USAGE_TEXTS; i++)
		if (parts & (1u << i)) {
			if (number_of(tally, record->texts[i], &number))
				return -1;
			key[i] = (int32_t)number;
		}
	if (parts & (1u << ESTIMATE_DAY))
		key[ESTIMATE_DAY] = (int32_t)day;
	if (parts & (1u << ESTIMATE_MONTH))
		key[ESTIMATE_MONTH] = month_of(tally, day);
	return 0;
}

static const struct price_rate *rate_of(const struct estimate_tally *tally, struct estimate_model *model,
					const struct usage_record *record, int64_t day)
{
	const uint64_t *counts = record->tokens.counts;
	const struct price_terms terms = {
		.day = day,
		.prompt = counts[PRICE_INPUT] + counts[PRICE_CACHE_WRITE_5M] + counts[PRICE_CACHE_WRITE_1H] +
			  counts[PRICE_CACHE_READ],
		.is_batch = record->is_batch,
		.is_us = record->is_us,
		.is_fast = record->is_fast,
	};

	if (!model->is_known) {
		model->is_known = true;
		model->price = prices_model(tally->query->prices, record->texts[USAGE_MODEL]);
	}
	return model->price ? price_model_rate(model->price, &terms) : NULL;
}

int estimate_tally_add(struct estimate_tally *tally, const struct usage_record *record, struct err *err)
{
	int64_t day = clock_day(record->unix_s);
	int32_t key[ESTIMATE_PARTS] = { 0 };
	const struct price_rate *rate;
	struct estimate_group *group;
	struct estimate_model *model;
	uint32_t number;

	if (record->unix_s < tally->query->from_s || record->unix_s >= tally->query->to_s)
		return 0;
	if (find_key(tally, record, day, key, &number))
		return too_many(tally, err);
	group = group_of(tally, key);
	model = group ? model_at(tally, number) : NULL;
	if (!model)
		return too_many(tally, err);
	rate = rate_of(tally, model, record, day);
	group->sums.records++;
	for (unsigned i = 0; i < PRICE_KINDS; i++)
		group->sums.tokens[i] += record->tokens.counts[i];
	if (rate && price_covers(rate, &record->tokens)) {
		group->sums.units += price_of(rate, &record->tokens).units;
	} else {
		group->sums.unpriced++;
		model->unpriced++;
	}
	return 0;
}

/* The key of a group of another tally, whose texts have other numbers. */
static int translate(struct estimate_tally *into, const struct estimate_tally *from,
		     const int32_t old[static ESTIMATE_PARTS], int32_t key[static ESTIMATE_PARTS])
{
	uint32_t number;

	memcpy(key, old, sizeof(*key) * ESTIMATE_PARTS);
	for (unsigned i = 0; i < USAGE_TEXTS; i++) {
		if (number_of(into, estimate_tally_name(from, (uint32_t)old[i]), &number))
			return -1;
		key[i] = (int32_t)number;
	}
	return 0;
}

static int join_models(struct estimate_tally *into, const struct estimate_tally *from)
{
	for (uint32_t i = 1; i < from->model_count; i++) {
		struct estimate_model *model;
		uint32_t number;

		if (!from->models[i].unpriced)
			continue;
		if (number_of(into, estimate_tally_name(from, i), &number))
			return -1;
		model = model_at(into, number);
		if (!model)
			return -1;
		model->unpriced += from->models[i].unpriced;
	}
	return 0;
}

int estimate_tally_join(struct estimate_tally *into, const struct estimate_tally *from, struct err *err)
{
	for (size_t i = 0; i < from->count; i++) {
		int32_t key[ESTIMATE_PARTS];
		struct estimate_group *group;

		if (translate(into, from, from->groups[i].key, key))
			return too_many(into, err);
		group = group_of(into, key);
		if (!group)
			return too_many(into, err);
		estimate_sums_add(&group->sums, &from->groups[i].sums);
	}
	return join_models(into, from) ? too_many(into, err) : 0;
}

uint64_t estimate_tally_unpriced(const struct estimate_tally *tally, uint32_t model)
{
	return model < tally->model_count ? tally->models[model].unpriced : 0;
}
