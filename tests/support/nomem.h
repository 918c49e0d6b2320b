/* SPDX-License-Identifier: Apache-2.0 */
/* For tests whose name ends in _nomem_test (the Makefile links them with --wrap): makes the n-th allocation of the
 * program's own code fail, or it and all behind it. What the C library allocates for itself is left alone. */
#ifndef TESTS_SUPPORT_NOMEM_H
#define TESTS_SUPPORT_NOMEM_H

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/base.h"

#define NOMEM_MAX 200000 /* allocations that a test may make */

static long nomem_left;    /* atomic: allocations to the one that fails; 0 = none fails */
static bool nomem_forever; /* all behind it fail as well */

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__real_reallocarray(void *old, size_t count, size_t size);
char *__real_strdup(const char *text);
char *__real_strndup(const char *text, size_t len);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
void *__wrap_reallocarray(void *old, size_t count, size_t size);
char *__wrap_strdup(const char *text);
char *__wrap_strndup(const char *text, size_t len);

static inline bool nomem_fails(void)
{
	long left = __atomic_load_n(&nomem_left, __ATOMIC_RELAXED);

	if (left == 0 || (left < 0 && !nomem_forever))
		return false;
	if (left > 0)
		left = __atomic_sub_fetch(&nomem_left, 1, __ATOMIC_RELAXED);
	if (left == 0) /* stays below 0, so that it is known that one has failed */
		(void)__atomic_sub_fetch(&nomem_left, 1, __ATOMIC_RELAXED);
	if (left > 0)
		return false;
	errno = ENOMEM;
	return left == 0 || nomem_forever;
}

void *__wrap_malloc(size_t size)
{
	return nomem_fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return nomem_fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
	return nomem_fails() ? NULL : __real_realloc(old, size);
}

void *__wrap_reallocarray(void *old, size_t count, size_t size)
{
	return nomem_fails() ? NULL : __real_reallocarray(old, count, size);
}

char *__wrap_strdup(const char *text)
{
	return nomem_fails() ? NULL : __real_strdup(text);
}

char *__wrap_strndup(const char *text, size_t len)
{
	return nomem_fails() ? NULL : __real_strndup(text, len);
}

static inline void nomem_start(long n)
{
	__atomic_store_n(&nomem_left, n, __ATOMIC_RELAXED);
}

/* Whether one has failed; from here on none does. */
static inline bool nomem_stop(void)
{
	return __atomic_exchange_n(&nomem_left, 0, __ATOMIC_RELAXED) < 0;
}

/* Runs the test with the first allocation failing, then the second, and so on, until it needs no more of them; then
 * with all failing from one on, at ever wider steps. The test is told whether one failed through nomem_stop, which it
 * calls itself and whose answer it returns. About how many there were: a test looks at it to know that any failed. */
static inline long nomem_each(bool (*run)(void *context, long n), void *context)
{
	long n = 1;

	for (unsigned forever = 0; forever < 2; forever++) {
		nomem_forever = forever;
		for (n = 1; run(context, n); n += forever ? 1 + n / 32 : 1)
			if (n >= NOMEM_MAX)
				abort();
	}
	return n;
}

#endif
