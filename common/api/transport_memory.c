/* SPDX-License-Identifier: Apache-2.0 */
#include "common/api/transport_memory.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/secret.h"

/* What stands in front of the bytes, which are as well aligned. */
struct piece {
	_Alignas(max_align_t) size_t size;
};

static struct piece *piece_of(void *ptr)
{
	return (struct piece *)ptr - 1;
}

void *transport_memory_malloc(size_t size)
{
	struct piece *p;
	size_t whole;

	if (__builtin_add_overflow(size, sizeof(*p), &whole))
		return NULL;
	p = malloc(whole);
	if (!p)
		return NULL;
	p->size = size;
	return p + 1;
}

void *transport_memory_calloc(size_t count, size_t size)
{
	size_t whole;
	void *ptr = __builtin_mul_overflow(count, size, &whole) ? NULL : transport_memory_malloc(whole);

	return ptr ? memset(ptr, 0, whole) : NULL;
}

char *transport_memory_strdup(const char *text)
{
	size_t size = strlen(text) + 1;
	char *copy = transport_memory_malloc(size);

	return copy ? memcpy(copy, text, size) : NULL;
}

void transport_memory_free(void *ptr)
{
	struct piece *p = ptr ? piece_of(ptr) : NULL;

	if (p)
		secret_wipe(ptr, p->size);
	free(p);
}

void *transport_memory_realloc(void *old, size_t size)
{
	size_t old_size = old ? piece_of(old)->size : 0;
	void *ptr = transport_memory_malloc(size);

	if (!ptr)
		return NULL;
	if (old)
		memcpy(ptr, old, old_size < size ? old_size : size);
	transport_memory_free(old);
	return ptr;
}
