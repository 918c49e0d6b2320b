/* SPDX-License-Identifier: Apache-2.0 */
/* Key names as sources spell them. */
#ifndef SCANNER_SPELLED_H
#define SCANNER_SPELLED_H

#include "common/base/bounds.h"
#include "common/base/buf.h"

struct spelled {
	char bytes[4 * NAME_BYTES]; /* more than a name may have, so that one that is cut is still too long */
	size_t len;
};

/* The name with \uXXXX, as JSON and most languages have it (RFC 8259, section 7), in place of which UTF-8 comes; pairs
 * of surrogates are one character. What is no character to be shown (half a pair, a control) stays as it is spelled,
 * and so do other escapes. The answer is name itself, or in store. */
struct view spelled_name(struct view name, struct spelled *store);

#endif
