/* SPDX-License-Identifier: Apache-2.0 */
/* Thresholds come from what a random body would do. A key's body is L characters drawn from an alphabet of 64; each
 * limit below is so far out that a random body of 40 characters or more passes it less than once in a million (of 95,
 * the usual length, less than once in a hundred million). tests/unit/scanner/classify measures it. */
#include "scanner/classify/classify.h"

#include <string.h>

#include "common/base/text.h"
#include "scanner/classify/measure.h"

#define USUAL_BODY 95    /* characters behind the prefix; they end in AA */
#define PLAUSIBLE_MIN 80 /* "one scanner saw 80 to 120" */
#define PLAUSIBLE_MAX 120
#define BIGRAMS_MIN 85 /* per hundred pairs; 94 random pairs hold 93 different ones, 80 once in 10^12 */
#define REPEATING_BELOW 97
#define SEQUENCE_MAX 30 /* per hundred; 5 is usual */
#define PERIOD_MAX 35   /* per hundred; 1.6 is usual, 7 the usual worst of all periods */
#define RUN_MAX 5
#define X_RUN_MAX 4
#define WORDS_MAX 25        /* per hundred */
#define ALL_CLASSES_FROM 40 /* body length from which capitals and small letters are both to be expected */
#define DIGITS_FROM 80
#define SAME_CLASS_MAX 50  /* small letters next to small letters, per hundred pairs; 16 are usual */
#define DIGIT_PAIRS_MAX 30 /* 2 are usual */
#define SHORT_BELOW 60     /* body length below which these two get SHORT_EXTRA more: few pairs vary much */
#define SHORT_EXTRA 15

#define TWO_BY_LN2 2.885390081777926815
#define LOG2_TERMS 27 /* the highest power: 3^-27 is below 10^-12 */
#define ROUNDING 1e-6 /* so that 3 bits are 300 hundredths, not 299 */

#define BIT(check) (1u << (check))
#define MILD (BIT(CHECK_SHAPE) | BIT(CHECK_LENGTH)) /* these lower HIGH to MEDIUM; any other makes it LOW */

/* log2(n), n > 0, to 12 digits, as 2 atanh((m - 1) / (m + 1)) / ln 2 of the mantissa. libm's is as good, but looking
 * for that library takes 5 % of what a commit waits for the hook. */
static double log2_of(size_t n)
{
	int exponent = 63 - __builtin_clzll(n);
	double m = (double)n / (double)(1ull << exponent); /* 1 <= m < 2 */
	double s = (m - 1) / (m + 1), power = s, sum = 0;

	for (unsigned k = 1; k <= LOG2_TERMS; k += 2) {
		sum += power / k;
		power *= s * s;
	}
	return exponent + sum * TWO_BY_LN2;
}

/* By H = log2(n) - (sum of c log2(c)) / n over the counts c: a byte that stands once adds nothing to the sum. */
unsigned classify_entropy(struct view v)
{
	unsigned counts[256] = { 0 };
	double sum = 0;

	if (v.len == 0)
		return 0;
	for (size_t i = 0; i < v.len; i++)
		counts[(unsigned char)v.ptr[i]]++;
	for (size_t i = 0; i < ARRAY_LEN(counts); i++)
		if (counts[i] > 1)
			sum += counts[i] * log2_of(counts[i]);
	return (unsigned)((log2_of(v.len) - sum / (double)v.len) * 100 + ROUNDING);
}

unsigned classify_bigrams(struct view v)
{
	unsigned char seen[1u << 13] = { 0 };
	unsigned count = 0;

	for (size_t i = 0; i + 1 < v.len; i++) {
		unsigned pair = (unsigned)(unsigned char)v.ptr[i] << 8 | (unsigned char)v.ptr[i + 1];
		unsigned char bit = (unsigned char)(1u << (pair & 7));

		count += !(seen[pair >> 3] & bit);
		seen[pair >> 3] |= bit;
	}
	return count;
}

/* Least entropy of a random body: about ten standard deviations below what its length gives. */
static unsigned entropy_floor(size_t len)
{
	return len >= 80 ? 470 : len >= 60 ? 450 : len >= 40 ? 400 : 350;
}

/* What follows the prefix `sk-ant-KIND-`; the whole secret when it has none. */
static struct view body_of(struct view secret, bool *ret_is_key)
{
	size_t dash;

	*ret_is_key = text_starts(secret, VIEW("sk-ant-"));
	if (!*ret_is_key)
		return secret;
	dash = text_find_byte(view_sub(secret, 7, secret.len), '-');
	return dash == SIZE_MAX ? view_sub(secret, 7, secret.len) : view_sub(secret, 7 + dash + 1, secret.len);
}

static uint32_t check_length(const struct rule *rule, struct view body)
{
	bool has_known_shape = rule->kind == KIND_API || rule->kind == KIND_ADMIN;

	if (!has_known_shape)
		return rule->kind == KIND_COMPLIANCE && (body.len < PLAUSIBLE_MIN || body.len > PLAUSIBLE_MAX)
			       ? BIT(CHECK_LENGTH)
			       : 0;
	if (body.len == USUAL_BODY)
		return text_ends(body, VIEW("AA")) ? 0 : BIT(CHECK_SHAPE);
	return BIT(CHECK_LENGTH);
}

/* Letters, digits and their order: what identifiers, hashes and words are like, and random text is not. */
static uint32_t check_classes(struct view body)
{
	struct measure_classes m = measure_classes(body);
	bool lacks_letters = m.upper == 0 || m.lower == 0;
	unsigned extra = body.len < SHORT_BELOW ? SHORT_EXTRA : 0;

	if (body.len >= ALL_CLASSES_FROM && (lacks_letters || (body.len >= DIGITS_FROM && m.digit == 0)))
		return BIT(CHECK_IDENTIFIER);
	if (m.lower_pairs * 100 > m.pairs * (SAME_CLASS_MAX + extra) ||
	    m.upper_pairs * 100 > m.pairs * (SAME_CLASS_MAX + extra) ||
	    m.digit_pairs * 100 > m.pairs * (DIGIT_PAIRS_MAX + extra))
		return BIT(CHECK_IDENTIFIER);
	return 0;
}

static uint32_t check_randomness(struct view body)
{
	size_t pairs = (body.len < MEASURE_BYTES ? body.len : MEASURE_BYTES) - 1;
	size_t different = classify_bigrams(view_sub(body, 0, MEASURE_BYTES));
	uint32_t found = 0;

	if (classify_entropy(body) < entropy_floor(body.len))
		found |= BIT(CHECK_ENTROPY);
	if (different * 100 < BIGRAMS_MIN * pairs)
		found |= BIT(CHECK_BIGRAM);
	if (measure_sequence(body) > SEQUENCE_MAX)
		found |= BIT(CHECK_SEQUENCE);
	/* what repeats a piece repeats its pairs: the search for the period is spared the others */
	if (measure_run(body) > RUN_MAX ||
	    (different * 100 < REPEATING_BELOW * pairs && measure_period(body) > PERIOD_MAX))
		found |= BIT(CHECK_REPETITION);
	if (measure_x_run(body) > X_RUN_MAX)
		found |= BIT(CHECK_MASKED);
	return found | check_classes(body);
}

static uint32_t check_words(struct view body)
{
	uint32_t found = 0;

	if (measure_words(body) > WORDS_MAX)
		found |= BIT(CHECK_PLACEHOLDER);
	if (measure_is_sample(body))
		found |= BIT(CHECK_SAMPLE);
	return found;
}

/* What stands behind a key that is shorter than usual tells what it is: dots of a hint, the braces of a pattern. */
static uint32_t check_behind(struct view body, struct view after)
{
	static const struct view marks[] = { { "...", 3 },          { "***", 3 },   { "\xE2\x80\xA6", 3 },
					     { "\xE2\x80\xA2", 3 }, { "[...]", 5 }, { "(...)", 5 } };

	if (body.len >= USUAL_BODY)
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(marks); i++)
		if (text_starts(after, marks[i]))
			return BIT(CHECK_MASKED);
	if (after.len >= 2 && after.ptr[0] == '{' && text_is_digit(after.ptr[1]))
		return BIT(CHECK_REGEX);
	if (after.len >= 2 && after.ptr[0] == '[' && after.ptr[1] != ' ' && text_find_byte(after, ']') != SIZE_MAX &&
	    text_find(after, VIEW("A-Z")) != SIZE_MAX)
		return BIT(CHECK_REGEX);
	return 0;
}

static uint32_t check_key(const struct classify_input *in, struct view body)
{
	return check_length(in->rule, body) | check_randomness(body) | check_words(body) |
	       check_behind(body, in->after);
}

enum confidence classify(const struct classify_input *in, uint32_t *ret_checks)
{
	bool is_key;
	struct view body = body_of(in->secret, &is_key);
	uint32_t found = 0;

	if (body.len < 2)
		found = BIT(CHECK_LENGTH) | BIT(CHECK_ENTROPY);
	else if (is_key)
		found = check_key(in, body);
	else if (measure_words(body) > WORDS_MAX * 2 || measure_run(body) * 2 > body.len)
		found = BIT(CHECK_PLACEHOLDER); /* another rule's secret: its alphabet and length are not known */
	if (in->rule->min_entropy_centibits && classify_entropy(in->secret) < in->rule->min_entropy_centibits)
		found |= BIT(CHECK_ENTROPY);
	*ret_checks = found;
	if (found & ~MILD)
		return CONFIDENCE_LOW;
	return found ? CONFIDENCE_MEDIUM : CONFIDENCE_HIGH;
}
