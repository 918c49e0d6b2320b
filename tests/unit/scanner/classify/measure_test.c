/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/classify/measure.h"

#include <string.h>

#include "common/base/text.h"
#include "tests/support/unit.h"

static void classes_and_neighbours_are_counted(void **state)
{
	struct measure_classes m = measure_classes(VIEW("abCDE12-_z"));

	(void)state;
	assert_int_equal(m.lower, 3);
	assert_int_equal(m.upper, 3);
	assert_int_equal(m.digit, 2);
	assert_int_equal(m.other, 2);
	assert_int_equal(m.pairs, 9);
	assert_int_equal(m.lower_pairs, 1);
	assert_int_equal(m.upper_pairs, 2);
	assert_int_equal(m.digit_pairs, 1);
	m = measure_classes(VIEW("AZaz@[`{"));
	assert_int_equal(m.lower, 2);
	assert_int_equal(m.upper, 2);
	assert_int_equal(m.other, 4);
	m = measure_classes(VIEW("a"));
	assert_int_equal(m.pairs, 0);
	assert_int_equal(m.lower_pairs, 0);
	m = measure_classes(VIEW_NONE);
	assert_int_equal(m.pairs, 0);
	m = measure_classes(view_sub(VIEW("--ab"), 1, 3));
	assert_int_equal(m.lower_pairs, 1);
	m = measure_classes(view_sub(VIEW("abc"), 0, 2)); /* what is behind it does not count */
	assert_int_equal(m.lower_pairs, 1);
}

static void a_sequence_is_seen_in_both_directions_and_up_to_three_apart(void **state)
{
	static const struct {
		const char *body;
		unsigned worst;
	} cases[] = {
		{ "", 0 },
		{ "a", 0 },
		{ "ab", 100 },
		{ "ba", 100 },
		{ "ac", 0 },
		{ "aa", 0 },
		{ "AB", 100 },
		{ "Ab", 0 }, /* no neighbours in ASCII */
		{ "abzz", 33 },
		{ "bazz", 33 },
		{ "abz", 50 },
		{ "a.b.c.d.e", 57 }, /* two apart: letter to letter counts, dot to dot does not */
		{ "a..b..c..d", 42 },
		{ "a...b...c...d", 0 },
		{ "qQ", 0 },
		{ "\xE4\xE6", 0 },
		{ "\x80\x80", 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		unsigned worst = measure_sequence(view_of(cases[i].body));

		if (worst != cases[i].worst)
			fail_msg("'%s' gives %u", cases[i].body, worst);
	}
}

static void the_rows_of_a_keyboard_are_sequences(void **state)
{
	static const char *const rows[] = { "qwertyuiop", "asdfghjkl", "zxcvbnm", "1234567890" };

	(void)state;
	for (size_t r = 0; r < ARRAY_LEN(rows); r++)
		for (const char *at = rows[r]; at[1]; at++) {
			const char forth[] = { at[0], at[1] }, back[] = { at[1], text_lower(at[0]) };

			assert_int_equal(measure_sequence(view_from(forth, 2)), 100);
			assert_int_equal(measure_sequence(view_from(back, 2)), 100);
		}
	assert_int_equal(measure_sequence(VIEW("QwE")), 100);
	assert_int_equal(measure_sequence(VIEW("pa")), 0); /* the end of one row and the start of the next */
}

static void the_worst_period_counts(void **state)
{
	(void)state;
	assert_int_equal(measure_period(VIEW_NONE), 0);
	assert_int_equal(measure_period(VIEW("a")), 0);
	assert_int_equal(measure_period(VIEW("aa")), 100);
	assert_int_equal(measure_period(VIEW("ab")), 0);
	assert_int_equal(measure_period(VIEW("abab")), 100);
	assert_int_equal(measure_period(VIEW("abcab")), 0); /* three is more than half of five */
	assert_int_equal(measure_period(VIEW("abcabc")), 100);
	assert_int_equal(measure_period(VIEW("abcabd")), 66);
	assert_int_equal(measure_period(VIEW("aabbb")), 75);
	assert_int_equal(measure_period(view_sub(VIEW("abb"), 0, 2)), 0);
}

static void the_longest_run_counts_wherever_it_stands(void **state)
{
	(void)state;
	assert_int_equal(measure_run(VIEW_NONE), 0);
	assert_int_equal(measure_run(VIEW("a")), 1);
	assert_int_equal(measure_run(VIEW("aba")), 1);
	assert_int_equal(measure_run(VIEW("aab")), 2);
	assert_int_equal(measure_run(VIEW("abb")), 2);
	assert_int_equal(measure_run(VIEW("abbbcc")), 3);
	assert_int_equal(measure_run(VIEW("aaAA")), 2);
	assert_int_equal(measure_x_run(VIEW_NONE), 0);
	assert_int_equal(measure_x_run(VIEW("aaa")), 0);
	assert_int_equal(measure_x_run(VIEW("xXx")), 3);
	assert_int_equal(measure_x_run(VIEW("axxbx")), 2);
}

static void only_the_head_of_a_long_body_is_measured(void **state)
{
	char body[MEASURE_BYTES + 40];

	(void)state;
	memset(body, 'k', MEASURE_BYTES);
	memcpy(body + MEASURE_BYTES, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMN", 40);
	assert_int_equal(measure_period(view_from(body, sizeof(body))), 100);
	assert_int_equal(measure_sequence(view_from(body, sizeof(body))), 0);
	assert_int_equal(measure_classes(view_from(body, sizeof(body))).lower, MEASURE_BYTES);
	assert_int_equal(measure_classes(view_from(body, sizeof(body))).pairs, MEASURE_BYTES - 1);
	memset(body, 'k', sizeof(body));
	memcpy(body, "key", 3);
	memcpy(body + MEASURE_BYTES - 3, "key", 3);
	assert_int_equal(measure_words(view_from(body, sizeof(body))), 6 * 100 / MEASURE_BYTES);
}

static void the_part_that_is_words_is_told(void **state)
{
	static const struct {
		const char *body;
		unsigned percent;
	} cases[] = {
		{ "", 0 },
		{ "k", 0 },
		{ "key", 100 },
		{ "KEY", 100 },
		{ "keys", 100 }, /* the longest word counts */
		{ "keysq", 80 },
		{ "key----", 42 },
		{ "----key", 42 },
		{ "ke", 0 },
		{ "keyke", 60 }, /* what is cut off is no word */
		{ "your-key", 87 },
		{ "123456", 100 },
		{ "1234567", 85 },
		{ "923", 0 },
		{ "-123", 75 },
		{ "abc123", 100 },
		{ "yourkeyhere", 100 },
		/* two letters are a word only between separators */
		{ "my", 0 },
		{ "my-", 0 },
		{ "-my", 66 },
		{ "-my-", 50 },
		{ "-myb", 0 },
		{ "bmy-", 0 },
		{ "xa-my-", 33 },
		{ "--my--a", 28 },
		{ "-is-me-", 57 },
		{ "{k~z", 0 },
	};
	static const char *const words[] = { "account",   "batch",     "claude",      "deadbeef", "example", "fake",
					     "generated", "hidden",    "insert",      "key",      "leaked",  "masked",
					     "null",      "only",      "placeholder", "qwerty",   "replace", "secret",
					     "token",     "undefined", "value",       "world",    "xxx",     "xyz",
					     "yours",     "123",       "1234",        "and",      "bar",     "change",
					     "dev",       "env",       "foo",         "get",      "here",    "ipsum",
					     "length",    "mock",      "name",        "org",      "paste",   "qux",
					     "random",    "safe",      "team",        "unit",     "valid",   "with",
					     "xxxx",      "your" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		unsigned percent = measure_words(view_of(cases[i].body));

		if (percent != cases[i].percent)
			fail_msg("'%s' gives %u", cases[i].body, percent);
	}
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (measure_words(view_of(words[i])) != 100)
			fail_msg("'%s' is no word", words[i]);
}

static void a_sample_begins_with_its_word(void **state)
{
	static const char *const samples[] = { "example",       "sample", "demo",       "docs",
					       "documentation", "your",   "placeholder" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(samples); i++)
		assert_true(measure_is_sample(view_of(samples[i])));
	assert_true(measure_is_sample(VIEW("EXAMPLE-4x")));
	assert_false(measure_is_sample(VIEW("my-example")));
	assert_false(measure_is_sample(VIEW("sampl")));
	assert_false(measure_is_sample(VIEW_NONE));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(classes_and_neighbours_are_counted),
		cmocka_unit_test(a_sequence_is_seen_in_both_directions_and_up_to_three_apart),
		cmocka_unit_test(the_rows_of_a_keyboard_are_sequences),
		cmocka_unit_test(the_worst_period_counts),
		cmocka_unit_test(the_longest_run_counts_wherever_it_stands),
		cmocka_unit_test(only_the_head_of_a_long_body_is_measured),
		cmocka_unit_test(the_part_that_is_words_is_told),
		cmocka_unit_test(a_sample_begins_with_its_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
