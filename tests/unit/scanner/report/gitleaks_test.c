/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/report.h"

static const struct summary empty;

static void nothing_found_is_an_empty_array(void **state)
{
	struct buf out;

	(void)state;
	sample_report(&report_gitleaks, &sample_context, NULL, 0, &empty, &out);
	assert_string_equal(out.ptr, "[]\n");
	buf_done(&out);
}

static void a_finding_has_the_names_of_gitleaks(void **state)
{
	struct finding f[] = { sample_finding(), sample_in_history() };
	struct buf out;

	(void)state;
	sample_report(&report_gitleaks, &sample_context, f, 2, &empty, &out);
	assert_is_json(&out, false);
	assert_string_equal(
		out.ptr,
		"[\n{\"RuleID\":\"a-rule\",\"Description\":\"A key\",\"StartLine\":2,\"EndLine\":2,\"StartColumn\":9,"
		"\"EndColumn\":30,\"Match\":\"abc...wxyz\",\"Secret\":\"abc...wxyz\",\"File\":\"src/a.py\","
		"\"SymlinkFile\":\"\",\"Commit\":\"\",\"Entropy\":5.05,\"Author\":\"\",\"Email\":\"\",\"Date\":\"\","
		"\"Message\":\"\",\"Tags\":[],\"Fingerprint\":\"src/a.py:a-rule:2\"},\n"
		"{\"RuleID\":\"a-rule\",\"Description\":\"A key\",\"StartLine\":2,\"EndLine\":2,\"StartColumn\":9,"
		"\"EndColumn\":30,\"Match\":\"abc...wxyz\",\"Secret\":\"abc...wxyz\",\"File\":\"src/a.py\","
		"\"SymlinkFile\":\"\",\"Commit\":\"" SAMPLE_COMMIT "\",\"Entropy\":5.05,\"Author\":\"Jane Doe\","
		"\"Email\":\"jane@example.com\",\"Date\":\"2024-05-01T10:20:30+02:00\",\"Message\":\"Add the client\","
		"\"Tags\":[],\"Fingerprint\":\"" SAMPLE_COMMIT ":src/a.py:a-rule:2\"}\n]\n");
	buf_done(&out);
}

static void hostile_texts_do_no_harm(void **state)
{
	struct sample_hostile h;
	struct buf out;

	(void)state;
	sample_hostile(&h);
	sample_report(&report_gitleaks, &sample_context, &h.finding, 1, &empty, &out);
	assert_is_json(&out, false);
	assert_harmless(&out, &h);
	buf_done(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_found_is_an_empty_array),
		cmocka_unit_test(a_finding_has_the_names_of_gitleaks),
		cmocka_unit_test(hostile_texts_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
