/* SPDX-License-Identifier: Apache-2.0 */
/* Single escapes: what a text starts with, when that is one. */
#ifndef SCANNER_DECODE_ESCAPE_H
#define SCANNER_DECODE_ESCAPE_H

#include "common/base/buf.h"

struct escape {
	size_t len;    /* bytes of it; 0: the text starts with none */
	bool has_byte; /* false: it stands for nothing, such as a soft line break */
	char byte;     /* '\xFF' for every character beyond ASCII */
};

typedef struct escape escape_fn(struct view v);
escape_fn escape_percent;   /* %2D: RFC 3986, section 2.1 */
escape_fn escape_backslash; /* \x2d \u002d \U0000002d \u{2d} \055 \n \- : C, JSON, JavaScript, Markdown */
escape_fn escape_entity;    /* &#45; &#x2d; and some names: HTML, section 13.5, "Named character references" */
escape_fn escape_quoted;    /* =2D, and = at a line's end: RFC 2045, section 6.7 */

#endif
