/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers as git's files have them: the highest byte first, anywhere in the bytes. */
#ifndef SCANNER_SOURCE_GIT_BE_H
#define SCANNER_SOURCE_GIT_BE_H

#include <endian.h>
#include <stdint.h>
#include <string.h>

static inline unsigned be16(const char *at)
{
	uint16_t n;

	memcpy(&n, at, sizeof(n));
	return be16toh(n);
}

static inline uint32_t be32(const char *at)
{
	uint32_t n;

	memcpy(&n, at, sizeof(n));
	return be32toh(n);
}

static inline uint64_t be64(const char *at)
{
	uint64_t n;

	memcpy(&n, at, sizeof(n));
	return be64toh(n);
}

#endif
