/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/report.h"

#define READ_ALL "<testcase classname=\"skant\" name=\"everything was read\"></testcase>\n"

static const struct summary empty;

/* counts are the attributes of both heads, skipped is the inner one's, cases what stands in them. */
static void assert_report(const struct finding *f, size_t count, const struct summary *s, const char *counts,
			  unsigned skipped, const char *cases)
{
	DEFER(buf_done) struct buf expected = BUF_INIT(SAMPLE_REPORT_BYTES);
	struct buf out;

	assert_int_equal(buf_addf(&expected,
				  "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"skant\" %s>\n"
				  "<testsuite name=\"skant dir\" %s skipped=\"%u\">\n%s</testsuite>\n</testsuites>\n",
				  counts, counts, skipped, cases),
			 0);
	sample_report(&report_junit, &sample_context, f, count, s, &out);
	assert_string_equal(out.ptr, expected.ptr);
	buf_done(&out);
}

static void a_clean_scan_is_one_test_that_passed(void **state)
{
	(void)state;
	assert_report(NULL, 0, &empty, "tests=\"1\" failures=\"0\" errors=\"0\"", 0, READ_ALL);
}

static void a_finding_failed_and_an_allowed_one_was_skipped(void **state)
{
	struct finding f[] = { sample_finding(), sample_in_history() };

	(void)state;
	f[1].status = STATUS_ALLOWED;
	f[1].allowed_by = "made <here>";
	assert_report(f, 2, &empty, "tests=\"3\" failures=\"1\" errors=\"0\"", 1,
		      "<testcase classname=\"src/a.py\" name=\"a-rule at 2:9\">"
		      "<failure type=\"critical\" message=\"A key abc...wxyz\">src/a.py:a-rule:2\n"
		      "k = &#34;abc...wxyz&#34;</failure></testcase>\n"
		      "<testcase classname=\"src/a.py\" name=\"a-rule at 2:9\">"
		      "<skipped message=\"made &#60;here&#62;\"/></testcase>\n" READ_ALL);
}

static void an_incomplete_scan_is_an_error(void **state)
{
	struct summary s = sample_incomplete("b&");

	(void)state;
	assert_report(NULL, 0, &s, "tests=\"1\" failures=\"0\" errors=\"1\"", 0,
		      "<testcase classname=\"skant\" name=\"everything was read\"><error type=\"unreadable\" "
		      "message=\"2 were not read, unreadable: &#39;b&#38;&#39;, ...\"/></testcase>\n");
	free(s.examples[0].path);
}

static void hostile_texts_do_no_harm(void **state)
{
	struct sample_hostile h;
	struct buf out;

	(void)state;
	sample_hostile(&h);
	sample_report(&report_junit, &sample_context, &h.finding, 1, &empty, &out);
	assert_harmless(&out, &h);
	assert_has_not(&out, "\xef\xbf\xbf"); /* no character of XML */
	assert_has_not(&out, "<&>");
	buf_done(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_clean_scan_is_one_test_that_passed),
		cmocka_unit_test(a_finding_failed_and_an_allowed_one_was_skipped),
		cmocka_unit_test(an_incomplete_scan_is_an_error),
		cmocka_unit_test(hostile_texts_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
