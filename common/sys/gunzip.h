/* SPDX-License-Identifier: Apache-2.0 */
/* Decompression of gzip data (RFC 1952) that is there as a whole: the faster half of a stream's work. */
#ifndef COMMON_SYS_GUNZIP_H
#define COMMON_SYS_GUNZIP_H

#include "common/base/buf.h"

enum gunzip_result { GUNZIP_OK, GUNZIP_BAD, GUNZIP_TOO_LARGE, GUNZIP_NO_MEMORY };

struct gunzip; /* one thread's at a time */

struct gunzip *gunzip_new(void); /* NULL without memory */
void gunzip_free(struct gunzip *g);

/* Appends what packed holds, all its members, to out. GUNZIP_BAD: no gzip data, cut short, or its check sum is another;
 * GUNZIP_TOO_LARGE: out's ceiling. out is then as it was. */
[[nodiscard]] enum gunzip_result gunzip_add(struct gunzip *g, struct view packed, struct buf *out);

#endif
