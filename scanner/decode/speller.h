/* SPDX-License-Identifier: Apache-2.0 */
/* Inside decode/: how words are turned into literals. */
#ifndef SCANNER_DECODE_SPELLER_H
#define SCANNER_DECODE_SPELLER_H

#include "scanner/decode/decode.h"

/* Who is told of each spelling. Functions that tell return 0, or -1 when it does. */
struct speller {
	spell_fn *take;
	void *context;
};

/* A word or a part of one, on its way through encodings. */
struct spell_piece {
	unsigned char bytes[LITERAL_MAX];
	size_t len;
	bool nocase;
};

struct spell_piece spell_make(struct view text, bool nocase);
int spell_tell(const struct speller *s, enum decode_form form, unsigned phase, const struct spell_piece *p);

/* Appends text; a piece that grows too long is not told. */
void spell_add(struct spell_piece *p, struct view text);
void spell_add_digits(struct spell_piece *p, unsigned value, unsigned base, unsigned least);

/* The characters of a word's base64 text that the word alone decides, when `before` bytes stand before it in its group
 * of three. */
struct spell_piece spell_in_base64(const struct spell_piece *p, unsigned before);
struct spell_piece spell_in_hex(const struct spell_piece *p, bool upper);

struct escape_style {
	struct view before, behind; /* of the digits */
	unsigned base, least;
	enum decode_form form;
};

/* The characters of mask escaped; what stands behind the last one's digits may be missing. */
struct spell_piece spell_in_escapes(const struct escape_style *style, struct view text, unsigned mask);

/* Tells the word in base64, and with depth that in base64 again; flags are those of the phase. */
int spell_base64(const struct speller *s, const struct spell_piece *p, unsigned flags, unsigned depth);

int spell_hex(const struct speller *s, const struct spell_piece *p); /* digits one behind another */
int spell_lists(const struct speller *s, const struct spell_piece *p);
int spell_columns(const struct speller *s, const struct spell_piece *p);
int spell_wide_list(const struct speller *s);
int spell_dumps(const struct speller *s, const struct spell_piece *p);
int spell_octal(const struct speller *s, const struct spell_piece *p);

/* Of the word that all keys begin with. */
int spell_parts(const struct speller *s);

#endif
