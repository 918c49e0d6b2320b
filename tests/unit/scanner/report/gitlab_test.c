/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/report.h"

#include "common/base/version.h"

#define PROGRAM                                                                                                        \
	"{\"id\":\"skant\",\"name\":\"skant\",\"version\":\"" SKANT_VERSION "\",\"vendor\":{\"name\":\"skant\"}}"
#define SCAN                                                                                                           \
	"],\"scan\":{\"analyzer\":" PROGRAM ",\"scanner\":" PROGRAM ",\"type\":\"secret_detection\","                  \
	"\"start_time\":\"2023-11-14T22:13:20\",\"end_time\":\"2023-11-14T22:13:22\",\"status\":"

static const struct summary empty;

static void render(const struct finding *f, size_t count, const struct summary *s, struct buf *out)
{
	sample_report(&report_gitlab, &sample_context, f, count, s, out);
	assert_is_json(out, false);
}

static void nothing_found_is_a_report_all_the_same(void **state)
{
	struct buf out;

	(void)state;
	render(NULL, 0, &empty, &out);
	assert_string_equal(out.ptr,
			    "{\"version\":\"15.0.0\",\"vulnerabilities\":[" SCAN "\"success\",\"messages\":[]}}\n");
	buf_done(&out);
}

static void a_finding_has_identifiers_and_a_location(void **state)
{
	struct finding f = sample_finding();
	struct buf out;

	(void)state;
	render(&f, 1, &empty, &out);
	assert_has(
		&out,
		"\"category\":\"secret_detection\",\"name\":\"A key\",\"description\":\"A key abc...wxyz\","
		"\"severity\":\"Critical\",\"solution\":\"revoke it\\n1. First this.\\n2. Then that.\\n\","
		"\"scanner\":{\"id\":\"skant\",\"name\":\"skant\"},"
		"\"location\":{\"file\":\"src/a.py\",\"commit\":{\"sha\":\"0000000\"},\"start_line\":2,\"end_line\":2},"
		"\"identifiers\":[{\"type\":\"skant_rule_id\",\"name\":\"skant rule a-rule\",\"value\":\"a-rule\"},"
		"{\"type\":\"cwe\",\"name\":\"CWE-798\",\"value\":\"798\","
		"\"url\":\"https://cwe.mitre.org/data/definitions/798.html\"}]}\n");
	buf_done(&out);
}

static void history_names_its_commit(void **state)
{
	struct finding f = sample_in_history();
	struct buf out;

	(void)state;
	render(&f, 1, &empty, &out);
	assert_has(&out, "\"commit\":{\"sha\":\"" SAMPLE_COMMIT "\",\"author\":\"Jane Doe\","
			 "\"date\":\"2024-05-01T10:20:30+02:00\",\"message\":\"Add the client\"}");
	buf_done(&out);
}

static void each_severity_has_its_name(void **state)
{
	static const char *const names[] = { "\"Low\"", "\"Medium\"", "\"High\"", "\"Critical\"" };

	(void)state;
	for (int s = SEVERITY_LOW; s <= SEVERITY_CRITICAL; s++) {
		struct finding f = sample_finding();
		struct buf out;

		f.severity = (enum severity)s;
		render(&f, 1, &empty, &out);
		assert_has(&out, names[s]);
		buf_done(&out);
	}
}

/* The id of the one finding, 36 characters. */
static void id_of(const struct finding *f, char ret[static 37])
{
	struct buf out;
	const char *id;

	render(f, 1, &empty, &out);
	id = strstr(out.ptr, "{\"id\":\"");
	assert_non_null(id);
	memcpy(ret, id + 7, 36);
	ret[36] = '\0';
	assert_int_equal(id[7 + 36], '"');
	buf_done(&out);
}

static void the_id_is_a_uuid_that_two_scans_share(void **state)
{
	struct finding f = sample_finding(), other = sample_finding();
	char a[37], b[37], c[37];

	(void)state;
	other.start_column++;
	id_of(&f, a);
	id_of(&f, b);
	id_of(&other, c);
	assert_string_equal(a, b);
	assert_string_not_equal(a, c);
	assert_int_equal(strspn(a, "0123456789abcdef-"), 36);
	assert_true(a[8] == '-' && a[13] == '-' && a[18] == '-' && a[23] == '-');
	assert_int_equal(a[14], '8');
	assert_non_null(strchr("89ab", a[19]));
}

static void an_incomplete_scan_has_failed_and_says_why(void **state)
{
	struct summary s = sample_incomplete("b");
	struct buf out;

	(void)state;
	render(NULL, 0, &s, &out);
	assert_has(
		&out, SCAN
		"\"failure\",\"messages\":[{\"level\":\"warn\",\"value\":\"2 were not read, unreadable: 'b', ...\"}]");
	buf_done(&out);
	free(s.examples[0].path);
	s = (struct summary){ .failed = true };
	render(NULL, 0, &s, &out);
	assert_has(&out, "\"failure\",\"messages\":[{\"level\":\"fatal\"");
	buf_done(&out);
}

static void hostile_texts_do_no_harm(void **state)
{
	struct sample_hostile h;
	struct buf out;

	(void)state;
	sample_hostile(&h);
	render(&h.finding, 1, &empty, &out);
	assert_harmless(&out, &h);
	buf_done(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_found_is_a_report_all_the_same),
		cmocka_unit_test(a_finding_has_identifiers_and_a_location),
		cmocka_unit_test(history_names_its_commit),
		cmocka_unit_test(each_severity_has_its_name),
		cmocka_unit_test(the_id_is_a_uuid_that_two_scans_share),
		cmocka_unit_test(an_incomplete_scan_has_failed_and_says_why),
		cmocka_unit_test(hostile_texts_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
