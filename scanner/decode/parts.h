/* SPDX-License-Identifier: Apache-2.0 */
/* Inside decode/: what the decoders share. */
#ifndef SCANNER_DECODE_PARTS_H
#define SCANNER_DECODE_PARTS_H

#include "scanner/decode/decode.h"

#define DECODE_BEFORE 1024u    /* bytes of a text that are decoded before a hit, ... */
#define DECODE_AFTER 6144u     /* ... and behind it */
#define DECODE_LONG (1u << 20) /* of compressed data in base64 */
#define DECODE_MARGIN 3072u /* of them at the end, in which a hit counts as not looked at: its key may be cut there */

/* Appends one byte that comes from [from, to). 0, or -1 when there is no memory. */
[[nodiscard]] int decoded_add(struct decoded *d, char byte, size_t from, size_t to);

/* How a text in one literal goes on in the next one: skips what stands between two parts of a text that programs or
 * people have split, from the first byte behind the first part. Returns where the second part starts, or SIZE_MAX. The
 * kinds of part are told by is_part, as a base64 text's characters are others than a key's. */
size_t bridge_skip(struct view text, size_t at, bool (*is_part)(char c));

/* The same where only the outcome can say that the parts belong together: they stand in two variables, or are words one
 * behind another. */
size_t bridge_guess(struct view text, size_t at, bool (*is_part)(char c));

/* Where the line of a place starts, or a place in it that is so far before that the line is none that was wrapped. */
size_t bridge_line_start(struct view text, size_t at);
#define BRIDGE_WRAP_MAX 128  /* longest line that counts as wrapped: what stands behind a longer one is another text */
#define BRIDGE_BACK_BYTES 64 /* between two parts, where they are followed back, ... */
#define BRIDGE_BACK_LINES 32 /* ... and how often */

typedef enum decode_result decoder_fn(unsigned phase, struct view text, size_t at, struct decoded *ret);
decoder_fn decode_utf16le, decode_utf16be, decode_utf32, decode_base64, decode_hex, decode_numbers, decode_percent,
	decode_backslash, decode_entity, decode_quoted, decode_dump, decode_gzip, decode_zlib, decode_joined;

/* Phases of DECODE_JOINED: a key's first part starts at the hit; the hit is a later part of its first word; or it is
 * the quote before the first of several words between which dashes belong. */
enum { JOIN_FROM_START = DECODE_FROM_START, JOIN_FROM_MIDDLE, JOIN_BY_DASHES };

/* Phases of DECODE_BASE64: how many bytes stand before the word in its group of three; ... */
#define BASE64_ALIGNMENT 3u
#define BASE64_LONG 4u        /* ... it is the start of compressed data: all of it is wanted; ... */
#define BASE64_BEHIND_MARK 8u /* ... the hit begins with the mark that stands before the text */

/* Phase of the escapes: the hit is in the word that all keys begin with, or there is nothing to decode. */
#define ESCAPE_OF_ROOT 1u
#define ESCAPE_OCTAL 2u /* of DECODE_BACKSLASH: \0 and three digits, in which C sees two and one */

/* Phase of DECODE_HEX: the hit begins with the mark that stands before the digits. */
#define HEX_BEHIND_MARK 1u

/* Phases of DECODE_ZLIB: data starts at the hit; or behind the word "stream" that follows it, as in PDF. */
enum { ZLIB_HERE = DECODE_ZLIB_HERE, ZLIB_IN_STREAM };

#endif
