/* SPDX-License-Identifier: Apache-2.0 */
/* Cells of a CSV file (RFC 4180), for spreadsheets that take a cell for a formula when it starts with one of = + - @,
 * in some languages in their full width: an apostrophe before it makes it text (OWASP, "CSV Injection"). */
#ifndef SCANNER_REPORT_CELL_H
#define SCANNER_REPORT_CELL_H

#include "common/base/buf.h"

/* Appends a clean text (text_add_clean: so no line end, tab or other control byte) as one cell in quotes. 0, or -1 as
 * buf_add. */
[[nodiscard]] int cell_add(struct buf *out, struct view text);

#endif
