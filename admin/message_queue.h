/* SPDX-License-Identifier: Apache-2.0 */
/* A queue's lines, one after the other. Blank lines count, and are passed over. */
#ifndef ADMIN_MESSAGE_QUEUE_H
#define ADMIN_MESSAGE_QUEUE_H

#include <stdatomic.h>

#include "admin/message_prompt.h"

struct message_queue {
	const char *name; /* for messages */
	int fd;
	bool is_regular; /* can be read twice */
	bool is_at_end;
	struct buf pending;
	size_t at; /* of pending: what is not handed out */
	uint64_t line;
};

/* Opens path, or standard input for "-". 0, or -1 with ERR_USAGE. */
[[nodiscard]] int message_queue_open(struct message_queue *q, const char *path, struct err *err);

/* The next line into *ret_line (its memory is used again), its number into *ret_number. Where it has to wait for one
 * (standard input, a pipe), it looks at stop. 1; 0 at the end or when stop is raised; -1 with err: ERR_IO, ERR_LIMIT (a
 * line that is too long), ERR_NOMEM. */
[[nodiscard]] int message_queue_next(struct message_queue *q, const atomic_bool *stop, struct buf *ret_line,
				     uint64_t *ret_number, struct err *err);

/* Reads a regular file to its end and goes back to its beginning: each line has to be a prompt, and no id may be there
 * twice. *ret_count: how many there are. 0, or -1 with ERR_USAGE (file:line: what, and what was expected) and the
 * like. */
[[nodiscard]] int message_queue_check(struct message_queue *q, const struct prompt_defaults *defaults,
				      uint64_t *ret_count, struct err *err);

void message_queue_done(struct message_queue *q);

#endif
