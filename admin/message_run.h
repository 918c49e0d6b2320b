/* SPDX-License-Identifier: Apache-2.0 */
/* Works off a queue of prompts, several at a time (docs/messages.md). */
#ifndef ADMIN_MESSAGE_RUN_H
#define ADMIN_MESSAGE_RUN_H

#include "admin/message_sender.h"

/* Sends what has no answer yet, writes the results in the order in which they come, and says what became of all. 0; 1
 * when prompts have no answer; -1 with err when some are left: ERR_LATER (a signal, rate limit, network), ERR_REFUSED
 * (credential, spend limit), ERR_USAGE (the queue or the results cannot be used; nothing was sent), ERR_IO (a result
 * cannot be written). */
[[nodiscard]] int message_run(struct session *s, bool is_count, const struct prompt_defaults *defaults,
			      struct err *err);

#endif
