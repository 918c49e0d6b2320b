/* SPDX-License-Identifier: Apache-2.0 */
/* The sink of type `journald`: our own sender, and what was sent is read back.
 *
 * sd_journal_sendv(3) says 0 when there is no socket at all, blocks when journald has stalled, and cannot see what a
 * rate limit dropped. So a batch is sent in large datagrams; a fence (journal_socket.h) tells when journald has dealt
 * with all of them; and then the journal is walked backward from its end and each event looked for, by number and hash.
 * (Whenever journald's queue is full, what it has stored so far is looked at instead of waiting.)
 * What is not there then was dropped, or died with a journald that was killed, and is sent again; unless the oldest
 * entry of all is younger than the sending: then it may have been stored and have gone already (vacuumed, or kept in
 * memory before a reboot): it is sent once more, and should it be gone again, it counts as unproven.
 *
 * Whatever may have been sent before (is_doubtful) is looked for first, behind a fence as well, and only sent when it
 * is not there. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/sys/log.h"
#include "forwarder/sink/journal_wire.h"
#include "forwarder/sink/journald_work.h"

#define NS_PER_US 1000
#define NS_PER_MS 1'000'000u
#define NS_PER_S 1'000'000'000u

static void journald_close(void *sink)
{
	struct journald *j = sink;

	journal_socket_close(&j->socket);
	journal_reader_free(j->reader);
	journal_sync_done(&j->sync);
	closep(&j->timer_fd);
	buf_done(&j->wire);
	free(j);
}

static void *journald_open(const struct sink_env *env, struct err *err)
{
	struct journald *j = calloc(1, sizeof(*j));

	if (!j) {
		err_nomem(err);
		return NULL;
	}
	j->env = env;
	j->socket = (struct journal_socket){ .env = env, .path = env->settings->socket, .fd = -1 };
	j->sync.folder = env->settings->journal;
	j->wire = (struct buf)BUF_INIT(4 * (size_t)JSON_RECORD_BYTES);
	j->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (j->timer_fd < 0) {
		err_set(err, ERR_IO, errno, "cannot make a timer");
		journald_close(j);
		return NULL;
	}
	return j;
}

/* --- sending --- */

enum sink_result journald_send(struct journald *j, struct sink_receipt *receipt, struct err *err)
{
	enum sink_result result = SINK_OK;
	int status = journal_send(&j->socket, buf_view(&j->wire), 0, err);

	if (status > 0) {
		result = journald_glance(j, err);
		if (result == SINK_OK)
			status = journal_send(&j->socket, buf_view(&j->wire), SINK_PATIENCE_MS, err);
	}
	if (status == 0)
		receipt->bytes += j->wire.len;
	buf_clear(&j->wire);
	if (status == 0 || result != SINK_OK)
		return result;
	if (status > 0)
		err_set(err, ERR_LATER, 0, "journald takes nothing: it has stalled");
	return err->kind == ERR_CONFIG ? SINK_BROKEN : SINK_RETRY;
}

/* Sends those that are not there, up to most of them. *ret_end: behind the last of them. */
static enum sink_result send_missing(struct journald *j, size_t most, struct sink_receipt *receipt, size_t *ret_end,
				     struct err *err)
{
	const struct sink_batch *batch = j->batch;
	enum sink_result result = SINK_OK;
	size_t in_datagram = 0, sent = 0, i;
	struct event event; /* borrows all it points to */

	buf_clear(&j->wire);
	for (i = 0; i < batch->count && sent < most; i++) {
		if (j->is_there[i])
			continue;
		event = batch->events[i];
		event.is_replay |= j->is_half[i];
		if ((in_datagram && buf_add_byte(&j->wire, '\n')) ||
		    journal_add_entry(&j->wire, &event, j->env->settings->facility)) {
			buf_clear(&j->wire);
			err_nomem(err);
			return SINK_RETRY;
		}
		in_datagram++;
		sent++;
		receipt->sent = i + 1 > receipt->sent ? i + 1 : receipt->sent;
		if (j->wire.len < JOURNALD_DATAGRAM_BYTES && in_datagram < JOURNALD_DATAGRAM_ENTRIES)
			continue;
		result = journald_send(j, receipt, err);
		if (result != SINK_OK)
			return result;
		in_datagram = 0;
	}
	*ret_end = i;
	return in_datagram ? journald_send(j, receipt, err) : SINK_OK;
}

/* --- delivering --- */

static size_t count_prefix(const struct journald *j)
{
	size_t n = 0;

	while (n < j->batch->count && j->is_there[n])
		n++;
	return n;
}

/* Whether the journal reaches back no further than to this time. 1, 0, -1 with err. A journal without any entry has not
 * forgotten anything: there is none (Storage=none). */
static int has_forgotten(const struct journald *j, int64_t since_us, struct err *err)
{
	int64_t oldest_us;

	if (journal_files_oldest(j->env->settings->journal, &oldest_us, err))
		return -1;
	return oldest_us > since_us;
}

/* What was sent for the second time and has gone again: done with. */
static void give_up(struct journald *j, size_t end, struct sink_receipt *receipt)
{
	for (size_t i = 0; i < end && receipt->exception_count < SINK_EXCEPTIONS_MAX; i++) {
		if (j->is_there[i])
			continue;
		receipt->exceptions[receipt->exception_count++] =
			(struct sink_exception){ .index = i,
						 .reason = "the journal forgot it before it could be read back" };
		j->is_there[i] = true;
	}
}

static void note_resent(const struct journald *j, size_t most, struct sink_receipt *receipt)
{
	size_t missing = j->batch->count - j->found;

	receipt->resent += missing < most ? missing : most;
}

/* Sends what is not there and looks for it; a second time what was not there then. tries: sendings before this one.
 * *ret_end: all before it have been dealt with. */
static enum sink_result prove_some(struct journald *j, unsigned tries, size_t most, struct sink_receipt *receipt,
				   size_t *ret_end, struct err *err)
{
	for (;;) {
		int64_t sent_us = clock_unix_ns() / NS_PER_US;
		enum sink_result result = send_missing(j, most, receipt, ret_end, err);
		int forgotten;

		if (result == SINK_OK)
			result = journald_look(j, err);
		if (result != SINK_OK || count_prefix(j) >= *ret_end)
			return result;
		forgotten = has_forgotten(j, sent_us, err);
		if (forgotten < 0)
			return SINK_RETRY;
		if (forgotten && tries > 0)
			give_up(j, *ret_end, receipt);
		if (tries > 0 || atomic_load(j->env->stop))
			return SINK_OK;
		most = forgotten ? SINK_EXCEPTIONS_MAX : SIZE_MAX;
		tries++;
		note_resent(j, most, receipt);
	}
}

static enum sink_result prove(struct journald *j, struct sink_receipt *receipt, struct err *err)
{
	enum sink_result result = SINK_OK;
	size_t end = 0;
	int forgotten = 0;

	/* The first sending of what a journal has forgotten was done by whoever left it in doubt. */
	if (j->batch->is_doubtful && j->found < j->batch->count)
		forgotten = has_forgotten(j, j->batch->events[0].observed_ns / NS_PER_US, err);
	if (forgotten < 0)
		return SINK_RETRY;
	while (result == SINK_OK && end < j->batch->count && count_prefix(j) >= end && !receipt->exception_count)
		result = prove_some(j, (unsigned)forgotten, forgotten ? SINK_EXCEPTIONS_MAX : SIZE_MAX, receipt, &end,
				    err);
	return result;
}

/* Why events are not there, as far as it can be told from which are. */
static void explain(const struct journald *j, const struct sink_receipt *receipt, struct err *err)
{
	enum event_severity found = EVENT_EMERG, lost = EVENT_DEBUG; /* the least urgent, the most urgent of them */
	size_t missing = j->batch->count - j->found;
	int64_t oldest_us = 0;

	for (size_t i = 0; i < j->batch->count; i++) {
		enum event_severity severity = j->batch->events[i].severity;

		if (j->is_there[i])
			found = severity > found ? severity : found;
		else
			lost = severity < lost ? severity : lost;
	}
	if (receipt->exception_count)
		err_set(err, ERR_LATER, 0,
			"the journal forgets events before they can be read back: it is too small (SystemMaxUse=, "
			"RuntimeMaxUse= in journald.conf)");
	else if (journal_files_oldest(j->env->settings->journal, &oldest_us, NULL) == 0 && !oldest_us)
		err_set(err, ERR_LATER, 0, "journald keeps no journal: is Storage=none set in journald.conf?");
	else if (missing == j->batch->count)
		err_set(err, ERR_LATER, 0,
			"journald stored none of %zu events: a rate limit (set LogRateLimitIntervalSec=0 in the unit), "
			"or a level that is not kept (LogLevelMax= in the unit, MaxLevelStore= in journald.conf)",
			missing);
	else if (found < lost)
		err_set(err, ERR_LATER, 0,
			"journald stored nothing below '%s', %zu of %zu events are missing: a level that is not kept "
			"(LogLevelMax= in the unit, MaxLevelStore= in journald.conf), or a rate limit "
			"(LogRateLimitIntervalSec=)",
			event_severity_names[found], missing, j->batch->count);
	else
		err_set(err, ERR_LATER, 0,
			"journald dropped %zu of %zu events: a rate limit (set LogRateLimitIntervalSec=0 in the unit)",
			missing, j->batch->count);
}

/* What follows from what was found. */
static enum sink_result conclude(struct journald *j, enum sink_result result, struct sink_receipt *receipt,
				 struct err *err)
{
	const struct event *last;
	size_t count = j->batch->count;

	receipt->confirmed = count_prefix(j);
	receipt->sent = receipt->sent < receipt->confirmed ? receipt->confirmed : receipt->sent;
	if (receipt->confirmed) {
		last = &j->batch->events[receipt->confirmed - 1];
		j->fruitless = 0;
		if (!last->is_replay)
			j->confirmed_seq = last->seq;
	}
	if (receipt->confirmed == count)
		return SINK_OK;
	if (result != SINK_OK)
		return result;
	if (atomic_load(j->env->stop)) {
		err_set(err, ERR_LATER, 0, "told to stop");
		return SINK_RETRY;
	}
	j->fruitless += !receipt->confirmed;
	explain(j, receipt, err);
	return j->fruitless > JOURNALD_FRUITLESS ? SINK_BROKEN : SINK_RETRY;
}

/* --- on the disk --- */

static void arm_timer(const struct journald *j, uint64_t at_ns)
{
	const struct itimerspec when = { .it_value = { .tv_sec = (time_t)(at_ns / NS_PER_S),
						       .tv_nsec = (long)(at_ns % NS_PER_S) } };

	(void)timerfd_settime(j->timer_fd, TFD_TIMER_ABSTIME, &when, NULL);
}

/* Proves what is due. Ours: we sync; else we look whether journald has. */
static void prove_durable(struct journald *j, struct sink_receipt *receipt)
{
	bool is_ours = j->env->settings->sync_batch;
	uint64_t wait_ms = is_ours ? JOURNALD_SYNC_MS : JOURNALD_SYNCED_MS;
	struct err why = ERR_INIT;
	int status;

	if (j->confirmed_seq <= j->synced_seq || j->sync.has_failed)
		return;
	/* `run --once` ends behind its last batch, and nobody tells us which one that is. */
	if (j->env->is_once || clock_mono_ns() >= j->sync_ns) {
		status = is_ours ? journal_sync(&j->sync, &why) : journal_is_synced(j->sync.folder, &why);
		if (j->sync.has_failed)
			log_error("sink '%s': %s; nothing more is called durable until skantd is started again",
				  j->env->settings->name, why.text);
		if (status > 0)
			receipt->durable_seq = j->synced_seq = j->confirmed_seq;
		j->sync_ns = clock_mono_ns() + (status <= 0 ? JOURNALD_SYNCED_MS : wait_ms) * NS_PER_MS;
	}
	arm_timer(j, j->confirmed_seq > j->synced_seq ? j->sync_ns : 0);
}

static enum sink_result journald_idle(void *sink, struct sink_receipt *receipt, struct err *err)
{
	struct journald *j = sink;
	uint64_t count;

	(void)err;
	(void)!read(j->timer_fd, &count, sizeof(count));
	prove_durable(j, receipt);
	return SINK_OK;
}

static int journald_idle_fd(void *sink)
{
	const struct journald *j = sink;

	return j->timer_fd;
}

/* --- */

static enum sink_result journald_deliver(void *sink, const struct sink_batch *batch, struct sink_receipt *receipt,
					 struct err *err)
{
	struct journald *j = sink;
	enum sink_result result = journald_look_start(j, batch, err);

	if (result != SINK_OK)
		return result;
	if (batch->is_doubtful)
		result = journald_look(j, err);
	if (result == SINK_OK)
		result = prove(j, receipt, err);
	result = conclude(j, result, receipt, err);
	prove_durable(j, receipt);
	return result;
}

static int journald_read_back(void *sink, int64_t from_ns, int64_t to_ns,
			      int (*tell)(void *context, const struct event *event, struct err *err), void *context,
			      struct err *err)
{
	struct journald *j = sink;

	if (journald_open_reader(j, from_ns / NS_PER_US, err) != SINK_OK)
		return -1;
	return journal_reader_each(j->reader, from_ns / NS_PER_US, to_ns / NS_PER_US, tell, context, err);
}

static int journald_forgets(void *sink, int64_t *ret_before_ns, struct err *err)
{
	const struct journald *j = sink;
	int64_t oldest_us;

	if (journal_files_oldest(j->env->settings->journal, &oldest_us, err))
		return -1;
	*ret_before_ns = oldest_us ? oldest_us * NS_PER_US : INT64_MIN;
	return 0;
}

const struct sink_ops sink_journald = { .name = "journald",
					.level = SINK_STORED,
					.is_exact = true,
					.open = journald_open,
					.deliver = journald_deliver,
					.idle = journald_idle,
					.idle_fd = journald_idle_fd,
					.probe = journald_probe,
					.read_back = journald_read_back,
					.forgets = journald_forgets,
					.close = journald_close };
