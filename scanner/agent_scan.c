/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/agent_scan.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "common/sys/file.h"
#include "scanner/record.h"
#include "scanner/source/gitdir.h"

#define PATH_BYTES (1u << 20)
#define KNOWN_BYTES (64u << 20)

/* One text or file as the pool's only task: it is read by this thread, no other is started. */
struct job {
	struct pool_task task; /* first: the pool's view of it */
	struct agent_scan *scan;
	struct item item;
	struct view text;
	int fd; /* -1: text */
};

/* Hands text over in pieces, as a file of that size would come. */
static void run_text(const struct job *job, struct pool_task *task)
{
	const struct item_sink *sink = pipeline_sink(job->scan->pipeline);
	struct piece piece = { .is_first = true };

	do {
		piece.bytes = view_sub(job->text, (size_t)piece.offset, SCAN_WINDOW_BYTES);
		piece.is_last = piece.offset + piece.bytes.len == job->text.len;
		sink->piece(sink->context, 0, task, &job->item, &piece);
		piece.offset += piece.bytes.len - SCAN_OVERLAP_BYTES;
		piece.is_first = false;
	} while (!piece.is_last);
}

static void run(void *context, unsigned worker, struct pool_task *task)
{
	struct job *job = context;
	struct reader_target to = { .sink = pipeline_sink(job->scan->pipeline), .worker = worker, .slot = task };

	if (job->fd < 0)
		run_text(job, task);
	else
		reader_run(&job->scan->reader, job->fd, &job->item, &to);
}

static bool is_known(const struct agent_scan *s, const char *id)
{
	for (size_t at = 0; at < s->known.len; at += SECRET_ID_BYTES)
		if (memcmp(s->known.ptr + at, id, SECRET_ID_BYTES) == 0)
			return true;
	return false;
}

static bool is_allowed(const struct agent_scan *s, const struct finding *f)
{
	const char *marker;

	if (f->status != STATUS_ALLOWED)
		return false;
	marker = suppress_marker(view_of(f->allowed_by));
	if (s->is_file || !marker || !text_eq(view_of(marker), view_of(f->allowed_by)))
		return true;
	return suppress_reason(s->setup.suppress, f) != NULL;
}

static int keep(struct agent_scan *s, const struct finding *f)
{
	s->count++;
	if (s->rule)
		return 0;
	s->rule = f->rule;
	s->line = f->start_line;
	memcpy(s->secret_id, f->secret_id, sizeof(s->secret_id));
	return buf_add(&s->where, s->place->where) || buf_add_text(&s->masked, f->masked) ? -1 : 0;
}

static int take_finding(struct agent_scan *s, const struct finding *f)
{
	if (s->use == AGENT_KNOWN)
		return buf_add(&s->known, view_from(f->secret_id, SECRET_ID_BYTES));
	if (f->confidence < CONFIDENCE_MEDIUM || f->severity < SEVERITY_MEDIUM || is_known(s, f->secret_id) ||
	    is_allowed(s, f))
		return 0;
	return keep(s, f);
}

static void take_trouble(struct agent_scan *s, const struct record_unread *u)
{
	const char *why = u->detail ? u->detail : unread_names[u->reason];

	if (s->trouble.kind == ERR_NONE && s->use == AGENT_NEW)
		(void)err_set(&s->trouble, ERR_IO, u->errnum, "%.*s could not be looked through: %s",
			      (int)s->place->where.len, s->place->where.ptr, why);
}

static void emit(void *context, struct pool_task *task)
{
	struct agent_scan *s = ((struct job *)context)->scan;
	struct records *r = task->output;

	for (const struct record *i = r->first; i; i = i->next) {
		if (!i->is_finding)
			take_trouble(s, &i->unread);
		else if (take_finding(s, &i->finding))
			(void)err_nomem(&s->trouble);
	}
	records_free(r);
	task->output = NULL;
}

/* The task is part of struct job, which agent_scan_text owns. */
static void leave(void *, struct pool_task *)
{
}

static int run_job(struct job *job, const struct agent_place *place, enum agent_use use, struct err *err)
{
	struct pool_ops ops = { .run = run, .emit = emit, .free = leave, .context = job };
	struct agent_scan *s = job->scan;

	s->place = place;
	s->use = use;
	s->is_file = job->fd >= 0;
	job->item.name = job->item.below = VIEW_NONE;
	job->item.name = place->path.len ? place->path : place->where;
	return pool_run(&ops, 1, FINDINGS_WAITING_BYTES, &job->task, err);
}

int agent_scan_text(struct agent_scan *s, const struct agent_place *place, struct view text, enum agent_use use,
		    struct err *err)
{
	struct job job = { .scan = s, .text = text, .fd = -1 };

	return text.len ? run_job(&job, place, use, err) : 0;
}

static int note_unreadable(struct agent_scan *s, const struct agent_place *place, enum agent_use use)
{
	if (errno == ENOENT || errno == ENOTDIR || errno == ENXIO || use == AGENT_KNOWN)
		return 0;
	if (s->trouble.kind == ERR_NONE)
		(void)err_set(&s->trouble, ERR_IO, errno, "%.*s could not be looked through", (int)place->where.len,
			      place->where.ptr);
	return 0;
}

int agent_scan_file(struct agent_scan *s, const struct agent_place *place, const char *path, enum agent_use use,
		    struct err *err)
{
	DEFER(closep) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct job job = { .scan = s, .fd = fd };
	struct stat st;

	if (fd < 0 || fstat(fd, &st))
		return note_unreadable(s, place, use);
	if (!S_ISREG(st.st_mode))
		return 0;
	if (!s->reader.window && reader_init(&s->reader, err))
		return -1;
	return run_job(&job, place, use, err);
}

char *agent_scan_path(const struct agent_scan *s, const char *path)
{
	return gitdir_path(s->cwd, path);
}

/* Whether names, which may be several with slashes between them, lead nowhere but down. */
static bool leads_down(struct view names)
{
	while (names.len) {
		struct view name = view_sub(names, 0, text_find_byte(names, '/'));

		if (text_eq(name, VIEW(".")) || text_eq(name, VIEW("..")))
			return false;
		names = view_sub(names, name.len + 1, names.len);
	}
	return true;
}

/* The path with links resolved as far as it exists. NULL when there is no telling where it leads. */
static char *resolve(const char *path)
{
	DEFER(freep) char *above = strdup(path);
	char *real = NULL, *slash, *ret;

	while (above && !(real = realpath(above, NULL)) && (errno == ENOENT || errno == ENOTDIR) &&
	       (slash = strrchr(above, '/')) != NULL && slash != above)
		*slash = '\0';
	if (!real)
		return NULL;
	ret = NULL;
	if (leads_down(view_of(path + strlen(above))))
		ret = path[strlen(above)] ? gitdir_path(real, path + strlen(above) + 1) : strdup(real);
	free(real);
	return ret;
}

int agent_scan_below(const struct agent_scan *s, const char *path, struct buf *ret)
{
	DEFER(freep) char *whole = agent_scan_path(s, path);
	DEFER(freep) char *real = whole ? resolve(whole) : NULL;
	struct view at, root = view_of(s->root);

	if (!whole)
		return -1;
	at = view_of(real ? real : whole);
	if (real && text_starts(at, root) && (at.ptr[root.len] == '/' || text_eq(root, VIEW("/")))) {
		at = view_sub(at, root.len, at.len);
		if (text_starts(at, VIEW("/")))
			at = view_sub(at, 1, at.len);
	}
	return buf_add(ret, at);
}

/* Names of keys are no reason to block. */
static void drop_names(struct ruleset *rules)
{
	for (size_t i = 0; i < ruleset_count(rules); i++)
		if (ruleset_at(rules, i)->kind == KIND_KEYNAME)
			(void)ruleset_enable(rules, view_of(ruleset_at(rules, i)->id), false);
}

static int find_root(struct agent_scan *s, const char *cwd, struct err *err)
{
	struct gitdir dir;

	s->cwd = realpath(*cwd ? cwd : ".", NULL);
	if (!s->cwd)
		return err_set(err, ERR_IO, errno, "cannot find the event's folder '%s'", *cwd ? cwd : ".");
	if (gitdir_find(s->cwd, false, &dir, err))
		return -1;
	s->root = dir.root ? TAKE(dir.root) : strdup(s->cwd);
	gitdir_done(&dir);
	return s->root ? 0 : err_nomem(err);
}

int agent_scan_open(struct agent_scan *s, const struct options *o, const char *cwd, struct err *err)
{
	struct pipeline_options p = { .decode_depth = DECODE_DEPTH, .jobs = 1, .min_confidence = CONFIDENCE_MEDIUM };

	*s = (struct agent_scan){ .where = BUF_INIT(2 * AGENT_EVENT_BYTES),
				  .masked = BUF_INIT(PATH_BYTES),
				  .known = BUF_INIT(KNOWN_BYTES) };
	if (find_root(s, cwd, err) || setup_read(o, s->root, &s->setup, err))
		return -1;
	drop_names(s->setup.rules);
	p.rules = s->setup.rules;
	p.suppress = s->setup.suppress;
	p.names = s->setup.names;
	s->pipeline = pipeline_new(&p, err);
	return s->pipeline ? 0 : -1;
}

void agent_scan_done(struct agent_scan *s)
{
	pipeline_freep(&s->pipeline);
	setup_done(&s->setup);
	if (s->reader.window)
		reader_done(&s->reader);
	free(s->root);
	free(s->cwd);
	buf_done(&s->where);
	buf_done(&s->masked);
	buf_done(&s->known);
}
