/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/report.h"

static const struct summary empty;

static void a_finding_is_a_row(void **state)
{
	struct finding f = sample_finding();
	struct buf out;

	(void)state;
	sample_report(&report_html, &sample_context, &f, 1, &empty, &out);
	assert_has(
		&out,
		"<tr><th scope=row class=level><span class=\"level critical\">critical</span>"
		"<td class=word>a-rule<td class=code>src/a.py<td class=number>2<td class=word>abc...wxyz"
		"<td class=code>k = &#34;abc...wxyz&#34;<td>high<td class=tags><span class=\"tag\">new</span><td>\n");
	buf_done(&out);
}

static void history_has_columns_of_its_own(void **state)
{
	struct report_context context = sample_context;
	struct finding f = sample_in_history();
	struct buf out;

	(void)state;
	context.command = "git";
	sample_report(&report_html, &context, &f, 1, &empty, &out);
	assert_has(&out, "<td class=word>1a2b3c4d5e6f<td>Jane Doe<td class=date>2024-05-01");
	buf_done(&out);
}

static void a_key_in_a_path_is_masked(void **state)
{
	char key[SAMPLE_KEY_BYTES];
	struct finding f = sample_finding();
	struct buf out;

	(void)state;
	sample_key(key);
	f.path = key;
	sample_report(&report_html, &sample_context, &f, 1, &empty, &out);
	assert_null(strstr(out.ptr, key + 20));
	buf_done(&out);
}

static void the_worst_comes_first_whatever_the_order(void **state)
{
	struct finding f[] = { sample_name(), sample_finding() };
	const char *low, *critical;
	struct buf out;

	(void)state;
	sample_report(&report_html, &sample_context, f, 2, &empty, &out);
	low = strstr(out.ptr, "class=level><span class=\"level low\"");
	critical = strstr(out.ptr, "class=level><span class=\"level critical\"");
	assert_non_null(low);
	assert_non_null(critical);
	assert_true(critical < low);
	buf_done(&out);
}

static void nothing_found_is_said_with_what_was_not_read(void **state)
{
	struct summary s = { .files = 3, .incomplete = true };
	struct buf out;

	(void)state;
	s.unread[UNREAD_ENCRYPTED] = 2;
	sample_report(&report_html, &sample_context, NULL, 0, &s, &out);
	assert_has(&out, "Nothing was found.");
	assert_has(&out, "Something that should have been read was not");
	assert_has(&out, "<th scope=row>encrypted<td class=number>2<td>yes");
	buf_done(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_finding_is_a_row),
		cmocka_unit_test(history_has_columns_of_its_own),
		cmocka_unit_test(a_key_in_a_path_is_masked),
		cmocka_unit_test(the_worst_comes_first_whatever_the_order),
		cmocka_unit_test(nothing_found_is_said_with_what_was_not_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
