/* SPDX-License-Identifier: Apache-2.0 */
/* What is read from an event's bytes, whatever they hold. */
#include "forwarder/event.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "tests/support/unit.h"

static struct event of(enum event_origin origin, const char *type, struct view body)
{
	struct event e = { .feed = VIEW("audit"), .id = VIEW("id"), .type = view_of(type), .origin = origin };
	struct err err = ERR_INIT;

	e.body = body;
	assert_int_equal(event_read(&e, &err), 0);
	return e;
}

static struct event activity(const char *body)
{
	return of(EVENT_PLATFORM, "platform_api_key_updated", view_of(body));
}

static void a_member_of_another_type_is_a_field_that_is_not_known(void **state)
{
	struct event e = activity("{\"actor\":[],\"workspace_id\":{},\"model\":null,\"organization_id\":[\"a\"]}");

	(void)state;
	assert_null(e.fields[EVENT_ACTOR_ID].ptr);
	assert_null(e.fields[EVENT_WORKSPACE_ID].ptr);
	assert_null(e.fields[EVENT_MODEL].ptr);
	assert_null(e.fields[EVENT_ORGANIZATION_ID].ptr);
	event_done(&e);
}

static void the_first_of_two_members_counts_and_null_is_none(void **state)
{
	struct event e = activity("{\"workspace_id\":null,\"workspace_id\":\"a\",\"workspace_id\":\"b\"}");

	(void)state;
	assert_view(e.fields[EVENT_WORKSPACE_ID], "a");
	event_done(&e);
}

static void a_key_with_an_escape_is_the_key(void **state)
{
	struct event e = activity("{\"\\u0061ctor\":{\"user\\u005fid\":\"u\"}}");

	(void)state;
	assert_view(e.fields[EVENT_ACTOR_ID], "u");
	event_done(&e);
}

static void escapes_are_resolved_and_nul_and_half_a_pair_survive(void **state)
{
	struct event e = activity("{\"api_key_id\":\"a\\u0000\\ud83d\\n\\\"\",\"workspace_id\":\"\\u00e9\"}");

	(void)state;
	assert_view(e.fields[EVENT_API_KEY_ID], "a\0\xED\xA0\xBD\n\"");
	assert_view(e.fields[EVENT_WORKSPACE_ID], "\xC3\xA9");
	event_done(&e);
}

static void a_text_without_escapes_is_not_copied(void **state)
{
	static const char body[] = "{\"workspace_id\":\"wrkspc_01\"}";
	struct event e = activity(body);

	(void)state;
	assert_ptr_equal(e.fields[EVENT_WORKSPACE_ID].ptr, body + 17);
	event_done(&e);
}

static void what_is_no_json_any_more_has_no_fields_from_there_on(void **state)
{
	struct event e = activity("{\"workspace_id\":\"a\",\"model\":x");

	(void)state;
	assert_view(e.fields[EVENT_WORKSPACE_ID], "a");
	assert_null(e.fields[EVENT_MODEL].ptr);
	assert_true(e.message.len > 0);
	event_done(&e);
}

static void a_number_field_takes_numbers_only_and_keeps_their_text(void **state)
{
	struct event e = of(EVENT_INGEST, "api_call",
			    VIEW("{\"record\":{\"input_tokens\":123456789012345678901,\"output_tokens\":\"7\","
				 "\"latency_ms\":0.50,\"start_line\":1111111111222222222233333333334444444444555}}"));

	(void)state;
	assert_view(e.fields[EVENT_INPUT_TOKENS], "123456789012345678901");
	assert_null(e.fields[EVENT_OUTPUT_TOKENS].ptr);
	assert_view(e.fields[EVENT_LATENCY_MS], "0.50");
	assert_null(e.fields[EVENT_LINE].ptr);
	event_done(&e);
}

static void the_usage_of_a_reply_is_read(void **state)
{
	struct event e = of(EVENT_INGEST, "api_call",
			    VIEW("{\"record\":{\"model\":\"m\",\"usage\":{\"input_tokens\":3,\"output_tokens\":4}}}"));

	(void)state;
	assert_view(e.fields[EVENT_INPUT_TOKENS], "3");
	assert_int_equal(e.class, EVENT_CLASS_CALL);
	event_done(&e);
}

static void a_list_of_tools_is_one_text(void **state)
{
	struct event e =
		of(EVENT_CCA, "messages.create", VIEW("{\"details\":{\"tools_used\":[\"bash\",7,\"a\\u0062\",null]}}"));

	(void)state;
	assert_view(e.fields[EVENT_TOOLS_USED], "bash,ab");
	event_done(&e);
}

static void the_target_is_what_only_the_type_has_then_a_user_a_key_a_workspace(void **state)
{
	struct event e =
		activity("{\"workspace_id\":\"w\",\"user_id\":\"u\",\"api_key_id\":\"k\",\"project_id\":\"p\"}");

	(void)state;
	assert_view(e.fields[EVENT_TARGET_ID], "p");
	assert_view(e.fields[EVENT_TARGET_TYPE], "project");
	event_done(&e);
	e = activity("{\"workspace_id\":\"w\",\"api_key_id\":\"k\",\"user_id\":\"u\"}");
	assert_view(e.fields[EVENT_TARGET_TYPE], "user");
	event_done(&e);
	e = activity("{\"workspace_id\":\"w\",\"api_key_id\":\"k\"}");
	assert_view(e.fields[EVENT_TARGET_TYPE], "api_key");
	event_done(&e);
	e = activity("{\"workspace_id\":\"w\",\"request_id\":\"r\",\"organization_id\":\"o\"}");
	assert_view(e.fields[EVENT_TARGET_TYPE], "workspace");
	event_done(&e);
}

static void in_cca_a_user_beside_the_type_did_it(void **state)
{
	struct event e = of(EVENT_CCA, "files.upload", VIEW("{\"user_id\":\"u\",\"details\":{\"file_id\":\"f\"}}"));

	(void)state;
	assert_view(e.fields[EVENT_ACTOR_ID], "u");
	assert_view(e.fields[EVENT_TARGET_ID], "f");
	event_done(&e);
}

static void a_message_is_one_clean_line_of_bounded_length(void **state)
{
	DEFER(buf_done) struct buf body = BUF_INIT(1u << 22);
	struct event e;

	(void)state;
	assert_int_equal(buf_add_text(&body, "{\"actor\":{\"email_address\":\"a\\nb\\u001b[31m\\u202e"), 0);
	for (unsigned i = 0; i < 1000; i++)
		assert_int_equal(buf_add_text(&body, "\\u0007\xC3\xA9"), 0);
	assert_int_equal(buf_add_text(&body, "\"}}"), 0);
	e = of(EVENT_PLATFORM, "user_logged_out", buf_view(&body));
	assert_true(text_starts(e.message, VIEW("a\\x0ab\\x1b[31m\\xe2\\x80\\xae\\x07\xC3\xA9")));
	assert_true(e.message.len <= EVENT_MESSAGE_BYTES);
	for (size_t i = 0; i < e.message.len; i++)
		assert_true((unsigned char)e.message.ptr[i] >= ' ' && e.message.ptr[i] != 0x7F);
	event_done(&e);
}

static void skantds_own_message_is_cut_at_the_end_of_a_character(void **state)
{
	DEFER(buf_done) struct buf body = BUF_INIT(1u << 22);
	struct event e;

	(void)state;
	assert_int_equal(buf_add_text(&body, "{\"message\":\"x"), 0);
	for (unsigned i = 0; i < 2000; i++)
		assert_int_equal(buf_add_text(&body, "\xE6\xBC\xA2"), 0);
	assert_int_equal(buf_add_text(&body, "\"}"), 0);
	e = of(EVENT_OWN, "skantd.alert", buf_view(&body));
	assert_true(e.message.len <= EVENT_MESSAGE_BYTES && e.message.len > EVENT_MESSAGE_BYTES - 4);
	assert_true(text_ends(e.message, VIEW("\xE6\xBC\xA2...")));
	event_done(&e);
}

static void updates_are_told_and_many_of_them_are_cut(void **state)
{
	DEFER(buf_done) struct buf body = BUF_INIT(1u << 22);
	struct event e = activity("{\"api_key_id\":\"k\",\"updates\":[{\"type\":\"name\",\"previous_value\":null,"
				  "\"current_value\":\"a\\u0062\"},7,{\"type\":\"status\",\"current_value\":true}]}");

	(void)state;
	assert_view(e.message, "somebody changed API key k (name: null -> ab, status -> true)");
	event_done(&e);
	assert_int_equal(buf_add_text(&body, "{\"api_key_id\":\"k\",\"updates\":[{}"), 0);
	for (unsigned i = 0; i < 1000; i++)
		assert_int_equal(buf_add_text(&body, ",{\"type\":\"name\",\"current_value\":\"x\"}"), 0);
	assert_int_equal(buf_add_text(&body, "]}"), 0);
	e = activity(body.ptr);
	assert_true(e.message.len < 700);
	assert_true(text_ends(e.message, VIEW("...)")));
	event_done(&e);
}

static void a_large_event_leaves_no_large_store_behind(void **state)
{
	DEFER(buf_done) struct buf body = BUF_INIT(1u << 22);
	struct event e = { .id = VIEW("i"), .origin = EVENT_PLATFORM };
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(buf_add_text(&body, "{\"model\":\"\\n"), 0);
	for (unsigned i = 0; i < 100000; i++)
		assert_int_equal(buf_add_text(&body, "0123456789"), 0);
	assert_int_equal(buf_add_text(&body, "\"}"), 0);
	e.body = buf_view(&body);
	assert_int_equal(event_read(&e, &err), 0);
	assert_true(e.store.cap > 1000000);
	e.body = VIEW("{}");
	assert_int_equal(event_read(&e, &err), 0);
	assert_true(e.store.cap < 100000);
	event_done(&e);
}

static void an_event_that_is_read_again_forgets_the_one_before(void **state)
{
	struct event e = activity("{\"model\":\"m\\n\",\"actor\":{\"user_id\":\"u\"}}");
	struct err err = ERR_INIT;

	(void)state;
	e.body = VIEW("{\"workspace_id\":\"w\"}");
	assert_int_equal(event_read(&e, &err), 0);
	assert_null(e.fields[EVENT_MODEL].ptr);
	assert_null(e.fields[EVENT_ACTOR_ID].ptr);
	assert_view(e.fields[EVENT_WORKSPACE_ID], "w");
	event_done(&e);
}

static void an_event_of_skantd_may_say_how_urgent_it_is(void **state)
{
	struct event e = of(EVENT_OWN, "skantd.alert", VIEW("{\"message\":\"m\",\"severity\":\"warning\"}"));

	(void)state;
	assert_int_equal(e.severity, EVENT_WARNING);
	event_done(&e);
	e = of(EVENT_OWN, "skantd.alert", VIEW("{\"message\":\"m\",\"severity\":\"dreadful\"}"));
	assert_int_equal(e.severity, EVENT_ALERT);
	event_done(&e);
}

static void what_skantd_makes_of_reports_and_lists_has_its_class_and_severity(void **state)
{
	static const struct {
		const char *type;
		enum event_class class;
		enum event_severity severity;
	} kinds[] = {
		{ "usage", EVENT_CLASS_USAGE, EVENT_INFO },
		{ "usage_restated", EVENT_CLASS_USAGE, EVENT_INFO },
		{ "cost", EVENT_CLASS_COST, EVENT_INFO },
		{ "budget_threshold", EVENT_CLASS_BUDGET, EVENT_WARNING },
		{ "budget_incomplete", EVENT_CLASS_POLICY, EVENT_WARNING },
		{ "model_not_allowed", EVENT_CLASS_POLICY, EVENT_WARNING },
		{ "key_created", EVENT_CLASS_KEY, EVENT_NOTICE },
		{ "key_noncompliant", EVENT_CLASS_POLICY, EVENT_WARNING },
		{ "key_stale", EVENT_CLASS_POLICY, EVENT_WARNING },
		{ "keys_inventory", EVENT_CLASS_KEY, EVENT_INFO },
		{ "user_added", EVENT_CLASS_PERSON, EVENT_NOTICE },
		{ "user_role_changed", EVENT_CLASS_ACCESS, EVENT_WARNING },
		{ "user_outside_domains", EVENT_CLASS_POLICY, EVENT_WARNING },
		{ "invite_sent", EVENT_CLASS_PERSON, EVENT_NOTICE },
		{ "invite_open_too_long", EVENT_CLASS_POLICY, EVENT_WARNING },
		{ "member_removed", EVENT_CLASS_ACCESS, EVENT_NOTICE },
		{ "access_too_many_admins", EVENT_CLASS_POLICY, EVENT_WARNING },
		{ "content_on", EVENT_CLASS_POLICY, EVENT_WARNING },
		{ "audit_feed_missing", EVENT_CLASS_POLICY, EVENT_ALERT },
		{ "policy_kept", EVENT_CLASS_POLICY, EVENT_NOTICE },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		struct event e = of(EVENT_OWN, kinds[i].type, VIEW("{\"message\":\"m\"}"));

		assert_int_equal(e.class, kinds[i].class);
		assert_int_equal(e.severity, kinds[i].severity);
		event_done(&e);
	}
}

static void what_a_budget_is_about_are_fields(void **state)
{
	struct event e = of(EVENT_OWN, "budget_threshold",
			    VIEW("{\"scope\":\"team:ml\",\"period\":\"daily\",\"threshold\":80,\"used_usd\":\"8.10\","
				 "\"limit_usd\":\"10.00\",\"projected_usd\":\"9.00\",\"violations\":[\"a\",\"b\"]}"));

	(void)state;
	assert_view(e.fields[EVENT_SCOPE], "team:ml");
	assert_view(e.fields[EVENT_PERIOD], "daily");
	assert_view(e.fields[EVENT_THRESHOLD], "80");
	assert_view(e.fields[EVENT_USED_USD], "8.10");
	assert_view(e.fields[EVENT_LIMIT_USD], "10.00");
	assert_view(e.fields[EVENT_PROJECTED_USD], "9.00");
	assert_view(e.fields[EVENT_VIOLATIONS], "a,b");
	event_done(&e);
}

static void one_without_a_message_shows_its_type(void **state)
{
	struct event e = of(EVENT_OWN, "skantd.heartbeat", VIEW("{}"));

	(void)state;
	assert_view(e.message, "skantd.heartbeat");
	assert_int_equal(e.class, EVENT_CLASS_HEARTBEAT);
	event_done(&e);
}

static void a_failure_of_any_kind_is_a_warning_and_a_look_is_not(void **state)
{
	struct event e = of(EVENT_PLATFORM, "claude_widget_access_failed", VIEW("{}"));

	(void)state;
	assert_int_equal(e.severity, EVENT_WARNING);
	event_done(&e);
	e = of(EVENT_PLATFORM, "rbac_role_viewed", VIEW("{}"));
	assert_int_equal(e.severity, EVENT_INFO);
	event_done(&e);
}

static void all_message_ids_differ(void **state)
{
	(void)state;
	for (size_t i = 0; i < EVENT_CLASS_COUNT; i++) {
		assert_int_equal(strlen(event_classes[i].message_id), 32);
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(event_classes[i].message_id, event_classes[k].message_id);
	}
}

/* --- filters --- */

static bool passes(const struct event_filter *filter)
{
	struct event e = of(EVENT_PLATFORM, "platform_api_key_updated",
			    VIEW("{\"actor\":{\"user_id\":\"u\",\"email_address\":\"a@b\"},\"workspace_id\":\"w\"}"));
	bool does = event_passes(&e, filter);

	event_done(&e);
	return does;
}

static void an_empty_filter_lets_everything_pass(void **state)
{
	const struct event_filter filter = { .severity = EVENT_DEBUG };

	(void)state;
	assert_true(passes(&filter));
	assert_true(event_filter_takes_all(&filter));
}

static void a_filter_with_anything_in_it_does_not_take_all(void **state)
{
	char *list[] = { NULL };
	const struct event_filter filters[] = {
		{ .severity = EVENT_DEBUG, .types = list },      { .severity = EVENT_DEBUG, .feeds = list },
		{ .severity = EVENT_DEBUG, .classes = list },    { .severity = EVENT_DEBUG, .actors = list },
		{ .severity = EVENT_DEBUG, .workspaces = list }, { .severity = EVENT_INFO },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(filters); i++)
		assert_false(event_filter_takes_all(&filters[i]));
}

static void each_list_of_a_filter_has_to_let_it_pass(void **state)
{
	char any[] = "platform_api_*", other[] = "org_*", feed[] = "audit", key[] = "key", call[] = "call", w[] = "w";
	char *any_list[] = { other, any, NULL }, *other_list[] = { other, NULL }, *feeds[] = { feed, NULL },
	     *classes[] = { key, NULL }, *wrong[] = { call, NULL }, *workspaces[] = { w, NULL };
	struct event_filter filter = { .severity = EVENT_DEBUG };

	(void)state;
	filter.types = any_list;
	filter.feeds = feeds;
	filter.classes = classes;
	filter.workspaces = workspaces;
	assert_true(passes(&filter));
	filter.types = other_list;
	assert_false(passes(&filter));
	filter.types = NULL;
	filter.classes = wrong;
	assert_false(passes(&filter));
	filter.classes = NULL;
	filter.feeds = wrong;
	assert_false(passes(&filter));
	filter.feeds = NULL;
	filter.workspaces = wrong;
	assert_false(passes(&filter));
}

static void an_actor_is_an_id_or_an_address(void **state)
{
	char id[] = "u", address[] = "a@b", other[] = "x";
	char *ids[] = { id, NULL }, *addresses[] = { address, NULL }, *others[] = { other, NULL };
	struct event_filter filter = { .severity = EVENT_DEBUG, .actors = ids };

	(void)state;
	assert_true(passes(&filter));
	filter.actors = addresses;
	assert_true(passes(&filter));
	filter.actors = others;
	assert_false(passes(&filter));
}

static void a_severity_lets_pass_what_is_as_urgent_or_more(void **state)
{
	struct event_filter filter = { .severity = EVENT_NOTICE };

	(void)state;
	assert_true(passes(&filter));
	filter.severity = EVENT_WARNING;
	assert_false(passes(&filter));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_member_of_another_type_is_a_field_that_is_not_known),
		cmocka_unit_test(the_first_of_two_members_counts_and_null_is_none),
		cmocka_unit_test(a_key_with_an_escape_is_the_key),
		cmocka_unit_test(escapes_are_resolved_and_nul_and_half_a_pair_survive),
		cmocka_unit_test(a_text_without_escapes_is_not_copied),
		cmocka_unit_test(what_is_no_json_any_more_has_no_fields_from_there_on),
		cmocka_unit_test(a_number_field_takes_numbers_only_and_keeps_their_text),
		cmocka_unit_test(the_usage_of_a_reply_is_read),
		cmocka_unit_test(a_list_of_tools_is_one_text),
		cmocka_unit_test(the_target_is_what_only_the_type_has_then_a_user_a_key_a_workspace),
		cmocka_unit_test(in_cca_a_user_beside_the_type_did_it),
		cmocka_unit_test(a_message_is_one_clean_line_of_bounded_length),
		cmocka_unit_test(skantds_own_message_is_cut_at_the_end_of_a_character),
		cmocka_unit_test(updates_are_told_and_many_of_them_are_cut),
		cmocka_unit_test(a_large_event_leaves_no_large_store_behind),
		cmocka_unit_test(an_event_that_is_read_again_forgets_the_one_before),
		cmocka_unit_test(an_event_of_skantd_may_say_how_urgent_it_is),
		cmocka_unit_test(what_skantd_makes_of_reports_and_lists_has_its_class_and_severity),
		cmocka_unit_test(what_a_budget_is_about_are_fields),
		cmocka_unit_test(one_without_a_message_shows_its_type),
		cmocka_unit_test(a_failure_of_any_kind_is_a_warning_and_a_look_is_not),
		cmocka_unit_test(all_message_ids_differ),
		cmocka_unit_test(an_empty_filter_lets_everything_pass),
		cmocka_unit_test(a_filter_with_anything_in_it_does_not_take_all),
		cmocka_unit_test(each_list_of_a_filter_has_to_let_it_pass),
		cmocka_unit_test(an_actor_is_an_id_or_an_address),
		cmocka_unit_test(a_severity_lets_pass_what_is_as_urgent_or_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
