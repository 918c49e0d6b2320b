/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/decode/decode.h"

#include <stdlib.h>

#include "common/base/bounds.h"
#include "common/base/secret.h"
#include "common/base/text.h"
#include "scanner/decode/parts.h"

#define SPANS_MIN 4096
#define USUAL_BODY 95 /* characters of a key behind its prefix; they end in AA */
#define PREFIX_DASHES 3
#define RUN_MAX 256 /* of a key's characters: what is longer is none, or is whole */

const char *const decode_names[DECODE_FORMS] = {
	NULL,      "utf-16le",  "utf-16be", "utf-32",           "base64", "hex",  "hexdump", "numbers",
	"percent", "backslash", "html",     "quoted-printable", "gzip",   "zlib", "joined",
};

static decoder_fn *const decoders[DECODE_FORMS] = {
	[DECODE_UTF16LE] = decode_utf16le, [DECODE_UTF16BE] = decode_utf16be, [DECODE_UTF32] = decode_utf32,
	[DECODE_BASE64] = decode_base64,   [DECODE_HEX] = decode_hex,         [DECODE_DUMP] = decode_dump,
	[DECODE_NUMBERS] = decode_numbers, [DECODE_PERCENT] = decode_percent, [DECODE_BACKSLASH] = decode_backslash,
	[DECODE_ENTITY] = decode_entity,   [DECODE_QUOTED] = decode_quoted,   [DECODE_GZIP] = decode_gzip,
	[DECODE_ZLIB] = decode_zlib,       [DECODE_JOINED] = decode_joined,
};

void decoded_init(struct decoded *d)
{
	*d = (struct decoded){ .text = BUF_INIT(DECODE_UNPACKED_BYTES) };
}

void decoded_done(struct decoded *d)
{
	buf_wipe(&d->text);
	free(TAKE(d->spans));
	d->span_cap = 0;
}

int decoded_add(struct decoded *d, char byte, size_t from, size_t to)
{
	if (d->text.len == d->span_cap) {
		size_t cap = d->span_cap ? 2 * d->span_cap : SPANS_MIN;
		struct span *grown = reallocarray(d->spans, cap, sizeof(*grown));

		if (!grown)
			return -1;
		d->spans = grown;
		d->span_cap = cap;
	}
	d->spans[d->text.len] = (struct span){ .from = (uint32_t)from, .to = (uint32_t)to };
	return buf_add_byte(&d->text, byte);
}

enum decode_result decode_at(enum decode_form form, unsigned phase, struct view text, size_t at, struct decoded *ret)
{
	enum decode_result result;

	buf_clear(&ret->text);
	ret->covered = at + 1;
	ret->packed = (struct span){ .from = (uint32_t)at, .to = (uint32_t)at };
	result = decoders[form](phase, text, at, ret);
	if (ret->covered <= at)
		ret->covered = at + 1;
	return result;
}

bool decode_is_whole(struct view run, size_t *ret_len)
{
	size_t at = 0;

	for (unsigned dashes = 0; dashes < PREFIX_DASHES; dashes++) {
		size_t dash = text_find_byte(view_sub(run, at, run.len), '-');

		if (dash == SIZE_MAX)
			return false;
		at += dash + 1;
	}
	*ret_len = at + USUAL_BODY;
	return run.len >= *ret_len && text_ends(view_sub(run, 0, *ret_len), VIEW("AA"));
}

/* Which form has the mark that rest starts with. */
static enum decode_form form_of(struct view rest)
{
	bool has_digit = rest.len > 1 && text_hex_value(rest.ptr[1]) >= 0;
	bool has_space = rest.len > 1 && text_is_space(rest.ptr[1]);

	switch (rest.ptr[0]) {
	case '\\':
		return has_space ? DECODE_JOINED : DECODE_BACKSLASH;
	case '%':
		return has_digit ? DECODE_PERCENT : DECODE_PLAIN;
	case '&':
		return DECODE_ENTITY;
	case '=':
		return has_digit || has_space ? DECODE_QUOTED : DECODE_PLAIN;
	default:
		return DECODE_PLAIN;
	}
}

enum decode_form decode_look_closer(struct view text, size_t at)
{
	enum decode_form form;
	size_t end = at, whole;

	while (end < text.len && end - at < RUN_MAX && secret_is_key_char(text.ptr[end]))
		end++;
	if (end == text.len || end - at == RUN_MAX || decode_is_whole(view_sub(text, at, end - at), &whole))
		return DECODE_PLAIN;
	form = form_of(view_sub(text, end, text.len));
	if (form == DECODE_PLAIN && (bridge_skip(text, end, secret_is_key_char) != SIZE_MAX ||
				     bridge_guess(text, end, secret_is_key_char) != SIZE_MAX))
		return DECODE_JOINED;
	return form;
}
