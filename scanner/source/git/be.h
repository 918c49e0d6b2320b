/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers as git's files have them: the highest byte first, anywhere in the bytes. */
#ifndef SCANNER_SOURCE_GIT_BE_H
#define SCANNER_SOURCE_GIT_BE_H

#include <stdint.h>
#include <string.h>

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define BE_SWAP(bits, n) __builtin_bswap##bits(n)
#else
#define BE_SWAP(bits, n) (n)
#endif

static inline unsigned be16(const char *at)
{
	uint16_t n;

	memcpy(&n, at, sizeof(n));
	return BE_SWAP(16, n);
}

static inline uint32_t be32(const char *at)
{
	uint32_t n;

	memcpy(&n, at, sizeof(n));
	return BE_SWAP(32, n);
}

static inline uint64_t be64(const char *at)
{
	uint64_t n;

	memcpy(&n, at, sizeof(n));
	return BE_SWAP(64, n);
}

#endif
