/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers about a run of key characters, from which classify.c decides. All are linear in its length but
 * measure_period, and none allocates. */
#ifndef SCANNER_CLASSIFY_MEASURE_H
#define SCANNER_CLASSIFY_MEASURE_H

#include "common/base/buf.h"

#define MEASURE_BYTES 256 /* longer bodies are measured by their first so many bytes */

struct measure_classes {
	unsigned upper, lower, digit, other;
	unsigned pairs;       /* of neighbours */
	unsigned lower_pairs; /* neighbours that are both lower case */
	unsigned upper_pairs, digit_pairs;
};

struct measure_classes measure_classes(struct view body);

/* Neighbours (at distance 1 to 3, the worst counts) that follow each other in ASCII, upward or downward, or lie side by
 * side on a keyboard row; in hundredths of all. */
unsigned measure_sequence(struct view body);

/* Bytes equal to the one a period before, for the worst period up to half the length; in hundredths. */
unsigned measure_period(struct view body);

/* Longest run of one byte, and of x or X. */
unsigned measure_run(struct view body);
unsigned measure_x_run(struct view body);

/* How much of body is made of words that stand in for a key ("your", "key", "here", ...), in hundredths. */
unsigned measure_words(struct view body);
/* Whether it begins with a word of documentation: "example", "sample", "demo", ... */
bool measure_is_sample(struct view body);

#endif
