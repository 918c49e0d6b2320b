/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/source/git/inflate.h"

#include <libdeflate.h>
#include <limits.h>
#include <stdlib.h>
#define ZLIB_CONST
#include <zlib.h>

struct inflater {
	struct libdeflate_decompressor *decompressor;
};

struct inflate_stream {
	z_stream z;
	struct view rest; /* not yet given to z */
	bool has_ended;
};

struct inflater *inflater_new(void)
{
	struct inflater *i = calloc(1, sizeof(*i));

	if (!i)
		return NULL;
	i->decompressor = libdeflate_alloc_decompressor();
	if (!i->decompressor) {
		free(i);
		return NULL;
	}
	return i;
}

void inflater_freep(struct inflater **at)
{
	struct inflater *i = *at;

	*at = NULL;
	if (!i)
		return;
	libdeflate_free_decompressor(i->decompressor);
	free(i);
}

int inflate_within(struct inflater *i, struct view in, char *out, size_t cap, size_t *ret_size)
{
	size_t used;

	return libdeflate_zlib_decompress_ex(i->decompressor, in.ptr, in.len, out, cap, &used, ret_size) ==
			       LIBDEFLATE_SUCCESS
		       ? 0
		       : -1;
}

int inflate_used(struct inflater *i, struct view in, char *out, size_t size, size_t *ret_used)
{
	size_t given;

	return libdeflate_zlib_decompress_ex(i->decompressor, in.ptr, in.len, out, size, ret_used, &given) ==
				       LIBDEFLATE_SUCCESS &&
			       given == size
		       ? 0
		       : -1;
}

int inflate_whole(struct inflater *i, struct view in, char *out, size_t size)
{
	size_t given;

	return inflate_within(i, in, out, size, &given) || given != size ? -1 : 0;
}

struct inflate_stream *inflate_begin(struct view in)
{
	struct inflate_stream *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->rest = in;
	if (inflateInit(&s->z) != Z_OK) {
		free(s);
		return NULL;
	}
	return s;
}

/* zlib counts in unsigned int: larger runs go in parts. */
static void feed(struct inflate_stream *s)
{
	unsigned len = s->rest.len > UINT_MAX ? UINT_MAX : (unsigned)s->rest.len;

	if (s->z.avail_in)
		return;
	s->z.next_in = (const Bytef *)s->rest.ptr;
	s->z.avail_in = len;
	s->rest = view_sub(s->rest, len, s->rest.len);
}

int inflate_next(struct inflate_stream *s, char *out, size_t len, size_t *ret_len)
{
	size_t done = 0;

	*ret_len = 0;
	while (done < len && !s->has_ended) {
		unsigned room = len - done > UINT_MAX ? UINT_MAX : (unsigned)(len - done);
		int status;

		feed(s);
		s->z.next_out = (Bytef *)out + done;
		s->z.avail_out = room;
		status = inflate(&s->z, Z_NO_FLUSH);
		done += room - s->z.avail_out;
		s->has_ended = status == Z_STREAM_END;
		*ret_len = done;
		if (status != Z_OK && status != Z_STREAM_END)
			return -1;
	}
	return 0;
}

size_t inflate_taken(const struct inflate_stream *s)
{
	return s->z.total_in;
}

void inflate_endp(struct inflate_stream **at)
{
	struct inflate_stream *s = *at;

	*at = NULL;
	if (!s)
		return;
	(void)inflateEnd(&s->z);
	free(s);
}
