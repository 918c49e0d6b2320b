/* SPDX-License-Identifier: Apache-2.0 */
/* The format csv (RFC 4180): one finding a line, a line of names first. Spreadsheets take a cell that starts with one
 * of = + - @ for a formula: an apostrophe before it makes it text. */
#include <string.h>

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "scanner/report/shown.h"

static const char head[] = "rule_id,kind,severity,confidence,status,title,path,start_line,start_column,end_line,"
			   "end_column,masked,secret_id,fingerprint,object,commit,author,email,date,message,"
			   "last_commit,from\r\n";
static const char *const status_names[] = { "new", "baseline", "allowed" };

/* A clean text as one cell, with the comma before it. */
static int add_clean(struct buf *out, struct view text)
{
	bool is_formula = text.len && strchr("=+-@", text.ptr[0]);

	if (buf_add_text(out, is_formula ? ",\"'" : ",\""))
		return -1;
	for (size_t i = 0; i < text.len; i++)
		if (buf_add_byte(out, text.ptr[i]) || (text.ptr[i] == '"' && buf_add_byte(out, '"')))
			return -1;
	return buf_add_byte(out, '"');
}

static int add(struct buf *out, const char *text)
{
	DEFER(buf_done) struct buf clean = BUF_INIT(REPORT_TEXT_BYTES);

	return shown_add_clean(&clean, view_of(text)) || add_clean(out, buf_view(&clean)) ? -1 : 0;
}

static int add_u64(struct buf *out, uint64_t n)
{
	return buf_addf(out, ",%llu", (unsigned long long)n);
}

static int add_fingerprint(struct buf *out, const struct finding *f)
{
	DEFER(buf_done) struct buf text = BUF_INIT(REPORT_TEXT_BYTES), clean = BUF_INIT(REPORT_TEXT_BYTES);

	return shown_add_fingerprint(&text, f) || text_add_clean(&clean, buf_view(&text)) ||
			       add_clean(out, buf_view(&clean))
		       ? -1
		       : 0;
}

static int add_origin(struct buf *out, const struct origin *o)
{
	const char *const texts[] = { o->object, o->commit,  o->author, o->email,
				      o->date,   o->message, o->last,   o->reached };

	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		if (o->is_known && texts[i] ? add(out, texts[i]) : buf_add_byte(out, ','))
			return -1;
	return 0;
}

static int begin(const struct report_context *, struct buf *out)
{
	return buf_add_text(out, head);
}

static int finding(const struct report_context *, const struct finding *f, bool, struct buf *out)
{
	return buf_add_text(out, f->rule->id) || add(out, rule_kind_name(f->rule->kind)) ||
			       add(out, severity_name(f->severity)) || add(out, confidence_name(f->confidence)) ||
			       add(out, status_names[f->status]) || add(out, f->rule->title) || add(out, f->path) ||
			       add_u64(out, f->start_line) || add_u64(out, f->start_column) ||
			       add_u64(out, f->end_line) || add_u64(out, f->end_column) || add(out, f->masked) ||
			       add(out, f->secret_id) || add_fingerprint(out, f) || add_origin(out, &f->origin) ||
			       buf_add_text(out, "\r\n")
		       ? -1
		       : 0;
}

static int end(const struct report_context *, const struct summary *, bool, struct buf *)
{
	return 0;
}

const struct report_format report_csv = { .name = "csv", .begin = begin, .finding = finding, .end = end };
