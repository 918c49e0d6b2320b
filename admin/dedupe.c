/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/dedupe.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/digest.h"

#define SLOTS_PER_ID 2
#define LONG_ID 255
#define MIX UINT64_C(0x9E3779B97F4A7C15) /* 2^64 / the golden ratio (Knuth 3, section 6.4) */

int dedupe_init(struct dedupe *d, size_t window, struct err *err)
{
	*d = (struct dedupe){ .window = window, .slots = window * SLOTS_PER_ID };
	d->ring = calloc(window, sizeof(*d->ring)); /* untouched pages cost nothing: a short list stays small */
	d->table = calloc(d->slots, sizeof(*d->table));
	if (getentropy(&d->seed, sizeof(d->seed)))
		d->seed = MIX;
	if (d->ring && d->table)
		return 0;
	dedupe_done(d);
	return err_nomem(err);
}

void dedupe_done(struct dedupe *d)
{
	free(TAKE(d->ring));
	free(TAKE(d->table));
}

static struct dedupe_id id_of(struct view text)
{
	struct dedupe_id id = { .words = { 0 } };
	unsigned char *bytes = (unsigned char *)id.words;

	if (text.len < sizeof(id.words)) {
		bytes[0] = (unsigned char)text.len;
		if (text.len)
			memcpy(bytes + 1, text.ptr, text.len);
	} else {
		bytes[0] = LONG_ID;
		digest_sha256(text, bytes + 1);
	}
	return id;
}

static uint32_t hash_of(const struct dedupe *d, const struct dedupe_id *id)
{
	uint64_t hash = d->seed;

	for (size_t i = 0; i < DEDUPE_WORDS; i++) {
		hash = (hash ^ id->words[i]) * MIX;
		hash ^= hash >> 32;
	}
	return (uint32_t)hash;
}

/* Where it is looked for first. */
static size_t home(const struct dedupe *d, uint32_t hash)
{
	return hash & (d->slots - 1);
}

/* The slot that holds the id, or the free one where it would be. */
static size_t find(const struct dedupe *d, const struct dedupe_id *id, uint32_t hash)
{
	size_t slot = home(d, hash);

	for (; d->table[slot].place; slot = (slot + 1) & (d->slots - 1))
		if (d->table[slot].hash == hash && memcmp(&d->ring[d->table[slot].place - 1], id, sizeof(*id)) == 0)
			break;
	return slot;
}

/* Takes the oldest id out, and moves up those behind it that could no longer be found across the gap (Knuth, The Art of
 * Computer Programming 3, section 6.4, algorithm R). */
static void take_out(struct dedupe *d, const struct dedupe_id *id)
{
	size_t gap = find(d, id, hash_of(d, id)), slot = gap;

	for (;;) {
		size_t wanted;

		slot = (slot + 1) & (d->slots - 1);
		if (!d->table[slot].place)
			break;
		wanted = home(d, d->table[slot].hash);
		if (((slot - wanted) & (d->slots - 1)) < ((slot - gap) & (d->slots - 1)))
			continue;
		d->table[gap] = d->table[slot];
		gap = slot;
	}
	d->table[gap].place = 0;
}

bool dedupe_is_new(struct dedupe *d, struct view text)
{
	struct dedupe_id id = id_of(text);
	uint32_t hash = hash_of(d, &id);
	size_t place = (size_t)(d->count & (d->window - 1)), slot = find(d, &id, hash);

	if (d->table[slot].place)
		return false;
	if (d->count >= d->window) {
		take_out(d, &d->ring[place]);
		slot = find(d, &id, hash);
	}
	d->ring[place] = id;
	d->table[slot] = (struct dedupe_slot){ .place = (uint32_t)place + 1, .hash = hash };
	d->count++;
	return true;
}
