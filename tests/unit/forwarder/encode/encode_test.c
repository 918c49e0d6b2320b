/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/encode/encode.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "common/sys/json.h"
#include "forwarder/spool/chain.h"
#include "tests/support/unit.h"

#define ACTIVITY                                                                                                       \
	"{\"id\":\"activity_1\",\"created_at\":\"2026-04-10T08:09:10Z\",\"organization_id\":\"org_1\",\n"              \
	" \"type\":\"platform_api_key_updated\",\"api_key_id\":\"apikey_01\",\"workspace_id\":\"wrkspc_1\","           \
	"\"actor\":{\"type\":\"user_actor\",\"user_id\":\"user_1\",\"email_address\":\"anna@example.com\","            \
	"\"ip_address\":\"192.0.2.1\",\"user_agent\":\"x | = \\\\ ] \\\" y\"},"                                        \
	"\"updates\":[{\"type\":\"status\",\"previous_value\":\"active\",\"current_value\":\"inactive\"}]}"
#define EVIL                                                                                                           \
	"{\"id\":\"a\",\"type\":\"t\",\"created_at\":\"x\",\"actor\":{\"type\":\"user_actor\","                        \
	"\"email_address\":\"a\\n<0>1 forged\\u0000\\u001b[31m\\u202e\\ud800\\u007f|=]\\\"\\\\\"},"                    \
	"\"model\":\"\\r\\nCEF:0|x\",\"request_id\":\"\\u0085\"}"

static const struct encoder_options usual = { .host = "host.example", .pen = 32473, .facility = 13, .pid = 42 };

static struct event make(const char *type, const char *body)
{
	struct event e = { .seq = 7,
			   .feed = VIEW("audit"),
			   .id = VIEW("activity_1"),
			   .type = view_of(type),
			   .origin = EVENT_PLATFORM,
			   .time_ns = 1775808550'123456000,
			   .observed_ns = 1775808560'000000001,
			   .body = view_of(body) };
	struct err err = ERR_INIT;

	digest_sha256(e.body, e.hash);
	chain_link(e.chain, e.id, e.hash);
	assert_int_equal(event_read(&e, &err), 0);
	return e;
}

static bool encode(const char *name, const struct event *e, const struct encoder_options *options, struct buf *out)
{
	const struct encoder *encoder = encode_find(name);
	bool is_cut = false;

	assert_non_null(encoder);
	buf_clear(out);
	assert_int_equal(encoder->encode(e, options, out, &is_cut), 0);
	for (size_t i = 0; i < out->len; i++)
		assert_true((unsigned char)out->ptr[i] >= ' ');
	return is_cut;
}

static bool has(const struct buf *out, const char *text)
{
	return text_find(buf_view(out), view_of(text)) != SIZE_MAX;
}

static bool is_json(const char *name)
{
	return encode_find(name)->is_syslog == false && strcmp(name, "cef") != 0;
}

static void what_is_known_of_an_activity_is_in_its_fields_and_its_sentence(void **state)
{
	struct event e = make("platform_api_key_updated", ACTIVITY);

	(void)state;
	assert_view(e.fields[EVENT_API_KEY_ID], "apikey_01");
	assert_view(e.fields[EVENT_ACTOR_ID], "user_1");
	assert_view(e.fields[EVENT_TARGET_TYPE], "api_key");
	assert_view(e.fields[EVENT_WORKSPACE_ID], "wrkspc_1");
	assert_false(e.fields[EVENT_MODEL].ptr);
	assert_int_equal(e.class, EVENT_CLASS_KEY);
	assert_int_equal(e.severity, EVENT_NOTICE);
	assert_view(e.message, "anna@example.com changed API key apikey_01 (status: active -> inactive)");
	event_done(&e);
}

static void json_is_the_envelope_with_the_very_bytes(void **state)
{
	DEFER(buf_done) struct buf out = BUF_INIT(1u << 20);
	struct event e = make("platform_api_key_updated", ACTIVITY);
	struct view whole, upstream;

	(void)state;
	assert_false(encode("json", &e, &usual, &out));
	assert_int_equal(json_whole(buf_view(&out), &whole, NULL), 0);
	upstream = json_member(whole, "upstream");
	assert_int_equal(upstream.len, strlen(ACTIVITY));
	for (size_t i = 0; i < upstream.len; i++) /* a newline between tokens would end the line */
		assert_int_equal(upstream.ptr[i], ACTIVITY[i] == '\n' ? ' ' : ACTIVITY[i]);
	assert_true(
		has(&out, "\"time\":\"2026-04-10T08:09:10.123456Z\",\"observed\":\"2026-04-10T08:09:20.000000001Z\""));
	assert_true(has(&out, "\"actor\":{\"type\":\"user_actor\",\"id\":\"user_1\",\"email\":\"anna@example.com\","));
	assert_true(has(&out, "\"redacted\":false"));
	assert_false(has(&out, "replay"));
	event_done(&e);
}

static void every_format_has_number_hash_chain_and_marks(void **state)
{
	DEFER(buf_done) struct buf out = BUF_INIT(1u << 20), hash = BUF_INIT(100), chain = BUF_INIT(100);
	struct event e = make("platform_api_key_updated", ACTIVITY);

	(void)state;
	e.is_replay = e.is_redacted = true;
	assert_int_equal(digest_add_hex(&hash, e.hash, sizeof(e.hash)), 0);
	assert_int_equal(digest_add_hex(&chain, e.chain, sizeof(e.chain)), 0);
	for (size_t i = 0; i < encode_name_count; i++) {
		struct view whole;

		(void)encode(encode_names[i], &e, &usual, &out);
		assert_true(has(&out, hash.ptr));
		assert_true(has(&out, chain.ptr));
		assert_true(has(&out, "activity_1"));
		assert_true(has(&out, is_json(encode_names[i]) ? "\"replay\":true" : "skantReplay="));
		assert_true(has(&out, is_json(encode_names[i]) ? "\"redacted\":true" : "skantRedacted="));
		if (is_json(encode_names[i]))
			assert_int_equal(json_whole(buf_view(&out), &whole, NULL), 0);
	}
	event_done(&e);
}

static void rfc5424_is_what_the_rfc_says(void **state)
{
	DEFER(buf_done) struct buf out = BUF_INIT(1u << 20);
	struct event e = make("platform_api_key_updated", ACTIVITY);

	(void)state;
	(void)encode("rfc5424", &e, &usual, &out);
	assert_true(text_starts(buf_view(&out),
				VIEW("<109>1 2026-04-10T08:09:10.123456Z host.example skantd 42 "
				     "platform_api_key_updated [anthropic@32473 activityId=\"activity_1\" ")));
	assert_true(has(&out, "actorUserAgent=\"x | = \\\\ \\] \\\" y\""));
	assert_true(has(&out, "] \xEF\xBB\xBF"
			      "anna@example.com changed"));
	event_done(&e);
}

static void cef_escapes_its_header_and_its_values(void **state)
{
	DEFER(buf_done) struct buf out = BUF_INIT(1u << 20);
	struct event e = make("a|b\\c", ACTIVITY);

	(void)state;
	(void)encode("cef", &e, &usual, &out);
	assert_true(has(&out, "|a\\|b\\\\c|"));
	assert_true(has(&out, "requestClientApplication=x | \\= \\\\ ] \" y "));
	event_done(&e);
}

static void a_message_may_be_an_object(void **state)
{
	DEFER(buf_done) struct buf out = BUF_INIT(1u << 20);
	struct encoder_options options = usual;
	struct event e = make("platform_api_key_updated", ACTIVITY);

	(void)state;
	options.message = &encode_json;
	(void)encode("rfc5424", &e, &options, &out);
	assert_true(has(&out, "] \xEF\xBB\xBF{\"schema\":\"skant-event/1\""));
	event_done(&e);
}

static void nothing_from_outside_makes_a_line_or_leaves_its_place(void **state)
{
	DEFER(buf_done) struct buf out = BUF_INIT(1u << 20);
	struct event e = make("t\n<0>", EVIL);

	(void)state;
	for (size_t i = 0; i < encode_name_count; i++) {
		struct view whole;

		(void)encode(encode_names[i], &e, &usual, &out);
		if (is_json(encode_names[i]))
			assert_int_equal(json_whole(buf_view(&out), &whole, NULL), 0);
		assert_false(has(&out, "\xE2\x80\xAE") && !is_json(encode_names[i]));
	}
	event_done(&e);
}

static void what_is_too_long_goes_without_its_json_and_says_so(void **state)
{
	static const size_t sizes[] = { 100'000, 8096, 2048, 1024, 480 };
	DEFER(buf_done) struct buf out = BUF_INIT(1u << 22), body = BUF_INIT(1u << 22);
	struct event e;

	(void)state;
	assert_int_equal(buf_add_text(&body, "{\"id\":\"a\",\"type\":\"t\",\"actor\":{\"type\":\"user_actor\","
					     "\"email_address\":\""),
			 0);
	for (size_t i = 0; i < 200'000; i++)
		assert_int_equal(buf_add_text(&body, "\xC3\xA4"), 0);
	assert_int_equal(buf_add_text(&body, "\"}}"), 0);
	e = make("t", body.ptr);
	for (size_t i = 0; i < encode_name_count; i++)
		for (size_t k = 0; k < ARRAY_LEN(sizes); k++) {
			struct encoder_options options = usual;
			struct view whole;

			options.max_message = sizes[k];
			assert_true(encode(encode_names[i], &e, &options, &out));
			assert_true(out.len <= sizes[k]);
			assert_true(has(&out, is_json(encode_names[i]) ? "\"truncated\":true" : "skantTruncated=") ||
				    strcmp(encode_names[i], "rfc3164") == 0);
			assert_false(has(&out, "\"upstream\""));
			if (is_json(encode_names[i]))
				assert_int_equal(json_whole(buf_view(&out), &whole, NULL), 0);
		}
	event_done(&e);
}

static void a_short_event_is_never_cut(void **state)
{
	DEFER(buf_done) struct buf out = BUF_INIT(1u << 20);
	struct encoder_options options = usual;
	struct event e = make("platform_api_key_updated", ACTIVITY);

	(void)state;
	options.max_message = 8096;
	for (size_t i = 0; i < encode_name_count; i++)
		assert_false(encode(encode_names[i], &e, &options, &out));
	event_done(&e);
}

static void times_before_1970_and_far_ahead_are_written(void **state)
{
	DEFER(buf_done) struct buf out = BUF_INIT(1u << 20);
	struct event e = make("t", "{}");

	(void)state;
	e.time_ns = -1;
	(void)encode("json", &e, &usual, &out);
	assert_true(has(&out, "\"time\":\"1969-12-31T23:59:59.999999999Z\""));
	e.time_ns = 9'000'000'000'000'000'000;
	(void)encode("rfc5424", &e, &usual, &out);
	assert_true(has(&out, " 2255-03-14T16:00:00"));
	event_done(&e);
}

static void every_class_has_an_id_of_its_own_and_a_name(void **state)
{
	(void)state;
	for (unsigned i = 0; i < EVENT_CLASS_COUNT; i++) {
		assert_int_equal(strlen(event_classes[i].message_id), 32);
		for (unsigned k = 0; k < i; k++) {
			assert_string_not_equal(event_classes[i].message_id, event_classes[k].message_id);
			assert_string_not_equal(event_classes[i].name, event_classes[k].name);
		}
	}
}

static void a_finding_has_its_rule_and_its_severity(void **state)
{
	static const char body[] =
		"{\"peer\":{\"uid\":1000,\"gid\":1000,\"pid\":7},\"record\":{\"schema\":\"skant-finding/1\","
		"\"rule_id\":\"anthropic-api-key\",\"kind\":\"api\",\"severity\":\"critical\","
		"\"title\":\"Claude API key\",\"path\":\"a.py\",\"start_line\":14,\"masked\":\"m\"}}";
	struct event e = { .type = VIEW("skant.finding"), .origin = EVENT_INGEST, .body = view_of(body) };
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(event_read(&e, &err), 0);
	assert_int_equal(e.class, EVENT_CLASS_FINDING);
	assert_int_equal(e.severity, EVENT_CRIT);
	assert_view(e.fields[EVENT_PEER_UID], "1000");
	assert_view(e.message, "Claude API key m in a.py:14");
	event_done(&e);
}

static void a_filter_lets_only_some_pass(void **state)
{
	char types[] = "platform_api_key_*", other[] = "sso_*";
	char *yes[] = { types, NULL }, *no[] = { other, NULL };
	struct event_filter filter = { .types = yes, .severity = EVENT_DEBUG };
	struct event e = make("platform_api_key_updated", ACTIVITY);

	(void)state;
	assert_true(event_passes(&e, &filter));
	filter.types = no;
	assert_false(event_passes(&e, &filter));
	filter = (struct event_filter){ .severity = EVENT_WARNING };
	assert_false(event_passes(&e, &filter));
	filter.severity = EVENT_NOTICE;
	assert_true(event_passes(&e, &filter));
	event_done(&e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_known_of_an_activity_is_in_its_fields_and_its_sentence),
		cmocka_unit_test(json_is_the_envelope_with_the_very_bytes),
		cmocka_unit_test(every_format_has_number_hash_chain_and_marks),
		cmocka_unit_test(rfc5424_is_what_the_rfc_says),
		cmocka_unit_test(cef_escapes_its_header_and_its_values),
		cmocka_unit_test(a_message_may_be_an_object),
		cmocka_unit_test(nothing_from_outside_makes_a_line_or_leaves_its_place),
		cmocka_unit_test(what_is_too_long_goes_without_its_json_and_says_so),
		cmocka_unit_test(a_short_event_is_never_cut),
		cmocka_unit_test(times_before_1970_and_far_ahead_are_written),
		cmocka_unit_test(every_class_has_an_id_of_its_own_and_a_name),
		cmocka_unit_test(a_finding_has_its_rule_and_its_severity),
		cmocka_unit_test(a_filter_lets_only_some_pass),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
