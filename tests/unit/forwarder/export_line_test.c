/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/export_line.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "forwarder/encode/encode.h"

#define HASH "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define CHAIN "ffeeddccbbaa99887766554433221100ffeeddccbbaa99887766554433221100"

static int read(const char *line, struct export_line *ret)
{
	*ret = (struct export_line){ .store = BUF_INIT(1u << 20) };
	return export_line_read(view_of(line), ret);
}

static void assert_view(struct view v, const char *text)
{
	assert_int_equal(v.len, strlen(text));
	assert_memory_equal(v.ptr, text, v.len);
}

static void the_envelope_is_read(void **state)
{
	struct export_line line;

	(void)state;
	assert_int_equal(read("{\"schema\":\"skant-event/1\",\"seq\":7,\"id\":\"a\\u0062\",\"hash\":\"" HASH
			      "\",\"chain\":\"" CHAIN "\",\"upstream\":{\"x\": 1}}",
			      &line),
			 1);
	assert_int_equal(line.seq, 7);
	assert_view(line.id, "ab");
	assert_view(line.upstream, "{\"x\": 1}");
	assert_int_equal(line.hash[1], 0x11);
	assert_int_equal(line.chain[0], 0xff);
	assert_false(line.is_replay);
	buf_done(&line.store);
}

static void upstream_bytes_that_are_not_as_they_came_are_not_taken_for_them(void **state)
{
	struct export_line line;

	(void)state;
	assert_int_equal(read("{\"seq\":7,\"id\":\"a\",\"hash\":\"" HASH "\",\"chain\":\"" CHAIN
			      "\",\"upstream\":{\"x\": 1},\"verbatim\":false}",
			      &line),
			 1);
	assert_int_equal(line.upstream.len, 0);
	buf_done(&line.store);
}

static void a_line_with_something_before_its_json_is_read(void **state)
{
	struct export_line line;

	(void)state;
	assert_int_equal(read("Nov 27 12:00:00 host skantd[1]: {\"seq\":7,\"id\":\"a\",\"replay\":true,\"hash\":\"" HASH
			      "\",\"chain\":\"" CHAIN "\"}",
			      &line),
			 1);
	assert_true(line.is_replay);
	assert_int_equal(line.upstream.len, 0);
	buf_done(&line.store);
}

static void the_journals_json_is_read_with_its_numbers_as_text(void **state)
{
	struct export_line line;

	(void)state;
	assert_int_equal(read("{\"SKANT_SEQ\":\"9\",\"ANTHROPIC_ACTIVITY_ID\":\"act\",\"SKANT_HASH\":\"" HASH
			      "\",\"SKANT_CHAIN\":\"" CHAIN
			      "\",\"SKANT_REPLAY\":\"1\",\"ANTHROPIC_JSON\":\"{\\\"a\\\":\\\"\\\\n\\\"}\"}",
			      &line),
			 1);
	assert_int_equal(line.seq, 9);
	assert_view(line.id, "act");
	assert_view(line.upstream, "{\"a\":\"\\n\"}");
	assert_true(line.is_replay);
	buf_done(&line.store);
}

static void bytes_that_the_journal_gives_as_numbers_are_put_together(void **state)
{
	struct export_line line;

	(void)state;
	assert_int_equal(read("{\"SKANT_SEQ\":\"9\",\"ANTHROPIC_ACTIVITY_ID\":\"act\",\"SKANT_HASH\":\"" HASH
			      "\",\"SKANT_CHAIN\":\"" CHAIN "\",\"ANTHROPIC_JSON\":[123, 125,255]}",
			      &line),
			 1);
	assert_view(line.upstream, "{}\xff");
	buf_done(&line.store);
}

static void a_syslog_element_is_read_with_its_escapes(void **state)
{
	struct export_line line;

	(void)state;
	assert_int_equal(
		read("<110>1 2026-11-27T12:00:00Z h skantd 1 type [anthropic@32473 activityId=\"a\\\"b\\]\\\\\" "
		     "skantSeq=\"12\" skantHash=\"" HASH "\" skantChain=\"" CHAIN "\"] text",
		     &line),
		1);
	assert_int_equal(line.seq, 12);
	assert_view(line.id, "a\"b]\\");
	buf_done(&line.store);
}

static void lines_of_others_are_not_ours(void **state)
{
	static const char *const lines[] = {
		"", "{", "{\"seq\":1}", "Nov 27 sshd: hello", "[1,2]", "{\"a\":{\"b\":2}}"
	};
	struct export_line line;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		assert_int_equal(read(lines[i], &line), 0);
		buf_done(&line.store);
	}
}

static void a_line_of_ours_that_is_damaged_is_told(void **state)
{
	static const char *const lines[] = {
		"{\"seq\":0,\"id\":\"a\",\"hash\":\"" HASH "\",\"chain\":\"" CHAIN "\"}",
		"{\"seq\":1,\"id\":\"\",\"hash\":\"" HASH "\",\"chain\":\"" CHAIN "\"}",
		"{\"seq\":1,\"id\":\"a\",\"hash\":\"" HASH "0\",\"chain\":\"" CHAIN "\"}",
		"{\"seq\":1,\"id\":\"a\",\"hash\":\"x" CHAIN "\",\"chain\":\"" CHAIN "\"}",
		"{\"seq\":1,\"id\":\"a\",\"hash\":\"" HASH "\"}",
		"<1>1 - - - - - [anthropic@1 skantSeq=\"4\" activityId=\"a\" skantHash=\"" HASH "\"]",
	};
	struct export_line line;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		assert_int_equal(read(lines[i], &line), -1);
		buf_done(&line.store);
	}
}

static void test_messages_are_no_events_in_any_format(void **state)
{
	static const char *const formats[] = { "json", "ecs", "ocsf", "rfc5424" };
	static const struct encoder_options options = { .host = "h", .pen = 32473, .facility = 13, .pid = 1 };
	static const char *const types[] = { "skantd.probe", "skantd.probes" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(formats) * ARRAY_LEN(types); i++) {
		DEFER(buf_done) struct buf text = BUF_INIT(1u << 16);
		DEFER(event_done)
		struct event e = { .seq = 1,
				   .feed = VIEW("skantd"),
				   .id = VIEW("probe-512"),
				   .type = view_of(types[i % 2]),
				   .origin = EVENT_OWN,
				   .observed_ns = 1,
				   .body = VIEW("{\"type\":\"skantd.probe\",\"message\":\"m\"}") };
		struct export_line line;
		struct err err = ERR_INIT;
		bool is_cut;

		assert_int_equal(event_read(&e, &err), 0);
		assert_int_equal(encode_find(formats[i / 2])->encode(&e, &options, &text, &is_cut), 0);
		assert_int_equal(read(text.ptr, &line), i % 2);
		buf_done(&line.store);
	}
}

static void a_test_message_that_the_journal_gives_is_no_event(void **state)
{
	struct export_line line;

	(void)state;
	assert_int_equal(read("{\"SKANT_SEQ\":\"1\",\"ANTHROPIC_ACTIVITY_ID\":\"probe\",\"SKANT_HASH\":\"" HASH
			      "\",\"ANTHROPIC_ACTIVITY_TYPE\":\"skantd.probe\",\"SKANT_CHAIN\":\"" CHAIN "\"}",
			      &line),
			 0);
	buf_done(&line.store);
}

static void an_event_whose_application_calls_it_a_test_is_one(void **state)
{
	struct export_line line;

	(void)state;
	assert_int_equal(read("{\"seq\":7,\"id\":\"ingest-1\",\"type\":\"skantd.probe\",\"hash\":\"" HASH
			      "\",\"chain\":\"" CHAIN "\"}",
			      &line),
			 1);
	buf_done(&line.store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_envelope_is_read),
		cmocka_unit_test(upstream_bytes_that_are_not_as_they_came_are_not_taken_for_them),
		cmocka_unit_test(a_line_with_something_before_its_json_is_read),
		cmocka_unit_test(the_journals_json_is_read_with_its_numbers_as_text),
		cmocka_unit_test(bytes_that_the_journal_gives_as_numbers_are_put_together),
		cmocka_unit_test(a_syslog_element_is_read_with_its_escapes),
		cmocka_unit_test(lines_of_others_are_not_ours),
		cmocka_unit_test(a_line_of_ours_that_is_damaged_is_told),
		cmocka_unit_test(test_messages_are_no_events_in_any_format),
		cmocka_unit_test(a_test_message_that_the_journal_gives_is_no_event),
		cmocka_unit_test(an_event_whose_application_calls_it_a_test_is_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
