/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/summary.h"

#include <stdlib.h>
#include <string.h>

uint64_t summary_findings(const struct summary *s)
{
	uint64_t n = 0;

	for (size_t i = 0; i <= SEVERITY_CRITICAL; i++)
		n += s->findings[i];
	return n;
}

uint64_t summary_unread(const struct summary *s, bool is_incomplete)
{
	uint64_t n = 0;

	for (unsigned r = 0; r < UNREAD_COUNT; r++)
		if (unread_is_incomplete((enum unread)r) == is_incomplete)
			n += s->unread[r];
	return n;
}

static int by_path(const struct summary_example *a, const struct summary_example *b)
{
	int order = strcmp(a->path, b->path);

	return order ? order : (a->reason > b->reason) - (a->reason < b->reason);
}

void summary_add_example(struct summary *s, const struct summary_example *e, bool is_sorted)
{
	size_t at = s->example_count;

	while (is_sorted && at > 0 && by_path(e, &s->examples[at - 1]) < 0)
		at--;
	if (at == UNREAD_EXAMPLES) {
		free(e->path);
		return;
	}
	if (s->example_count == UNREAD_EXAMPLES)
		free(s->examples[--s->example_count].path);
	memmove(&s->examples[at + 1], &s->examples[at], (s->example_count - at) * sizeof(*e));
	s->examples[at] = *e;
	s->example_count++;
}
