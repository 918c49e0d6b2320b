/* SPDX-License-Identifier: Apache-2.0 */
/* A member of a container as an item: it has a path, `container!member`, and its bytes are put together to pieces. */
#ifndef SCANNER_SOURCE_MEMBER_H
#define SCANNER_SOURCE_MEMBER_H

#include "scanner/item.h"

struct member {
	const struct item *container;
	struct buf path, below; /* of the member at hand */
	struct item item;       /* it; borrows them */
	char *window;           /* SCAN_WINDOW_BYTES, touched only as far as it was needed; the caller's */
	size_t held;            /* bytes in it */
	struct piece piece;
};

void member_init(struct member *m, const struct item *container, char *window);
void member_done(struct member *m);

/* Names the member at hand: path is that within the container, its last own_len bytes those in the innermost one; none:
 * the container is a compressed file. 0, or -1 when there is no memory. */
[[nodiscard]] int member_name(struct member *m, struct view path, size_t own_len);

/* Its bytes begin. */
void member_start(struct member *m);
/* Takes of its next bytes what there is room for, and cuts that off; true: m->piece is full, to be handed on before the
 * rest can be taken. */
bool member_add(struct member *m, struct view *bytes);
/* m->piece is the last one. */
void member_finish(struct member *m);

#endif
