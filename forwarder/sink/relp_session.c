/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/sink/relp_session.h"

#include <poll.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/text.h"

#define OFFERS "relp_version=0\nrelp_software=skantd\ncommands=syslog"
#define ACCEPTED 200u
#define REASON_SHOWN 200

int relp_session_init(struct relp_session *s, const struct sink_env *env, struct err *err)
{
	s->out = (struct buf)BUF_INIT(SYSLOG_MESSAGE_BYTES + SYSLOG_WRITE_BYTES);
	return conn_init(&s->conn, env, err);
}

void relp_session_done(struct relp_session *s)
{
	conn_done(&s->conn);
	buf_done(&s->out);
}

void relp_session_drop(struct relp_session *s)
{
	conn_close(&s->conn);
	buf_clear(&s->out);
	s->written = 0;
	s->is_blocked = false;
	s->start = s->end = 0;
	s->txn = 0;
}

int relp_session_put(struct relp_session *s, const char *command, struct view data)
{
	uint32_t txn = relp_next_txn(s->txn);

	if (relp_frame_add(&s->out, txn, command, data))
		return -1;
	s->txn = txn;
	return 0;
}

/* --- moving bytes --- */

/* A connection that breaks does so again at the next try: first, what came before it broke is looked at. */

static int write_some(struct relp_session *s, bool *ret_moved, struct err *err)
{
	while (s->written < s->out.len) {
		struct view rest = view_sub(buf_view(&s->out), s->written, SIZE_MAX);
		ssize_t n = conn_send(&s->conn, rest, *ret_moved ? NULL : err);

		if (n < 0)
			return *ret_moved ? 0 : -1;
		s->is_blocked = n == 0;
		if (n == 0)
			return 0;
		s->written += (size_t)n;
		*ret_moved = true;
	}
	s->is_blocked = false;
	buf_clear(&s->out);
	s->written = 0;
	return 0;
}

/* There is room for one answer at least, or what is there is none. */
static int read_some(struct relp_session *s, bool *ret_moved, struct err *err)
{
	ssize_t n = 1;

	if (s->start) {
		memmove(s->in, s->in + s->start, s->end - s->start);
		s->end -= s->start;
		s->start = 0;
	}
	while (n > 0 && s->end < sizeof(s->in)) {
		n = conn_recv(&s->conn, s->in + s->end, sizeof(s->in) - s->end, *ret_moved ? NULL : err);
		if (n < 0)
			return *ret_moved ? 0 : -1;
		s->end += (size_t)n;
		*ret_moved = *ret_moved || n > 0;
		if (!s->conn.is_tls && s->end < sizeof(s->in)) /* that was all: another try would say so */
			break;
	}
	if (*ret_moved)
		conn_acknowledge(&s->conn);
	return 0;
}

int relp_session_move(struct relp_session *s, bool *ret_moved, struct err *err)
{
	*ret_moved = false;
	return read_some(s, ret_moved, err) ? -1 : write_some(s, ret_moved, err);
}

enum wait_result relp_session_wait(const struct relp_session *s, const struct sink_env *env, bool has_moved,
				   uint64_t until_ns)
{
	if (env && atomic_load(env->stop))
		return WAIT_STOP;
	if (clock_mono_ns() >= until_ns)
		return WAIT_TIME;
	if (has_moved)
		return WAIT_READY;
	return conn_wait(&s->conn, env, s->written < s->out.len ? POLLIN | POLLOUT : POLLIN, until_ns);
}

int relp_session_reject(const struct relp_session *s, struct err *err)
{
	return err_set(err, ERR_FORMAT, 0, "what %s answers is no RELP", s->conn.name);
}

int relp_session_answer(struct relp_session *s, struct relp_frame *ret, struct err *err)
{
	for (;;) {
		struct view rest = view_from(s->in + s->start, s->end - s->start);
		size_t len = 0;
		int status = relp_frame_read(rest, RELP_ANSWER_BYTES, ret, &len);

		if (status == 0)
			return 0;
		if (status < 0)
			return relp_session_reject(s, err);
		s->start += len;
		if (text_eq(ret->command, VIEW("rsp")))
			return 1;
		if (text_eq(ret->command, VIEW("serverclose")))
			return err_set(err, ERR_LATER, 0, "%s closed the session", s->conn.name);
		if (ret->txn) /* hints that we do not know are for those who do */
			return relp_session_reject(s, err);
	}
}

/* --- opening and closing --- */

/* Waits for the next answer. 1; 0: it did not come in time, or env says stop; -1. */
static int await_answer(struct relp_session *s, const struct sink_env *env, uint64_t until_ns, struct relp_frame *ret,
			struct err *err)
{
	for (;;) {
		bool has_moved;
		int status = relp_session_answer(s, ret, err);

		if (status)
			return status;
		if (relp_session_move(s, &has_moved, err))
			return -1;
		switch (relp_session_wait(s, env, has_moved, until_ns)) {
		case WAIT_READY:
			break;
		case WAIT_STOP:
			(void)err_set(err, ERR_LATER, 0, "stopped while waiting for %s", s->conn.name);
			return 0;
		case WAIT_TIME:
			(void)err_set(err, ERR_LATER, 0, "%s does not answer", s->conn.name);
			return 0;
		}
	}
}

/* What the answer to our offers is worth. */
static enum sink_result judge(const struct relp_session *s, const struct relp_frame *answer, struct err *err)
{
	struct view text;
	unsigned code = relp_frame_code(answer->data, &text);

	if (answer->txn != s->txn || !code) {
		(void)relp_session_reject(s, err);
		return SINK_RETRY;
	}
	if (code == ACCEPTED && relp_frame_offers(answer->data, VIEW("syslog")))
		return SINK_OK;
	text = view_sub(text, 0, REASON_SHOWN);
	(void)err_set(err, ERR_REFUSED, 0, "%s takes no syslog over RELP: it answered %u %.*s", s->conn.name, code,
		      (int)text.len, text.len ? text.ptr : "");
	return SINK_BROKEN;
}

static enum sink_result agree(struct relp_session *s, struct err *err)
{
	struct relp_frame answer;

	if (relp_session_put(s, "open", VIEW(OFFERS))) {
		err_nomem(err);
		return SINK_RETRY;
	}
	if (await_answer(s, s->conn.env, wait_until(CONN_OPEN_MS), &answer, err) != 1)
		return SINK_RETRY;
	return judge(s, &answer, err);
}

enum sink_result relp_session_open(struct relp_session *s, struct err *err)
{
	enum sink_result result;

	relp_session_drop(s);
	result = conn_open(&s->conn, err);
	if (result == SINK_OK)
		result = agree(s, err);
	if (result != SINK_OK)
		relp_session_drop(s);
	return result;
}

/* Writes what is left. */
static bool write_rest(struct relp_session *s, uint64_t until_ns)
{
	bool has_moved = false;

	while (s->is_blocked)
		if (relp_session_wait(s, NULL, has_moved, until_ns) != WAIT_READY ||
		    relp_session_move(s, &has_moved, NULL))
			return false;
	return true;
}

bool relp_session_end(struct relp_session *s, uint64_t until_ns)
{
	struct relp_frame answer = { .txn = 0 };
	bool is_answered = false;

	if (conn_is_open(&s->conn) && write_rest(s, until_ns) && relp_session_put(s, "close", VIEW_NONE) == 0)
		while (!is_answered && await_answer(s, NULL, until_ns, &answer, NULL) == 1)
			is_answered = answer.txn == s->txn;
	if (is_answered)
		(void)conn_finish(&s->conn, until_ns);
	relp_session_drop(s);
	return is_answered;
}
