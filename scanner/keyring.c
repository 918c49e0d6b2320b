/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/keyring.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/bounds.h"

#define SLOTS_FIRST 64

void keyring_init(struct keyring *k)
{
	*k = (struct keyring){ .slots = NULL };
	(void)pthread_mutex_init(&k->lock, NULL);
	k->end_wanted = &k->first_wanted;
}

static void key_free(struct held_key *key)
{
	union { /* the verdict shows its texts as constant */
		const char *in;
		char *out;
	} reason = { .in = key->verdict.reason }, organization = { .in = key->verdict.organization };

	buf_wipe(&key->secret);
	free(reason.out);
	free(organization.out);
	free(key);
}

void keyring_done(struct keyring *k)
{
	for (size_t i = 0; i < k->slot_count; i++)
		if (k->slots[i])
			key_free(k->slots[i]);
	free(k->slots);
	(void)pthread_mutex_destroy(&k->lock);
}

/* FNV-1a of the digits: ids that come from elsewhere may be any text. */
static size_t hash_of(const char *id)
{
	uint32_t hash = 2166136261u;

	for (const char *p = id; *p; p++)
		hash = (hash ^ (unsigned char)*p) * 16777619u;
	return hash;
}

/* Where the key of that id is, or would be. There is a free slot always. */
static struct held_key **slot_of(struct held_key **slots, size_t slot_count, const char *id)
{
	size_t at = hash_of(id) & (slot_count - 1);

	while (slots[at] && strcmp(slots[at]->id, id) != 0)
		at = (at + 1) & (slot_count - 1);
	return &slots[at];
}

static int grow(struct keyring *k)
{
	size_t slot_count = k->slot_count ? 2 * k->slot_count : SLOTS_FIRST;
	struct held_key **slots = calloc(slot_count, sizeof(struct held_key *));

	if (!slots)
		return -1;
	for (size_t i = 0; i < k->slot_count; i++)
		if (k->slots[i])
			*slot_of(slots, slot_count, k->slots[i]->id) = k->slots[i];
	free(k->slots);
	k->slots = slots;
	k->slot_count = slot_count;
	return 0;
}

static struct held_key *key_new(const char *id, struct view secret)
{
	struct held_key *key = calloc(1, sizeof(*key));

	if (!key)
		return NULL;
	memcpy(key->id, id, SECRET_ID_BYTES);
	key->secret = (struct buf)BUF_INIT(VERIFY_KEY_BYTES);
	if (buf_add(&key->secret, secret)) {
		free(key);
		return NULL;
	}
	return key;
}

static int hold(struct keyring *k, const char *id, struct view secret)
{
	struct held_key **slot;

	if (keyring_find(k, id))
		return 0;
	if (k->count == VERIFY_KEYS_MAX || (2 * (k->count + 1) > k->slot_count && grow(k)))
		return -1;
	slot = slot_of(k->slots, k->slot_count, id);
	*slot = key_new(id, secret);
	if (!*slot)
		return -1;
	k->count++;
	return 0;
}

void keyring_hold(struct keyring *k, const char *id, struct view secret)
{
	pthread_mutex_lock(&k->lock);
	if (hold(k, id, secret))
		k->is_full = true;
	pthread_mutex_unlock(&k->lock);
}

struct held_key *keyring_find(const struct keyring *k, const char *id)
{
	return k->slot_count ? *slot_of(k->slots, k->slot_count, id) : NULL;
}

void keyring_want(struct keyring *k, const char *id)
{
	struct held_key *key;

	pthread_mutex_lock(&k->lock);
	key = keyring_find(k, id);
	if (key && !key->is_wanted) {
		key->is_wanted = true;
		*k->end_wanted = key;
		k->end_wanted = &key->next_wanted;
	}
	pthread_mutex_unlock(&k->lock);
}
