/* SPDX-License-Identifier: Apache-2.0 */
/* Language helpers that every file may use: scope-bound cleanup, ownership transfer, array length. */
#ifndef COMMON_BASE_BASE_H
#define COMMON_BASE_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Runs fn(&variable) when the variable's scope ends. fn must accept a variable that holds nothing. */
#define DEFER(fn) [[gnu::cleanup(fn)]]

/* The pointer's value; the variable itself becomes NULL, so its DEFER frees nothing. */
#define TAKE(p)                                                                                                        \
	__extension__({                                                                                                \
		__typeof__(p) take_ = (p);                                                                             \
		(p) = NULL;                                                                                            \
		take_;                                                                                                 \
	})

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/* Lets the compiler check a printf-like function's arguments; both positions count from 1. */
#define PRINTF_LIKE(fmt, first) [[gnu::format(printf, fmt, first)]]

/* Cleanup helpers for DEFER: each takes the variable's address and accepts an empty variable. */
void freep(void *pointer_to_pointer); /* free(*p) */
void closep(const int *fd);           /* close(*fd) unless negative; errno is kept */

#endif
