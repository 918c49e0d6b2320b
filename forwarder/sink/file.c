/* SPDX-License-Identifier: Apache-2.0 */
/* The sink of type `file`: one event a line, synced to the disk before it counts as delivered, and there once. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "forwarder/export_line.h"
#include "forwarder/sink.h"
#include "forwarder/sink/file_doubt.h"
#include "forwarder/sink/logfile.h"

struct file_sink {
	const struct sink_env *env;
	struct logfile file;
	struct buf line, lines; /* an event; those that are not written yet */
	bool is_there[SINK_BATCH_EVENTS];
	bool holds_any; /* of ours, as was read back */
};

static void file_close(void *sink)
{
	struct file_sink *s = sink;

	logfile_close(&s->file);
	buf_done(&s->line);
	buf_done(&s->lines);
	free(s);
}

static void *file_open(const struct sink_env *env, struct err *err)
{
	struct file_sink *s = calloc(1, sizeof(*s));

	if (!s) {
		err_nomem(err);
		return NULL;
	}
	s->env = env;
	s->file = logfile_of(env->settings);
	s->line = (struct buf)BUF_INIT(LOGFILE_LINE_BYTES);
	s->lines = (struct buf)BUF_INIT(LOGFILE_LINE_BYTES + LOGFILE_WRITE_BYTES);
	return s;
}

/* --- delivering --- */

/* A batch on its way. */
struct file_delivery {
	struct file_sink *sink;
	const struct sink_batch *batch;
	struct sink_receipt *receipt;
	size_t next;    /* the event to be looked at */
	size_t waiting; /* events of those before it that stand in lines */
};

static size_t count_lines(struct view v)
{
	struct view line;
	size_t n = 0;

	while (text_next_line(&v, &line))
		n++;
	return n;
}

/* How far the batch is done with when so many of the waiting lines are there: up to the first one that is not. */
static size_t done_with(const struct file_delivery *d, size_t lines)
{
	size_t missing = d->waiting - lines, i = d->next;

	while (missing) /* from the end back: those that were there already do not count */
		missing -= !d->sink->is_there[--i];
	return i;
}

static enum sink_result flush(struct file_delivery *d, struct err *err)
{
	struct file_sink *s = d->sink;
	enum sink_result result;
	size_t bytes, there;

	if (!s->lines.len) {
		d->receipt->confirmed = d->receipt->sent = d->next;
		return SINK_OK;
	}
	result = logfile_append(&s->file, buf_view(&s->lines), &bytes, err);
	there = result == SINK_OK ? d->waiting : count_lines(view_sub(buf_view(&s->lines), 0, bytes));
	d->receipt->bytes += bytes;
	d->receipt->confirmed = done_with(d, there);
	/* What could not be cut off again may be found there. */
	d->receipt->sent = s->file.is_settled ? d->receipt->confirmed : d->next;
	buf_clear(&s->lines);
	d->waiting = 0;
	return result;
}

/* Puts the next event's line behind those that wait, once there is room for it in the file. */
static enum sink_result add_event(struct file_delivery *d, struct err *err)
{
	struct file_sink *s = d->sink;
	bool is_cut = false;

	buf_clear(&s->line);
	if (s->env->encoder->encode(&d->batch->events[d->next], &s->env->encoding, &s->line, &is_cut) ||
	    buf_add_byte(&s->line, '\n')) {
		err_nomem(err);
		return SINK_RETRY;
	}
	if (s->lines.len && (s->lines.len + s->line.len > LOGFILE_WRITE_BYTES ||
			     logfile_is_full(&s->file, s->lines.len, s->line.len))) {
		enum sink_result result = flush(d, err);

		if (result != SINK_OK)
			return result;
	}
	if (logfile_is_full(&s->file, 0, s->line.len)) {
		enum sink_result result = logfile_rotate(&s->file, err);

		if (result != SINK_OK)
			return result;
	}
	if (buf_add(&s->lines, buf_view(&s->line))) {
		err_nomem(err);
		return SINK_RETRY;
	}
	d->receipt->cut += is_cut;
	d->waiting++;
	return SINK_OK;
}

/* Opens the file; of a doubtful batch, looks what is there. */
static enum sink_result begin(struct file_delivery *d, struct err *err)
{
	struct file_sink *s = d->sink;
	enum sink_result result;
	bool is_cut;

	buf_clear(&s->line);
	buf_clear(&s->lines);
	if (s->env->encoder->encode(d->batch->events, &s->env->encoding, &s->line, &is_cut) || !s->line.len) {
		err_nomem(err);
		return SINK_RETRY;
	}
	result = logfile_ready(&s->file, s->line.ptr[0], err);
	if (result != SINK_OK)
		return result;
	if (!d->batch->is_doubtful)
		memset(s->is_there, 0, sizeof(s->is_there));
	else if (file_doubt(s->env->settings, d->batch, s->is_there, err) || logfile_sync(&s->file, err))
		return SINK_RETRY;
	return SINK_OK;
}

static enum sink_result file_deliver(void *sink, const struct sink_batch *batch, struct sink_receipt *receipt,
				     struct err *err)
{
	struct file_delivery d = { .sink = sink, .batch = batch, .receipt = receipt };
	enum sink_result result = begin(&d, err);

	while (result == SINK_OK && d.next < batch->count && !atomic_load(d.sink->env->stop)) {
		if (!d.sink->is_there[d.next])
			result = add_event(&d, err);
		d.next += result == SINK_OK;
	}
	if (result == SINK_OK)
		result = flush(&d, err);
	if (result == SINK_OK && d.next < batch->count) {
		(void)err_set(err, ERR_LATER, 0, "stopped while writing to '%s'", d.sink->file.path);
		result = SINK_RETRY;
	}
	if (receipt->confirmed && !batch->events[receipt->confirmed - 1].is_replay)
		receipt->durable_seq = batch->events[receipt->confirmed - 1].seq;
	return result;
}

/* --- check --sink --- */

/* Why it could not be appended to: errno, or 0 and the free space. */
static int look(const char *path, const char *folder, bool exists, struct statvfs *ret)
{
	if ((exists && access(path, R_OK | W_OK)) || access(folder, W_OK | X_OK) || statvfs(folder, ret))
		return errno;
	return ret->f_bavail ? 0 : ENOSPC;
}

/* Nothing is written: the file is evidence. */
static int file_probe(void *sink, struct buf *report, struct err *err)
{
	struct file_sink *s = sink;
	const char *path = s->env->settings->path, *slash = strrchr(path, '/');
	DEFER(buf_done) struct buf folder = BUF_INIT(CONFIG_PATH_BYTES + 1);
	const char *strange = logfile_strange(path);
	bool exists = access(path, F_OK) == 0;
	struct statvfs fs;
	int status, errnum;

	if (strange)
		return buf_addf(report, "'%s' is %s\n", path, strange) ? err_nomem(err) : 1;
	if (slash ? buf_add(&folder, view_from(path, slash == path ? 1 : (size_t)(slash - path)))
		  : buf_add_text(&folder, "."))
		return err_nomem(err);
	errnum = look(path, folder.ptr, exists, &fs);
	if (errnum)
		return buf_addf(report, "'%s' cannot be written: %s\n", path, strerrordesc_np(errnum)) ? err_nomem(err)
												       : 1;
	status = buf_addf(report, "'%s' can be %s; free space: ", path, exists ? "appended to" : "made");
	if (status == 0)
		status = text_add_bytes(report, (uint64_t)fs.f_bavail * fs.f_frsize);
	return status || buf_add_text(report, "\nnothing was written: what the file holds is evidence\n")
		       ? err_nomem(err)
		       : 0;
}

/* --- verify --- */

struct read_back {
	struct file_sink *sink;
	int (*tell)(void *context, const struct event *event, struct err *err);
	void *context;
	struct export_line line;
};

/* What the bytes are counts, where they are there; a hash beside them that is not theirs makes it none that we wrote,
 * and so does their absence without a word: the ledger has no such event. */
static int take_line(void *context, struct view line, struct err *err)
{
	struct read_back *r = context;
	struct event event = { .seq = 0 };

	if (export_line_read(line, &r->line) <= 0)
		return 0; /* not ours, or no longer: then one of ours will be missing */
	r->sink->holds_any = true;
	event.seq = r->line.seq;
	event.id = r->line.id;
	event.is_replay = r->line.is_replay;
	memcpy(event.hash, r->line.hash, sizeof(event.hash));
	memcpy(event.chain, r->line.chain, sizeof(event.chain));
	if (r->line.upstream.len)
		digest_sha256(r->line.upstream, event.hash);
	if (r->line.is_bare || memcmp(event.hash, r->line.hash, sizeof(event.hash)) != 0)
		memset(event.hash, 0, sizeof(event.hash));
	return r->tell(r->context, &event, err);
}

/* Formats do not all tell when an event was observed: all that is there is told, whatever its time. */
static int file_read_back(void *sink, int64_t, int64_t,
			  int (*tell)(void *context, const struct event *event, struct err *err), void *context,
			  struct err *err)
{
	struct file_sink *s = sink;
	const struct settings_sink *settings = s->env->settings;
	struct read_back r = {
		.sink = s, .tell = tell, .context = context, .line = { .store = BUF_INIT(LOGFILE_LINE_BYTES) }
	};
	int status = logfile_each_line(settings->path, settings->rotate_keep, UINT64_MAX, take_line, &r, err);

	buf_done(&r.line.store);
	return status;
}

/* A file has been taken away by rotation only where there are as many older ones as are kept. */
static int file_forgets(void *sink, int64_t *ret_before_ns, struct err *err)
{
	const struct file_sink *s = sink;
	const struct settings_sink *settings = s->env->settings;
	DEFER(buf_done) struct buf last = BUF_INIT(CONFIG_PATH_BYTES + 16);
	struct stat st;

	*ret_before_ns = INT64_MIN;
	if (!settings->rotate_bytes || !s->holds_any)
		return 0;
	if (buf_addf(&last, "%s.%u", settings->path, settings->rotate_keep))
		return err_nomem(err);
	if (lstat(last.ptr, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0)
		*ret_before_ns = INT64_MAX;
	return 0;
}

const struct sink_ops sink_file = {
	.name = "file",
	.level = SINK_DURABLE,
	.is_exact = true,
	.is_ordered = true,
	.open = file_open,
	.deliver = file_deliver,
	.probe = file_probe,
	.read_back = file_read_back,
	.forgets = file_forgets,
	.close = file_close,
};
