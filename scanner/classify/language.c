/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/classify/checks.h"

#include "common/base/text.h"

#define ENCODED_MIN 36 /* characters: that 25 of 27 random bytes are of a word is a matter of 2^-40 */
#define ENCODED_STRAYS 2
#define QUAD 4

/* Half bits, from 'a' = 0 on, that the letter z costs behind the letter y, measured on 6 million words of manuals and
 * source code; a fifth of the probability is left to a new word's first letter and to chance. */
static const char *const letter_costs[26] = {
	/* clang-format off */
	"mjijmmkokpnhjiojqhiglmnomp", /* a */
	"hmjlhmnohlngmmilqjjlhnopkp", /* b */
	"hmklhmohjqjjlnglqjkhkooonq", /* c */
	"illjelnmgookmmilpkilknoonq", /* d */
	"jmihlklomppjkhnkmghinmnjnq", /* e */
	"imklihnofqpimkglqjkjioopmq", /* f */
	"jmkmfnljiqpikijlqhikjnoppn", /* g */
	"fnlmfmoohqollnhlqjkilonpnq", /* h */
	"kkijkkkomqojjfhkpkiholonqm", /* i */
	"hmlkemoojomnkmgjomhmhnlppq", /* j */
	"imkldmlnhoollkllplhkknkpop", /* k */
	"hmlkfmlngpohnnhlqmikknopkq", /* l */
	"gkllfmnohqolknigpmjmknopoq", /* m */
	"inihhkhojpnmmmjlqmhgklopoq", /* n */
	"llijmllolomjjfkiqgjjjlkopp", /* o */
	"gnllgmnljqmimmhjogjikonplp", /* p */
	"lnlmnmoomqpimnomokilcnnppp", /* q */
	"hnkkfmlohqnlklilqkiilmnpkq", /* r */
	"jnjmgmnjhqmlmmjiolhfjnnpmp", /* s */
	"hnkmfmoigqplmmikqhikkonokq", /* t */
	"jjjljkmojqpiigmiqhhhooooqp", /* u */
	"fmkmdmnohqpnmnjkqmkloomopp", /* v */
	"gmkkhmnhgqolmjhlqijmmolppq", /* w */
	"jmhmhloniqomkkmfpmkfnooklp", /* x */
	"klkmklkoippjjijenkhinnlpoo", /* y */
	"hmlmcmnohqpllnklpmlmnooqmn", /* z */
	/* clang-format on */
};

int language_saved(struct view text)
{
	int saved = 0;

	for (size_t i = 1; i < text.len; i++) {
		char before = text_lower(text.ptr[i - 1]), c = text_lower(text.ptr[i]);

		if (text_is_alpha(before) && text_is_alpha(c))
			saved += BITS_LETTER - BITS(letter_costs[before - 'a'][c - 'a'] - 'a') / 2;
	}
	return saved;
}

static int sextet(char c)
{
	switch (char_class(c)) {
	case CLASS_UPPER:
		return c - 'A';
	case CLASS_LOWER:
		return c - 'a' + 26;
	case CLASS_DIGIT:
		return c - '0' + 52;
	default:
		return c == '-' ? 62 : 63;
	}
}

static bool is_word_byte(unsigned byte)
{
	char c = (char)(byte & 0x7f);

	return byte < 0x80 && (text_is_alnum(c) || c == ' ' || c == '-' || c == '_' || c == '.');
}

bool language_is_encoded(struct view text)
{
	unsigned strays = 0;

	if (text.len < ENCODED_MIN)
		return false;
	for (size_t i = 0; i + QUAD <= text.len; i += QUAD) {
		unsigned bytes = 0;

		for (size_t n = 0; n < QUAD; n++)
			bytes = bytes << 6 | (unsigned)sextet(text.ptr[i + n]);
		for (unsigned shift = 0; shift < 24; shift += 8)
			strays += !is_word_byte(bytes >> shift & 0xff);
		if (strays > ENCODED_STRAYS)
			return false;
	}
	return true;
}
