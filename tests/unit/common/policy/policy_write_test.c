/* SPDX-License-Identifier: Apache-2.0 */
#include "common/policy/policy_write.h"

#include <string.h>

#include "common/base/text.h"
#include "common/policy/policy_read.h"
#include "tests/support/unit.h"

static const char odd[] =
	"version: 1\n"
	"names: {format: 'k.{purpose}', purposes: [batch, chat-bot], enforce: true, max_length: 20}\n"
	"rotation: {warn_after: 90s, max_age: 100y, unused_after: 0}\n"
	"keys: {allow_default_workspace: true, require_expiry: true, one_key_per: [workspace, environment, team]}\n"
	"models:\n"
	"  workspaces:\n"
	"    'a: {b}, \"c\" # d': {allow: ['claude-[a-c]*', \"\\u00fc\\\\x\"], pinned_only: true}\n"
	"    'true': {}\n"
	"budgets:\n"
	"  - {organization: true, monthly: 0.000001, daily: 1000000000, alert_at: [1, 999, 1000]}\n"
	"  - {key: '- x', monthly: 12.5}\n"
	"departments: {'null': {workspaces: ['~', '1'], regulated: true}}\n"
	"data: {include_content: true, retention: {regulated: 7y}, allowed_inference_geos: [not_available]}\n"
	"access: {max_admins: 1, invite_max_age: 36h, review_every: 0, allowed_email_domains: [a.example, b.test]}\n";

static void add_json(struct view text, struct buf *json)
{
	struct err err = ERR_INIT;
	DEFER(policy_freep) struct policy *policy = policy_parse(text, "p.yaml", &err);

	if (!policy)
		fail_msg("%s\nin %.*s", err.text, (int)text.len, text.ptr);
	assert_int_equal(policy_add_json(policy, 0, json), 0);
}

static void what_is_written_reads_back_to_the_same_policy(void **state)
{
	DEFER(buf_done) struct buf once = BUF_INIT(1 << 16), twice = BUF_INIT(1 << 16);

	(void)state;
	add_json(view_of(odd), &once);
	add_json(buf_view(&once), &twice);
	assert_string_equal(once.ptr, twice.ptr);
	assert_non_null(strstr(once.ptr, "\"monthly\":\"0.000001\",\"alert_at\":[1,999,1000]"));
	assert_non_null(strstr(once.ptr, "\"warn_after\":\"90s\",\"max_age\":\"100y\""));
	assert_non_null(strstr(once.ptr, "\"one_key_per\":[\"team\",\"environment\",\"workspace\"]"));
	assert_non_null(strstr(once.ptr, "\"null\":{\"workspaces\":[\"~\",\"1\"],\"regulated\":true}"));
}

static void the_template_says_what_holds_without_a_file(void **state)
{
	DEFER(buf_done) struct buf standard = BUF_INIT(1 << 16), template = BUF_INIT(1 << 16);

	(void)state;
	assert_int_equal(policy_add_json(&policy_standard, 0, &standard), 0);
	add_json(view_of(policy_template), &template);
	assert_string_equal(standard.ptr, template.ptr);
}

/* The template with each example in place of the line before it. */
static void switch_on(struct view rest, struct buf *ret)
{
	struct view line, before = VIEW_NONE;
	bool was_example = false;

	while (text_next_line(&rest, &line)) {
		const bool is_example = text_starts(line, VIEW("#-"));

		if (before.ptr && (!is_example || was_example)) {
			assert_int_equal(buf_add(ret, before), 0);
			assert_int_equal(buf_add_byte(ret, '\n'), 0);
		}
		before = is_example ? view_sub(line, 2, line.len) : line;
		was_example = is_example;
	}
	assert_int_equal(buf_add(ret, before), 0);
}

static void the_templates_examples_are_taken(void **state)
{
	DEFER(buf_done) struct buf text = BUF_INIT(1 << 16);
	struct err err = ERR_INIT;
	struct policy *policy;

	(void)state;
	switch_on(view_of(policy_template), &text);
	policy = policy_parse(buf_view(&text), "template", &err);
	if (!policy)
		fail_msg("%s in\n%s", err.text, text.ptr);
	assert_int_equal(policy->names.teams.count, 3);
	assert_int_equal(policy->model_count, 2);
	assert_int_equal(policy->budget_count, 6);
	assert_int_equal(policy->department_count, 1);
	assert_int_equal(policy->data.inference_geos.count, 2);
	assert_int_equal(policy->access.email_domains.count, 1);
	policy_free(policy);
}

static void a_full_buffer_is_left_as_it_was(void **state)
{
	DEFER(buf_done) struct buf whole = BUF_INIT(1 << 16);

	(void)state;
	assert_int_equal(policy_add_json(&policy_standard, 0, &whole), 0);
	for (size_t max = 0; max < whole.len; max += 7) {
		DEFER(buf_done) struct buf buf = BUF_INIT(max);

		assert_int_equal(policy_add_json(&policy_standard, 0, &buf), -1);
		assert_int_equal(buf.len, 0);
	}
}

static void every_entry_is_written(void **state)
{
	DEFER(buf_done) struct buf out = BUF_INIT(1 << 16);

	(void)state;
	add_json(view_of(odd), &out);
	assert_string_equal(
		out.ptr,
		"{\"version\":1,\"names\":{\"format\":\"k.{purpose}\",\"teams\":[],"
		"\"environments\":[\"prod\",\"staging\",\"dev\"],\"purposes\":[\"batch\",\"chat-bot\"],"
		"\"enforce\":true,"
		"\"max_length\":20},\"rotation\":{\"warn_after\":\"90s\",\"max_age\":\"100y\",\"unused_after\":\"0s\"},"
		"\"keys\":{\"allow_default_workspace\":true,\"require_expiry\":true,"
		"\"one_key_per\":[\"team\",\"environment\",\"workspace\"]},"
		"\"models\":{\"default\":{\"allow\":[],\"pinned_only\":false},\"workspaces\":{"
		"\"a: {b}, \\\"c\\\" # d\":{\"allow\":[\"claude-[a-c]*\",\"\u00fc\\\\x\"],\"pinned_only\":true},"
		"\"true\":{\"allow\":[],\"pinned_only\":false}}},"
		"\"budgets\":[{\"organization\":true,\"daily\":\"1000000000\",\"alert_at\":[1,999,1000]},"
		"{\"organization\":true,\"monthly\":\"0.000001\",\"alert_at\":[1,999,1000]},"
		"{\"key\":\"- x\",\"monthly\":\"12.5\",\"alert_at\":[50,80,95]}],"
		"\"departments\":{\"null\":{\"workspaces\":[\"~\",\"1\"],\"regulated\":true}},"
		"\"data\":{\"include_content\":true,\"retention\":{\"default\":\"0s\",\"regulated\":\"7y\"},"
		"\"allowed_inference_geos\":[\"not_available\"]},"
		"\"access\":{\"max_admins\":1,\"invite_max_age\":\"36h\",\"review_every\":\"0s\","
		"\"allowed_email_domains\":[\"a.example\",\"b.test\"]}}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_reads_back_to_the_same_policy),
		cmocka_unit_test(the_template_says_what_holds_without_a_file),
		cmocka_unit_test(the_templates_examples_are_taken),
		cmocka_unit_test(a_full_buffer_is_left_as_it_was),
		cmocka_unit_test(every_entry_is_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
