/* SPDX-License-Identifier: Apache-2.0 */
/* Words as their bytes: in hexadecimal, in lists of numbers, in dumps. */
#include "scanner/decode/parts.h"
#include "scanner/decode/speller.h"

#define CHUNK 3 /* bytes of a list that are looked for */

/* Digits that follow each other. They may be cut by a line end, so the word's halves are looked for. */
int spell_hex(const struct speller *s, const struct spell_piece *p)
{
	size_t half = p->len > CHUNK ? CHUNK : p->len;
	struct spell_piece head = spell_make(view_from(p->bytes, half), true);
	struct spell_piece tail = spell_make(view_from(p->bytes + half, p->len - half), true);

	head = spell_in_hex(&head, false);
	tail = spell_in_hex(&tail, false);
	return spell_tell(s, DECODE_HEX, 0, &head) || spell_tell(s, DECODE_HEX, 0, &tail) ? -1 : 0;
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
	{ { "", 0 }, { ",", 1 }, 16, DECODE_HEX },
	{ { "", 0 }, { ", ", 2 }, 16, DECODE_HEX },
	{ { "0x", 2 }, { ", ", 2 }, 16, DECODE_NUMBERS },
	{ { "0x", 2 }, { ",", 1 }, 16, DECODE_NUMBERS },
	{ { "0x", 2 }, { " ", 1 }, 16, DECODE_NUMBERS },
	{ { "(byte)0x", 8 }, { ", ", 2 }, 16, DECODE_NUMBERS },
	{ { "(byte) 0x", 9 }, { ", ", 2 }, 16, DECODE_NUMBERS },
	{ { "", 0 }, { ", ", 2 }, 10, DECODE_NUMBERS },
	{ { "", 0 }, { ",", 1 }, 10, DECODE_NUMBERS },
	{ { "", 0 }, { " ", 1 }, 10, DECODE_NUMBERS },
};

/* Lists with a number a line, as JSON is printed: the first two, for the usual indentations. */
int spell_columns(const struct speller *s, const struct spell_piece *p)
{
	static const struct view indents[] = { { "  ", 2 },       { "    ", 4 },        { "      ", 6 },
					       { "        ", 8 }, { "          ", 10 }, { "            ", 12 },
					       { "\t", 1 },       { "\t\t", 2 },        { "\t\t\t", 3 } };

	for (size_t i = 0; i < ARRAY_LEN(indents); i++) {
		struct spell_piece text = { .nocase = false };

		spell_add_digits(&text, p->bytes[0], 10, 1);
		spell_add(&text, VIEW(",\n"));
		spell_add(&text, indents[i]);
		spell_add_digits(&text, p->bytes[1], 10, 1);
		spell_add(&text, VIEW(","));
		if (spell_tell(s, DECODE_NUMBERS, 0, &text))
			return -1;
	}
	return 0;
}

/* UTF-16 in hexadecimal, as Windows exports its registry. */
int spell_wide_list(const struct speller *s)
{
	struct spell_piece text = spell_make(VIEW("73,00,6b,00,2d"), true);

	return spell_tell(s, DECODE_HEX, 0, &text);
}

/* Three bytes from each half, as a line end may stand anywhere. */
int spell_lists(const struct speller *s, const struct spell_piece *p)
{
	for (size_t i = 0; i < ARRAY_LEN(list_styles); i++)
		for (size_t from = 0; from + CHUNK <= p->len && from <= CHUNK; from += CHUNK) {
			const struct list_style *style = &list_styles[i];
			struct spell_piece text = { .nocase = true };

			for (size_t k = from; k < from + CHUNK; k++) {
				spell_add(&text, k > from ? style->between : VIEW_NONE);
				spell_add(&text, style->before);
				spell_add_digits(&text, p->bytes[k], style->base, style->base == 16 ? 2 : 1);
			}
			if (spell_tell(s, style->form, 0, &text))
				return -1;
		}
	return 0;
}

/* What hexdump(1) -C and xxd(1) print: any two of the word's bytes stand in one line, and in one group or two. */
int spell_dumps(const struct speller *s, const struct spell_piece *p)
{
	for (size_t from = 0; from + 4 <= p->len; from++) {
		struct spell_piece pairs = { .nocase = true };

		for (size_t k = from; k < from + 4; k++) {
			spell_add(&pairs, k > from && (k - from) % 2 == 0 ? VIEW(" ") : VIEW_NONE);
			spell_add_digits(&pairs, p->bytes[k], 16, 2);
		}
		if (spell_tell(s, DECODE_DUMP, 0, &pairs))
			return -1;
	}
	for (size_t from = 0; from + CHUNK <= p->len && from <= CHUNK; from += CHUNK) {
		struct spell_piece bytes = { .nocase = true };

		for (size_t k = from; k < from + CHUNK; k++) {
			spell_add(&bytes, k > from ? VIEW(" ") : VIEW_NONE);
			spell_add_digits(&bytes, p->bytes[k], 16, 2);
		}
		if (spell_tell(s, DECODE_DUMP, 0, &bytes))
			return -1;
	}
	return 0;
}

/* Four digits: so does echo -e have it. */
int spell_octal(const struct speller *s, const struct spell_piece *p)
{
	struct spell_piece text = { .nocase = false };

	for (size_t k = 0; k < CHUNK; k++) {
		spell_add(&text, VIEW("\\0"));
		spell_add_digits(&text, p->bytes[k], 8, 3);
	}
	return spell_tell(s, DECODE_BACKSLASH, ESCAPE_OCTAL, &text);
}
