/* SPDX-License-Identifier: Apache-2.0 */
/* Writing HTML (the WHATWG's "HTML Living Standard") into a buf, streaming: no tree. The way for all bytes that are not
 * ours to come into a page: markup is for literals of the program only.
 *
 * Whatever bytes came in, the page is valid UTF-8 (RFC 3629) without a control character: what is unsafe on a terminal
 * (text_add_clean) or no character at all (U+FFFE and its like) is shown as \xNN. The first failure (ceiling, memory)
 * sticks: later calls write nothing, and html_ok tells. */
#ifndef COMMON_HTML_HTML_H
#define COMMON_HTML_HTML_H

#include "common/base/buf.h"

struct html {
	struct buf *out;
	bool failed;
};

void html_init(struct html *h, struct buf *out);
bool html_ok(const struct html *h);

void html_markup(struct html *h, const char *markup); /* as it is: a literal */
/* The same with numbers and literals in it: %s only for words of ours. */
PRINTF_LIKE(2, 3) void html_markupf(struct html *h, const char *fmt, ...);

void html_written(struct html *h, struct view page); /* what another writer has made */

/* Text, also right as an attribute's value between double quotes. */
void html_text(struct html *h, struct view text);
PRINTF_LIKE(2, 3) void html_textf(struct html *h, const char *fmt, ...);
PRINTF_LIKE(2, 0) void html_textvf(struct html *h, const char *fmt, va_list args);

/* ` name="text"` */
void html_attribute(struct html *h, const char *name, struct view text);

/* A JSON string (RFC 8259) for a data block: `<`, `>` and `&` are \u00XX, so that nothing in it ends the block. */
void html_json_string(struct html *h, struct view text);

#endif
