/* SPDX-License-Identifier: Apache-2.0 */
/* What is said of a container or a member that was not read. */
#ifndef SCANNER_SOURCE_ARCHIVE_WORDS_H
#define SCANNER_SOURCE_ARCHIVE_WORDS_H

#include "scanner/item.h"
#include "scanner/unpack_wire.h"

enum unread archive_reason(enum unpack_trouble trouble);

/* Appends it without a full stop; nothing for what needs no word. asked has the limits; said, what skant-unpack says of
 * it, is shown as clean text with keys masked. 0, or -1 as buf_add. */
[[nodiscard]] int archive_add_words(struct buf *out, enum unpack_trouble trouble, const struct unpack_request *asked,
				    struct view said);

#endif
