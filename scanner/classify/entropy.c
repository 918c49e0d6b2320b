/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/classify/checks.h"

#include <string.h>

#include "common/base/text.h"

#define BYTE_VALUES 256
#define WORD_BITS 64
#define BIGRAM_TAIL 1e-6 /* of random texts this many may have fewer bigrams than asked for */

unsigned classify_entropy(struct view v)
{
	uint32_t counts[BYTE_VALUES] = { 0 };
	uint64_t sum = 0;

	if (!v.len || v.len > UINT32_MAX)
		return 0;
	for (size_t i = 0; i < v.len; i++)
		counts[(unsigned char)v.ptr[i]]++;
	for (size_t i = 0; i < BYTE_VALUES; i++)
		if (counts[i])
			sum += (uint64_t)counts[i] * (unsigned)bits_log2(counts[i]);
	return (unsigned)bits_log2((uint32_t)v.len) - (unsigned)(sum / v.len);
}

unsigned classify_bigrams(struct view v)
{
	uint64_t seen[BYTE_VALUES * BYTE_VALUES / WORD_BITS];
	unsigned count = 0;

	memset(seen, 0, sizeof(seen));
	for (size_t i = 1; i < v.len; i++) {
		unsigned pair = (unsigned)(unsigned char)v.ptr[i - 1] * BYTE_VALUES + (unsigned char)v.ptr[i];
		uint64_t bit = (uint64_t)1 << pair % WORD_BITS;

		count += !(seen[pair / WORD_BITS] & bit);
		seen[pair / WORD_BITS] |= bit;
	}
	return count;
}

/* How many of a random text's pairs must differ. Those that come again are about Poisson with mean
 * n (n - 1) / 2 / 4096, and a Poisson variable reaches k with probability mean^k / k! at most. For the 94 pairs of a
 * whole body the mean is 1.07 and 85 must differ; made-up ones have 65 or fewer. */
static unsigned bigrams_wanted(unsigned pairs)
{
	double mean = (double)pairs * (pairs - 1) / (2.0 * 4096);
	double tail = 1;
	unsigned again = 0;

	while (tail > BIGRAM_TAIL)
		tail *= mean / ++again;
	return pairs + 1 > again ? pairs + 1 - again : 0;
}

bool entropy_lacks_bigrams(struct view text)
{
	return text.len > 1 && classify_bigrams(text) < bigrams_wanted((unsigned)text.len - 1);
}

/* Hexadecimal letters count apart from the others, so that hashes show. */
static unsigned alphabet_of(char c)
{
	switch (char_class(c)) {
	case CLASS_LOWER:
		return c <= 'f' ? 0 : 1;
	case CLASS_UPPER:
		return c <= 'F' ? 2 : 3;
	case CLASS_DIGIT:
		return 4;
	default:
		return 5;
	}
}

int entropy_saved(struct view text)
{
	static const unsigned sizes[MODEL_SYMBOLS_MAX] = { 6, 20, 6, 20, 10, 2 };
	struct model model = { .total = 64, .step = 16, .weights = { 6, 20, 6, 20, 10, 2 } };
	int saved = 0;

	for (size_t i = 0; i < text.len; i++) {
		unsigned alphabet = alphabet_of(text.ptr[i]);

		saved += BITS(6) - model_cost(&model, alphabet) - bits_log2(sizes[alphabet]);
	}
	return saved;
}
