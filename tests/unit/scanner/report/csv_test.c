/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/report.h"

#define HEAD                                                                                                           \
	"rule_id,kind,severity,confidence,status,title,path,start_line,start_column,end_line,end_column,masked,"       \
	"secret_id,fingerprint,object,commit,author,email,date,message,last_commit,from,repository\r\n"

static const struct summary empty;

static void assert_report(const struct finding *f, size_t count, const char *expected)
{
	struct buf out;

	sample_report(&report_csv, &sample_context, f, count, &empty, &out);
	assert_string_equal(out.ptr, expected);
	buf_done(&out);
}

static void nothing_found_leaves_the_head(void **state)
{
	(void)state;
	assert_report(NULL, 0, HEAD);
}

static void a_finding_is_a_line(void **state)
{
	struct finding f[] = { sample_finding(), sample_in_history() };

	(void)state;
	assert_report(f, 2,
		      HEAD
		      "a-rule,\"api\",\"critical\",\"high\",\"new\",\"A key\",\"src/a.py\",2,9,2,31,\"abc...wxyz\","
		      "\"sha256:00112233445566778899aabbccddeeff\",\"src/a.py:a-rule:2\",,,,,,,,,\r\n"
		      "a-rule,\"api\",\"critical\",\"high\",\"new\",\"A key\",\"src/a.py\",2,9,2,31,\"abc...wxyz\","
		      "\"sha256:00112233445566778899aabbccddeeff\",\"" SAMPLE_COMMIT ":src/a.py:a-rule:2\","
		      "\"ffeeddccbbaa99887766554433221100ffeeddcc\",\"" SAMPLE_COMMIT "\",\"Jane Doe\","
		      "\"jane@example.com\",\"2024-05-01T10:20:30+02:00\",\"Add the client\",\"" SAMPLE_LAST
		      "\",\"ref\",\r\n");
}

static void a_cell_is_no_formula(void **state)
{
	static const char *const formulas[][2] = { { "=1+1", ",\"'=1+1\"," },   { "+1", ",\"'+1\"," },
						   { "-1", ",\"'-1\"," },       { "@SUM(1)", ",\"'@SUM(1)\"," },
						   { "\t=1", ",\"\\x09=1\"," }, { "\r=1", ",\"\\x0d=1\"," },
						   { "a=1", ",\"a=1\"," } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(formulas); i++) {
		struct finding f = sample_in_history();
		struct buf out;

		f.path = f.origin.message = formulas[i][0];
		sample_report(&report_csv, &sample_context, &f, 1, &empty, &out);
		assert_has(&out, formulas[i][1]);
		buf_done(&out);
	}
}

static void quotes_are_doubled(void **state)
{
	struct finding f = sample_finding();
	struct buf out;

	(void)state;
	f.path = "a\",\"b";
	sample_report(&report_csv, &sample_context, &f, 1, &empty, &out);
	assert_has(&out, ",\"a\"\",\"\"b\",2,");
	buf_done(&out);
}

static void hostile_texts_do_no_harm(void **state)
{
	struct sample_hostile h;
	struct buf out;

	(void)state;
	sample_hostile(&h);
	sample_report(&report_csv, &sample_context, &h.finding, 1, &empty, &out);
	assert_harmless(&out, &h);
	assert_ptr_equal(strchr(out.ptr + sizeof(HEAD) - 1, '\n'), out.ptr + out.len - 1);
	buf_done(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_found_leaves_the_head), cmocka_unit_test(a_finding_is_a_line),
		cmocka_unit_test(a_cell_is_no_formula),          cmocka_unit_test(quotes_are_doubled),
		cmocka_unit_test(hostile_texts_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
