/* SPDX-License-Identifier: Apache-2.0 */
/* Borrowed bytes (view) and a growable byte buffer with a hard ceiling (buf).
 *
 * A buf that holds anything is NUL-terminated behind its len bytes; it may hold NUL bytes. Growth copies into new
 * memory and wipes the old, so that no copy of a secret stays behind. Only buf_* touches its members. */
#ifndef COMMON_BASE_BUF_H
#define COMMON_BASE_BUF_H

#include <stdarg.h>

#include "common/base/base.h"

struct view {
	const char *ptr; /* not terminated; may be NULL when len is 0 */
	size_t len;
};

struct buf {
	char *ptr;
	size_t len, cap, max;
};

#define VIEW(literal) ((struct view){ .ptr = ("" literal), .len = sizeof(literal) - 1 })
#define VIEW_NONE ((struct view){ .ptr = NULL, .len = 0 })
#define BUF_INIT(limit)                                                                                                \
	{                                                                                                              \
		.max = (limit)                                                                                         \
	} /* limit: the most bytes it will ever hold */

struct view view_of(const char *text); /* of a terminated string; NULL gives VIEW_NONE */

static inline struct view view_from(const void *ptr, size_t len)
{
	return (struct view){ .ptr = ptr, .len = len };
}

/* The part that starts at from (clamped) and has at most len bytes. */
static inline struct view view_sub(struct view v, size_t from, size_t len)
{
	if (from >= v.len)
		return (struct view){ .ptr = v.len ? v.ptr + v.len : v.ptr, .len = 0 };
	return (struct view){ .ptr = v.ptr + from, .len = len > v.len - from ? v.len - from : len };
}

static inline struct view buf_view(const struct buf *buf)
{
	return (struct view){ .ptr = buf->ptr, .len = buf->len };
}

/* Each appends, or returns -1 (ceiling or memory reached) and leaves buf as it was. */
[[nodiscard]] int buf_add(struct buf *buf, struct view v);
[[nodiscard]] int buf_add_text(struct buf *buf, const char *text);
[[nodiscard]] int buf_add_byte(struct buf *buf, char byte);
PRINTF_LIKE(2, 3) [[nodiscard]] int buf_addf(struct buf *buf, const char *fmt, ...);
PRINTF_LIKE(2, 0) [[nodiscard]] int buf_addvf(struct buf *buf, const char *fmt, va_list args);

/* Makes room for more bytes behind len, for a caller that writes there itself and then raises len. 0 or -1. */
[[nodiscard]] int buf_reserve(struct buf *buf, size_t more);

void buf_cut(struct buf *buf, size_t len); /* shortens to len; a greater len changes nothing */
void buf_clear(struct buf *buf);           /* buf_cut(buf, 0) */
void buf_done(struct buf *buf);            /* frees; NULL is fine; reusable after */
void buf_wipe(struct buf *buf);            /* overwrites, then buf_done */

/* The bytes as a heap string that the caller frees, and buf is empty; NULL when there is no memory. */
char *buf_detach(struct buf *buf);

#endif
