/* SPDX-License-Identifier: Apache-2.0 */
/* A piece through prefilter, decoders and matcher with the built-in rules: every match lies inside of the piece. */
#include "scanner/search.h"

#include <stdlib.h>

#include "common/base/bounds.h"

struct tools {
	struct ruleset *rules;
	struct matcher *matcher;
	struct marks *marks;
	struct matcher_worker *worker;
	struct search *search;
};

static void must(bool holds)
{
	if (!holds)
		abort();
}

static struct tools *tools(void)
{
	static struct tools t;

	if (t.search)
		return &t;
	t.rules = ruleset_new();
	must(t.rules && ruleset_add(t.rules, rules_builtin, rules_builtin_count, NULL) == 0);
	t.matcher = matcher_new(t.rules, NULL);
	must(t.matcher != NULL);
	t.marks = marks_new(t.matcher, true, NULL);
	t.worker = matcher_worker_new(t.matcher);
	must(t.marks && t.worker);
	t.search = search_new(t.marks, t.worker, DECODE_DEPTH);
	must(t.search != NULL);
	return &t;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tools *t = tools();
	struct piece piece = { .bytes = view_from(data, size), .is_first = true, .is_last = true };
	struct matcher_trouble trouble;
	enum search_trouble found;
	const struct match *matches;
	size_t count;

	matcher_start(t->worker, NULL, &piece);
	must(search_piece(t->search, &piece, &found) == 0);
	count = matcher_finish(t->worker, &matches, &trouble);
	must(count != SIZE_MAX);
	for (size_t i = 0; i < count; i++) {
		const struct match *m = &matches[i];

		must(m->start < m->end && m->end <= size);
		must(m->from < m->to && m->to <= m->subject.text.len);
		must(i == 0 || matches[i - 1].start <= m->start);
	}
	return 0;
}
