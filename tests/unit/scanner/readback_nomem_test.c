/* SPDX-License-Identifier: Apache-2.0 */
/* Records of reports read back: what is wrong in them is told, and with each allocation failing in turn none is taken
 * for less than it says. */
#include "tests/support/nomem.h"

#include "scanner/readback.h"
#include "tests/support/builtinrules.h"
#include "tests/support/report.h"

#define HEX64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define LIST "\"total\":2,\"list\":\"sha256:" HEX64 "\""
#define SUMMARY(members) "{\"summary\":{" members "}}"
#define OF(members) SUMMARY("\"repositories\":{" members "}")

/* All that a record may have: two keys that its hint fits, a history, an answer. */
static void write_record(struct buf *ret)
{
	static const struct inventory_key keys[] = {
		{ .id = "apikey_1", .name = "one", .status = "active", .created_at = "2023-11-01T00:00:00Z" },
		{ .id = "apikey_2", .name = "two", .status = "active", .workspace_id = "wrkspc_1", .workspace = "W" },
	};
	struct finding f = sample_in_history();

	f.inventory = keys;
	f.inventory_count = ARRAY_LEN(keys);
	f.verdict = (struct verdict){ .state = VERIFIED_LIVE, .reason = "accepted", .organization = "org" };
	f.via = "base64,gzip";
	f.checks = 1u << CHECK_SHAPE;
	f.origin.also_at = "b//c";
	f.origin.untrusted = "skant:allow";
	assert_int_equal(report_jsonl.finding(&sample_context, &f, true, ret), 0);
}

static bool read_record(void *context, long n)
{
	const struct buf *line = context;
	enum readback_kind kind;
	struct err err = ERR_INIT;
	struct readback r;
	struct finding f;
	struct view object;
	bool has_failed;
	int status;

	readback_init(&r, builtin_rules());
	nomem_start(n);
	status = readback_line(buf_view(line), &kind, &object, &err) || readback_finding(&r, object, &f, &err) ? -1 : 0;
	has_failed = nomem_stop();
	assert_int_equal(status, has_failed ? -1 : 0);
	assert_int_equal(err.kind, has_failed ? ERR_NOMEM : ERR_NONE);
	if (!has_failed) {
		assert_string_equal(f.via, "base64,gzip");
		assert_string_equal(f.origin.also_at, "b//c");
		assert_int_equal(f.inventory_count, 2);
		assert_string_equal(f.inventory[1].workspace, "W");
		assert_int_equal(f.verdict.state, VERIFIED_LIVE);
	}
	readback_done(&r);
	return has_failed;
}

static void a_record_is_read_as_a_whole_or_not(void **state)
{
	DEFER(buf_done) struct buf line = BUF_INIT(1u << 16);

	(void)state;
	write_record(&line);
	assert_true(nomem_each(read_record, &line) > 1);
}

static void summary_done(struct summary *s)
{
	for (size_t i = 0; i < s->example_count; i++)
		free(s->examples[i].path);
}

static bool read_summary(void *context, long n)
{
	DEFER(summary_done) struct summary s = { .files = 0 };
	DEFER(shards_done) struct shards shards = { .count = 0 };
	const struct view object = VIEW(
		SUMMARY("\"complete\":true,\"files\":3,\"instruction_set\":\"avx2\",\"unread\":{\"limit\":1},"
			"\"unread_examples\":[{\"reason\":\"limit\",\"path\":\"a.zip!b\",\"container\":\"a.zip\"},7],"
			"\"baseline\":{\"findings\":1,\"entries\":2},\"repositories\":{" LIST
			",\"read\":[\"a\"],\"incomplete\":[\"b\"]}"));
	struct err err = ERR_INIT;
	bool has_failed;
	int status;

	(void)context;
	nomem_start(n);
	status = readback_summary(object, &s, &err) || readback_repositories(object, &shards, &err) ? -1 : 0;
	has_failed = nomem_stop();
	assert_int_equal(status, has_failed ? -1 : 0);
	assert_int_equal(err.kind, has_failed ? ERR_NOMEM : ERR_NONE);
	if (!has_failed) {
		assert_int_equal(s.example_count, 1);
		assert_string_equal(s.examples[0].path, "a.zip!b");
		assert_int_equal(s.examples[0].inside_len, 2);
		assert_int_equal(s.baseline_entries, 2);
		assert_false(s.incomplete);
		assert_string_equal(s.instructions, "avx2");
		assert_int_equal(shards.read.count, 1);
		assert_true(shards_are_all(&shards));
	}
	return has_failed;
}

static void a_summary_is_read_as_a_whole_or_not(void **state)
{
	(void)state;
	assert_true(nomem_each(read_summary, NULL) > 4);
}

static void a_summary_that_is_wrong_is_refused(void **state)
{
	static const struct {
		const char *text, *told;
	} wrong[] = {
		{ "{}", "an object \"summary\" was expected" },
		{ SUMMARY("\"bytes\":-1"), "\"bytes\" of the summary: a number was expected" },
		{ SUMMARY("\"baseline\":{\"findings\":\"1\"}"), "\"findings\" of the summary: a number was expected" },
		{ SUMMARY("\"findings\":{\"allowed\":1.5}"), "\"allowed\" of the summary: a number was expected" },
		{ SUMMARY("\"unread\":{\"limit\":[]}"), "\"unread\" of the summary: numbers were expected" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		DEFER(summary_done) struct summary s = { .files = 0 };
		struct err err = ERR_INIT;

		assert_int_equal(readback_summary(view_of(wrong[i].text), &s, &err), -1);
		assert_int_equal(err.kind, ERR_FORMAT);
		assert_string_equal(err.text, wrong[i].told);
	}
}

static void examples_that_say_nothing_are_passed_over(void **state)
{
	DEFER(summary_done) struct summary s = { .files = UINT64_MAX };
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(
		readback_summary(VIEW(SUMMARY("\"files\":7,\"instruction_set\":7,\"unread\":[],\"unread_examples\":["
					      "{\"reason\":\"odd\",\"path\":\"a\"},{\"reason\":\"limit\"},"
					      "{\"reason\":\"limit\",\"path\":\"a/b\",\"container\":\"a\"},"
					      "{\"reason\":\"limit\",\"path\":\"\",\"container\":\"longer\"}]")),
				 &s, &err),
		0);
	assert_int_equal(s.files, UINT64_MAX); /* as large as a number gets */
	assert_int_equal(s.example_count, 2);
	assert_int_equal(s.examples[0].inside_len, 0);
	assert_string_equal(s.examples[1].path, "");
	assert_true(s.incomplete);
	assert_string_equal(s.instructions, "several");
}

static void repositories_that_are_wrong_are_refused(void **state)
{
	static const struct {
		const char *text, *told;
	} wrong[] = {
		{ SUMMARY("\"repositories\":7"), "\"repositories\" of the summary: an object was expected" },
		{ OF("\"total\":-1"), "\"total\" of the summary's repositories: a number was expected" },
		{ OF("\"total\":1"),
		  "\"list\" of the summary's repositories: \"sha256:\" and 64 hexadecimal digits was expected" },
		{ OF("\"total\":1,\"list\":\"sha256:" HEX64 "0\""),
		  "\"list\" of the summary's repositories: \"sha256:\" and 64 hexadecimal digits was expected" },
		{ OF(LIST ",\"settings\":7"),
		  "\"settings\" of the summary's repositories: \"sha256:\" and 64 hexadecimal digits was expected" },
		{ OF(LIST ",\"shards\":0"),
		  "\"shards\" of the summary's repositories: a number of parts was expected" },
		{ OF(LIST ",\"shards\":2"), "\"parts\" of the summary's repositories: a list of numbers was expected" },
		{ OF(LIST ",\"shards\":2,\"parts\":[3]"),
		  "\"parts\" of the summary's repositories: a list of numbers up to that of \"shards\" was expected" },
		{ OF(LIST), "\"read\" of the summary's repositories: a list of names was expected" },
		{ OF(LIST ",\"read\":[7]"), "\"read\" of the summary's repositories: a list of names was expected" },
		{ OF(LIST ",\"read\":[],\"incomplete\":{}"),
		  "\"incomplete\" of the summary's repositories: a list of names was expected" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		DEFER(shards_done) struct shards shards = { .count = 0 };
		struct err err = ERR_INIT;

		assert_int_equal(readback_repositories(view_of(wrong[i].text), &shards, &err), -1);
		assert_int_equal(err.kind, ERR_FORMAT);
		assert_string_equal(err.text, wrong[i].told);
	}
}

static void parts_of_a_list_are_added(void **state)
{
	DEFER(shards_done) struct shards shards = { .count = 0 };
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(readback_repositories(VIEW("{\"summary\":{}}"), &shards, &err), 0);
	assert_int_equal(shards.count, 0); /* it is about none */
	assert_int_equal(
		readback_repositories(VIEW(OF(LIST ",\"shards\":2,\"parts\":[2],\"read\":[\"b\"],\"incomplete\":[]")),
				      &shards, &err),
		0);
	assert_true(shards_have(&shards, 1) && !shards_have(&shards, 0));
	assert_false(shards_are_all(&shards));
	assert_int_equal(
		readback_repositories(VIEW(OF(LIST ",\"shards\":2,\"parts\":[1],\"read\":[\"a\"],\"incomplete\":[]")),
				      &shards, &err),
		0);
	assert_true(shards_are_all(&shards));
	assert_int_equal(
		readback_repositories(VIEW(OF(LIST ",\"shards\":2,\"parts\":[1],\"read\":[\"a\"],\"incomplete\":[]")),
				      &shards, &err),
		-1);
	assert_int_equal(err.kind, ERR_REFUSED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_record_is_read_as_a_whole_or_not),
		cmocka_unit_test(a_summary_is_read_as_a_whole_or_not),
		cmocka_unit_test(a_summary_that_is_wrong_is_refused),
		cmocka_unit_test(examples_that_say_nothing_are_passed_over),
		cmocka_unit_test(repositories_that_are_wrong_are_refused),
		cmocka_unit_test(parts_of_a_list_are_added),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
