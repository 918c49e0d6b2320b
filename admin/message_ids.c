/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/message_ids.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_SLOTS 1024

struct message_id {
	unsigned char id[PROMPT_DIGEST_BYTES], prompt[PROMPT_DIGEST_BYTES];
	bool is_used;
};

/* Where the id is, or would be. There is always a free slot. */
static struct message_id *slot_of(struct message_id *slots, size_t cap,
				  const unsigned char id[static PROMPT_DIGEST_BYTES])
{
	uint64_t hash;
	size_t at;

	memcpy(&hash, id, sizeof(hash)); /* a part of a digest is as good as any */
	at = (size_t)hash & (cap - 1);
	while (slots[at].is_used && memcmp(slots[at].id, id, PROMPT_DIGEST_BYTES) != 0)
		at = (at + 1) & (cap - 1);
	return &slots[at];
}

const unsigned char *message_ids_find(const struct message_ids *ids, const unsigned char id[static PROMPT_DIGEST_BYTES])
{
	const struct message_id *slot = ids->cap ? slot_of(ids->slots, ids->cap, id) : NULL;

	return slot && slot->is_used ? slot->prompt : NULL;
}

static int make_room(struct message_ids *ids, struct err *err)
{
	size_t cap = ids->cap ? 2 * ids->cap : FIRST_SLOTS;
	struct message_id *slots;

	if (2 * ids->count < ids->cap)
		return 0;
	slots = calloc(cap, sizeof(*slots));
	if (!slots)
		return err_nomem(err);
	for (size_t i = 0; i < ids->cap; i++)
		if (ids->slots[i].is_used)
			*slot_of(slots, cap, ids->slots[i].id) = ids->slots[i];
	free(ids->slots);
	ids->slots = slots;
	ids->cap = cap;
	return 0;
}

int message_ids_put(struct message_ids *ids, const unsigned char id[static PROMPT_DIGEST_BYTES],
		    const unsigned char prompt[static PROMPT_DIGEST_BYTES], struct err *err)
{
	struct message_id *slot;

	if (make_room(ids, err))
		return -1;
	slot = slot_of(ids->slots, ids->cap, id);
	if (!slot->is_used && ids->count == QUEUE_PROMPTS_MAX)
		return err_set(err, ERR_LIMIT, 0, "there are more than %u prompts", QUEUE_PROMPTS_MAX);
	ids->count += !slot->is_used;
	slot->is_used = true;
	memcpy(slot->id, id, PROMPT_DIGEST_BYTES);
	memcpy(slot->prompt, prompt, PROMPT_DIGEST_BYTES);
	return 0;
}

void message_ids_done(struct message_ids *ids)
{
	free(ids->slots);
	*ids = (struct message_ids){ 0 };
}
