/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/textset.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"

#define FIRST_CAP 16

/* The first place whose text is not below this one. */
static size_t place_of(const struct textset *set, struct view text)
{
	size_t low = 0, high = set->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (text_cmp(view_of(set->items[middle]), text) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static int grow(struct textset *set)
{
	size_t cap = set->cap ? 2 * set->cap : FIRST_CAP;
	char **grown;

	if (set->count < set->cap)
		return 0;
	grown = reallocarray(set->items, cap, sizeof(*grown));
	if (!grown)
		return -1;
	set->items = grown;
	set->cap = cap;
	return 0;
}

int textset_add(struct textset *set, struct view text)
{
	size_t at = place_of(set, text);
	char *copy;

	if (at < set->count && text_eq(view_of(set->items[at]), text))
		return 0;
	if (grow(set))
		return -1;
	copy = strndup(text.len ? text.ptr : "", text.len);
	if (!copy)
		return -1;
	memmove(&set->items[at + 1], &set->items[at], (set->count - at) * sizeof(*set->items));
	set->items[at] = copy;
	set->count++;
	return 0;
}

void textset_done(struct textset *set)
{
	for (size_t i = 0; i < set->count; i++)
		free(set->items[i]);
	free(set->items);
	*set = (struct textset){ .count = 0 };
}
