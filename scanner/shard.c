/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/shard.h"

#include <stdlib.h>

struct job {
	uint64_t bytes;
	size_t index;
};

struct machine {
	uint64_t load;
	uint32_t number;
};

/* The largest first; of two that are as large, the first. */
static int by_size(const void *a, const void *b)
{
	const struct job *x = a, *y = b;

	if (x->bytes != y->bytes)
		return x->bytes < y->bytes ? 1 : -1;
	return (x->index > y->index) - (x->index < y->index);
}

static bool is_before(const struct machine *a, const struct machine *b)
{
	return a->load != b->load ? a->load < b->load : a->number < b->number;
}

/* The first has got more: it sinks until nothing below it comes before it. */
static void sink(struct machine *heap, size_t count)
{
	for (size_t at = 0;;) {
		size_t least = 2 * at + 1;
		struct machine moved;

		if (least + 1 < count && is_before(&heap[least + 1], &heap[least]))
			least++;
		if (least >= count || !is_before(&heap[least], &heap[at]))
			return;
		moved = heap[at];
		heap[at] = heap[least];
		heap[least] = moved;
		at = least;
	}
}

uint32_t *shard_divide(const uint64_t *bytes, size_t count, unsigned shards)
{
	DEFER(freep) void *jobs_store = calloc(count + 1, sizeof(struct job));
	DEFER(freep) void *heap_store = calloc(shards, sizeof(struct machine));
	uint32_t *ret = calloc(count + 1, sizeof(*ret));
	struct machine *heap = heap_store;
	struct job *jobs = jobs_store;

	if (!jobs || !heap || !ret) {
		free(ret);
		return NULL;
	}
	for (size_t i = 0; i < count; i++)
		jobs[i] = (struct job){ .bytes = bytes[i], .index = i };
	qsort(jobs, count, sizeof(*jobs), by_size);
	for (unsigned i = 0; i < shards; i++)
		heap[i].number = i;
	for (size_t i = 0; i < count; i++) {
		ret[jobs[i].index] = heap[0].number;
		heap[0].load += jobs[i].bytes + SHARD_EACH_BYTES;
		sink(heap, shards);
	}
	return ret;
}
