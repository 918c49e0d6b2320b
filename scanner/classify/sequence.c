/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/classify/checks.h"

#include "common/base/text.h"

/* How a letter or digit follows the last one of its sort, whatever stands between and whatever the case. */
enum follow { FOLLOW_FREE, FOLLOW_SAME, FOLLOW_UP, FOLLOW_DOWN, FOLLOW_RIGHT, FOLLOW_LEFT };

/* Places on a keyboard, a to z: neighbours differ by one, the rows by more. */
static const int key_places[26] = { 11, 25, 23, 13, 2, 14, 15, 16, 7, 17, 18, 19, 27,
				    26, 8,  9,  0,  3, 12, 4, 6,  24, 1, 22, 5,  21 };

static enum follow letter_follow(char last, char c)
{
	int place_step = key_places[c - 'a'] - key_places[last - 'a'];

	if (c == last)
		return FOLLOW_SAME;
	if (c == last + 1)
		return FOLLOW_UP;
	if (c == last - 1)
		return FOLLOW_DOWN;
	if (place_step == 1)
		return FOLLOW_RIGHT;
	return place_step == -1 ? FOLLOW_LEFT : FOLLOW_FREE;
}

static enum follow digit_follow(char last, char c)
{
	switch ((c - last + 10) % 10) {
	case 0:
		return FOLLOW_SAME;
	case 1:
		return FOLLOW_UP;
	case 9:
		return FOLLOW_DOWN;
	default:
		return FOLLOW_FREE;
	}
}

/* What class tells of the next class. */
static int classes_saved(struct view text)
{
	static const struct model first = { .total = 64, .step = 16, .weights = { 26, 26, 10, 2 } };
	struct model models[CLASSES] = { first, first, first, first };
	enum char_class last = CLASS_LOWER;
	int saved = 0;

	for (size_t i = 0; i < text.len; i++) {
		enum char_class class = char_class(text.ptr[i]);

		saved += BITS(6) - bits_log2(char_class_sizes[class]) - model_cost(&models[last], class);
		last = class;
	}
	return saved;
}

/* What is saved once it is known which classes come. */
static int neighbours_saved(struct view text)
{
	/* about as often as by chance: of 26 letters 5 are neighbours, of 10 digits 3 */
	struct model letters = { .total = 64, .step = 16, .weights = { 52, 3, 3, 2, 2, 2 } };
	struct model digits = { .total = 64, .step = 16, .weights = { 45, 6, 7, 6 } };
	char last_letter = 0, last_digit = 0;
	int saved = 0;

	for (size_t i = 0; i < text.len; i++) {
		char c = text_lower(text.ptr[i]);
		bool is_digit = text_is_digit(c);
		char last = is_digit ? last_digit : last_letter;
		int plain = is_digit ? BITS_DIGIT : BITS_LETTER;

		if (!is_digit && !text_is_alpha(c))
			continue;
		if (last) {
			enum follow follow = is_digit ? digit_follow(last, c) : letter_follow(last, c);

			saved += (follow == FOLLOW_FREE ? 0 : plain) - model_cost(is_digit ? &digits : &letters, follow);
		}
		*(is_digit ? &last_digit : &last_letter) = c;
	}
	return saved;
}

struct sequence_saved sequence_saved(struct view text)
{
	return (struct sequence_saved){ .classes = classes_saved(text), .neighbours = neighbours_saved(text) };
}
