/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/mock/feed.h"

#include <string.h>

#include "common/base/grow.h"
#include "tests/mock/must.h"
#include "tests/mock/when.h"

#define INDEX_CHARS 8
#define HASH_CHARS 14

static const char alphabet[] = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"; /* in the order of bytes */
#define BASE (sizeof(alphabet) - 1)

void feed_init(struct feed *f, uint64_t seed, const char *prefix, uint64_t count, int64_t start_us, int64_t end_us)
{
	*f = (struct feed){ .seed = seed,
			    .prefix = prefix,
			    .count = count,
			    .start_us = start_us,
			    .span_s = (end_us - start_us) / WHEN_SECOND };
}

void feed_done(struct feed *f)
{
	for (size_t i = 0; i < f->extra_count; i++)
		free(f->extras[i].json);
	free(f->extras);
}

static uint64_t power10(unsigned digits)
{
	uint64_t n = 1;

	while (digits--)
		n *= 10;
	return n;
}

/* Of four rows that share a second the first two have no fraction, the third one to three digits, the last more. */
unsigned feed_digits(const struct feed *f, uint64_t index)
{
	uint64_t n = rng_at(f->seed, RNG_FIELD, index);

	switch (index % FEED_PER_SECOND) {
	case 2:
		return 1 + (unsigned)(n % 3);
	case 3:
		return 4 + (unsigned)(n % 3);
	default:
		return 0;
	}
}

int64_t feed_time(const struct feed *f, uint64_t index)
{
	uint64_t groups = (f->count + FEED_PER_SECOND - 1) / FEED_PER_SECOND;
	uint64_t second = index / FEED_PER_SECOND * (uint64_t)f->span_s / groups;
	int64_t at = f->start_us + (int64_t)second * WHEN_SECOND;
	unsigned digits = feed_digits(f, index);
	uint64_t unit = power10(digits), n = rng_mix(rng_at(f->seed, RNG_FIELD, index));

	if (!digits)
		return at;
	if (digits > 3)
		n = unit / 2 + n % (unit / 2);
	else
		n = n % (unit / 2);
	return at + (int64_t)(n * (uint64_t)WHEN_SECOND / unit);
}

static struct ident make_id(const char *prefix, const char *mark, uint64_t index, uint64_t hash)
{
	struct ident id;
	size_t len = (size_t)snprintf(id.text, sizeof(id.text), "%s01%s", prefix, mark);

	for (size_t i = INDEX_CHARS; i-- > 0;) {
		id.text[len + i] = alphabet[index % BASE];
		index /= BASE;
	}
	len += INDEX_CHARS;
	for (size_t i = 0; i < HASH_CHARS; i++) {
		id.text[len++] = alphabet[hash % BASE];
		hash = i == HASH_CHARS / 2 ? rng_mix(hash) : hash / BASE;
	}
	id.text[len] = '\0';
	return id;
}

struct ident feed_id(const struct feed *f, uint64_t index)
{
	return make_id(f->prefix, "", index, rng_at(f->seed, RNG_ACTIVITY, index));
}

struct ident feed_new_id(struct feed *f)
{
	uint64_t index = f->made++;

	return make_id(f->prefix, "z", index, rng_at(~f->seed, RNG_ACTIVITY, index));
}

struct place feed_place(const struct feed *f, struct row row)
{
	if (row.extra)
		return (struct place){ row.extra->at_us, row.extra->id };
	return (struct place){ feed_time(f, row.index), feed_id(f, row.index) };
}

static int compare(int64_t a_us, const char *a, int64_t b_us, const char *b)
{
	if (a_us != b_us)
		return a_us < b_us ? -1 : 1;
	return strcmp(a, b);
}

static int compare_base(const struct feed *f, uint64_t index, const struct place *place)
{
	int64_t at = feed_time(f, index);
	struct ident id;

	if (at != place->at_us)
		return at < place->at_us ? -1 : 1;
	id = feed_id(f, index);
	return strcmp(id.text, place->id.text);
}

static int compare_extra(const struct extra *e, const struct place *place)
{
	return compare(e->at_us, e->id.text, place->at_us, place->id.text);
}

struct position feed_find(const struct feed *f, const struct place *place)
{
	uint64_t low = 0, high = f->count;
	size_t extra_low = 0, extra_high = f->extra_count;

	while (low < high) {
		uint64_t middle = low + (high - low) / 2;

		if (compare_base(f, middle, place) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	while (extra_low < extra_high) {
		size_t middle = extra_low + (extra_high - extra_low) / 2;

		if (compare_extra(&f->extras[middle], place) < 0)
			extra_low = middle + 1;
		else
			extra_high = middle;
	}
	return (struct position){ low, extra_low };
}

struct position feed_find_time(const struct feed *f, int64_t at_us)
{
	struct place place = { .at_us = at_us, .id = { "" } };

	return feed_find(f, &place);
}

struct position feed_end(const struct feed *f)
{
	return (struct position){ f->count, f->extra_count };
}

int feed_compare(struct position a, struct position b)
{
	uint64_t left = a.base + a.extra, right = b.base + b.extra;

	return (left > right) - (left < right);
}

bool feed_newer(const struct feed *f, struct position *at, int64_t now_us, struct row *ret)
{
	while (at->extra < f->extra_count || at->base < f->count) {
		const struct extra *e = at->extra < f->extra_count ? &f->extras[at->extra] : NULL;
		struct place place = e ? (struct place){ e->at_us, e->id } : (struct place){ .at_us = 0 };

		if (!e || (at->base < f->count && compare_base(f, at->base, &place) < 0)) {
			*ret = (struct row){ .extra = NULL, .index = at->base++ };
			return true;
		}
		at->extra++;
		if (e->visible_us <= now_us) {
			*ret = (struct row){ .extra = e };
			return true;
		}
	}
	return false;
}

bool feed_older(const struct feed *f, struct position *at, int64_t now_us, struct row *ret)
{
	while (at->extra || at->base) {
		const struct extra *e = at->extra ? &f->extras[at->extra - 1] : NULL;
		struct place place = e ? (struct place){ e->at_us, e->id } : (struct place){ .at_us = 0 };

		if (!e || (at->base && compare_base(f, at->base - 1, &place) > 0)) {
			*ret = (struct row){ .extra = NULL, .index = --at->base };
			return true;
		}
		at->extra--;
		if (e->visible_us <= now_us) {
			*ret = (struct row){ .extra = e };
			return true;
		}
	}
	return false;
}

bool feed_has(const struct feed *f, const struct place *place, int64_t now_us)
{
	struct position at = feed_find(f, place);

	if (at.base < f->count && compare_base(f, at.base, place) == 0)
		return true;
	return at.extra < f->extra_count && compare_extra(&f->extras[at.extra], place) == 0 &&
	       f->extras[at.extra].visible_us <= now_us;
}

void feed_add(struct feed *f, const struct extra *e)
{
	struct place place = { e->at_us, e->id };
	size_t at = feed_find(f, &place).extra;

	f->extras = must_have(grow_items(f->extras, f->extra_count, &f->extra_cap, sizeof(*f->extras)));
	memmove(f->extras + at + 1, f->extras + at, (f->extra_count - at) * sizeof(*f->extras));
	f->extras[at] = *e;
	f->extra_count++;
}
