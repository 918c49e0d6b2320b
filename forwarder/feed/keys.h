/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of the feed of keys: what is made, renamed, moved, switched and gone, and what about keys breaks the
 * policy. */
#ifndef FORWARDER_FEED_KEYS_H
#define FORWARDER_FEED_KEYS_H

#include "common/govern/keyuse.h"
#include "common/policy/keyaudit.h"
#include "forwarder/feed/lists.h"

#define KEYS_PREFIX "key/"

struct keys_feed {
	struct lists lists;
	struct keyuse use;
	struct keyaudit *audit; /* of this poll */
	uint64_t counts[KEYAUDIT_VIOLATIONS];
};

/* A key as it is now, and as it was kept. */
struct keys_change {
	const struct org_key *key;
	struct view id;                         /* of what is kept: the key's id, fit for a name */
	struct view name, status, workspace_id; /* before; VIEW_NONE of a new one */
	bool is_renamed;
	uint64_t revision;            /* of what is kept from now on */
	uint32_t codes, codes_before; /* sets of violations */
};

/* --- keys_complete.c --- */
/* Puts right what the lists may lack: keys that were kept, people whom keys belong to. 0 or -1 with err. */
[[nodiscard]] int keys_complete(struct keys_feed *feed, struct err *err);

/* --- keys_change.c --- */
/* Compares all keys with what was kept. 0, BATCH_FULL, -1 with err. */
[[nodiscard]] int keys_compare(struct keys_feed *feed, struct err *err);
/* Opens an event with what is told of every key. */
struct jsonw *keys_begin(struct keys_feed *feed, const char *type, const struct keys_change *change);

/* --- keys_policy.c --- */
/* Violations of what is kept: the codes' names as one text with commas between them, and back. */
[[nodiscard]] int keys_add_codes(struct buf *buf, uint32_t codes);
uint32_t keys_codes_of(struct view text);
/* Adds the events on violations that are new, or over. 0 or -1 with err. */
[[nodiscard]] int keys_tell_policy(struct keys_feed *feed, const struct keys_change *change, struct err *err);

#endif
