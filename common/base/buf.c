/* SPDX-License-Identifier: Apache-2.0 */
#include "common/base/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/secret.h"

#define FIRST_CAPACITY 64

struct view view_of(const char *text)
{
	return text ? (struct view){ .ptr = text, .len = strlen(text) } : VIEW_NONE;
}

/* Not realloc: it would leave the old bytes behind in freed memory. */
static int grow(struct buf *buf, size_t need)
{
	size_t cap = buf->cap ? buf->cap : FIRST_CAPACITY;
	char *ptr;

	while (cap < need && !__builtin_mul_overflow(cap, (size_t)2, &cap))
		;
	if (cap < need)
		cap = need;
	ptr = malloc(cap);
	if (!ptr)
		return -1;
	if (buf->ptr) {
		memcpy(ptr, buf->ptr, buf->len + 1);
		secret_wipe(buf->ptr, buf->cap);
		free(buf->ptr);
	}
	ptr[buf->len] = '\0';
	buf->ptr = ptr;
	buf->cap = cap;
	return 0;
}

int buf_reserve(struct buf *buf, size_t more)
{
	size_t need;

	if (more > buf->max || buf->len > buf->max - more)
		return -1;
	if (__builtin_add_overflow(buf->len, more, &need) || __builtin_add_overflow(need, (size_t)1, &need))
		return -1;
	return need <= buf->cap ? 0 : grow(buf, need);
}

int buf_add(struct buf *buf, struct view v)
{
	if (buf_reserve(buf, v.len))
		return -1;
	if (v.len)
		memcpy(buf->ptr + buf->len, v.ptr, v.len);
	buf->len += v.len;
	buf->ptr[buf->len] = '\0';
	return 0;
}

int buf_add_text(struct buf *buf, const char *text)
{
	return buf_add(buf, view_of(text));
}

int buf_add_byte(struct buf *buf, char byte)
{
	return buf_add(buf, view_from(&byte, 1));
}

int buf_addvf(struct buf *buf, const char *fmt, va_list args)
{
	va_list again;
	int len;

	va_copy(again, args);
	len = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (len < 0 || buf_reserve(buf, (size_t)len))
		return -1;
	(void)vsnprintf(buf->ptr + buf->len, (size_t)len + 1, fmt, args);
	buf->len += (size_t)len;
	return 0;
}

int buf_addf(struct buf *buf, const char *fmt, ...)
{
	va_list args;
	int ret;

	va_start(args, fmt);
	ret = buf_addvf(buf, fmt, args);
	va_end(args);
	return ret;
}

void buf_cut(struct buf *buf, size_t len)
{
	if (len >= buf->len)
		return;
	buf->len = len;
	buf->ptr[len] = '\0';
}

void buf_clear(struct buf *buf)
{
	buf_cut(buf, 0);
}

void buf_done(struct buf *buf)
{
	if (!buf)
		return;
	free(buf->ptr);
	buf->ptr = NULL;
	buf->len = buf->cap = 0;
}

void buf_wipe(struct buf *buf)
{
	if (!buf)
		return;
	if (buf->ptr)
		secret_wipe(buf->ptr, buf->cap);
	buf_done(buf);
}

char *buf_detach(struct buf *buf)
{
	char *ptr;

	if (!buf->ptr && grow(buf, 1))
		return NULL;
	ptr = buf->ptr;
	buf->ptr = NULL;
	buf->len = buf->cap = 0;
	return ptr;
}
