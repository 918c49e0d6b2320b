/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/message_ids.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/grow.h"

struct message_id {
	unsigned char id[PROMPT_DIGEST_BYTES], prompt[PROMPT_DIGEST_BYTES];
};

struct wanted {
	const struct message_id *items;
	const unsigned char *id;
};

static bool is_wanted(const void *context, uint32_t item)
{
	const struct wanted *wanted = context;

	return memcmp(wanted->items[item].id, wanted->id, PROMPT_DIGEST_BYTES) == 0;
}

/* NULL: it is not there. */
static struct message_id *find(const struct message_ids *ids, const unsigned char id[static PROMPT_DIGEST_BYTES])
{
	const struct wanted wanted = { ids->items, id };
	uint32_t item = hashindex_find(&ids->index, hashindex_of(id, PROMPT_DIGEST_BYTES), is_wanted, &wanted);

	return item == HASHINDEX_NONE ? NULL : &ids->items[item];
}

const unsigned char *message_ids_find(const struct message_ids *ids, const unsigned char id[static PROMPT_DIGEST_BYTES])
{
	const struct message_id *found = find(ids, id);

	return found ? found->prompt : NULL;
}

int message_ids_put(struct message_ids *ids, const unsigned char id[static PROMPT_DIGEST_BYTES],
		    const unsigned char prompt[static PROMPT_DIGEST_BYTES], struct err *err)
{
	struct message_id *found = find(ids, id), *grown;

	if (!found) {
		if (ids->count == QUEUE_PROMPTS_MAX)
			return err_set(err, ERR_LIMIT, 0, "there are more than %u prompts", QUEUE_PROMPTS_MAX);
		grown = grow_items(ids->items, ids->count, &ids->cap, sizeof(*grown));
		if (!grown)
			return err_nomem(err);
		ids->items = grown;
		if (hashindex_add(&ids->index, hashindex_of(id, PROMPT_DIGEST_BYTES), (uint32_t)ids->count))
			return err_nomem(err);
		found = &grown[ids->count++];
		memcpy(found->id, id, PROMPT_DIGEST_BYTES);
	}
	memcpy(found->prompt, prompt, PROMPT_DIGEST_BYTES);
	return 0;
}

void message_ids_done(struct message_ids *ids)
{
	free(ids->items);
	hashindex_done(&ids->index);
	*ids = (struct message_ids){ 0 };
}
