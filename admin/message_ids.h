/* SPDX-License-Identifier: Apache-2.0 */
/* Which ids there are, and which prompt each stands for: digests only, 2 * PROMPT_DIGEST_BYTES for each. */
#ifndef ADMIN_MESSAGE_IDS_H
#define ADMIN_MESSAGE_IDS_H

#include "admin/message_prompt.h"
#include "common/base/hashindex.h"

struct message_ids { /* all zero is an empty one */
	struct message_id *items;
	size_t count, cap;
	struct hashindex index;
};

/* What is known of an id: NULL, or the digest of the prompt that was put last. Good until the next put. */
const unsigned char *message_ids_find(const struct message_ids *ids,
				      const unsigned char id[static PROMPT_DIGEST_BYTES]);

/* Adds an id, or gives it another prompt. 0; -1 with err: ERR_LIMIT above QUEUE_PROMPTS_MAX, ERR_NOMEM. */
[[nodiscard]] int message_ids_put(struct message_ids *ids, const unsigned char id[static PROMPT_DIGEST_BYTES],
				  const unsigned char prompt[static PROMPT_DIGEST_BYTES], struct err *err);

void message_ids_done(struct message_ids *ids);

#endif
