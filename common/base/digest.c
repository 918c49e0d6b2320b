/* SPDX-License-Identifier: Apache-2.0 */
#include "common/base/digest.h"

#include <string.h>

#include "common/base/secret.h"
#include "common/base/text.h"

#define LENGTH_AT 56 /* where a block's last eight bytes, the message length in bits, start */

static uint32_t rotate_left(uint32_t x, unsigned n)
{
	return (x << n) | (x >> (32 - n));
}

static uint32_t rotate_right(uint32_t x, unsigned n)
{
	return (x >> n) | (x << (32 - n));
}

static uint32_t load_be32(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void store_be32(unsigned char *p, uint32_t x)
{
	p[0] = (unsigned char)(x >> 24);
	p[1] = (unsigned char)(x >> 16);
	p[2] = (unsigned char)(x >> 8);
	p[3] = (unsigned char)x;
}

typedef void compress_fn(uint32_t *state, const unsigned char *block);

/* FIPS 180-4, 4.2.2 */
static const uint32_t sha256_k[64] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
	0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
	0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
	0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
	0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
	0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
	0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

/* FIPS 180-4, 6.2.2: one round. Instead of moving the eight values on, the caller moves their names. */
#define ROUND(a, b, c, d, e, f, g, h, t)                                                                               \
	do {                                                                                                           \
		uint32_t sum1_ = rotate_right(e, 6) ^ rotate_right(e, 11) ^ rotate_right(e, 25);                       \
		uint32_t sum0_ = rotate_right(a, 2) ^ rotate_right(a, 13) ^ rotate_right(a, 22);                       \
		uint32_t t1_ = (h) + sum1_ + (((e) & (f)) ^ (~(e) & (g))) + sha256_k[t] + w[t];                        \
		(d) += t1_;                                                                                            \
		(h) = t1_ + sum0_ + (((a) & (b)) ^ ((a) & (c)) ^ ((b) & (c)));                                         \
	} while (0)

static void sha256_compress(uint32_t *state, const unsigned char *block)
{
	uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
	uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
	uint32_t w[64];

	for (size_t i = 0; i < 16; i++)
		w[i] = load_be32(block + 4 * i);
	for (size_t i = 16; i < 64; i++) {
		uint32_t x = w[i - 15], y = w[i - 2];

		w[i] = w[i - 16] + w[i - 7] + (rotate_right(x, 7) ^ rotate_right(x, 18) ^ (x >> 3)) +
		       (rotate_right(y, 17) ^ rotate_right(y, 19) ^ (y >> 10));
	}
	for (size_t i = 0; i < 64; i += 8) {
		ROUND(a, b, c, d, e, f, g, h, i);
		ROUND(h, a, b, c, d, e, f, g, i + 1);
		ROUND(g, h, a, b, c, d, e, f, i + 2);
		ROUND(f, g, h, a, b, c, d, e, i + 3);
		ROUND(e, f, g, h, a, b, c, d, i + 4);
		ROUND(d, e, f, g, h, a, b, c, i + 5);
		ROUND(c, d, e, f, g, h, a, b, i + 6);
		ROUND(b, c, d, e, f, g, h, a, i + 7);
	}
	state[0] += a;
	state[1] += b;
	state[2] += c;
	state[3] += d;
	state[4] += e;
	state[5] += f;
	state[6] += g;
	state[7] += h;
	secret_wipe(w, sizeof(w));
}

#undef ROUND

#define CHOOSE(x, y, z) ((z) ^ ((x) & ((y) ^ (z))))
#define PARITY(x, y, z) ((x) ^ (y) ^ (z))
#define MAJORITY(x, y, z) (((x) & (y)) | ((z) & ((x) | (y))))
/* A round, which makes the word of the one sixteen further on: compilers that see all words made in one loop make two
 * at once, and wait for each other's in memory. */
#define ROUND(f, k, a, b, c, d, e, i)                                                                                  \
	do {                                                                                                           \
		(e) += rotate_left(a, 5) + f(b, c, d) + (uint32_t)(k) + w[(i) % 16];                                   \
		(b) = rotate_left(b, 30);                                                                              \
		w[(i) % 16] =                                                                                          \
			rotate_left(w[((i) + 13) % 16] ^ w[((i) + 8) % 16] ^ w[((i) + 2) % 16] ^ w[(i) % 16], 1);      \
	} while (0)
/* Twenty rounds, five at a time, after which each variable is in its place again. */
#define ROUNDS(f, k, from)                                                                                             \
	for (size_t i = (from); i < (from) + 20; i += 5) {                                                             \
		ROUND(f, k, a, b, c, d, e, i);                                                                         \
		ROUND(f, k, e, a, b, c, d, i + 1);                                                                     \
		ROUND(f, k, d, e, a, b, c, i + 2);                                                                     \
		ROUND(f, k, c, d, e, a, b, i + 3);                                                                     \
		ROUND(f, k, b, c, d, e, a, i + 4);                                                                     \
	}

/* FIPS 180-4, 6.1.3 */
static void sha1_compress(uint32_t *state, const unsigned char *block)
{
	uint32_t w[16];
	uint32_t a = state[0], b = state[1], c = state[2], d = state[3], e = state[4];

	for (size_t i = 0; i < 16; i++)
		w[i] = load_be32(block + 4 * i);
	ROUNDS(CHOOSE, 0x5a827999, 0)
	ROUNDS(PARITY, 0x6ed9eba1, 20)
	ROUNDS(MAJORITY, 0x8f1bbcdc, 40)
	ROUNDS(PARITY, 0xca62c1d6, 60)
	state[0] += a;
	state[1] += b;
	state[2] += c;
	state[3] += d;
	state[4] += e;
}

#undef ROUNDS
#undef ROUND
#undef MAJORITY
#undef PARITY
#undef CHOOSE

/* Feeds whole blocks to compress and keeps the rest in block; total counts all bytes. */
static void absorb(uint32_t *state, uint64_t *total, unsigned char *block, compress_fn *compress, struct view v)
{
	const unsigned char *p = (const unsigned char *)v.ptr;
	size_t held = (size_t)(*total % DIGEST_BLOCK_BYTES), len = v.len;

	*total += len;
	while (len) {
		size_t take = DIGEST_BLOCK_BYTES - held < len ? DIGEST_BLOCK_BYTES - held : len;

		memcpy(block + held, p, take);
		held += take;
		p += take;
		len -= take;
		if (held == DIGEST_BLOCK_BYTES) {
			compress(state, block);
			held = 0;
		}
	}
}

/* FIPS 180-4, 5.1.1: a one bit, zeros, the length in bits. */
static void pad(uint32_t *state, uint64_t total, unsigned char *block, compress_fn *compress)
{
	uint64_t bits = total * 8;
	size_t held = (size_t)(total % DIGEST_BLOCK_BYTES);

	block[held++] = 0x80;
	if (held > LENGTH_AT) {
		memset(block + held, 0, DIGEST_BLOCK_BYTES - held);
		compress(state, block);
		held = 0;
	}
	memset(block + held, 0, LENGTH_AT - held);
	store_be32(block + LENGTH_AT, (uint32_t)(bits >> 32));
	store_be32(block + LENGTH_AT + 4, (uint32_t)bits);
	compress(state, block);
}

void digest_sha256_init(struct digest_sha256 *d)
{
	*d = (struct digest_sha256){ .state = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c,
						0x1f83d9ab, 0x5be0cd19 } };
}

void digest_sha256_add(struct digest_sha256 *d, struct view v)
{
	absorb(d->state, &d->total, d->block, sha256_compress, v);
}

void digest_sha256_add_u64(struct digest_sha256 *d, uint64_t n)
{
	unsigned char bytes[sizeof(n)];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char)(n >> 8 * i);
	digest_sha256_add(d, view_from(bytes, sizeof(bytes)));
}

void digest_sha256_end(struct digest_sha256 *d, unsigned char ret[static DIGEST_SHA256_BYTES])
{
	pad(d->state, d->total, d->block, sha256_compress);
	for (size_t i = 0; i < ARRAY_LEN(d->state); i++)
		store_be32(ret + 4 * i, d->state[i]);
	secret_wipe(d, sizeof(*d));
}

void digest_sha256(struct view v, unsigned char ret[static DIGEST_SHA256_BYTES])
{
	struct digest_sha256 d;

	digest_sha256_init(&d);
	digest_sha256_add(&d, v);
	digest_sha256_end(&d, ret);
}

void digest_sha1_init(struct digest_sha1 *d)
{
	*d = (struct digest_sha1){ .state = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0 } };
}

void digest_sha1_add(struct digest_sha1 *d, struct view v)
{
	absorb(d->state, &d->total, d->block, sha1_compress, v);
}

void digest_sha1_end(struct digest_sha1 *d, unsigned char ret[static DIGEST_SHA1_BYTES])
{
	pad(d->state, d->total, d->block, sha1_compress);
	for (size_t i = 0; i < ARRAY_LEN(d->state); i++)
		store_be32(ret + 4 * i, d->state[i]);
	secret_wipe(d, sizeof(*d));
}

void digest_sha1(struct view v, unsigned char ret[static DIGEST_SHA1_BYTES])
{
	struct digest_sha1 d;

	digest_sha1_init(&d);
	digest_sha1_add(&d, v);
	digest_sha1_end(&d, ret);
}

int digest_add_hex(struct buf *buf, const unsigned char *bytes, size_t len)
{
	static const char digits[] = "0123456789abcdef";

	if (buf_reserve(buf, 2 * len))
		return -1;
	for (size_t i = 0; i < len; i++) {
		buf->ptr[buf->len++] = digits[bytes[i] >> 4];
		buf->ptr[buf->len++] = digits[bytes[i] & 15];
	}
	buf->ptr[buf->len] = '\0';
	return 0;
}

int digest_read_hex(struct view hex, unsigned char *ret, size_t len)
{
	if (hex.len != 2 * len)
		return -1;
	for (size_t i = 0; i < len; i++) {
		int high = text_hex_value(hex.ptr[2 * i]), low = text_hex_value(hex.ptr[2 * i + 1]);

		if (high < 0 || low < 0)
			return -1;
		ret[i] = (unsigned char)(high * 16 + low);
	}
	return 0;
}
