/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/tally.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/bounds.h"
#include "common/base/grow.h"
#include "common/base/text.h"

#define PERCENT_SCALE 4 /* hundredths of a per cent */

void tally_init(struct tally *tally, const struct facets *facets)
{
	*tally = (struct tally){ .facets = *facets, .texts = INTERN_INIT(TALLY_TEXT_BYTES) };
}

void tally_done(struct tally *tally)
{
	intern_done(&tally->texts);
	hashindex_done(&tally->index);
	free(tally->rows);
	tally->rows = NULL;
}

struct view tally_text(const struct tally *tally, const struct tally_row *row, size_t i)
{
	return intern_text(&tally->texts, row->dims[i]);
}

struct wanted {
	const struct tally *tally;
	const uint32_t *dims;
};

static bool is_row(const void *context, uint32_t item)
{
	const struct wanted *wanted = context;

	return memcmp(wanted->tally->rows[item].dims, wanted->dims, sizeof(wanted->tally->rows[item].dims)) == 0;
}

static uint32_t find(const struct tally *tally, const uint32_t dims[static FACETS_MAX], uint32_t *ret_hash)
{
	const struct wanted wanted = { tally, dims };

	*ret_hash = hashindex_of(dims, FACETS_MAX * sizeof(*dims));
	return hashindex_find(&tally->index, *ret_hash, is_row, &wanted);
}

static int row_of(struct tally *tally, const uint32_t dims[static FACETS_MAX], struct tally_row **ret, struct err *err)
{
	struct tally_row *rows;
	uint32_t hash, item = find(tally, dims, &hash);

	if (item == HASHINDEX_NONE) {
		if (tally->count >= TALLY_ROWS_MAX)
			return err_set(err, ERR_LIMIT, 0,
				       "there are more than %u groups; fewer words of --group-by, or a shorter time, "
				       "can be told",
				       TALLY_ROWS_MAX);
		rows = grow_items(tally->rows, tally->count, &tally->cap, sizeof(*rows));
		if (!rows)
			return err_nomem(err);
		tally->rows = rows;
		item = (uint32_t)tally->count;
		if (hashindex_add(&tally->index, hash, item))
			return err_nomem(err);
		rows[tally->count] = (struct tally_row){ .dims = { 0 } };
		memcpy(rows[tally->count++].dims, dims, sizeof(rows->dims));
	}
	*ret = &tally->rows[item];
	return 0;
}

static int sum(struct tally_row *row, struct decimal amount, const uint64_t *counts)
{
	if (decimal_add(row->amount, amount, &row->amount))
		return -1;
	for (unsigned i = 0; counts && i < TALLY_COUNTS; i++)
		if (__builtin_add_overflow(row->counts[i], counts[i], &row->counts[i]))
			return -1;
	return 0;
}

int tally_add(struct tally *tally, const struct facts *facts, struct decimal amount, const uint64_t *counts,
	      struct err *err)
{
	uint32_t dims[FACETS_MAX] = { 0 };
	struct tally_row *row = NULL;

	for (size_t i = 0; i < tally->facets.count; i++)
		if (intern_add(&tally->texts, facts->values[tally->facets.items[i]], &dims[i]))
			return err_nomem(err);
	if (row_of(tally, dims, &row, err))
		return -1;
	if (sum(row, amount, counts) || sum(&tally->total, amount, counts))
		return err_set(err, ERR_LIMIT, 0, "the rows add up to more than can be counted");
	return 0;
}

const struct tally_row *tally_neighbour(const struct tally *tally, const struct tally_row *row, size_t dimension,
					struct view value)
{
	uint32_t dims[FACETS_MAX], hash, item;

	memcpy(dims, row->dims, sizeof(dims));
	dims[dimension] = intern_find(&tally->texts, value);
	if (dims[dimension] == INTERN_NONE)
		return NULL;
	item = find(tally, dims, &hash);
	return item == HASHINDEX_NONE ? NULL : &tally->rows[item];
}

static int by_text(const struct tally *tally, const struct tally_row *a, const struct tally_row *b, bool is_time)
{
	for (size_t i = 0; i < tally->facets.count; i++) {
		int diff = text_cmp(tally_text(tally, a, i), tally_text(tally, b, i));

		if (diff && (FACET(tally->facets.items[i]) & FACETS_OF_TIME || !is_time))
			return diff;
	}
	return 0;
}

static int by_order(const void *a, const void *b, void *context)
{
	const struct tally_row *left = *(const struct tally_row *const *)a;
	const struct tally_row *right = *(const struct tally_row *const *)b;
	int diff = by_text(context, left, right, true);

	if (!diff)
		diff = decimal_cmp(right->amount, left->amount);
	return diff ? diff : by_text(context, left, right, false);
}

int tally_sorted(const struct tally *tally, const struct tally_row ***ret, struct err *err)
{
	*ret = calloc(tally->count + 1, sizeof(const struct tally_row *));
	if (!*ret)
		return err_nomem(err);
	for (size_t i = 0; i < tally->count; i++)
		(*ret)[i] = &tally->rows[i];
	qsort_r((void *)*ret, tally->count, sizeof(**ret), by_order, (void *)(uintptr_t)tally);
	return 0;
}

/* n * 10^digits, or -1. */
static int scale_up(decimal_units *n, unsigned digits)
{
	for (; digits; digits--)
		if (__builtin_mul_overflow(*n, (decimal_units)10, n))
			return -1;
	return 0;
}

/* As numbers of one scale, the first of them times 10^PERCENT_SCALE. */
static int align(struct decimal *part, struct decimal *whole)
{
	unsigned scale = part->scale > whole->scale ? part->scale : whole->scale;

	return scale_up(&part->units, scale - part->scale + PERCENT_SCALE) ||
	       scale_up(&whole->units, scale - whole->scale);
}

static void cut_digit(struct decimal *d)
{
	d->units /= 10;
	d->scale -= d->scale > 0;
}

bool tally_percent(struct decimal part, struct decimal whole, struct decimal *ret)
{
	struct decimal p = part, w = whole;
	decimal_units n, rest;

	if (whole.units == 0)
		return false;
	while (align(&p, &w)) { /* so many digits do not matter to a per cent of two */
		bool is_finer = part.scale > whole.scale, is_coarser = part.scale < whole.scale;

		if (!is_coarser)
			cut_digit(&part);
		if (!is_finer)
			cut_digit(&whole);
		p = part;
		w = whole;
	}
	if (w.units == 0)
		return false;
	n = p.units / w.units;
	rest = p.units % w.units;
	if (rest < 0)
		rest = -rest;
	if (w.units < 0)
		w.units = -w.units;
	if (rest >= w.units - rest)
		n += (part.units < 0) == (whole.units < 0) ? 1 : -1;
	*ret = (struct decimal){ .units = n, .scale = PERCENT_SCALE - 2 };
	return true;
}
