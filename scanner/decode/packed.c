/* SPDX-License-Identifier: Apache-2.0 */
/* Compressed data in the middle of something else. What it unpacks to stands, as a whole, where it does. */
#include "common/base/bounds.h"
#include "common/base/text.h"
#include "common/sys/inflate.h"
#include "scanner/decode/parts.h"

#define ZLIB_METHOD_MASK 0x0F /* RFC 1950, section 2.2: CM, and FCHECK */
#define ZLIB_METHOD 8
#define ZLIB_WINDOW_MAX 7
#define ZLIB_CHECK 31
#define ZLIB_DICTIONARY 0x20
#define GZIP_HEAD 10 /* RFC 1952, section 2.3: bytes of it, without what flags add */
#define GZIP_FLAGS_AT 3
#define GZIP_EXTRA 0x04u
#define GZIP_NAME 0x08u
#define GZIP_COMMENT 0x10u
#define GZIP_TEXT_MAX 512 /* of a name or a comment: else each of many starts would be read to the end of the text */
#define STREAM_WITHIN 512 /* behind a filter's name in a PDF file, the word that its data starts after */

bool decode_is_zlib(struct view v)
{
	unsigned method, flags;

	if (v.len < 8)
		return false;
	method = (unsigned char)v.ptr[0];
	flags = (unsigned char)v.ptr[1];
	return (method & ZLIB_METHOD_MASK) == ZLIB_METHOD && method >> 4 <= ZLIB_WINDOW_MAX &&
	       (method << 8 | flags) % ZLIB_CHECK == 0 && !(flags & ZLIB_DICTIONARY);
}

/* Whether the header ends: it is what a text of nothing but starts of such data lacks. */
static bool has_gzip_head(struct view v)
{
	size_t at = GZIP_HEAD;
	unsigned flags;

	if (v.len < GZIP_HEAD)
		return false;
	flags = (unsigned char)v.ptr[GZIP_FLAGS_AT];
	if (flags & GZIP_EXTRA) {
		if (v.len < at + 2)
			return false;
		at += 2 + ((size_t)(unsigned char)v.ptr[at + 1] << 8 | (unsigned char)v.ptr[at]);
	}
	for (unsigned text = GZIP_NAME; text <= GZIP_COMMENT; text <<= 1) {
		size_t end = flags & text ? text_find_byte(view_sub(v, at, GZIP_TEXT_MAX), '\0') : 0;

		if (end == SIZE_MAX)
			return false;
		at += flags & text ? end + 1 : 0;
	}
	return at < v.len;
}

static enum decode_result unpack(enum inflate_format format, struct view text, size_t at, struct decoded *ret)
{
	size_t used;
	enum inflate_result result = inflate_add(format, view_sub(text, at, text.len), &ret->text, &used);

	ret->packed = (struct span){ .from = (uint32_t)at, .to = (uint32_t)(at + used) };
	if (result == INFLATE_NO_MEMORY)
		return DECODE_NO_MEMORY;
	if (result == INFLATE_TOO_LARGE)
		return DECODE_TOO_LARGE;
	return ret->text.len ? DECODE_DONE : DECODE_NOTHING;
}

enum decode_result decode_gzip(unsigned, struct view text, size_t at, struct decoded *ret)
{
	return has_gzip_head(view_sub(text, at, text.len)) ? unpack(INFLATE_GZIP, text, at, ret) : DECODE_NOTHING;
}

enum decode_result decode_zlib(unsigned phase, struct view text, size_t at, struct decoded *ret)
{
	if (phase == ZLIB_IN_STREAM) { /* ISO 32000-1, 7.3.8: the keyword is followed by one end of line */
		size_t word = text_find(view_sub(text, at, STREAM_WITHIN), VIEW("stream"));

		if (word == SIZE_MAX)
			return DECODE_NOTHING;
		at += word + sizeof("stream") - 1;
		at += at < text.len && text.ptr[at] == '\r';
		at += at < text.len && text.ptr[at] == '\n';
	}
	return decode_is_zlib(view_sub(text, at, text.len)) ? unpack(INFLATE_ZLIB, text, at, ret) : DECODE_NOTHING;
}
