/* SPDX-License-Identifier: Apache-2.0 */
/* x86-64 with AVX-512 VBMI (Intel since 2019, AMD since 2022): 64 bytes at once, and each is looked up as it is,
 * but for its highest bit, which hardly any text has. */
#include "scanner/prefilter/teddy.h"

#ifdef __x86_64__

#include <immintrin.h>

#define VECTOR __m512i
#define VECTOR_BYTES 64u
#define VECTOR_TARGET __attribute__((target("avx512f,avx512bw,avx512vbmi")))
#define VECTOR_INLINE VECTOR_TARGET __attribute__((always_inline)) static inline

VECTOR_INLINE VECTOR vector_load(const char *text)
{
	return _mm512_loadu_si512(text);
}

VECTOR_INLINE VECTOR vector_and(VECTOR a, VECTOR b)
{
	return _mm512_and_si512(a, b);
}

VECTOR_INLINE VECTOR vector_or(VECTOR a, VECTOR b)
{
	return _mm512_or_si512(a, b);
}

VECTOR_INLINE bool vector_is_zero(VECTOR v)
{
	return _mm512_test_epi64_mask(v, v) == 0;
}

VECTOR_INLINE uint64_t vector_lanes(VECTOR v)
{
	return _mm512_test_epi8_mask(v, v);
}

VECTOR_INLINE VECTOR vector_newlines(VECTOR n, VECTOR v)
{
	__mmask64 found = _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8('\n'));

	return _mm512_mask_sub_epi8(n, found, n, _mm512_set1_epi8(-1));
}

VECTOR_INLINE size_t vector_sum(VECTOR n)
{
	return (size_t)_mm512_reduce_add_epi64(_mm512_sad_epu8(n, _mm512_setzero_si512()));
}

struct tables {
	VECTOR first[TEDDY_COLUMNS + TEDDY_MORE], second[TEDDY_COLUMNS + TEDDY_MORE];
};

VECTOR_INLINE struct tables tables_load(const struct prefilter *p)
{
	struct tables t;

	for (unsigned c = 0; c < TEDDY_COLUMNS + TEDDY_MORE; c++) {
		t.first[c] = _mm512_loadu_si512(p->whole[c]);
		t.second[c] = _mm512_loadu_si512(p->whole[c] + VECTOR_BYTES);
	}
	return t;
}

VECTOR_INLINE VECTOR look_at_column(const struct tables *t, VECTOR v, unsigned c, bool)
{
	return _mm512_permutex2var_epi8(t->first[c], v, t->second[c]);
}

#include "scanner/prefilter/vector.inc"

static bool is_supported(void)
{
	return TEDDY_HAS(AVX512BW, "avx512bw") && TEDDY_HAS(AVX512_VBMI, "avx512vbmi");
}

const struct teddy_kernel teddy_avx512 = {
	.name = "avx512",
	.is_supported = is_supported,
	.find = find,
	.count_lines = count_lines,
};

#endif
