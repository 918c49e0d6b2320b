/* SPDX-License-Identifier: Apache-2.0 */
/* The format csv (RFC 4180): one finding a line, a line of names first. */
#include "common/base/bounds.h"
#include "common/base/text.h"
#include "scanner/report/cell.h"
#include "scanner/report/shown.h"

static const char head[] = "rule_id,kind,severity,confidence,status,title,path,start_line,start_column,end_line,"
			   "end_column,masked,secret_id,fingerprint,object,commit,author,email,date,message,"
			   "last_commit,from,repository\r\n";

/* A clean text as one cell, with the comma before it. */
static int add_clean(struct buf *out, struct view text)
{
	return buf_add_byte(out, ',') || cell_add(out, text) ? -1 : 0;
}

static int add(struct buf *out, const char *text)
{
	DEFER(buf_done) struct buf clean = BUF_INIT(REPORT_TEXT_BYTES);

	return shown_add_clean(&clean, view_of(text)) || add_clean(out, buf_view(&clean)) ? -1 : 0;
}

static int add_fingerprint(struct buf *out, const struct finding *f)
{
	DEFER(buf_done) struct buf text = BUF_INIT(REPORT_TEXT_BYTES), clean = BUF_INIT(REPORT_TEXT_BYTES);

	return shown_add_fingerprint(&text, f) || text_add_clean(&clean, buf_view(&text)) ||
			       add_clean(out, buf_view(&clean))
		       ? -1
		       : 0;
}

static int add_all(struct buf *out, const char *const *texts, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (texts[i] ? add(out, texts[i]) : buf_add_byte(out, ','))
			return -1;
	return 0;
}

static int add_place(struct buf *out, const struct finding *f)
{
	const uint64_t numbers[] = { f->start_line, f->start_column, f->end_line, f->end_column };

	if (add(out, f->path))
		return -1;
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
		if (buf_addf(out, ",%llu", (unsigned long long)numbers[i]))
			return -1;
	return 0;
}

static int begin(const struct report_context *, struct buf *out)
{
	return buf_add_text(out, head);
}

static int finding(const struct report_context *, const struct finding *f, bool, struct buf *out)
{
	static const struct origin none;
	const struct origin *o = f->origin.is_known ? &f->origin : &none;
	const char *const what[] = { rule_kind_name(f->rule->kind), severity_name(f->severity),
				     confidence_name(f->confidence), finding_status_names[f->status], f->rule->title };
	const char *const secret[] = { f->masked, f->secret_id };
	const char *const history[] = { o->object,  o->commit, o->author,  o->email,     o->date,
					o->message, o->last,   o->reached, o->repository };

	return buf_add_text(out, f->rule->id) || add_all(out, what, ARRAY_LEN(what)) || add_place(out, f) ||
			       add_all(out, secret, ARRAY_LEN(secret)) || add_fingerprint(out, f) ||
			       add_all(out, history, ARRAY_LEN(history)) || buf_add_text(out, "\r\n")
		       ? -1
		       : 0;
}

static int end(const struct report_context *, const struct summary *, bool, struct buf *)
{
	return 0;
}

const struct report_format report_csv = { .name = "csv", .begin = begin, .finding = finding, .end = end };
