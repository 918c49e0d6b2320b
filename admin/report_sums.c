/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/report_sums.h"

#include <stdlib.h>

#include "common/base/bounds.h"
#include "common/base/clock.h"
#include "common/base/grow.h"
#include "common/base/text.h"
#include "common/policy/keyname.h"

#define NO_TEAM UINT32_MAX

static int64_t month_of_day(int64_t day)
{
	int year, month, day_of_month;

	clock_date(day, &year, &month, &day_of_month);
	return (int64_t)(year - 1970) * 12 + month - 1;
}

int64_t sums_month(int64_t unix_s)
{
	return month_of_day(clock_day(unix_s));
}

int sums_add_month(struct buf *buf, int64_t month)
{
	int64_t since_1 = month + INT64_C(1970) * 12;

	return buf_addf(buf, "%04lld-%02lld", (long long)(since_1 / 12), (long long)(since_1 % 12 + 1));
}

int sums_add_months(const struct sums *sums, struct buf *texts, struct view *ret)
{
	size_t len;

	for (size_t m = 0; m < sums->months; m++)
		if (sums_add_month(texts, sums->first_month + (int64_t)m) || buf_add_byte(texts, '\0'))
			return -1;
	len = sums->months ? texts->len / sums->months : 0;
	for (size_t m = 0; m < sums->months; m++)
		ret[m] = view_sub(buf_view(texts), m * len, len - 1);
	return 0;
}

static int add_cell(struct sums_cell *cell, const struct spend_share *share)
{
	if (share->kind == SPEND_OUTPUT)
		cell->output += share->count;
	else if (share->kind <= SPEND_CACHE_READ)
		cell->input += share->count;
	return share->amount_usd.units ? decimal_add(cell->usd, share->amount_usd, &cell->usd) : 0;
}

static int add_up(struct sums_cell *total, const struct sums_cell *months, size_t count)
{
	for (size_t m = 0; m < count; m++) {
		total->input += months[m].input;
		total->output += months[m].output;
		if (decimal_add(total->usd, months[m].usd, &total->usd))
			return -1;
	}
	return 0;
}

static int add_totals(struct sums *sums)
{
	for (unsigned d = 0; d < SUMS_DIMENSIONS; d++)
		for (size_t i = 0; i < sums->names[d].count; i++)
			if (add_up(&sums->lines[d][i].total, sums->lines[d][i].months, sums->months))
				return -1;
	return add_up(&sums->total, sums->all, sums->months);
}

static int add_line(struct sums *sums, enum sums_dimension d, uint32_t number, size_t month,
		    const struct spend_share *share)
{
	struct sums_line *line = &sums->lines[d][number];

	if (share->count && share->what.day > line->last_day)
		line->last_day = share->what.day;
	if (share->what.day == sums->today && add_cell(&line->today, share))
		return -1;
	return add_cell(&line->months[month], share);
}

/* The number of a name, with a line for it. */
static int number_of(struct sums *sums, enum sums_dimension d, struct view name, uint32_t *ret)
{
	size_t count = sums->names[d].count;
	struct sums_line *grown;

	if (intern_add(&sums->names[d], name, ret))
		return -1;
	if (*ret < count)
		return 0;
	grown = grow_items(sums->lines[d], count, &sums->caps[d], sizeof(*grown));
	if (!grown)
		return -1;
	sums->lines[d] = grown;
	grown[*ret] =
		(struct sums_line){ .months = calloc(sums->months, sizeof(*grown->months)), .last_day = INT64_MIN };
	return grown[*ret].months ? 0 : -1;
}

/* The team that a key's name tells; empty: it tells none. */
static struct view team_name(const struct sums *sums, struct view key_id)
{
	const struct org_key *key = key_id.len ? organization_key(sums->org, key_id) : NULL;
	struct keyname_parts parts;

	if (!key || !keyname_parts(&sums->policy->names, view_of(key->name), &parts))
		return VIEW_NONE;
	return parts.team;
}

static int team_of(struct sums *sums, uint32_t key, struct view key_id, uint32_t *ret)
{
	while (sums->team_cap <= key) {
		size_t old = sums->team_cap;
		uint32_t *grown = grow_items(sums->team_of_key, sums->team_cap, &sums->team_cap, sizeof(*grown));

		if (!grown)
			return -1;
		sums->team_of_key = grown;
		for (size_t i = old; i < sums->team_cap; i++)
			grown[i] = NO_TEAM;
	}
	if (sums->team_of_key[key] == NO_TEAM &&
	    number_of(sums, SUMS_TEAM, team_name(sums, key_id), &sums->team_of_key[key]))
		return -1;
	*ret = sums->team_of_key[key];
	return 0;
}

static int take(void *context, const struct spend_share *share)
{
	struct sums *sums = context;
	int64_t month = month_of_day(share->what.day) - sums->first_month;
	uint32_t numbers[SUMS_DIMENSIONS];

	if (share->what.day < sums->first_day || month < 0 || (size_t)month >= sums->months)
		return 0;
	if (number_of(sums, SUMS_WORKSPACE, share->what.workspace, &numbers[SUMS_WORKSPACE]) ||
	    number_of(sums, SUMS_MODEL, share->what.model, &numbers[SUMS_MODEL]) ||
	    number_of(sums, SUMS_KEY, share->api_key, &numbers[SUMS_KEY]) ||
	    team_of(sums, numbers[SUMS_KEY], share->api_key, &numbers[SUMS_TEAM]))
		return err_nomem(&sums->err);
	for (unsigned d = 0; d < SUMS_DIMENSIONS; d++)
		if (add_line(sums, (enum sums_dimension)d, numbers[d], (size_t)month, share))
			return err_set(&sums->err, ERR_LIMIT, 0, "the sums have more than 38 digits");
	if (add_cell(&sums->all[month], share) ||
	    (share->what.day == sums->today && add_cell(&sums->today_total, share)))
		return err_set(&sums->err, ERR_LIMIT, 0, "the sums have more than 38 digits");
	return 0;
}

int sums_make(struct sums *sums, const struct spend *spend, const struct policy *policy, const struct organization *org,
	      int64_t from_s, int64_t to_s, struct err *err)
{
	*sums = (struct sums){
		.policy = policy,
		.org = org,
		.first_day = clock_day(from_s),
		.first_month = sums_month(from_s),
		.today = clock_day(to_s - 1),
	};
	sums->months = (size_t)(sums_month(to_s - 1) - sums->first_month + 1);
	for (size_t d = 0; d < SUMS_DIMENSIONS; d++)
		sums->names[d] = (struct intern)INTERN_INIT(SPEND_TEXT_BYTES);
	sums->all = calloc(sums->months, sizeof(*sums->all));
	if (!sums->all)
		return err_nomem(err);
	if (spend_each(spend, take, sums)) {
		*err = sums->err;
		return -1;
	}
	if (add_totals(sums))
		return err_set(err, ERR_LIMIT, 0, "the sums have more than 38 digits");
	return 0;
}

void sums_done(struct sums *sums)
{
	for (size_t d = 0; d < SUMS_DIMENSIONS; d++) {
		for (size_t i = 0; i < sums->names[d].count && i < sums->caps[d]; i++)
			free(sums->lines[d][i].months);
		free(sums->lines[d]);
		intern_done(&sums->names[d]);
	}
	free(sums->all);
	free(sums->team_of_key);
	*sums = (struct sums){ .months = 0 };
}

const struct sums_line *sums_find(const struct sums *sums, enum sums_dimension dimension, struct view name)
{
	uint32_t number = intern_find(&sums->names[dimension], name);

	return number == INTERN_NONE ? NULL : &sums->lines[dimension][number];
}

struct order {
	const struct sums *sums;
	enum sums_dimension dimension;
};

static int compare(const void *a, const void *b, void *context)
{
	const struct order *o = context;
	uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
	int order = decimal_cmp(o->sums->lines[o->dimension][right].total.usd,
				o->sums->lines[o->dimension][left].total.usd);

	return order ? order
		     : text_cmp(intern_text(&o->sums->names[o->dimension], left),
				intern_text(&o->sums->names[o->dimension], right));
}

uint32_t *sums_order(const struct sums *sums, enum sums_dimension dimension)
{
	size_t count = sums->names[dimension].count;
	struct order order = { sums, dimension };
	uint32_t *numbers = count ? calloc(count, sizeof(*numbers)) : NULL;

	if (!numbers)
		return NULL;
	for (size_t i = 0; i < count; i++)
		numbers[i] = (uint32_t)i;
	qsort_r(numbers, count, sizeof(*numbers), compare, &order);
	return numbers;
}
