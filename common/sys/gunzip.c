/* SPDX-License-Identifier: Apache-2.0 */
#include "common/sys/gunzip.h"

#include <libdeflate.h>
#include <stdlib.h>

#define MEMBER_MIN 18  /* bytes of an empty member: header and trailer */
#define RATIO_MAX 1032 /* of deflate: 258 bytes from two bits */
#define GROWTH_BYTES (64u << 10)

struct gunzip {
	struct libdeflate_decompressor *inner;
};

struct gunzip *gunzip_new(void)
{
	struct gunzip *g = calloc(1, sizeof(*g));

	if (!g)
		return NULL;
	g->inner = libdeflate_alloc_decompressor();
	if (!g->inner)
		free(TAKE(g));
	return g;
}

void gunzip_free(struct gunzip *g)
{
	if (!g)
		return;
	libdeflate_free_decompressor(g->inner);
	free(g);
}

/* What the end of packed says of its length (of the last member, modulo 2^32), as far as that can be true. */
static size_t told_length(struct view packed)
{
	const unsigned char *end = (const unsigned char *)packed.ptr + packed.len - 4;
	size_t told = (size_t)end[0] | (size_t)end[1] << 8 | (size_t)end[2] << 16 | (size_t)end[3] << 24;
	size_t most;

	if (__builtin_mul_overflow(packed.len, (size_t)RATIO_MAX, &most))
		most = SIZE_MAX;
	return told < most ? told : most;
}

/* One member, into what room there is; more room as long as it does not do. */
static enum gunzip_result add_member(struct gunzip *g, struct view *rest, struct buf *out)
{
	size_t room = told_length(*rest), left = out->max - out->len;

	for (;; room = room ? 2 * room : GROWTH_BYTES) {
		size_t used, made;
		enum libdeflate_result result;

		room = room < left ? room : left;
		if (buf_reserve(out, room))
			return GUNZIP_NO_MEMORY;
		result = libdeflate_gzip_decompress_ex(g->inner, rest->ptr, rest->len, out->ptr + out->len, room, &used,
						       &made);
		if (result == LIBDEFLATE_SUCCESS) {
			out->len += made;
			out->ptr[out->len] = '\0';
			*rest = view_sub(*rest, used, rest->len);
			return GUNZIP_OK;
		}
		if (result != LIBDEFLATE_INSUFFICIENT_SPACE)
			return GUNZIP_BAD;
		if (room == left)
			return GUNZIP_TOO_LARGE;
	}
}

enum gunzip_result gunzip_add(struct gunzip *g, struct view packed, struct buf *out)
{
	enum gunzip_result result = packed.len < MEMBER_MIN ? GUNZIP_BAD : GUNZIP_OK;
	size_t start = out->len;

	while (result == GUNZIP_OK && packed.len)
		result = packed.len < MEMBER_MIN ? GUNZIP_BAD : add_member(g, &packed, out);
	if (result != GUNZIP_OK && out->ptr) {
		out->len = start;
		out->ptr[start] = '\0'; /* what was tried has been written behind it */
	}
	return result;
}
