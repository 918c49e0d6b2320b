/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/report.h"

static const struct summary empty;

static void render(const struct finding *f, struct buf *out)
{
	sample_report(&report_jsonl, &sample_context, f, 1, &empty, out);
	assert_is_json(out, true);
}

static void a_finding_on_disk_knows_no_history(void **state)
{
	struct finding f = sample_finding();
	struct buf out;

	(void)state;
	render(&f, &out);
	assert_has(&out,
		   "{\"schema\":\"skant-finding/1\",\"rule_id\":\"a-rule\",\"kind\":\"api\",\"severity\":\"critical\","
		   "\"confidence\":\"high\",\"title\":\"A key\",\"path\":\"src/a.py\",\"start_line\":2,"
		   "\"start_column\":9,\"end_line\":2,\"end_column\":31,\"start_column_utf16\":7,"
		   "\"end_column_utf16\":29,\"offset\":20,\"masked\":\"abc...wxyz\","
		   "\"secret_id\":\"sha256:00112233445566778899aabbccddeeff\","
		   "\"fingerprint\":\"src/a.py:a-rule:2\",\"entropy\":5.05,\"status\":\"new\","
		   "\"line_text\":\"k = \\\"abc...wxyz\\\"\","
		   "\"remediation\":");
	buf_done(&out);
}

static void history_has_its_fields_in_order(void **state)
{
	struct finding f = sample_in_history();
	struct buf out;

	(void)state;
	f.origin.also_at = "b//c/d";
	f.origin.untrusted = "skant:allow";
	render(&f, &out);
	assert_has(&out, "\"fingerprint\":\"" SAMPLE_COMMIT ":src/a.py:a-rule:2\",\"entropy\":5.05,"
			 "\"object\":\"ffeeddccbbaa99887766554433221100ffeeddcc\",\"object_type\":\"blob\","
			 "\"commit\":\"" SAMPLE_COMMIT "\",\"author\":\"Jane Doe\",\"email\":\"jane@example.com\","
			 "\"date\":\"2024-05-01T10:20:30+02:00\",\"message\":\"Add the client\","
			 "\"last_commit\":\"" SAMPLE_LAST "\",\"at_head\":false,\"reachable\":true,\"from\":\"ref\","
			 "\"refs\":[\"refs/heads/main\",\"refs/tags/v1\"],\"also_at\":[\"b\",\"c/d\"],"
			 "\"untrusted_allow\":\"skant:allow\",\"status\":\"new\"");
	buf_done(&out);
}

static void what_is_not_known_is_absent(void **state)
{
	struct finding f = sample_in_history();
	struct buf out;

	(void)state;
	f.origin = (struct origin){ .is_known = true, .object = SAMPLE_LAST, .object_type = "blob" };
	render(&f, &out);
	assert_has(&out, "\"fingerprint\":\"src/a.py:a-rule:2\",\"entropy\":5.05,\"object\":\"" SAMPLE_LAST
			 "\",\"object_type\":\"blob\",\"status\":\"new\"");
	buf_done(&out);
}

static void only_refs_and_the_stash_make_it_reachable(void **state)
{
	static const char *const reached[] = { "ref", "stash", "reflog", "unreachable" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(reached); i++) {
		struct finding f = sample_in_history();
		struct buf out;

		f.origin.reached = reached[i];
		render(&f, &out);
		assert_has(&out, i < 2 ? "\"reachable\":true" : "\"reachable\":false");
		buf_done(&out);
	}
}

static void the_report_is_one_value_with_the_summary_first(void **state)
{
	struct finding f[] = { sample_finding(), sample_in_history() };
	struct buf out;

	(void)state;
	for (size_t n = 0; n <= 2; n++) {
		sample_report(&report_json, &sample_context, f, n, &empty, &out);
		assert_is_json(&out, false);
		assert_true(strstr(out.ptr, "\"summary\"") < strstr(out.ptr, "\"findings\":["));
		buf_done(&out);
	}
}

static void hostile_texts_do_no_harm(void **state)
{
	struct sample_hostile h;
	struct buf out;

	(void)state;
	sample_hostile(&h);
	render(&h.finding, &out);
	assert_harmless(&out, &h);
	buf_done(&out);
	sample_report(&report_json, &sample_context, &h.finding, 1, &empty, &out);
	assert_is_json(&out, false);
	assert_harmless(&out, &h);
	buf_done(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_finding_on_disk_knows_no_history),
		cmocka_unit_test(history_has_its_fields_in_order),
		cmocka_unit_test(what_is_not_known_is_absent),
		cmocka_unit_test(only_refs_and_the_stash_make_it_reachable),
		cmocka_unit_test(the_report_is_one_value_with_the_summary_first),
		cmocka_unit_test(hostile_texts_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
