/* SPDX-License-Identifier: Apache-2.0 */
#include "common/base/grow.h"

#include <stdlib.h>

#define START 64

void *grow_items(void *items, size_t count, size_t *cap, size_t size)
{
	size_t more = *cap ? 2 * *cap : START;
	void *grown;

	if (count < *cap)
		return items;
	grown = reallocarray(items, more, size);
	if (grown)
		*cap = more;
	return grown;
}
