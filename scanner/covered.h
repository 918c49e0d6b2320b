/* SPDX-License-Identifier: Apache-2.0 */
/* Which part of a tree a scan reads as a whole: of an entry of the baseline that is about something else, nothing can
 * be said. */
#ifndef SCANNER_COVERED_H
#define SCANNER_COVERED_H

#include "scanner/suppress/baseline.h"
#include "scanner/textset.h"

enum covers { COVERS_NOTHING, COVERS_TARGETS, COVERS_HISTORY };

struct covered {
	struct textset below; /* paths from the root; "" = all of it */
	bool is_history;
};

/* root: what entries are relative to. 0, or -1 when there is no memory. covered_done either way. */
[[nodiscard]] int covered_find(struct covered *c, enum covers what, const char *root, const char *const *targets,
			       size_t count);
void covered_done(struct covered *c);

/* Borrowed from c. */
struct baseline_scope covered_scope(const struct covered *c);

#endif
