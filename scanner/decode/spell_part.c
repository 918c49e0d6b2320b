/* SPDX-License-Identifier: Apache-2.0 */
/* The word that all keys begin with where it is split, or its dashes are written in ways of their own. */
#include "scanner/decode/parts.h"
#include "scanner/decode/speller.h"

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
	{ { "&shy;-", 6 }, DECODE_ENTITY },     { { "\\U0000002d", 10 }, DECODE_BACKSLASH },
};

/* Escapes of escapes and long ones, when all characters are escaped. */
static int tell_twice(const struct speller *s)
{
	static const struct {
		struct view text;
		enum decode_form form;
	} starts[] = { { { "%2573%256b", 10 }, DECODE_PERCENT },
		       { { "\\U00000073\\U0000006b", 20 }, DECODE_BACKSLASH },
		       { { "\\\\u0073\\\\u006b", 14 }, DECODE_BACKSLASH },
		       { { "\\\\x73\\\\x6b", 10 }, DECODE_BACKSLASH },
		       { { "&amp;#115;&amp;", 15 }, DECODE_ENTITY },
		       { { "&amp;#x73;&amp;", 15 }, DECODE_ENTITY } };

	for (size_t i = 0; i < ARRAY_LEN(starts); i++) {
		struct spell_piece text = spell_make(starts[i].text, true);

		if (spell_tell(s, starts[i].form, 0, &text))
			return -1;
	}
	return 0;
}

static int tell_dashes(const struct speller *s)
{
	for (size_t i = 0; i < ARRAY_LEN(dashes); i++) {
		struct spell_piece first = spell_make(VIEW("sk"), true), second = spell_make(VIEW("ant"), true);

		spell_add(&first, dashes[i].text);
		spell_add(&first, VIEW("ant"));
		spell_add(&second, dashes[i].text);
		if (spell_tell(s, dashes[i].form, 0, &first) || spell_tell(s, dashes[i].form, 0, &second))
			return -1;
	}
	return 0;
}

/* Its pieces when a soft line break of quoted-printable stands in it, with either line end. */
static int tell_soft_breaks(const struct speller *s)
{
	static const struct view heads[] = { { "sk-a=", 5 }, { "sk-an=", 6 }, { "sk-ant=", 7 } };
	static const struct view tails[] = { { "k-ant-", 6 }, { "-ant-", 5 }, { "ant-", 4 } };
	static const struct view ends[] = { { "\n", 1 }, { "\r\n", 2 } };

	for (size_t i = 0; i < ARRAY_LEN(heads); i++)
		for (size_t end = 0; end < ARRAY_LEN(ends); end++) {
			struct spell_piece head = spell_make(heads[i], false), tail = spell_make(VIEW("="), false);

			spell_add(&head, ends[end]);
			spell_add(&tail, ends[end]);
			spell_add(&tail, tails[i]);
			if (spell_tell(s, DECODE_QUOTED, ESCAPE_OF_ROOT, &head) ||
			    spell_tell(s, DECODE_QUOTED, ESCAPE_OF_ROOT, &tail))
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
		{ "sk-an${", 7 },     { "sk-ant${", 8 },    { "sk-an#{", 7 },     { "sk-ant#{", 8 },
		{ "sk-an{", 6 },      { "sk-ant{", 7 },     { "\tk-ant-", 7 },    { "\t-ant-", 6 },
		{ "sk-<br", 6 },      { "\nk-ant-", 7 },    { " k-ant-", 7 },     { "\n-ant-", 6 },
		{ " -ant-", 6 },      { "sk-a\n", 5 },      { "sk-a\r\n", 6 },    { "sk-a\\\n", 6 },
		{ "sk-a\\\r", 6 },    { "sk-an\\\r", 7 },   { "sk-ant\\\r", 8 },  { "sk-\\\r", 5 },
		{ "\nant-", 5 },      { "sk-an\n", 6 },     { "sk-ant\n", 7 },    { "sk-an\\\n", 7 },
		{ "sk-ant\\\n", 8 },  { "sk-\\\n", 5 },     { "sk-an\r\n", 7 },   { "sk-ant\r\n", 8 },
		{ "sk-\n", 4 },       { "sk-\r\n", 5 },     { "sk- ant", 7 },     { "sk-${", 5 },
		{ "sk-#{", 5 },       { "sk-{\"", 5 },      { "sk-{'", 5 },       { "sk-<wbr", 7 },
		{ "sk-\xE2\x80", 5 }, { "sk-\xC2\xAD", 5 }, { "sk-ant\x1B[", 8 }, { "sk-\x1B[", 5 },
		{ "sk-ant</", 8 },    { "sk-</", 5 },       { ">-ant-", 6 },      { ">ant-a", 6 }
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
				struct spell_piece text = spell_make(kinds[kind].texts[i], false);

				for (size_t k = 0; k < text.len; k++)
					text.bytes[k] = text.bytes[k] == '@' ? (unsigned char)*quote : text.bytes[k];
				if ((kinds[kind].texts == wrapped && *quote != '"') ||
				    (kinds[kind].texts != with_quote && *quote == '`'))
					break;
				if (spell_tell(s, DECODE_JOINED, kinds[kind].phase, &text))
					return -1;
			}
	return tell_soft_breaks(s);
}

int spell_parts(const struct speller *s)
{
	return tell_dashes(s) || tell_twice(s) || tell_pieces(s) ? -1 : 0;
}
