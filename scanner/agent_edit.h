/* SPDX-License-Identifier: Apache-2.0 */
/* What a file is going to hold once an agent's edit has been made: a key may come together from parts that are none. */
#ifndef SCANNER_AGENT_EDIT_H
#define SCANNER_AGENT_EDIT_H

#include "common/base/buf.h"
#include "common/base/err.h"

/* Makes the edits of input (a valid JSON object: "old_string", "new_string" and "replace_all", or an array "edits" of
 * such objects, made in order) in text. An edit that does not fit changes nothing, as the tool refuses it. 0, or -1
 * when the text would become larger than its ceiling, or without memory. */
[[nodiscard]] int agent_edit_apply(struct view input, struct buf *text);

#endif
