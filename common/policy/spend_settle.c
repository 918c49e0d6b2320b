/* SPDX-License-Identifier: Apache-2.0 */
/* Sharing out, one day and workspace at a time. */
#include <stdlib.h>
#include <string.h>

#include "common/base/bounds.h"
#include "common/base/grow.h"
#include "common/policy/spend_data.h"

__extension__ typedef unsigned __int128 magnitude;

/* The groups of one day and workspace. */
struct block {
	const struct spend *spend;
	size_t from, to;
	bool is_loose; /* usage of some group does not tell all that there is to it */
};

static const struct spend_group *group_at(const struct spend *spend, size_t place)
{
	return &spend->groups[spend->order[place]];
}

static bool is_told(const struct spend *spend, const struct spend_group *group)
{
	for (unsigned i = SPEND_MODEL; i < SPEND_TEXTS; i++)
		if (spend->texts.texts[group->texts[i]].len == 0)
			return false;
	return true;
}

/* Whether usage of one group may be what was billed in the other: what a row does not tell fits any. */
static bool fits(const struct spend *spend, const struct spend_group *bill, const struct spend_group *usage)
{
	for (unsigned i = SPEND_MODEL; i < SPEND_TEXTS; i++)
		if (bill->texts[i] != usage->texts[i] && spend->texts.texts[bill->texts[i]].len &&
		    spend->texts.texts[usage->texts[i]].len)
			return false;
	return true;
}

static struct spend_part *add_part(struct spend_scratch *s, struct err *err)
{
	struct spend_part *parts = grow_items(s->parts, s->part_count, &s->part_cap, sizeof(*parts));

	if (!parts) {
		(void)err_nomem(err);
		return NULL;
	}
	s->parts = parts;
	return &parts[s->part_count++];
}

static int see(struct spend_scratch *s, uint32_t usage, struct err *err)
{
	struct spend_seen *seen = grow_items(s->seen, s->seen_count, &s->seen_cap, sizeof(*seen));

	if (!seen)
		return err_nomem(err);
	s->seen = seen;
	seen[s->seen_count++] = (struct spend_seen){ .usage = usage };
	return 0;
}

/* All usage of the block, group after group, and its sums: no sum of some of it is larger then. */
static int see_all(struct block *b, struct err *err)
{
	uint64_t sums[SPEND_KINDS] = { 0 };

	b->spend->scratch->seen_count = 0;
	for (size_t i = b->from; i < b->to; i++) {
		const struct spend_group *group = group_at(b->spend, i);

		b->is_loose |= group->usage != SPEND_NONE && !is_told(b->spend, group);
		for (uint32_t at = group->usage; at != SPEND_NONE; at = b->spend->usage[at].next) {
			if (see(b->spend->scratch, at, err))
				return -1;
			for (unsigned k = 0; k < SPEND_KINDS; k++)
				if (__builtin_add_overflow(sums[k], b->spend->usage[at].counts[k], &sums[k]))
					return err_set(err, ERR_LIMIT, 0, "more %s in a day than can be counted",
						       spend_kind_names[k]);
		}
	}
	return 0;
}

/* One usage row's part of a bill, if it has any. */
static int take_usage(const struct block *b, uint32_t group, unsigned kind, struct spend_seen *seen, struct err *err)
{
	const struct spend_usage *usage = &b->spend->usage[seen->usage];
	bool is_first = !(seen->told & 1u << kind);
	struct spend_part *part;

	if (usage->counts[kind] == 0)
		return 0;
	part = add_part(b->spend->scratch, err);
	if (!part)
		return -1;
	*part = (struct spend_part){ .group = group,
				     .api_key = usage->api_key,
				     .kind = (uint8_t)kind,
				     .weight = usage->counts[kind],
				     .count = is_first ? usage->counts[kind] : 0 };
	seen->told |= (uint8_t)(1u << kind);
	return 0;
}

/* Rows of usage that a bill is shared among: own is where those of its own group begin among the seen. */
static int take_all(const struct block *b, uint32_t number, unsigned kind, size_t own, struct err *err)
{
	const struct spend_group *group = &b->spend->groups[number];
	struct spend_scratch *s = b->spend->scratch;

	if (!b->is_loose && is_told(b->spend, group)) {
		for (uint32_t at = group->usage; at != SPEND_NONE; at = b->spend->usage[at].next)
			if (take_usage(b, number, kind, &s->seen[own++], err))
				return -1;
		return 0;
	}
	for (size_t i = 0; i < s->seen_count; i++)
		if (fits(b->spend, group, &b->spend->groups[b->spend->usage[s->seen[i].usage].group]) &&
		    take_usage(b, number, kind, &s->seen[i], err))
			return -1;
	return 0;
}

/* None comes first. */
static uint64_t key_rank(const struct spend *spend, uint32_t api_key)
{
	return api_key == SPEND_NONE ? 0 : (uint64_t)spend->ranks[api_key] + 1;
}

static int by_key(const void *a, const void *b, void *context)
{
	uint64_t left = key_rank(context, ((const struct spend_part *)a)->api_key);
	uint64_t right = key_rank(context, ((const struct spend_part *)b)->api_key);

	return (left > right) - (left < right);
}

/* A key that used such tokens in several groups has one share of the bill. */
static void merge(const struct spend *spend, size_t first)
{
	struct spend_scratch *s = spend->scratch;
	size_t last = first;

	if (s->part_count - first < 2)
		return;
	qsort_r(s->parts + first, s->part_count - first, sizeof(*s->parts), by_key, (void *)(uintptr_t)spend);
	for (size_t i = first + 1; i < s->part_count; i++)
		if (s->parts[i].api_key == s->parts[last].api_key) {
			s->parts[last].weight += s->parts[i].weight;
			s->parts[last].count += s->parts[i].count;
		} else {
			s->parts[++last] = s->parts[i];
		}
	s->part_count = last + 1;
}

/* With SPEND_SCALE digits behind the point, when it has fewer and there is room. */
static struct decimal with_digits(struct decimal amount)
{
	decimal_units units = amount.units;

	for (unsigned scale = amount.scale; scale < SPEND_SCALE; scale++)
		if (__builtin_mul_overflow(units, (decimal_units)10, &units))
			return amount;
	return amount.scale < SPEND_SCALE ? (struct decimal){ units, SPEND_SCALE } : amount;
}

/* n * weight / total, rounded down. No step of it is larger than 128 bits: weight is at most total. */
static magnitude portion(magnitude n, uint64_t weight, uint64_t total)
{
	return n / total * weight + n % total * weight / total;
}

/* The amount goes to the parts from first on, by their weights; the rest of the division to the heaviest. */
static void divide(const struct spend *spend, size_t first, struct decimal amount)
{
	struct spend_scratch *s = spend->scratch;
	bool is_negative = amount.units < 0;
	size_t heaviest = first;
	uint64_t total = 0;
	magnitude left;

	amount = with_digits(amount);
	left = is_negative ? -(magnitude)amount.units : (magnitude)amount.units;
	for (size_t i = first; i < s->part_count; i++) {
		total += s->parts[i].weight;
		if (s->parts[i].weight > s->parts[heaviest].weight)
			heaviest = i;
	}
	for (size_t i = first; i < s->part_count; i++) {
		magnitude n = portion(is_negative ? -(magnitude)amount.units : (magnitude)amount.units,
				      s->parts[i].weight, total);

		left -= n;
		spend_put(&s->parts[i].amount, &s->parts[i].scale,
			  (struct decimal){ is_negative ? (decimal_units)-n : (decimal_units)n, amount.scale });
	}
	amount.units = spend_get(&s->parts[heaviest].amount, 0).units;
	amount.units += is_negative ? -(decimal_units)left : (decimal_units)left;
	spend_put(&s->parts[heaviest].amount, &s->parts[heaviest].scale, amount);
}

/* What is with nobody. */
static int add_unshared(const struct spend *spend, uint32_t group, const struct spend_bill *bill, struct err *err)
{
	struct spend_part *part;

	if (spend_get(&bill->amount, 0).units == 0)
		return 0;
	part = add_part(spend->scratch, err);
	if (!part)
		return -1;
	*part = (struct spend_part){ .group = group, .api_key = SPEND_NONE, .kind = bill->kind, .scale = bill->scale };
	part->amount = bill->amount;
	return 0;
}

static int share_bill(const struct block *b, uint32_t group, const struct spend_bill *bill, size_t own, struct err *err)
{
	struct spend_scratch *s = b->spend->scratch;
	size_t first = s->part_count;

	if (bill->kind != SPEND_OTHER && take_all(b, group, bill->kind, own, err))
		return -1;
	if (s->part_count == first)
		return add_unshared(b->spend, group, bill, err);
	merge(b->spend, first);
	divide(b->spend, first, spend_get(&bill->amount, bill->scale));
	return 0;
}

static int share_bills(const struct block *b, struct err *err)
{
	size_t own = 0;

	for (size_t i = b->from; i < b->to; i++) {
		const struct spend_group *group = group_at(b->spend, i);

		for (uint32_t at = group->bills; at != SPEND_NONE; at = b->spend->bills[at].next)
			if (share_bill(b, b->spend->order[i], &b->spend->bills[at], own, err))
				return -1;
		for (uint32_t at = group->usage; at != SPEND_NONE; at = b->spend->usage[at].next)
			own++;
	}
	return 0;
}

/* Usage that nothing was billed for. */
static int add_unbilled(const struct block *b, struct err *err)
{
	struct spend_scratch *s = b->spend->scratch;

	for (size_t i = 0; i < s->seen_count; i++)
		for (unsigned kind = 0; kind < SPEND_KINDS; kind++)
			if (!(s->seen[i].told & 1u << kind) &&
			    take_usage(b, b->spend->usage[s->seen[i].usage].group, kind, &s->seen[i], err))
				return -1;
	return 0;
}

static int by_order(const void *a, const void *b, void *context)
{
	const struct spend_part *left = a, *right = b;
	const struct spend *spend = context;
	int diff = by_key(a, b, context);

	if (diff)
		return diff;
	for (unsigned i = SPEND_MODEL; i < SPEND_TEXTS; i++) {
		uint32_t l = spend->ranks[spend->groups[left->group].texts[i]];
		uint32_t r = spend->ranks[spend->groups[right->group].texts[i]];

		if (i == SPEND_TIER && left->kind != right->kind)
			return left->kind < right->kind ? -1 : 1;
		if (l != r)
			return l < r ? -1 : 1;
	}
	return 0;
}

int spend_make(const struct spend *spend, size_t from, size_t to, struct err *err)
{
	struct block b = { .spend = spend, .from = from, .to = to };
	struct spend_scratch *s = spend->scratch;

	s->part_count = 0;
	if (see_all(&b, err) || share_bills(&b, err) || add_unbilled(&b, err))
		return -1;
	if (s->part_count > 1)
		qsort_r(s->parts, s->part_count, sizeof(*s->parts), by_order, (void *)(uintptr_t)spend);
	return 0;
}

static int by_group(const void *a, const void *b, void *context)
{
	const struct spend *spend = context;
	const struct spend_group *left = &spend->groups[*(const uint32_t *)a];
	const struct spend_group *right = &spend->groups[*(const uint32_t *)b];

	if (left->day != right->day)
		return left->day < right->day ? -1 : 1;
	for (unsigned i = 0; i < SPEND_TEXTS; i++) {
		uint32_t l = spend->ranks[left->texts[i]], r = spend->ranks[right->texts[i]];

		if (l != r)
			return l < r ? -1 : 1;
	}
	return 0;
}

/* The end of the day and workspace that begins at place. */
static size_t block_end(const struct spend *spend, size_t place)
{
	const struct spend_group *first = group_at(spend, place);
	size_t to = place + 1;

	while (to < spend->group_count && group_at(spend, to)->day == first->day &&
	       group_at(spend, to)->texts[SPEND_WORKSPACE] == first->texts[SPEND_WORKSPACE])
		to++;
	return to;
}

/* Shares out everything once, to know that it can be done, and that there is room for it. */
static int rehearse(const struct spend *spend, struct err *err)
{
	for (size_t from = 0, to; from < spend->group_count; from = to) {
		to = block_end(spend, from);
		if (spend_make(spend, from, to, err))
			return -1;
	}
	return 0;
}

int spend_settle(struct spend *spend, struct err *err)
{
	if (spend->order)
		return 0;
	if (intern_ranks(&spend->texts, &spend->ranks))
		return err_nomem(err);
	spend->order = calloc(spend->group_count + 1, sizeof(*spend->order));
	if (!spend->order) {
		free(TAKE(spend->ranks));
		return err_nomem(err);
	}
	for (uint32_t i = 0; i < spend->group_count; i++)
		spend->order[i] = i;
	qsort_r(spend->order, spend->group_count, sizeof(*spend->order), by_group, spend);
	if (rehearse(spend, err)) {
		free(TAKE(spend->ranks));
		free(TAKE(spend->order));
		return -1;
	}
	return 0;
}

static int take_part(const struct spend *spend, const struct spend_part *part,
		     int (*take)(void *context, const struct spend_share *share), void *context)
{
	const struct spend_group *group = &spend->groups[part->group];
	const struct spend_share share = {
		.what = { .day = group->day,
			  .workspace = intern_text(&spend->texts, group->texts[SPEND_WORKSPACE]),
			  .model = intern_text(&spend->texts, group->texts[SPEND_MODEL]),
			  .tier = intern_text(&spend->texts, group->texts[SPEND_TIER]),
			  .window = intern_text(&spend->texts, group->texts[SPEND_WINDOW]),
			  .geo = intern_text(&spend->texts, group->texts[SPEND_GEO]) },
		.api_key = part->api_key == SPEND_NONE ? VIEW_NONE : intern_text(&spend->texts, part->api_key),
		.kind = part->kind,
		.amount_usd = spend_get(&part->amount, part->scale),
		.count = part->count,
	};

	return take(context, &share);
}

int spend_each(const struct spend *spend, int (*take)(void *context, const struct spend_share *share), void *context)
{
	if (!spend->order)
		return -1;
	for (size_t from = 0, to; from < spend->group_count; from = to) {
		to = block_end(spend, from);
		if (spend_make(spend, from, to, NULL)) /* there is room, so it cannot fail */
			return -1;
		for (size_t i = 0; i < spend->scratch->part_count; i++) {
			int status = take_part(spend, &spend->scratch->parts[i], take, context);

			if (status)
				return status;
		}
	}
	return 0;
}
