/* SPDX-License-Identifier: Apache-2.0 */
/* Many small texts that go together: each is copied behind the others, and none is freed alone. */
#ifndef COMMON_BASE_TEXTPOOL_H
#define COMMON_BASE_TEXTPOOL_H

#include "common/base/buf.h"

struct textpool_block;

struct textpool {
	struct textpool_block *last;
};

#define TEXTPOOL_INIT                                                                                                  \
	{                                                                                                              \
		.last = NULL                                                                                           \
	}

/* A terminated copy that lives as long as the pool; "" for an empty text. A NUL byte in it becomes U+FFFD, so that no
 * text ends early. NULL when there is no memory. */
const char *textpool_add(struct textpool *pool, struct view text);

void textpool_done(struct textpool *pool); /* reusable after */

#endif
