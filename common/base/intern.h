/* SPDX-License-Identifier: Apache-2.0 */
/* Texts as numbers: each different text is kept once. */
#ifndef COMMON_BASE_INTERN_H
#define COMMON_BASE_INTERN_H

#include "common/base/hashindex.h"

#define INTERN_NONE UINT32_MAX

struct intern {
	struct buf bytes;
	struct intern_text {
		size_t from;
		uint32_t len;
	} * texts;
	size_t count, cap;
	struct hashindex index;
};

#define INTERN_INIT(limit)                                                                                             \
	{                                                                                                              \
		.bytes = BUF_INIT(limit)                                                                               \
	} /* limit: bytes of all texts together */

/* The text's number: 0, 1, ... in the order of their coming. 0; or -1 when there is no memory, or no room. */
[[nodiscard]] int intern_add(struct intern *intern, struct view text, uint32_t *ret);

/* The number of a text that may be there; INTERN_NONE otherwise. */
uint32_t intern_find(const struct intern *intern, struct view text);

/* The text of a number that intern_add gave: valid until the next intern_add. Never without ptr. */
struct view intern_text(const struct intern *intern, uint32_t number);

/* Makes *ret, an array of intern->count that the caller frees, tell for each number which place its text has in the
 * order of text_cmp. 0, or -1 without memory. NULL when there are no texts. */
[[nodiscard]] int intern_ranks(const struct intern *intern, uint32_t **ret);

void intern_done(struct intern *intern);

#endif
