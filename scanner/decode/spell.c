/* SPDX-License-Identifier: Apache-2.0 */
/* How words are written in each encoding. What is made here are literals for the prefilter: each is so long that hardly
 * any other text has it, and so short that a line end in a wrapped text seldom cuts all literals of one word. */
#include <string.h>

#include "common/base/text.h"
#include "scanner/decode/parts.h"

#define ROOT VIEW("sk-ant-")
#define WORD_MAX 24 /* of a word that is spelled in encodings */
#define WINDOW_HEAD 4
#define CHUNK 3 /* bytes of a list that are looked for */

struct speller {
	spell_fn *take;
	void *context;
};

/* A word or a piece of one, on its way through encodings. */
struct piece_of {
	unsigned char bytes[LITERAL_MAX];
	size_t len;
	bool nocase;
};

static struct piece_of make(struct view text, bool nocase)
{
	struct piece_of p = { .nocase = nocase };

	p.len = text.len < sizeof(p.bytes) ? text.len : sizeof(p.bytes);
	memcpy(p.bytes, text.ptr, p.len);
	return p;
}

static int tell(const struct speller *s, enum decode_form form, unsigned phase, const struct piece_of *p)
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
static void add(struct piece_of *p, struct view text)
{
	if (p->len + text.len > sizeof(p->bytes)) {
		p->len = sizeof(p->bytes) + 1;
		return;
	}
	memcpy(p->bytes + p->len, text.ptr, text.len);
	p->len += text.len;
}

static void add_digits(struct piece_of *p, unsigned value, unsigned base, unsigned least)
{
	char digits[16];
	size_t at = sizeof(digits);

	for (; value || least; value /= base) {
		digits[--at] = "0123456789abcdef"[value % base];
		least -= least > 0;
	}
	add(p, view_from(digits + at, sizeof(digits) - at));
}

static struct piece_of in_utf16(const struct piece_of *p, bool big)
{
	struct piece_of ret = { .nocase = p->nocase };

	for (size_t i = 0; i < p->len; i++) {
		char unit[2] = { (char)p->bytes[i], 0 };

		if (big) {
			unit[1] = unit[0];
			unit[0] = 0;
		}
		add(&ret, view_from(unit, 2));
	}
	return ret;
}

/* The characters of a word's base64 text that the word alone decides, when `before` bytes stand before it in its group
 * of three. Characters keep their case. */
static struct piece_of in_base64(const struct piece_of *p, unsigned before)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	struct piece_of ret = { .nocase = false };
	size_t first = (before * 8u + 5) / 6, end = ((before + p->len) * 8u) / 6;

	for (size_t i = first; i < end; i++) {
		unsigned value = 0;

		for (size_t bit = i * 6; bit < i * 6 + 6; bit++)
			value = value << 1 | (p->bytes[bit / 8 - before] >> (7 - bit % 8) & 1);
		add(&ret, view_from(&alphabet[value], 1));
	}
	return ret;
}

static struct piece_of in_hex(const struct piece_of *p, bool upper)
{
	struct piece_of ret = { .nocase = true };

	for (size_t i = 0; i < p->len; i++)
		add_digits(&ret, p->bytes[i], 16, 2);
	for (size_t i = 0; upper && i < ret.len && i < sizeof(ret.bytes); i++)
		if (text_is_alpha((char)ret.bytes[i]))
			ret.bytes[i] = (unsigned char)(ret.bytes[i] - 'a' + 'A');
	return ret;
}

static int tell_base64(const struct speller *s, const struct piece_of *p, unsigned flags, unsigned depth)
{
	for (unsigned before = 0; before < 3; before++) {
		struct piece_of text = in_base64(p, before);

		if (tell(s, DECODE_BASE64, before | flags, &text) ||
		    (depth > 1 && tell_base64(s, &text, flags, depth - 1)))
			return -1;
	}
	return 0;
}

/* Digits that follow each other. They may be cut by a line end, so the word's halves are looked for. */
static int tell_hex(const struct speller *s, const struct piece_of *p)
{
	size_t half = p->len > CHUNK ? CHUNK : p->len;
	struct piece_of head = make(view_from(p->bytes, half), true);
	struct piece_of tail = make(view_from(p->bytes + half, p->len - half), true);

	head = in_hex(&head, false);
	tail = in_hex(&tail, false);
	return tell(s, DECODE_HEX, 0, &head) || tell(s, DECODE_HEX, 0, &tail) ? -1 : 0;
}

struct list_style {
	struct view before, between; /* each number */
	unsigned base;
	enum decode_form form;
};

static const struct list_style list_styles[] = {
	{ { "", 0 }, { " ", 1 }, 16, DECODE_HEX },
	{ { "", 0 }, { ":", 1 }, 16, DECODE_HEX },
	{ { "", 0 }, { "-", 1 }, 16, DECODE_HEX },
	{ { "0x", 2 }, { ", ", 2 }, 16, DECODE_NUMBERS },
	{ { "0x", 2 }, { ",", 1 }, 16, DECODE_NUMBERS },
	{ { "0x", 2 }, { " ", 1 }, 16, DECODE_NUMBERS },
	{ { "(byte)0x", 8 }, { ", ", 2 }, 16, DECODE_NUMBERS },
	{ { "", 0 }, { ", ", 2 }, 10, DECODE_NUMBERS },
	{ { "", 0 }, { ",", 1 }, 10, DECODE_NUMBERS },
};

/* Lists with a number a line, as JSON is printed: the first two, for the usual indentations. */
static int tell_columns(const struct speller *s, const struct piece_of *p)
{
	for (size_t indent = 2; indent <= 12; indent += 2) {
		struct piece_of text = { .nocase = false };

		add_digits(&text, p->bytes[0], 10, 1);
		add(&text, VIEW(",\n"));
		add(&text, view_sub(VIEW("            "), 0, indent));
		add_digits(&text, p->bytes[1], 10, 1);
		add(&text, VIEW(","));
		if (tell(s, DECODE_NUMBERS, 0, &text))
			return -1;
	}
	return 0;
}

/* UTF-16 in hexadecimal, as Windows exports its registry. */
static int tell_wide_list(const struct speller *s)
{
	struct piece_of text = make(VIEW("73,00,6b,00,2d"), true);

	return tell(s, DECODE_HEX, 0, &text);
}

/* Three bytes from each half, as a line end may stand anywhere. */
static int tell_lists(const struct speller *s, const struct piece_of *p)
{
	for (size_t i = 0; i < ARRAY_LEN(list_styles); i++)
		for (size_t from = 0; from + CHUNK <= p->len && from <= CHUNK; from += CHUNK) {
			const struct list_style *style = &list_styles[i];
			struct piece_of text = { .nocase = true };

			for (size_t k = from; k < from + CHUNK; k++) {
				add(&text, k > from ? style->between : VIEW_NONE);
				add(&text, style->before);
				add_digits(&text, p->bytes[k], style->base, style->base == 16 ? 2 : 1);
			}
			if (tell(s, style->form, 0, &text))
				return -1;
		}
	return 0;
}

struct escape_style {
	struct view before, behind; /* of the digits */
	unsigned base, least;
	enum decode_form form;
};

static const struct escape_style escape_styles[] = {
	{ { "%", 1 }, { "", 0 }, 16, 2, DECODE_PERCENT },
	{ { "\\x", 2 }, { "", 0 }, 16, 2, DECODE_BACKSLASH },
	{ { "\\u00", 4 }, { "", 0 }, 16, 2, DECODE_BACKSLASH },
	{ { "\\u{", 3 }, { "}", 1 }, 16, 2, DECODE_BACKSLASH },
	{ { "\\u{00", 5 }, { "}", 1 }, 16, 2, DECODE_BACKSLASH },
	{ { "\\", 1 }, { "", 0 }, 8, 3, DECODE_BACKSLASH },
	{ { "&#", 2 }, { ";", 1 }, 10, 1, DECODE_ENTITY },
	{ { "&#x", 3 }, { ";", 1 }, 16, 2, DECODE_ENTITY },
	{ { "=", 1 }, { "", 0 }, 16, 2, DECODE_QUOTED },
};

/* The characters of mask escaped; what stands behind the last one's digits may be missing. */
static struct piece_of in_escapes(const struct escape_style *style, struct view text, unsigned mask)
{
	struct piece_of ret = { .nocase = true };

	for (size_t i = 0; i < text.len; i++) {
		if (!(mask >> i & 1)) {
			add(&ret, view_sub(text, i, 1));
			continue;
		}
		add(&ret, style->before);
		add_digits(&ret, (unsigned char)text.ptr[i], style->base, style->least);
		add(&ret, i + 1 < text.len ? style->behind : VIEW_NONE);
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
		struct piece_of text = in_escapes(style, pieces[i].text, pieces[i].mask);

		if (tell(s, style->form, ESCAPE_OF_ROOT, &text))
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
		struct piece_of all = in_escapes(&escape_styles[i], view_sub(word, 0, WINDOW_HEAD), 0xF);
		struct piece_of marks = in_escapes(&escape_styles[i], word, marks_of(word));

		if (tell(s, escape_styles[i].form, 0, &all) ||
		    (marks_of(word) && tell(s, escape_styles[i].form, 0, &marks)))
			return -1;
	}
	return 0;
}

/* Ways to write a dash that the styles do not have: names, a backslash alone, escapes of escapes. */
static const struct {
	struct view text;
	enum decode_form form;
} dashes[] = {
	{ { "\\-", 2 }, DECODE_BACKSLASH },     { { "\\\\u002d", 7 }, DECODE_BACKSLASH },
	{ { "\\\\x2d", 5 }, DECODE_BACKSLASH }, { { "\\\\\\\\u002d", 9 }, DECODE_BACKSLASH },
	{ { "\\55", 3 }, DECODE_BACKSLASH },    { { "%252d", 5 }, DECODE_PERCENT },
	{ { "&hyphen;", 8 }, DECODE_ENTITY },   { { "&dash;", 6 }, DECODE_ENTITY },
	{ { "&amp;#45;", 9 }, DECODE_ENTITY },  { { "&amp;#x2d;", 10 }, DECODE_ENTITY },
	{ { "&#045;", 6 }, DECODE_ENTITY },     { { "&#x002d;", 8 }, DECODE_ENTITY },
	{ { "&shy;-", 6 }, DECODE_ENTITY },
};

/* Escapes of escapes, when all characters are escaped. */
static int tell_twice(const struct speller *s)
{
	static const struct {
		struct view text;
		enum decode_form form;
	} starts[] = { { { "%2573%256b", 10 }, DECODE_PERCENT },
		       { { "\\\\u0073\\\\u006b", 14 }, DECODE_BACKSLASH },
		       { { "\\\\x73\\\\x6b", 10 }, DECODE_BACKSLASH },
		       { { "&amp;#115;&amp;", 15 }, DECODE_ENTITY },
		       { { "&amp;#x73;&amp;", 15 }, DECODE_ENTITY } };

	for (size_t i = 0; i < ARRAY_LEN(starts); i++) {
		struct piece_of text = make(starts[i].text, true);

		if (tell(s, starts[i].form, 0, &text))
			return -1;
	}
	return 0;
}

static int tell_dashes(const struct speller *s)
{
	for (size_t i = 0; i < ARRAY_LEN(dashes); i++) {
		struct piece_of first = make(VIEW("sk"), true), second = make(VIEW("ant"), true);

		add(&first, dashes[i].text);
		add(&first, VIEW("ant"));
		add(&second, dashes[i].text);
		if (tell(s, dashes[i].form, 0, &first) || tell(s, dashes[i].form, 0, &second))
			return -1;
	}
	return 0;
}

/* The pieces of a word that is split over literals or lines: one is looked for that few other texts have. */
static int tell_pieces(const struct speller *s)
{
	static const struct view with_quote[] = { { "@k-ant-", 7 }, { "@-ant-", 6 }, { "@ant-", 5 },
						  { "@nt-", 4 },    { "sk-an@", 6 }, { "sk-ant@", 7 } };
	static const struct view lists[] = { { "@s@,@k@,@-@", 11 }, { "@s@, @k@, @-@", 13 } };
	static const struct view dashed[] = { { "@sk@,@ant@", 10 }, { "@sk@, @ant@", 11 } };
	static const struct view wrapped[] = {
		{ "\nk-ant-", 7 },  { "\n-ant-", 6 },    { "\nant-", 5 },  { "sk-an\n", 6 },     { "sk-ant\n", 7 },
		{ "sk-an\\\n", 7 }, { "sk-ant\\\n", 8 }, { "sk-\\\n", 5 }, { "sk-an\r\n", 7 },   { "sk-ant\r\n", 8 },
		{ "sk-\n", 4 },     { "sk-\r\n", 5 },    { "sk- ant", 7 }, { "sk-${", 5 },       { "sk-#{", 5 },
		{ "sk-{\"", 5 },    { "sk-{'", 5 },      { "sk-<wbr", 7 }, { "sk-\xE2\x80", 5 }, { "sk-\xC2\xAD", 5 }
	};
	static const struct {
		const struct view *texts;
		size_t count;
		unsigned phase;
	} kinds[] = { { with_quote, ARRAY_LEN(with_quote), JOIN_FROM_MIDDLE },
		      { lists, ARRAY_LEN(lists), JOIN_FROM_MIDDLE },
		      { dashed, ARRAY_LEN(dashed), JOIN_BY_DASHES },
		      { wrapped, ARRAY_LEN(wrapped), JOIN_FROM_MIDDLE } };

	for (size_t kind = 0; kind < ARRAY_LEN(kinds); kind++)
		for (size_t i = 0; i < kinds[kind].count; i++)
			for (const char *quote = "\"'`"; *quote; quote++) {
				struct piece_of text = make(kinds[kind].texts[i], false);

				for (size_t k = 0; k < text.len; k++)
					text.bytes[k] = text.bytes[k] == '@' ? (unsigned char)*quote : text.bytes[k];
				if ((kinds[kind].texts == wrapped && *quote != '"') ||
				    (kinds[kind].texts != with_quote && *quote == '`'))
					break;
				if (tell(s, DECODE_JOINED, kinds[kind].phase, &text))
					return -1;
			}
	return 0;
}

/* What follows a key's first word: the place that is found when a line ends within the word. */
static int tell_behind_root(const struct speller *s)
{
	static const struct view words[] = { { "api03-", 6 }, { "admin01-", 8 }, { "oat01-", 6 } };

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		struct piece_of word = make(words[i], false);

		if (tell_base64(s, &word, 0, 1))
			return -1;
	}
	return 0;
}

/* What hexdump(1) -C and xxd(1) print: any two of the word's bytes stand in one line, and in one group or two. */
static int tell_dumps(const struct speller *s, const struct piece_of *p)
{
	for (size_t from = 0; from + 4 <= p->len; from++) {
		struct piece_of pairs = { .nocase = true };

		for (size_t k = from; k < from + 4; k++) {
			add(&pairs, k > from && (k - from) % 2 == 0 ? VIEW(" ") : VIEW_NONE);
			add_digits(&pairs, p->bytes[k], 16, 2);
		}
		if (tell(s, DECODE_DUMP, 0, &pairs))
			return -1;
	}
	for (size_t from = 0; from + CHUNK <= p->len && from <= CHUNK; from += CHUNK) {
		struct piece_of bytes = { .nocase = true };

		for (size_t k = from; k < from + CHUNK; k++) {
			add(&bytes, k > from ? VIEW(" ") : VIEW_NONE);
			add_digits(&bytes, p->bytes[k], 16, 2);
		}
		if (tell(s, DECODE_DUMP, 0, &bytes))
			return -1;
	}
	return 0;
}

/* Four digits: so does echo -e have it. */
static int tell_octal(const struct speller *s, const struct piece_of *p)
{
	struct piece_of text = { .nocase = false };

	for (size_t k = 0; k < CHUNK; k++) {
		add(&text, VIEW("\\0"));
		add_digits(&text, p->bytes[k], 8, 3);
	}
	return tell(s, DECODE_BACKSLASH, ESCAPE_OCTAL, &text);
}

/* Encodings of what is encoded already. */
static int tell_nested(const struct speller *s, const struct piece_of *word)
{
	static const struct view escaped[] = { { "sk%2Dant", 8 }, { "sk\\u002dant", 11 }, { "sk\\x2dant", 9 } };
	struct piece_of little = in_utf16(word, false), big = in_utf16(word, true);
	struct piece_of lower = in_hex(word, false), upper = in_hex(word, true);

	if (tell_base64(s, &little, 0, 1) || tell_base64(s, &big, 0, 1) || tell_base64(s, &lower, 0, 1) ||
	    tell_base64(s, &upper, 0, 1))
		return -1;
	for (size_t i = 0; i < ARRAY_LEN(escaped); i++) {
		struct piece_of text = make(escaped[i], false);

		if (tell_base64(s, &text, 0, 1))
			return -1;
	}
	for (unsigned before = 0; before < 3; before++) {
		struct piece_of text = in_base64(word, before), hex = in_hex(&text, false);

		if (tell(s, DECODE_HEX, 0, &hex))
			return -1;
		little = in_utf16(&text, false);
		big = in_utf16(&text, true);
		if (tell(s, DECODE_UTF16LE, 0, &little) || tell(s, DECODE_UTF16BE, 0, &big))
			return -1;
	}
	return 0;
}

static int tell_all(const struct speller *s, const struct piece_of *word)
{
	for (size_t i = 0; i < ARRAY_LEN(escape_styles); i++)
		if (tell_root(s, &escape_styles[i]))
			return -1;
	if (tell_base64(s, word, 0, 2) || tell_hex(s, word) || tell_lists(s, word) || tell_nested(s, word) ||
	    tell_columns(s, word) || tell_wide_list(s) || tell_dumps(s, word) || tell_octal(s, word))
		return -1;
	return tell_dashes(s) || tell_twice(s) || tell_pieces(s) || tell_behind_root(s) ? -1 : 0;
}

int decode_spell(struct view word, bool nocase, enum spell_reach reach, spell_fn *take, void *context)
{
	struct speller s = { .take = take, .context = context };
	struct piece_of plain = make(word, nocase), little, big;

	if (word.len > LITERAL_MAX)
		return 0;
	if (tell(&s, DECODE_PLAIN, 0, &plain))
		return -1;
	if (reach == SPELL_PLAIN)
		return 0;
	little = in_utf16(&plain, false);
	big = in_utf16(&plain, true);
	if (tell(&s, DECODE_UTF16LE, 0, &little) || tell(&s, DECODE_UTF16BE, 0, &big))
		return -1;
	if (reach == SPELL_TEXT || nocase || word.len > WORD_MAX)
		return 0;
	if (reach == SPELL_ALL && text_starts(word, ROOT))
		return tell_all(&s, &plain);
	return tell_base64(&s, &plain, 0, 1) || tell_hex(&s, &plain) || tell_escapes(&s, word) ? -1 : 0;
}

/* RFC 1952, section 2.3: ID1, ID2, CM, and flags without a name, with one. */
static const struct view gzip_starts[] = { { "\x1f\x8b\x08\x00", 4 }, { "\x1f\x8b\x08\x08", 4 } };

static int tell_gzip(const struct speller *s, struct view start)
{
	static const struct escape_style in_strings = { { "\\x", 2 }, { "", 0 }, 16, 2, DECODE_BACKSLASH };
	struct piece_of plain = make(start, false), hex = in_hex(&plain, false);
	struct piece_of escaped = in_escapes(&in_strings, start, 0xF);

	return tell(s, DECODE_GZIP, 0, &plain) || tell(s, DECODE_HEX, 0, &hex) || tell(s, DECODE_BACKSLASH, 0, &escaped)
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
		struct piece_of text = make(in_hex[i], true);

		if (tell(s, DECODE_HEX, HEX_BEHIND_MARK, &text))
			return -1;
	}
	for (size_t i = 0; i < ARRAY_LEN(starts); i++)
		for (const char *mark = "\"'."; *mark; mark++) {
			struct piece_of text = make(view_from(mark, 1), false);

			add(&text, starts[i]);
			if (tell(s, DECODE_BASE64, BASE64_LONG | BASE64_BEHIND_MARK, &text))
				return -1;
		}
	return 0;
}

int decode_spell_packed(spell_fn *take, void *context)
{
	struct speller s = { .take = take, .context = context };
	struct piece_of filter = make(VIEW("FlateDecode"), false), head = make(VIEW("\x1f\x8b\x08"), false);

	for (size_t i = 0; i < ARRAY_LEN(gzip_starts); i++)
		if (tell_gzip(&s, gzip_starts[i]))
			return -1;
	if (tell_base64(&s, &head, BASE64_LONG, 2))
		return -1;
	return tell_zlib(&s) || tell(&s, DECODE_ZLIB, ZLIB_IN_STREAM, &filter) ? -1 : 0;
}
