/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes that are in memory already, handed on in pieces of bounded size. */
#ifndef SCANNER_SOURCE_PIECES_H
#define SCANNER_SOURCE_PIECES_H

#include "scanner/item.h"

/* Takes a piece; false asks for no more. */
typedef bool pieces_fn(void *context, const struct piece *piece);

/* Gives content to take in order: in one piece, or in overlapping ones when it is longer than SCAN_WINDOW_BYTES.
 * false when take wanted no more before the end. */
bool pieces_of(struct view content, pieces_fn *take, void *context);

#endif
