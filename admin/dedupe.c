/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/dedupe.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/digest.h"

#define SLOTS_PER_ID 2

int dedupe_init(struct dedupe *d, size_t window, struct err *err)
{
	*d = (struct dedupe){ .window = window, .slots = window * SLOTS_PER_ID };
	d->ring = calloc(window, sizeof(*d->ring)); /* untouched pages cost nothing: a short list stays small */
	d->table = calloc(d->slots, sizeof(*d->table));
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

static size_t home(const struct dedupe *d, const unsigned char digest[static DEDUPE_DIGEST_BYTES])
{
	uint64_t hash;

	memcpy(&hash, digest, sizeof(hash));
	return (size_t)hash & (d->slots - 1);
}

/* The slot that holds the digest, or the free one where it would be. */
static size_t find(const struct dedupe *d, const unsigned char digest[static DEDUPE_DIGEST_BYTES])
{
	size_t slot = home(d, digest);

	while (d->table[slot] && memcmp(d->ring[d->table[slot] - 1], digest, DEDUPE_DIGEST_BYTES) != 0)
		slot = (slot + 1) & (d->slots - 1);
	return slot;
}

/* Takes a slot's entry out and moves up those behind it that could no longer be found across the gap (Knuth, The Art of
 * Computer Programming 3, section 6.4, algorithm R). */
static void take_out(struct dedupe *d, size_t gap)
{
	size_t slot = gap;

	for (;;) {
		size_t wanted;

		slot = (slot + 1) & (d->slots - 1);
		if (!d->table[slot])
			break;
		wanted = home(d, d->ring[d->table[slot] - 1]);
		if (((slot - wanted) & (d->slots - 1)) < ((slot - gap) & (d->slots - 1)))
			continue;
		d->table[gap] = d->table[slot];
		gap = slot;
	}
	d->table[gap] = 0;
}

bool dedupe_is_new(struct dedupe *d, struct view id)
{
	unsigned char digest[DIGEST_SHA256_BYTES];
	size_t place = (size_t)(d->count & (d->window - 1));

	digest_sha256(id, digest);
	if (d->table[find(d, digest)])
		return false;
	if (d->count >= d->window)
		take_out(d, find(d, d->ring[place]));
	memcpy(d->ring[place], digest, DEDUPE_DIGEST_BYTES);
	d->table[find(d, digest)] = (uint32_t)place + 1;
	d->count++;
	return true;
}
