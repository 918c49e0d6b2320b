/* SPDX-License-Identifier: Apache-2.0 */
/* Whole lines of each format, as docs/events.md and the formats' own documents have them. */
#include "forwarder/encode/encode.h"

#include <string.h>

#include "common/base/text.h"
#include "common/base/version.h"
#include "forwarder/encode/place.h"
#include "tests/support/unit.h"

#define HASH "1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a"
#define CHAIN "2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b"
#define BOM "\xEF\xBB\xBF"
#define BODY                                                                                                           \
	"{\"actor\":{\"type\":\"user_actor\",\"user_id\":\"u1\",\"email_address\":\"a@b\","                            \
	"\"ip_address\":\"192.0.2.1\",\"user_agent\":\"x\"},\"organization_id\":\"o1\","                               \
	"\"api_key_id\":\"k1\",\"request_id\":\"r1\",\"model\":\"m1\",\"input_tokens\":12,"                            \
	"\"output_tokens\":3,\"usage\":{\"input_tokens\":12,\"output_tokens\":3},\"latency_ms\":5,"                    \
	"\"stop_reason\":\"end\"}"

static const struct encoder_options usual = { .host = "h", .pen = 32473, .facility = 13, .pid = 42 };

static struct event make(enum event_origin origin, const char *type, const char *body)
{
	struct event e = { .seq = 7,
			   .feed = VIEW("audit"),
			   .id = VIEW("id_1"),
			   .type = view_of(type),
			   .origin = origin,
			   .time_ns = 1775808550'123456000,
			   .observed_ns = 1775808560'000000000,
			   .body = view_of(body) };
	struct err err = ERR_INIT;

	memset(e.hash, 0x1A, sizeof(e.hash));
	memset(e.chain, 0x2B, sizeof(e.chain));
	assert_int_equal(event_read(&e, &err), 0);
	return e;
}

static struct view encode(const char *name, const struct event *e, const struct encoder_options *options,
			  struct buf *out)
{
	bool is_cut;

	buf_clear(out);
	assert_int_equal(encode_find(name)->encode(e, options, out, &is_cut), 0);
	return buf_view(out);
}

static void an_activity_is_exactly_this_line(void **state)
{
	static const struct {
		const char *name, *line;
	} cases[] = {
		{ "json", "{\"schema\":\"skant-event/1\",\"seq\":7,\"id\":\"id_1\","
			  "\"type\":\"platform_api_key_updated\",\"time\":\"2026-04-10T08:09:10.123456Z\","
			  "\"observed\":\"2026-04-10T08:09:20Z\",\"feed\":\"audit\",\"class\":\"key\","
			  "\"severity\":\"notice\",\"actor\":{\"type\":\"user_actor\",\"id\":\"u1\",\"email\":\"a@b\","
			  "\"ip\":\"192.0.2.1\",\"user_agent\":\"x\"},\"organization_id\":\"o1\","
			  "\"api_key_id\":\"k1\",\"model\":\"m1\",\"target\":{\"type\":\"api_key\",\"id\":\"k1\"},"
			  "\"request_id\":\"r1\",\"message\":\"a@b changed API key k1\",\"hash\":\"" HASH
			  "\",\"chain\":\"" CHAIN "\",\"redacted\":false,\"upstream\":" BODY "}" },
		{ "ecs", "{\"@timestamp\":\"2026-04-10T08:09:10.123456Z\",\"ecs\":{\"version\":\"8.11.0\"},"
			 "\"message\":\"a@b changed API key k1\",\"event\":{\"id\":\"id_1\","
			 "\"action\":\"platform_api_key_updated\",\"kind\":\"event\",\"category\":[\"iam\"],"
			 "\"type\":[\"admin\",\"change\"],\"outcome\":\"success\",\"module\":\"skant\","
			 "\"dataset\":\"skant.events\",\"provider\":\"audit\","
			 "\"created\":\"2026-04-10T08:09:20Z\",\"severity\":5,\"sequence\":7,\"hash\":\"" HASH
			 "\"},\"log\":{\"level\":\"notice\"},\"organization\":{\"id\":\"o1\"},\"user\":{\"id\":\"u1\","
			 "\"email\":\"a@b\"},\"source\":{\"address\":\"192.0.2.1\",\"ip\":\"192.0.2.1\"},"
			 "\"user_agent\":{\"original\":\"x\"},\"http\":{\"request\":{\"id\":\"r1\"}},"
			 "\"related\":{\"user\":[\"u1\",\"a@b\"],\"ip\":[\"192.0.2.1\"]},"
			 "\"service\":{\"type\":\"anthropic\"},\"observer\":{\"vendor\":\"skant\","
			 "\"product\":\"skantd\"},\"anthropic\":{\"api_key_id\":\"k1\","
			 "\"actor_type\":\"user_actor\",\"model\":\"m1\",\"target_type\":\"api_key\","
			 "\"target_id\":\"k1\"},\"skant\":{\"seq\":7,\"id\":\"id_1\",\"feed\":\"audit\","
			 "\"class\":\"key\",\"hash\":\"" HASH "\",\"chain\":\"" CHAIN
			 "\",\"redacted\":false,\"upstream\":" BODY "}}" },
		{ "ocsf", "{\"activity_id\":3,\"activity_name\":\"platform_api_key_updated\","
			  "\"category_uid\":6,\"class_uid\":6003,\"type_uid\":600303,\"severity_id\":2,"
			  "\"severity\":\"Low\",\"status_id\":1,\"time\":1775808550123,\"message\":\"a@b changed "
			  "API key k1\",\"metadata\":{\"version\":\"1.3.0\",\"uid\":\"id_1\",\"sequence\":7,"
			  "\"log_name\":\"audit\",\"product\":{\"name\":\"skant\",\"vendor_name\":\"skant\"}},"
			  "\"actor\":{\"app_name\":\"claude\",\"user\":{\"uid\":\"u1\",\"email_addr\":\"a@b\","
			  "\"org\":{\"uid\":\"o1\"}}},\"src_endpoint\":{\"ip\":\"192.0.2.1\"},"
			  "\"http_request\":{\"user_agent\":\"x\"},"
			  "\"api\":{\"operation\":\"platform_api_key_updated\",\"request\":{\"uid\":\"r1\"}},"
			  "\"unmapped\":{\"anthropic\":{\"api_key_id\":\"k1\",\"actor_type\":\"user_actor\","
			  "\"model\":\"m1\",\"target_type\":\"api_key\",\"target_id\":\"k1\"},\"skant\":{\"seq\":7,"
			  "\"id\":\"id_1\",\"feed\":\"audit\",\"class\":\"key\",\"severity\":\"notice\","
			  "\"observed\":\"2026-04-10T08:09:20Z\",\"hash\":\"" HASH "\",\"chain\":\"" CHAIN
			  "\",\"redacted\":false,\"upstream\":" BODY "}}}" },
		{ "cef", "CEF:0|skant|skantd|" SKANT_VERSION
			 "|platform_api_key_updated|a@b changed API key k1|4|rt=1775808550123 "
			 "externalId=id_1 cat=key src=192.0.2.1 suid=u1 suser=a@b "
			 "requestClientApplication=x duid=k1 cs1=o1 cs1Label=organizationId cs3=k1 "
			 "cs3Label=apiKeyId cs4=m1 cs4Label=model cs6=r1 cs6Label=requestId "
			 "anthropicActorType=user_actor anthropicTargetType=api_key msg=a@b changed "
			 "API key k1 skantSeq=7 skantFeed=audit skantHash=" HASH " skantChain=" CHAIN },
		{ "rfc5424", "<109>1 2026-04-10T08:09:10.123456Z h skantd 42 platform_api_key_updated "
			     "[anthropic@32473 activityId=\"id_1\" activityType=\"platform_api_key_updated\" "
			     "organizationId=\"o1\" apiKeyId=\"k1\" actorType=\"user_actor\" actorId=\"u1\" "
			     "actorEmail=\"a@b\" actorIp=\"192.0.2.1\" actorUserAgent=\"x\" model=\"m1\" "
			     "targetType=\"api_key\" targetId=\"k1\" requestId=\"r1\" skantFeed=\"audit\" "
			     "skantClass=\"key\" skantSeq=\"7\" skantHash=\"" HASH "\" skantChain=\"" CHAIN "\"] " BOM
			     "a@b changed API key k1" },
		{ "rfc3164", "<109>Apr 10 08:09:20 skantd[42]: a@b changed API key k1 [anthropic@32473 "
			     "activityId=\"id_1\" activityType=\"platform_api_key_updated\" "
			     "organizationId=\"o1\" apiKeyId=\"k1\" actorType=\"user_actor\" actorId=\"u1\" "
			     "actorEmail=\"a@b\" actorIp=\"192.0.2.1\" actorUserAgent=\"x\" model=\"m1\" "
			     "targetType=\"api_key\" targetId=\"k1\" requestId=\"r1\" skantFeed=\"audit\" "
			     "skantClass=\"key\" skantSeq=\"7\" skantHash=\"" HASH "\" skantChain=\"" CHAIN "\"]" },
	};
	struct event e = make(EVENT_PLATFORM, "platform_api_key_updated", BODY);

	(void)state;
	assert_int_equal(ARRAY_LEN(cases), encode_name_count);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		DEFER(buf_done) struct buf out = BUF_INIT(1u << 20);

		(void)encode(cases[i].name, &e, &usual, &out);
		assert_string_equal(out.ptr, cases[i].line);
	}
	event_done(&e);
}

static bool has(const char *name, const struct event *e, const char *text)
{
	DEFER(buf_done) struct buf out = BUF_INIT(1u << 20);

	return text_find(encode(name, e, &usual, &out), view_of(text)) != SIZE_MAX;
}

/* What OCSF's classes want and forbid. */
static void each_ocsf_class_has_its_own_attributes(void **state)
{
#define NAMED "{\"actor\":{\"user_id\":\"u1\"},\"user_id\":\"u2\"}"
#define NAMELESS "{\"actor\":{\"email_address\":\"a@b\"}}"
	static const struct {
		enum event_origin origin;
		const char *type, *body, *text;
		bool is_there;
	} cases[] = {
		{ EVENT_PLATFORM, "sso_login_failed", NAMED, "\"class_uid\":3002,\"type_uid\":300201,", true },
		{ EVENT_PLATFORM, "sso_login_failed", NAMED, "\"status_id\":2,", true },
		{ EVENT_PLATFORM, "sso_login_failed", NAMED,
		  "\"user\":{\"uid\":\"u1\"},\"service\":{\"name\":\"claude\"}", true },
		{ EVENT_PLATFORM, "sso_login_failed", NAMED, "\"privileges\"", false },
		{ EVENT_PLATFORM, "sso_login_failed", NAMED, "\"profiles\"", false },
		{ EVENT_PLATFORM, "sso_login_failed", NAMED, "\"src_endpoint\"", false },
		{ EVENT_PLATFORM, "sso_login_failed", NAMED, "\"unknown\"", false },
		{ EVENT_PLATFORM, "sso_login_failed", NAMED, "\"api\":", false },
		{ EVENT_PLATFORM, "sso_login_failed", NAMELESS,
		  "\"user\":{\"email_addr\":\"a@b\",\"name\":\"unknown\"}", true },
		{ EVENT_PLATFORM, "platform_user_logged_out", NAMED, "\"activity_id\":2,", true },
		{ EVENT_PLATFORM, "org_user_removed", NAMED, "\"activity_id\":6,", true },
		{ EVENT_PLATFORM, "org_user_removed", NAMED, "\"class_uid\":3001,\"type_uid\":300106,", true },
		{ EVENT_PLATFORM, "org_user_removed", NAMED, "\"user\":{\"uid\":\"u2\"}", true },
		{ EVENT_PLATFORM, "org_user_removed", NAMED, "\"service\"", false },
		{ EVENT_PLATFORM, "org_user_removed", "{}", "\"actor\":{\"app_name\":\"claude\"}", true },
		{ EVENT_PLATFORM, "org_user_removed", "{}", "\"user\":{\"name\":\"unknown\"}", true },
		{ EVENT_PLATFORM, "workspace_member_added", NAMED, "\"class_uid\":3005,\"type_uid\":300501,", true },
		{ EVENT_PLATFORM, "workspace_member_added", NAMED, "\"privileges\":[\"unknown\"]", true },
		{ EVENT_PLATFORM, "workspace_member_added", NAMED, "\"profiles\":[\"host\"]", true },
		{ EVENT_PLATFORM, "claude_chat_created", NAMED, "\"activity_id\":1,", true },
		{ EVENT_PLATFORM, "claude_chat_created", NAMED, "\"src_endpoint\":{\"name\":\"unknown\"}", true },
		{ EVENT_PLATFORM, "claude_chat_created", NAMED, "\"user\":{\"name\":", false },
		{ EVENT_PLATFORM, "claude_chat_created", NAMED, "\"finding_info\"", false },
		{ EVENT_PLATFORM, "claude_chat_created", NAMELESS,
		  "\"user\":{\"name\":\"unknown\",\"email_addr\":\"a@b\"}", true },
		{ EVENT_PLATFORM, "claude_chat_created", "{\"organization_id\":\"o1\"}",
		  "\"user\":{\"name\":\"unknown\",\"org\"", true },
		{ EVENT_INGEST, "skant.finding", "{\"record\":{\"schema\":\"skant-finding/1\"}}",
		  "\"class_uid\":2004,\"type_uid\":200401,", true },
		{ EVENT_INGEST, "skant.finding", "{\"record\":{\"schema\":\"skant-finding/1\"}}",
		  "\"finding_info\":{\"title\":", true },
		{ EVENT_INGEST, "skant.finding", "{\"record\":{\"schema\":\"skant-finding/1\"}}", "\"src_endpoint\"",
		  false },
		{ EVENT_INGEST, "skant.finding", "{\"record\":{\"schema\":\"skant-finding/1\"}}",
		  "\"profiles\":[\"host\"]", true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct event e = make(cases[i].origin, cases[i].type, cases[i].body);

		if (has("ocsf", &e, cases[i].text) != cases[i].is_there)
			fail_msg("case %zu, %s: %s", i, cases[i].type, cases[i].text);
		event_done(&e);
	}
}

static void addresses_of_both_versions_have_their_own_keys_in_cef(void **state)
{
	struct event four = make(EVENT_PLATFORM, "t", "{\"actor\":{\"ip_address\":\"192.0.2.1\"}}");
	struct event six = make(EVENT_PLATFORM, "t", "{\"actor\":{\"ip_address\":\"2001:db8::1\"}}");
	struct event none = make(EVENT_PLATFORM, "t", "{\"actor\":{\"ip_address\":\"192.0.2\"}}");

	(void)state;
	assert_true(has("cef", &four, " src=192.0.2.1 "));
	assert_true(has("cef", &six, " c6a2=2001:db8::1 c6a2Label=Source IPv6 Address "));
	assert_false(has("cef", &six, " src="));
	assert_false(has("cef", &none, "src=") || has("cef", &none, "c6a2"));
	assert_true(has("ecs", &six, "\"ip\":[\"2001:db8::1\"]"));
	assert_false(has("ecs", &none, "\"ip\""));
	event_done(&four);
	event_done(&six);
	event_done(&none);
}

static void only_an_ip_address_is_one(void **state)
{
	(void)state;
	assert_int_equal(place_ip_version(VIEW_NONE), 0);
	assert_int_equal(place_ip_version(VIEW("192.0.2.1")), 4);
	assert_int_equal(place_ip_version(VIEW("::")), 6);
	assert_int_equal(place_ip_version(VIEW("192.0.2.1\0")), 0);
	assert_int_equal(place_ip_version(VIEW("192.0.2.256")), 0);
	assert_int_equal(place_ip_version(VIEW("ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255")), 6); /* the longest */
	assert_int_equal(place_ip_version(VIEW("ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.2550")), 0);
	assert_int_equal(place_ip_version(view_sub(VIEW("192.0.2.12"), 0, 9)), 4);
}

#define V(text)                                                                                                        \
	{                                                                                                              \
		.ptr = (text), .len = sizeof(text) - 1                                                                 \
	}

static void the_last_word_of_a_type_tells_what_was_done(void **state)
{
	static const struct {
		struct view type;
		enum place_verb verb;
		enum place_outcome outcome;
	} cases[] = {
		{ V("key_created"), PLACE_CREATE, PLACE_SUCCESS }, { V("key.created"), PLACE_CREATE, PLACE_SUCCESS },
		{ V("created"), PLACE_CREATE, PLACE_SUCCESS },     { V("key_viewed"), PLACE_READ, PLACE_SUCCESS },
		{ V("key_rotated"), PLACE_UPDATE, PLACE_UNKNOWN }, { V("key_restated"), PLACE_UPDATE, PLACE_UNKNOWN },
		{ V("key_revoked"), PLACE_DELETE, PLACE_SUCCESS }, { V("login_failed"), PLACE_OTHER, PLACE_FAILURE },
		{ V("keycreated"), PLACE_OTHER, PLACE_UNKNOWN },   { V("created_key"), PLACE_OTHER, PLACE_UNKNOWN },
		{ V("created_"), PLACE_OTHER, PLACE_UNKNOWN },     { V(""), PLACE_OTHER, PLACE_UNKNOWN },
		{ V("key_x"), PLACE_OTHER, PLACE_UNKNOWN },        { V("file_downloaded"), PLACE_READ, PLACE_SUCCESS },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct event e = { .type = cases[i].type };

		assert_int_equal(place_verb_of(&e), cases[i].verb);
		assert_int_equal(place_outcome_of(&e), cases[i].outcome);
	}
	/* only what is in the view counts, whatever stands before it */
	assert_int_equal(place_verb_of(&(struct event){ .type = view_sub(VIEW("x_created"), 2, 7) }), PLACE_CREATE);
	assert_int_equal(place_verb_of(&(struct event){ .type = view_sub(VIEW("recreated"), 2, 7) }), PLACE_CREATE);
}

/* Longest run of c in v. */
static size_t run_of(struct view v, char c)
{
	size_t longest = 0, run = 0;

	for (size_t i = 0; i < v.len; i++) {
		run = v.ptr[i] == c ? run + 1 : 0;
		if (run > longest)
			longest = run;
	}
	return longest;
}

static void what_does_not_fit_is_cut_step_by_step(void **state)
{
	static const struct {
		size_t agent, id;
		bool has_agent, has_feed;
	} steps[] = { { 3000, 100, true, true }, { 1024, 100, true, true }, { 256, 100, true, true },
		      { 64, 100, true, true },   { 0, 100, false, true },   { 0, 64, false, true },
		      { 0, 24, false, false },   { 0, 8, false, false } };
	DEFER(buf_done) struct buf out = BUF_INIT(1u << 20), body = BUF_INIT(1u << 20), id = BUF_INIT(200);
	struct encoder_options options = usual;
	size_t step = 0;
	struct event e;

	(void)state;
	assert_int_equal(buf_add_text(&body, "{\"actor\":{\"user_agent\":\""), 0);
	for (size_t i = 0; i < 3000; i++)
		assert_int_equal(buf_add_byte(&body, 'Q'), 0);
	assert_int_equal(buf_add_text(&body, "\"}}"), 0);
	for (size_t i = 0; i < 100; i++)
		assert_int_equal(buf_add_byte(&id, 'Z'), 0);
	e = make(EVENT_PLATFORM, "t", body.ptr);
	e.id = buf_view(&id);
	assert_true(encode("json", &e, &usual, &out).len > 6000);
	for (options.max_message = out.len - 1; step < ARRAY_LEN(steps); options.max_message = out.len - 1, step++) {
		struct view line = encode("json", &e, &options, &out);

		assert_int_equal(run_of(line, 'Q'), steps[step].agent);
		assert_int_equal(run_of(line, 'Z'), steps[step].id);
		assert_int_equal(text_find(line, VIEW("\"feed\"")) != SIZE_MAX, steps[step].has_feed);
		assert_true(text_find(line, VIEW("\"truncated\":true")) != SIZE_MAX);
		assert_true(line.len <= options.max_message);
	}
	event_done(&e);
}

static void the_shortest_line_is_this(void **state)
{
	static const char *const lines[][2] = {
		{ "cef", "CEF:0|skant|skantd|" SKANT_VERSION
			 "|t|activity|2|rt=1775808550123 externalId=id_1 cat=activity skantSeq=7 "
			 "skantHash=" HASH " skantChain=" CHAIN " skantRedacted=1 skantTruncated=1" },
		{ "rfc5424", "<110>1 2026-04-10T08:09:10.123456Z h skantd 42 t [anthropic@32473 activityId=\"id_1\" "
			     "skantSeq=\"7\" skantHash=\"" HASH "\" skantChain=\"" CHAIN "\" skantTruncated=\"1\"] " BOM
			     "activity" },
		{ "rfc3164",
		  "<110>Apr 10 08:09:20 skantd[42]: activity [anthropic@32473 activityId=\"id_1\" skantSeq=\"7\" "
		  "skantHash=\"" HASH "\" skantChain=\"" CHAIN "\" skantTruncated=\"1\"]" },
	};
	struct encoder_options options = usual;
	struct event e = make(EVENT_PLATFORM, "t", BODY);

	(void)state;
	options.max_message = 1;
	e.is_redacted = true;
	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		DEFER(buf_done) struct buf out = BUF_INIT(1u << 20);

		(void)encode(lines[i][0], &e, &options, &out);
		assert_string_equal(out.ptr, lines[i][1]);
	}
	event_done(&e);
}

static void an_object_in_a_syslog_line_fits_with_it_or_is_left_out(void **state)
{
	DEFER(buf_done) struct buf out = BUF_INIT(1u << 20);
	struct encoder_options options = usual;
	struct event e = make(EVENT_PLATFORM, "platform_api_key_updated", BODY);
	size_t with = 0, without = 0;

	(void)state;
	options.message = &encode_json;
	for (options.max_message = 480; options.max_message < 2600; options.max_message++) {
		size_t at = text_find(encode("rfc5424", &e, &options, &out), VIEW("{\"schema\""));

		assert_true(out.len <= options.max_message);
		if (at != SIZE_MAX && with == 0)
			assert_int_equal(options.max_message, at + 480); /* room for the shortest one */
		with += at != SIZE_MAX;
		without += at == SIZE_MAX;
	}
	assert_true(with > 0 && without > 0);
	event_done(&e);
}

static void an_event_without_a_body_has_no_upstream(void **state)
{
	struct event e = make(EVENT_PLATFORM, "t", BODY);

	(void)state;
	e.body = VIEW_NONE;
	assert_false(has("json", &e, "\"upstream\""));
	event_done(&e);
}

static void numbers_stand_as_they_came(void **state)
{
	struct event e = make(EVENT_OWN, "t", BODY);

	(void)state;
	assert_true(has("json", &e, "\"input_tokens\":12,\"output_tokens\":3,\"target"));
	assert_true(has("ocsf", &e, "\"input_tokens\":12,\"output_tokens\":3,\"target"));
	assert_true(has("cef", &e, " cn1=12 cn1Label=inputTokens cn2=3 cn2Label=outputTokens "));
	event_done(&e);
}

static void a_list_has_those_that_are_known(void **state)
{
	struct event none = make(EVENT_PLATFORM, "t", "{}"), one = make(EVENT_PLATFORM, "t", NAMELESS);
	struct event other = make(EVENT_PLATFORM, "t", "{\"actor\":{\"user_id\":\"u1\"}}");

	(void)state;
	assert_false(has("ecs", &none, "\"related\""));
	assert_true(has("ecs", &one, "\"related\":{\"user\":[\"a@b\"]}"));
	assert_true(has("ecs", &other, "\"related\":{\"user\":[\"u1\"]}"));
	event_done(&none);
	event_done(&one);
	event_done(&other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_activity_is_exactly_this_line),
		cmocka_unit_test(each_ocsf_class_has_its_own_attributes),
		cmocka_unit_test(addresses_of_both_versions_have_their_own_keys_in_cef),
		cmocka_unit_test(only_an_ip_address_is_one),
		cmocka_unit_test(the_last_word_of_a_type_tells_what_was_done),
		cmocka_unit_test(what_does_not_fit_is_cut_step_by_step),
		cmocka_unit_test(the_shortest_line_is_this),
		cmocka_unit_test(an_object_in_a_syslog_line_fits_with_it_or_is_left_out),
		cmocka_unit_test(an_event_without_a_body_has_no_upstream),
		cmocka_unit_test(numbers_stand_as_they_came),
		cmocka_unit_test(a_list_has_those_that_are_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
