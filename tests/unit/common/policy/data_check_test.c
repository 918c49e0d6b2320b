/* SPDX-License-Identifier: Apache-2.0 */
#include "common/policy/data_check.h"

#include "common/policy/policy_read.h"
#include "tests/support/unit.h"

#define SHOWN_NOWHERE                                                                                                  \
	"note: data.include_content not-shown: the API does not show whether content is recorded: skantd's feeds say " \
	"it of themselves (content_on)\n"
#define DEFAULT_UNSEEN                                                                                                 \
	"note: data.allowed_inference_geos not-shown: the default workspace is in no list of the API: its regions "    \
	"cannot be checked\n"

static int add(void *context, const struct policy_difference *d, struct err *err)
{
	if (buf_addf(context, "%s%s %s: %s\n", d->is_note ? "note: " : "", d->section, d->code, d->text))
		return err_nomem(err);
	return 0;
}

static void assert_told(const char *policy_text, struct org_workspace *workspaces, size_t count,
			enum data_recording recording, const char *told)
{
	const struct organization org = {
		.id = "", .name = "", .default_workspace_id = "", .workspaces = workspaces, .workspace_count = count
	};
	DEFER(buf_done) struct buf got = BUF_INIT(1 << 16), text = BUF_INIT(1 << 16);
	const struct data_facts facts = { .recording = recording };
	struct err err = ERR_INIT;
	struct policy *policy;

	assert_int_equal(buf_addf(&text, "version: 1\n%s\n", policy_text), 0);
	policy = policy_parse(buf_view(&text), "p.yaml", &err);
	if (!policy)
		fail_msg("%s", err.text);
	assert_int_equal(data_check(policy, &org, &facts, &(const struct policy_teller){ add, &got }, &err), 0);
	assert_string_equal(got.ptr ? got.ptr : "", told);
	policy_free(policy);
}

static void without_a_word_on_data_nothing_is_told(void **state)
{
	struct org_workspace w[] = { { "wrkspc_1", "a", "us", "global", "unrestricted", 1, 0 } };

	(void)state;
	assert_told("names: {}", w, 1, DATA_RECORDING_OFF, "");
}

static void regions_beyond_the_allowed_ones_are_told_of_each_live_workspace(void **state)
{
	struct org_workspace w[] = {
		{ "wrkspc_1", "any", "us", "us", "unrestricted", 1, 0 },
		{ "wrkspc_2", "some", "us", "us", "us,apac", 1, 0 },
		{ "wrkspc_3", "good", "us", "eu", "us,eu", 1, 0 },
		{ "wrkspc_4", "gone", "us", "global", "unrestricted", 1, 5 },
		{ "wrkspc_5", "standard", "us", "global", "us", 1, 0 },
		{ "wrkspc_6", "silent", "", "", "", 1, 0 },
	};

	(void)state;
	assert_told("data: {allowed_inference_geos: [us, eu]}", w, ARRAY_LEN(w), DATA_RECORDING_UNKNOWN,
		    "data.allowed_inference_geos region: the workspace 'any' may use any region, where the policy "
		    "allows us, eu\n"
		    "data.allowed_inference_geos region: the workspace 'some' may use the region 'apac', where the "
		    "policy allows us, eu\n"
		    "data.allowed_inference_geos default-region: requests of the workspace 'standard' go to 'global' "
		    "unless they say otherwise, where the policy allows us, eu\n"
		    "note: data.allowed_inference_geos not-shown: the API does not show the regions of the workspace "
		    "'silent'\n" DEFAULT_UNSEEN SHOWN_NOWHERE);
}

static void retention_is_said_to_be_shown_nowhere(void **state)
{
	(void)state;
	assert_told("data: {retention: {default: 365d}}", NULL, 0, DATA_RECORDING_ON,
		    "note: data.retention not-shown: the API does not show how long the provider keeps data: ask it in "
		    "the Console\n" SHOWN_NOWHERE);
}

static void content_is_said_to_be_shown_nowhere(void **state)
{
	(void)state;
	assert_told("data: {include_content: false}", NULL, 0, DATA_RECORDING_ON, SHOWN_NOWHERE);
	assert_told("data: {include_content: true}", NULL, 0, DATA_RECORDING_ON, SHOWN_NOWHERE);
}

static void what_was_not_asked_for_is_said_with_the_reason(void **state)
{
	static const char text[] = "version: 1\ndepartments: {legal: {workspaces: [a], regulated: true}}\n"
				   "data: {retention: {regulated: 7y}, allowed_inference_geos: [us]}\n";
	const struct data_facts facts = { .unasked = "no admin key is set" };
	DEFER(buf_done) struct buf got = BUF_INIT(1 << 16);
	struct err err = ERR_INIT;
	struct policy *policy = policy_parse(view_of(text), "p.yaml", &err);

	(void)state;
	assert_non_null(policy);
	assert_int_equal(data_check(policy, NULL, &facts, &(const struct policy_teller){ add, &got }, &err), 0);
	assert_string_equal(got.ptr,
			    "note: departments not-checked: whether the Compliance API is on, without which the "
			    "regulated departments have no audit feed, was not asked: no admin key is set\n"
			    "note: data.allowed_inference_geos not-checked: the regions of workspaces were not "
			    "compared with the policy: no admin key is set\n"
			    "note: data.retention not-shown: the API does not show how long the provider keeps data: "
			    "ask it in the Console\n" SHOWN_NOWHERE);
	policy_free(policy);
}

static void a_regulated_department_needs_what_is_recorded(void **state)
{
	static const char policy[] = "departments: {legal: {workspaces: [a], regulated: true}, other: {workspaces: "
				     "[b]}}";

	(void)state;
	assert_told(policy, NULL, 0, DATA_RECORDING_ON, "");
	assert_told(policy, NULL, 0, DATA_RECORDING_OFF,
		    "departments audit-off: the department 'legal' is regulated, and the Compliance API is off: "
		    "nothing is recorded\n");
	assert_told(policy, NULL, 0, DATA_RECORDING_UNKNOWN,
		    "note: departments not-shown: the API does not say whether the Compliance API is on, without "
		    "which the regulated departments have no audit feed\n");
}

static int refuse(void *context, const struct policy_difference *, struct err *err)
{
	*(unsigned *)context += 1;
	return err_set(err, ERR_IO, 0, "nobody listens");
}

static void who_does_not_listen_ends_the_check(void **state)
{
	struct org_workspace w[] = { { "wrkspc_1", "a", "us", "global", "unrestricted", 1, 0 } };
	const struct organization org = {
		.id = "", .name = "", .default_workspace_id = "", .workspaces = w, .workspace_count = 1
	};
	const struct data_facts facts = { .recording = DATA_RECORDING_ON };
	struct err err = ERR_INIT;
	unsigned calls = 0;
	struct policy *policy =
		policy_parse(VIEW("version: 1\ndata: {allowed_inference_geos: [eu]}\n"), "p.yaml", &err);

	(void)state;
	assert_non_null(policy);
	assert_int_equal(data_check(policy, &org, &facts, &(const struct policy_teller){ refuse, &calls }, &err), -1);
	assert_int_equal(calls, 1);
	assert_int_equal(err.kind, ERR_IO);
	policy_free(policy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_word_on_data_nothing_is_told),
		cmocka_unit_test(regions_beyond_the_allowed_ones_are_told_of_each_live_workspace),
		cmocka_unit_test(retention_is_said_to_be_shown_nowhere),
		cmocka_unit_test(content_is_said_to_be_shown_nowhere),
		cmocka_unit_test(what_was_not_asked_for_is_said_with_the_reason),
		cmocka_unit_test(a_regulated_department_needs_what_is_recorded),
		cmocka_unit_test(who_does_not_listen_ends_the_check),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
