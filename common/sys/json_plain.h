/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of json: where the plain bytes of a string end. Plain is ASCII from 0x20 on but a quote and a backslash. */
#ifndef COMMON_SYS_JSON_PLAIN_H
#define COMMON_SYS_JSON_PLAIN_H

#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "common/base/base.h"

/* The top bit of each byte that is not plain, eight at a time: below 0x20, a quote, a backslash, above ASCII. A borrow
 * may mark a byte above such a one as well, never one without such a one below it. */
static inline uint64_t json_odd_bytes(uint64_t w)
{
	const uint64_t ones = 0x0101010101010101, tops = 0x80 * ones;
	uint64_t quote = w ^ ('"' * ones), backslash = w ^ ('\\' * ones);

	return (((w - 0x20 * ones) | (quote - ones) | (backslash - ones)) & ~w & tops) | (w & tops);
}

/* The first byte from at on that is not plain, or end: for any machine, and for what is left of a text. */
static inline const char *json_plain_end_words(const char *at, const char *end)
{
	uint64_t w;

	for (; end - at >= (ptrdiff_t)sizeof(w); at += sizeof(w)) {
		memcpy(&w, at, sizeof(w));
		if (json_odd_bytes(w))
			break;
	}
	while (at < end && (unsigned char)*at >= 0x20 && (unsigned char)*at < 0x80 && *at != '"' && *at != '\\')
		at++;
	return at;
}

#ifdef __SSE2__ /* every x86-64 has it */
static inline const char *json_plain_end(const char *at, const char *end)
{
	const __m128i space = _mm_set1_epi8(0x20), quote = _mm_set1_epi8('"'), backslash = _mm_set1_epi8('\\');

	for (; end - at >= (ptrdiff_t)sizeof(__m128i); at += sizeof(__m128i)) {
		__m128i v = _mm_loadu_si128((const __m128i *)(const void *)at);
		/* Bytes are signed here: those above ASCII are below a space, too. */
		__m128i odd = _mm_or_si128(_mm_cmplt_epi8(v, space),
					   _mm_or_si128(_mm_cmpeq_epi8(v, quote), _mm_cmpeq_epi8(v, backslash)));
		unsigned lanes = (unsigned)_mm_movemask_epi8(odd);

		if (lanes)
			return at + __builtin_ctz(lanes);
	}
	return json_plain_end_words(at, end);
}
#else
static inline const char *json_plain_end(const char *at, const char *end)
{
	return json_plain_end_words(at, end);
}
#endif

#endif
