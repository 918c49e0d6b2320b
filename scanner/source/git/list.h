/* SPDX-License-Identifier: Apache-2.0 */
/* A growing list of things that begin with an object's id, all of one size. */
#ifndef SCANNER_SOURCE_GIT_LIST_H
#define SCANNER_SOURCE_GIT_LIST_H

#include <stddef.h>

struct list { /* all zero is an empty one; items is the caller's to free */
	void *items;
	size_t count, cap;
};

/* Appends a copy of an item of that size. 0, or -1 when there is no memory. */
[[nodiscard]] int list_add(struct list *l, const void *item, size_t size);
/* Sorts it by the bytes of the ids, and leaves out what comes twice. */
void list_sort(struct list *l, size_t size);

#endif
