/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/match/examples.h"

#include <string.h>

#include "common/base/secret.h"
#include "common/base/text.h"
#include "tests/support/unit.h"

#define TEXT_BYTES 4096

static void assert_expands(const char *text, uint64_t seed, struct buf *ret)
{
	struct err err = ERR_INIT;

	if (examples_expand(view_of(text), seed, ret, &err))
		fail_msg("%s", err.text);
}

static void assert_stays(const char *text)
{
	DEFER(buf_done) struct buf out = BUF_INIT(TEXT_BYTES);

	assert_expands(text, 1, &out);
	assert_string_equal(out.ptr, text);
}

static void assert_malformed(const char *text)
{
	DEFER(buf_done) struct buf out = BUF_INIT(TEXT_BYTES);
	struct err err = ERR_INIT;

	if (examples_expand(view_of(text), 1, &out, &err) == 0)
		fail_msg("'%s' was taken", text);
	assert_int_equal(err.kind, ERR_CONFIG);
	assert_string_equal(err.text, "an example's template is {{PREFIX N SUFFIX}}, N at most 1000; {{ and a space is "
				      "plain text");
}

static void template_becomes_prefix_random_characters_and_suffix(void **state)
{
	DEFER(buf_done) struct buf out = BUF_INIT(TEXT_BYTES);

	(void)state;
	assert_expands("a={{pre- 20 END}};", 1, &out);
	assert_int_equal(out.len, strlen("a=pre-") + 20 + strlen("END;"));
	assert_true(text_starts(buf_view(&out), VIEW("a=pre-")));
	assert_true(text_ends(buf_view(&out), VIEW("END;")));
	for (size_t i = 0; i < 20; i++)
		assert_true(secret_is_key_char(out.ptr[strlen("a=pre-") + i]));
}

static void suffix_may_be_left_out(void **state)
{
	DEFER(buf_done) struct buf out = BUF_INIT(TEXT_BYTES);

	(void)state;
	assert_expands("{{pre- 20}}", 1, &out);
	assert_int_equal(out.len, strlen("pre-") + 20);
}

static void same_seed_gives_the_same_text(void **state)
{
	DEFER(buf_done) struct buf one = BUF_INIT(TEXT_BYTES);
	DEFER(buf_done) struct buf two = BUF_INIT(TEXT_BYTES);
	DEFER(buf_done) struct buf other = BUF_INIT(TEXT_BYTES);

	(void)state;
	assert_expands("{{a 40}}", 7, &one);
	assert_expands("{{a 40}}", 7, &two);
	assert_expands("{{a 40}}", 8, &other);
	assert_string_equal(one.ptr, two.ptr);
	assert_string_not_equal(one.ptr, other.ptr);
}

static void templates_of_one_text_differ(void **state)
{
	DEFER(buf_done) struct buf out = BUF_INIT(TEXT_BYTES);

	(void)state;
	assert_expands("{{a 40}}{{a 40}}", 1, &out);
	assert_int_equal(out.len, 82);
	assert_memory_not_equal(out.ptr, out.ptr + 41, 41);
}

static void text_without_template_stays(void **state)
{
	(void)state;
	assert_stays("plain { text } with {{ no end");
	assert_stays("${{ secrets.KEY }} {{ .Values.key }}");
}

static void malformed_template_is_refused(void **state)
{
	(void)state;
	assert_malformed("{{}}");
	assert_malformed("{{pre-}}");
	assert_malformed("{{pre- x}}");
	assert_malformed("{{pre- 1001}}");
	assert_malformed("{{pre- 1 A B}}");
	assert_malformed("{{.Values.key}}");
}

static const char *const word_list[] = { "key-" };
static const char *const matching[] = { "x {{key- 8}}" };
static const char *const other[] = { "x kex-" };

static struct rule rule_of(const char *regex)
{
	return (struct rule){
		.id = "r",
		.regex = regex,
		.keywords = { word_list, 1 },
		.examples_match = { matching, 1 },
		.examples_no_match = { other, 1 },
	};
}

static void assert_check_says(const struct rule *rule, const char *expected)
{
	struct err err = ERR_INIT;

	assert_int_equal(examples_check(rule, &err), expected ? -1 : 0);
	assert_string_equal(err.text, expected ? expected : "");
}

static void check_passes_a_rule_that_does_as_it_says(void **state)
{
	struct rule rule = rule_of("key-[\\w-]{8}");

	(void)state;
	assert_check_says(&rule, NULL);
}

static void check_names_the_example_that_does_not_match(void **state)
{
	struct rule rule = rule_of("key-[\\w-]{9}");

	(void)state;
	assert_check_says(&rule, "rule 'r' does not match its example 'x {{key- 8}}'");
}

static void check_names_the_example_that_matches_but_should_not(void **state)
{
	struct rule rule = rule_of("ke.-");

	(void)state;
	assert_check_says(&rule, "rule 'r' matches its example 'x kex-'");
}

static void check_wants_a_keyword_in_each_example(void **state)
{
	struct rule rule = rule_of("key-");
	static const char *const capitals[] = { "KEY-" };

	(void)state;
	rule.keywords.items = capitals;
	assert_check_says(&rule, "rule 'r' has no keyword that stands in its example 'x {{key- 8}}'");
	rule.keywords_nocase = true;
	assert_check_says(&rule, NULL);
}

static void check_tells_a_runaway_pattern(void **state)
{
	static const char *const bad[] = { "key-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab" };
	struct rule rule = rule_of("key-(a+)+$");

	(void)state;
	rule.examples_match = (struct rule_list){ bad, 1 };
	assert_check_says(&rule, "the pattern of 'r' ran away: match limit exceeded");
}

static void check_names_the_rule_of_a_malformed_template(void **state)
{
	static const char *const bad[] = { "{{key-}}" };
	struct rule rule = rule_of("key-");

	(void)state;
	rule.examples_match = (struct rule_list){ bad, 1 };
	assert_check_says(&rule, "rule 'r': an example's template is {{PREFIX N SUFFIX}}, N at most 1000; {{ and a "
				 "space is plain text");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(template_becomes_prefix_random_characters_and_suffix),
		cmocka_unit_test(suffix_may_be_left_out),
		cmocka_unit_test(same_seed_gives_the_same_text),
		cmocka_unit_test(templates_of_one_text_differ),
		cmocka_unit_test(text_without_template_stays),
		cmocka_unit_test(malformed_template_is_refused),
		cmocka_unit_test(check_passes_a_rule_that_does_as_it_says),
		cmocka_unit_test(check_names_the_example_that_does_not_match),
		cmocka_unit_test(check_names_the_example_that_matches_but_should_not),
		cmocka_unit_test(check_wants_a_keyword_in_each_example),
		cmocka_unit_test(check_tells_a_runaway_pattern),
		cmocka_unit_test(check_names_the_rule_of_a_malformed_template),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
