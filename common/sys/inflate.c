/* SPDX-License-Identifier: Apache-2.0 */
#include "common/sys/inflate.h"

#include <limits.h>
#include <stdlib.h>
#include <zlib.h>

#define GROWTH_BYTES (64u << 10)
#define WINDOW_BITS 15
#define GZIP_BITS (WINDOW_BITS + 16) /* zlib.h: inflateInit2 */

static enum inflate_result run(z_stream *z, struct buf *out)
{
	for (;;) {
		size_t left = out->max - out->len, room = left < GROWTH_BYTES ? left : GROWTH_BYTES;
		int status;

		if (room == 0)
			return INFLATE_TOO_LARGE;
		if (buf_reserve(out, room))
			return INFLATE_NO_MEMORY;
		z->next_out = (unsigned char *)out->ptr + out->len;
		z->avail_out = (unsigned)room;
		status = inflate(z, Z_NO_FLUSH);
		out->len += room - z->avail_out;
		out->ptr[out->len] = '\0';
		if (status == Z_STREAM_END)
			return INFLATE_WHOLE;
		if (status == Z_MEM_ERROR)
			return INFLATE_NO_MEMORY;
		if (status != Z_OK && status != Z_BUF_ERROR)
			return INFLATE_BAD;
		if (z->avail_out && z->avail_in == 0)
			return INFLATE_CUT;
	}
}

enum inflate_result inflate_add(enum inflate_format format, struct view packed, struct buf *out, size_t *ret_used)
{
	z_stream z = { .avail_in = packed.len > UINT_MAX ? UINT_MAX : (unsigned)packed.len };
	enum inflate_result result;

	z.next_in = (unsigned char *)(uintptr_t)packed.ptr; /* zlib only reads there */
	*ret_used = 0;
	if (inflateInit2(&z, format == INFLATE_GZIP ? GZIP_BITS : WINDOW_BITS) != Z_OK)
		return INFLATE_NO_MEMORY;
	result = run(&z, out);
	*ret_used = (size_t)z.total_in;
	(void)inflateEnd(&z);
	return result;
}

struct inflate_stream {
	z_stream z;
	bool is_within; /* a member was begun and has not ended */
};

struct inflate_stream *inflate_stream_new(void)
{
	struct inflate_stream *stream = calloc(1, sizeof(*stream));

	if (stream && inflateInit2(&stream->z, GZIP_BITS) != Z_OK)
		free(TAKE(stream));
	return stream;
}

void inflate_stream_free(struct inflate_stream *stream)
{
	if (!stream)
		return;
	(void)inflateEnd(&stream->z);
	free(stream);
}

int inflate_stream_next(struct inflate_stream *stream, struct view *in, char *out, size_t room, size_t *ret_made)
{
	z_stream *z = &stream->z;
	int status = Z_OK;

	room = room > UINT_MAX ? UINT_MAX : room;
	z->next_out = (unsigned char *)out;
	z->avail_out = (unsigned)room;
	while (in->len && z->avail_out == room && status == Z_OK) {
		unsigned given = in->len > UINT_MAX ? UINT_MAX : (unsigned)in->len;

		z->next_in = (unsigned char *)(uintptr_t)in->ptr; /* zlib only reads there */
		z->avail_in = given;
		stream->is_within = true;
		status = inflate(z, Z_NO_FLUSH);
		*in = view_sub(*in, given - z->avail_in, in->len);
		if (status == Z_STREAM_END) {
			stream->is_within = false;
			status = inflateReset(z);
		}
	}
	*ret_made = room - z->avail_out;
	return status == Z_OK || status == Z_BUF_ERROR ? 0 : -1;
}

bool inflate_stream_is_whole(const struct inflate_stream *stream)
{
	return !stream->is_within;
}
