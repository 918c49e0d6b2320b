/* SPDX-License-Identifier: Apache-2.0 */
#include "common/policy/policy_models.h"

#include "common/policy/policy_read.h"
#include "tests/support/unit.h"

static int add(void *context, const struct policy_difference *d, struct err *err)
{
	if (buf_addf(context, "%s%s %s: %s\n", d->is_note ? "note: " : "", d->section, d->code, d->text))
		return err_nomem(err);
	return 0;
}

static void assert_told(const char *text, const char *unlisted, const char *told)
{
	static const char *const listed[] = { "claude-opus-6" };
	DEFER(buf_done) struct buf got = BUF_INIT(1 << 16), whole = BUF_INIT(1 << 16);
	struct err err = ERR_INIT;
	DEFER(models_freep) struct models *models = models_builtin(&err);
	DEFER(policy_freep) struct policy *policy = NULL;
	const struct policy_known known = {
		.models = models, .listed = listed, .listed_count = unlisted ? 0 : 1, .unlisted = unlisted
	};

	assert_non_null(models);
	assert_int_equal(buf_addf(&whole, "version: 1\nmodels:\n%s\n", text), 0);
	policy = policy_parse(buf_view(&whole), "p.yaml", &err);
	if (!policy)
		fail_msg("%s", err.text);
	assert_int_equal(policy_check_models(policy, &known, &(const struct policy_teller){ add, &got }, &err), 0);
	assert_string_equal(got.ptr ? got.ptr : "", told);
}

static void what_is_known_is_not_told(void **state)
{
	(void)state;
	assert_told("  default: {allow: [claude-opus-5, claude-haiku-4-5, 'claude-sonnet-*', claude-opus-6, "
		    "'claude-opus-[67]']}",
		    NULL, "");
	assert_told("  default: {pinned_only: true}", NULL, "");
}

static void a_name_that_no_model_has_is_told_with_its_place_and_the_nearest(void **state)
{
	(void)state;
	assert_told("  default: {allow: [claude-opus-5, claude-sonet-5]}", NULL,
		    "models.default unknown-model: p.yaml:3:36: no model that is known is called 'claude-sonet-5'; did "
		    "you mean 'claude-sonnet-5'?\n");
	assert_told("  workspaces: {a: {allow: [gpt]}}", NULL,
		    "models.workspaces unknown-model: p.yaml:3:28: no model that is known is called 'gpt'\n");
}

static void without_the_providers_list_it_is_a_note(void **state)
{
	(void)state;
	assert_told("  default: {allow: [claude-opus-55]}", "no API key is set",
		    "note: models.default unknown-model: p.yaml:3:21: no model that is known is called "
		    "'claude-opus-55'; did you mean 'claude-opus-5'? (the provider's list was not read: no API key is "
		    "set)\n");
}

static void a_pattern_that_matches_nothing_is_a_note(void **state)
{
	(void)state;
	assert_told("  default: {allow: ['claude-next-*']}", NULL,
		    "note: models.default unmatched-pattern: p.yaml:3:21: no model that is known matches the pattern "
		    "'claude-next-*'\n");
}

static void what_a_workspace_has_from_the_default_is_told_once(void **state)
{
	(void)state;
	assert_told("  default: {allow: [x]}\n  workspaces: {a: {pinned_only: true}, b: {allow: [x]}}", NULL,
		    "models.default unknown-model: p.yaml:3:21: no model that is known is called 'x'\n"
		    "models.workspaces unknown-model: p.yaml:4:52: no model that is known is called 'x'\n");
}

static void a_text_that_is_none_of_the_files_has_no_place(void **state)
{
	unsigned line, column;

	(void)state;
	assert_false(policy_place(&policy_standard, policy_standard.names.format, &line, &column));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_known_is_not_told),
		cmocka_unit_test(a_name_that_no_model_has_is_told_with_its_place_and_the_nearest),
		cmocka_unit_test(without_the_providers_list_it_is_a_note),
		cmocka_unit_test(a_pattern_that_matches_nothing_is_a_note),
		cmocka_unit_test(what_a_workspace_has_from_the_default_is_told_once),
		cmocka_unit_test(a_text_that_is_none_of_the_files_has_no_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
