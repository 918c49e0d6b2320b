/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/source/git/list.h"

#include <stdlib.h>
#include <string.h>

#include "scanner/source/git/oid.h"

#define START 64

int list_add(struct list *l, const void *item, size_t size)
{
	if (l->count == l->cap) {
		size_t cap = l->cap ? 2 * l->cap : START;
		void *grown = reallocarray(l->items, cap, size);

		if (!grown)
			return -1;
		l->items = grown;
		l->cap = cap;
	}
	memcpy((char *)l->items + l->count++ * size, item, size);
	return 0;
}

void list_sort(struct list *l, size_t size)
{
	char *items = l->items;
	size_t kept = 0;

	if (l->count)
		qsort(items, l->count, size, oid_compare);
	for (size_t i = 0; i < l->count; i++) {
		if (kept && oid_compare(items + (kept - 1) * size, items + i * size) == 0)
			continue;
		memmove(items + kept++ * size, items + i * size, size);
	}
	l->count = kept;
}
