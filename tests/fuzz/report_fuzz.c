/* SPDX-License-Identifier: Apache-2.0 */
/* Reports, fed with texts at every place that foreign text comes from: names, lines, authors, messages, refs. Whatever
 * comes in, no escape sequence and no byte that is no UTF-8 comes out, JSON stays JSON, a line format keeps its lines,
 * and a page has no tag and no attribute but those of the program. */
#include <stdlib.h>
#include <string.h>

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "common/policy/keyname.h"
#include "common/sys/json.h"
#include "scanner/report/report.h"

#define TEXTS 12
#define TEXT_BYTES 4096
#define OUTPUT_BYTES (64u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct report_format *const formats[] = { &report_text,   &report_json,   &report_jsonl,
						       &report_sarif,  &report_csv,    &report_junit,
						       &report_gitlab, &report_github, &report_gitleaks };

static void check_bytes(struct view out)
{
	for (size_t i = 0; i < out.len;) {
		size_t len = text_utf8_len(view_sub(out, i, out.len));
		unsigned char c = (unsigned char)out.ptr[i];
		bool is_c1 = len == 2 && c == 0xC2 && (unsigned char)out.ptr[i + 1] < 0xA0;

		if (len == 0 || is_c1 || c == 0x7F || (c < ' ' && c != '\n' && c != '\r' && c != '\t'))
			abort();
		i += len;
	}
}

static void check_json(struct view out)
{
	struct view rest = out, value;
	struct err err = ERR_INIT;
	int ret;

	do
		ret = json_next(&rest, &value, &err);
	while (ret == 0);
	if (ret < 0)
		abort();
}

static void check_lines(struct view out, size_t expected)
{
	size_t lines = 0;

	for (size_t i = 0; i < out.len; i++)
		lines += out.ptr[i] == '\n';
	if (lines != expected)
		abort();
}

static bool is_one_of(struct view word, const char *const *words)
{
	for (; *words; words++)
		if (text_eq(word, view_of(*words)))
			return true;
	return false;
}

static size_t word_len(struct view text)
{
	size_t len = 0;

	while (len < text.len && (((text.ptr[len] | 0x20) >= 'a' && (text.ptr[len] | 0x20) <= 'z') ||
				  text_is_digit(text.ptr[len]) || text.ptr[len] == '-'))
		len++;
	return len;
}

/* What stands behind a tag's name, up to its end: names of attributes that the program writes, with or without values.
 * Where the tag ends. */
static size_t check_attributes(struct view page, size_t at)
{
	static const char *const names[] = { "aria-label",  "aria-labelledby",
					     "charset",     "class",
					     "content",     "data-table",
					     "data-type",   "data-v",
					     "data-group",  "data-grouped",
					     "datetime",    "href",
					     "http-equiv",  "id",
					     "lang",        "name",
					     "rel",         "role",
					     "scope",       "tabindex",
					     "type",        "viewBox",
					     "x",           "y",
					     "width",       "height",
					     "text-anchor", NULL };

	while (page.ptr[at] != '>') {
		size_t len;

		if (page.ptr[at] == ' ') {
			at++;
			continue;
		}
		len = word_len(view_sub(page, at, page.len));
		if (!is_one_of(view_sub(page, at, len), names))
			abort();
		at += len;
		if (page.ptr[at] != '=')
			continue;
		if (page.ptr[++at] != '"')
			at += word_len(view_sub(page, at, page.len));
		else
			at += text_find_byte(view_sub(page, at + 1, page.len), '"') + 2;
		if (at >= page.len)
			abort();
	}
	return at + 1;
}

/* A data block is JSON, and ends where it should. Where what stands in a script or a style ends. */
static size_t check_inside(struct view page, struct view name, size_t from, bool is_data)
{
	struct view end = text_eq(name, VIEW("script")) ? VIEW("</script>") : VIEW("</style>");
	size_t len = text_find(view_sub(page, from, page.len), end);

	if (len == SIZE_MAX)
		abort();
	if (is_data && text_find_byte(view_sub(page, from, len), '<') != SIZE_MAX) /* the element might end there */
		abort();
	if (is_data)
		check_json(view_sub(page, from, len));
	return from + len;
}

static void check_page(struct view page)
{
	static const char *const names[] = { "a",          "body",    "caption", "code",  "dd",    "div",    "dl",
					     "dt",         "footer",  "h1",      "h2",    "head",  "header", "html",
					     "li",         "link",    "main",    "meta",  "nav",   "p",      "noscript",
					     "script",     "section", "span",    "style", "table", "tbody",  "td",
					     "th",         "thead",   "time",    "title", "tr",    "ul",     "figure",
					     "figcaption", "svg",     "rect",    "text",  NULL };
	size_t at = sizeof("<!DOCTYPE html>") - 1, less;

	if (!text_starts(page, VIEW("<!DOCTYPE html>")))
		abort();
	while ((less = text_find_byte(view_sub(page, at, page.len), '<')) != SIZE_MAX) {
		bool is_end;
		struct view name;
		size_t tag;

		at += less + 1;
		is_end = page.ptr[at] == '/';
		at += is_end;
		name = view_sub(page, at, word_len(view_sub(page, at, page.len)));
		if (!is_one_of(name, names))
			abort();
		tag = at + name.len;
		at = check_attributes(page, tag);
		if (!is_end && (text_eq(name, VIEW("script")) || text_eq(name, VIEW("style"))))
			at = check_inside(page, name, at,
					  text_find(view_sub(page, tag, at - tag), VIEW("data-table")) != SIZE_MAX);
	}
}

static void check(const struct report_format *format, struct view out)
{
	check_bytes(out);
	if (format == &report_csv)
		check_lines(out, 2);
	else if (format == &report_github)
		check_lines(out, 2);
	else if (format != &report_text && format != &report_junit)
		check_json(out);
}

/* With as many findings that some are rows of the table and some are data. */
static void render_page(const struct report_context *c, const struct finding *f, const struct summary *s, size_t count)
{
	DEFER(buf_done) struct buf out = BUF_INIT(OUTPUT_BYTES);
	void *page = report_html.open(c, &out);

	if (!page)
		abort();
	for (size_t i = 0; i < count; i++)
		if (report_html.take(page, c, f, &out))
			abort();
	if (report_html.close(page, c, s, &out))
		abort();
	report_html.drop(page);
	check_bytes(buf_view(&out));
	check_page(buf_view(&out));
}

/* Without a format: the page. */
static void render(const struct report_format *format, const struct finding *f, const struct summary *s)
{
	static const struct rule *rules[1];
	const char *const targets[] = { f->path };
	struct report_context c = {
		.targets = targets, .target_count = 1, .command = "dir", .names = &keyname_standard, .verbose = true
	};
	DEFER(buf_done) struct buf out = BUF_INIT(OUTPUT_BYTES);

	rules[0] = f->rule;
	c.rules = rules;
	c.rule_count = 1;
	if (!format) {
		render_page(&c, f, s, f->severity == SEVERITY_LOW ? HTML_TABLE_ROWS + 1 : 2);
		return;
	}
	if (format->begin(&c, &out) || format->finding(&c, f, true, &out) || format->end(&c, s, false, &out))
		abort();
	check(format, buf_view(&out));
}

/* The input is cut at its NUL bytes, and the texts are used in turn. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char texts[TEXTS][TEXT_BYTES];
	struct rule rule = { .id = "a-rule", .title = texts[0], .remediation = texts[1] };
	struct finding f = { .rule = &rule,
			     .path = texts[2],
			     .below = texts[2],
			     .masked = texts[3],
			     .line_before = texts[4],
			     .line_after = texts[5],
			     .secret_id = "sha256:0",
			     .start_line = 1,
			     .end_line = 1,
			     .origin = { .is_known = true,
					 .object = texts[6],
					 .object_type = "blob",
					 .commit = texts[6],
					 .author = texts[7],
					 .email = texts[8],
					 .date = texts[7],
					 .message = texts[9],
					 .last = texts[6],
					 .reached = "ref",
					 .refs = texts[10],
					 .also_at = texts[11],
					 .untrusted = texts[8] } };
	struct summary s = { .incomplete = true, .example_count = 1 };
	size_t n = 0, len = 0;

	memset(texts, 0, sizeof(texts));
	for (size_t i = 0; i < size && n < TEXTS; i++) {
		if (data[i] == 0) {
			n++;
			len = 0;
		} else if (len + 1 < TEXT_BYTES) {
			texts[n][len++] = (char)data[i];
		}
	}
	s.unread[UNREAD_LIMIT] = 2;
	s.examples[0] = (struct summary_example){ .reason = UNREAD_LIMIT, .path = texts[2] };
	f.severity = size % 4;
	rule.kind = size % 3 ? KIND_API : KIND_KEYNAME;
	f.violations = size % 3 ? 0 : (1u << KEYNAME_VIOLATIONS) - 1;
	for (size_t i = 0; i < ARRAY_LEN(formats); i++)
		render(formats[i], &f, &s);
	render(NULL, &f, &s);
	return 0;
}
