/* SPDX-License-Identifier: Apache-2.0 */
/* Pages that need nothing but themselves: style and script are in them, allowed by their hashes (Content Security
 * Policy Level 3), and nothing else is loaded. All of it can be read without the script, which sorts, filters and
 * groups. */
#ifndef COMMON_HTML_PAGE_H
#define COMMON_HTML_PAGE_H

#include "common/html/html.h"

/* A part of the page that its navigation leads to. */
struct html_section {
	const char *id;    /* a word of ours */
	const char *title; /* a literal */
};

struct html_page {
	struct view title;   /* what it is: "API keys" */
	struct view subject; /* what of: the organisation, the folder; empty: nothing is said */
	struct view made_by; /* the command */
	int64_t made_s;      /* since 1970 */
	const struct html_section *sections;
	size_t section_count;
};

/* The head; only data may follow (html_data_end). */
void html_page_open(struct html *h, const struct html_page *page);
/* The heading and the navigation. */
void html_page_begin(struct html *h, const struct html_page *page);
void html_page_end(struct html *h);

void html_section_begin(struct html *h, const struct html_section *section);
void html_section_end(struct html *h);

/* A sentence or more below a heading. */
void html_paragraph(struct html *h, struct view text);
PRINTF_LIKE(2, 3) void html_paragraphf(struct html *h, const char *fmt, ...);

/* Figures to begin with: large numbers, each with what it is below. level is NULL or a word of html_levels. */
void html_tiles_begin(struct html *h);
void html_tile(struct html *h, const char *label, struct view value, const char *level);
void html_tiles_end(struct html *h);

/* Facts: a list of terms and what holds for them. */
void html_facts_begin(struct html *h);
void html_fact(struct html *h, const char *term, struct view value);
PRINTF_LIKE(3, 4) void html_factf(struct html *h, const char *term, const char *fmt, ...);
void html_facts_end(struct html *h);

/* The words that have colours: critical, high, medium, low, ok; false for any other. */
bool html_is_level(struct view word);

#endif
