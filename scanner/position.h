/* SPDX-License-Identifier: Apache-2.0 */
/* Line and column of an offset, counted forward through the pieces of one item.
 *
 * Lines end at \n. Columns are bytes from 1, as in UTF-8: a byte-order mark takes no column, and text in UTF-16 is
 * counted as if it had been converted. */
#ifndef SCANNER_POSITION_H
#define SCANNER_POSITION_H

#include "scanner/decode/decode.h"
#include "scanner/item.h"
#include "scanner/prefilter/prefilter.h"

struct position {
	enum decode_form form;
	uint64_t at; /* an offset in the item; what follows is its place */
	uint64_t line, column;
	uint64_t utf16; /* the column in UTF-16 code units; a byte that is no UTF-8 counts as one */
};

/* The start of an item whose first piece is given. */
void position_start(struct position *p, const struct piece *first);

/* Goes on to the offset to (not before p->at), which the piece holds, or ends at. */
void position_advance(struct position *p, const struct piece *piece, uint64_t to, const struct prefilter *counter);

#endif
