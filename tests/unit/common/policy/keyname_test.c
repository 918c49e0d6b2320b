/* SPDX-License-Identifier: Apache-2.0 */
#include "common/policy/keyname.h"

#include <string.h>

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "tests/support/unit.h"

#define FORMAT (1u << KEYNAME_FORMAT)
#define CASE (1u << KEYNAME_CASE)
#define CHARACTER (1u << KEYNAME_CHARACTER)
#define LENGTH (1u << KEYNAME_LENGTH)
#define TEAM (1u << KEYNAME_TEAM)
#define ENVIRONMENT (1u << KEYNAME_ENVIRONMENT)
#define PURPOSE (1u << KEYNAME_PURPOSE)
#define EMPTY_PART (1u << KEYNAME_EMPTY_PART)

static const char *const teams[] = { "ml", "ml-ops", "backend", "data" };
static const char *const environments[] = { "prod", "pre-prod", "dev" };
static const char *const purposes[] = { "inference", "batch-inference" };

static const struct keyname_policy listed = {
	.format = "{team}-{environment}-{purpose}",
	.teams = { teams, ARRAY_LEN(teams) },
	.environments = { environments, ARRAY_LEN(environments) },
	.purposes = { purposes, ARRAY_LEN(purposes) },
	.max_length = 64,
};

static const struct keyname_policy listed_teams = {
	.format = "{team}-{environment}-{purpose}",
	.teams = { teams, ARRAY_LEN(teams) },
	.environments = { environments, ARRAY_LEN(environments) },
	.max_length = 64,
};

struct expectation {
	const char *name;
	uint32_t violations;
};

static void assert_violations(const struct keyname_policy *policy, const struct expectation *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		uint32_t got = keyname_check(policy, view_of(list[i].name));

		if (got != list[i].violations)
			fail_msg("'%s': 0x%x instead of 0x%x", list[i].name, got, list[i].violations);
	}
}

static void assert_suggestion(const struct keyname_policy *policy, const char *name, const char *expected)
{
	DEFER(buf_done) struct buf out = BUF_INIT(1024);

	assert_int_equal(keyname_add_suggestion(policy, view_of(name), &out), 0);
	if (strcmp(out.ptr ? out.ptr : "", expected) != 0)
		fail_msg("'%s': '%s' instead of '%s'", name, out.ptr ? out.ptr : "", expected);
}

static void assert_text(const struct keyname_policy *policy, const char *name, enum keyname_violation v,
			const char *expected)
{
	DEFER(buf_done) struct buf out = BUF_INIT(4096);

	assert_int_equal(keyname_add_text(policy, view_of(name), v, &out), 0);
	assert_string_equal(out.ptr, expected);
}

static void assert_unsound(const char *format, const char *word)
{
	struct keyname_policy policy = keyname_standard;
	struct err err = ERR_INIT;

	policy.format = format;
	assert_int_equal(keyname_policy_check(&policy, &err), -1);
	assert_int_equal(err.kind, ERR_CONFIG);
	if (!strstr(err.text, word))
		fail_msg("'%s': no '%s' in '%s'", format, word, err.text);
}

/* ---- check ---- */

static void compliant_names_have_no_violation(void **state)
{
	static const struct expectation names[] = {
		{ "ml-prod-inference", 0 },
		{ "backend-staging-search2", 0 },
		{ "a-dev-b", 0 },
	};

	(void)state;
	assert_violations(&keyname_standard, names, ARRAY_LEN(names));
}

static void each_violation_stands_alone_when_it_is_the_only_one(void **state)
{
	static const struct expectation names[] = {
		{ "ML-prod-inference", CASE },
		{ "ml_prod_inference", CHARACTER },
		{ "ml.prod.inference", CHARACTER },
		{ "ml - prod - inference", CHARACTER },
		{ "ml-prod-inf\xC3\xA9rence", CHARACTER },
		{ "ml-production-inference", ENVIRONMENT },
		{ "ml-live-inference", ENVIRONMENT },
		{ "1ml-prod-inference", TEAM },
		{ "ml-prod-2024", PURPOSE },
		{ "ml-prod", FORMAT },
		{ "inference", FORMAT },
		{ "ml-prod-batch-inference", FORMAT },
		{ "ml--inference", EMPTY_PART },
		{ "ml-prod-", EMPTY_PART },
		{ "-ml-prod-inference", EMPTY_PART },
		{ "ml--prod-inference", EMPTY_PART },
	};

	(void)state;
	assert_violations(&keyname_standard, names, ARRAY_LEN(names));
}

static void violations_add_up(void **state)
{
	static const struct expectation names[] = {
		{ "Prod_ML_key", FORMAT | CASE | CHARACTER },
		{ "ML Production", FORMAT | CASE | CHARACTER },
		{ "ml_live_x", CHARACTER | ENVIRONMENT },
		{ "1ml-live-2", TEAM | ENVIRONMENT | PURPOSE },
		{ "ml-", FORMAT | EMPTY_PART },
		{ "", FORMAT },
	};

	(void)state;
	assert_violations(&keyname_standard, names, ARRAY_LEN(names));
}

static void letters_of_other_alphabets_are_judged_where_they_stand(void **state)
{
	static const struct expectation standard[] = {
		{ "\u043c\u043b-prod-x", CHARACTER },
		{ "ml-prod-\u672c\u756a", CHARACTER },
		{ "\u043b\u0430\u0431", FORMAT | CHARACTER },
		{ "ml-pr\u00f6d-x", CHARACTER | ENVIRONMENT },
		{ "ml-prod\u00e9-x", CHARACTER | ENVIRONMENT },
		{ "ml-prod-7\u00e9", CHARACTER | PURPOSE },
		{ "ml-prod-\xe9", CHARACTER },
		{ "\u00c9l Prod X", CASE | CHARACTER },
	};
	static const struct expectation of_list[] = {
		{ "m\u00e9l-prod-inference", CHARACTER | TEAM },
		{ "ml-prod-\u00e9inference", CHARACTER | PURPOSE },
	};

	(void)state;
	assert_violations(&keyname_standard, standard, ARRAY_LEN(standard));
	assert_violations(&listed, of_list, ARRAY_LEN(of_list));
	assert_text(&listed, "m\u00e9l-prod-inference", KEYNAME_TEAM,
		    "'m\u00e9l' is no listed team (ml, ml-ops, backend, data): write \u2026-prod-inference");
	assert_text(&keyname_standard, "ml-pr\xf6\x64-x", KEYNAME_ENVIRONMENT,
		    "'pr\\xf6d' is no listed environment (prod, staging, dev): write ml-prod-x");
}

static void length_is_in_characters(void **state)
{
	DEFER(buf_done) struct buf name = BUF_INIT(1000);
	struct keyname_policy policy = keyname_standard;

	(void)state;
	assert_int_equal(buf_add_text(&name, "ml-prod-"), 0);
	for (int i = 0; i < 56; i++)
		assert_int_equal(buf_add_text(&name, "\u043b"), 0);
	assert_int_equal(keyname_check(&policy, buf_view(&name)), CHARACTER);
	assert_int_equal(buf_add_text(&name, "\u043b"), 0);
	assert_int_equal(keyname_check(&policy, buf_view(&name)), CHARACTER | LENGTH);
	assert_text(&policy, name.ptr, KEYNAME_LENGTH, "65 characters: at most 64 are allowed");
	policy.max_length = NAME_BYTES;
	while (name.len <= NAME_BYTES)
		assert_int_equal(buf_add_text(&name, "\u043b"), 0);
	assert_int_equal(keyname_check(&policy, buf_view(&name)), CHARACTER);
}

static void parts_at_each_others_places_are_a_matter_of_format(void **state)
{
	static const struct expectation names[] = { { "prod-ml-inference", FORMAT }, { "ml-inference-dev", FORMAT } };

	(void)state;
	assert_violations(&keyname_standard, names, ARRAY_LEN(names));
}

static void the_longest_allowed_name_is_compliant_and_one_more_is_not(void **state)
{
	char name[NAME_BYTES + 2];

	(void)state;
	memset(name, 'a', sizeof(name));
	memcpy(name, "ml-prod-", 8);
	assert_int_equal(keyname_check(&keyname_standard, view_from(name, 64)), 0);
	assert_int_equal(keyname_check(&keyname_standard, view_from(name, 65)), LENGTH);
	assert_int_equal(keyname_check(&keyname_standard, view_from(name, sizeof(name))), LENGTH);
}

static void listed_values_may_hold_hyphens(void **state)
{
	static const struct expectation names[] = {
		{ "ml-prod-inference", 0 },
		{ "ml-ops-prod-inference", 0 },
		{ "ml-ops-pre-prod-batch-inference", 0 },
		{ "ml-pre-prod-batch-inference", 0 },
		{ "mll-prod-inference", TEAM },
		{ "ml-qa-inference", ENVIRONMENT },
		{ "ml-prod-search", PURPOSE },
		{ "web-qa-search", TEAM | ENVIRONMENT | PURPOSE },
		{ "prod-ml-inference", FORMAT },
		{ "ml-prod-batch-search", FORMAT },
	};

	(void)state;
	assert_violations(&listed, names, ARRAY_LEN(names));
}

static void a_shorter_value_is_tried_when_the_longest_leads_nowhere(void **state)
{
	static const char *const two[] = { "ml", "ml-prod" };
	struct keyname_policy policy = keyname_standard;

	(void)state;
	policy.teams = (struct keyname_list){ two, ARRAY_LEN(two) };
	assert_int_equal(keyname_check(&policy, VIEW("ml-prod-inference")), 0);
	assert_int_equal(keyname_check(&policy, VIEW("ml-prod-dev-inference")), 0);
}

static void other_formats_have_their_own_literals_and_characters(void **state)
{
	static const struct expectation names[] = {
		{ "claude.dev_ml", 0 },     { "claude.dev-ml", CHARACTER },
		{ "other.dev_ml", FORMAT }, { "claude.live_ml", ENVIRONMENT },
		{ "claude.dev", FORMAT },
	};
	struct keyname_policy policy = keyname_standard;

	(void)state;
	policy.format = "claude.{environment}_{team}";
	assert_violations(&policy, names, ARRAY_LEN(names));
}

/* ---- suggestions ---- */

static void suggestions_put_case_characters_and_order_right(void **state)
{
	(void)state;
	assert_suggestion(&keyname_standard, "ML-prod-inference", "ml-prod-inference");
	assert_suggestion(&keyname_standard, "ml_prod_inference", "ml-prod-inference");
	assert_suggestion(&keyname_standard, "prod-ml-inference", "ml-prod-inference");
	assert_suggestion(&keyname_standard, "mlProdInference", "ml-prod-inference");
}

static void suggestions_leave_open_what_cannot_be_known(void **state)
{
	(void)state;
	assert_suggestion(&keyname_standard, "Prod_ML_key", "ml-prod-\u2026");
	assert_suggestion(&keyname_standard, "ml-prod", "ml-prod-\u2026");
	assert_suggestion(&keyname_standard, "ml-foo-inference", "ml-\u2026-inference");
	assert_suggestion(&keyname_standard, "ml-prod-inf\xC3\xA9rence", "ml-prod-\u2026");
}

static void suggestions_know_other_words_for_environments_and_slips(void **state)
{
	static const char *const words[][2] = { { "production", "prod" }, { "prd", "prod" },
						{ "live", "prod" },       { "stage", "staging" },
						{ "stg", "staging" },     { "development", "dev" },
						{ "develop", "dev" },     { "prdo", "prod" },
						{ "stagin", "staging" } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		DEFER(buf_done) struct buf name = BUF_INIT(64);
		DEFER(buf_done) struct buf expected = BUF_INIT(64);

		assert_int_equal(buf_addf(&name, "ml-%s-x", words[i][0]), 0);
		assert_int_equal(buf_addf(&expected, "ml-%s-x", words[i][1]), 0);
		assert_suggestion(&keyname_standard, name.ptr, expected.ptr);
	}
}

static void suggestions_find_listed_teams_and_purposes(void **state)
{
	(void)state;
	assert_suggestion(&listed, "Prod ML_Ops Batch Inference Key", "ml-ops-prod-batch-inference");
	assert_suggestion(&listed, "bakend-prod-inference", "backend-prod-inference");
}

static void nothing_is_suggested_when_too_little_is_recognised(void **state)
{
	(void)state;
	assert_suggestion(&keyname_standard, "Developer Key", "");
	assert_suggestion(&keyname_standard, "key", "");
	assert_suggestion(&keyname_standard, "", "");
	assert_suggestion(&keyname_standard, "one two three four five", "");
	/* of several words for the last part none is chosen, also where a part before it is missing */
	assert_suggestion(&listed_teams, "ml-foo-bar-baz", "");
}

static void every_complete_suggestion_is_compliant(void **state)
{
	static const char *const names[] = { "ML Prod Search", "prod.ml.key.inference", "Data-Stage-ETL",
					     "dev/web/chat",   "Search_Live_Index",     "ml--prod--x",
					     "-ml-prod-x-" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		DEFER(buf_done) struct buf out = BUF_INIT(1024);

		assert_int_equal(keyname_add_suggestion(&keyname_standard, view_of(names[i]), &out), 0);
		if (out.len == 0 || keyname_check(&keyname_standard, buf_view(&out)) != 0)
			fail_msg("'%s': '%s'", names[i], out.ptr ? out.ptr : "");
	}
}

static void a_suggestion_is_never_too_long(void **state)
{
	struct keyname_policy policy = keyname_standard;

	(void)state;
	policy.max_length = 10;
	assert_suggestion(&policy, "ML-prod-inference", "");
	assert_suggestion(&policy, "ML-prod-x", "ml-prod-x");
}

/* ---- texts ---- */

static void texts_say_what_would_be_right(void **state)
{
	(void)state;
	assert_text(&keyname_standard, "ml-production-x", KEYNAME_ENVIRONMENT,
		    "'production' is no listed environment (prod, staging, dev): write ml-prod-x");
	assert_text(&keyname_standard, "prod-ml-x", KEYNAME_FORMAT,
		    "the parts are not in the order of {team}-{environment}-{purpose}: write ml-prod-x");
	assert_text(&keyname_standard, "ml-prod", KEYNAME_FORMAT,
		    "there are fewer parts than in {team}-{environment}-{purpose}: write ml-prod-\u2026");
	assert_text(&keyname_standard, "a-b-c-d", KEYNAME_FORMAT,
		    "there are more parts than in {team}-{environment}-{purpose}");
	assert_text(&keyname_standard, "ML-prod-x", KEYNAME_CASE, "upper-case letters: write ml-prod-x");
	assert_text(&keyname_standard, "Team key", KEYNAME_CASE, "upper-case letters: write lower-case ones");
	assert_text(&keyname_standard, "ml_prod_x", KEYNAME_CHARACTER,
		    "'_' may not stand in a name: only a-z, 0-9 and '-'");
	assert_text(&keyname_standard, "ml-prod-2024", KEYNAME_PURPOSE,
		    "'2024' is no purpose (a letter a-z, then letters and digits): write ml-prod-\u2026");
	assert_text(&keyname_standard, "ml-prod-x-", KEYNAME_EMPTY_PART, "a part is empty: write ml-prod-x");
}

static void texts_show_no_control_characters(void **state)
{
	(void)state;
	assert_text(&keyname_standard, "ml\033prod", KEYNAME_CHARACTER,
		    "'\\x1b' may not stand in a name: only a-z, 0-9 and '-'");
}

static void a_full_buffer_is_left_as_it_was(void **state)
{
	DEFER(buf_done) struct buf out = BUF_INIT(8);

	(void)state;
	assert_int_equal(buf_add_text(&out, "abc"), 0);
	assert_int_equal(keyname_add_text(&keyname_standard, VIEW("ml-live-x"), KEYNAME_ENVIRONMENT, &out), -1);
	assert_int_equal(keyname_add_suggestion(&keyname_standard, VIEW("ml-live-x"), &out), -1);
	assert_string_equal(out.ptr, "abc");
}

/* ---- policies ---- */

static void sound_policies_are_accepted(void **state)
{
	(void)state;
	assert_int_equal(keyname_policy_check(&keyname_standard, NULL), 0);
	assert_int_equal(keyname_policy_check(&listed, NULL), 0);
}

static void unsound_formats_are_refused(void **state)
{
	(void)state;
	assert_unsound("", "no placeholder");
	assert_unsound("name", "no placeholder");
	assert_unsound("{team}-{who}", "unknown placeholder");
	assert_unsound("{team", "unknown placeholder");
	assert_unsound("{team}-{team}", "twice");
	assert_unsound("{team}{purpose}", "between");
	assert_unsound("{team}x{purpose}", "letter or digit");
	assert_unsound("Key-{team}", "upper-case");
	assert_unsound("{team} {purpose}", "spaces");
}

static void unusable_listed_values_are_refused(void **state)
{
	static const char *const bad[] = { "", "ML", "-ml", "ml-", "m l", "ml!" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct keyname_policy policy = keyname_standard;

		policy.teams = (struct keyname_list){ &bad[i], 1 };
		assert_int_equal(keyname_policy_check(&policy, NULL), -1);
	}
}

static void a_length_outside_the_bounds_is_refused(void **state)
{
	struct keyname_policy policy = keyname_standard;

	(void)state;
	policy.max_length = 0;
	assert_int_equal(keyname_policy_check(&policy, NULL), -1);
	policy.max_length = NAME_BYTES + 1;
	assert_int_equal(keyname_policy_check(&policy, NULL), -1);
}

static void assert_parts(const struct keyname_policy *policy, const char *name, const char *team,
			 const char *environment, const char *purpose)
{
	struct keyname_parts parts;

	assert_true(keyname_parts(policy, view_of(name), &parts));
	assert_true(text_eq(parts.team, view_of(team)));
	assert_true(text_eq(parts.environment, view_of(environment)));
	assert_true(text_eq(parts.purpose, view_of(purpose)));
}

static void a_compliant_name_tells_its_parts(void **state)
{
	struct keyname_policy policy = keyname_standard;

	(void)state;
	assert_parts(&policy, "ml-prod-inference", "ml", "prod", "inference");
	policy.teams = (struct keyname_list){ teams, ARRAY_LEN(teams) };
	assert_parts(&policy, "ml-ops-dev-batch", "ml-ops", "dev", "batch");
	policy.format = "key.{environment}.{team}";
	assert_parts(&policy, "key.staging.ml", "ml", "staging", "");
}

static void a_name_that_is_not_compliant_has_no_parts(void **state)
{
	struct keyname_policy policy = keyname_standard;
	struct keyname_parts parts = { .team = VIEW("x") };

	(void)state;
	assert_false(keyname_parts(&policy, VIEW("ml-prod"), &parts));
	assert_int_equal(parts.team.len, 0);
	assert_false(keyname_parts(&policy, VIEW("ML-prod-inference"), &parts));
	assert_false(keyname_parts(&policy, VIEW(""), &parts));
	policy.max_length = 10;
	assert_false(keyname_parts(&policy, VIEW("ml-prod-inference"), &parts));
}

static void a_text_that_has_no_room_is_an_error_and_leaves_nothing(void **state)
{
	static const char *const names[] = { "ML-prod-inference",
					     "ml_prod",
					     "x",
					     "ml--inference",
					     "ml-prad-inference",
					     "mll-prod-inference",
					     "data-prod-batch",
					     "ml-prod-inf\xC3\xA9rence" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		for (enum keyname_violation v = 0; v < KEYNAME_VIOLATIONS; v++) {
			DEFER(buf_done) struct buf whole = BUF_INIT(4096);

			if (!(keyname_check(&listed, view_of(names[i])) >> v & 1))
				continue;
			assert_int_equal(keyname_add_text(&listed, view_of(names[i]), v, &whole), 0);
			for (size_t max = 0; max < whole.len; max++) {
				DEFER(buf_done) struct buf out = BUF_INIT(max);

				assert_int_equal(keyname_add_text(&listed, view_of(names[i]), v, &out), -1);
				assert_int_equal(out.len, 0);
			}
		}
}

static void a_name_of_any_length_is_told_of(void **state)
{
	DEFER(buf_done) struct buf name = BUF_INIT(1 << 20), out = BUF_INIT(1 << 20);

	(void)state;
	for (size_t i = 0; i < 100'000; i++)
		assert_int_equal(buf_add_byte(&name, 'a'), 0);
	assert_int_equal(keyname_check(&listed, buf_view(&name)) & LENGTH, LENGTH);
	for (enum keyname_violation v = 0; v < KEYNAME_VIOLATIONS; v++) {
		buf_clear(&out);
		assert_int_equal(keyname_add_text(&listed, buf_view(&name), v, &out), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(compliant_names_have_no_violation),
		cmocka_unit_test(each_violation_stands_alone_when_it_is_the_only_one),
		cmocka_unit_test(violations_add_up),
		cmocka_unit_test(letters_of_other_alphabets_are_judged_where_they_stand),
		cmocka_unit_test(length_is_in_characters),
		cmocka_unit_test(parts_at_each_others_places_are_a_matter_of_format),
		cmocka_unit_test(the_longest_allowed_name_is_compliant_and_one_more_is_not),
		cmocka_unit_test(listed_values_may_hold_hyphens),
		cmocka_unit_test(a_shorter_value_is_tried_when_the_longest_leads_nowhere),
		cmocka_unit_test(other_formats_have_their_own_literals_and_characters),
		cmocka_unit_test(suggestions_put_case_characters_and_order_right),
		cmocka_unit_test(suggestions_leave_open_what_cannot_be_known),
		cmocka_unit_test(suggestions_know_other_words_for_environments_and_slips),
		cmocka_unit_test(suggestions_find_listed_teams_and_purposes),
		cmocka_unit_test(nothing_is_suggested_when_too_little_is_recognised),
		cmocka_unit_test(every_complete_suggestion_is_compliant),
		cmocka_unit_test(a_suggestion_is_never_too_long),
		cmocka_unit_test(texts_say_what_would_be_right),
		cmocka_unit_test(texts_show_no_control_characters),
		cmocka_unit_test(a_full_buffer_is_left_as_it_was),
		cmocka_unit_test(sound_policies_are_accepted),
		cmocka_unit_test(unsound_formats_are_refused),
		cmocka_unit_test(unusable_listed_values_are_refused),
		cmocka_unit_test(a_length_outside_the_bounds_is_refused),
		cmocka_unit_test(a_compliant_name_tells_its_parts),
		cmocka_unit_test(a_name_that_is_not_compliant_has_no_parts),
		cmocka_unit_test(a_text_that_has_no_room_is_an_error_and_leaves_nothing),
		cmocka_unit_test(a_name_of_any_length_is_told_of),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
