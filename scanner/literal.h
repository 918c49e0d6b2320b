/* SPDX-License-Identifier: Apache-2.0 */
/* A run of bytes that the prefilter looks for: a rule's keyword in one of its spellings. */
#ifndef SCANNER_LITERAL_H
#define SCANNER_LITERAL_H

#include "common/base/buf.h"

#define LITERAL_MIN 4 /* a literal shorter than this is refused (ERR_CONFIG) */
#define LITERAL_MAX 64
#define LITERALS_MAX 16384

struct literal {
	unsigned char bytes[LITERAL_MAX];
	unsigned char len;
	bool nocase;  /* ASCII letters match in either case */
	uint16_t tag; /* the caller's: comes back in the hit */
};

#endif
