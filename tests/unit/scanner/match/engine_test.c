/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/match/engine.h"

#include <pthread.h>
#include <string.h>

#include "common/base/text.h"
#include "tests/support/unit.h"

#define LONG_BYTES 20000
#define THREADS 4

/* One pattern and all that it takes to try it. */
struct trial {
	struct engine *engine;
	struct engine_worker *worker;
	struct engine_span spans[RULE_GROUPS_MAX];
	struct err err;
};

static struct trial trial_of(const char *regex)
{
	struct trial t = { .engine = engine_new(1), .worker = engine_worker_new(), .err = ERR_INIT };

	assert_non_null(t.engine);
	assert_non_null(t.worker);
	engine_set(t.engine, 0, regex, "the-rule");
	return t;
}

static void trial_done(struct trial *t)
{
	engine_worker_free(t->worker);
	engine_free(t->engine);
}

static enum engine_result search(struct trial *t, struct view subject)
{
	return engine_match(t->engine, t->worker, 0, subject, 0, false, t->spans, &t->err);
}

static enum engine_result at(struct trial *t, struct view subject, size_t from)
{
	return engine_match(t->engine, t->worker, 0, subject, from, true, t->spans, &t->err);
}

static void match_gives_the_spans_of_the_whole_and_of_its_groups(void **state)
{
	DEFER(trial_done) struct trial t = trial_of("b(c)(d)");

	(void)state;
	assert_int_equal(search(&t, VIEW("abcde")), ENGINE_MATCH);
	assert_int_equal(t.spans[0].from, 1);
	assert_int_equal(t.spans[0].to, 4);
	assert_int_equal(t.spans[2].from, 3);
	assert_int_equal(t.spans[2].to, 4);
}

static void match_marks_groups_that_took_no_part(void **state)
{
	DEFER(trial_done) struct trial t = trial_of("(x)?b");

	(void)state;
	assert_int_equal(search(&t, VIEW("ab")), ENGINE_MATCH);
	assert_true(t.spans[1].from == SIZE_MAX);
	assert_true(t.spans[RULE_GROUPS_MAX - 1].from == SIZE_MAX);
}

static void match_finds_nothing_where_nothing_is(void **state)
{
	DEFER(trial_done) struct trial t = trial_of("x");

	(void)state;
	assert_int_equal(search(&t, VIEW("abc")), ENGINE_NONE);
	assert_int_equal(search(&t, VIEW_NONE), ENGINE_NONE);
	assert_int_equal(t.err.kind, ERR_NONE);
}

static void match_starts_at_from_or_behind(void **state)
{
	DEFER(trial_done) struct trial t = trial_of("a");

	(void)state;
	assert_int_equal(engine_match(t.engine, t.worker, 0, VIEW("a.a"), 1, false, t.spans, &t.err), ENGINE_MATCH);
	assert_int_equal(t.spans[0].from, 2);
	assert_int_equal(engine_match(t.engine, t.worker, 0, VIEW("a.a"), 4, false, t.spans, &t.err), ENGINE_NONE);
}

static void anchored_match_is_exactly_at_from(void **state)
{
	DEFER(trial_done) struct trial t = trial_of("b");

	(void)state;
	assert_int_equal(at(&t, VIEW("ab"), 0), ENGINE_NONE);
	assert_int_equal(at(&t, VIEW("ab"), 1), ENGINE_MATCH);
	assert_int_equal(t.spans[0].from, 1);
}

static void look_behind_sees_the_bytes_before_from(void **state)
{
	DEFER(trial_done) struct trial t = trial_of("(?<=a)b");

	(void)state;
	assert_int_equal(at(&t, VIEW("ab"), 1), ENGINE_MATCH);
	assert_int_equal(at(&t, VIEW("xb"), 1), ENGINE_NONE);
}

static void subject_may_hold_any_byte(void **state)
{
	DEFER(trial_done) struct trial t = trial_of("a..b");

	(void)state;
	assert_int_equal(search(&t, VIEW("\xff\xfe"
					 "a\x00\xff"
					 "b")),
			 ENGINE_MATCH);
	assert_int_equal(t.spans[0].from, 2);
}

static void word_characters_are_ascii(void **state)
{
	DEFER(trial_done) struct trial t = trial_of("\\w");

	(void)state;
	assert_int_equal(search(&t, VIEW("\xc3\xa9\xe9-")), ENGINE_NONE);
	assert_int_equal(search(&t, VIEW("-_")), ENGINE_MATCH);
}

static void dot_stops_at_a_newline_only(void **state)
{
	DEFER(trial_done) struct trial t = trial_of("a.b");

	(void)state;
	assert_int_equal(search(&t, VIEW("a\nb")), ENGINE_NONE);
	assert_int_equal(search(&t, VIEW("a\rb")), ENGINE_MATCH);
}

static void lines_count_only_when_the_pattern_says_so(void **state)
{
	DEFER(trial_done) struct trial plain = trial_of("^b");
	DEFER(trial_done) struct trial lines = trial_of("(?m)^b");

	(void)state;
	assert_int_equal(search(&plain, VIEW("a\nb")), ENGINE_NONE);
	assert_int_equal(search(&lines, VIEW("a\nb")), ENGINE_MATCH);
}

static void check_says_where_a_pattern_is_wrong(void **state)
{
	DEFER(trial_done) struct trial t = trial_of("ab(c");

	(void)state;
	assert_int_equal(engine_check(t.engine, 0, &t.err), -1);
	assert_int_equal(t.err.kind, ERR_CONFIG);
	assert_string_equal(t.err.text, "offset 4: missing closing parenthesis");
}

static void check_refuses_what_would_leave_byte_mode(void **state)
{
	static const char *const patterns[] = { "(*UTF)a", "(*UCP)a", "a\\C" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(patterns); i++) {
		DEFER(trial_done) struct trial t = trial_of(patterns[i]);

		assert_int_equal(engine_check(t.engine, 0, &t.err), -1);
	}
}

static void groups_are_counted(void **state)
{
	DEFER(trial_done) struct trial t = trial_of("(a)(?:b)(c)");

	(void)state;
	assert_int_equal(engine_check(t.engine, 0, &t.err), 0);
	assert_int_equal(engine_groups(t.engine, 0), 2);
}

static void match_of_a_bad_pattern_fails_and_names_the_rule(void **state)
{
	DEFER(trial_done) struct trial t = trial_of("[a");

	(void)state;
	assert_int_equal(search(&t, VIEW("a")), ENGINE_FAILED);
	assert_true(text_starts(view_of(t.err.text), VIEW("the pattern of 'the-rule': offset 2: ")));
	assert_int_equal(at(&t, VIEW("a"), 0), ENGINE_FAILED);
}

static void catastrophic_pattern_runs_away(void **state)
{
	static const char *const patterns[] = { "(a+)+$", "(*NO_JIT)(a+)+$" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(patterns); i++) {
		DEFER(trial_done) struct trial t = trial_of(patterns[i]);

		assert_int_equal(search(&t, VIEW("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab")), ENGINE_RUNAWAY);
		assert_int_equal(t.err.kind, ERR_LIMIT);
		assert_string_equal(t.err.text, "the pattern of 'the-rule' ran away: match limit exceeded");
		assert_int_equal(at(&t, VIEW("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"), 0), ENGINE_RUNAWAY);
	}
}

static void worker_goes_on_after_a_runaway(void **state)
{
	DEFER(trial_done) struct trial t = trial_of("(a+)+$");

	(void)state;
	assert_int_equal(search(&t, VIEW("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab")), ENGINE_RUNAWAY);
	assert_int_equal(search(&t, VIEW("aaa")), ENGINE_MATCH);
}

/* Each round leaves a capture to restore on the JIT's stack, which is too small for so many. */
static void match_that_is_too_deep_for_the_jit_is_interpreted(void **state)
{
	DEFER(trial_done) struct trial t = trial_of("^(?:(a)|(b))*$");
	char subject[LONG_BYTES];

	(void)state;
	memset(subject, 'a', sizeof(subject));
	assert_int_equal(search(&t, view_from(subject, sizeof(subject))), ENGINE_MATCH);
	assert_int_equal(t.spans[0].to, sizeof(subject));
}

static void *first_user(void *argument)
{
	struct trial *t = argument;
	struct engine_span spans[RULE_GROUPS_MAX];
	struct engine_worker *worker = engine_worker_new();
	enum engine_result result = ENGINE_FAILED;

	if (worker)
		result = engine_match(t->engine, worker, 0, VIEW("xxkey-1"), 2, true, spans, NULL);
	engine_worker_free(worker);
	return result == ENGINE_MATCH ? t : NULL;
}

static void threads_may_need_a_pattern_at_the_same_time(void **state)
{
	DEFER(trial_done) struct trial t = trial_of("key-[0-9]");
	pthread_t threads[THREADS];

	(void)state;
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, first_user, &t), 0);
	for (size_t i = 0; i < THREADS; i++) {
		void *matched;

		assert_int_equal(pthread_join(threads[i], &matched), 0);
		assert_ptr_equal(matched, &t);
	}
}

static void freeing_nothing_is_fine(void **state)
{
	(void)state;
	engine_free(NULL);
	engine_worker_free(NULL);
}

static void new_refuses_a_count_that_overflows(void **state)
{
	(void)state;
	assert_null(engine_new(SIZE_MAX / 2));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(match_gives_the_spans_of_the_whole_and_of_its_groups),
		cmocka_unit_test(match_marks_groups_that_took_no_part),
		cmocka_unit_test(match_finds_nothing_where_nothing_is),
		cmocka_unit_test(match_starts_at_from_or_behind),
		cmocka_unit_test(anchored_match_is_exactly_at_from),
		cmocka_unit_test(look_behind_sees_the_bytes_before_from),
		cmocka_unit_test(subject_may_hold_any_byte),
		cmocka_unit_test(word_characters_are_ascii),
		cmocka_unit_test(dot_stops_at_a_newline_only),
		cmocka_unit_test(lines_count_only_when_the_pattern_says_so),
		cmocka_unit_test(check_says_where_a_pattern_is_wrong),
		cmocka_unit_test(check_refuses_what_would_leave_byte_mode),
		cmocka_unit_test(groups_are_counted),
		cmocka_unit_test(match_of_a_bad_pattern_fails_and_names_the_rule),
		cmocka_unit_test(catastrophic_pattern_runs_away),
		cmocka_unit_test(worker_goes_on_after_a_runaway),
		cmocka_unit_test(match_that_is_too_deep_for_the_jit_is_interpreted),
		cmocka_unit_test(threads_may_need_a_pattern_at_the_same_time),
		cmocka_unit_test(freeing_nothing_is_fine),
		cmocka_unit_test(new_refuses_a_count_that_overflows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
