/* SPDX-License-Identifier: Apache-2.0 */
/* Handling of keys: wiping memory, and showing a key without giving it away.
 *
 * The shown form is the provider's own partial hint: the prefix up to the last '-' before the body, 3 characters,
 * "...", the last 4: sk-ant-api03-Ab1...9zAA. A body shorter than SECRET_MASK_MIN shows nothing of itself. */
#ifndef COMMON_BASE_SECRET_H
#define COMMON_BASE_SECRET_H

#include "common/base/buf.h"

#define SECRET_MASK_MIN 24 /* shortest body of which 3 + 4 characters may be shown */
#define SECRET_ID_BYTES 40 /* "sha256:" + 32 hex digits + NUL */

void secret_wipe(void *ptr, size_t len); /* overwrites; the compiler keeps it */

bool secret_is_key_char(char c); /* [A-Za-z0-9_-], the alphabet of keys */

/* Appends the shown form of one secret, whatever kind it is: a key keeps its prefix, anything else shows its first 3
 * characters when it is long enough. 0, or -1 as buf_add. */
[[nodiscard]] int secret_add_mask(struct buf *buf, struct view secret);

/* Appends text with each sk-ant-... run in it masked, so that a line, a path or a message can be shown. also (may be
 * VIEW_NONE) is one more secret to hide, wherever it stands. 0, or -1 as buf_add. */
[[nodiscard]] int secret_add_masked_text(struct buf *buf, struct view text, struct view also);

/* The same key has the same id everywhere: "sha256:" and the first 32 hex digits of its SHA-256. */
void secret_id(struct view secret, char ret_id[static SECRET_ID_BYTES]);

#endif
