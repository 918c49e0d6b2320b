/* SPDX-License-Identifier: Apache-2.0 */
#include "common/base/glob.h"

#include <string.h>

#include "common/base/bounds.h"
#include "tests/support/unit.h"

static bool match(const char *pattern, const char *text)
{
	return glob_match(view_of(pattern), view_of(text), 0);
}

static bool path(const char *pattern, const char *text)
{
	return glob_match(view_of(pattern), view_of(text), GLOB_PATH);
}

static bool nocase(const char *pattern, const char *text)
{
	return glob_match(view_of(pattern), view_of(text), GLOB_NOCASE);
}

static bool rule(const char *pattern, const char *text)
{
	return glob_path(view_of(pattern), view_of(text));
}

static void literal_text_matches_itself_alone(void **state)
{
	(void)state;
	assert_true(match("foo", "foo"));
	assert_false(match("foo", "foobar"));
	assert_false(match("foo", "fo"));
	assert_true(match("", ""));
	assert_false(match("", "a"));
	assert_false(match("a", ""));
	assert_true(glob_match(VIEW_NONE, VIEW_NONE, 0));
}

static void question_mark_matches_one_byte(void **state)
{
	(void)state;
	assert_true(match("f?o", "foo"));
	assert_false(match("f?o", "fo"));
	assert_true(match("?", "\377"));
	assert_true(match("?", "/"));
	assert_false(path("?", "/"));
}

static void star_matches_any_run_of_bytes(void **state)
{
	(void)state;
	assert_true(match("*", ""));
	assert_true(match("*.o", "main.o"));
	assert_true(match("*.o", ".o"));
	assert_false(match("*.o", "main.os"));
	assert_true(match("a*b*c", "axxbyybzzc"));
	assert_false(match("a*b*c", "axxbyybzz"));
	assert_true(match("*a", "aaaa"));
	assert_true(match("a*/b", "a/x/b"));
}

static void star_of_a_path_stops_at_a_slash(void **state)
{
	(void)state;
	assert_true(path("a/*.c", "a/b.c"));
	assert_false(path("a/*.c", "a/b/c.c"));
	assert_false(path("*", "a/b"));
	assert_true(path("*/b", "a/b"));
	assert_false(path("a*b", "a/b"));
	assert_true(path("*/*/c", "a/b/c"));
	assert_false(path("*/c", "a/b/c"));
}

static void two_stars_in_front_match_any_folders(void **state)
{
	(void)state;
	assert_true(path("**/foo", "foo"));
	assert_true(path("**/foo", "a/b/foo"));
	assert_false(path("**/foo", "a/xfoo"));
	assert_true(path("**/a/b", "b/a/a/b"));
	assert_true(path("**/*.c", "x/y.c"));
}

static void two_stars_at_the_end_match_what_is_below(void **state)
{
	(void)state;
	assert_true(path("a/**", "a/b/c"));
	assert_true(path("a/**", "a/b"));
	assert_false(path("a/**", "a"));
	assert_true(path("**", "a/b/c"));
}

static void two_stars_between_slashes_match_none_or_more_folders(void **state)
{
	(void)state;
	assert_true(path("a/**/b", "a/b"));
	assert_true(path("a/**/b", "a/x/b"));
	assert_true(path("a/**/b", "a/x/y/b"));
	assert_false(path("a/**/b", "a/xb"));
	assert_true(path("a/**/b/**/c", "a/b/x/y/b/c"));
	assert_true(path("a/***/b", "a/x/y/b"));
}

static void two_stars_elsewhere_are_one(void **state)
{
	(void)state;
	assert_false(path("x/a**", "x/ab/c"));
	assert_true(path("x/a**", "x/abc"));
	assert_false(path("a**/b", "ax/y/b"));
}

static void a_later_folder_is_tried_when_an_earlier_one_fails(void **state)
{
	(void)state;
	assert_true(path("**/a*b/c", "axb/axb/c"));
	assert_true(path("**/x/*z", "x/y/x/yz"));
	assert_false(path("**/x/*z", "x/y/x/yy"));
}

static void brackets_match_one_of_their_members(void **state)
{
	(void)state;
	assert_true(match("[abc]", "b"));
	assert_false(match("[abc]", "d"));
	assert_true(match("[a-c]x", "bx"));
	assert_true(match("[]a]", "]"));
	assert_true(match("[a-]", "-"));
	assert_true(match("[-a]", "-"));
	assert_true(match("[\\]]", "]"));
	assert_true(match("[\\a-\\c]", "b"));
	assert_true(match("[\200-\377]", "\303"));
	assert_false(match("[c-a]", "b"));
	assert_false(match("[a-c-e]", "d"));
}

static void brackets_are_negated_by_either_sign(void **state)
{
	(void)state;
	assert_true(match("[!a]", "b"));
	assert_false(match("[!a]", "a"));
	assert_true(match("[^a]", "b"));
	assert_false(match("[^]a]", "]"));
	assert_true(match("[a^]", "^"));
}

static void brackets_of_a_path_match_no_slash(void **state)
{
	(void)state;
	assert_true(match("a[/]b", "a/b"));
	assert_false(path("a[/]b", "a/b"));
	assert_false(path("a[!x]b", "a/b"));
	assert_false(path("a[.-0]b", "a/b"));
}

static void classes_are_those_of_ascii(void **state)
{
	static const struct {
		const char *class, *in, *out;
	} cases[] = {
		{ "[[:alnum:]]", "aZ5", "_-\303" }, { "[[:alpha:]]", "aZ", "5_" },
		{ "[[:blank:]]", " \t", "\na" },    { "[[:cntrl:]]", "\1\177", " a" },
		{ "[[:digit:]]", "059", "a" },      { "[[:graph:]]", "!~a", " \1\177" },
		{ "[[:lower:]]", "az", "AZ5" },     { "[[:print:]]", " ~a", "\t\177" },
		{ "[[:punct:]]", "!_~[", "a5 " },   { "[[:space:]]", " \t\n\r", "\va" },
		{ "[[:upper:]]", "AZ", "az" },      { "[[:xdigit:]]", "09afAF", "gG" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct view class = view_of(cases[i].class);

		for (const char *c = cases[i].in; *c; c++)
			assert_true(glob_match(class, view_from(c, 1), 0));
		for (const char *c = cases[i].out; *c; c++)
			assert_false(glob_match(class, view_from(c, 1), 0));
	}
	assert_true(match("[[:digit:]x]", "x"));
	assert_true(match("[![:digit:]]", "x"));
	assert_true(match("[[:digit:][:upper:]-]", "-"));
}

static void a_class_that_does_not_exist_matches_nothing(void **state)
{
	(void)state;
	assert_false(match("[[:foo:]]", "f"));
	assert_false(match("[[::]]", ":"));
	assert_false(match("[![:foo:]]", "x"));
}

static void a_bracket_that_starts_no_class_is_a_member(void **state)
{
	(void)state;
	assert_true(match("[[:a]", "["));
	assert_true(match("[[:a]", ":"));
	assert_true(match("[[a]", "["));
	assert_true(match("[[:]x", ":x"));
}

static void a_bracket_without_end_matches_nothing(void **state)
{
	(void)state;
	assert_false(match("[", "["));
	assert_false(match("[a", "a"));
	assert_false(match("[]", "]"));
	assert_false(match("[!]", "a"));
	assert_false(match("[[:alpha:]", "a"));
	assert_false(match("[a\\", "a"));
	assert_false(match("[a-\\", "a"));
	assert_false(match("x[", "x"));
}

static void backslash_makes_the_next_byte_literal(void **state)
{
	(void)state;
	assert_true(match("\\*", "*"));
	assert_false(match("\\*", "a"));
	assert_true(match("\\a\\\\", "a\\"));
	assert_true(match("a\\[b]", "a[b]"));
	assert_true(path("a\\/b", "a/b"));
	assert_false(match("a\\", "a\\"));
	assert_false(match("a\\", "a"));
}

static void case_is_folded_when_asked_for(void **state)
{
	(void)state;
	assert_true(nocase("FOO*", "foobar"));
	assert_true(nocase("foo", "FOO"));
	assert_false(match("foo", "FOO"));
	assert_true(nocase("[A-C]", "b"));
	assert_true(nocase("[a-c]", "B"));
	assert_true(nocase("[[:upper:]]", "b"));
	assert_true(nocase("*B", "xxb"));
	assert_false(nocase("\303\211", "\303\251"));
}

static void a_capital_that_git_does_not_fold_matches_nothing(void **state)
{
	(void)state;
	assert_false(nocase("[B]", "B"));
	assert_false(nocase("\\B", "B"));
}

static void many_stars_end_soon(void **state)
{
	char text[4096], pattern[257];

	(void)state;
	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	for (size_t i = 0; i + 1 < sizeof(pattern); i += 2)
		memcpy(pattern + i, "a*", 2);
	pattern[sizeof(pattern) - 1] = '\0';
	assert_true(match(pattern, text));
	pattern[sizeof(pattern) - 2] = 'b';
	assert_false(match(pattern, text));
	assert_false(path("**/a*a*a*a*a*a*a*a*a*a*a*b", text));
	assert_false(path("**/*a/**/*a/**/*a/**/*a/**/b", "aa/aa/aa/aa/aa/aa/aa/aa/aa/aa/aa/aa/aa/aa/aa/aa/aa/aa/a"));
}

static void a_pattern_that_needs_too_many_steps_does_not_match(void **state)
{
	char text[2 * GLOB_STEPS];

	(void)state;
	memset(text, 'a', sizeof(text));
	assert_true(glob_match(VIEW("a*"), view_from(text, sizeof(text)), 0));
	assert_false(glob_match(VIEW("*?"), view_from(text, sizeof(text)), 0));
	assert_true(glob_match(VIEW("*?"), view_from(text, GLOB_STEPS / 4), 0));
}

static void a_rule_glob_without_slash_names_the_last_component(void **state)
{
	(void)state;
	assert_true(rule("*.pem", "a/b/key.pem"));
	assert_true(rule("*.pem", "key.pem"));
	assert_false(rule("a", "a/b"));
	assert_true(rule("**", "a/b"));
}

static void a_rule_glob_with_a_slash_starts_at_the_root(void **state)
{
	(void)state;
	assert_true(rule("tests/fixtures/**", "tests/fixtures/a/b.txt"));
	assert_false(rule("tests/fixtures/**", "x/tests/fixtures/a"));
	assert_true(rule("/key.pem", "key.pem"));
	assert_false(rule("/key.pem", "a/key.pem"));
	assert_true(rule("**/a/*.c", "x/a/b.c"));
}

static void a_rule_glob_that_ends_in_a_slash_means_all_below(void **state)
{
	(void)state;
	assert_true(rule("vendor/", "vendor/a/b.c"));
	assert_true(rule("vendor/", "src/vendor/b.c"));
	assert_false(rule("/vendor/", "src/vendor/b.c"));
	assert_true(rule("/vendor/", "vendor/b.c"));
	assert_true(rule("src/*/", "src/a/b/c.c"));
	assert_false(rule("src/*/", "src/a"));
	assert_false(rule("vendor/", "vendor"));
	assert_false(rule("", "a"));
	assert_false(rule("/", "a"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(literal_text_matches_itself_alone),
		cmocka_unit_test(question_mark_matches_one_byte),
		cmocka_unit_test(star_matches_any_run_of_bytes),
		cmocka_unit_test(star_of_a_path_stops_at_a_slash),
		cmocka_unit_test(two_stars_in_front_match_any_folders),
		cmocka_unit_test(two_stars_at_the_end_match_what_is_below),
		cmocka_unit_test(two_stars_between_slashes_match_none_or_more_folders),
		cmocka_unit_test(two_stars_elsewhere_are_one),
		cmocka_unit_test(a_later_folder_is_tried_when_an_earlier_one_fails),
		cmocka_unit_test(brackets_match_one_of_their_members),
		cmocka_unit_test(brackets_are_negated_by_either_sign),
		cmocka_unit_test(brackets_of_a_path_match_no_slash),
		cmocka_unit_test(classes_are_those_of_ascii),
		cmocka_unit_test(a_class_that_does_not_exist_matches_nothing),
		cmocka_unit_test(a_bracket_that_starts_no_class_is_a_member),
		cmocka_unit_test(a_bracket_without_end_matches_nothing),
		cmocka_unit_test(backslash_makes_the_next_byte_literal),
		cmocka_unit_test(case_is_folded_when_asked_for),
		cmocka_unit_test(a_capital_that_git_does_not_fold_matches_nothing),
		cmocka_unit_test(many_stars_end_soon),
		cmocka_unit_test(a_pattern_that_needs_too_many_steps_does_not_match),
		cmocka_unit_test(a_rule_glob_without_slash_names_the_last_component),
		cmocka_unit_test(a_rule_glob_with_a_slash_starts_at_the_root),
		cmocka_unit_test(a_rule_glob_that_ends_in_a_slash_means_all_below),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
