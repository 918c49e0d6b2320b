/* SPDX-License-Identifier: Apache-2.0 */
/* The hooks in a coding agent's settings: .claude/settings.json at the root of the work tree
 * (https://docs.claude.com/en/docs/claude-code/hooks). The text is edited in place: whatever else is in the file stays
 * as it is, to the byte. */
#ifndef SCANNER_HOOK_AGENT_H
#define SCANNER_HOOK_AGENT_H

#include "common/base/buf.h"
#include "common/base/err.h"

#define HOOK_AGENT_EVENTS 3
#define HOOK_AGENT_NOTHING "{}\n" /* what hook_agent_add makes of an empty text before all else */

/* Adds an entry for each event that has none. 0 (also when nothing was to be done), or -1 with err: text is no JSON, or
 * not shaped as settings are. An empty text is taken for an empty object. */
[[nodiscard]] int hook_agent_add(struct buf *text, struct err *err);
/* Takes away what hook_agent_add adds, and lists that become empty by it. */
[[nodiscard]] int hook_agent_remove(struct buf *text, struct err *err);
/* How many of the HOOK_AGENT_EVENTS have an entry of ours. -1 with err. */
int hook_agent_count(const struct buf *text, struct err *err);

#endif
