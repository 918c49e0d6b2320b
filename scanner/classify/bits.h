/* SPDX-License-Identifier: Apache-2.0 */
/* Code lengths in hundredths of a bit, as integers.
 *
 * A check is a code for bodies. One that spends k bits less than the 6 bits a random character needs can do so for at
 * most one in 2^k random bodies (Kraft), whatever it looks for: that is where the thresholds of confidence.c come from
 * and why a word or a run that stands in a random key by chance cannot sink it. */
#ifndef SCANNER_CLASSIFY_BITS_H
#define SCANNER_CLASSIFY_BITS_H

#include "common/base/base.h"

#define BITS(whole) ((whole) * 100)
#define BITS_LETTER 470 /* log2 26 */
#define BITS_DIGIT 332  /* log2 10 */

#define MODEL_SYMBOLS_MAX 6

/* Learns how likely each of a few symbols is. Starts from weights that sum up to total and adds step to that of each
 * symbol it meets. */
struct model {
	unsigned total, step;
	unsigned weights[MODEL_SYMBOLS_MAX];
};

int bits_log2(unsigned n); /* n >= 1; off by less than 0.006 */

/* What the symbol costs, before model has learned of it. */
int model_cost(struct model *model, unsigned symbol);

#endif
