/* SPDX-License-Identifier: Apache-2.0 */
/* Keys in what comes from outside are masked before it is stored. */
#ifndef FORWARDER_FEED_REDACT_H
#define FORWARDER_FEED_REDACT_H

#include "common/base/buf.h"
#include "common/base/err.h"

/* json is one valid JSON value. If any string in it (names and values, escaped or not) holds a key, *ret is a copy,
 * appended to store, with exactly those strings rewritten masked (common/base/secret.h); else *ret is json itself. 0, or
 * -1 with err. */
[[nodiscard]] int redact_json(struct view json, struct buf *store, struct view *ret, bool *ret_redacted,
			      struct err *err);

#endif
