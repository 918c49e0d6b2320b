/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/match/places.h"

#include <stdlib.h>

#include "common/base/bounds.h"
#include "common/base/grow.h"
#include "common/base/text.h"

/* Within a word, no pattern takes the place for one where a match ended (\G). */
static bool is_in_word(struct view text, size_t at)
{
	return text_is_alnum(text.ptr[at - 1]) && at < text.len && text_is_alnum(text.ptr[at]);
}

/* Patterns pass comments over from their start: that is looked for, but not through all of a minified file. */
static size_t place_start(struct view text, size_t at)
{
	size_t first = at > MATCH_BEFORE_BYTES ? at - MATCH_BEFORE_BYTES : 0, word = at, pos = at;

	for (; pos > first && text.ptr[pos - 1] != '\n'; pos--)
		if (is_in_word(text, pos))
			word = pos;
	if (pos == first)
		return first ? word : 0;
	first = pos > MATCH_BEFORE_BYTES ? pos - MATCH_BEFORE_BYTES : 0;
	while (pos > first && !is_in_word(text, pos))
		pos--;
	return pos;
}

int places_add(struct places *p, struct view text, size_t at, size_t reach)
{
	struct place *items, *last = p->count ? &p->items[p->count - 1] : NULL;
	size_t from;

	/* So near that its reach begins in the last one. */
	if (last && at >= last->to && at - last->to < reach) {
		last->to = at;
		return 0;
	}
	from = place_start(text, at > reach ? at - reach : 0);
	items = grow_items(p->items, p->count, &p->cap, sizeof(*items));
	if (!items)
		return -1;
	p->items = items;
	p->is_out_of_order |= p->count && from < items[p->count - 1].from;
	p->items[p->count++] = (struct place){ .from = from, .to = at };
	return 0;
}

static int by_from(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	return (x->from > y->from) - (x->from < y->from);
}

void places_settle(struct places *p)
{
	size_t count = 0;

	if (p->is_out_of_order)
		qsort(p->items, p->count, sizeof(*p->items), by_from);
	for (size_t i = 0; i < p->count; i++) {
		struct place *last = count ? &p->items[count - 1] : NULL;

		if (!last || p->items[i].from > last->to)
			p->items[count++] = p->items[i];
		else if (p->items[i].to > last->to)
			last->to = p->items[i].to;
	}
	p->count = count;
	p->is_out_of_order = false;
}

void places_done(struct places *p)
{
	free(p->items);
	*p = (struct places){ .items = NULL };
}
