/* SPDX-License-Identifier: Apache-2.0 */
/* A set of texts, sorted by bytes. */
#ifndef SCANNER_TEXTSET_H
#define SCANNER_TEXTSET_H

#include "common/base/buf.h"

struct textset {      /* all zero is empty */
	char **items; /* owned, terminated */
	size_t count, cap;
};

/* Adds a text unless it is there. 0, or -1 when there is no memory. */
[[nodiscard]] int textset_add(struct textset *set, struct view text);
void textset_done(struct textset *set);

#endif
