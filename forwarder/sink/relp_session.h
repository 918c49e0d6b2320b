/* SPDX-License-Identifier: Apache-2.0 */
/* A session with a RELP receiver: connection, offers, frames out, answers in, the closing handshake (RELP's
 * specification, "RELP Session"). What the frames are about is its user's matter. */
#ifndef FORWARDER_SINK_RELP_SESSION_H
#define FORWARDER_SINK_RELP_SESSION_H

#include "common/base/bounds.h"
#include "forwarder/sink/conn.h"
#include "forwarder/sink/relp_frame.h"

struct relp_session {
	struct conn conn;
	struct buf out;    /* frames */
	size_t written;    /* of out */
	bool is_blocked;   /* the system took no more of out: nothing may be put there until it does */
	uint32_t txn;      /* of the last frame that was put */
	size_t start, end; /* in in: what was read and not looked at */
	char in[2 * RELP_ANSWER_BYTES];
};

/* As conn_init. s is all zero. */
[[nodiscard]] int relp_session_init(struct relp_session *s, const struct sink_env *env, struct err *err);
void relp_session_done(struct relp_session *s);

/* Connects, and agrees on sending syslog. SINK_OK, or with err SINK_RETRY or SINK_BROKEN; it is not open then. */
enum sink_result relp_session_open(struct relp_session *s, struct err *err);

/* Closes at once; what was not written or looked at is forgotten. */
void relp_session_drop(struct relp_session *s);

/* Puts a frame where it waits to be written; s->txn is its number then. Not while is_blocked. 0, -1: no memory. */
[[nodiscard]] int relp_session_put(struct relp_session *s, const char *command, struct view data);

/* Writes and reads what goes without waiting; *ret_moved: anything at all. 0, or -1 with err: it is over. */
[[nodiscard]] int relp_session_move(struct relp_session *s, bool *ret_moved, struct err *err);

/* The next answer that was read; its views hold until the next move. 1; 0: none is there as a whole; -1 with err: it is
 * over, by the receiver's wish or as what it says is no RELP. */
[[nodiscard]] int relp_session_answer(struct relp_session *s, struct relp_frame *ret, struct err *err);

/* After a move, which has_moved something or not: waits until the next one may do something. As wait_fd, and the time
 * and env's word count even while the receiver keeps us busy. */
enum wait_result relp_session_wait(const struct relp_session *s, const struct sink_env *env, bool has_moved,
				   uint64_t until_ns);

/* Says that this is the end, and waits for the receiver's word until until_ns: whether it came. Closed in any case. */
bool relp_session_end(struct relp_session *s, uint64_t until_ns);

/* "what NAME answers is no RELP"; -1. */
int relp_session_reject(const struct relp_session *s, struct err *err);

#endif
