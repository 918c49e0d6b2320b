/* SPDX-License-Identifier: Apache-2.0 */
#include "common/policy/policy_read.h"

#include <stdlib.h>
#include <string.h>

#include "tests/support/unit.h"

static void assert_refused(const char *text, const char *place, const char *word)
{
	struct err err = ERR_INIT;

	assert_null(policy_parse(view_of(text), "policy.yaml", &err));
	assert_int_equal(err.kind, ERR_CONFIG);
	if (!strstr(err.text, place) || !strstr(err.text, word))
		fail_msg("no '%s' and '%s' in '%s'", place, word, err.text);
}

static struct policy *parse(const char *text)
{
	struct err err = ERR_INIT;
	struct policy *policy = policy_parse(view_of(text), "policy.yaml", &err);

	if (!policy)
		fail_msg("%s", err.text);
	return policy;
}

static void without_names_the_standard_holds(void **state)
{
	DEFER(policy_freep) struct policy *policy = parse("version: 1\n");
	const struct keyname_policy *names = policy_names(policy);

	(void)state;
	assert_string_equal(names->format, keyname_standard.format);
	assert_int_equal(names->environments.count, 3);
	assert_int_equal(names->max_length, 64);
	assert_false(names->enforce);
}

static void names_replace_the_standard_one_by_one(void **state)
{
	DEFER(policy_freep)
	struct policy *policy = parse("version: 1\n"
				      "names:\n"
				      "  format: '{environment}.{team}'\n"
				      "  teams: [ml, ml-ops]\n"
				      "  purposes: []\n"
				      "  enforce: true\n"
				      "  max_length: 32\n");
	const struct keyname_policy *names = policy_names(policy);

	(void)state;
	assert_string_equal(names->format, "{environment}.{team}");
	assert_int_equal(names->teams.count, 2);
	assert_string_equal(names->teams.items[1], "ml-ops");
	assert_int_equal(names->environments.count, 3);
	assert_int_equal(names->purposes.count, 0);
	assert_true(names->enforce);
	assert_int_equal(names->max_length, 32);
	assert_int_equal(keyname_check(names, VIEW("prod.ml-ops")), 0);
}

static void unknown_keys_are_refused_with_the_nearest_name(void **state)
{
	(void)state;
	assert_refused("version: 1\nnanes: {}\n", "policy.yaml:2:", "names");
	assert_refused("version: 1\nnames:\n  team: [ml]\n", "policy.yaml:3:", "teams");
}

static void the_version_is_required_and_must_be_known(void **state)
{
	(void)state;
	assert_refused("names: {}\n", "policy.yaml:1:", "version");
	assert_refused("version: 2\n", "policy.yaml:1:", "1");
}

static void values_of_the_wrong_kind_are_refused(void **state)
{
	(void)state;
	assert_refused("version: 1\nnames: [ml]\n", "policy.yaml:2:", "mapping");
	assert_refused("version: 1\nnames: {teams: ml}\n", "policy.yaml:2:", "list");
	assert_refused("version: 1\nnames: {teams: [[ml]]}\n", "policy.yaml:2:", "expected");
	assert_refused("version: 1\nnames: {enforce: yes}\n", "policy.yaml:2:", "true");
	assert_refused("version: 1\nnames: {max_length: 0}\n", "policy.yaml:2:", "1");
	assert_refused("version: 1\nnames: {max_length: many}\n", "policy.yaml:2:", "expected");
}

static void an_unsound_convention_is_refused_where_it_stands(void **state)
{
	(void)state;
	assert_refused("version: 1\nnames:\n  format: '{team}-{who}'\n", "policy.yaml:3:", "placeholder");
	assert_refused("version: 1\nnames:\n  teams: [ML]\n", "policy.yaml:", "team");
}

static void a_file_that_is_not_there_is_an_error_of_the_system(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	assert_null(policy_read("/nonexistent/policy.yaml", &err));
	assert_int_equal(err.kind, ERR_IO);
}

static void over_beats_the_environment_which_beats_under(void **state)
{
	(void)state;
	(void)setenv("SKANT_POLICY", "env.yaml", 1);
	assert_string_equal(policy_find("over.yaml", "under.yaml"), "over.yaml");
	assert_string_equal(policy_find(NULL, "under.yaml"), "env.yaml");
	assert_string_equal(policy_find("", NULL), "env.yaml");
	(void)setenv("SKANT_POLICY", "", 1);
	assert_string_equal(policy_find(NULL, "under.yaml"), "under.yaml");
	(void)unsetenv("SKANT_POLICY");
	assert_string_equal(policy_find(NULL, "under.yaml"), "under.yaml");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_names_the_standard_holds),
		cmocka_unit_test(names_replace_the_standard_one_by_one),
		cmocka_unit_test(unknown_keys_are_refused_with_the_nearest_name),
		cmocka_unit_test(the_version_is_required_and_must_be_known),
		cmocka_unit_test(values_of_the_wrong_kind_are_refused),
		cmocka_unit_test(an_unsound_convention_is_refused_where_it_stands),
		cmocka_unit_test(a_file_that_is_not_there_is_an_error_of_the_system),
		cmocka_unit_test(over_beats_the_environment_which_beats_under),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
