/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/source/git/forest.h"

#include <stdlib.h>

#include "scanner/source/git/be.h"

#define RADIX_BITS 16
#define RADIX (1u << RADIX_BITS)

struct place { /* for sorting */
	uint64_t offset;
	uint32_t index;
};

/* One pass of a radix sort by RADIX_BITS bits from shift on. */
static void sort_pass(const struct place *from, struct place *to, uint32_t count, unsigned shift, uint32_t *counts)
{
	uint32_t sum = 0;

	memset(counts, 0, RADIX * sizeof(*counts));
	for (uint32_t i = 0; i < count; i++)
		counts[from[i].offset >> shift & (RADIX - 1)]++;
	for (uint32_t i = 0; i < RADIX; i++) {
		uint32_t n = counts[i];

		counts[i] = sum;
		sum += n;
	}
	for (uint32_t i = 0; i < count; i++)
		to[counts[from[i].offset >> shift & (RADIX - 1)]++] = from[i];
}

/* Without a reverse index: sorts the offsets. UINT64_MAX is the largest of all. */
static int sort_offsets(struct forest *f)
{
	struct place *a = calloc((size_t)f->count + 1, sizeof(*a)), *b = calloc((size_t)f->count + 1, sizeof(*b));
	uint32_t *counts = calloc(RADIX, sizeof(*counts));
	int ret = a && b && counts ? 0 : -1;

	for (uint32_t i = 0; ret == 0 && i < f->count; i++)
		a[i] = (struct place){ .offset = packfile_offset(f->pack, i), .index = i };
	for (unsigned shift = 0; ret == 0 && shift < 64; shift += RADIX_BITS) {
		struct place *other = b;

		sort_pass(a, b, f->count, shift, counts);
		b = a;
		a = other;
	}
	for (uint32_t i = 0; ret == 0 && i < f->count; i++) {
		f->offset[i] = a[i].offset;
		f->index[i] = a[i].index;
	}
	free(a);
	free(b);
	free(counts);
	return ret;
}

/* Takes the order from the reverse index; false when that is not right. */
static bool take_rev(struct forest *f)
{
	uint64_t last = 0;

	if (!f->pack->rev)
		return false;
	for (uint32_t i = 0; i < f->count; i++) {
		f->index[i] = be32((const char *)&f->pack->rev[i]);
		f->offset[i] = f->index[i] < f->count ? packfile_offset(f->pack, f->index[i]) : 0;
		if (f->offset[i] <= last) /* also proves that none comes twice */
			return false;
		last = f->offset[i];
	}
	return true;
}

/* Notes where each stretch of 2^shift bytes starts in offset[], so that an offset is found in a step or two. */
static int index_offsets(struct forest *f)
{
	size_t stretches;
	uint32_t at = 0;

	while (f->pack->pack.len >> f->shift > f->count + 1)
		f->shift++;
	stretches = (size_t)(f->pack->pack.len >> f->shift) + 2;
	f->starts = malloc(stretches * sizeof(*f->starts));
	if (!f->starts)
		return -1;
	for (size_t i = 0; i < stretches; i++) {
		while (at < f->count && f->offset[at] < (uint64_t)i << f->shift)
			at++;
		f->starts[i] = at;
	}
	return 0;
}

int forest_init(struct forest *f, const struct packfile *pack, struct err *err)
{
	size_t n = (size_t)pack->count + 1;

	*f = (struct forest){ .pack = pack, .count = pack->count };
	f->index = malloc(n * sizeof(*f->index));
	f->offset = malloc(n * sizeof(*f->offset));
	f->child = malloc(n * sizeof(*f->child));
	f->next = malloc(n * sizeof(*f->next));
	f->kind = calloc(n, 1);
	if (!f->index || !f->offset || !f->child || !f->next || !f->kind || (!take_rev(f) && sort_offsets(f)) ||
	    index_offsets(f)) {
		forest_done(f);
		return err_nomem(err);
	}
	return 0;
}

void forest_done(struct forest *f)
{
	free(f->index);
	free(f->offset);
	free(f->child);
	free(f->next);
	free(f->kind);
	free(f->starts);
	*f = (struct forest){ .count = 0 };
}

uint32_t forest_find(const struct forest *f, uint64_t offset)
{
	uint32_t at = f->starts[offset >> f->shift];

	while (at < f->count && f->offset[at] < offset)
		at++;
	return at < f->count && f->offset[at] == offset ? at : FOREST_NONE;
}

#define TIE_GROWS 0x40 /* in kind[], until the end of forest_tie: something grows from it */

/* In kind[], until the end of forest_tie: something grows from it. Threads set it for each other's positions. */
#define TIE_GROWS 0x40

static void set_kind(struct forest *f, uint32_t i, unsigned bits)
{
	(void)__atomic_fetch_or(&f->kind[i], (unsigned char)bits, __ATOMIC_RELAXED);
}

/* The position of a delta's base, or FOREST_NONE. */
static uint32_t find_base(const struct forest *f, const struct pack_entry *e)
{
	uint64_t at = e->base_at;

	if (e->is_ref) {
		uint32_t index = packfile_find(f->pack, &e->base_id);

		at = index == PACK_NONE ? UINT64_MAX : packfile_offset(f->pack, index);
	}
	return at == UINT64_MAX ? FOREST_NONE : forest_find(f, at);
}

/* The base's position goes to next[] until forest_tie. */
void forest_read(struct forest *f, uint32_t from, uint32_t to)
{
	for (uint32_t i = from; i < to; i++) {
		struct pack_entry e;

		f->child[i] = f->next[i] = FOREST_NONE;
		if (packfile_entry(f->pack, f->offset[i], &e)) {
			set_kind(f, i, FOREST_BROKEN);
		} else if (e.type != OBJECT_NONE) {
			set_kind(f, i, e.type);
		} else {
			f->next[i] = find_base(f, &e);
			if (f->next[i] == FOREST_NONE)
				set_kind(f, i, FOREST_FAR);
			else
				set_kind(f, f->next[i], TIE_GROWS);
		}
	}
}

/* Puts i before the other deltas of its base. */
static void tie_one(struct forest *f, uint32_t i)
{
	uint32_t base = f->next[i];

	f->next[i] = f->child[base];
	f->child[base] = i;
}

/* Whether what i grows from is whole in the end; marks those that are not. A delta at an offset grows from an earlier
 * position, so only deltas that name their base by its id can lead in a circle. */
static void find_cycles(struct forest *f)
{
	/* every position that can be reached from a root is taken off the list of suspects */
	uint32_t *stack = malloc(((size_t)f->count + 1) * sizeof(*stack));
	unsigned char *reached = calloc((size_t)f->count + 1, 1);
	size_t depth = 0;

	for (uint32_t i = 0; stack && reached && i < f->count; i++) {
		if (f->kind[i] == FOREST_DELTA)
			continue;
		stack[depth++] = i;
		while (depth) {
			uint32_t at = stack[--depth];

			reached[at] = 1;
			for (uint32_t c = f->child[at]; c != FOREST_NONE; c = f->next[c])
				stack[depth++] = c;
		}
	}
	for (uint32_t i = 0; i < f->count; i++)
		if (!reached || !reached[i])
			f->kind[i] = FOREST_CYCLE;
	free(stack);
	free(reached);
}

void forest_tie(struct forest *f)
{
	bool may_cycle = false;

	/* from the end, so that siblings come in order; first those that go to the end of the lists */
	for (uint32_t i = f->count; i-- > 0;)
		if (f->kind[i] == (FOREST_DELTA | TIE_GROWS)) {
			may_cycle |= f->next[i] >= i;
			tie_one(f, i);
		}
	for (uint32_t i = f->count; i-- > 0;) {
		if (f->kind[i] == FOREST_DELTA)
			tie_one(f, i);
		f->kind[i] &= (unsigned char)~TIE_GROWS;
	}
	if (may_cycle)
		find_cycles(f);
}
