/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a file: the whole way from a piece to a report, as in `skant stdin`. What is shown is clean, and no key
 * that was found stands in it. */
#include <stdlib.h>
#include <string.h>

#include "common/base/bounds.h"
#include "scanner/inspect.h"
#include "scanner/report/report.h"
#include "scanner/search.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct bench {
	struct ruleset *rules;
	struct matcher *matcher;
	struct marks *marks;
	struct suppress *suppress;
	struct matcher_worker *worker;
	struct search *search;
	struct inspect_options options;
};

static struct bench *make_bench(void)
{
	static struct bench b;
	struct err err = ERR_INIT;

	if (b.rules)
		return &b;
	b.rules = ruleset_new();
	if (ruleset_add(b.rules, rules_builtin, rules_builtin_count, &err))
		abort();
	b.matcher = matcher_new(b.rules, &err);
	b.marks = marks_new(b.matcher, true, &err);
	b.suppress = suppress_new();
	b.worker = matcher_worker_new(b.matcher);
	b.search = search_new(b.marks, b.worker, DECODE_DEPTH);
	b.options = (struct inspect_options){ .names = &keyname_standard,
					      .suppress = b.suppress,
					      .counter = marks_prefilter(b.marks) };
	return &b;
}

static void report_all(const struct records *records)
{
	static const struct report_format *const formats[] = { &report_text, &report_jsonl };
	struct report_context c = { .names = &keyname_standard };

	for (const struct record *r = records->first; r; r = r->next)
		for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
			DEFER(buf_done) struct buf out = BUF_INIT(1u << 24);

			if (formats[i]->finding(&c, &r->finding, true, &out))
				abort();
			for (size_t at = 0; at < out.len; at++)
				if ((unsigned char)out.ptr[at] < 0x20 && out.ptr[at] != '\n' && out.ptr[at] != '\t')
					abort();
		}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bench *b = make_bench();
	struct piece piece = { .bytes = view_from(data, size), .is_first = true, .is_last = true };
	struct item item = { .name = VIEW("f") };
	struct matcher_trouble trouble;
	const struct match *matches;
	struct inspector inspector;
	struct records *records = records_new();
	enum search_trouble found;
	size_t count;

	inspector_init(&inspector, &b->options, b->worker);
	matcher_start(b->worker, &item, &piece);
	if (search_piece(b->search, &piece, &found))
		abort();
	count = matcher_finish(b->worker, &matches, &trouble);
	if (count == SIZE_MAX || (count && inspector_take(&inspector, &item, &piece, matches, count, records)))
		abort();
	report_all(records);
	records_free(records);
	inspector_done(&inspector);
	return 0;
}
