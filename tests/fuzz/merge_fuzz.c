/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever a report in the format jsonl says: each line is refused, or is a finding or summary that comes out of every
 * format without a control byte that it brought along, and that is the same once it is read back again. */
#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "common/policy/keyname.h"
#include "scanner/joined.h"
#include "scanner/readback.h"
#include "scanner/report/report.h"
#include "tests/support/builtinrules.h"

#define OUTPUT_BYTES (64u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool is_right)
{
	if (!is_right)
		abort();
}

static void show(const struct report_format *format, const struct finding *f, struct buf *out)
{
	static const struct report_context context = { .command = "merge",
						       .names = &keyname_standard,
						       .verbose = true };

	check(format->finding(&context, f, true, out) == 0);
	for (size_t i = 0; i < out->len; i++)
		check((unsigned char)out->ptr[i] >= ' ' || out->ptr[i] == '\n' || out->ptr[i] == '\t' ||
		      out->ptr[i] == '\r');
}

static void check_again(struct readback *r, const struct finding *f)
{
	DEFER(buf_done) struct buf first = BUF_INIT(OUTPUT_BYTES), second = BUF_INIT(OUTPUT_BYTES);
	struct err err = ERR_INIT;
	enum readback_kind kind;
	struct finding again;
	struct view object;

	show(&report_jsonl, f, &first);
	check(readback_line(text_trim(buf_view(&first)), &kind, &object, &err) == 0 && kind == READBACK_FINDING);
	if (readback_finding(r, object, &again, &err))
		return; /* a text that was masked or mended may no longer be what its format asks for */
	show(&report_jsonl, &again, &second);
	check(first.len == second.len && memcmp(first.ptr, second.ptr, first.len) == 0);
}

static void take_finding(struct readback *r, struct joined *j, struct view object)
{
	static const struct report_format *const formats[] = { &report_text,   &report_json,    &report_sarif,
							       &report_csv,    &report_junit,   &report_gitlab,
							       &report_github, &report_gitleaks };
	struct err err = ERR_INIT;
	struct finding f;

	if (readback_finding(r, object, &f, &err)) {
		check(err.kind != ERR_NONE && err.text[0]);
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
		DEFER(buf_done) struct buf out = BUF_INIT(OUTPUT_BYTES);

		show(formats[i], &f, &out);
	}
	check(joined_add(j, &f) == 0);
	check_again(r, &f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view rest = view_from(data, size), line;
	struct summary sum = { .files = 0 };
	struct joined j = { .count = 0 };
	struct records *records;
	struct readback r;

	readback_init(&r, builtin_rules());
	while (text_next_line(&rest, &line)) {
		struct err err = ERR_INIT;
		enum readback_kind kind;
		struct view object;

		if (readback_line(line, &kind, &object, &err))
			check(err.kind != ERR_NONE);
		else if (kind == READBACK_FINDING)
			take_finding(&r, &j, object);
		else
			check(readback_summary(object, &sum, &err) == 0 || err.kind == ERR_FORMAT);
	}
	check(sum.example_count <= UNREAD_EXAMPLES);
	for (size_t i = 0; i < sum.example_count; i++)
		free(sum.examples[i].path);
	records = joined_take(&j);
	check(records != NULL);
	records_free(records);
	joined_done(&j);
	readback_done(&r);
	return 0;
}
