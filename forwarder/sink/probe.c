/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/sink/probe.h"

#include <string.h>

#include "common/base/bounds.h"
#include "common/base/clock.h"

#define END " END"
#define ID_BYTES 32

/* Where receivers are known to cut, split or close: RFC 5424 (2048), rsyslog (8096), syslog-ng (64 KiB). */
static const size_t sizes[] = { 512, 1024, 2048, 4096, 8095, 8096, 8097, 16384, 65535, 65536 };

struct probe {
	const struct sink_env *env;
	probe_send *send;
	void *context;
	struct buf *report;
	size_t sent;
};

static int add_filler(struct buf *buf, size_t len)
{
	size_t end = sizeof(END) - 1;

	if (buf_reserve(buf, len))
		return -1;
	for (size_t i = 0; i < len; i++) {
		bool is_filler = i + end < len || len < end;

		if (buf_add_byte(buf, is_filler ? 'x' : END[i + end - len]))
			return -1;
	}
	return 0;
}

/* The message of an event whose body has so many bytes of filler. */
static int encode(const struct sink_env *env, size_t size, size_t filler, struct buf *ret, struct err *err)
{
	struct encoder_options whole = env->encoding;
	DEFER(buf_done) struct buf body = BUF_INIT(SYSLOG_MESSAGE_BYTES), id = BUF_INIT(ID_BYTES);
	DEFER(event_done)
	struct event event = {
		.feed = VIEW("skantd"), .type = VIEW(EVENT_PROBE_TYPE), .origin = EVENT_OWN, .time_ns = clock_unix_ns()
	};
	bool is_cut;

	buf_clear(ret);
	whole.max_message = 0;
	if (buf_addf(&id, EVENT_PROBE_ID "-%zu", size) ||
	    buf_addf(&body,
		     "{\"type\":\"" EVENT_PROBE_TYPE "\",\"message\":\"Test of a message of %zu bytes\",\"filler\":\"",
		     size) ||
	    add_filler(&body, filler) || buf_add_text(&body, "\"}"))
		return err_nomem(err);
	event.id = buf_view(&id);
	event.body = buf_view(&body);
	event.observed_ns = event.time_ns;
	if (event_read(&event, err))
		return -1;
	return env->encoder->encode(&event, &whole, ret, &is_cut) ? err_nomem(err) : 0;
}

/* A message of size bytes: filled in the upstream bytes where the format carries them, else behind its end. Longer when
 * none is as short. */
static int make(const struct sink_env *env, size_t size, struct buf *ret, struct err *err)
{
	if (encode(env, size, 0, ret, err))
		return -1;
	if (ret->len < size && encode(env, size, size - ret->len, ret, err))
		return -1;
	return ret->len < size && add_filler(ret, size - ret->len) ? err_nomem(err) : 0;
}

/* As probe_send. */
static int probe_size(struct probe *p, size_t size, struct err *err)
{
	DEFER(buf_done) struct buf message = BUF_INIT(SYSLOG_MESSAGE_BYTES), answer = BUF_INIT(RELP_ANSWER_BYTES);
	struct err why = ERR_INIT;
	int status;

	if (make(p->env, size, &message, err))
		return -1;
	if (message.len > size)
		return 1;
	status = p->send(p->context, buf_view(&message), &answer, &why);
	if (status < 0)
		return err_set(err, why.kind, 0, "%s", why.text);
	p->sent += status > 0;
	if (status ? buf_addf(p->report, "%zu bytes: sent%s%s\n", size, answer.len ? ", " : "",
			      answer.len ? answer.ptr : "")
		   : buf_addf(p->report, "%zu bytes: NOT TAKEN: %s\n", size, why.text))
		return err_nomem(err);
	return status;
}

/* refused: the size that was not taken; 0: none. */
static int tell_end(const struct probe *p, size_t refused, size_t taken)
{
	if (refused && taken &&
	    buf_addf(p->report, "The receiver takes no message of %zu bytes: set max_message to %zu or less.\n",
		     refused, taken))
		return -1;
	return buf_addf(p->report,
			"%zu messages of type " EVENT_PROBE_TYPE
			" were sent. Look at the receiver: one that does not end in END "
			"was cut, one that is there in pieces was split. Set max_message below its size.\n",
			p->sent);
}

int probe_run(const struct sink_env *env, const char *name, probe_send *send, void *context, struct buf *report,
	      struct err *err)
{
	struct probe p = { .env = env, .send = send, .context = context, .report = report };
	uint64_t most = env->settings->max_message;
	size_t taken = 0;

	if (buf_addf(report, "syslog receiver %s, over %s\n", name, settings_transports[env->settings->transport]))
		return err_nomem(err);
	for (size_t i = 0; i <= ARRAY_LEN(sizes); i++) {
		size_t size = i < ARRAY_LEN(sizes) ? sizes[i] : most <= JSON_RECORD_BYTES ? (size_t)most : 0;
		int status;

		if (size <= taken || (most && size > most))
			continue;
		status = probe_size(&p, size, err);
		if (status < 0)
			return -1;
		if (status == 0)
			return tell_end(&p, size, taken) ? err_nomem(err) : 1;
		taken = size;
	}
	return tell_end(&p, 0, taken) ? err_nomem(err) : 0;
}
