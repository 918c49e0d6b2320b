/* SPDX-License-Identifier: Apache-2.0 */
/* How sure a match is: looks at the secret and its line, never at the outside world.
 *
 * Random keys of full length are HIGH. Each check that objects lowers the confidence and is named in *ret_checks, so
 * that `-v` can say why. Placeholders, documentation samples, masked keys, regex sources and made-up keys come out
 * LOW. */
#ifndef SCANNER_CLASSIFY_CLASSIFY_H
#define SCANNER_CLASSIFY_CLASSIFY_H

#include "scanner/finding.h"

struct classify_input {
	const struct rule *rule;
	struct view secret; /* the whole match of the secret group */
	struct view before; /* bytes of the same line before and after it (decoded, when it was encoded); may be cut */
	struct view after;
};

/* Returns the confidence; *ret_checks gets the bit set of checks that objected. Key names are not its business. */
enum confidence classify(const struct classify_input *in, uint32_t *ret_checks);

/* Shannon entropy of the bytes of v in hundredths of a bit a byte; 0 for an empty view. */
unsigned classify_entropy(struct view v);
/* Number of different pairs of neighbouring bytes. */
unsigned classify_bigrams(struct view v);

#endif
