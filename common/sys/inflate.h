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

#endif
