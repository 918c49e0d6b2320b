/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/match/ruleset.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "tests/support/unit.h"

#define TEXT_BYTES (1u << 20)
#define HEAD "version: 1\nrules:\n"
#define START HEAD "  - id: a\n    title: t\n"
#define RULE START "    regex: 'x(y)z'\n" /* whole; further keys start on line 6, column 5 */

static struct ruleset *set_of(const char *text)
{
	struct ruleset *set = ruleset_new();
	struct err err = ERR_INIT;

	assert_non_null(set);
	if (ruleset_parse(set, view_of(text), "r.yaml", &err))
		fail_msg("%s", err.text);
	return set;
}

/* Refused at exactly that place, with a message that says so much. */
static void assert_refused(const char *text, const char *place, const char *says)
{
	DEFER(ruleset_freep) struct ruleset *set = ruleset_new();
	struct err err = ERR_INIT;
	size_t len = strlen(place);

	assert_int_equal(ruleset_parse(set, view_of(text), "r.yaml", &err), -1);
	if (strncmp(err.text, place, len) != 0 || err.text[len] != ':' || !strstr(err.text + len, says))
		fail_msg("'%s' where '%s: %s' was expected", err.text, place, says);
	assert_int_equal(err.kind, ERR_CONFIG);
	assert_int_equal(ruleset_count(set), 0);
}

struct refusal {
	const char *text, *place, *says;
};

static void assert_all_refused(const struct refusal *refusals, size_t count)
{
	for (size_t i = 0; i < count; i++)
		assert_refused(refusals[i].text, refusals[i].place, refusals[i].says);
}

static void rule_gets_the_standard_values(void **state)
{
	DEFER(ruleset_freep) struct ruleset *set = set_of(RULE);
	const struct rule *r = ruleset_at(set, 0);

	(void)state;
	assert_string_equal(r->id, "a");
	assert_string_equal(r->title, "t");
	assert_string_equal(r->regex, "x(y)z");
	assert_string_equal(r->remediation, "");
	assert_string_equal(r->source, "r.yaml");
	assert_int_equal(r->kind, KIND_UNKNOWN);
	assert_int_equal(r->severity, SEVERITY_MEDIUM);
	assert_int_equal(r->confidence, CONFIDENCE_HIGH);
	assert_int_equal(r->scope, SCOPE_NEAR);
	assert_int_equal(r->secret_group, 0);
	assert_int_equal(r->min_entropy_centibits, 0);
	assert_int_equal(r->keywords.count + r->include.count + r->exclude.count + r->allow_count, 0);
	assert_false(r->keyword_starts);
}

static void rule_keeps_what_the_file_says(void **state)
{
	DEFER(ruleset_freep)
	struct ruleset *set = set_of(
		RULE "    kind: keyname\n    severity: high\n    confidence: low\n    scope: file\n"
		     "    keywords: [word, other]\n    keywords_nocase: true\n    name: 1\n    min_entropy: 3.5\n"
		     "    paths: {include: ['*.tf'], exclude: [vendor/]}\n    remediation: do it\n"
		     "    examples: {match: [m1, m2], no_match: [n]}\n");
	const struct rule *r = ruleset_at(set, 0);

	(void)state;
	assert_int_equal(r->kind, KIND_KEYNAME);
	assert_int_equal(r->severity, SEVERITY_HIGH);
	assert_int_equal(r->confidence, CONFIDENCE_LOW);
	assert_int_equal(r->scope, SCOPE_FILE);
	assert_int_equal(r->keywords.count, 2);
	assert_string_equal(r->keywords.items[1], "other");
	assert_true(r->keywords_nocase);
	assert_int_equal(r->secret_group, 1);
	assert_int_equal(r->min_entropy_centibits, 350);
	assert_string_equal(r->include.items[0], "*.tf");
	assert_string_equal(r->exclude.items[0], "vendor/");
	assert_string_equal(r->remediation, "do it");
	assert_string_equal(r->examples_match.items[1], "m2");
	assert_string_equal(r->examples_no_match.items[0], "n");
}

static void allow_entries_look_at_the_secret_unless_told_otherwise(void **state)
{
	DEFER(ruleset_freep)
	struct ruleset *set = set_of(RULE "    allow: [{regex: p, reason: r}, {regex: q, target: path, reason: s}]\n");
	const struct rule *r = ruleset_at(set, 0);

	(void)state;
	assert_int_equal(r->allow_count, 2);
	assert_int_equal(r->allows[0].target, ALLOW_SECRET);
	assert_string_equal(r->allows[0].reason, "r");
	assert_int_equal(r->allows[1].target, ALLOW_PATH);
	assert_string_equal(r->allows[1].regex, "q");
}

static void a_file_that_is_no_rule_file_is_refused(void **state)
{
	static const struct refusal refusals[] = {
		{ "", "r.yaml:1:1", "'version: 1' was expected" },
		{ "- a", "r.yaml:1:1", "mapping" },
		{ "version: 2\nrules: []", "r.yaml:1:10", "1 was expected" },
		{ "version: 1", "r.yaml:1:1", "'rules:' with a list was expected" },
		{ "version: 1\nrules: x", "r.yaml:2:8", "'rules:' with a list was expected" },
		{ "version: 1\nrule: []", "r.yaml:2:1", "did you mean 'rules'?" },
		{ HEAD "  - x", "r.yaml:3:5", "mapping" },
		{ HEAD "\t- id: a", "r.yaml:3:1", "" },
	};

	(void)state;
	assert_all_refused(refusals, ARRAY_LEN(refusals));
}

static void what_a_rule_must_have_is_asked_for(void **state)
{
	static const struct refusal refusals[] = {
		{ HEAD "  - title: t\n    regex: x", "r.yaml:3:5", "this rule has no 'id'" },
		{ HEAD "  - id: a\n    regex: x", "r.yaml:3:5", "this rule has no 'title'" },
		{ START, "r.yaml:3:5", "this rule has no 'regex'" },
		{ START "    regex: ''", "r.yaml:5:12", "this is empty; some text was expected" },
		{ HEAD "  - id: a\n    title: ''\n    regex: x", "r.yaml:4:12",
		  "this is empty; some text was expected" },
	};

	(void)state;
	assert_all_refused(refusals, ARRAY_LEN(refusals));
}

static void ids_are_checked(void **state)
{
#define ID_EXPECTED "r.yaml:3:9", "an id of lower-case letters, digits and '-', starting with a letter, was expected"
	static const struct refusal refusals[] = {
		{ HEAD "  - id: aB\n    title: t\n    regex: x", ID_EXPECTED },
		{ HEAD "  - id: 1a\n    title: t\n    regex: x", ID_EXPECTED },
		{ HEAD "  - id: a_b\n    title: t\n    regex: x", ID_EXPECTED },
		{ HEAD "  - id: ''\n    title: t\n    regex: x", "r.yaml:3:9",
		  "an id of 1 to 64 characters was expected" },
		{ HEAD "  - id: [a]\n    title: t\n    regex: x", "r.yaml:3:9", "text" },
		{ RULE "  - id: a\n    title: t\n    regex: x", "r.yaml:6:5", "a second rule with the id 'a'" },
	};

	(void)state;
	assert_all_refused(refusals, ARRAY_LEN(refusals));
}

static void unknown_words_are_refused_with_the_nearest(void **state)
{
	static const struct refusal refusals[] = {
		{ RULE "    regxe: x", "r.yaml:6:5", "did you mean 'regex'?" },
		{ RULE "    title: u", "r.yaml:6:5", "line 4" },
		{ RULE "    kind: apy", "r.yaml:6:11", "did you mean 'api'?" },
		{ RULE "    severity: hihg", "r.yaml:6:15", "did you mean 'high'?" },
		{ RULE "    confidence: certain", "r.yaml:6:17", "low, medium, high" },
		{ RULE "    scope: files", "r.yaml:6:12", "did you mean 'file'?" },
	};

	(void)state;
	assert_all_refused(refusals, ARRAY_LEN(refusals));
}

static void keywords_are_checked(void **state)
{
	static const struct refusal refusals[] = {
		{ RULE "    keywords: abcd", "r.yaml:6:15", "a list was expected" },
		{ RULE "    keywords: [abc]", "r.yaml:6:16", "a keyword of 4 to 64 bytes was expected" },
		{ RULE "    keywords: [abcd, aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa]",
		  "r.yaml:6:22", "a keyword of 4 to 64 bytes was expected" },
		{ RULE "    keywords:\n      - abcd\n      - abcd", "r.yaml:8:9",
		  "the keyword 'abcd' was given already" },
		{ RULE "    keywords_nocase: yes", "r.yaml:6:22", "true or false" },
	};

	(void)state;
	assert_all_refused(refusals, ARRAY_LEN(refusals));
}

static void patterns_are_compiled(void **state)
{
	static const struct refusal refusals[] = {
		{ START "    regex: 'a(b'", "r.yaml:5:12",
		  "the pattern is not valid: offset 3: missing closing parenthesis" },
		{ START "    regex: \"a\\0b\"", "r.yaml:5:12", "NUL byte" },
		{ START "    regex: '((((((((((((((((((((((((a))))))))))))))))))))))))'", "r.yaml:5:12",
		  "the pattern has 24 groups, at most 23 are possible; use (?:...)" },
	};

	(void)state;
	assert_all_refused(refusals, ARRAY_LEN(refusals));
}

static void groups_have_to_exist(void **state)
{
	static const struct refusal refusals[] = {
		{ RULE "    secret: 2", "r.yaml:6:13", "the pattern has no group 2; 0 to 1 was expected" },
		{ RULE "    secret: 24", "r.yaml:6:13", "from 0 to 23" },
		{ RULE "    secret: first", "r.yaml:6:13", "from 0 to 23" },
		{ RULE "    name: 1", "r.yaml:6:11", "a rule of this kind has 'secret', not 'name'" },
		{ RULE "    kind: keyname\n    secret: 1", "r.yaml:7:13",
		  "a rule of this kind has 'name', not 'secret'" },
	};

	(void)state;
	assert_all_refused(refusals, ARRAY_LEN(refusals));
}

static void globs_that_match_nothing_are_refused(void **state)
{
	static const struct refusal refusals[] = {
		{ RULE "    paths: {incldue: []}", "r.yaml:6:13", "did you mean 'include'?" },
		{ RULE "    paths: {include: '*'}", "r.yaml:6:22", "a list was expected" },
		{ RULE "    paths: {include: ['']}", "r.yaml:6:23",
		  "the pattern is empty; one such as '**/*.py' was expected" },
		{ RULE "    paths: {include: [a, '[b']}", "r.yaml:6:26",
		  "the pattern has a '[' without its ']'; one such as '**/*.py' was expected" },
		{ RULE "    paths: {include: ['[!]b']}", "r.yaml:6:23",
		  "the pattern has a '[' without its ']'; one such as '**/*.py' was expected" },
		{ RULE "    paths: {exclude: ['a\\']}", "r.yaml:6:23",
		  "the pattern ends in a '\\'; one such as '**/*.py' was expected" },
	};

	(void)state;
	assert_all_refused(refusals, ARRAY_LEN(refusals));
}

static void allow_entries_are_checked(void **state)
{
	static const struct refusal refusals[] = {
		{ RULE "    allow: x", "r.yaml:6:12", "a list was expected" },
		{ RULE "    allow: [{regex: a}]", "r.yaml:6:13", "this allow entry has no 'reason'" },
		{ RULE "    allow: [{reason: a}]", "r.yaml:6:13", "this allow entry has no 'regex'" },
		{ RULE "    allow: [{regex: a, reason: ''}]", "r.yaml:6:32", "this is empty; some text was expected" },
		{ RULE "    allow: [{regex: '(', reason: a}]", "r.yaml:6:21",
		  "the pattern is not valid: offset 1: missing closing parenthesis" },
		{ RULE "    allow: [{regex: a, reason: b, target: lines}]", "r.yaml:6:43", "did you mean 'line'?" },
	};

	(void)state;
	assert_all_refused(refusals, ARRAY_LEN(refusals));
}

static void table_is_read_and_needs_the_whole_file(void **state)
{
	DEFER(ruleset_freep)
	struct ruleset *set = set_of(RULE "    table: {format: markdown, columns: [name, key], decided_by: [kind]}\n");
	const struct rule *r = ruleset_at(set, 0);

	(void)state;
	assert_int_equal(r->table, TABLE_MARKDOWN);
	assert_int_equal(r->scope, SCOPE_FILE);
	assert_string_equal(r->columns.items[1], "key");
	assert_string_equal(r->decided_by.items[0], "kind");
}

static void tables_are_checked(void **state)
{
	static const struct refusal refusals[] = {
		{ RULE "    table: csv", "r.yaml:6:12", "mapping" },
		{ RULE "    table: {format: csv, column: [a]}", "r.yaml:6:26", "did you mean 'columns'?" },
		{ RULE "    table: {format: tsv, columns: [a]}", "r.yaml:6:21", "did you mean 'csv'?" },
		{ RULE "    table: {format: csv, columns: a}", "r.yaml:6:35", "a list was expected" },
	};

	(void)state;
	assert_all_refused(refusals, ARRAY_LEN(refusals));
}

static void patterns_may_call_the_groups_that_the_file_defines(void **state)
{
	DEFER(ruleset_freep)
	struct ruleset *set = set_of("version: 1\ndefine: '(?<word>[a-z]+)'\nrules:\n"
				     "  - {id: a, title: t, regex: '=(?&word)', examples: {match: ['=abc']}}\n");

	(void)state;
	assert_int_equal(ruleset_count(set), 1);
	assert_refused("version: 1\ndefine: '(?<word>[a-z]+)'\nrules:\n  - {id: a, title: t, regex: '=(?&work)'}\n",
		       "r.yaml:4:30", "the pattern is not valid: offset 4: reference to non-existent subpattern");
	assert_refused("version: 1\ndefine: '(?<word>'\nrules:\n  - {id: a, title: t, regex: x}\n", "r.yaml:2:9",
		       "the pattern is not valid: offset 8: missing closing parenthesis");
}

static void other_values_are_checked(void **state)
{
	static const struct refusal refusals[] = {
		{ RULE "    min_entropy: 8.01", "r.yaml:6:18", "8.00" },
		{ RULE "    remediation:", "r.yaml:6:17", "text" },
		{ RULE "    examples: [x]", "r.yaml:6:15", "mapping" },
		{ RULE "    examples: {match: x}", "r.yaml:6:23", "a list was expected" },
		{ RULE "    examples: {mach: [x]}", "r.yaml:6:16", "did you mean 'match'?" },
	};

	(void)state;
	assert_all_refused(refusals, ARRAY_LEN(refusals));
}

static bool starts(const char *keyword, const char *regex, bool nocase)
{
	DEFER(buf_done) struct buf text = BUF_INIT(TEXT_BYTES);
	DEFER(ruleset_freep) struct ruleset *set = NULL;

	assert_int_equal(buf_addf(&text, START "    keywords: ['%s']\n    regex: '%s'\n    keywords_nocase: %s\n",
				  keyword, regex, nocase ? "true" : "false"),
			 0);
	set = set_of(text.ptr);
	return ruleset_at(set, 0)->keyword_starts;
}

static void keyword_starts_where_the_regex_begins_with_it(void **state)
{
	(void)state;
	assert_true(starts("sk-ant-", "sk-ant-[a-z]", false));
	assert_true(starts("sk-ant-", "sk-ant-", false));
	assert_true(starts("sk-ant-", "sk\\-ant\\-x?", false));
	assert_true(starts("a.b_", "a\\.b_[|]", false));
	assert_true(starts("abcd", "abcde(x|y)", false));
	assert_true(starts("abcd", "abcd[]|)[:alpha:]](x|y)", false));
	assert_true(starts("abcd", "abcd(?:x|y)(?=z|w)(?<n>u|v)", false));
}

static void keyword_does_not_start_where_the_regex_may_begin_otherwise(void **state)
{
	static const char *const regexes[] = {
		"xabcd",          "abc",
		"abcd?",          "abcd*",
		"abcd{0,2}",      "a.cd",
		"(abcd)",         "abcd|x",
		"[a]bcd",         "ab\\wcd",
		"\\Qabcd\\E",     "(?i)abcd",
		"abcd[^]|]|x",    "abcd[[:alpha:](]|x",
		"abcd\\Q(\\E|x",  "abcd\\c(|x",
		"abcd(?#()|x",    "abcd(*MARK:()|x",
		"abcd(?x)#(\n|x",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(regexes); i++)
		if (starts("abcd", regexes[i], false))
			fail_msg("%s", regexes[i]);
	assert_false(starts("abcd", "abcd", true));
}

static void read_takes_a_file(void **state)
{
	char path[] = "/tmp/ruleset-test-XXXXXX";
	DEFER(closep) int fd = mkstemp(path);
	DEFER(ruleset_freep) struct ruleset *set = ruleset_new();
	struct err err = ERR_INIT;
	int ret;

	(void)state;
	assert_true(fd >= 0 && write(fd, RULE, sizeof(RULE) - 1) == (ssize_t)(sizeof(RULE) - 1));
	ret = ruleset_read(set, path, &err);
	(void)unlink(path);
	assert_int_equal(ret, 0);
	assert_string_equal(ruleset_at(set, 0)->source, path);
}

static void read_says_which_file_is_missing(void **state)
{
	DEFER(ruleset_freep) struct ruleset *set = ruleset_new();
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(ruleset_read(set, "/nonexistent/r.yaml", &err), -1);
	assert_non_null(strstr(err.text, "/nonexistent/r.yaml"));
}

static const struct rule two[] = {
	{ .id = "a", .source = "built in" },
	{ .id = "b-1", .source = "built in" },
};

static void file_may_not_take_an_id_of_the_set(void **state)
{
	DEFER(ruleset_freep) struct ruleset *set = ruleset_new();
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(ruleset_add(set, two, ARRAY_LEN(two), &err), 0);
	assert_int_equal(ruleset_parse(set,
				       view_of(HEAD "  - id: c\n    title: t\n    regex: x\n"
						    "  - id: a\n    title: t\n    regex: x\n"),
				       "r.yaml", &err),
			 -1);
	assert_string_equal(err.text, "r.yaml:6:5: the id 'a' is taken by a rule of 'built in'");
	assert_int_equal(ruleset_count(set), 2);
}

static void find_knows_the_ids(void **state)
{
	DEFER(ruleset_freep) struct ruleset *set = ruleset_new();

	(void)state;
	assert_int_equal(ruleset_add(set, two, ARRAY_LEN(two), NULL), 0);
	assert_ptr_equal(ruleset_find(set, VIEW("b-1")), &two[1]);
	assert_null(ruleset_find(set, VIEW("b")));
}

static void enable_switches_by_glob(void **state)
{
	DEFER(ruleset_freep) struct ruleset *set = ruleset_new();

	(void)state;
	assert_int_equal(ruleset_add(set, two, ARRAY_LEN(two), NULL), 0);
	assert_int_equal(ruleset_enable(set, VIEW("*"), false), 2);
	assert_int_equal(ruleset_enable(set, VIEW("b-?"), true), 1);
	assert_false(ruleset_enabled(set, 0));
	assert_true(ruleset_enabled(set, 1));
	assert_int_equal(ruleset_enable(set, VIEW("z*"), true), 0);
	assert_true(ruleset_matches(set, VIEW("b*")));
	assert_false(ruleset_matches(set, VIEW("z*")));
}

static void set_has_a_ceiling(void **state)
{
	DEFER(ruleset_freep) struct ruleset *set = ruleset_new();
	struct err err = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < RULES_MAX / 2; i++)
		assert_int_equal(ruleset_add(set, two, 2, &err), 0);
	assert_int_equal(ruleset_add(set, two, 1, &err), -1);
	assert_int_equal(err.kind, ERR_LIMIT);
	assert_int_equal(ruleset_count(set), RULES_MAX);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(rule_gets_the_standard_values),
		cmocka_unit_test(rule_keeps_what_the_file_says),
		cmocka_unit_test(allow_entries_look_at_the_secret_unless_told_otherwise),
		cmocka_unit_test(a_file_that_is_no_rule_file_is_refused),
		cmocka_unit_test(what_a_rule_must_have_is_asked_for),
		cmocka_unit_test(ids_are_checked),
		cmocka_unit_test(unknown_words_are_refused_with_the_nearest),
		cmocka_unit_test(keywords_are_checked),
		cmocka_unit_test(patterns_are_compiled),
		cmocka_unit_test(groups_have_to_exist),
		cmocka_unit_test(globs_that_match_nothing_are_refused),
		cmocka_unit_test(allow_entries_are_checked),
		cmocka_unit_test(table_is_read_and_needs_the_whole_file),
		cmocka_unit_test(tables_are_checked),
		cmocka_unit_test(patterns_may_call_the_groups_that_the_file_defines),
		cmocka_unit_test(other_values_are_checked),
		cmocka_unit_test(keyword_starts_where_the_regex_begins_with_it),
		cmocka_unit_test(keyword_does_not_start_where_the_regex_may_begin_otherwise),
		cmocka_unit_test(read_takes_a_file),
		cmocka_unit_test(read_says_which_file_is_missing),
		cmocka_unit_test(file_may_not_take_an_id_of_the_set),
		cmocka_unit_test(find_knows_the_ids),
		cmocka_unit_test(enable_switches_by_glob),
		cmocka_unit_test(set_has_a_ceiling),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
