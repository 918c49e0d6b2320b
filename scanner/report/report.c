/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/report/report.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/base/text.h"
#include "common/sys/file.h"

#define BUFFER_BYTES (1u << 30)
#define FLUSH_BYTES (256u << 10)
#define REPORT_MODE 0644

struct report {
	const struct report_format *format;
	const struct report_context *context;
	struct buf out;
	struct file_replace file; /* when it goes to a path */
	const char *path;         /* NULL: standard output */
	void *state;              /* the format's, when it keeps one */
	bool any;                 /* a finding was written */
	bool failed;
	struct err err;
};

static const struct report_format *const formats[] = { &report_text,     &report_json,  &report_jsonl,  &report_sarif,
						       &report_csv,      &report_junit, &report_gitlab, &report_github,
						       &report_gitleaks, &report_html };

const struct report_format *report_find(struct view name)
{
	for (size_t i = 0; i < ARRAY_LEN(formats); i++)
		if (text_eq(name, view_of(formats[i]->name)))
			return formats[i];
	return NULL;
}

static int fail(struct report *r, int errnum)
{
	const char *where = r->path ? r->path : "standard output";

	if (!r->failed && errnum)
		(void)err_set(&r->err, ERR_IO, errnum, "cannot write the report to '%s'", where);
	else if (!r->failed)
		(void)err_nomem(&r->err);
	r->failed = true;
	return -1;
}

static int write_out(struct report *r)
{
	int fd = r->path ? r->file.fd : STDOUT_FILENO;

	if (file_write_full(fd, buf_view(&r->out)))
		return fail(r, errno);
	buf_clear(&r->out);
	return 0;
}

static int begin(struct report *r)
{
	if (!r->format->open)
		return r->format->begin(r->context, &r->out);
	r->state = r->format->open(r->context, &r->out);
	return r->state ? 0 : -1;
}

static int take(struct report *r, const struct finding *f)
{
	if (r->format->take)
		return r->format->take(r->state, r->context, f, &r->out);
	return r->format->finding(r->context, f, !r->any, &r->out);
}

static int end(struct report *r, const struct summary *s)
{
	if (r->format->close)
		return r->format->close(r->state, r->context, s, &r->out);
	return r->format->end(r->context, s, !r->any, &r->out);
}

struct report *report_open(const struct report_format *format, const char *path, const struct report_context *context,
			   struct err *err)
{
	struct report *r = calloc(1, sizeof(*r));

	if (!r) {
		(void)err_nomem(err);
		return NULL;
	}
	*r = (struct report){ .format = format, .context = context, .out = BUF_INIT(BUFFER_BYTES), .path = path };
	if (path && file_replace_open(&r->file, path, REPORT_MODE, err)) {
		free(r);
		return NULL;
	}
	if (begin(r))
		(void)fail(r, 0);
	return r;
}

int report_finding(struct report *r, const struct finding *f)
{
	if (r->failed)
		return -1;
	if (r->format->is_new_only && f->status != STATUS_NEW)
		return 0;
	if (take(r, f))
		return fail(r, 0);
	r->any = true;
	return r->format->is_whole || r->out.len < FLUSH_BYTES ? 0 : write_out(r);
}

int report_flush(struct report *r)
{
	if (r->failed)
		return -1;
	return r->path || r->format->is_whole || r->out.len == 0 ? 0 : write_out(r);
}

static void report_free(struct report *r)
{
	if (r->state)
		r->format->drop(r->state);
	buf_done(&r->out);
	free(r);
}

int report_close(struct report *r, const struct summary *s, struct err *err)
{
	int ret = 0;

	if (!r->failed && end(r, s))
		(void)fail(r, 0);
	if (!r->failed)
		(void)write_out(r);
	if (r->failed) {
		*err = r->err;
		ret = -1;
		if (r->path)
			file_replace_abort(&r->file);
	} else if (r->path) {
		ret = file_replace_commit(&r->file, err);
	}
	report_free(r);
	return ret;
}

void report_abort(struct report *r)
{
	if (!r)
		return;
	if (r->path)
		file_replace_abort(&r->file);
	report_free(r);
}
