/* SPDX-License-Identifier: Apache-2.0 */
/* How words are written in each encoding. What is made here are literals for the prefilter: each is so long that hardly
 * any other text has it, and so short that a line end in a wrapped text seldom cuts all literals of one word. */
#include <string.h>

#include "common/base/text.h"
#include "scanner/decode/parts.h"
#include "scanner/decode/speller.h"

#define ROOT VIEW("sk-ant-")
#define WORD_MAX 24 /* of a word that is spelled in encodings */
#define WINDOW_HEAD 4

struct spell_piece spell_make(struct view text, bool nocase)
{
	struct spell_piece p = { .nocase = nocase };

	p.len = text.len < sizeof(p.bytes) ? text.len : sizeof(p.bytes);
	memcpy(p.bytes, text.ptr, p.len);
	return p;
}

int spell_tell(const struct speller *s, enum decode_form form, unsigned phase, const struct spell_piece *p)
{
	struct spelling spelling = { .form = form, .phase = phase };

	if (p->len < LITERAL_MIN || p->len > LITERAL_MAX)
		return 0;
	spelling.literal.len = (unsigned char)p->len;
	spelling.literal.nocase = p->nocase;
	memcpy(spelling.literal.bytes, p->bytes, p->len);
	return s->take(s->context, &spelling);
}

/* Appends text; a piece that grows too long becomes empty, and is not told. */
void spell_add(struct spell_piece *p, struct view text)
{
	if (p->len + text.len > sizeof(p->bytes)) {
		p->len = sizeof(p->bytes) + 1;
		return;
	}
	if (text.len)
		memcpy(p->bytes + p->len, text.ptr, text.len);
	p->len += text.len;
}

void spell_add_digits(struct spell_piece *p, unsigned value, unsigned base, unsigned least)
{
	char digits[16];
	size_t at = sizeof(digits);

	for (; value || least; value /= base) {
		digits[--at] = "0123456789abcdef"[value % base];
		least -= least > 0;
	}
	spell_add(p, view_from(digits + at, sizeof(digits) - at));
}

static struct spell_piece spell_in_utf16(const struct spell_piece *p, bool big)
{
	struct spell_piece ret = { .nocase = p->nocase };

	for (size_t i = 0; i < p->len; i++) {
		char unit[2] = { (char)p->bytes[i], 0 };

		if (big) {
			unit[1] = unit[0];
			unit[0] = 0;
		}
		spell_add(&ret, view_from(unit, 2));
	}
	return ret;
}

/* The characters of a word's base64 text that the word alone decides, when `before` bytes stand before it in its group
 * of three. Characters keep their case. */
struct spell_piece spell_in_base64(const struct spell_piece *p, unsigned before)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	struct spell_piece ret = { .nocase = false };
	size_t first = (before * 8u + 5) / 6, end = ((before + p->len) * 8u) / 6;

	for (size_t i = first; i < end; i++) {
		unsigned value = 0;

		for (size_t bit = i * 6; bit < i * 6 + 6; bit++)
			value = value << 1 | (p->bytes[bit / 8 - before] >> (7 - bit % 8) & 1);
		spell_add(&ret, view_from(&alphabet[value], 1));
	}
	return ret;
}

/* Three characters of the root with the zeros between them, which both byte orders have. */
static int tell_utf32(const struct speller *s)
{
	struct spell_piece text = spell_make(view_from("s\0\0\0k\0\0\0-\0\0", 11), false);

	return spell_tell(s, DECODE_UTF32, 0, &text);
}

struct spell_piece spell_in_hex(const struct spell_piece *p, bool upper)
{
	struct spell_piece ret = { .nocase = true };

	for (size_t i = 0; i < p->len; i++)
		spell_add_digits(&ret, p->bytes[i], 16, 2);
	for (size_t i = 0; upper && i < ret.len && i < sizeof(ret.bytes); i++)
		if (text_is_alpha((char)ret.bytes[i]))
			ret.bytes[i] = (unsigned char)(ret.bytes[i] - 'a' + 'A');
	return ret;
}

int spell_base64(const struct speller *s, const struct spell_piece *p, unsigned flags, unsigned depth)
{
	for (unsigned before = 0; before < 3; before++) {
		struct spell_piece text = spell_in_base64(p, before);

		if (spell_tell(s, DECODE_BASE64, before | flags, &text) ||
		    (depth > 1 && spell_base64(s, &text, flags, depth - 1)))
			return -1;
	}
	return 0;
}

static const struct escape_style escape_styles[] = {
	{ { "%", 1 }, { "", 0 }, 16, 2, DECODE_PERCENT },
	{ { "\\x", 2 }, { "", 0 }, 16, 2, DECODE_BACKSLASH },
	{ { "\\u00", 4 }, { "", 0 }, 16, 2, DECODE_BACKSLASH },
	{ { "\\u{", 3 }, { "}", 1 }, 16, 2, DECODE_BACKSLASH },
	{ { "\\u{00", 5 }, { "}", 1 }, 16, 2, DECODE_BACKSLASH },
	{ { "\\x{", 3 }, { "}", 1 }, 16, 2, DECODE_BACKSLASH },
	{ { "\\U000000", 8 }, { "", 0 }, 16, 2, DECODE_BACKSLASH },
	{ { "\\", 1 }, { "", 0 }, 8, 3, DECODE_BACKSLASH },
	{ { "&#", 2 }, { ";", 1 }, 10, 1, DECODE_ENTITY },
	{ { "&#x", 3 }, { ";", 1 }, 16, 2, DECODE_ENTITY },
	{ { "&#x00", 5 }, { ";", 1 }, 16, 2, DECODE_ENTITY },
	{ { "=", 1 }, { "", 0 }, 16, 2, DECODE_QUOTED },
};

/* The characters of mask escaped; what stands behind the last one's digits may be missing. */
struct spell_piece spell_in_escapes(const struct escape_style *style, struct view text, unsigned mask)
{
	struct spell_piece ret = { .nocase = true };

	for (size_t i = 0; i < text.len; i++) {
		if (!(mask >> i & 1)) {
			spell_add(&ret, view_sub(text, i, 1));
			continue;
		}
		spell_add(&ret, style->before);
		spell_add_digits(&ret, (unsigned char)text.ptr[i], style->base, style->least);
		spell_add(&ret, i + 1 < text.len ? style->behind : VIEW_NONE);
	}
	return ret;
}

/* The pieces of the root in which something is escaped: whichever of its characters are, one of them is there. */
static int tell_root(const struct speller *s, const struct escape_style *style)
{
	static const struct {
		struct view text;
		unsigned mask; /* the characters that are escaped */
	} pieces[] = {
		{ { "sk", 2 }, 1 }, { { "sk", 2 }, 2 }, { { "sk", 2 }, 3 }, { { "k-a", 3 }, 2 }, { { "k-", 2 }, 2 },
		{ { "-a", 2 }, 2 }, { { "nt", 2 }, 1 }, { { "nt", 2 }, 2 }, { { "nt", 2 }, 3 },  { { "t-", 2 }, 2 },
	};

	for (size_t i = 0; i < ARRAY_LEN(pieces); i++) {
		struct spell_piece text = spell_in_escapes(style, pieces[i].text, pieces[i].mask);

		if (spell_tell(s, style->form, ESCAPE_OF_ROOT, &text))
			return -1;
	}
	return 0;
}

static unsigned marks_of(struct view text)
{
	unsigned mask = 0;

	for (size_t i = 0; i < text.len; i++)
		mask |= text_is_alnum(text.ptr[i]) ? 0 : 1u << i;
	return mask;
}

/* With everything escaped, and with what is neither letter nor digit. */
static int tell_escapes(const struct speller *s, struct view word)
{
	for (size_t i = 0; i < ARRAY_LEN(escape_styles); i++) {
		struct spell_piece all = spell_in_escapes(&escape_styles[i], view_sub(word, 0, WINDOW_HEAD), 0xF);
		struct spell_piece marks = spell_in_escapes(&escape_styles[i], word, marks_of(word));

		if (spell_tell(s, escape_styles[i].form, 0, &all) ||
		    (marks_of(word) && spell_tell(s, escape_styles[i].form, 0, &marks)))
			return -1;
	}
	return 0;
}

/* What follows a key's first word: the place that is found when a line ends within the word. */
static int tell_behind_root(const struct speller *s)
{
	static const struct view words[] = { { "api03-", 6 }, { "admin01-", 8 }, { "oat01-", 6 } };

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		struct spell_piece word = spell_make(words[i], false);

		struct spell_piece wide = spell_in_utf16(&word, false);

		if (spell_base64(s, &word, 0, i == 0 ? 2 : 1) || (i == 0 && spell_base64(s, &wide, 0, 1)))
			return -1;
	}
	return 0;
}

/* Encodings of what is encoded already. */
static int tell_nested(const struct speller *s, const struct spell_piece *word)
{
	static const struct view escaped[] = { { "sk%2Dant", 8 }, { "sk\\u002dant", 11 }, { "sk\\x2dant", 9 } };
	struct spell_piece little = spell_in_utf16(word, false), big = spell_in_utf16(word, true);
	struct spell_piece lower = spell_in_hex(word, false), upper = spell_in_hex(word, true);

	if (spell_base64(s, &little, 0, 1) || spell_base64(s, &big, 0, 1) || spell_base64(s, &lower, 0, 1) ||
	    spell_base64(s, &upper, 0, 1))
		return -1;
	for (size_t i = 0; i < ARRAY_LEN(escaped); i++) {
		struct spell_piece text = spell_make(escaped[i], false);

		if (spell_base64(s, &text, 0, 1))
			return -1;
	}
	for (unsigned before = 0; before < 3; before++) {
		struct spell_piece text = spell_in_base64(word, before), hex = spell_in_hex(&text, false);

		if (spell_tell(s, DECODE_HEX, 0, &hex))
			return -1;
		little = spell_in_utf16(&text, false);
		big = spell_in_utf16(&text, true);
		if (spell_tell(s, DECODE_UTF16LE, 0, &little) || spell_tell(s, DECODE_UTF16BE, 0, &big))
			return -1;
	}
	return 0;
}

static int tell_all(const struct speller *s, const struct spell_piece *word)
{
	for (size_t i = 0; i < ARRAY_LEN(escape_styles); i++)
		if (tell_root(s, &escape_styles[i]))
			return -1;
	if (spell_base64(s, word, 0, 3) || spell_hex(s, word) || spell_lists(s, word) || tell_nested(s, word) ||
	    spell_columns(s, word) || spell_wide_list(s) || spell_dumps(s, word) || spell_octal(s, word))
		return -1;
	return spell_parts(s) || tell_behind_root(s) || tell_utf32(s) ? -1 : 0;
}

int decode_spell(struct view word, bool nocase, enum spell_reach reach, spell_fn *take, void *context)
{
	struct speller s = { .take = take, .context = context };
	struct spell_piece plain = spell_make(word, nocase), little, big;

	if (word.len > LITERAL_MAX)
		return 0;
	if (spell_tell(&s, DECODE_PLAIN, 0, &plain))
		return -1;
	if (reach == SPELL_PLAIN)
		return 0;
	little = spell_in_utf16(&plain, false);
	big = spell_in_utf16(&plain, true);
	if (spell_tell(&s, DECODE_UTF16LE, 0, &little) || spell_tell(&s, DECODE_UTF16BE, 0, &big))
		return -1;
	if (reach == SPELL_TEXT || nocase || word.len > WORD_MAX)
		return 0;
	if (reach == SPELL_ALL && text_starts(word, ROOT))
		return tell_all(&s, &plain);
	return spell_base64(&s, &plain, 0, 1) || spell_hex(&s, &plain) || tell_escapes(&s, word) ? -1 : 0;
}
