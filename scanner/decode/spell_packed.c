/* SPDX-License-Identifier: Apache-2.0 */
/* What compressed data begins with, as it is and in encodings. */
#include "scanner/decode/parts.h"
#include "scanner/decode/speller.h"

/* RFC 1952, section 2.3: ID1, ID2, CM, and flags without a name, with one. */
static const struct view gzip_starts[] = { { "\x1f\x8b\x08\x00", 4 }, { "\x1f\x8b\x08\x08", 4 } };

static int tell_gzip(const struct speller *s, struct view start)
{
	static const struct escape_style in_strings = { { "\\x", 2 }, { "", 0 }, 16, 2, DECODE_BACKSLASH };
	struct spell_piece plain = spell_make(start, false), hex = spell_in_hex(&plain, false);
	struct spell_piece escaped = spell_in_escapes(&in_strings, start, 0xF);

	return spell_tell(s, DECODE_GZIP, 0, &plain) || spell_tell(s, DECODE_HEX, 0, &hex) ||
			       spell_tell(s, DECODE_BACKSLASH, 0, &escaped)
		       ? -1
		       : 0;
}

/* What base64 texts of zlib data begin with, for all levels of compression; too short to be looked for without the mark
 * before it. */
static int tell_zlib(const struct speller *s)
{
	static const struct view starts[] = { { "eJw", 3 }, { "eJx", 3 }, { "eJy", 3 }, { "eJz", 3 },
					      { "eNo", 3 }, { "eNp", 3 }, { "eNq", 3 }, { "eNr", 3 } };

	static const struct view in_hex[] = { { "\"789c", 5 }, { "'789c", 5 }, { "x789c", 5 },
					      { "\"78da", 5 }, { "'78da", 5 }, { "x78da", 5 } };

	for (size_t i = 0; i < ARRAY_LEN(in_hex); i++) {
		struct spell_piece text = spell_make(in_hex[i], true);

		if (spell_tell(s, DECODE_HEX, HEX_BEHIND_MARK, &text))
			return -1;
	}
	for (size_t i = 0; i < ARRAY_LEN(starts); i++)
		for (const char *mark = "\"'."; *mark; mark++) {
			struct spell_piece text = spell_make(view_from(mark, 1), false);

			spell_add(&text, starts[i]);
			if (spell_tell(s, DECODE_BASE64, BASE64_LONG | BASE64_BEHIND_MARK, &text))
				return -1;
		}
	return 0;
}

int decode_spell_packed(spell_fn *take, void *context)
{
	struct speller s = { .take = take, .context = context };
	struct spell_piece filter = spell_make(VIEW("FlateDecode"), false),
			   head = spell_make(VIEW("\x1f\x8b\x08"), false);

	for (size_t i = 0; i < ARRAY_LEN(gzip_starts); i++)
		if (tell_gzip(&s, gzip_starts[i]))
			return -1;
	if (spell_base64(&s, &head, BASE64_LONG, 2))
		return -1;
	return tell_zlib(&s) || spell_tell(&s, DECODE_ZLIB, ZLIB_IN_STREAM, &filter) ? -1 : 0;
}
