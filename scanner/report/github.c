/* SPDX-License-Identifier: Apache-2.0 */
/* The format github: workflow commands of GitHub Actions, which become annotations of the change: one line each,
 * `::error file=...,line=...,col=...::message`. In a message % and line ends are percent-encoded, in a property also
 * `:` and `,` (https://docs.github.com/actions/reference/workflow-commands-for-github-actions). */
#include "common/base/bounds.h"
#include "common/base/text.h"
#include "scanner/report/shown.h"

#define EXAMPLES 5

static const char *const commands[] = { "notice", "warning", "error", "error" };

/* Clean text holds no line end; what is left is encoded. */
static int add_encoded(struct buf *out, struct view clean, bool is_property)
{
	for (size_t i = 0; i < clean.len; i++) {
		char c = clean.ptr[i];
		bool is_special = c == '%' || (is_property && (c == ':' || c == ','));

		if (is_special ? buf_addf(out, "%%%02X", (unsigned)c) : buf_add_byte(out, c))
			return -1;
	}
	return 0;
}

static int add_property(struct buf *out, const char *text)
{
	DEFER(buf_done) struct buf clean = BUF_INIT(REPORT_TEXT_BYTES);

	return shown_add_clean(&clean, view_of(text)) || add_encoded(out, buf_view(&clean), true) ? -1 : 0;
}

/* A column counts only within one line. */
static int add_place(struct buf *out, const struct finding *f)
{
	if (buf_add_text(out, " file=") || add_property(out, f->path) ||
	    buf_addf(out, ",line=%llu,endLine=%llu", (unsigned long long)f->start_line,
		     (unsigned long long)f->end_line))
		return -1;
	if (f->start_line != f->end_line)
		return 0;
	return buf_addf(out, ",col=%llu,endColumn=%llu", (unsigned long long)f->start_utf16,
			(unsigned long long)f->end_utf16);
}

/* ", lead text" when there is a text. */
static int add_note(struct buf *clean, const char *lead, const char *text)
{
	if (!text)
		return 0;
	return buf_add_text(clean, lead) || shown_add_clean(clean, view_of(text)) ? -1 : 0;
}

static int add_message(struct buf *out, const struct finding *f)
{
	DEFER(buf_done) struct buf text = BUF_INIT(REPORT_TEXT_BYTES), clean = BUF_INIT(REPORT_TEXT_BYTES);

	if (shown_add_title(&text, f) || text_add_clean(&clean, buf_view(&text)) ||
	    buf_addf(&clean, " [%s]", f->rule->id) ||
	    add_note(&clean, ", commit ", f->origin.is_known ? f->origin.commit : NULL) ||
	    add_note(&clean, ", allowed: ", f->status == STATUS_ALLOWED ? f->allowed_by : NULL) ||
	    (f->status == STATUS_BASELINE && buf_add_text(&clean, ", in the baseline")))
		return -1;
	buf_clear(&text);
	if (shown_add_advice(&text, f) || (text.len && buf_add_text(&clean, "; ")) || buf_add(&clean, buf_view(&text)))
		return -1;
	return add_encoded(out, buf_view(&clean), false);
}

static int begin(const struct report_context *, struct buf *)
{
	return 0;
}

static int finding(const struct report_context *, const struct finding *f, bool, struct buf *out)
{
	const char *command = f->status == STATUS_NEW ? commands[f->severity] : commands[SEVERITY_LOW];

	return buf_addf(out, "::%s", command) || add_place(out, f) || buf_add_text(out, ",title=") ||
			       add_property(out, f->rule->title) || buf_add_text(out, "::") || add_message(out, f) ||
			       buf_add_byte(out, '\n')
		       ? -1
		       : 0;
}

static int add_incomplete(struct buf *out, struct view why)
{
	return buf_add_text(out, "::error title=skant%3A the scan is incomplete::") || add_encoded(out, why, false) ||
			       buf_add_byte(out, '\n')
		       ? -1
		       : 0;
}

static int add_unread(struct buf *out, const struct summary *s, enum unread reason)
{
	DEFER(buf_done) struct buf text = BUF_INIT(REPORT_TEXT_BYTES);

	return shown_add_unread(&text, s, reason, EXAMPLES) || add_incomplete(out, buf_view(&text)) ? -1 : 0;
}

static int end(const struct report_context *, const struct summary *s, bool, struct buf *out)
{
	DEFER(buf_done) struct buf lacks = BUF_INIT(REPORT_TEXT_BYTES);

	for (unsigned r = 0; r < UNREAD_COUNT; r++)
		if (s->unread[r] && unread_is_incomplete((enum unread)r) && add_unread(out, s, (enum unread)r))
			return -1;
	if (shown_add_lacks(&lacks, s) || (lacks.len && add_incomplete(out, buf_view(&lacks))))
		return -1;
	return s->failed ? add_incomplete(out, VIEW("it broke off")) : 0;
}

const struct report_format report_github = { .name = "github", .begin = begin, .finding = finding, .end = end };
