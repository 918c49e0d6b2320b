/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/report.h"

#include <unistd.h>

#include "common/base/text.h"
#include "common/sys/file.h"

static const struct summary empty;

static void each_name_of_the_list_is_a_format(void **state)
{
	struct view rest = VIEW(REPORT_FORMATS);
	size_t count = 0;

	(void)state;
	while (rest.len) {
		size_t len = text_find_byte(rest, ' ');
		const struct report_format *f = report_find(view_sub(rest, 0, len));

		assert_non_null(f);
		assert_true(text_eq(view_of(f->name), view_sub(rest, 0, len)));
		rest = len == SIZE_MAX ? VIEW_NONE : view_sub(rest, len + 1, rest.len);
		count++;
	}
	assert_int_equal(count, 10);
	assert_null(report_find(VIEW("xml")));
	assert_null(report_find(VIEW("")));
}

/* Writes one finding of the given status into a file, and reads that into text. */
static void write_one(const struct report_format *format, enum finding_status status, struct buf *text)
{
	char path[] = "/tmp/skant-report-XXXXXX";
	struct finding f = sample_finding();
	struct err err = ERR_INIT;
	struct report *r;
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	f.status = status;
	f.allowed_by = status == STATUS_ALLOWED ? "skant:allow" : NULL;
	r = report_open(format, path, &sample_context, &err);
	assert_non_null(r);
	assert_int_equal(report_finding(r, &f), 0);
	assert_int_equal(report_flush(r), 0);
	assert_int_equal(report_close(r, &empty, &err), 0);
	*text = (struct buf)BUF_INIT(SAMPLE_REPORT_BYTES);
	assert_int_equal(file_read(path, text, &err), 0);
	assert_int_equal(close(fd), 0);
	assert_int_equal(unlink(path), 0);
}

static void what_is_allowed_stays_out_where_all_counts_as_open(void **state)
{
	static const struct report_format *const strict[] = { &report_gitlab, &report_gitleaks };
	struct buf text;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(strict); i++) {
		write_one(strict[i], STATUS_NEW, &text);
		assert_has(&text, "a-rule");
		buf_done(&text);
		write_one(strict[i], STATUS_ALLOWED, &text);
		assert_has_not(&text, "a-rule");
		assert_is_json(&text, false);
		buf_done(&text);
	}
	write_one(&report_sarif, STATUS_ALLOWED, &text);
	assert_has(&text, "\"ruleId\":\"a-rule\"");
	buf_done(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_name_of_the_list_is_a_format),
		cmocka_unit_test(what_is_allowed_stays_out_where_all_counts_as_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
