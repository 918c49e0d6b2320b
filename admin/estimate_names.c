/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/estimate_names.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "common/base/bounds.h"
#include "common/base/clock.h"
#include "common/base/grow.h"

#define SLOTS_START 256

static uint32_t hash_of(uint64_t seed, struct view text)
{
	uint64_t hash = seed ^ text.len, word;
	size_t i = 0;

	for (; text.len - i >= sizeof(word); i += sizeof(word)) {
		memcpy(&word, text.ptr + i, sizeof(word));
		hash = estimate_mix(hash, word);
	}
	word = 0;
	if (text.len > i)
		memcpy(&word, text.ptr + i, text.len - i);
	return (uint32_t)estimate_mix(estimate_mix(hash, word), seed);
}

static uint32_t *slot_of(const struct estimate_names *names, struct view text, uint32_t hash)
{
	size_t at = hash & (names->slot_count - 1);

	for (;; at = (at + 1) & (names->slot_count - 1)) {
		uint32_t *slot = &names->slots[at];
		const struct estimate_name *name = *slot ? &names->names[*slot - 1] : NULL;

		if (!name || (name->hash == hash && name->len == text.len &&
			      memcmp(names->text.ptr + name->at, text.ptr, text.len) == 0))
			return slot;
	}
}

static int widen(struct estimate_names *names)
{
	size_t count = names->slot_count ? 2 * names->slot_count : SLOTS_START;
	uint32_t *slots = calloc(count, sizeof(*slots));

	if (!slots)
		return -1;
	if (!names->slot_count) {
		names->text = (struct buf)BUF_INIT(USAGE_NAMES_BYTES);
		if (getrandom(&names->seed, sizeof(names->seed), GRND_NONBLOCK) != sizeof(names->seed))
			names->seed = clock_mono_ns();
	}
	free(names->slots);
	names->slots = slots;
	names->slot_count = count;
	for (size_t i = 0; i < names->count; i++) {
		size_t at = names->names[i].hash & (count - 1);

		while (slots[at])
			at = (at + 1) & (count - 1);
		slots[at] = (uint32_t)i + 1;
	}
	return 0;
}

int estimate_names_add(struct estimate_names *names, struct view text, uint32_t *ret)
{
	struct estimate_name *grown;
	uint32_t hash, *slot;

	*ret = 0;
	if (text.len == 0)
		return 0;
	if (2 * names->count >= names->slot_count && widen(names))
		return -1;
	hash = hash_of(names->seed, text);
	slot = slot_of(names, text, hash);
	if (*slot) {
		*ret = *slot;
		return 0;
	}
	grown = names->count < USAGE_NAMES_MAX ? grow_items(names->names, names->count, &names->cap, sizeof(*grown))
					       : NULL;
	if (!grown)
		return -1;
	names->names = grown;
	if (buf_add(&names->text, text))
		return -1;
	grown[names->count] = (struct estimate_name){ names->text.len - text.len, (uint32_t)text.len, hash };
	*slot = *ret = (uint32_t)++names->count;
	return 0;
}

struct view estimate_names_at(const struct estimate_names *names, uint32_t number)
{
	const struct estimate_name *name = number ? &names->names[number - 1] : NULL;

	return name ? view_from(names->text.ptr + name->at, name->len) : VIEW_NONE;
}

void estimate_names_done(struct estimate_names *names)
{
	free(names->names);
	free(names->slots);
	buf_done(&names->text);
	*names = (struct estimate_names){ .count = 0 };
}
