/* SPDX-License-Identifier: Apache-2.0 */
/* Finds where any of a set of literals occurs: one SIMD pass, whatever their number and spelling.
 *
 * Literals are data (struct literal): the plain keyword and each further spelling of it are entries of their own, so an
 * encoding costs an entry, not code. The pass compares four neighbouring bytes of each literal, taken where the literal
 * is rarest, in eight groups at once (teddy.h), and confirms candidates byte by byte. AVX-512, AVX2, SSSE3, NEON and a
 * scalar form are chosen at run time; all give the same hits in the same order. */
#ifndef SCANNER_PREFILTER_PREFILTER_H
#define SCANNER_PREFILTER_PREFILTER_H

#include "common/base/buf.h"
#include "common/base/err.h"
#include "scanner/literal.h"

struct prefilter_hit {
	size_t at;        /* where the literal starts */
	uint16_t literal; /* index in the set */
	uint16_t tag;
};

enum prefilter_level {
	PREFILTER_SCALAR,
	PREFILTER_SSSE3,
	PREFILTER_AVX2,
	PREFILTER_AVX512,
	PREFILTER_NEON,
	PREFILTER_BEST
};

/* A hit's place in the order of all hits; { 0 } is before the first. */
struct prefilter_cursor {
	size_t at;
	size_t literal;
};

struct prefilter; /* read-only after prefilter_new: shared by threads */

/* Copies the literals; two may be equal. NULL with err. count may be 0: nothing is ever found. */
struct prefilter *prefilter_new(const struct literal *literals, size_t count, enum prefilter_level level,
				struct err *err);
void prefilter_free(struct prefilter *p);
void prefilter_freep(struct prefilter **p);
const char *prefilter_level_name(const struct prefilter *p); /* "avx512", "avx2", "ssse3", "scalar" */
size_t prefilter_longest(const struct prefilter *p);         /* bytes of the longest literal; 0 when there is none */
bool prefilter_has(enum prefilter_level level);              /* this machine can run it */

/* Finds the hits that do not come before *cursor, in order of position, then of literal index; overlapping hits are all
 * reported. Returns how many, at most cap (which is not 0). The cursor goes on to the next hit that was not reported,
 * so that another call continues with it, be it at the same position; a result below cap says that all was searched,
 * and the cursor is at bytes.len. Reads nothing outside bytes. */
size_t prefilter_scan(const struct prefilter *p, struct view bytes, struct prefilter_cursor *cursor,
		      struct prefilter_hit *ret, size_t cap);

/* Number of '\n' in bytes, at memory speed. */
size_t prefilter_count_lines(const struct prefilter *p, struct view bytes);

#endif
