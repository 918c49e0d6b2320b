/* SPDX-License-Identifier: Apache-2.0 */
/* Keys that stand in what the API or a program says: they are masked before it is stored or shown.
 *
 * What counts as a key is what secret.h masks in a text: `sk-ant-`, a kind, and a run of key characters that is longer
 * than a word about keys. The provider's own partial hints (sk-ant-api03-R2D...igAA) are no keys and stay. A key is
 * found in names of members and in values, also where characters of it are written as \u00XX; not where it is encoded
 * once more (base64, percent signs, JSON escaped twice). */
#ifndef COMMON_SYS_REDACT_H
#define COMMON_SYS_REDACT_H

#include "common/base/buf.h"
#include "common/base/err.h"

/* json: one valid JSON value (json.h). Without a key in it, *ret is json itself, and nothing is copied. Else *ret is
 * behind what store holds, until that changes: each key masked, never longer, all other bytes as they are. 0; -1 with
 * err when store or memory is full. */
[[nodiscard]] int redact_json(struct view json, struct buf *store, struct view *ret, bool *ret_redacted,
			      struct err *err);

/* Whether a text, unescaped, holds a key. */
bool redact_is_key(struct view text);

#endif
