/* SPDX-License-Identifier: Apache-2.0 */
/* The sections of the policy file but for names: what they mean, and what is refused. */
#include <stdio.h>
#include <string.h>

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "common/policy/policy_read.h"
#include "tests/support/unit.h"

#define DAY UINT64_C(86400)

static const char whole[] =
	"version: 1\n"
	"names: {teams: [ml, backend, data]}\n"
	"rotation: {warn_after: 30d, max_age: 45d, unused_after: 2w}\n"
	"keys: {allow_default_workspace: true, require_expiry: true, one_key_per: [team, workspace]}\n"
	"models:\n"
	"  default: {allow: ['claude-sonnet-4-6', 'claude-haiku-4-5-*'], pinned_only: false}\n"
	"  workspaces:\n"
	"    ml-prod: {allow: ['claude-opus-4-7'], pinned_only: true}\n"
	"    wrkspc_2: {pinned_only: true}\n"
	"budgets:\n"
	"  - {workspace: ml-prod, monthly: 20000, alert_at: [50, 80, 95]}\n"
	"  - {team: backend, monthly: '1500.55', daily: 60, alert_at: [50, 80, 95, 100]}\n"
	"  - {key: ml-prod-inference, daily: 400, currency: usd}\n"
	"  - {department: legal, monthly: 9e3, alert_at: [80]}\n"
	"  - {organization: true, monthly: 0.01}\n"
	"departments:\n"
	"  legal: {workspaces: [legal-prod, wrkspc_9], regulated: true}\n"
	"  sales: {workspaces: [crm]}\n"
	"data: {include_content: true, retention: {default: 365d, regulated: 7y}, allowed_inference_geos: [us, eu]}\n"
	"access: {max_admins: 5, invite_max_age: 3d, review_every: 90d, allowed_email_domains: [example.com]}\n";

static struct policy *parse(const char *text)
{
	struct err err = ERR_INIT;
	struct policy *policy = policy_parse(view_of(text), "policy.yaml", &err);

	if (!policy)
		fail_msg("%s: %s", text, err.text);
	return policy;
}

/* text follows `version: 1` on line 1. */
static void assert_refused(const char *text, const char *place, const char *word)
{
	DEFER(buf_done) struct buf all = BUF_INIT(1 << 16);
	struct err err = ERR_INIT;

	assert_int_equal(buf_addf(&all, "version: 1\n%s\n", text), 0);
	assert_null(policy_parse(buf_view(&all), "policy.yaml", &err));
	assert_int_equal(err.kind, ERR_CONFIG);
	if (!strstr(err.text, place) || !strstr(err.text, word))
		fail_msg("%s: no '%s' and '%s' in '%s'", text, place, word, err.text);
}

static void each_section_is_read(void **state)
{
	DEFER(policy_freep) struct policy *p = parse(whole);

	(void)state;
	assert_string_equal(p->path, "policy.yaml");
	assert_int_equal(p->rotation.warn_after_s, 30 * DAY);
	assert_int_equal(p->rotation.max_age_s, 45 * DAY);
	assert_int_equal(p->rotation.unused_after_s, 14 * DAY);
	assert_true(p->keys.allow_default_workspace);
	assert_true(p->keys.require_expiry);
	assert_int_equal(p->keys.one_per, POLICY_PART_TEAM | POLICY_PART_WORKSPACE);
	assert_int_equal(p->department_count, 2);
	assert_string_equal(p->departments[0].name, "legal");
	assert_true(p->departments[0].regulated);
	assert_int_equal(p->departments[0].workspaces.count, 2);
	assert_false(p->departments[1].regulated);
	assert_true(p->data.include_content);
	assert_int_equal(p->data.retention_s, 365 * DAY);
	assert_int_equal(p->data.retention_regulated_s, 7 * 365 * DAY);
	assert_string_equal(p->data.inference_geos.items[1], "eu");
	assert_int_equal(p->access.max_admins, 5);
	assert_int_equal(p->access.invite_max_age_s, 3 * DAY);
	assert_int_equal(p->access.review_every_s, 90 * DAY);
	assert_string_equal(p->access.email_domains.items[0], "example.com");
}

static void what_is_left_out_is_the_standard(void **state)
{
	DEFER(policy_freep)
	struct policy *p = parse("version: 1\nrotation: {unused_after: 0}\nkeys: {}\nmodels: {}\nbudgets: []\n"
				 "departments: {}\ndata: {}\naccess: {max_admins: 5}\n");

	(void)state;
	assert_int_equal(p->rotation.warn_after_s, policy_standard.rotation.warn_after_s);
	assert_int_equal(p->rotation.unused_after_s, 0);
	assert_int_equal(p->keys.one_per, policy_standard.keys.one_per);
	assert_int_equal(p->access.review_every_s, policy_standard.access.review_every_s);
	assert_int_equal(p->model_count, 0);
	assert_int_equal(p->budget_count, 0);
	assert_int_equal(p->department_count, 0);
	assert_string_equal(policy_standard.names.format, keyname_standard.format);
	assert_int_equal(policy_standard.names.max_length, keyname_standard.max_length);
	assert_int_equal(policy_standard.names.environments.count, keyname_standard.environments.count);
}

static void a_workspace_has_its_own_models_or_the_default(void **state)
{
	DEFER(policy_freep) struct policy *p = parse(whole);
	const struct policy_models *own = policy_models_of(p, VIEW("wrkspc_1"), VIEW("ml-prod"));
	const struct policy_models *by_id = policy_models_of(p, VIEW("wrkspc_2"), VIEW("two"));
	const struct policy_models *other = policy_models_of(p, VIEW_NONE, VIEW("Default"));

	(void)state;
	assert_int_equal(p->model_count, 3);
	assert_string_equal(own->allow.items[0], "claude-opus-4-7");
	assert_true(own->pinned_only);
	assert_true(by_id->pinned_only);
	assert_int_equal(by_id->allow.count, 2); /* left out: the default's */
	assert_null(other->workspace);
	assert_false(other->pinned_only);
	assert_int_equal(policy_models_of(&policy_standard, VIEW("wrkspc_1"), VIEW_NONE)->allow.count, 0);
}

static void a_workspace_belongs_to_its_department(void **state)
{
	DEFER(policy_freep) struct policy *p = parse(whole);

	(void)state;
	assert_string_equal(policy_department_of(p, VIEW("wrkspc_3"), VIEW("crm"))->name, "sales");
	assert_string_equal(policy_department_of(p, VIEW("wrkspc_9"), VIEW_NONE)->name, "legal");
	assert_null(policy_department_of(p, VIEW("wrkspc_3"), VIEW("ml-prod")));
	assert_null(policy_department_of(p, VIEW_NONE, VIEW_NONE));
}

static void add_budget(struct buf *text, const struct policy_budget *b)
{
	assert_int_equal(
		buf_addf(text, "%s '%s' %s ", policy_scope_names[b->scope], b->name, policy_period_names[b->period]),
		0);
	assert_int_equal(decimal_write(text, b->limit_usd), 0);
	for (size_t i = 0; i < b->alert_count; i++)
		assert_int_equal(buf_addf(text, " %u", b->alert_at[i]), 0);
	assert_int_equal(buf_add_byte(text, '\n'), 0);
}

static void a_budget_is_of_one_scope_and_period_and_exact(void **state)
{
	DEFER(policy_freep) struct policy *p = parse(whole);
	DEFER(buf_done) struct buf text = BUF_INIT(1 << 16);

	(void)state;
	for (size_t i = 0; i < p->budget_count; i++)
		add_budget(&text, &p->budgets[i]);
	assert_string_equal(text.ptr, "workspace 'ml-prod' monthly 20000 50 80 95\n"
				      "team 'backend' daily 60 50 80 95 100\n"
				      "team 'backend' monthly 1500.55 50 80 95 100\n"
				      "key 'ml-prod-inference' daily 400 50 80 95\n"
				      "department 'legal' monthly 9000 80\n"
				      "organization '' monthly 0.01 50 80 95\n");
}

static void an_amount_that_cannot_be_meant_is_refused(void **state)
{
	static const char *const amounts[][2] = {
		{ "0", "above 0" },
		{ "0.00", "above 0" },
		{ "-5", "above 0" },
		{ "'-0.01'", "above 0" },
		{ "1000000000.01", "at most 1000000000" },
		{ "1e30", "at most 1000000000" },
		{ "1e999", "US dollars" },
		{ "0.0000001", "6 digits" },
		{ "010", "US dollars" },
		{ "1,500", "US dollars" },
		{ "EUR 100", "US dollars" },
		{ "100 USD", "US dollars" },
		{ "'$100'", "US dollars" },
		{ ".inf", "US dollars" },
		{ "nan", "US dollars" },
		{ "~", "US dollars" },
		{ "[1]", "US dollars" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(amounts); i++) {
		DEFER(buf_done) struct buf text = BUF_INIT(1 << 10);

		assert_int_equal(buf_addf(&text, "budgets:\n  - team: ml\n    monthly: %s", amounts[i][0]), 0);
		assert_refused(text.ptr, "policy.yaml:4:14: ", amounts[i][1]);
	}
	assert_refused("budgets: [{team: ml, monthly: 5, currency: EUR}]", "policy.yaml:2:", "USD was expected");
}

/* What is told of it has to have room for its name. */
static void a_name_is_neither_empty_nor_endless(void **state)
{
	char name[POLICY_WORD_BYTES + 2] = "", text[POLICY_WORD_BYTES + 64];

	(void)state;
	assert_refused("budgets: [{key: '', monthly: 5}]", "policy.yaml:2:17: ", "is empty");
	memset(name, 'x', POLICY_WORD_BYTES + 1);
	(void)snprintf(text, sizeof(text), "budgets: [{key: %s, monthly: 5}]", name);
	assert_refused(text, "policy.yaml:2:17: ", "a name of at most 512 bytes was expected");
	(void)snprintf(text, sizeof(text), "version: 1\nbudgets: [{key: %s, monthly: 5}]", name + 1);
	policy_free(parse(text));
}

static void thresholds_rise_within_their_range(void **state)
{
	(void)state;
	assert_refused("budgets: [{team: ml, monthly: 5, alert_at: [80, 50]}]", "policy.yaml:2:", "above 80");
	assert_refused("budgets: [{team: ml, monthly: 5, alert_at: [80, 80]}]", "policy.yaml:2:", "above 80");
	assert_refused("budgets: [{team: ml, monthly: 5, alert_at: [0]}]", "policy.yaml:2:", "from 1 to 1000");
	assert_refused("budgets: [{team: ml, monthly: 5, alert_at: [-80]}]", "policy.yaml:2:", "from 1 to 1000");
	assert_refused("budgets: [{team: ml, monthly: 5, alert_at: [1001]}]", "policy.yaml:2:", "from 1 to 1000");
	assert_refused("budgets: [{team: ml, monthly: 5, alert_at: [50.5]}]", "policy.yaml:2:", "whole number");
	assert_refused("budgets: [{team: ml, monthly: 5, alert_at: []}]", "policy.yaml:2:", "1 to 16 thresholds");
	assert_refused("budgets: [{team: ml, monthly: 5, alert_at: 80}]", "policy.yaml:2:", "list");
	assert_refused("budgets: [{team: ml, monthly: 5, alert_at: [1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17]}]",
		       "policy.yaml:2:", "1 to 16 thresholds");
}

static void a_budget_needs_exactly_one_scope_and_a_period(void **state)
{
	(void)state;
	assert_refused("budgets: [{monthly: 5}]", "policy.yaml:2:11: ", "exactly one of");
	assert_refused("budgets: [{team: ml, key: k, monthly: 5}]", "policy.yaml:2:11: ", "exactly one of");
	assert_refused("budgets: [{team: ml}]", "policy.yaml:2:11: ", "daily or monthly");
	assert_refused("budgets: [{team: '', monthly: 5}]", "policy.yaml:2:", "empty");
	assert_refused("budgets: [{organization: false, monthly: 5}]", "policy.yaml:2:", "true was expected");
	assert_refused("budgets: [{organization: acme, monthly: 5}]", "policy.yaml:2:", "true");
	assert_refused("budgets: [{teem: ml, monthly: 5}]", "policy.yaml:2:", "did you mean 'team'");
	assert_refused("budgets: {team: ml, monthly: 5}", "policy.yaml:2:", "list");
	assert_refused("budgets: [5]", "policy.yaml:2:", "mapping");
}

static void two_budgets_of_one_scope_name_and_period_are_refused(void **state)
{
	DEFER(policy_freep)
	struct policy *p =
		parse("version: 1\nbudgets: [{team: ml, monthly: 5}, {team: ml, daily: 5}, {key: ml, daily: 5},"
		      " {workspace: ml, daily: 5}]\n");

	(void)state;
	assert_int_equal(p->budget_count, 4);
	assert_refused("budgets:\n  - {team: ml, monthly: 5}\n  - {key: ml, monthly: 5}\n  - {team: ml, monthly: 6}",
		       "policy.yaml:5:5: ", "line 3");
	assert_refused("budgets:\n  - {organization: true, daily: 5}\n  - {organization: true, monthly: 6, daily: 7}",
		       "policy.yaml:4:5: ", "line 3");
}

static void departments_share_no_workspace_and_are_known_to_budgets(void **state)
{
	(void)state;
	assert_refused("departments:\n  a: {workspaces: [x, y]}\n  b: {workspaces: [z, y]}",
		       "policy.yaml:4:23: ", "'a' on line 3");
	assert_refused("departments: {a: {workspaces: [x, x]}}", "policy.yaml:2:", "already");
	assert_refused("departments: {a: {workspaces: []}}", "policy.yaml:2:", "at least one workspace");
	assert_refused("departments: {a: {}}", "policy.yaml:2:", "at least one workspace");
	assert_refused("departments: [a]", "policy.yaml:2:", "mapping");
	assert_refused("departments: {'': {workspaces: [x]}}", "policy.yaml:2:", "empty");
	assert_refused("budgets: [{department: legl, monthly: 5}]\ndepartments: {legal: {workspaces: [x]}}",
		       "policy.yaml:2:24: ", "did you mean 'legal'");
	assert_refused("budgets: [{department: legal, monthly: 5}]", "policy.yaml:2:", "no department 'legal'");
}

static void the_warning_comes_before_the_age(void **state)
{
	DEFER(policy_freep) struct policy *follows = parse("version: 1\nrotation: {max_age: 30d}\n");
	DEFER(policy_freep) struct policy *never = parse("version: 1\nrotation: {max_age: 0, warn_after: 90d}\n");

	(void)state;
	assert_int_equal(follows->rotation.warn_after_s, 20 * DAY);
	assert_int_equal(never->rotation.warn_after_s, 90 * DAY);
	assert_refused("rotation: {warn_after: 90d, max_age: 90d}", "policy.yaml:2:", "shorter than max_age");
	assert_refused("rotation: {max_age: 90}", "policy.yaml:2:", "duration");
	assert_refused("rotation: {max_age: -1d}", "policy.yaml:2:", "duration");
	assert_refused("rotation: {max_age: 101y}", "policy.yaml:2:", "100y");
	assert_refused("rotation: {max_aeg: 90d}", "policy.yaml:2:", "did you mean 'max_age'");
}

static void values_of_no_use_are_refused(void **state)
{
	(void)state;
	assert_refused("keys: {one_key_per: [purpos]}", "policy.yaml:2:", "did you mean 'purpose'");
	assert_refused("keys: {one_key_per: [team, team]}", "policy.yaml:2:", "already");
	assert_refused("keys: {one_key_per: team}", "policy.yaml:2:", "list");
	assert_refused("keys: {require_expiry: 'true'}", "policy.yaml:2:", "without quotes");
	assert_refused("models: {default: {allow: ['claude-[']}}", "policy.yaml:2:", "pattern");
	assert_refused("models: {default: {allow: claude}}", "policy.yaml:2:", "list");
	assert_refused("models: {workspaces: {ml: {alow: []}}}", "policy.yaml:2:", "did you mean 'allow'");
	assert_refused("models: {workspaces: [ml]}", "policy.yaml:2:", "mapping");
	assert_refused("models: []", "policy.yaml:2:", "mapping");
	assert_refused("data: {allowed_inference_geos: [US]}", "policy.yaml:2:", "region");
	assert_refused("data: {retention: 365d}", "policy.yaml:2:", "mapping");
	assert_refused("access: {allowed_email_domains: ['@example.com']}", "policy.yaml:2:", "without @");
	assert_refused("access: {allowed_email_domains: ['exa mple.com']}", "policy.yaml:2:", "example.com");
	assert_refused("access: {max_admins: 1000001}", "policy.yaml:2:", "1000000");
	assert_refused("access: {max_admins: -1}", "policy.yaml:2:", "whole number");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_section_is_read),
		cmocka_unit_test(what_is_left_out_is_the_standard),
		cmocka_unit_test(a_workspace_has_its_own_models_or_the_default),
		cmocka_unit_test(a_workspace_belongs_to_its_department),
		cmocka_unit_test(a_budget_is_of_one_scope_and_period_and_exact),
		cmocka_unit_test(an_amount_that_cannot_be_meant_is_refused),
		cmocka_unit_test(a_name_is_neither_empty_nor_endless),
		cmocka_unit_test(thresholds_rise_within_their_range),
		cmocka_unit_test(a_budget_needs_exactly_one_scope_and_a_period),
		cmocka_unit_test(two_budgets_of_one_scope_name_and_period_are_refused),
		cmocka_unit_test(departments_share_no_workspace_and_are_known_to_budgets),
		cmocka_unit_test(the_warning_comes_before_the_age),
		cmocka_unit_test(values_of_no_use_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
