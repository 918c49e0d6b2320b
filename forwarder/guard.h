/* SPDX-License-Identifier: Apache-2.0 */
/* Whether skantd itself is set as the policy wants it: content of prompts is asked for and nothing allows it, a
 * regulated department is without the feed that audits it. Each is an event of the feed "skantd" once, and another when
 * it is over, whatever restarts and reloads come between. */
#ifndef FORWARDER_GUARD_H
#define FORWARDER_GUARD_H

#include "forwarder/bulletin.h"

struct guard;

/* Both are borrowed. NULL with err. */
struct guard *guard_new(struct spool *spool, struct bulletin *bulletin, struct err *err);
void guard_free(struct guard *guard); /* NULL is fine */

/* Looks at the settings, and at the alerts that are on. measured (may be NULL) is told how often each rule is broken.
 * 0, or -1 with err: it is tried again by the next call. */
[[nodiscard]] int guard_look(struct guard *guard, const struct settings *settings,
			     void (*measured)(void *context, const char *code, uint64_t count), void *context,
			     struct err *err);

#endif
