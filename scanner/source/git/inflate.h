/* SPDX-License-Identifier: Apache-2.0 */
/* zlib streams (RFC 1950), whole or piece by piece. The only file that sees libdeflate and zlib. */
#ifndef SCANNER_SOURCE_GIT_INFLATE_H
#define SCANNER_SOURCE_GIT_INFLATE_H

#include "common/base/buf.h"

struct inflater; /* one thread's */

struct inflater *inflater_new(void); /* NULL when there is no memory */
void inflater_freep(struct inflater **at);

/* Inflates the stream that in starts with into out; it must give exactly size bytes, and its checksum must be right.
 * Bytes behind the stream do not matter. 0, or -1. */
[[nodiscard]] int inflate_whole(struct inflater *i, struct view in, char *out, size_t size);

/* The same; *ret_used is how many bytes of in the stream has. */
[[nodiscard]] int inflate_used(struct inflater *i, struct view in, char *out, size_t size, size_t *ret_used);

/* The same of a stream whose size is not known: *ret_size is what came out, at most cap. -1 also when more would. */
[[nodiscard]] int inflate_within(struct inflater *i, struct view in, char *out, size_t cap, size_t *ret_size);

/* Piece by piece, for what is too large to be held. */
struct inflate_stream;

/* in is borrowed until inflate_end. NULL when there is no memory. */
struct inflate_stream *inflate_begin(struct view in);
/* Gives up to len bytes; fewer only at the stream's end. *ret_len is 0 when it has ended. 0, or -1 when the stream is
 * broken or stops too early, with the *ret_len bytes that came before that. */
[[nodiscard]] int inflate_next(struct inflate_stream *s, char *out, size_t len, size_t *ret_len);
/* How many bytes of in it has read: those of the stream once that has ended. */
size_t inflate_taken(const struct inflate_stream *s);
void inflate_endp(struct inflate_stream **at);

#endif
