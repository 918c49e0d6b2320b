/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/covered.h"

#include <stdlib.h>

#include "common/base/text.h"

/* A target that lies in the root, from there; one that cannot be found covers nothing. */
static int add_target(struct covered *c, const char *root, const char *target)
{
	DEFER(freep) char *full = realpath(target, NULL);
	struct view path = view_of(full), base = view_of(root);

	if (!full)
		return 0;
	if (text_eq(path, base))
		return textset_add(&c->below, VIEW(""));
	if (!text_starts(path, base))
		return 0;
	path = view_sub(path, base.len, path.len);
	if (text_eq(base, VIEW("/")))
		return textset_add(&c->below, path);
	return path.ptr[0] == '/' ? textset_add(&c->below, view_sub(path, 1, path.len)) : 0;
}

int covered_find(struct covered *c, enum covers what, const char *root, const char *const *targets, size_t count)
{
	DEFER(freep) char *full = NULL;

	*c = (struct covered){ .is_history = what == COVERS_HISTORY };
	if (what == COVERS_NOTHING)
		return 0;
	if (what == COVERS_HISTORY)
		return textset_add(&c->below, VIEW(""));
	full = realpath(root, NULL);
	for (size_t i = 0; full && i < count; i++)
		if (add_target(c, full, targets[i]))
			return -1;
	return 0;
}

void covered_done(struct covered *c)
{
	textset_done(&c->below);
}

struct baseline_scope covered_scope(const struct covered *c)
{
	return (struct baseline_scope){ .is_history = c->is_history,
					.below = (const char *const *)c->below.items,
					.count = c->below.count };
}
