/* SPDX-License-Identifier: Apache-2.0 */
/* The format text: `path:line:col:` first, so that editors and terminals jump there; then the line with the key masked
 * and marked, and what to do. */
#include "scanner/report/report.h"

#include "common/base/text.h"
#include "common/policy/keyname.h"

#define BOLD "\033[1m"
#define RED "\033[1;31m"
#define YELLOW "\033[33m"
#define GREEN "\033[32m"
#define PLAIN "\033[0m"

static int colour(const struct report_context *c, const char *sequence, struct buf *out)
{
	return c->colour ? buf_add_text(out, sequence) : 0;
}

static const char *severity_colour(enum severity s)
{
	return s >= SEVERITY_HIGH ? RED : YELLOW;
}

/* Masked text, then made safe for a terminal. */
static int add_safe(struct buf *out, const char *text)
{
	DEFER(buf_done) struct buf masked = BUF_INIT(2u << 20);

	return secret_add_masked_text(&masked, view_of(text), VIEW_NONE) || text_add_clean(out, buf_view(&masked)) ? -1
														   : 0;
}

static int add_place(const struct report_context *c, const struct finding *f, struct buf *out)
{
	return colour(c, BOLD, out) || add_safe(out, f->path) ||
	       buf_addf(out, ":%llu:%llu:", (unsigned long long)f->start_line, (unsigned long long)f->start_column) ||
	       colour(c, PLAIN, out) || buf_add_byte(out, ' ');
}

static int add_title(const struct report_context *c, const struct finding *f, struct buf *out)
{
	return colour(c, severity_colour(f->severity), out) || buf_add_text(out, severity_name(f->severity)) ||
	       colour(c, PLAIN, out) || buf_add_text(out, ": ") || add_safe(out, f->rule->title) ||
	       buf_addf(out, " %s", f->rule->kind == KIND_KEYNAME ? "'" : "") || add_safe(out, f->masked) ||
	       buf_addf(out, "%s [%s]\n", f->rule->kind == KIND_KEYNAME ? "'" : "", f->rule->id);
}

/* Blanks as wide as text on a terminal: a tab stays a tab, a byte inside a UTF-8 sequence takes no room. */
static int add_blanks(struct buf *out, struct view text)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char b = (unsigned char)text.ptr[i];

		if ((b & 0xC0) != 0x80 && buf_add_byte(out, b == '\t' ? '\t' : ' '))
			return -1;
	}
	return 0;
}

static size_t characters(struct view text)
{
	size_t n = 0;

	for (size_t i = 0; i < text.len; i++)
		n += ((unsigned char)text.ptr[i] & 0xC0) != 0x80;
	return n;
}

/* Tabs are shown as they are; text_add_clean would spell them out. */
static int add_line_part(struct buf *out, const char *text)
{
	struct view rest = view_of(text);

	while (rest.len) {
		size_t tab = text_find_byte(rest, '\t');

		if (text_add_clean(out, view_sub(rest, 0, tab)))
			return -1;
		if (tab == SIZE_MAX)
			break;
		if (buf_add_byte(out, '\t'))
			return -1;
		rest = view_sub(rest, tab + 1, rest.len);
	}
	return 0;
}

static int add_source(const struct report_context *c, const struct finding *f, struct buf *out)
{
	size_t before = 0, mark = 0;
	int ret = buf_addf(out, "%6llu | ", (unsigned long long)f->start_line);

	before = out->len;
	ret = ret || add_line_part(out, f->line_before);
	mark = out->len;
	ret = ret || add_safe(out, f->masked);
	if (!ret) {
		DEFER(buf_done) struct buf blanks = BUF_INIT(1u << 20);
		size_t width = characters(view_sub(buf_view(out), mark, out->len));

		ret = add_blanks(&blanks, view_sub(buf_view(out), before, mark - before)) ||
		      add_line_part(out, f->line_after) || buf_add_text(out, "\n       | ") ||
		      buf_add(out, buf_view(&blanks)) || colour(c, severity_colour(f->severity), out);
		for (size_t i = 0; i < width && !ret; i++)
			ret = buf_add_byte(out, '^');
	}
	return ret || colour(c, PLAIN, out) || buf_add_byte(out, '\n') ? -1 : 0;
}

static int add_violations(const struct report_context *c, const struct finding *f, struct buf *out)
{
	for (unsigned v = 0; v < KEYNAME_VIOLATIONS; v++) {
		if (!(f->violations >> v & 1))
			continue;
		if (buf_addf(out, "    %s: ", keyname_codes[v]) ||
		    keyname_add_text(c->names, view_of(f->masked), (enum keyname_violation)v, out) ||
		    buf_add_byte(out, '\n'))
			return -1;
	}
	if (!f->suggestion)
		return 0;
	return buf_add_text(out, "    rename it to: ") || colour(c, GREEN, out) || add_safe(out, f->suggestion) ||
	       colour(c, PLAIN, out) || buf_add_byte(out, '\n');
}

static int add_advice(const struct finding *f, struct buf *out)
{
	struct view rest = view_of(f->rule->remediation), line;

	if (!rest.len || !text_next_line(&rest, &line))
		return 0;
	return buf_add_text(out, "    do: ") || text_add_clean(out, line) ||
	       buf_addf(out, "; `skant explain %s`\n", f->rule->id);
}

static int add_notes(const struct finding *f, struct buf *out)
{
	if (f->via && buf_addf(out, "    encoded: %s\n", f->via))
		return -1;
	if (f->status != STATUS_ALLOWED)
		return 0;
	return buf_add_text(out, "    allowed: ") || add_safe(out, f->allowed_by) || buf_add_byte(out, '\n');
}

static int begin(const struct report_context *, struct buf *)
{
	return 0;
}

static int finding(const struct report_context *c, const struct finding *f, bool, struct buf *out)
{
	return add_place(c, f, out) || add_title(c, f, out) || add_source(c, f, out) || add_notes(f, out) ||
	       add_violations(c, f, out) || add_advice(f, out);
}

static int end(const struct report_context *, const struct summary *, bool, struct buf *)
{
	return 0;
}

const struct report_format report_text = { .name = "text", .begin = begin, .finding = finding, .end = end };
