/* SPDX-License-Identifier: Apache-2.0 */
#include "common/base/textpool.h"

#include <stdlib.h>
#include <string.h>

#define BLOCK_BYTES ((size_t)32 << 10)

struct textpool_block {
	struct textpool_block *next; /* filled before */
	size_t len, cap;
	char bytes[];
};

/* Room for size bytes at the end of the last block. */
static char *take(struct textpool *pool, size_t size)
{
	struct textpool_block *block = pool->last;
	size_t cap = size > BLOCK_BYTES ? size : BLOCK_BYTES, total;

	if (!block || block->cap - block->len < size) {
		if (__builtin_add_overflow(cap, sizeof(*block), &total))
			return NULL;
		block = malloc(total);
		if (!block)
			return NULL;
		*block = (struct textpool_block){ .next = pool->last, .cap = cap };
		pool->last = block;
	}
	block->len += size;
	return block->bytes + block->len - size;
}

const char *textpool_add(struct textpool *pool, struct view text)
{
	static const char replacement[] = "\xEF\xBF\xBD";
	size_t extra = 0, size;
	char *copy, *p;

	if (text.len == 0)
		return "";
	for (size_t i = 0; i < text.len; i++)
		extra += text.ptr[i] ? 0 : sizeof(replacement) - 2;
	if (__builtin_add_overflow(text.len + 1, extra, &size))
		return NULL;
	p = copy = take(pool, size);
	if (!copy)
		return NULL;
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i]) {
			*p++ = text.ptr[i];
			continue;
		}
		memcpy(p, replacement, sizeof(replacement) - 1);
		p += sizeof(replacement) - 1;
	}
	*p = '\0';
	return copy;
}

void textpool_done(struct textpool *pool)
{
	struct textpool_block *next;

	for (struct textpool_block *block = pool->last; block; block = next) {
		next = block->next;
		free(block);
	}
	pool->last = NULL;
}
