/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/decode/decode.h"

#include "common/base/text.h"
#include "scanner/decode/parts.h"

#define DETECT_BYTES 512
#define DETECT_MIN 16
#define NOT_ASCII 0xFF /* stands for every unit that no key can hold */

unsigned decode_unit(const char *two_bytes, enum decode_form form)
{
	unsigned a = (unsigned char)two_bytes[0], b = (unsigned char)two_bytes[1];

	return form == DECODE_UTF16LE ? b << 8 | a : a << 8 | b;
}

int decode_subject(enum decode_form form, const struct piece *piece, size_t at, struct buf *buf, struct subject *ret)
{
	size_t start = at & 1, units = (piece->bytes.len - start) / 2;
	const char *p = piece->bytes.ptr + start;

	buf_clear(buf);
	if (buf_reserve(buf, units))
		return -1;
	for (size_t i = 0; i < units; i++) {
		unsigned unit = decode_unit(p + 2 * i, form);

		buf->ptr[i] = (char)(unit > 0x7F ? NOT_ASCII : unit);
	}
	buf->len = units;
	buf->ptr[units] = '\0';
	*ret = (struct subject){
		.text = buf_view(buf), .base = piece->offset + start, .stride = 2, .via = decode_names[form]
	};
	return 0;
}

static enum decode_result decode_window(enum decode_form form, struct view text, size_t at, struct decoded *ret)
{
	size_t from = at > DECODE_BEFORE ? at - DECODE_BEFORE : at & 1;
	size_t end = text.len - at > DECODE_AFTER ? at + DECODE_AFTER : text.len;

	ret->covered = end == text.len ? end : end - DECODE_MARGIN;
	for (size_t pos = from; pos + 1 < end; pos += 2) {
		unsigned unit = decode_unit(text.ptr + pos, form);

		if (decoded_add(ret, (char)(unit > 0x7F ? NOT_ASCII : unit), pos, pos + 2))
			return DECODE_NO_MEMORY;
	}
	return DECODE_DONE;
}

enum decode_result decode_utf16le(unsigned, struct view text, size_t at, struct decoded *ret)
{
	return decode_window(DECODE_UTF16LE, text, at, ret);
}

enum decode_result decode_utf16be(unsigned, struct view text, size_t at, struct decoded *ret)
{
	return decode_window(DECODE_UTF16BE, text, at, ret);
}

enum decode_form decode_detect(struct view first, size_t *ret_mark)
{
	size_t zeros[2] = { 0, 0 }, len = first.len < DETECT_BYTES ? first.len : DETECT_BYTES;

	*ret_mark = 4;
	if (text_starts(first, VIEW("\xFF\xFE\0\0")) || text_starts(first, VIEW("\0\0\xFE\xFF")))
		return DECODE_PLAIN; /* UTF-32 */
	*ret_mark = 2;
	if (text_starts(first, VIEW("\xFF\xFE")))
		return DECODE_UTF16LE;
	if (text_starts(first, VIEW("\xFE\xFF")))
		return DECODE_UTF16BE;
	*ret_mark = text_starts(first, VIEW("\xEF\xBB\xBF")) ? 3 : 0;
	if (*ret_mark || len < DETECT_MIN || text_find_byte(view_sub(first, 0, len), '\0') == SIZE_MAX)
		return DECODE_PLAIN;
	for (size_t i = 0; i < len; i++)
		zeros[i & 1] += first.ptr[i] == '\0';
	/* Text in a Western script: nearly every high byte is zero, hardly any low byte. */
	if (zeros[1] * 8 >= len * 3 && zeros[0] * 32 <= len)
		return DECODE_UTF16LE;
	if (zeros[0] * 8 >= len * 3 && zeros[1] * 32 <= len)
		return DECODE_UTF16BE;
	return DECODE_PLAIN;
}

unsigned decode_unit_len(unsigned unit)
{
	if (unit < 0x80)
		return 1;
	if (unit < 0x800 || (unit >= 0xD800 && unit <= 0xDFFF))
		return 2;
	return 3;
}

static int add_code_point(struct buf *buf, unsigned long code)
{
	char out[4];
	size_t len = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
	static const unsigned char lead[] = { 0, 0x00, 0xC0, 0xE0, 0xF0 };

	for (size_t i = len - 1; i > 0; i--) {
		out[i] = (char)(0x80 | (code & 0x3F));
		code >>= 6;
	}
	out[0] = (char)(lead[len] | code);
	return buf_add(buf, view_from(out, len));
}

int decode_add_utf8(struct buf *buf, struct view bytes, enum decode_form form)
{
	size_t start = buf->len;

	for (size_t i = 0; i + 1 < bytes.len; i += 2) {
		unsigned long code = decode_unit(bytes.ptr + i, form);

		if (code >= 0xD800 && code <= 0xDFFF) {
			unsigned long low = i + 3 < bytes.len ? decode_unit(bytes.ptr + i + 2, form) : 0;
			bool is_pair = code <= 0xDBFF && low >= 0xDC00 && low <= 0xDFFF;

			code = is_pair ? 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00) : 0xFFFD;
			i += is_pair ? 2 : 0;
		}
		if (add_code_point(buf, code)) {
			buf_cut(buf, start);
			return -1;
		}
	}
	return 0;
}
