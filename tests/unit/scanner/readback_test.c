/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/readback.h"

#include <stdlib.h>
#include <string.h>

#include "scanner/joined.h"
#include "tests/support/report.h"

#define ID "sha256:0123456789abcdef0123456789abcdef"
#define KEY(more)                                                                                                      \
	"{\"schema\":\"skant-finding/1\",\"rule_id\":\"my-rule\",\"kind\":\"api\",\"severity\":\"high\","              \
	"\"title\":\"T\",\"path\":\"a\",\"start_line\":2,\"start_column\":4,\"masked\":\"sk-...\","                    \
	"\"secret_id\":\"" ID "\"" more "}"

struct state {
	struct ruleset *rules;
	struct readback r;
	struct err err;
};

static int begin(void **state)
{
	struct state *s = calloc(1, sizeof(*s));

	s->rules = ruleset_new();
	assert_int_equal(ruleset_add(s->rules, rules_builtin, rules_builtin_count, NULL), 0);
	readback_init(&s->r, s->rules);
	*state = s;
	return 0;
}

static int end(void **state)
{
	struct state *s = *state;

	readback_done(&s->r);
	ruleset_free(s->rules);
	free(s);
	return 0;
}

static int read_one(struct state *s, const char *line, struct finding *ret)
{
	enum readback_kind kind;
	struct view object;

	s->err = (struct err)ERR_INIT;
	return readback_line(view_of(line), &kind, &object, &s->err) ? -1
								     : readback_finding(&s->r, object, ret, &s->err);
}

static void what_a_report_writes_comes_back_to_the_same_bytes(void **state)
{
	DEFER(buf_done) struct buf first = BUF_INIT(1u << 20), second = BUF_INIT(1u << 20);
	const struct finding samples[] = { sample_finding(), sample_in_history() };
	struct finding f;

	for (size_t i = 0; i < ARRAY_LEN(samples); i++) {
		buf_clear(&first);
		buf_clear(&second);
		assert_int_equal(report_jsonl.finding(&sample_context, &samples[i], true, &first), 0);
		assert_int_equal(read_one(*state, first.ptr, &f), 0);
		assert_int_equal(report_jsonl.finding(&sample_context, &f, true, &second), 0);
		assert_string_equal(first.ptr, second.ptr);
	}
}

static void a_rule_that_is_not_known_is_made_once(void **state)
{
	struct state *s = *state;
	struct finding a, b;

	assert_int_equal(read_one(s, KEY(",\"remediation\":\"do\""), &a), 0);
	assert_string_equal(a.rule->remediation, "do");
	assert_int_equal(read_one(s, KEY(""), &b), 0);
	assert_ptr_equal(a.rule, b.rule);
	assert_int_equal(s->r.made_count, 1);
	assert_ptr_equal(readback_made(&s->r, 0), a.rule);
	assert_null(readback_made(&s->r, 1));
}

static void the_line_is_cut_where_the_column_says(void **state)
{
	struct finding f;

	assert_int_equal(read_one(*state, KEY(",\"line_text\":\"a =sk-...;sk-...\""), &f), 0);
	assert_string_equal(f.line_before, "a =");
	assert_string_equal(f.line_after, ";sk-...");
	assert_int_equal(read_one(*state, KEY(",\"line_text\":\"sk-...x\""), &f), 0);
	assert_string_equal(f.line_before, "");
	assert_string_equal(f.line_after, "x");
	assert_int_equal(read_one(*state, KEY(",\"line_text\":\"nothing\""), &f), 0);
	assert_string_equal(f.line_before, "");
}

static void columns_in_utf_16_are_those_in_bytes_unless_said(void **state)
{
	struct finding f;

	assert_int_equal(read_one(*state, KEY(",\"end_column\":9"), &f), 0);
	assert_int_equal(f.start_utf16, 4);
	assert_int_equal(f.end_utf16, 9);
	assert_int_equal(read_one(*state, KEY(",\"start_column_utf16\":3"), &f), 0);
	assert_int_equal(f.start_utf16, 3);
}

static void a_record_that_is_wrong_is_refused(void **state)
{
	static const char *const wrong[] = {
		KEY(",\"status\":\"old\""),  KEY(",\"via\":[1]"),       KEY(",\"via\":[\"a b\"]"),
		KEY(",\"commit\":\"xyz\""),  KEY(",\"entropy\":9.123"), KEY(",\"object\":\"1a\""),
		KEY(",\"offset\":-1"),       KEY(",\"line_text\":7"),   KEY(",\"inventory\":[]"),
		KEY(",\"verified\":\"so\""), KEY(",\"violations\":{}"), KEY(",\"also_at\":[[]]"),
	};
	struct state *s = *state;
	struct finding f;

	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		assert_int_equal(read_one(s, wrong[i], &f), -1);
		assert_int_equal(s->err.kind, ERR_FORMAT);
	}
}

static void the_same_place_is_one_and_what_is_new_wins(void **state)
{
	struct joined j = { .count = 0 };
	struct records *r;
	struct finding f;

	assert_int_equal(read_one(*state, KEY(",\"status\":\"allowed\",\"allowed_by\":\"x\""), &f), 0);
	assert_int_equal(joined_add(&j, &f), 0);
	assert_int_equal(read_one(*state, KEY(",\"status\":\"baseline\""), &f), 0);
	assert_int_equal(joined_add(&j, &f), 0);
	assert_int_equal(read_one(*state, KEY(""), &f), 0);
	assert_int_equal(joined_add(&j, &f), 0);
	assert_int_equal(read_one(*state, KEY(",\"status\":\"allowed\",\"allowed_by\":\"x\""), &f), 0);
	assert_int_equal(joined_add(&j, &f), 0);
	assert_int_equal(j.count, 1);
	assert_int_equal(j.doubles, 3);
	r = joined_take(&j);
	assert_int_equal(r->first->finding.status, STATUS_NEW);
	records_free(r);
	joined_done(&j);
}

static void many_places_come_out_in_order(void **state)
{
	struct joined j = { .count = 0 };
	struct records *r;
	struct finding f;
	uint64_t line = 0;
	size_t n = 0;

	assert_int_equal(read_one(*state, KEY(""), &f), 0);
	for (uint64_t i = 0; i < 5000; i++) {
		f.start_line = 1 + i * 7919 % 5000; /* each line once, in no order */
		assert_int_equal(joined_add(&j, &f), 0);
		assert_int_equal(joined_add(&j, &f), 0);
	}
	assert_int_equal(j.count, 5000);
	r = joined_take(&j);
	for (const struct record *i = r->first; i; i = i->next, n++) {
		assert_int_equal(i->finding.start_line, line + 1);
		line++;
	}
	assert_int_equal(n, 5000);
	records_free(r);
	joined_done(&j);
}

static void summaries_add_up_and_keep_doubts(void **state)
{
	struct summary sum = { .files = 0 };
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(
		readback_summary(VIEW("{\"summary\":{\"complete\":true,\"objects\":2,\"unread\":{\"limit\":1}}}"), &sum,
				 &err),
		0);
	assert_true(sum.are_objects);
	assert_false(sum.incomplete);
	assert_int_equal(readback_summary(VIEW("{\"summary\":{\"complete\":true,\"files\":3,\"unread\":{\"odd\":1}}}"),
					  &sum, &err),
			 0);
	assert_int_equal(sum.files, 5);
	assert_false(sum.are_objects);
	assert_int_equal(sum.unread[UNREAD_LIMIT], 1);
	assert_true(sum.incomplete); /* a reason that is not known may be one that should have been read */
	assert_int_equal(readback_summary(VIEW("{\"summary\":{\"files\":\"3\"}}"), &sum, &err), -1);
	assert_int_equal(readback_summary(VIEW("{\"summary\":7}"), &sum, &err), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_a_report_writes_comes_back_to_the_same_bytes, begin, end),
		cmocka_unit_test_setup_teardown(a_rule_that_is_not_known_is_made_once, begin, end),
		cmocka_unit_test_setup_teardown(the_line_is_cut_where_the_column_says, begin, end),
		cmocka_unit_test_setup_teardown(columns_in_utf_16_are_those_in_bytes_unless_said, begin, end),
		cmocka_unit_test_setup_teardown(a_record_that_is_wrong_is_refused, begin, end),
		cmocka_unit_test_setup_teardown(the_same_place_is_one_and_what_is_new_wins, begin, end),
		cmocka_unit_test_setup_teardown(many_places_come_out_in_order, begin, end),
		cmocka_unit_test(summaries_add_up_and_keep_doubts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
