/* SPDX-License-Identifier: Apache-2.0 */
#include "common/api/transport_memory.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/secret.h"

void transport_memory_free(void *ptr)
{
	if (ptr)
		secret_wipe(ptr, malloc_usable_size(ptr));
	free(ptr);
}

void *transport_memory_realloc(void *old, size_t size)
{
	size_t old_size = old ? malloc_usable_size(old) : 0;
	void *ptr = malloc(size);

	if (!ptr)
		return NULL;
	if (old)
		memcpy(ptr, old, old_size < size ? old_size : size);
	transport_memory_free(old);
	return ptr;
}
