/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of lists as the API gives them. */
#include "tests/support/fake_api.h"

#include "common/api/endpoint_activity.h"
#include "common/api/endpoint_claude_code.h"
#include "common/api/endpoint_compliance.h"
#include "common/api/endpoint_cost.h"
#include "common/api/endpoint_key.h"
#include "common/api/endpoint_ratelimit.h"
#include "common/api/endpoint_usage.h"
#include "common/sys/json.h"
#include "tests/support/unit.h"

static struct api_reader reader;

static void start(enum api_dialect dialect, enum api_operation operation)
{
	assert_int_equal(api_reader_init(&reader, dialect, operation, NULL), 0);
}

static struct api_key key_of(const char *text)
{
	struct api_key key;
	struct err err = ERR_INIT;

	if (api_key_read(&reader, view_of(text), &key, &err))
		fail_msg("%s", err.text);
	return key;
}

static void a_key_of_a_workspace(void **state)
{
	struct api_key key;

	(void)state;
	start(API_PLATFORM, API_KEY_LIST);
	key = key_of("{\"id\":\"apikey_1\",\"type\":\"api_key\",\"name\":\"ml-prod-batch\",\"partial_key_hint\":"
		     "\"sk-ant-api03-R2D...igAA\",\"status\":\"active\",\"created_at\":\"2026-01-02T03:04:05.123456Z\","
		     "\"created_by\":{\"id\":\"user_1\",\"type\":\"user\"},\"expires_at\":null,\"workspace_id\":"
		     "\"wrkspc_1\",\"principal\":null}");
	assert_view(key.partial_key_hint, "sk-ant-api03-R2D...igAA");
	assert_view(key.created_by_id, "user_1");
	assert_view(key.created_by_type, "user");
	assert_true(record_is_null(key.expires_at.text));
	assert_true(record_is_null(key.principal) && record_is_absent(key.principal_id));
	assert_true(record_is_absent(key.scope));
	assert_int_equal(api_key_place(&key), API_KEY_IN_WORKSPACE);
	api_reader_done(&reader);
}

static void both_forms_of_a_principal_are_one(void **state)
{
	struct api_key key;

	(void)state;
	start(API_PLATFORM, API_KEY_LIST);
	key = key_of("{\"id\":\"k\",\"principal\":{\"id\":\"user_1\",\"type\":\"user\"}}");
	assert_view(key.principal_id, "user_1");
	assert_view(key.principal_type, "user");
	key = key_of("{\"id\":\"k\",\"principal\":{\"type\":\"user_actor\",\"user_id\":\"user_1\"}}");
	assert_view(key.principal_id, "user_1");
	assert_view(key.principal_type, "user");
	key = key_of(
		"{\"id\":\"k\",\"principal\":{\"type\":\"service_account_actor\",\"service_account_id\":\"svac_1\"}}");
	assert_view(key.principal_id, "svac_1");
	assert_view(key.principal_type, "service_account");
	key = key_of("{\"id\":\"k\",\"principal\":{\"type\":\"agent\",\"agent_id\":\"a\"}}");
	assert_true(record_is_absent(key.principal_id));
	assert_view(key.principal_type, "agent");
	api_reader_done(&reader);
}

static void a_key_s_place_is_told_by_its_scope(void **state)
{
	static const struct {
		const char *text;
		enum api_key_place place;
	} cases[] = {
		{ "{\"id\":\"k\",\"workspace_id\":\"wrkspc_1\"}", API_KEY_IN_WORKSPACE },
		{ "{\"id\":\"k\",\"workspace_id\":null}", API_KEY_PLACE_UNKNOWN },
		{ "{\"id\":\"k\"}", API_KEY_PLACE_UNKNOWN },
		{ "{\"id\":\"k\",\"workspace_id\":null,\"scope\":{\"type\":\"organization\"}}",
		  API_KEY_ORGANIZATION_WIDE },
		{ "{\"id\":\"k\",\"workspace_id\":null,\"scope\":{\"type\":\"workspace\",\"workspace_id\":\"w\"}}",
		  API_KEY_IN_DEFAULT_WORKSPACE },
		{ "{\"id\":\"k\",\"scope\":{\"type\":\"workspace\",\"workspace_id\":\"w\"}}", API_KEY_IN_WORKSPACE },
		{ "{\"id\":\"k\",\"workspace_id\":null,\"scope\":{\"type\":\"galaxy\"}}", API_KEY_PLACE_UNKNOWN },
	};

	(void)state;
	start(API_PLATFORM, API_KEY_LIST);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct api_key key = key_of(cases[i].text);

		assert_int_equal(api_key_place(&key), cases[i].place);
	}
	api_reader_done(&reader);
}

static void rate_limits(void **state)
{
	DEFER(api_reader_done) struct api_reader limits = { 0 };
	struct api_ratelimit ratelimit;
	struct api_limit limit;
	struct view row;

	(void)state;
	start(API_PLATFORM, API_WORKSPACE_RATELIMIT_LIST);
	assert_int_equal(api_reader_init(&limits, API_PLATFORM, API_WORKSPACE_RATELIMIT_LIST, NULL), 0);
	assert_int_equal(
		api_ratelimit_read(&reader,
				   VIEW("{\"id\":\"r\",\"type\":\"workspace_rate_limit\",\"rate_limit_id\":\"rl\","
					"\"workspace_id\":\"w\",\"group_type\":\"batch\",\"models\":null,\"limits\":[{"
					"\"type\":\"requests_per_minute\",\"value\":50,\"org_limit\":null}]}"),
				   &ratelimit, NULL),
		0);
	assert_view(ratelimit.group_type, "batch");
	assert_view(ratelimit.rate_limit_id, "rl");
	assert_true(record_is_null(ratelimit.models));
	assert_true(json_each(&ratelimit.limits, &row));
	assert_int_equal(api_limit_read(&limits, row, &limit, NULL), 0);
	assert_view(limit.type, "requests_per_minute");
	assert_int_equal(limit.value.value, 50);
	assert_false(limit.org_limit.is_known);
	api_reader_done(&reader);
}

static void usage_adds_up_all_input(void **state)
{
	struct api_usage usage;

	(void)state;
	start(API_PLATFORM, API_USAGE_MESSAGES);
	assert_int_equal(
		api_usage_read(&reader,
			       VIEW("{\"uncached_input_tokens\":1500,\"cache_creation\":{"
				    "\"ephemeral_1h_input_tokens\":1000,\"ephemeral_5m_input_tokens\":500},"
				    "\"cache_read_input_tokens\":200,\"output_tokens\":500,\"server_tool_use\":{"
				    "\"web_search_requests\":10},\"api_key_id\":\"apikey_1\",\"workspace_id\":null,"
				    "\"model\":\"claude-opus-5\",\"service_tier\":\"standard\"}"),
			       &usage, NULL),
		0);
	assert_int_equal(usage.input_tokens, 3200);
	assert_int_equal(usage.cache_creation_1h_tokens.value, 1000);
	assert_int_equal(usage.output_tokens.value, 500);
	assert_int_equal(usage.web_search_requests.value, 10);
	assert_true(record_is_null(usage.workspace_id));
	assert_true(record_is_absent(usage.account_id));
	assert_view(usage.api_key_id, "apikey_1");
	api_reader_done(&reader);
	start(API_CCA, API_USAGE_MESSAGES);
	assert_int_equal(
		api_usage_read(&reader, VIEW("{\"model\":\"m\",\"input_tokens\":9,\"output_tokens\":2}"), &usage, NULL),
		0);
	assert_int_equal(usage.input_tokens, 9);
	assert_false(usage.uncached_input_tokens.is_known);
	assert_int_equal(usage.raw.len, 48);
	api_reader_done(&reader);
}

static void usage_that_cannot_be_counted_is_refused(void **state)
{
	static const char *const cases[][2] = {
		{ "{}", "a row of usage: 'uncached_input_tokens' is not there" },
		{ "{\"input_tokens\":1,\"uncached_input_tokens\":1}",
		  "a row of usage has 'input_tokens' and 'uncached_input_tokens'" },
		{ "{\"uncached_input_tokens\":18446744073709551615,\"cache_read_input_tokens\":1}",
		  "a row of usage has more input tokens than can be counted" },
		{ "{\"uncached_input_tokens\":\"1\"}",
		  "a row of usage: 'uncached_input_tokens' is not a whole number from 0 to 18446744073709551615" },
	};
	struct api_usage usage;

	(void)state;
	start(API_PLATFORM, API_USAGE_MESSAGES);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct err err = ERR_INIT;

		assert_int_equal(api_usage_read(&reader, view_of(cases[i][0]), &usage, &err), -1);
		assert_string_equal(err.text, cases[i][1]);
	}
	api_reader_done(&reader);
}

static void assert_cents(const char *row, const char *cents)
{
	DEFER(buf_done) struct buf buf = BUF_INIT(100);
	struct api_cost cost;
	struct err err = ERR_INIT;

	if (api_cost_read(&reader, view_of(row), &cost, &err))
		fail_msg("%s", err.text);
	assert_int_equal(decimal_write(&buf, cost.cents), 0);
	assert_string_equal(buf.ptr, cents);
}

static void cost_is_exact_cents_in_both_dialects(void **state)
{
	(void)state;
	start(API_PLATFORM, API_COST);
	assert_cents("{\"amount\":\"123.78912\",\"currency\":\"USD\"}", "123.78912");
	assert_cents("{\"amount\":\"0\"}", "0");
	assert_cents("{\"amount\":\"-3.5\"}", "-3.5");
	api_reader_done(&reader);
	start(API_CCA, API_COST);
	assert_cents("{\"total_cost\":12.34,\"currency\":\"USD\"}", "1234");
	assert_cents("{\"total_cost\":0.1}", "10");
	assert_cents("{\"total_cost\":1e-05}", "0.001");
	api_reader_done(&reader);
}

static void cost_has_its_groups(void **state)
{
	struct api_cost cost;
	struct err err = ERR_INIT;

	(void)state;
	start(API_CCA, API_COST);
	assert_int_equal(
		api_cost_read(&reader,
			      VIEW("{\"workspace_id\":\"ws_1\",\"workspace_name\":\"ml\",\"user_id\":\"user_1\","
				   "\"total_cost\":1,\"currency\":\"USD\"}"),
			      &cost, NULL),
		0);
	assert_view(cost.account_id, "user_1");
	assert_view(cost.workspace_name, "ml");
	assert_int_equal(api_cost_read(&reader, VIEW("{\"currency\":\"USD\"}"), &cost, &err), -1);
	assert_string_equal(err.text, "a row of cost has not one of 'amount' and 'total_cost'");
	assert_int_equal(api_cost_read(&reader, VIEW("{\"total_cost\":1e37}"), &cost, &err), -1);
	assert_string_equal(err.text, "a row of cost is larger than can be counted");
	api_reader_done(&reader);
}

static void claude_code(void **state)
{
	DEFER(api_reader_done) struct api_reader models = { 0 };
	struct api_claude_code row;
	struct api_claude_code_model model;
	struct view element;

	(void)state;
	start(API_PLATFORM, API_USAGE_CLAUDE_CODE);
	assert_int_equal(api_reader_init(&models, API_PLATFORM, API_USAGE_CLAUDE_CODE, NULL), 0);
	assert_int_equal(
		api_claude_code_read(
			&reader,
			VIEW("{\"date\":\"2026-08-08T00:00:00Z\",\"actor\":{\"type\":\"user_actor\",\"email_address\":"
			     "\"u@example.com\"},\"terminal_type\":\"vscode\",\"is_remote\":true,\"core_metrics\":{"
			     "\"num_sessions\":5,\"lines_of_code\":{\"added\":1543,\"removed\":892},"
			     "\"commits_by_claude_code\":12,\"pull_requests_by_claude_code\":2},\"tool_actions\":{"
			     "\"edit_tool\":{\"accepted\":45,\"rejected\":5}},\"model_breakdown\":[{\"model\":\"m\","
			     "\"tokens\":{\"input\":100,\"output\":35,\"cache_read\":10,\"cache_creation\":5},"
			     "\"estimated_cost\":{\"amount\":186,\"currency\":\"USD\"}}]}"),
			&row, NULL),
		0);
	assert_view(row.actor_email, "u@example.com");
	assert_true(row.is_remote);
	assert_int_equal(row.sessions.value, 5);
	assert_int_equal(row.lines_added.value, 1543);
	assert_int_equal(row.lines_removed.value, 892);
	assert_int_equal(row.commits.value, 12);
	assert_int_equal(row.pull_requests.value, 2);
	assert_true(json_each(&row.model_breakdown, &element));
	assert_int_equal(api_claude_code_model_read(&models, element, &model, NULL), 0);
	assert_int_equal(model.input.value, 100);
	assert_int_equal(model.cache_creation.value, 5);
	assert_true(model.cents.value.units == 186);
	api_reader_done(&reader);
}

static void an_activity_of_the_platform(void **state)
{
	DEFER(api_reader_done) struct api_reader updates = { 0 };
	struct api_activity activity;
	struct api_activity_update update;
	struct view element;

	(void)state;
	start(API_PLATFORM, API_ACTIVITY_LIST);
	assert_int_equal(api_reader_init(&updates, API_PLATFORM, API_ACTIVITY_LIST, NULL), 0);
	assert_int_equal(
		api_activity_read(
			&reader,
			VIEW("{\"id\":\"activity_1\",\"created_at\":\"2026-04-10T08:09:10Z\",\"organization_id\":null,"
			     "\"actor\":{\"type\":\"user_actor\",\"email_address\":\"u@example.com\","
			     "\"user_id\":\"user_1\",\"ip_address\":\"192.0.2.34\","
			     "\"user_agent\":\"Mozilla\\/5.0\"},\"type\":\"platform_api_key_updated\","
			     "\"api_key_id\":\"apikey_1\",\"user_id\":\"user_2\",\"updates\":[{"
			     "\"type\":\"status\",\"previous_value\":\"active\",\"current_value\":null}]}"),
			&activity, NULL),
		0);
	assert_view(activity.actor_user_id, "user_1");
	assert_view(activity.user_id, "user_2");
	assert_view(activity.actor_user_agent, "Mozilla/5.0");
	assert_view(activity.api_key_id, "apikey_1");
	assert_true(record_is_null(activity.organization_id));
	assert_view(api_activity_who(&activity), "user_1");
	assert_true(json_each(&activity.updates, &element));
	assert_int_equal(api_activity_update_read(&updates, element, &update, NULL), 0);
	assert_view(update.previous_value, "\"active\"");
	assert_true(record_is_null(update.current_value));
	api_reader_done(&reader);
}

static void who_did_it_is_told_whatever_the_actor(void **state)
{
	static const char *const cases[][2] = {
		{ "{\"id\":\"a\",\"actor\":{\"type\":\"api_actor\",\"api_key_id\":\"apikey_1\"}}", "apikey_1" },
		{ "{\"id\":\"a\",\"actor\":{\"type\":\"admin_api_key_actor\",\"admin_api_key_id\":\"ak_1\"}}", "ak_1" },
		{ "{\"id\":\"a\",\"actor\":{\"type\":\"service_account_actor\",\"service_account_id\":\"s_1\"}}",
		  "s_1" },
		{ "{\"id\":\"a\",\"actor\":{\"type\":\"x\",\"unauthenticated_email_address\":\"e@f.g\"}}", "e@f.g" },
		{ "{\"id\":\"a\",\"actor\":{\"type\":\"anthropic_actor\",\"email_address\":null}}", "anthropic_actor" },
		{ "{\"id\":\"a\"}", "" },
	};

	(void)state;
	start(API_PLATFORM, API_ACTIVITY_LIST);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct api_activity activity;

		assert_int_equal(api_activity_read(&reader, view_of(cases[i][0]), &activity, NULL), 0);
		assert_int_equal(api_activity_who(&activity).len, view_of(cases[i][1]).len);
		if (cases[i][1][0])
			assert_memory_equal(api_activity_who(&activity).ptr, cases[i][1], view_of(cases[i][1]).len);
	}
	api_reader_done(&reader);
}

static void an_activity_of_cca(void **state)
{
	struct api_activity activity;

	(void)state;
	start(API_CCA, API_ACTIVITY_LIST);
	assert_int_equal(api_activity_read(&reader,
					   VIEW("{\"id\":\"act_1\",\"timestamp\":\"2026-04-10T08:09:10Z\",\"type\":"
						"\"messages.create\",\"user_id\":\"user_1\",\"workspace\":\"ws_1\","
						"\"model\":\"m\",\"details\":{\"input_tokens\":7},\"content\":{}}"),
					   &activity, NULL),
			 0);
	assert_true(activity.created_at.is_known);
	assert_view(activity.actor_user_id, "user_1");
	assert_view(activity.workspace_id, "ws_1");
	assert_view(activity.details, "{\"input_tokens\":7}");
	assert_view(activity.content, "{}");
	api_reader_done(&reader);
}

static void the_directory(void **state)
{
	struct api_compliance_org org;
	struct api_compliance_user user;
	struct api_group_member member;

	(void)state;
	start(API_PLATFORM, API_COMPLIANCE_ORG_LIST);
	assert_int_equal(api_compliance_org_read(&reader, VIEW("{\"uuid\":\"0f\",\"name\":\"n\"}"), &org, NULL), 0);
	assert_view(org.uuid, "0f");
	assert_int_equal(api_group_member_read(&reader, VIEW("{\"user_id\":\"u\",\"email\":\"e\"}"), &member, NULL), 0);
	assert_view(member.user_id, "u");
	api_reader_done(&reader);
	start(API_CCA, API_COMPLIANCE_ORG_LIST);
	assert_int_equal(api_compliance_org_read(&reader, VIEW("{\"id\":\"org_1\",\"name\":\"n\"}"), &org, NULL), 0);
	assert_view(org.uuid, "org_1");
	api_reader_done(&reader);
	start(API_CCA, API_COMPLIANCE_USER_LIST);
	assert_int_equal(api_compliance_user_read(&reader,
						  VIEW("{\"id\":\"user_1\",\"email\":\"e\",\"name\":\"N\",\"role\":"
						       "\"viewer\",\"organization_id\":\"org_1\"}"),
						  &user, NULL),
			 0);
	assert_view(user.full_name, "N");
	assert_view(user.organization_role, "user");
	assert_view(user.organization_id, "org_1");
	api_reader_done(&reader);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_key_of_a_workspace),
		cmocka_unit_test(both_forms_of_a_principal_are_one),
		cmocka_unit_test(a_key_s_place_is_told_by_its_scope),
		cmocka_unit_test(rate_limits),
		cmocka_unit_test(usage_adds_up_all_input),
		cmocka_unit_test(usage_that_cannot_be_counted_is_refused),
		cmocka_unit_test(cost_is_exact_cents_in_both_dialects),
		cmocka_unit_test(cost_has_its_groups),
		cmocka_unit_test(claude_code),
		cmocka_unit_test(an_activity_of_the_platform),
		cmocka_unit_test(who_did_it_is_told_whatever_the_actor),
		cmocka_unit_test(an_activity_of_cca),
		cmocka_unit_test(the_directory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
