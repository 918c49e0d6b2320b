/* SPDX-License-Identifier: Apache-2.0 */
/* x86-64 with SSSE3 (Intel since 2006, AMD since 2011): 16 bytes at once. */
#include "scanner/prefilter/teddy.h"

#ifdef __x86_64__

#include <tmmintrin.h>

#define VECTOR __m128i
#define VECTOR_BYTES 16u
#define VECTOR_TARGET __attribute__((target("ssse3")))
#define VECTOR_INLINE VECTOR_TARGET __attribute__((always_inline)) static inline

VECTOR_INLINE VECTOR vector_load(const char *text)
{
	return _mm_loadu_si128((const __m128i_u *)text);
}

VECTOR_INLINE VECTOR vector_table(const unsigned char *nibbles)
{
	return _mm_loadu_si128((const __m128i_u *)nibbles);
}

VECTOR_INLINE VECTOR vector_lookup(VECTOR table, VECTOR v)
{
	return _mm_shuffle_epi8(table, _mm_and_si128(v, _mm_set1_epi8(0x0F)));
}

VECTOR_INLINE VECTOR vector_high(VECTOR v)
{
	return _mm_srli_epi16(v, 4);
}

VECTOR_INLINE VECTOR vector_and(VECTOR a, VECTOR b)
{
	return _mm_and_si128(a, b);
}

VECTOR_INLINE VECTOR vector_or(VECTOR a, VECTOR b)
{
	return _mm_or_si128(a, b);
}

VECTOR_INLINE uint32_t vector_lanes(VECTOR v)
{
	return (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(v, _mm_setzero_si128())) ^ 0xFFFFu;
}

VECTOR_INLINE bool vector_is_zero(VECTOR v)
{
	return !vector_lanes(v);
}

VECTOR_INLINE VECTOR vector_newlines(VECTOR n, VECTOR v)
{
	return _mm_sub_epi8(n, _mm_cmpeq_epi8(v, _mm_set1_epi8('\n')));
}

VECTOR_INLINE size_t vector_sum(VECTOR n)
{
	__m128i two = _mm_sad_epu8(n, _mm_setzero_si128());

	return (size_t)_mm_cvtsi128_si64(_mm_add_epi64(two, _mm_unpackhi_epi64(two, two)));
}

#include "scanner/prefilter/halves.inc"
#include "scanner/prefilter/vector.inc"

static bool is_supported(void)
{
	return TEDDY_HAS(SSSE3, "ssse3");
}

const struct teddy_kernel teddy_ssse3 = {
	.name = "ssse3",
	.is_supported = is_supported,
	.find = find,
	.count_lines = count_lines,
};

#endif
