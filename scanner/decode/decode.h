/* SPDX-License-Identifier: Apache-2.0 */
/* Encodings in which a key may stand: how a keyword looks in each (so that the prefilter finds it), and how the text
 * round it is turned back into plain bytes. A further encoding is one more form with its spelling and its decoder. */
#ifndef SCANNER_DECODE_DECODE_H
#define SCANNER_DECODE_DECODE_H

#include "common/base/buf.h"
#include "scanner/item.h"
#include "scanner/literal.h"

enum decode_form { DECODE_PLAIN, DECODE_UTF16LE, DECODE_UTF16BE, DECODE_FORMS };

extern const char *const decode_names[DECODE_FORMS]; /* as in a finding's `via`; NULL for plain */

/* Writes word as it looks in form. false when it does not fit into a literal: it is not looked for there. */
[[nodiscard]] bool decode_spell(enum decode_form form, struct view word, bool nocase, struct literal *ret);

/* The text of piece that contains a hit of form at position at, as one subject over the whole piece. buf holds it and
 * is overwritten. 0, or -1 when there is no memory. */
[[nodiscard]] int decode_subject(enum decode_form form, const struct piece *piece, size_t at, struct buf *buf,
				 struct subject *ret);

/* How a whole item is encoded, by its first bytes: a UTF-16 byte-order mark, or zero bytes at every other place.
 * *ret_mark is the length of the byte-order mark (that of UTF-8 included), 0 when there is none. */
enum decode_form decode_detect(struct view first, size_t *ret_mark);

/* Bytes that the 16-bit unit takes in UTF-8: 1 to 3; each half of a surrogate pair counts 2. */
unsigned decode_unit_len(unsigned unit);
unsigned decode_unit(const char *two_bytes, enum decode_form form);

/* Appends UTF-16 text (whole units) as UTF-8; lone surrogates become U+FFFD. 0, or -1 as buf_add. */
[[nodiscard]] int decode_add_utf8(struct buf *buf, struct view bytes, enum decode_form form);

#endif
