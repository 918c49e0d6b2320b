/* SPDX-License-Identifier: Apache-2.0 */
/* The format junit: the XML that CI systems read as test results. Each finding is a test case that failed (one that is
 * allowed was skipped); one more case says whether everything was read, so that a clean scan has a test that passed.
 *
 * Elements and attributes are those of Jenkins' junit-10.xsd (jenkinsci/xunit-plugin), which is the strictest reader: a
 * test case has no attributes for its place, so classname is the path, and the name says line and column. */
#include <string.h>

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "common/base/xml.h"
#include "scanner/report/shown.h"

#define EXAMPLES 5

/* Masked, as all that a report shows. */
static int add_attribute(struct buf *out, const char *name, struct view text)
{
	DEFER(buf_done) struct buf masked = BUF_INIT(REPORT_TEXT_BYTES);

	return shown_add(&masked, text) || xml_add_attribute(out, name, buf_view(&masked)) ? -1 : 0;
}

static int add_line(struct buf *out, const struct finding *f)
{
	DEFER(buf_done) struct buf text = BUF_INIT(REPORT_TEXT_BYTES), clean = BUF_INIT(REPORT_TEXT_BYTES);

	if (shown_add_fingerprint(&text, f) || text_add_clean(&clean, buf_view(&text)) ||
	    xml_add(out, buf_view(&clean)) || buf_add_byte(out, '\n'))
		return -1;
	buf_clear(&text);
	buf_clear(&clean);
	return shown_add_line(&text, f) || text_add_clean(&clean, buf_view(&text)) || xml_add(out, buf_view(&clean))
		       ? -1
		       : 0;
}

static int add_failure(struct buf *out, const struct finding *f)
{
	DEFER(buf_done) struct buf title = BUF_INIT(REPORT_TEXT_BYTES);

	return shown_add_title(&title, f) || buf_add_text(out, "<failure") ||
			       add_attribute(out, "type", view_of(severity_name(f->severity))) ||
			       add_attribute(out, "message", buf_view(&title)) || buf_add_byte(out, '>') ||
			       add_line(out, f) || buf_add_text(out, "</failure>")
		       ? -1
		       : 0;
}

static int begin(const struct report_context *, struct buf *)
{
	return 0;
}

static int finding(const struct report_context *, const struct finding *f, bool, struct buf *out)
{
	DEFER(buf_done) struct buf name = BUF_INIT(REPORT_TEXT_BYTES);

	if (buf_addf(&name, "%s at %llu:%llu", f->rule->id, (unsigned long long)f->start_line,
		     (unsigned long long)f->start_column) ||
	    buf_add_text(out, "<testcase") || add_attribute(out, "classname", view_of(f->path)) ||
	    add_attribute(out, "name", buf_view(&name)) || buf_add_byte(out, '>'))
		return -1;
	if (f->status == STATUS_NEW
		    ? add_failure(out, f)
		    : buf_add_text(out, "<skipped") ||
			      add_attribute(out, "message",
					    f->allowed_by ? view_of(f->allowed_by) : VIEW("in the baseline")) ||
			      buf_add_text(out, "/>"))
		return -1;
	return buf_add_text(out, "</testcase>\n");
}

static int add_unread(struct buf *out, const struct summary *s, enum unread reason)
{
	DEFER(buf_done) struct buf text = BUF_INIT(REPORT_TEXT_BYTES);

	return shown_add_unread(&text, s, reason, EXAMPLES) || buf_add_text(out, "<error") ||
			       add_attribute(out, "type", view_of(unread_names[reason])) ||
			       add_attribute(out, "message", buf_view(&text)) || buf_add_text(out, "/>")
		       ? -1
		       : 0;
}

static int add_lacks(struct buf *out, const struct summary *s)
{
	DEFER(buf_done) struct buf text = BUF_INIT(REPORT_TEXT_BYTES);

	if (shown_add_lacks(&text, s))
		return -1;
	if (!text.len)
		return 0;
	return buf_add_text(out, "<error type=\"merge\"") || add_attribute(out, "message", buf_view(&text)) ||
			       buf_add_text(out, "/>")
		       ? -1
		       : 0;
}

static int add_coverage(struct buf *out, const struct summary *s)
{
	if (buf_add_text(out, "<testcase classname=\"skant\" name=\"everything was read\">"))
		return -1;
	for (unsigned r = 0; r < UNREAD_COUNT; r++)
		if (s->unread[r] && unread_is_incomplete((enum unread)r) && add_unread(out, s, (enum unread)r))
			return -1;
	if (add_lacks(out, s))
		return -1;
	if (s->failed && buf_add_text(out, "<error type=\"failed\" message=\"the scan broke off\"/>"))
		return -1;
	return buf_add_text(out, "</testcase>\n");
}

/* How often an element begins: texts hold no `<`. */
static size_t count(struct view xml, struct view element)
{
	size_t n = 0, at;

	for (; (at = text_find(xml, element)) != SIZE_MAX; n++)
		xml = view_sub(xml, at + element.len, xml.len);
	return n;
}

/* Test cases are collected; the head, which counts them, is put before them. */
static int end(const struct report_context *c, const struct summary *s, bool, struct buf *out)
{
	DEFER(buf_done) struct buf head = BUF_INIT(REPORT_TEXT_BYTES), counts = BUF_INIT(REPORT_TEXT_BYTES);

	if (add_coverage(out, s) ||
	    buf_addf(&counts, " tests=\"%zu\" failures=\"%zu\" errors=\"%d\"", count(buf_view(out), VIEW("<testcase")),
		     count(buf_view(out), VIEW("<failure")), s->incomplete || s->failed) ||
	    buf_addf(&head, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"skant\"%s>\n",
		     counts.ptr) ||
	    buf_addf(&head, "<testsuite name=\"skant %s\"%s skipped=\"%zu\">\n", c->command, counts.ptr,
		     count(buf_view(out), VIEW("<skipped"))))
		return -1;
	if (buf_add_text(out, "</testsuite>\n</testsuites>\n") || buf_reserve(out, head.len))
		return -1;
	memmove(out->ptr + head.len, out->ptr, out->len + 1);
	memcpy(out->ptr, head.ptr, head.len);
	out->len += head.len;
	return 0;
}

const struct report_format report_junit = {
	.name = "junit", .is_whole = true, .begin = begin, .finding = finding, .end = end
};
