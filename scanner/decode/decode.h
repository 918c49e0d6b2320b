/* SPDX-License-Identifier: Apache-2.0 */
/* Encodings in which a key may stand: how a keyword looks in each (so that the prefilter finds it), and how the text
 * round it is turned back into plain bytes. Nothing is decoded but where a keyword was met in that very encoding.
 *
 * A further encoding is one more form: how it spells a word (spell.c), and what it makes of text (decode_at). */
#ifndef SCANNER_DECODE_DECODE_H
#define SCANNER_DECODE_DECODE_H

#include "common/base/buf.h"
#include "scanner/item.h"
#include "scanner/literal.h"

enum decode_form {
	DECODE_PLAIN,
	DECODE_UTF16LE,
	DECODE_UTF16BE,
	DECODE_UTF32,     /* in either byte order */
	DECODE_BASE64,    /* RFC 4648, sections 4 and 5: both alphabets, with or without padding, wrapped or not */
	DECODE_HEX,       /* pairs of digits; between them nothing, or one or two of the usual marks */
	DECODE_DUMP,      /* lines of pairs with offsets before and characters behind them: hexdump -C, xxd */
	DECODE_NUMBERS,   /* a list of numbers, decimal or with 0x */
	DECODE_PERCENT,   /* RFC 3986, section 2.1 */
	DECODE_BACKSLASH, /* the escapes of C, JSON (RFC 8259, section 7), JavaScript; a backslash before any mark */
	DECODE_ENTITY,    /* character references of HTML */
	DECODE_QUOTED,    /* quoted-printable: RFC 2045, section 6.7 */
	DECODE_GZIP,      /* RFC 1952 */
	DECODE_ZLIB,      /* RFC 1950 */
	DECODE_JOINED,    /* a text that stands in parts: literals that are put together, lines that were wrapped */
	DECODE_FORMS
};

extern const char *const decode_names[DECODE_FORMS]; /* as in a finding's `via`; NULL for plain */

/* A way in which a word may be written. */
struct spelling {
	struct literal literal; /* its tag is not set */
	enum decode_form form;
	unsigned phase; /* what decode_at has to know beside the form */
};

/* How much is spelled: only the word itself; it in all widths of characters; in each encoding as well; and encodings
 * within encodings, partly escaped words and pieces of split literals too, which is for words that keys begin with. */
enum spell_reach { SPELL_PLAIN, SPELL_TEXT, SPELL_ENCODED, SPELL_ALL };

typedef int spell_fn(void *context, const struct spelling *spelling);

/* Calls take with each spelling of the word. Those that are too long or too short to be looked for are left out. 0, or
 * the first value of take that is not 0. */
int decode_spell(struct view word, bool nocase, enum spell_reach reach, spell_fn *take, void *context);

/* The same of what compressed data begins with, whatever is in it. */
int decode_spell_packed(spell_fn *take, void *context);

/* Whether v starts as zlib data does (RFC 1950, section 2.2). */
bool decode_is_zlib(struct view v);

/* What was made of a part of a text. */
struct decoded {
	struct buf text;
	struct span *spans; /* one for each byte of text; places in the text that was decoded. Owned */
	size_t span_cap;
	size_t covered; /* hits of the same form and phase before this place of the text need not be looked at again */
	struct span packed; /* DECODE_GZIP, DECODE_ZLIB: where the data stands; text has no spans then */
};

void decoded_init(struct decoded *d);
void decoded_done(struct decoded *d); /* overwrites the text */

enum decode_result {
	DECODE_NO_MEMORY = -1,
	DECODE_NOTHING, /* it is not encoded so, after all; covered means something all the same */
	DECODE_DONE,
	DECODE_TOO_LARGE, /* it unpacks to more than DECODE_UNPACKED_BYTES: that much of it is there */
};

/* Decodes what stands round place `at` of a text, where a spelling of form and phase was met; not DECODE_PLAIN. What
 * ret held before is overwritten; its spans ascend. */
enum decode_result decode_at(enum decode_form form, unsigned phase, struct view text, size_t at, struct decoded *ret);

/* A word of a key stands plainly at `at`: which form has the rest of it, by the mark that ends the run of a key's
 * characters. DECODE_PLAIN: none, it is whole. */
enum decode_form decode_look_closer(struct view text, size_t at);
#define DECODE_FROM_START 0 /* the phase that goes with it */
#define DECODE_ZLIB_HERE 0  /* the phase of DECODE_ZLIB where decode_is_zlib says so */

/* Whether the run of a key's characters begins with a whole key of the usual length; *ret_len is that length. */
bool decode_is_whole(struct view run, size_t *ret_len);

/* The text of piece that contains a hit of DECODE_UTF16LE or _BE at position at, as one subject over the whole piece.
 * buf holds it and is overwritten. 0, or -1 when there is no memory. */
[[nodiscard]] int decode_subject(enum decode_form form, const struct piece *piece, size_t at, struct buf *buf,
				 struct subject *ret);

/* How a whole item is encoded, by its first bytes: a UTF-16 byte-order mark, or zero bytes at every other place.
 * *ret_mark is the length of the byte-order mark (those of UTF-8 and UTF-32 included, whose bytes are read as they
 * are), 0 when there is none. */
enum decode_form decode_detect(struct view first, size_t *ret_mark);

/* Bytes that the 16-bit unit takes in UTF-8: 1 to 3; each half of a surrogate pair counts 2. */
unsigned decode_unit_len(unsigned unit);
unsigned decode_unit(const char *two_bytes, enum decode_form form);

/* Appends UTF-16 text (whole units) as UTF-8; lone surrogates become U+FFFD. 0, or -1 as buf_add. */
[[nodiscard]] int decode_add_utf8(struct buf *buf, struct view bytes, enum decode_form form);

#endif
