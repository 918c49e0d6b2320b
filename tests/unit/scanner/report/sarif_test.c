/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/report.h"

#include "common/base/version.h"

#define PLACE                                                                                                          \
	"\"locations\":[{\"physicalLocation\":{\"artifactLocation\":{\"uri\":\"src/a.py\",\"uriBaseId\":\"SRCROOT\"}," \
	"\"region\":{\"startLine\":2,\"startColumn\":7,\"endLine\":2,\"endColumn\":29,"                                \
	"\"snippet\":{\"text\":\"abc...wxyz\"}},\"contextRegion\":{\"startLine\":2,\"endLine\":2,"                     \
	"\"snippet\":{\"text\":\"k = \\\"abc...wxyz\\\"\"}}}}],"

static const struct summary empty;

static void render(const struct finding *f, size_t count, const struct summary *s, struct buf *out)
{
	sample_report(&report_sarif, &sample_context, f, count, s, out);
	assert_is_json(out, false);
}

static const char rules[] =
	"\"rules\":[{\"id\":\"a-rule\",\"name\":\"ARule\",\"shortDescription\":{\"text\":\"A key.\"},"
	"\"fullDescription\":{\"text\":"
	"\"A key that stands in a file: whoever can read the file can use the key.\"},"
	"\"help\":{\"text\":\"revoke it.\\n1. First this.\\n2. Then that.\\nMore: skant explain a-rule\","
	"\"markdown\":"
	"\"**revoke it.**\\n\\n1. First this.\\n2. Then that.\\n\\nMore: `skant explain a-rule`\\n\"},"
	"\"defaultConfiguration\":{\"level\":\"error\"},\"properties\":{\"tags\":[\"security\",\"secret\","
	"\"external/cwe/cwe-798\"],\"kind\":\"api\",\"precision\":\"high\",\"problem.severity\":\"error\","
	"\"security-severity\":\"9.5\"}},"
	"{\"id\":\"name-rule\",\"name\":\"NameRule\",\"shortDescription\":{\"text\":\"Name of a key.\"},"
	"\"fullDescription\":{\"text\":"
	"\"The name of a key breaks the organisation's convention for key names.\"},"
	"\"help\":{\"text\":\"More: skant explain name-rule\","
	"\"markdown\":\"\\nMore: `skant explain name-rule`\\n\"},\"defaultConfiguration\":{\"level\":\"note\"},"
	"\"properties\":{\"tags\":[\"security\",\"naming\"],\"kind\":\"keyname\",\"precision\":\"medium\","
	"\"problem.severity\":\"note\",\"security-severity\":\"2.0\"}}]}},\n";
static const char rest[] =
	"\"columnKind\":\"utf16CodeUnits\",\"redactionTokens\":[\"...\"],\"originalUriBaseIds\":{\"SRCROOT\":"
	"{\"description\":{\"text\":"
	"\"The folder that skant was started in, or the root of the repository.\"}}},\n"
	"\"results\":[],\n"
	"\"invocations\":[{\"executionSuccessful\":true,\"toolExecutionNotifications\":[]}],\n"
	"\"properties\":{\"command\":\"dir\",\"files\":0,\"bytes\":0,\"unread\":{}}\n}]}\n";

static void a_report_without_results_lists_the_rules_in_use(void **state)
{
	static const char head[] = "{\"$schema\":\"https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/"
				   "sarif-schema-2.1.0.json\",\"version\":\"2.1.0\",\"runs\":[{\n"
				   "\"tool\":{\"driver\":{\"name\":\"skant\",\"version\":\"" SKANT_VERSION "\","
				   "\"semanticVersion\":\"" SKANT_VERSION "\",";
	DEFER(buf_done) struct buf expected = BUF_INIT(SAMPLE_REPORT_BYTES);
	struct buf out;

	(void)state;
	assert_int_equal(buf_addf(&expected, "%s%s%s", head, rules, rest), 0);
	render(NULL, 0, &empty, &out);
	assert_string_equal(out.ptr, expected.ptr);
	buf_done(&out);
}

static void a_finding_is_a_result(void **state)
{
	struct finding f[] = { sample_name(), sample_finding() };
	struct buf out;

	(void)state;
	render(f, 2, &empty, &out);
	assert_has(&out, "\n{\"ruleId\":\"name-rule\",\"ruleIndex\":1,\"level\":\"note\",\"message\":{\"text\":"
			 "\"Name of a key 'Prod_ML': case; rename it to ml-prod-{{purpose}}.\"},");
	assert_has(&out, ",\n{\"ruleId\":\"a-rule\",\"ruleIndex\":0,\"level\":\"error\",\"message\":{\"text\":"
			 "\"A key abc...wxyz; revoke it.\"}," PLACE "\"partialFingerprints\":{\"skantSecretId/v1\":"
			 "\"sha256:00112233445566778899aabbccddeeff\",\"skantPlace/v1\":\"");
	assert_has(&out, "\"},\"suppressions\":[],\"properties\":{\"severity\":\"critical\",\"confidence\":\"high\","
			 "\"offset\":20,\"fingerprint\":\"src/a.py:a-rule:2\"}}\n],");
	buf_done(&out);
}

static void history_is_in_the_properties(void **state)
{
	struct finding f = sample_in_history();
	struct buf out;

	(void)state;
	render(&f, 1, &empty, &out);
	assert_has(&out, "\"fingerprint\":\"" SAMPLE_COMMIT ":src/a.py:a-rule:2\",\"object\":");
	assert_has(&out, "\"commit\":\"" SAMPLE_COMMIT "\",\"author\":\"Jane Doe\"");
	buf_done(&out);
}

static void what_is_allowed_is_suppressed(void **state)
{
	struct finding f = sample_finding();
	struct buf out;

	(void)state;
	f.status = STATUS_ALLOWED;
	f.allowed_by = "skant:allow";
	render(&f, 1, &empty, &out);
	assert_has(&out, "\"suppressions\":[{\"kind\":\"inSource\",\"justification\":\"skant:allow\"}]");
	buf_done(&out);
	f.allowed_by = "made at run time";
	render(&f, 1, &empty, &out);
	assert_has(&out, "\"suppressions\":[{\"kind\":\"external\",\"justification\":\"made at run time\"}]");
	buf_done(&out);
}

/* The 32 digits of the place. */
static void place_of(const struct finding *f, char ret[static 33])
{
	struct buf out;
	const char *place;

	render(f, 1, &empty, &out);
	place = strstr(out.ptr, "\"skantPlace/v1\":\"");
	assert_non_null(place);
	memcpy(ret, place + 17, 32);
	ret[32] = '\0';
	buf_done(&out);
}

static void the_place_survives_new_lines_above_it(void **state)
{
	struct finding f = sample_finding();
	char a[33], b[33], c[33];

	(void)state;
	place_of(&f, a);
	f.start_line = f.end_line = 77;
	f.offset = 4000;
	place_of(&f, b);
	f.path = "src/b.py";
	place_of(&f, c);
	assert_string_equal(a, b);
	assert_string_not_equal(a, c);
}

static void an_absolute_path_has_no_base(void **state)
{
	struct finding f = sample_finding();
	struct buf out;

	(void)state;
	f.path = "/srv/a b";
	render(&f, 1, &empty, &out);
	assert_has(&out, "\"artifactLocation\":{\"uri\":\"file:///srv/a%20b\"}");
	buf_done(&out);
}

static void an_enforced_convention_raises_the_level(void **state)
{
	struct keyname_policy strict = keyname_standard;
	struct report_context c = sample_context;
	struct buf out;

	(void)state;
	strict.enforce = true;
	c.names = &strict;
	sample_report(&report_sarif, &c, NULL, 0, &empty, &out);
	assert_has(&out, "\"precision\":\"medium\",\"problem.severity\":\"error\",\"security-severity\":\"8.0\"");
	buf_done(&out);
}

static void an_incomplete_scan_was_no_success_and_says_why(void **state)
{
	struct summary s = sample_incomplete("a b");
	struct buf out;

	(void)state;
	render(NULL, 0, &s, &out);
	assert_has(&out, "\"invocations\":[{\"executionSuccessful\":false,\"toolExecutionNotifications\":[{\"level\":"
			 "\"error\",\"descriptor\":{\"id\":\"unreadable\"},\"message\":{\"text\":\"2 were not read, "
			 "unreadable.\"},\"locations\":[{\"physicalLocation\":{\"artifactLocation\":{\"uri\":\"a%20b\","
			 "\"uriBaseId\":\"SRCROOT\"}}}]}]}]");
	assert_has(&out, "\"unread\":{\"ignored\":7,\"unreadable\":2}");
	buf_done(&out);
	free(s.examples[0].path);
	s = (struct summary){ .failed = true };
	render(NULL, 0, &s, &out);
	assert_has(&out, "\"executionSuccessful\":false,\"toolExecutionNotifications\":[{\"level\":\"error\","
			 "\"descriptor\":{\"id\":\"failed\"}");
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
	assert_has(&out, "{\"uri\":\"=x%1B%5B31m%FF,%25%3A%22%3C&%3E'%0D%0A%3A%3Aerror%3A%3A%7B0%7Dsk-ant-");
	buf_done(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_report_without_results_lists_the_rules_in_use),
		cmocka_unit_test(a_finding_is_a_result),
		cmocka_unit_test(history_is_in_the_properties),
		cmocka_unit_test(what_is_allowed_is_suppressed),
		cmocka_unit_test(the_place_survives_new_lines_above_it),
		cmocka_unit_test(an_absolute_path_has_no_base),
		cmocka_unit_test(an_enforced_convention_raises_the_level),
		cmocka_unit_test(an_incomplete_scan_was_no_success_and_says_why),
		cmocka_unit_test(hostile_texts_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
