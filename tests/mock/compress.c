/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/mock/compress.h"

#include <zlib.h>

#include "tests/mock/must.h"

#define GZIP_WINDOW (15 + 16) /* 16: a gzip header instead of zlib's */
#define GZIP_MEMORY 8

void compress_gzip(struct view plain, struct buf *out)
{
	z_stream z = { .next_in = (z_const Bytef *)(uintptr_t)plain.ptr, .avail_in = (uInt)plain.len };
	size_t room;

	must(deflateInit2(&z, Z_BEST_SPEED, Z_DEFLATED, GZIP_WINDOW, GZIP_MEMORY, Z_DEFAULT_STRATEGY) != Z_OK);
	room = deflateBound(&z, plain.len);
	must(buf_reserve(out, room));
	z.next_out = (Bytef *)out->ptr + out->len;
	z.avail_out = (uInt)room;
	must(deflate(&z, Z_FINISH) != Z_STREAM_END);
	out->len += room - z.avail_out;
	out->ptr[out->len] = '\0';
	(void)deflateEnd(&z);
}
