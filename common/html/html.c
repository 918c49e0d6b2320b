/* SPDX-License-Identifier: Apache-2.0 */
#include "common/html/html.h"

#include <string.h>

#include "common/base/bounds.h"
#include "common/base/text.h"

void html_init(struct html *h, struct buf *out)
{
	*h = (struct html){ .out = out };
}

bool html_ok(const struct html *h)
{
	return !h->failed;
}

static void add(struct html *h, struct view bytes)
{
	if (!h->failed && buf_add(h->out, bytes))
		h->failed = true;
}

void html_markup(struct html *h, const char *markup)
{
	add(h, view_of(markup));
}

void html_markupf(struct html *h, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	if (!h->failed && buf_addvf(h->out, fmt, args))
		h->failed = true;
	va_end(args);
}

void html_written(struct html *h, struct view page)
{
	add(h, page);
}

/* How a character of clean text is written; NULL: as it is. */
typedef const char *escape_fn(char c);

static const char *escape_markup(char c)
{
	switch (c) {
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '&':
		return "&amp;";
	case '"':
		return "&#34;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

static const char *escape_json(char c)
{
	switch (c) {
	case '<':
		return "\\u003c";
	case '>':
		return "\\u003e";
	case '&':
		return "\\u0026";
	case '"':
		return "\\\"";
	case '\\':
		return "\\\\";
	default:
		return NULL;
	}
}

static void add_escaped(struct html *h, struct view clean, escape_fn *escape)
{
	size_t from = 0;

	for (size_t i = 0; i < clean.len; i++) {
		const char *escaped = escape(clean.ptr[i]);

		if (!escaped)
			continue;
		add(h, view_sub(clean, from, i - from));
		add(h, view_of(escaped));
		from = i + 1;
	}
	add(h, view_sub(clean, from, clean.len));
}

static bool is_plain(struct view text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.ptr[i] < 0x20 || text.ptr[i] > 0x7e)
			return false;
	return true;
}

/* The length of the code point that stands for none at the start of valid UTF-8, or 0: U+FDD0 to U+FDEF, and the last
 * two of each plane (Unicode, section 23.7), which HTML does not allow in a text. */
static size_t noncharacter_len(struct view text)
{
	const unsigned char *p = (const unsigned char *)text.ptr;

	if (text.len >= 3 && p[0] == 0xef && p[1] == 0xb7)
		return p[2] >= 0x90 && p[2] <= 0xaf ? 3 : 0;
	if (text.len >= 3 && p[0] == 0xef && p[1] == 0xbf)
		return p[2] >= 0xbe ? 3 : 0;
	if (text.len >= 4 && p[0] >= 0xf0)
		return (p[1] & 0x0f) == 0x0f && p[2] == 0xbf && p[3] >= 0xbe ? 4 : 0;
	return 0;
}

/* Cleaned text with noncharacters shown as \xNN as well. */
static int add_characters(struct buf *to, struct view clean)
{
	size_t from = 0;

	for (size_t i = 0; i < clean.len; i++) {
		size_t len = noncharacter_len(view_sub(clean, i, 4));

		if (!len)
			continue;
		if (buf_add(to, view_sub(clean, from, i - from)))
			return -1;
		for (size_t k = 0; k < len; k++)
			if (buf_addf(to, "\\x%02x", (unsigned char)clean.ptr[i + k]))
				return -1;
		i += len - 1;
		from = i + 1;
	}
	return buf_add(to, view_sub(clean, from, clean.len));
}

static void add_foreign(struct html *h, struct view text, escape_fn *escape)
{
	DEFER(buf_done) struct buf clean = BUF_INIT(HTML_TEXT_BYTES), characters = BUF_INIT(HTML_TEXT_BYTES);

	if (h->failed)
		return;
	if (is_plain(text)) {
		add_escaped(h, text, escape);
		return;
	}
	if (text_add_clean(&clean, text) || add_characters(&characters, buf_view(&clean)))
		h->failed = true;
	else
		add_escaped(h, buf_view(&characters), escape);
}

void html_text(struct html *h, struct view text)
{
	add_foreign(h, text, escape_markup);
}

void html_textvf(struct html *h, const char *fmt, va_list args)
{
	DEFER(buf_done) struct buf text = BUF_INIT(HTML_TEXT_BYTES);

	if (buf_addvf(&text, fmt, args))
		h->failed = true;
	else
		html_text(h, buf_view(&text));
}

void html_textf(struct html *h, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	html_textvf(h, fmt, args);
	va_end(args);
}

void html_attribute(struct html *h, const char *name, struct view text)
{
	html_markupf(h, " %s=\"", name);
	html_text(h, text);
	html_markup(h, "\"");
}

void html_json_string(struct html *h, struct view text)
{
	html_markup(h, "\"");
	add_foreign(h, text, escape_json);
	html_markup(h, "\"");
}
