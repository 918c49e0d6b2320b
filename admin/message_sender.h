/* SPDX-License-Identifier: Apache-2.0 */
/* Sends prompts, and records what they used: for one prompt and for a queue alike. Any thread may send. */
#ifndef ADMIN_MESSAGE_SENDER_H
#define ADMIN_MESSAGE_SENDER_H

#include "admin/message_audit.h"
#include "admin/message_record.h"
#include "admin/session.h"

struct message_sender {
	struct session *s;
	bool is_count;               /* tokens are counted instead */
	struct ratelimit *limits;    /* NULL: of no other process */
	struct message_audit *audit; /* NULL: none */
	int usage_fd;                /* -1: none */
	atomic_bool drain;           /* raised: what is on its way is waited for, and nothing more is sent */
};

enum message_fate {
	MESSAGE_ENDED, /* the outcome tells how */
	MESSAGE_LEFT,  /* it was not sent, as nothing more is to be */
	MESSAGE_HALT,  /* neither this nor any other can be sent; err tells why */
};

/* Makes ready what the options ask for: limits, usage file, audit. The API is asked nothing. SIGINT and SIGTERM end it
 * from then on: the first raises drain (and the session's stop, unless is_patient), the second stop. 0 or -1. */
[[nodiscard]] int message_sender_open(struct message_sender *m, struct session *s, bool is_count, bool is_patient,
				      struct err *err);
void message_sender_done(struct message_sender *m);

/* Whether a signal came. */
bool message_sender_was_interrupted(void);

/* Sends one. o is zeroed before; api_answer_done(&o->answer) is due in any case. */
enum message_fate message_sender_send(struct message_sender *m, const struct prompt *prompt, struct message_outcome *o,
				      struct err *err);

/* Records an outcome of something that was sent: usage, audit event. 0; -1 with err: it is not recorded. */
[[nodiscard]] int message_sender_record(struct message_sender *m, const struct message_outcome *o, struct err *err);

/* What a failed call means: how it ends, and what becomes of the prompt. */
enum message_fate message_fate_of(const struct err *why, const struct api_refusal *refusal, bool is_drained,
				  enum outcome_kind *ret);

#endif
