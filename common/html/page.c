/* SPDX-License-Identifier: Apache-2.0 */
#include "common/html/page.h"

#include "common/base/bounds.h"
#include "common/base/clock.h"
#include "common/base/digest.h"
#include "common/base/text.h"
#include "common/base/version.h"
#include "common/html/asset.h"

static const char *const levels[] = { "critical", "high", "medium", "low", "ok" };

bool html_is_level(struct view word)
{
	for (size_t i = 0; i < ARRAY_LEN(levels); i++)
		if (text_eq(word, view_of(levels[i])))
			return true;
	return false;
}

/* `'sha256-…'` of an asset: base64 (RFC 4648, section 4). */
static void add_hash(struct html *h, struct view asset)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	unsigned char hash[DIGEST_SHA256_BYTES + 1];

	digest_sha256(asset, hash);
	hash[DIGEST_SHA256_BYTES] = 0; /* 32 bytes are 43 digits and one `=` */
	html_markup(h, "'sha256-");
	for (size_t i = 0; i < 43; i++) {
		size_t bit = i * 6, byte = bit / 8;
		unsigned pair = (unsigned)hash[byte] << 8 | hash[byte + 1];

		html_markupf(h, "%c", digits[pair >> (10 - bit % 8) & 63]);
	}
	html_markup(h, "='");
}

void html_page_open(struct html *h, const struct html_page *page)
{
	html_markup(h, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		       "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src ");
	add_hash(h, asset_style());
	html_markup(h, "; script-src ");
	add_hash(h, asset_script());
	html_markup(h, "; img-src data:; base-uri 'none'; form-action 'none'\">\n"
		       "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		       "<meta name=\"color-scheme\" content=\"light dark\">\n"
		       "<meta name=\"referrer\" content=\"no-referrer\">\n"
		       "<meta name=\"generator\" content=\"skant " SKANT_VERSION "\">\n"
		       "<link rel=\"icon\" href=\"data:,\">\n<title>");
	html_text(h, page->title);
	if (page->subject.len) {
		html_markup(h, " – ");
		html_text(h, page->subject);
	}
	html_markup(h, "</title>\n<style>");
	html_markup(h, asset_style().ptr);
	html_markup(h, "</style>\n</head>\n<body>\n");
}

static void add_navigation(struct html *h, const struct html_page *page)
{
	if (page->section_count < 2)
		return;
	html_markup(h, "<nav aria-label=\"Sections\">\n<ul>\n");
	for (size_t i = 0; i < page->section_count; i++) {
		html_markupf(h, "<li><a href=\"#%s\">", page->sections[i].id);
		html_text(h, view_of(page->sections[i].title));
		html_markup(h, "</a></li>\n");
	}
	html_markup(h, "</ul>\n</nav>\n");
}

/* 2026-11-28T14:55:58Z as people read it: 2026-11-28 14:55 UTC, the whole one in the attribute. */
static void add_time(struct html *h, int64_t unix_s)
{
	DEFER(buf_done) struct buf time = BUF_INIT(ERR_TEXT_BYTES);

	if (clock_add_rfc3339(&time, unix_s)) {
		h->failed = true;
		return;
	}
	html_markup(h, "<time");
	html_attribute(h, "datetime", buf_view(&time));
	html_markup(h, ">");
	html_text(h, view_sub(buf_view(&time), 0, 10));
	html_markup(h, " ");
	html_text(h, view_sub(buf_view(&time), 11, 5));
	html_markup(h, " UTC</time>");
}

void html_page_begin(struct html *h, const struct html_page *page)
{
	html_markup(h, "<a class=\"skip\" href=\"#main\">Skip to the content</a>\n<header>\n<p class=\"subject\">");
	html_text(h, page->subject);
	html_markup(h, "</p>\n<h1>");
	html_text(h, page->title);
	html_markup(h, "</h1>\n<p class=\"made\">");
	add_time(h, page->made_s);
	html_markup(h, " · <code>");
	html_text(h, page->made_by);
	html_markup(h, "</code> · skant " SKANT_VERSION "</p>\n</header>\n");
	add_navigation(h, page);
	html_markup(h, "<main id=\"main\" tabindex=\"-1\">\n");
}

void html_page_end(struct html *h)
{
	html_markup(h, "</main>\n<footer><p>Made by skant " SKANT_VERSION
		       ". This page is whole: it loads nothing.</p></footer>\n"
		       "<script>");
	html_markup(h, asset_script().ptr);
	html_markup(h, "</script>\n</body>\n</html>\n");
}

void html_section_begin(struct html *h, const struct html_section *section)
{
	html_markupf(h, "<section id=\"%s\" aria-labelledby=\"%s-title\">\n<h2 id=\"%s-title\">", section->id,
		     section->id, section->id);
	html_text(h, view_of(section->title));
	html_markup(h, "</h2>\n");
}

void html_section_end(struct html *h)
{
	html_markup(h, "</section>\n");
}

void html_paragraph(struct html *h, struct view text)
{
	html_markup(h, "<p>");
	html_text(h, text);
	html_markup(h, "</p>\n");
}

void html_paragraphf(struct html *h, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	html_markup(h, "<p>");
	html_textvf(h, fmt, args);
	html_markup(h, "</p>\n");
	va_end(args);
}

void html_tiles_begin(struct html *h)
{
	html_markup(h, "<dl class=\"tiles\">\n");
}

void html_tile(struct html *h, const char *label, struct view value, const char *level)
{
	html_markupf(h, "<div%s%s%s><dt>", level ? " class=\"" : "", level ? level : "", level ? "\"" : "");
	html_text(h, view_of(label));
	html_markup(h, "</dt><dd>");
	html_text(h, value);
	html_markup(h, "</dd></div>\n");
}

void html_tiles_end(struct html *h)
{
	html_markup(h, "</dl>\n");
}

void html_facts_begin(struct html *h)
{
	html_markup(h, "<dl class=\"facts\">\n");
}

static void begin_fact(struct html *h, const char *term)
{
	html_markup(h, "<div><dt>");
	html_text(h, view_of(term));
	html_markup(h, "</dt><dd>");
}

static void end_fact(struct html *h)
{
	html_markup(h, "</dd></div>\n");
}

void html_fact(struct html *h, const char *term, struct view value)
{
	begin_fact(h, term);
	html_text(h, value);
	end_fact(h);
}

void html_factf(struct html *h, const char *term, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	begin_fact(h, term);
	html_textvf(h, fmt, args);
	end_fact(h);
	va_end(args);
}

void html_facts_end(struct html *h)
{
	html_markup(h, "</dl>\n");
}
