/* SPDX-License-Identifier: Apache-2.0 */
/* AArch64, each of which has NEON: 16 bytes at once. */
#include "scanner/prefilter/teddy.h"

#ifdef __aarch64__

#include <arm_neon.h>

#define VECTOR uint8x16_t
#define VECTOR_BYTES 16u
#define VECTOR_TARGET
#define VECTOR_INLINE __attribute__((always_inline)) static inline

VECTOR_INLINE VECTOR vector_load(const char *text)
{
	return vld1q_u8((const uint8_t *)text);
}

VECTOR_INLINE VECTOR vector_table(const unsigned char *nibbles)
{
	return vld1q_u8(nibbles);
}

VECTOR_INLINE VECTOR vector_lookup(VECTOR table, VECTOR v)
{
	return vqtbl1q_u8(table, vandq_u8(v, vdupq_n_u8(0x0F)));
}

VECTOR_INLINE VECTOR vector_high(VECTOR v)
{
	return vshrq_n_u8(v, 4);
}

VECTOR_INLINE VECTOR vector_and(VECTOR a, VECTOR b)
{
	return vandq_u8(a, b);
}

VECTOR_INLINE VECTOR vector_or(VECTOR a, VECTOR b)
{
	return vorrq_u8(a, b);
}

VECTOR_INLINE bool vector_is_zero(VECTOR v)
{
	return vmaxvq_u32(vreinterpretq_u32_u8(v)) == 0;
}

/* There is no instruction for it: each byte's bit is put where it belongs, and either half is summed up. */
VECTOR_INLINE uint32_t vector_lanes(VECTOR v)
{
	static const uint8_t places[VECTOR_BYTES] = { 1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128 };
	VECTOR bits = vandq_u8(vtstq_u8(v, v), vld1q_u8(places));

	return vaddv_u8(vget_low_u8(bits)) | (uint32_t)vaddv_u8(vget_high_u8(bits)) << 8;
}

VECTOR_INLINE VECTOR vector_newlines(VECTOR n, VECTOR v)
{
	return vsubq_u8(n, vceqq_u8(v, vdupq_n_u8('\n')));
}

VECTOR_INLINE size_t vector_sum(VECTOR n)
{
	return vaddlvq_u8(n);
}

#include "scanner/prefilter/halves.inc"
#include "scanner/prefilter/vector.inc"

static bool is_supported(void)
{
	return true;
}

const struct teddy_kernel teddy_neon = {
	.name = "neon",
	.is_supported = is_supported,
	.find = find,
	.count_lines = count_lines,
};

#endif
