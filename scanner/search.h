/* SPDX-License-Identifier: Apache-2.0 */
/* Looks for keywords in a piece, and in what decoders make of it where a keyword was met in some encoding, and in what
 * they make of that, and has the matcher try the rules on each of these texts. */
#ifndef SCANNER_SEARCH_H
#define SCANNER_SEARCH_H

#include "scanner/marks.h"
#include "scanner/match/matcher.h"

struct search; /* one thread's */

/* marks and matcher are borrowed. depth is how many decodings there may be one within another; 0: none but that of
 * UTF-16. NULL when there is no memory. */
struct search *search_new(const struct marks *marks, struct matcher_worker *matcher, unsigned depth);
void search_freep(struct search **at);

enum search_trouble {
	SEARCH_WHOLE,
	SEARCH_TOO_LARGE, /* compressed data in the piece unpacks to more than DECODE_UNPACKED_BYTES */
};

/* Between matcher_start and matcher_finish of a piece: finds what there is. What the matches refer to stays until the
 * next call. 0, or -1 when there is no memory. */
[[nodiscard]] int search_piece(struct search *s, const struct piece *piece, enum search_trouble *ret_trouble);

#endif
