/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/report.h"

#define HEAD                                                                                                           \
	"src/a.py:2:9: critical: A key abc...wxyz [a-rule]\n"                                                          \
	"     2 | k = \"abc...wxyz\"\n"                                                                                \
	"       |      ^^^^^^^^^^\n"
#define TAIL "    do: revoke it; `skant explain a-rule`\n"

static const struct summary empty;

static void assert_text(const struct report_context *c, const struct finding *f, const char *expected)
{
	struct buf out;

	sample_report(&report_text, c, f, 1, &empty, &out);
	assert_string_equal(out.ptr, expected);
	buf_done(&out);
}

static void assert_part(const struct report_context *c, const struct finding *f, const char *part)
{
	struct buf out;

	sample_report(&report_text, c, f, 1, &empty, &out);
	assert_has(&out, part);
	buf_done(&out);
}

static const struct report_context *verbose(void)
{
	static struct report_context c;

	c = sample_context;
	c.verbose = true;
	return &c;
}

static void a_finding_on_disk_has_its_line_and_what_to_do(void **state)
{
	struct finding f = sample_finding();

	(void)state;
	assert_text(&sample_context, &f, HEAD TAIL);
}

static void nothing_found_is_nothing_written(void **state)
{
	struct buf out;

	(void)state;
	sample_report(&report_text, &sample_context, NULL, 0, &empty, &out);
	assert_int_equal(out.len, 0);
	buf_done(&out);
}

static void history_names_commit_author_and_end(void **state)
{
	struct finding f = sample_in_history();

	(void)state;
	assert_text(&sample_context, &f,
		    HEAD "    commit 1a2b3c4d5e6f (Jane Doe <jane@example.com>, 2024-05-01) \"Add the client\"; "
			 "last in 0123456789ab\n" TAIL);
}

static void what_is_still_at_head_says_so(void **state)
{
	struct finding f = sample_in_history();

	(void)state;
	f.origin.at_head = true;
	assert_part(&sample_context, &f, "\"Add the client\"; still at HEAD\n");
}

static void a_range_knows_no_end(void **state)
{
	struct finding f = sample_in_history();

	(void)state;
	f.origin.reached = f.origin.refs = f.origin.last = NULL;
	assert_text(verbose(), &f,
		    HEAD "    commit 1a2b3c4d5e6f (Jane Doe <jane@example.com>, 2024-05-01) \"Add the client\"\n" TAIL);
}

static void an_object_without_commit_is_named_itself(void **state)
{
	struct finding f = sample_in_history();

	(void)state;
	f.origin = (struct origin){
		.is_known = true, .object = SAMPLE_LAST, .object_type = "blob", .reached = "unreachable"
	};
	assert_text(&sample_context, &f, HEAD "    blob 0123456789ab\n    reached by nothing (unreachable)\n" TAIL);
}

static void verbose_names_the_refs(void **state)
{
	struct finding f = sample_in_history();

	(void)state;
	assert_part(verbose(), &f, "    reached by: refs/heads/main, refs/tags/v1\n");
	f.origin.refs = "1\n2\n3\n4\n5\n6\n7";
	assert_part(verbose(), &f, "    reached by: 1, 2, 3, 4, 5, 6, 7\n");
	f.origin.refs = NULL;
	assert_part(verbose(), &f, "    reached by HEAD only, of this work tree or another\n");
}

static void too_many_refs_are_counted(void **state)
{
	DEFER(buf_done) struct buf refs = BUF_INIT(1u << 20);
	struct finding f = sample_in_history();

	(void)state;
	for (unsigned i = 0; i < REPORT_REFS_SHOWN + 2; i++)
		assert_int_equal(buf_addf(&refs, "r%u\n", i), 0);
	f.origin.refs = refs.ptr;
	assert_part(verbose(), &f, ", r99 (and 2 more)\n");
	f.origin.reached = "stash";
	assert_part(&sample_context, &f, "    reached by: r0, r1, r2, r3, r4 (and 97 more)\n");
}

static void what_no_ref_reaches_says_what_does(void **state)
{
	struct finding f = sample_in_history();

	(void)state;
	f.origin.refs = NULL;
	f.origin.reached = "stash";
	assert_part(&sample_context, &f, "    reached by the stash only\n");
	f.origin.reached = "reflog";
	assert_part(&sample_context, &f, "    reached by a reflog only\n");
}

static void other_paths_are_listed(void **state)
{
	struct finding f = sample_in_history();

	(void)state;
	f.origin.also_at = "b/x//c";
	assert_part(&sample_context, &f, "    also at: b/x, c\n");
}

static void a_marker_that_does_not_count_is_pointed_out(void **state)
{
	struct finding f = sample_in_history();

	(void)state;
	f.origin.untrusted = "skant:allow";
	assert_part(&sample_context, &f,
		    "    note: the change itself carries \"skant:allow\" here; that does not count\n");
}

static void a_long_message_is_cut_between_characters(void **state)
{
	struct finding f = sample_in_history();
	char message[400] = "a";
	struct buf out;

	(void)state;
	for (size_t i = 0; i < 150; i++)
		memcpy(message + 1 + 2 * i, "\xc3\xbc", 3);
	f.origin.message = message;
	sample_report(&report_text, &sample_context, &f, 1, &empty, &out);
	assert_has(&out, "\xc3\xbc...\"");
	assert_has_not(&out, "\\x");
	buf_done(&out);
}

static void a_key_at_the_cut_of_a_message_stays_masked(void **state)
{
	char key[SAMPLE_KEY_BYTES], message[SAMPLE_KEY_BYTES + 128];
	struct finding f = sample_in_history();

	(void)state;
	sample_key(key);
	f.origin.message = message;
	for (int before = 0; before < 100; before++) {
		struct buf out;
		char part[17];

		(void)snprintf(message, sizeof(message), "%*s%s", before, "", key);
		sample_report(&report_text, &sample_context, &f, 1, &empty, &out);
		memcpy(part, key + 14, 16);
		part[16] = '\0';
		assert_has_not(&out, part);
		buf_done(&out);
	}
}

static void hostile_texts_do_no_harm(void **state)
{
	struct sample_hostile h;
	struct buf out;
	size_t lines = 0;

	(void)state;
	sample_hostile(&h);
	sample_report(&report_text, verbose(), &h.finding, 1, &empty, &out);
	assert_harmless(&out, &h);
	for (size_t i = 0; i < out.len; i++)
		lines += out.ptr[i] == '\n';
	assert_int_equal(lines, 8); /* none of the texts made one of its own */
	buf_done(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_finding_on_disk_has_its_line_and_what_to_do),
		cmocka_unit_test(nothing_found_is_nothing_written),
		cmocka_unit_test(history_names_commit_author_and_end),
		cmocka_unit_test(what_is_still_at_head_says_so),
		cmocka_unit_test(a_range_knows_no_end),
		cmocka_unit_test(an_object_without_commit_is_named_itself),
		cmocka_unit_test(verbose_names_the_refs),
		cmocka_unit_test(too_many_refs_are_counted),
		cmocka_unit_test(what_no_ref_reaches_says_what_does),
		cmocka_unit_test(other_paths_are_listed),
		cmocka_unit_test(a_marker_that_does_not_count_is_pointed_out),
		cmocka_unit_test(a_long_message_is_cut_between_characters),
		cmocka_unit_test(a_key_at_the_cut_of_a_message_stays_masked),
		cmocka_unit_test(hostile_texts_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
