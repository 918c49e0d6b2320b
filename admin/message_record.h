/* SPDX-License-Identifier: Apache-2.0 */
/* What became of a prompt, in the three forms in which it is told: a result, a usage record, an audit event
 * (docs/messages.md). The latter two hold nothing of prompt and answer. */
#ifndef ADMIN_MESSAGE_RECORD_H
#define ADMIN_MESSAGE_RECORD_H

#include "admin/message_prompt.h"
#include "common/api/endpoint_message.h"

enum outcome_kind {
	OUTCOME_DONE,    /* answered */
	OUTCOME_REFUSED, /* the API said no */
	OUTCOME_LATER,   /* rate limit or network, after all tries; nothing was done */
	OUTCOME_UNKNOWN, /* it may have been carried out: there is no answer that can be read */
	OUTCOME_INVALID, /* it was not sent: it is no prompt, or above a limit */
	OUTCOMES,
};

extern const char *const outcome_names[OUTCOMES]; /* "done", "refused", "later", "unknown", "invalid" */

struct message_outcome {
	enum outcome_kind kind;
	const struct prompt *prompt; /* of a line that is no prompt: its number alone */
	struct api_answer answer;    /* api_answer_done */
	struct api_message message;  /* OUTCOME_DONE of a send */
	bool is_count;               /* tokens were counted ... */
	uint64_t input_tokens;       /* ... so many */
	struct err why;              /* unless it is OUTCOME_DONE */
	int64_t unix_s;              /* when it ended */
};

/* Each appends one line with its newline. 0, or -1 as buf_add. */
[[nodiscard]] int message_add_result(struct buf *buf, const struct message_outcome *o);
[[nodiscard]] int message_add_usage(struct buf *buf, const struct message_outcome *o); /* of OUTCOME_DONE */
[[nodiscard]] int message_add_event(struct buf *buf, const struct message_outcome *o);

#endif
