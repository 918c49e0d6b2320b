/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/match/matcher.h"

#include <string.h>

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "tests/support/unit.h"

/* A matcher over rules in YAML, and one worker of it. */
struct fixture {
	struct ruleset *set;
	struct matcher *matcher;
	struct matcher_worker *worker;
	const struct match *matches;
	size_t count;
	struct matcher_trouble trouble;
};

static void open_fixture(struct fixture *f, const char *rules)
{
	struct err err = ERR_INIT;

	*f = (struct fixture){ .set = ruleset_new() };
	if (ruleset_parse(f->set, view_of(rules), "r", &err))
		fail_msg("%s", err.text);
	f->matcher = matcher_new(f->set, &err);
	assert_non_null(f->matcher);
	f->worker = matcher_worker_new(f->matcher);
	assert_non_null(f->worker);
}

static void close_fixture(struct fixture *f)
{
	matcher_worker_free(f->worker);
	matcher_free(f->matcher);
	ruleset_free(f->set);
}

/* Finds the keywords by the plainest means there is, and lets the matcher do the rest. */
static void run(struct fixture *f, struct piece piece, const char *name)
{
	struct item item = { .name = view_of(name) };
	struct subject s = { .text = piece.bytes, .base = piece.offset, .stride = 1 };

	matcher_start(f->worker, &item, &piece);
	matcher_open(f->worker, &s);
	for (size_t at = 0; at < piece.bytes.len; at++)
		for (size_t k = 0; k < matcher_keyword_count(f->matcher); k++) {
			bool nocase;
			struct view word = matcher_keyword(f->matcher, k, &nocase);

			if (text_starts(view_sub(piece.bytes, at, piece.bytes.len), word))
				matcher_hit(f->worker, k, at);
		}
	matcher_close(f->worker);
	f->count = matcher_finish(f->worker, &f->matches, &f->trouble);
}

static void run_text(struct fixture *f, struct view text, const char *name)
{
	run(f, (struct piece){ .bytes = text, .is_first = true, .is_last = true }, name);
}

static const char near_rule[] = "version: 1\nrules:\n  - {id: near, title: t, keywords: [word], regex: 'x=([a-z]+)', "
				"secret: 1}\n";

static void a_rule_without_leading_keyword_is_tried_round_it(void **state)
{
	struct fixture f;

	(void)state;
	open_fixture(&f, near_rule);
	run_text(&f, VIEW("x=abc word x=def"), "f");
	assert_int_equal(f.count, 2);
	assert_int_equal(f.matches[0].start, 2);
	assert_int_equal(f.matches[0].end, 5);
	assert_int_equal(f.matches[1].start, 13);
	run_text(&f, VIEW("x=abc"), "f");
	assert_int_equal(f.count, 0);
	close_fixture(&f);
}

static void the_window_has_an_end(void **state)
{
	static char text[MATCH_BEFORE_BYTES + 100];
	struct fixture f;

	(void)state;
	memset(text, ' ', sizeof(text));
	memcpy(text, "x=abc", 5);
	memcpy(text + sizeof(text) - 5, "word", 4);
	open_fixture(&f, near_rule);
	run_text(&f, view_from(text, sizeof(text)), "f");
	assert_int_equal(f.count, 0);
	memcpy(text + 200, "x=abc", 5);
	run_text(&f, view_from(text, sizeof(text)), "f");
	assert_int_equal(f.count, 1);
	close_fixture(&f);
}

static void a_match_that_the_window_cuts_goes_on(void **state)
{
	static char text[3 * MATCH_AFTER_BYTES];
	struct fixture f;

	(void)state;
	memset(text, 'a', sizeof(text));
	memcpy(text, "word x=", 7);
	open_fixture(&f, near_rule);
	run_text(&f, view_from(text, sizeof(text)), "f");
	assert_int_equal(f.count, 1);
	assert_int_equal(f.matches[0].end, sizeof(text));
	close_fixture(&f);
}

static void a_rule_for_the_whole_file_sees_it_all(void **state)
{
	static char text[3 * MATCH_AFTER_BYTES];
	struct fixture f;

	(void)state;
	memset(text, ' ', sizeof(text));
	memcpy(text, "word", 4);
	memcpy(text + sizeof(text) - 6, "x=abc", 5);
	open_fixture(&f,
		     "version: 1\nrules:\n  - {id: all, title: t, keywords: [word], regex: 'x=[a-z]+', scope: file}\n");
	run_text(&f, view_from(text, sizeof(text)), "f");
	assert_int_equal(f.count, 1);
	close_fixture(&f);
}

static void a_rule_without_keyword_sees_everything(void **state)
{
	struct fixture f;

	(void)state;
	open_fixture(&f, "version: 1\nrules:\n  - {id: all, title: t, regex: 'x=[a-z]+'}\n");
	run_text(&f, VIEW("a x=b c x=d"), "f");
	assert_int_equal(f.count, 2);
	close_fixture(&f);
}

static void a_rule_with_a_reach_is_tried_near_its_words_only(void **state)
{
	static char text[3 * MATCH_BEFORE_BYTES];
	struct fixture f;

	(void)state;
	open_fixture(&f, "version: 1\nrules:\n  - {id: r, title: t, scope: file, keywords: [word], keyword_reach: 20, "
			 "regex: '(?:(?:x|word)=|\\G(?<=\\d),)(\\d)'}\n");
	memset(text, '\n', sizeof(text));
	memcpy(text, "x=1", 3);
	memcpy(text + 500, "zz", 2);
	memcpy(text + 1000, "x=2 word", 8);
	memcpy(text + 1800, "word=3", 6);
	run_text(&f, view_from(text, sizeof(text)), "f");
	assert_int_equal(f.count, 2);
	assert_int_equal(f.matches[0].start, 1000);
	assert_int_equal(f.matches[1].start, 1800);
	memcpy(text + 1806, ",4,5", 4); /* goes on behind it */
	run_text(&f, view_from(text, sizeof(text)), "f");
	assert_int_equal(f.count, 4);
	assert_int_equal(f.matches[3].start, 1808);
	close_fixture(&f);
	open_fixture(&f, "version: 1\nrules:\n  - {id: r, title: t, scope: file, keywords: [word], also: [y=], "
			 "also_reach: 20, regex: 'x[ ]*y=\\d'}\n");
	run_text(&f, VIEW("word x y=1 x  y=2 y=3"), "f");
	assert_int_equal(f.count, 2);
	run_text(&f, VIEW("word x y:1"), "f");
	assert_int_equal(f.count, 0);
	close_fixture(&f);
}

static void names_are_looked_for_in_text_only(void **state)
{
	struct fixture f;

	(void)state;
	open_fixture(&f, "version: 1\nrules:\n"
			 "  - {id: n, kind: keyname, title: t, keywords: [word], regex: 'word=(\\w+)', name: 1}\n"
			 "  - {id: s, title: t, scope: file, keywords: [word], regex: 'word=(\\w+)'}\n");
	run_text(&f, VIEW("word=abc"), "f");
	assert_int_equal(f.count, 2);
	run_text(&f, VIEW("\0word=abc"), "f");
	assert_int_equal(f.count, 1);
	assert_string_equal(f.matches[0].rule->id, "s");
	close_fixture(&f);
}

static void paths_decide_which_rules_are_tried(void **state)
{
	struct fixture f;

	(void)state;
	open_fixture(&f, "version: 1\nrules:\n  - {id: p, title: t, keywords: [word], regex: 'word', "
			 "paths: {include: ['*.py'], exclude: ['test_*']}}\n");
	run_text(&f, VIEW("word"), "a.py");
	assert_int_equal(f.count, 1);
	run_text(&f, VIEW("word"), "a.c");
	assert_int_equal(f.count, 0);
	run_text(&f, VIEW("word"), "test_a.py");
	assert_int_equal(f.count, 0);
	close_fixture(&f);
}

static void no_match_is_lost_or_doubled_between_pieces(void **state)
{
	static char text[4 * SCAN_OVERLAP_BYTES];
	const size_t len = 2 * SCAN_OVERLAP_BYTES;
	size_t step;
	struct fixture f;

	(void)state;
	open_fixture(&f, "version: 1\nrules:\n  - {id: w, title: t, keywords: [word], regex: 'word[0-9]+'}\n");
	memset(text, ' ', sizeof(text));
	for (size_t at = 0; at + 200 < sizeof(text) - SCAN_OVERLAP_BYTES; at += step) {
		size_t total;
		uint64_t start;
		struct piece one = { .bytes = view_from(text, len), .is_first = true };
		struct piece two = { .bytes = view_from(text + len - SCAN_OVERLAP_BYTES, sizeof(text) - len),
				     .offset = len - SCAN_OVERLAP_BYTES,
				     .is_last = true };

		/* Both see what is in the overlap. */
		step = at + SCAN_OVERLAP_BYTES + 4001 < len || at > len ? 4001 : 177 * (8 / SLOWED(8));
		memcpy(text + at, "word123", 7);
		run(&f, one, "f");
		total = f.count;
		start = f.count ? f.matches[0].start : 0;
		run(&f, two, "f");
		total += f.count;
		start = f.count ? f.matches[0].start : start;
		assert_int_equal(total, 1);
		assert_int_equal(start, at);
		memset(text + at, ' ', 7);
	}
	close_fixture(&f);
}

static void a_runaway_pattern_is_told_and_others_go_on(void **state)
{
	struct fixture f;

	(void)state;
	open_fixture(&f, "version: 1\nrules:\n  - {id: bad, title: t, keywords: [aaaa], regex: '(a+)+$'}\n"
			 "  - {id: good, title: t, keywords: [aaaa], regex: 'a!'}\n");
	run_text(&f, VIEW("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!"), "f");
	assert_true(f.trouble.any);
	assert_string_equal(f.trouble.rule->id, "bad");
	assert_int_equal(f.count, 1);
	close_fixture(&f);
}

static void allow_entries_of_a_rule_look_where_they_say(void **state)
{
	struct fixture f;

	(void)state;
	open_fixture(&f, "version: 1\nrules:\n  - id: r\n    title: t\n    keywords: [word]\n    regex: 'word[0-9]'\n"
			 "    allow:\n      - {regex: '1$', reason: secret}\n"
			 "      - {regex: 'fine', target: line, reason: line}\n"
			 "      - {regex: '^docs/', target: path, reason: path}\n");
	run_text(&f, VIEW("word1"), "f");
	assert_string_equal(matcher_allowed(f.worker, &f.matches[0], VIEW("word1"), VIEW("f")), "secret");
	run_text(&f, VIEW("word2"), "f");
	assert_null(matcher_allowed(f.worker, &f.matches[0], VIEW("word2"), VIEW("f")));
	assert_string_equal(matcher_allowed(f.worker, &f.matches[0], VIEW("word2 fine"), VIEW("f")), "line");
	assert_string_equal(matcher_allowed(f.worker, &f.matches[0], VIEW("word2"), VIEW("docs/f")), "path");
	close_fixture(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_rule_without_leading_keyword_is_tried_round_it),
		cmocka_unit_test(the_window_has_an_end),
		cmocka_unit_test(a_match_that_the_window_cuts_goes_on),
		cmocka_unit_test(a_rule_for_the_whole_file_sees_it_all),
		cmocka_unit_test(a_rule_without_keyword_sees_everything),
		cmocka_unit_test(a_rule_with_a_reach_is_tried_near_its_words_only),
		cmocka_unit_test(names_are_looked_for_in_text_only),
		cmocka_unit_test(paths_decide_which_rules_are_tried),
		cmocka_unit_test(no_match_is_lost_or_doubled_between_pieces),
		cmocka_unit_test(a_runaway_pattern_is_told_and_others_go_on),
		cmocka_unit_test(allow_entries_of_a_rule_look_where_they_say),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
