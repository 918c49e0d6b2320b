/* SPDX-License-Identifier: Apache-2.0 */
/* x86-64 with AVX2 (Intel since 2013, AMD since 2015): 32 bytes at once. */
#include "scanner/prefilter/teddy.h"

#ifdef __x86_64__

#include <immintrin.h>

#define VECTOR __m256i
#define VECTOR_BYTES 32u
#define VECTOR_TARGET __attribute__((target("avx2")))
#define VECTOR_INLINE VECTOR_TARGET __attribute__((always_inline)) static inline

VECTOR_INLINE VECTOR vector_load(const char *text)
{
	return _mm256_loadu_si256((const __m256i_u *)text);
}

VECTOR_INLINE VECTOR vector_table(const unsigned char *nibbles)
{
	return _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i_u *)nibbles));
}

VECTOR_INLINE VECTOR vector_lookup(VECTOR table, VECTOR v)
{
	return _mm256_shuffle_epi8(table, _mm256_and_si256(v, _mm256_set1_epi8(0x0F)));
}

VECTOR_INLINE VECTOR vector_high(VECTOR v)
{
	return _mm256_srli_epi16(v, 4);
}

VECTOR_INLINE VECTOR vector_and(VECTOR a, VECTOR b)
{
	return _mm256_and_si256(a, b);
}

VECTOR_INLINE VECTOR vector_or(VECTOR a, VECTOR b)
{
	return _mm256_or_si256(a, b);
}

VECTOR_INLINE bool vector_is_zero(VECTOR v)
{
	return _mm256_testz_si256(v, v);
}

VECTOR_INLINE uint32_t vector_lanes(VECTOR v)
{
	return ~(uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(v, _mm256_setzero_si256()));
}

VECTOR_INLINE VECTOR vector_newlines(VECTOR n, VECTOR v)
{
	return _mm256_sub_epi8(n, _mm256_cmpeq_epi8(v, _mm256_set1_epi8('\n')));
}

VECTOR_INLINE size_t vector_sum(VECTOR n)
{
	__m256i four = _mm256_sad_epu8(n, _mm256_setzero_si256());
	__m128i two = _mm_add_epi64(_mm256_castsi256_si128(four), _mm256_extracti128_si256(four, 1));

	return (size_t)_mm_cvtsi128_si64(_mm_add_epi64(two, _mm_unpackhi_epi64(two, two)));
}

#include "scanner/prefilter/halves.inc"
#include "scanner/prefilter/vector.inc"

static bool is_supported(void)
{
	return TEDDY_HAS(AVX2, "avx2");
}

const struct teddy_kernel teddy_avx2 = {
	.name = "avx2",
	.is_supported = is_supported,
	.find = find,
	.count_lines = count_lines,
};

#endif
