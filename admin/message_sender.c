/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/message_sender.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "admin/message_limits.h"
#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/sys/log.h"

#define LINE_BYTES (1u << 20) /* of a usage record or an audit event */

static struct message_sender *running; /* what signals end */
static volatile sig_atomic_t signals;
static bool ends_at_once; /* at the first signal */

static void on_signal(int)
{
	int count = signals + 1;

	signals = count;
	atomic_store(&running->drain, true);
	if (ends_at_once || count > 1)
		atomic_store(&running->s->stop, true);
}

bool message_sender_was_interrupted(void)
{
	return signals > 0;
}

static int catch_signals(struct message_sender *m, bool is_patient, struct err *err)
{
	struct sigaction action = { .sa_handler = on_signal };

	running = m;
	ends_at_once = !is_patient;
	(void)sigemptyset(&action.sa_mask);
	if (sigaction(SIGINT, &action, NULL) || sigaction(SIGTERM, &action, NULL))
		return err_set(err, ERR_IO, errno, "cannot handle signals");
	return 0;
}

static int open_usage(struct message_sender *m, const char *path, struct err *err)
{
	if (!path)
		return 0;
	m->usage_fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0600);
	if (m->usage_fd < 0)
		return err_set(err, ERR_USAGE, errno, "cannot open the usage file '%s'", path);
	return 0;
}

static int open_audit(struct message_sender *m, const char *path, struct err *err)
{
	if (!path)
		return 0;
	m->audit = message_audit_open(path, &m->s->stop, AUDIT_PATIENCE_MS, err);
	return m->audit ? 0 : err_prefix(err, "nothing was sent, as it could not be recorded");
}

/* The session's client, once more: with the limits, and with time to wait for them. */
static int open_client(struct message_sender *m, struct err *err)
{
	struct api_options options;

	session_api_options(m->s, &options);
	options.ratelimit = m->limits;
	options.drain = &m->drain;
	options.observed = NULL;
	if (m->s->o->queue) /* whose prompts wait for their turn all the time */
		options.pauses = NULL;
	if (!options.timeout_ms)
		options.timeout_ms = MESSAGE_TIMEOUT_MS;
	options.deadline_ms = m->s->o->wait_ms ? m->s->o->wait_ms : MESSAGE_WAIT_MS;
	api_freep(&m->s->api);
	m->s->api = api_new(&options, err);
	return m->s->api ? 0 : -1;
}

int message_sender_open(struct message_sender *m, struct session *s, bool is_count, bool is_patient, struct err *err)
{
	const struct options *o = s->o;

	*m = (struct message_sender){ .s = s, .is_count = is_count, .usage_fd = -1 };
	if (!is_count && o->dry_run)
		return open_client(m, err);
	if (open_usage(m, o->usage_file, err) || open_audit(m, o->ingest, err) ||
	    message_limits_open(s, is_count ? "counts" : "messages", &m->limits, err) || open_client(m, err))
		return -1;
	return catch_signals(m, is_patient, err);
}

void message_sender_done(struct message_sender *m)
{
	if (running) {
		(void)signal(SIGINT, SIG_DFL);
		(void)signal(SIGTERM, SIG_DFL);
		running = NULL;
	}
	api_freep(&m->s->api); /* it borrows the limits */
	ratelimit_freep(&m->limits);
	message_audit_freep(&m->audit);
	closep(&m->usage_fd);
	m->usage_fd = -1;
}

/* Whether no other prompt would be answered differently. */
static bool is_of_all(const struct api_refusal *refusal)
{
	struct view message = view_of(refusal->message);

	if (refusal->is_spend_limit || refusal->status == 401 || refusal->status == 402 || refusal->status == 403 ||
	    (refusal->status >= 300 && refusal->status <= 399))
		return true;
	return refusal->status == 400 && (text_find(message, VIEW("organization has been disabled")) != SIZE_MAX ||
					  text_find(message, VIEW("reached your specified")) != SIZE_MAX);
}

enum message_fate message_fate_of(const struct err *why, const struct api_refusal *refusal, bool is_drained,
				  enum outcome_kind *ret)
{
	*ret = OUTCOME_UNKNOWN;
	if (refusal->is_unknown)
		return MESSAGE_ENDED;
	switch (why->kind) {
	case ERR_REFUSED:
		*ret = OUTCOME_REFUSED;
		return is_of_all(refusal) ? MESSAGE_HALT : MESSAGE_ENDED;
	case ERR_LATER:
		*ret = OUTCOME_LATER;
		return is_drained ? MESSAGE_LEFT : MESSAGE_ENDED;
	case ERR_USAGE:
		*ret = OUTCOME_INVALID;
		return MESSAGE_ENDED;
	case ERR_FORMAT: /* an answer came, and was of no use */
		return MESSAGE_ENDED;
	default:
		return MESSAGE_HALT;
	}
}

static int call(struct message_sender *m, const struct prompt *p, struct message_outcome *o, struct err *err)
{
	const struct api_message_request request = { .model = p->model,
						     .prompt = p->prompt,
						     .messages = p->messages,
						     .system = p->system,
						     .max_tokens = p->max_tokens };

	if (m->is_count)
		return api_message_count(m->s->api, &request, &o->answer, &o->input_tokens, err);
	return api_message_create(m->s->api, &request, &o->answer, &o->message, err);
}

static void tell_note(const struct message_sender *m)
{
	struct err note = ERR_INIT;

	if (m->limits && ratelimit_note(m->limits, &note))
		log_warn("%s", note.text);
}

enum message_fate message_sender_send(struct message_sender *m, const struct prompt *prompt, struct message_outcome *o,
				      struct err *err)
{
	struct err why = ERR_INIT;
	enum message_fate fate;

	o->prompt = prompt;
	o->is_count = m->is_count;
	if (atomic_load(&m->drain))
		return MESSAGE_LEFT;
	if (m->audit && message_audit_check(m->audit, err))
		return MESSAGE_HALT;
	if (call(m, prompt, o, &why) == 0) {
		o->kind = OUTCOME_DONE;
		fate = m->is_count || o->answer.reply.was_sent ? MESSAGE_ENDED : MESSAGE_LEFT; /* a dry run */
	} else {
		fate = message_fate_of(&why, &o->answer.refusal, atomic_load(&m->drain), &o->kind);
		o->why = why;
	}
	if (fate == MESSAGE_HALT && err)
		*err = why;
	o->unix_s = clock_unix_s();
	tell_note(m);
	return fate;
}

/* Against other processes, where the file system has locks; without them a record that is just being written may look
 * as if it had no end, and gets an empty line behind it. So it does when a signal ends the waiting, for one that was
 * stopped in the midst of a record. */
static void lock_usage(int fd, short type)
{
	struct flock whole = { .l_type = type, .l_whence = SEEK_SET };

	(void)fcntl(fd, F_SETLKW, &whole);
}

/* One write, so that lines of several processes stay whole. What another one left without its end is ended first. */
static int write_usage(const struct message_sender *m, const struct message_outcome *o, struct err *err)
{
	DEFER(buf_done) struct buf line = BUF_INIT(LINE_BYTES);
	struct stat st;
	ssize_t n;
	char last;

	if (fstat(m->usage_fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0 &&
	    pread(m->usage_fd, &last, 1, st.st_size - 1) == 1 && last != '\n' && buf_add_byte(&line, '\n'))
		return err_nomem(err);
	if (message_add_usage(&line, o))
		return err_nomem(err);
	do
		n = write(m->usage_fd, line.ptr, line.len);
	while (n < 0 && errno == EINTR);
	if (n == (ssize_t)line.len)
		return 0;
	return err_set(err, ERR_IO, n < 0 ? errno : ENOSPC, "cannot write a usage record to '%s'", m->s->o->usage_file);
}

static int add_usage(const struct message_sender *m, const struct message_outcome *o, struct err *err)
{
	static pthread_mutex_t threads = PTHREAD_MUTEX_INITIALIZER; /* of one process share its lock of the file */
	int ret;

	(void)pthread_mutex_lock(&threads);
	lock_usage(m->usage_fd, F_WRLCK);
	ret = write_usage(m, o, err);
	lock_usage(m->usage_fd, F_UNLCK);
	(void)pthread_mutex_unlock(&threads);
	return ret;
}

static int add_event(const struct message_sender *m, const struct message_outcome *o, struct err *err)
{
	DEFER(buf_done) struct buf line = BUF_INIT(LINE_BYTES);

	return message_add_event(&line, o) ? err_nomem(err) : message_audit_add(m->audit, buf_view(&line), err);
}

int message_sender_record(struct message_sender *m, const struct message_outcome *o, struct err *err)
{
	bool has_usage = o->kind == OUTCOME_DONE && m->usage_fd >= 0;
	struct err other = ERR_INIT;
	int ret = 0;

	if (m->is_count || o->kind == OUTCOME_LATER || o->kind == OUTCOME_INVALID)
		return 0;
	if (has_usage)
		ret = add_usage(m, o, err);
	if (!m->audit || add_event(m, o, ret ? &other : err) == 0)
		return ret;
	if (ret)
		log_error("%s", other.text);
	return -1;
}
