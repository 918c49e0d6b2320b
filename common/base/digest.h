/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 and SHA-1 (FIPS 180-4). SHA-1 only names git objects; nothing here is trusted to it. */
#ifndef COMMON_BASE_DIGEST_H
#define COMMON_BASE_DIGEST_H

#include "common/base/buf.h"

#define DIGEST_SHA256_BYTES 32
#define DIGEST_SHA1_BYTES 20
#define DIGEST_BLOCK_BYTES 64

struct digest_sha256 {
	uint32_t state[8];
	uint64_t total; /* bytes so far */
	unsigned char block[DIGEST_BLOCK_BYTES];
};

struct digest_sha1 {
	uint32_t state[5];
	uint64_t total;
	unsigned char block[DIGEST_BLOCK_BYTES];
};

void digest_sha256_init(struct digest_sha256 *d);
void digest_sha256_add(struct digest_sha256 *d, struct view v);
void digest_sha256_add_u64(struct digest_sha256 *d, uint64_t n); /* eight bytes, the lowest first, on any machine */
/* Ends the digest and wipes d: the block may hold a secret's tail. */
void digest_sha256_end(struct digest_sha256 *d, unsigned char ret[static DIGEST_SHA256_BYTES]);
void digest_sha256(struct view v, unsigned char ret[static DIGEST_SHA256_BYTES]);

void digest_sha1_init(struct digest_sha1 *d);
void digest_sha1_add(struct digest_sha1 *d, struct view v);
void digest_sha1_end(struct digest_sha1 *d, unsigned char ret[static DIGEST_SHA1_BYTES]);
void digest_sha1(struct view v, unsigned char ret[static DIGEST_SHA1_BYTES]);

/* Appends bytes as lower-case hex. 0, or -1 as buf_add. */
[[nodiscard]] int digest_add_hex(struct buf *buf, const unsigned char *bytes, size_t len);

/* The len bytes that hex, the whole view, stands for, in upper or lower case. 0, or -1: it is something else, and what
 * ret holds is not known. */
[[nodiscard]] int digest_read_hex(struct view hex, unsigned char *ret, size_t len);

#endif
