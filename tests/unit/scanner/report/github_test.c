/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/report.h"

static const struct summary empty;

static void assert_report(const struct finding *f, size_t count, const struct summary *s, const char *expected)
{
	struct buf out;

	sample_report(&report_github, &sample_context, f, count, s, &out);
	assert_string_equal(out.ptr, expected);
	buf_done(&out);
}

static void a_finding_is_one_command(void **state)
{
	struct finding f = sample_finding();

	(void)state;
	assert_report(&f, 1, &empty,
		      "::error file=src/a.py,line=2,endLine=2,col=7,endColumn=29,title=A key::"
		      "A key abc...wxyz [a-rule]; revoke it\n");
}

static void each_severity_has_its_command(void **state)
{
	static const char *const commands[] = { "::notice ", "::warning ", "::error ", "::error " };

	(void)state;
	for (int s = SEVERITY_LOW; s <= SEVERITY_CRITICAL; s++) {
		struct finding f = sample_finding();
		struct buf out;

		f.severity = (enum severity)s;
		sample_report(&report_github, &sample_context, &f, 1, &empty, &out);
		assert_memory_equal(out.ptr, commands[s], strlen(commands[s]));
		buf_done(&out);
	}
}

static void a_key_name_says_what_is_wrong_and_what_would_be_right(void **state)
{
	struct finding f = sample_name();

	(void)state;
	assert_report(&f, 1, &empty,
		      "::notice file=src/a.py,line=2,endLine=2,col=7,endColumn=29,title=Name of a key::"
		      "Name of a key 'Prod_ML': case [name-rule]; rename it to ml-prod-{purpose}\n");
}

static void more_than_a_line_has_no_columns(void **state)
{
	struct finding f = sample_in_history();

	(void)state;
	f.end_line = 3;
	assert_report(
		&f, 1, &empty,
		"::error file=src/a.py,line=2,endLine=3,title=A key::A key abc...wxyz [a-rule], commit " SAMPLE_COMMIT
		"; revoke it\n");
}

static void what_has_a_meaning_is_encoded(void **state)
{
	struct finding f = sample_finding();

	(void)state;
	f.path = "a,b:c%d\ne";
	f.masked = "%0A,:";
	assert_report(&f, 1, &empty,
		      "::error file=a%2Cb%3Ac%25d\\x0ae,line=2,endLine=2,col=7,endColumn=29,title=A key::"
		      "A key %250A,: [a-rule]; revoke it\n");
}

static void what_is_allowed_is_a_notice(void **state)
{
	struct finding f = sample_finding();

	(void)state;
	f.status = STATUS_ALLOWED;
	f.allowed_by = "skant:allow";
	assert_report(&f, 1, &empty,
		      "::notice file=src/a.py,line=2,endLine=2,col=7,endColumn=29,title=A key::"
		      "A key abc...wxyz [a-rule], allowed: skant:allow; revoke it\n");
}

static void an_incomplete_scan_is_an_error_a_clean_one_is_silent(void **state)
{
	struct summary s = sample_incomplete("b\n%");

	(void)state;
	assert_report(NULL, 0, &s,
		      "::error title=skant%3A the scan is incomplete::2 were not read, unreadable: 'b\\x0a%25', ...\n");
	assert_report(NULL, 0, &empty, "");
	free(s.examples[0].path);
}

static void hostile_texts_do_no_harm(void **state)
{
	struct sample_hostile h;
	struct buf out;

	(void)state;
	sample_hostile(&h);
	sample_report(&report_github, &sample_context, &h.finding, 1, &empty, &out);
	assert_harmless(&out, &h);
	assert_ptr_equal(strchr(out.ptr, '\n'), out.ptr + out.len - 1);
	buf_done(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_finding_is_one_command),
		cmocka_unit_test(each_severity_has_its_command),
		cmocka_unit_test(a_key_name_says_what_is_wrong_and_what_would_be_right),
		cmocka_unit_test(more_than_a_line_has_no_columns),
		cmocka_unit_test(what_has_a_meaning_is_encoded),
		cmocka_unit_test(what_is_allowed_is_a_notice),
		cmocka_unit_test(an_incomplete_scan_is_an_error_a_clean_one_is_silent),
		cmocka_unit_test(hostile_texts_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
