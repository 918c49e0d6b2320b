/* SPDX-License-Identifier: Apache-2.0 */
/* What a report says was found, put together by key, and the steps that take it out of a history; with each allocation
 * failing in turn. */
#include "tests/support/nomem.h"

#include "scanner/found.h"
#include "scanner/rewrite.h"
#include "tests/support/builtinrules.h"
#include "tests/support/unit.h"

#define TEXT_BYTES (1u << 16)
#define ID_A "sha256:0123456789abcdef0123456789abcdef"
#define ID_B "sha256:00112233445566778899aabbccddeeff"
#define BLOB "1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d"
#define RULE "\"rule_id\":\"anthropic-api-key\","
#define RECORD(members) "{\"schema\":\"skant-finding/1\"," members "}\n"
#define END "{\"schema\":\"skant-summary/1\",\"summary\":{\"complete\":true}}\n"
#define OF_BLOB(id, more)                                                                                              \
	RECORD(RULE "\"secret_id\":\"" id "\",\"masked\":\"sk-...\",\"object_type\":\"blob\",\"object\":\"" BLOB       \
		    "\"" more)

static const char report[] = OF_BLOB(ID_A, ",\"from\":\"ref\",\"commit\":\"" BLOB
					   "\",\"date\":\"2024-05-01\",\"at_head\":true,"
					   "\"refs\":[\"refs/heads/main\",7]")
	OF_BLOB(ID_A, ",\"from\":\"ref\",\"commit\":\"" BLOB "\",\"date\":\"2024-04-01\",\"via\":[\"base64\"]")
		OF_BLOB(ID_B, ",\"from\":\"stash\",\"refs\":[\"refs/tags/it's\",\"refs/heads/main\"]") RECORD(
			RULE "\"secret_id\":\"" ID_B "\",\"object_type\":\"commit\",\"object\":\"" BLOB
			     "\",\"from\":\"ref\","
			     "\"line_text\":\"author x\"")
			RECORD(RULE "\"secret_id\":\"" ID_B "\",\"object_type\":\"tag\",\"object\":\"" BLOB
				    "\",\"from\":\"reflog\"") RECORD(RULE "\"secret_id\":\"" ID_B "\",\"path\":\"a\"")
				RECORD(RULE "\"secret_id\":\"" ID_A "\",\"status\":\"allowed\"")
					RECORD("\"rule_id\":\"mine\",\"secret_id\":\"" ID_A "\"")
						RECORD("\"rule_id\":\"claude-key-name-sdk\",\"name\":\"x\"") END;

static void check_found(const struct found *f)
{
	const struct found_key *a = &f->keys[1], *b = &f->keys[0]; /* by id */

	assert_int_equal(f->key_count, 2);
	assert_string_equal(a->id, ID_A);
	assert_string_equal(a->masked, "sk-...");
	assert_string_equal(a->since, "2024-04-01");
	assert_int_equal(a->count[FOUND_IN_BLOB], 2);
	assert_true(a->at_head);
	assert_true(a->by[FOUND_BY_REF] && !a->by[FOUND_BY_STASH]);
	assert_int_equal(a->refs.count, 1);
	assert_int_equal(b->count[FOUND_IN_BLOB] + b->count[FOUND_IN_COMMIT] + b->count[FOUND_IN_TAG], 3);
	assert_null(b->since);
	assert_true(b->by[FOUND_BY_STASH] && b->by[FOUND_BY_REF] && b->by[FOUND_BY_REFLOG]);
	assert_true(f->in_blobs && f->in_messages && f->in_people);
	assert_int_equal(f->strip.count, 1); /* no pattern finds what is encoded */
	assert_string_equal(f->strip.items[0], BLOB);
	assert_int_equal(f->straight.count, 1); /* no branch leads to a blob */
	assert_string_equal(f->straight.items[0], "refs/tags/it's");
	assert_int_equal(f->unknown.count, 1);
	assert_string_equal(f->unknown.items[0], "mine");
	assert_int_equal(f->in_files, 1);
	assert_int_equal(f->names, 1);
	assert_false(f->incomplete);
}

static bool read_report(void *context, long n)
{
	const struct ruleset *rules = builtin_rules();
	struct err err = ERR_INIT;
	struct found f;
	bool has_failed;
	int status;

	(void)context;
	nomem_start(n);
	status = found_read(&f, view_of(report), rules, NULL, &err);
	has_failed = nomem_stop();
	assert_int_equal(status, has_failed ? -1 : 0);
	assert_int_equal(err.kind, has_failed ? ERR_NOMEM : ERR_NONE);
	if (!has_failed) {
		check_found(&f);
		found_done(&f);
	}
	return has_failed;
}

static void a_report_is_read_as_a_whole_or_not(void **state)
{
	(void)state;
	assert_true(nomem_each(read_report, NULL) > 20);
}

static void what_is_no_report_of_one_history_is_refused(void **state)
{
	static const struct {
		const char *text, *told;
	} wrong[] = {
		{ "{\"schema\":\"other/1\"}",
		  "it is no report of skant in the format json or jsonl, such as `skant git "
		  "-f jsonl` writes" },
		{ "7", "it is no report of skant in the format json or jsonl, such as `skant git -f jsonl` writes" },
		{ OF_BLOB("sha256:xyz", ""), "record 1 has no secret_id of the form sha256:HEX" },
		{ OF_BLOB(ID_A, ",\"repository\":\"a\""),
		  "it is about many repositories, and tells one place of each key: `skant git REPOSITORY -f jsonl` "
		  "makes a report of one" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		struct err err = ERR_INIT;
		struct found f;

		assert_int_equal(found_read(&f, view_of(wrong[i].text), builtin_rules(), NULL, &err), -1);
		assert_int_equal(err.kind, ERR_USAGE);
		assert_string_equal(err.text, wrong[i].told);
	}
}

static void a_report_that_is_cut_is_incomplete(void **state)
{
	static const char *const texts[] = { OF_BLOB(ID_A, ",\"from\":\"ref\""),
					     "{\"schema\":\"skant-summary/1\",\"summary\":{\"complete\":false}}",
					     "{\"schema\":\"skant-report/1\",\"summary\":7,\"findings\":{}}",
					     "{\"schema\":\"skant-report/1\",\"summary\":{},\"findings\":[7]}" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct err err = ERR_INIT;
		struct found f;

		assert_int_equal(found_read(&f, view_of(texts[i]), builtin_rules(), NULL, &err), 0);
		assert_true(f.incomplete);
		found_done(&f);
	}
}

static void one_rule_may_be_asked_for(void **state)
{
	struct err err = ERR_INIT;
	struct found f;

	(void)state;
	assert_int_equal(found_read(&f, view_of(report), builtin_rules(), "mine", &err), 0);
	assert_int_equal(f.key_count, 0);
	assert_int_equal(f.unknown.count, 1);
	found_done(&f);
}

struct steps {
	struct rewrite rewrite;
	struct textset strip, straight;
};

static void make_steps(struct steps *s)
{
	*s = (struct steps){ .rewrite = { .in_blobs = true, .in_messages = true, .in_people = true } };
	s->rewrite.strip = &s->strip;
	s->rewrite.straight = &s->straight;
	assert_int_equal(textset_add(&s->rewrite.patterns, VIEW("sk-[a-z]+'")), 0);
	assert_int_equal(textset_add(&s->strip, VIEW(BLOB)), 0);
	assert_int_equal(textset_add(&s->straight, VIEW("refs/tags/it's")), 0);
	assert_int_equal(textset_add(&s->straight, VIEW("refs/tags/\033")), 0);
}

static void steps_done(struct steps *s)
{
	textset_done(&s->rewrite.patterns);
	textset_done(&s->strip);
	textset_done(&s->straight);
}

static void commands_take_texts_as_words(void **state)
{
	DEFER(buf_done) struct buf out = BUF_INIT(TEXT_BYTES);
	DEFER(steps_done) struct steps s;

	(void)state;
	make_steps(&s);
	assert_int_equal(rewrite_add(&out, &s.rewrite), 0);
	assert_non_null(strstr(out.ptr, "         'regex:sk-[a-z]+'\\''==>***REMOVED***' \\\n"));
	assert_non_null(strstr(out.ptr, "update-ref -d 'refs/tags/it'\\''s'\n"));
	assert_null(strchr(out.ptr, '\033')); /* no shell would take it as it is shown */
	assert_non_null(strstr(out.ptr, "--strip-blobs-with-ids"));
	assert_non_null(strstr(out.ptr, "--name-callback"));
}

static void steps_that_do_not_fit_are_refused(void **state)
{
	DEFER(buf_done) struct buf whole = BUF_INIT(TEXT_BYTES);
	DEFER(steps_done) struct steps s;

	(void)state;
	make_steps(&s);
	assert_int_equal(rewrite_add(&whole, &s.rewrite), 0);
	for (size_t most = 0; most < whole.len; most++) {
		DEFER(buf_done) struct buf out = BUF_INIT(most);

		assert_int_equal(rewrite_add(&out, &s.rewrite), -1);
	}
	buf_clear(&whole);
	assert_int_equal(rewrite_add_cleaning(&whole), 0);
	for (size_t most = 0; most < whole.len; most += 16) {
		DEFER(buf_done) struct buf out = BUF_INIT(most);

		assert_int_equal(rewrite_add_cleaning(&out), -1);
	}
}

static bool write_steps(void *context, long n)
{
	DEFER(buf_done) struct buf out = BUF_INIT(TEXT_BYTES);
	const struct steps *s = context;
	bool has_failed;
	int status;

	nomem_start(n);
	status = rewrite_add(&out, &s->rewrite);
	has_failed = nomem_stop();
	assert_int_equal(status, has_failed ? -1 : 0);
	return has_failed;
}

static void steps_without_memory_are_an_error(void **state)
{
	DEFER(steps_done) struct steps s;

	(void)state;
	make_steps(&s);
	assert_true(nomem_each(write_steps, &s) > 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_report_is_read_as_a_whole_or_not),
		cmocka_unit_test(what_is_no_report_of_one_history_is_refused),
		cmocka_unit_test(a_report_that_is_cut_is_incomplete),
		cmocka_unit_test(one_rule_may_be_asked_for),
		cmocka_unit_test(commands_take_texts_as_words),
		cmocka_unit_test(steps_that_do_not_fit_are_refused),
		cmocka_unit_test(steps_without_memory_are_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
