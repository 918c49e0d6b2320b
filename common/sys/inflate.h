/* SPDX-License-Identifier: Apache-2.0 */
/* What can be had of compressed data whose end is not known and which may be cut short or damaged: RFC 1950 (zlib) and
 * RFC 1952 (gzip, its first member). Data that is there as a whole unpacks faster with gunzip.h. */
#ifndef COMMON_SYS_INFLATE_H
#define COMMON_SYS_INFLATE_H

#include "common/base/buf.h"

enum inflate_format { INFLATE_ZLIB, INFLATE_GZIP };

enum inflate_result {
	INFLATE_WHOLE,
	INFLATE_CUT,       /* the data ends too early */
	INFLATE_BAD,       /* it is damaged, or never was such data */
	INFLATE_TOO_LARGE, /* there is more than out may hold */
	INFLATE_NO_MEMORY,
};

/* Appends what packed, which may go on behind the data, unpacks to; whatever the result, what came before stays.
 * *ret_used is how many bytes of packed were read. */
[[nodiscard]] enum inflate_result inflate_add(enum inflate_format format, struct view packed, struct buf *out,
					      size_t *ret_used);

/* gzip data as it comes, all its members, in constant memory. */
struct inflate_stream;

struct inflate_stream *inflate_stream_new(void); /* NULL without memory */
void inflate_stream_free(struct inflate_stream *stream);

/* Unpacks from *in, which is shortened, to at most room bytes at out. *ret_made is how many there are: 0 when all of
 * *in was used up. 0, or -1: the data is damaged. */
[[nodiscard]] int inflate_stream_next(struct inflate_stream *stream, struct view *in, char *out, size_t room,
				      size_t *ret_made);

/* Whether the data may end here: behind a whole member. */
bool inflate_stream_is_whole(const struct inflate_stream *stream);

#endif
