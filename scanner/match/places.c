/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/match/places.h"

#include <stdlib.h>

#include "common/base/bounds.h"
#include "common/base/grow.h"
#include "common/base/text.h"

/* Patterns pass comments over from their start: that is looked for, but not through all of a minified file. There it is
 * in a word, behind which no pattern goes on (\G). */
static size_t line_start(struct view text, size_t at)
{
	size_t first = at > MATCH_BEFORE_BYTES ? at - MATCH_BEFORE_BYTES : 0, word = at;

	for (size_t pos = at; pos > first; pos--) {
		if (text.ptr[pos - 1] == '\n')
			return pos;
		if (text_is_alnum(text.ptr[pos - 1]))
			word = pos;
	}
	return first ? word : 0;
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
	from = line_start(text, at > reach ? at - reach : 0);
	items = grow_items(p->items, p->count, &p->cap, sizeof(*items));
	if (!items)
		return -1;
	p->items = items;
	p->is_out_of_order |= last && from < last->from;
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
