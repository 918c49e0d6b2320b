/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/prefilter/prefilter.h"

#include <stdlib.h>
#include <string.h>

#include "scanner/prefilter/teddy.h"

/* So far the search runs ahead of the hits: what is searched again when a call ends because ret is full. */
#define CHUNK_BYTES (64u << 10)

/* The better ones last. Another instruction set is a file beside avx2.c, a level and a line here. */
static const struct teddy_kernel *const kernels[PREFILTER_BEST] = {
	[PREFILTER_SCALAR] = &teddy_scalar,
#ifdef __x86_64__
	[PREFILTER_SSSE3] = &teddy_ssse3,   [PREFILTER_AVX2] = &teddy_avx2, [PREFILTER_AVX512] = &teddy_avx512,
#endif
#ifdef __aarch64__
	[PREFILTER_NEON] = &teddy_neon,
#endif
};

static const char *const level_names[PREFILTER_BEST] = { "scalar", "SSSE3", "AVX2", "AVX-512", "NEON" };

static bool is_usable(enum prefilter_level level)
{
	return kernels[level] && kernels[level]->is_supported();
}

size_t prefilter_longest(const struct prefilter *p)
{
	size_t longest = 0;

	for (size_t i = 0; i < p->count; i++)
		if (p->literals[i].text.len > longest)
			longest = p->literals[i].text.len;
	return longest;
}

bool prefilter_has(enum prefilter_level level)
{
	return level >= PREFILTER_BEST || is_usable(level);
}

static const struct teddy_kernel *choose_kernel(enum prefilter_level level)
{
	if (level < PREFILTER_BEST)
		return is_usable(level) ? kernels[level] : NULL;
	level = PREFILTER_BEST - 1;
	while (!is_usable(level))
		level--;
	return kernels[level];
}

static unsigned char fold(unsigned char c)
{
	return c >= 'A' && c <= 'Z' ? c | 0x20 : c;
}

static int take_literals(struct prefilter *p, const struct literal *literals, size_t count, struct err *err)
{
	for (size_t i = 0; i < count; i++) {
		struct literal *l = &p->literals[i].text;

		if (literals[i].len < LITERAL_MIN || literals[i].len > LITERAL_MAX)
			return err_set(err, ERR_CONFIG, 0,
				       "cannot search for literal %zu, which is %u bytes long; expected %d to %d bytes",
				       i, literals[i].len, LITERAL_MIN, LITERAL_MAX);
		*l = literals[i];
		for (size_t k = 0; l->nocase && k < l->len; k++)
			l->bytes[k] = fold(l->bytes[k]);
	}
	p->count = count;
	return 0;
}

static void fill_slots(struct prefilter *p)
{
	for (size_t i = p->count; i-- > 0;) {
		struct teddy_literal *l = &p->literals[i];
		uint16_t *slot = &p->slots[teddy_slot(l->text.bytes + l->window)];

		l->next_in_slot = *slot;
		*slot = (uint16_t)(i + 1);
	}
}

struct prefilter *prefilter_new(const struct literal *literals, size_t count, enum prefilter_level level,
				struct err *err)
{
	DEFER(prefilter_freep) struct prefilter *p = NULL;

	if (count > LITERALS_MAX) {
		(void)err_set(err, ERR_LIMIT, 0, "cannot search for %zu literals; expected at most %d", count,
			      LITERALS_MAX);
		return NULL;
	}
	p = calloc(1, sizeof(*p) + count * sizeof(p->literals[0]));
	if (!p) {
		(void)err_nomem(err);
		return NULL;
	}
	p->kernel = choose_kernel(level);
	if (!p->kernel) {
		(void)err_set(err, ERR_CONFIG, 0, "this machine cannot run the %s search; expected another level",
			      level_names[level]);
		return NULL;
	}
	if (take_literals(p, literals, count, err))
		return NULL;
	teddy_plan(p);
	fill_slots(p);
	return TAKE(p);
}

void prefilter_free(struct prefilter *p)
{
	free(p);
}

void prefilter_freep(struct prefilter **p)
{
	prefilter_free(*p);
	*p = NULL;
}

const char *prefilter_level_name(const struct prefilter *p)
{
	return p->kernel->name;
}

/* One call of prefilter_scan. ret is kept in order; a hit that finds no room, or loses it, is where the next call
 * starts, and no later hit is wanted any more. */
struct search {
	const struct prefilter *p;
	struct view bytes;
	struct prefilter_cursor from, to;
	struct prefilter_hit *ret;
	size_t count, cap;
};

static bool is_before(struct prefilter_cursor a, struct prefilter_cursor b)
{
	return a.at != b.at ? a.at < b.at : a.literal < b.literal;
}

static struct prefilter_cursor place_of(const struct prefilter_hit *hit)
{
	return (struct prefilter_cursor){ .at = hit->at, .literal = hit->literal };
}

static void add_hit(struct search *s, const struct prefilter_hit *hit)
{
	size_t i = s->count;

	while (i > 0 && is_before(place_of(hit), place_of(&s->ret[i - 1])))
		i--;
	if (s->count == s->cap) {
		s->to = i < s->cap ? place_of(&s->ret[s->cap - 1]) : place_of(hit);
		if (i == s->cap)
			return;
		s->count--;
	}
	memmove(&s->ret[i + 1], &s->ret[i], (s->count - i) * sizeof(*s->ret));
	s->ret[i] = *hit;
	s->count++;
}

static bool is_equal(const struct literal *l, const char *text)
{
	if (!l->nocase)
		return memcmp(text, l->bytes, l->len) == 0;
	for (size_t i = 0; i < l->len; i++)
		if (fold((unsigned char)text[i]) != l->bytes[i])
			return false;
	return true;
}

/* The literals that may have their window at spot. */
static void confirm(struct search *s, size_t spot)
{
	const struct prefilter *p = s->p;

	if (s->bytes.len < TEDDY_COLUMNS || spot > s->bytes.len - TEDDY_COLUMNS)
		return;
	for (size_t next = p->slots[teddy_slot(s->bytes.ptr + spot)]; next;) {
		const struct teddy_literal *l = &p->literals[next - 1];
		struct prefilter_hit hit = { .at = spot - l->window,
					     .literal = (uint16_t)(next - 1),
					     .tag = l->text.tag };

		next = l->next_in_slot;
		if (spot < l->window || s->bytes.len - hit.at < l->text.len || is_before(place_of(&hit), s->from) ||
		    !is_before(place_of(&hit), s->to))
			continue;
		if (is_equal(&l->text, s->bytes.ptr + hit.at))
			add_hit(s, &hit);
	}
}

size_t prefilter_scan(const struct prefilter *p, struct view bytes, struct prefilter_cursor *cursor,
		      struct prefilter_hit *ret, size_t cap)
{
	struct search s = { .p = p, .bytes = bytes, .from = *cursor, .to.at = bytes.len, .ret = ret, .cap = cap };
	size_t at = p->count ? cursor->at : bytes.len, spots[TEDDY_SPOTS_MAX];

	/* A window stands behind its literal's start, so that hits come slightly out of order. */
	while (at < bytes.len && (at < p->reach || at - p->reach <= s.to.at)) {
		size_t to = bytes.len - at > CHUNK_BYTES ? at + CHUNK_BYTES : bytes.len;
		size_t n = p->kernel->find(p, bytes, &at, to, spots);

		for (size_t i = 0; i < n; i++)
			confirm(&s, spots[i]);
	}
	*cursor = s.to;
	return s.count;
}

size_t prefilter_count_lines(const struct prefilter *p, struct view bytes)
{
	return p->kernel->count_lines(bytes);
}
