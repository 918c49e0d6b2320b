/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/source/git/oidmap.h"

#include <stdlib.h>
#include <unistd.h>

#define START 256 /* ids; a power of two */

void oidmap_init(struct oidmap *m, size_t hash_len)
{
	*m = (struct oidmap){ .hash_len = hash_len };
	if (getentropy(&m->seed, sizeof(m->seed)))
		m->seed = (uintptr_t)m;
}

void oidmap_done(struct oidmap *m)
{
	free(m->ids);
	free(m->values);
	free(m->slots);
	oidmap_init(m, m->hash_len);
}

static size_t slot_of(const struct oidmap *m, const void *id)
{
	uint64_t a, b;

	memcpy(&a, id, sizeof(a));
	memcpy(&b, (const char *)id + sizeof(a), sizeof(b));
	a = (a ^ m->seed) * 0x9E3779B97F4A7C15u;
	return (size_t)((a ^ a >> 29 ^ b) * 0xBF58476D1CE4E5B9u >> 20) & (m->slot_count - 1);
}

/* The slot that the id is in, or the free one where it would be. */
static uint32_t *find(const struct oidmap *m, const void *id)
{
	size_t at = slot_of(m, id);

	while (m->slots[at] && memcmp(m->ids + (size_t)(m->slots[at] - 1) * m->hash_len, id, m->hash_len) != 0)
		at = (at + 1) & (m->slot_count - 1);
	return &m->slots[at];
}

uint32_t oidmap_get(const struct oidmap *m, const void *id)
{
	uint32_t place = m->count ? *find(m, id) : 0;

	return place ? m->values[place - 1] : OIDMAP_NONE;
}

static int grow(struct oidmap *m)
{
	size_t cap = m->cap ? 2 * m->cap : START, slot_count = 2 * cap;
	unsigned char *ids = reallocarray(m->ids, cap, m->hash_len);
	uint32_t *values, *slots;

	if (!ids)
		return -1;
	m->ids = ids;
	values = reallocarray(m->values, cap, sizeof(*values));
	if (!values)
		return -1;
	m->values = values;
	slots = calloc(slot_count, sizeof(*slots));
	if (!slots || cap >= UINT32_MAX) {
		free(slots);
		return -1;
	}
	free(m->slots);
	m->slots = slots;
	m->slot_count = slot_count;
	m->cap = cap;
	for (size_t i = 0; i < m->count; i++)
		*find(m, m->ids + i * m->hash_len) = (uint32_t)i + 1;
	return 0;
}

int oidmap_put(struct oidmap *m, const void *id, uint32_t value)
{
	uint32_t *slot;

	if (m->count == m->cap && grow(m))
		return -1;
	slot = find(m, id);
	if (!*slot) {
		memcpy(m->ids + m->count * m->hash_len, id, m->hash_len);
		*slot = (uint32_t)++m->count;
	}
	m->values[*slot - 1] = value;
	return 0;
}
