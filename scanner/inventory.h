/* SPDX-License-Identifier: Apache-2.0 */
/* The organisation's keys as `skantctl keys export` writes them (docs/skantctl.md, The inventory): JSON lines, the
 * head first. It holds no key, only the hint that the provider shows of each: its kind, 3 characters and the last 4, of
 * which 2 are always AA. A find whose shown form equals a hint is probably that key. */
#ifndef SCANNER_INVENTORY_H
#define SCANNER_INVENTORY_H

#include "common/base/buf.h"
#include "common/base/err.h"
#include "scanner/finding.h"

struct inventory {
	struct inventory_key *keys; /* those with a hint, each once, by hint and id */
	size_t count;
	size_t without_hint;     /* keys that no find can be compared with */
	const char *exported_at; /* RFC 3339; NULL = not said */
	int64_t exported_s;      /* the same since 1970; 0 = not said */
	struct buf texts;        /* what the texts point into */
};

/* Members that are not known are passed over. 0, or -1 with err (ERR_CONFIG: FILE:LINE, what is wrong there and what
 * was expected; ERR_IO, ERR_LIMIT above EXPORT_BYTES, ERR_NOMEM). inventory_done either way. */
[[nodiscard]] int inventory_read(struct inventory *inventory, const char *path, struct err *err);
/* The same of a text; path is for messages. */
[[nodiscard]] int inventory_parse(struct inventory *inventory, struct view text, const char *path, struct err *err);
void inventory_done(struct inventory *inventory);

/* The keys whose hint is masked, the shown form of a key: the first of *ret_count, or NULL when there is none. */
const struct inventory_key *inventory_find(const struct inventory *inventory, const char *masked, size_t *ret_count);

/* Tells the finding which key it probably is. Names of keys are no keys, and are left alone. */
void inventory_join(const struct inventory *inventory, struct finding *f);

#endif
