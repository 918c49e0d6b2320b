/* SPDX-License-Identifier: Apache-2.0 */
/* Pages of the base's activities that are rendered before the first request: the mock is then as fast as its socket. */
#ifndef TESTS_MOCK_PRERENDER_H
#define TESTS_MOCK_PRERENDER_H

#include "tests/mock/feed.h"
#include "tests/mock/model.h"
#include "tests/mock/settings.h"

#define PRERENDER_ROWS 5000 /* the largest limit */

struct prerender_page {
	struct view plain, gzip; /* owned */
};

struct prerender {
	struct prerender_page *pages[2]; /* newest first, oldest first */
	size_t count;                    /* of either; 0: none */
};

void prerender_init(struct prerender *p, const struct feed *f, const struct model *m, enum prerender_order order);
void prerender_done(struct prerender *p);

/* The page behind a position of the base (rows passed), or NULL when none is made there. */
const struct prerender_page *prerender_page(const struct prerender *p, bool is_asc, uint64_t passed);

#endif
