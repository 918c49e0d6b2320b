/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a file: the whole way from a piece to a report, as in `skant stdin`. What is shown is clean, and no key
 * that was found stands in it. */
#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "scanner/inspect.h"
#include "scanner/literals.h"
#include "scanner/report/report.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct bench {
	struct ruleset *rules;
	struct matcher *matcher;
	struct prefilter *prefilter;
	struct suppress *suppress;
	struct matcher_worker *worker;
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
	b.prefilter = literals_prefilter(b.matcher, &err);
	b.suppress = suppress_new();
	b.worker = matcher_worker_new(b.matcher);
	b.options =
		(struct inspect_options){ .names = &keyname_standard, .suppress = b.suppress, .counter = b.prefilter };
	return &b;
}

static void search(struct bench *b, const struct subject *subject, unsigned *forms)
{
	struct prefilter_cursor cursor = { 0 };
	struct prefilter_hit hits[64];
	size_t n;

	matcher_open(b->worker, subject);
	while ((n = prefilter_scan(b->prefilter, subject->text, &cursor, hits, 64)) > 0)
		for (size_t i = 0; i < n; i++) {
			if (literals_form(hits[i].tag) == DECODE_PLAIN)
				matcher_hit(b->worker, literals_keyword(hits[i].tag), hits[i].at);
			else
				*forms |= 1u << (2 * literals_form(hits[i].tag) + hits[i].at % 2);
		}
	matcher_close(b->worker);
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
	struct subject subject = { .text = piece.bytes, .stride = 1 };
	struct buf decoded[DECODE_FORMS][2] = { 0 };
	struct matcher_trouble trouble;
	const struct match *matches;
	struct inspector inspector;
	struct records *records = records_new();
	unsigned forms = 0, none = 0;
	size_t count;

	inspector_init(&inspector, &b->options, b->worker);
	matcher_start(b->worker, &item, &piece);
	search(b, &subject, &forms);
	for (unsigned form = 1; form < DECODE_FORMS; form++)
		for (size_t at = 0; at < 2; at++) {
			decoded[form][at] = (struct buf)BUF_INIT(1u << 24);
			if (!(forms & 1u << (2 * form + at)))
				continue;
			if (decode_subject((enum decode_form)form, &piece, at, &decoded[form][at], &subject))
				abort();
			search(b, &subject, &none);
		}
	count = matcher_finish(b->worker, &matches, &trouble);
	if (count == SIZE_MAX || (count && inspector_take(&inspector, &item, &piece, matches, count, records)))
		abort();
	report_all(records);
	records_free(records);
	inspector_done(&inspector);
	for (unsigned form = 1; form < DECODE_FORMS; form++)
		for (size_t at = 0; at < 2; at++)
			buf_done(&decoded[form][at]);
	return 0;
}
