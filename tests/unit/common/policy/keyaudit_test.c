/* SPDX-License-Identifier: Apache-2.0 */
#include "common/policy/keyaudit.h"

#include <string.h>

#include "common/base/text.h"
#include "common/policy/policy_read.h"
#include "tests/support/unit.h"

#define NOW INT64_C(1'800'000'000)
#define DAY INT64_C(86400)
#define BIT(violation) (UINT32_C(1) << (violation))

static struct org_user users[] = { { .id = "user_1", .email = "", .name = "", .role = "" } };
static struct org_workspace workspaces[] = { { .id = "wrkspc_1", .name = "ml-prod" } };

/* A key that breaks nothing of the standard. */
static struct org_key sound_key(void)
{
	return (struct org_key){ .id = "apikey_1",
				 .name = "ml-prod-inference",
				 .hint = "",
				 .status = "active",
				 .workspace_id = "wrkspc_1",
				 .place = ORG_KEY_IN_WORKSPACE,
				 .created_by_id = "user_1",
				 .created_by_type = "user",
				 .created_at_s = NOW - 10 * DAY,
				 .principal_id = "",
				 .principal_type = "" };
}

struct scene {
	struct policy policy;
	struct organization org;
	struct org_key keys[4];
	struct keyaudit_input input;
	struct keyaudit *audit;
};

static void scene_of(struct scene *s, size_t count)
{
	*s = (struct scene){ .policy = policy_standard };
	for (size_t i = 0; i < count; i++)
		s->keys[i] = sound_key();
	s->org = (struct organization){ .users = users,
					.user_count = 1,
					.workspaces = workspaces,
					.workspace_count = 1,
					.keys = s->keys,
					.key_count = count };
	s->input = (struct keyaudit_input){ .policy = &s->policy, .org = &s->org, .now_s = NOW };
}

static uint32_t check(struct scene *s, size_t i)
{
	struct err err = ERR_INIT;
	uint32_t violations;

	keyaudit_freep(&s->audit);
	s->audit = keyaudit_new(&s->input, &err);
	if (!s->audit)
		fail_msg("%s", err.text);
	violations = keyaudit_check(s->audit, &s->keys[i]);
	return violations;
}

static void assert_text(struct scene *s, size_t i, unsigned violation, const char *text)
{
	DEFER(buf_done) struct buf got = BUF_INIT(1 << 12);

	assert_true(check(s, i) & BIT(violation));
	assert_int_equal(keyaudit_add_text(s->audit, &s->keys[i], violation, &got), 0);
	assert_string_equal(got.ptr, text);
}

static void scene_done(struct scene *s)
{
	keyaudit_freep(&s->audit);
}

static void a_sound_key_breaks_nothing(void **state)
{
	DEFER(scene_done) struct scene s;

	(void)state;
	scene_of(&s, 1);
	assert_int_equal(check(&s, 0), 0);
}

static void names_are_judged_by_the_convention(void **state)
{
	DEFER(scene_done) struct scene s;

	(void)state;
	scene_of(&s, 1);
	s.keys[0].name = "Ml-prod-inference";
	assert_int_equal(check(&s, 0), BIT(KEYNAME_CASE));
	assert_text(&s, 0, KEYNAME_CASE, "upper-case letters: write ml-prod-inference");
	assert_string_equal(keyaudit_code(KEYNAME_EMPTY_PART), "empty-part");
	assert_string_equal(keyaudit_code(KEYAUDIT_NO_EXPIRY), "no-expiry");
}

static void ages_are_compared_to_the_second(void **state)
{
	DEFER(scene_done) struct scene s;

	(void)state;
	scene_of(&s, 1);
	s.keys[0].created_at_s = NOW - 60 * DAY;
	assert_int_equal(check(&s, 0), 0);
	s.keys[0].created_at_s--;
	assert_int_equal(check(&s, 0), BIT(KEYAUDIT_AGE_WARN));
	s.keys[0].created_at_s = NOW - 90 * DAY;
	assert_int_equal(check(&s, 0), BIT(KEYAUDIT_AGE_WARN));
	s.keys[0].created_at_s--;
	assert_int_equal(check(&s, 0), BIT(KEYAUDIT_AGE));
	assert_int_equal(keyaudit_age_days(&s.keys[0], NOW), 90);
	assert_text(&s, 0, KEYAUDIT_AGE,
		    "90 days old, and at most 90d are allowed: make its successor, switch over and archive it");
}

static void an_age_that_nobody_knows_breaks_nothing(void **state)
{
	DEFER(scene_done) struct scene s;

	(void)state;
	scene_of(&s, 1);
	s.keys[0].created_at_s = 0;
	assert_int_equal(check(&s, 0), 0);
	assert_int_equal(keyaudit_age_days(&s.keys[0], NOW), 0);
	s.keys[0].created_at_s = NOW + DAY;
	assert_int_equal(check(&s, 0), 0);
	assert_int_equal(keyaudit_age_days(&s.keys[0], NOW), 0);
}

static void ages_that_are_switched_off_do_not_count(void **state)
{
	DEFER(scene_done) struct scene s;

	(void)state;
	scene_of(&s, 1);
	s.keys[0].created_at_s = NOW - 4000 * DAY;
	s.policy.rotation = (struct policy_rotation){ .warn_after_s = 0 };
	assert_int_equal(check(&s, 0), 0);
	s.policy.rotation.warn_after_s = 10;
	assert_text(&s, 0, KEYAUDIT_AGE_WARN, "4000 days old: make its successor and archive it");
	s.policy.rotation.max_age_s = (uint64_t)(4001 * DAY);
	assert_text(&s, 0, KEYAUDIT_AGE_WARN,
		    "4000 days old: make its successor and archive it within 2 days, before it is older than 4001d");
}

static void unused_needs_a_whole_window_and_a_known_usage(void **state)
{
	static const char *const used[] = { "apikey_0", "apikey_1", "apikey_2" };
	DEFER(scene_done) struct scene s;

	(void)state;
	scene_of(&s, 1);
	s.keys[0].created_at_s = NOW - 30 * DAY;
	assert_int_equal(keyaudit_unused_from(&s.policy, &s.org, NOW), INT64_MAX);
	s.input.used = used;
	assert_int_equal(check(&s, 0), 0); /* made at the window's first second */
	s.keys[0].created_at_s--;
	assert_int_equal(keyaudit_unused_from(&s.policy, &s.org, NOW), NOW - 30 * DAY);
	assert_text(&s, 0, KEYAUDIT_UNUSED,
		    "not used for 30d or longer: disable it, and archive it when nobody misses it");
	s.input.used_count = ARRAY_LEN(used);
	assert_int_equal(check(&s, 0), 0);
	s.input.used_count = 1;
	assert_int_equal(check(&s, 0), BIT(KEYAUDIT_UNUSED));
	s.input.used = NULL;
	assert_int_equal(check(&s, 0), 0);
	s.policy.rotation.unused_after_s = 0;
	assert_int_equal(keyaudit_unused_from(&s.policy, &s.org, NOW), INT64_MAX);
}

static void places_are_told_apart(void **state)
{
	DEFER(scene_done) struct scene s;

	(void)state;
	scene_of(&s, 1);
	s.keys[0].place = ORG_KEY_IN_DEFAULT_WORKSPACE;
	assert_int_equal(check(&s, 0), BIT(KEYAUDIT_DEFAULT_WORKSPACE));
	s.keys[0].place = ORG_KEY_PLACE_UNKNOWN;
	assert_text(
		&s, 0, KEYAUDIT_DEFAULT_WORKSPACE,
		"in the default workspace or organisation-wide (the API does not tell which): make its successor in "
		"a workspace of its own");
	s.policy.keys.allow_default_workspace = true;
	assert_int_equal(check(&s, 0), 0);
	s.keys[0].place = ORG_KEY_ORGANIZATION_WIDE;
	assert_int_equal(check(&s, 0), BIT(KEYAUDIT_ORG_SCOPE));
}

static void only_users_can_be_gone(void **state)
{
	DEFER(scene_done) struct scene s;

	(void)state;
	scene_of(&s, 1);
	s.keys[0].created_by_id = "user_2";
	assert_text(&s, 0, KEYAUDIT_CREATOR_GONE,
		    "made by user_2, who is not in the organisation any more: have somebody who is make its successor");
	s.keys[0].created_by_type = "";
	assert_int_equal(check(&s, 0), BIT(KEYAUDIT_CREATOR_GONE));
	s.keys[0].created_by_type = "service_account";
	s.keys[0].created_by_id = "svac_1";
	assert_int_equal(check(&s, 0), 0);
	s.keys[0].created_by_id = s.keys[0].created_by_type = "";
	assert_int_equal(check(&s, 0), 0);
}

static void the_owner_is_whom_a_key_acts_for_where_that_is_told(void **state)
{
	DEFER(scene_done) struct scene s;

	(void)state;
	scene_of(&s, 1);
	s.keys[0].principal_id = "user_2";
	s.keys[0].principal_type = "user";
	assert_text(&s, 0, KEYAUDIT_CREATOR_GONE,
		    "belongs to user_2, who is not in the organisation any more: have somebody who is make its "
		    "successor");
	s.keys[0].principal_id = "svac_1";
	s.keys[0].principal_type = "service_account";
	s.keys[0].created_by_id = "user_2";
	assert_int_equal(check(&s, 0), 0);
	s.keys[0].principal_type = "";
	assert_int_equal(check(&s, 0), 0);
	s.keys[0].principal_id = "user_1";
	assert_int_equal(check(&s, 0), 0);
}

static void who_was_not_asked_for_is_not_gone(void **state)
{
	const char *gone[] = { "user_3" };
	DEFER(scene_done) struct scene s;

	(void)state;
	scene_of(&s, 1);
	s.org.gone = gone;
	s.org.gone_count = ARRAY_LEN(gone);
	s.keys[0].created_by_id = "user_2";
	assert_int_equal(check(&s, 0), 0);
	s.keys[0].created_by_id = "user_3";
	assert_int_equal(check(&s, 0), BIT(KEYAUDIT_CREATOR_GONE));
}

static void keys_for_the_same_purpose_are_told_with_the_newest(void **state)
{
	DEFER(scene_done) struct scene s;

	(void)state;
	scene_of(&s, 3);
	s.keys[1].id = "apikey_2";
	s.keys[1].created_at_s += DAY;
	s.keys[1].name = "data-dev-inference"; /* workspace and purpose agree */
	s.keys[2].id = "apikey_3";
	s.keys[2].name = "ml-prod-batch";
	assert_int_equal(check(&s, 2), 0);
	assert_text(&s, 0, KEYAUDIT_DUPLICATE_PURPOSE,
		    "one of 2 active keys of the same purpose and workspace: switch over to apikey_2, the newest, and "
		    "archive it");
	assert_text(&s, 1, KEYAUDIT_DUPLICATE_PURPOSE,
		    "one of 2 active keys of the same purpose and workspace: archive the others, this one is the "
		    "newest");
	s.policy.keys.one_per |= POLICY_PART_TEAM;
	assert_int_equal(check(&s, 0), 0);
}

static void keys_that_do_not_work_or_are_badly_named_are_no_duplicates(void **state)
{
	DEFER(scene_done) struct scene s;

	(void)state;
	scene_of(&s, 2);
	s.keys[1].id = "apikey_2";
	assert_int_equal(check(&s, 0), BIT(KEYAUDIT_DUPLICATE_PURPOSE));
	s.keys[1].status = "inactive";
	assert_int_equal(check(&s, 0), 0);
	s.keys[1].status = "active";
	s.keys[1].place = ORG_KEY_ORGANIZATION_WIDE;
	assert_int_equal(check(&s, 0), 0);
	s.keys[1] = s.keys[0];
	s.keys[0].name = s.keys[1].name = "test";
	assert_false(check(&s, 0) & BIT(KEYAUDIT_DUPLICATE_PURPOSE));
	s.policy.keys.one_per = POLICY_PART_WORKSPACE;
	assert_true(check(&s, 0) & BIT(KEYAUDIT_DUPLICATE_PURPOSE));
	s.policy.keys.one_per = 0;
	assert_false(check(&s, 0) & BIT(KEYAUDIT_DUPLICATE_PURPOSE));
}

static void parts_that_the_format_lacks_make_no_duplicates(void **state)
{
	DEFER(scene_done) struct scene s;

	(void)state;
	scene_of(&s, 2);
	s.policy.names.format = "{team}-{environment}";
	s.keys[0].name = "ml-prod";
	s.keys[1].name = "ml-dev";
	assert_int_equal(check(&s, 0), 0);
}

static void expiry_is_asked_for_when_the_policy_does(void **state)
{
	DEFER(scene_done) struct scene s;

	(void)state;
	scene_of(&s, 1);
	s.policy.keys.require_expiry = true;
	assert_text(&s, 0, KEYAUDIT_NO_EXPIRY, "without an expiry: make its successor with one");
	s.keys[0].expires_at_s = NOW + 1;
	assert_int_equal(check(&s, 0), 0);
}

static void keys_that_do_not_work_are_not_judged(void **state)
{
	static const char *const statuses[] = { "inactive", "archived", "expired", "new" };
	DEFER(scene_done) struct scene s;

	(void)state;
	scene_of(&s, 1);
	s.keys[0].name = "BAD";
	s.keys[0].created_at_s = 1;
	assert_int_not_equal(check(&s, 0), 0);
	for (size_t i = 0; i < ARRAY_LEN(statuses); i++) {
		s.keys[0].status = statuses[i];
		assert_int_equal(check(&s, 0), 0);
	}
	s.keys[0].status = "active";
	s.keys[0].expires_at_s = NOW;
	assert_int_equal(check(&s, 0), 0);
	assert_int_equal(keyaudit_unused_from(&s.policy, &s.org, NOW), INT64_MAX);
}

static void a_full_buffer_is_left_as_it_was(void **state)
{
	DEFER(scene_done) struct scene s;

	(void)state;
	scene_of(&s, 2);
	s.keys[1].id = "apikey_2";
	s.keys[0].created_by_id = "user_2";
	s.keys[0].created_at_s = 1;
	s.keys[0].place = ORG_KEY_ORGANIZATION_WIDE;
	(void)check(&s, 0);
	for (unsigned v = 0; v < KEYAUDIT_VIOLATIONS; v++)
		for (size_t max = 0; max < 30; max++) {
			DEFER(buf_done) struct buf buf = BUF_INIT(max);

			if (keyaudit_add_text(s.audit, &s.keys[0], v, &buf))
				assert_int_equal(buf.len, 0);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sound_key_breaks_nothing),
		cmocka_unit_test(names_are_judged_by_the_convention),
		cmocka_unit_test(ages_are_compared_to_the_second),
		cmocka_unit_test(an_age_that_nobody_knows_breaks_nothing),
		cmocka_unit_test(ages_that_are_switched_off_do_not_count),
		cmocka_unit_test(unused_needs_a_whole_window_and_a_known_usage),
		cmocka_unit_test(places_are_told_apart),
		cmocka_unit_test(only_users_can_be_gone),
		cmocka_unit_test(the_owner_is_whom_a_key_acts_for_where_that_is_told),
		cmocka_unit_test(who_was_not_asked_for_is_not_gone),
		cmocka_unit_test(keys_for_the_same_purpose_are_told_with_the_newest),
		cmocka_unit_test(keys_that_do_not_work_or_are_badly_named_are_no_duplicates),
		cmocka_unit_test(parts_that_the_format_lacks_make_no_duplicates),
		cmocka_unit_test(expiry_is_asked_for_when_the_policy_does),
		cmocka_unit_test(keys_that_do_not_work_are_not_judged),
		cmocka_unit_test(a_full_buffer_is_left_as_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
