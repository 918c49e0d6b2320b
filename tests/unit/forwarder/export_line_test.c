/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/export_line.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/bounds.h"
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

static void upstream_bytes_that_are_not_there_without_a_word_are_told(void **state)
{
	static const struct {
		const char *line;
		bool is_bare;
	} cases[] = {
		{ "{\"seq\":7,\"id\":\"a\",\"hash\":\"" HASH "\",\"chain\":\"" CHAIN "\"}", true },
		{ "{\"seq\":7,\"id\":\"a\",\"hash\":\"" HASH "\",\"chain\":\"" CHAIN "\",\"upstream\":null}", true },
		{ "{\"seq\":7,\"id\":\"a\",\"hash\":\"" HASH "\",\"chain\":\"" CHAIN "\",\"truncated\":true}", false },
		{ "{\"SKANT_SEQ\":\"7\",\"ANTHROPIC_ACTIVITY_ID\":\"a\",\"SKANT_HASH\":\"" HASH
		  "\",\"SKANT_CHAIN\":\"" CHAIN "\"}",
		  false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct export_line line;

		assert_int_equal(read(cases[i].line, &line), 1);
		assert_int_equal(line.is_bare, cases[i].is_bare);
		buf_done(&line.store);
	}
}

static void what_stands_there_twice_is_damaged(void **state)
{
	static const char *const lines[] = {
		"{\"seq\":7,\"id\":\"a\",\"hash\":\"" HASH "\",\"chain\":\"" CHAIN
		"\",\"upstream\":{},\"upstre\\u0061m\":{}}",
		"{\"seq\":7,\"id\":\"a\",\"id\":\"b\",\"hash\":\"" HASH "\",\"chain\":\"" CHAIN "\",\"upstream\":{}}",
		"{\"skant\":{\"seq\":7,\"id\":\"a\",\"hash\":\"" HASH "\",\"chain\":\"" CHAIN
		"\",\"upstream\":{}},\"skant\":{}}",
		"{\"unmapped\":{\"skant\":{\"seq\":7,\"id\":\"a\",\"hash\":\"" HASH "\",\"chain\":\"" CHAIN
		"\",\"upstream\":{},\"upstream\":{}}}}",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		struct export_line line;

		assert_int_equal(read(lines[i], &line), -1);
		buf_done(&line.store);
	}
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

#define CEF "CEF:0|skant|skantd|1.0|claude_chat_created|a \\| skantSeq=\"5\" skantSeq=5 {|4|"

static void a_text_that_looks_like_an_element_is_none(void **state)
{
#define FORGED "[anthropic@32473 activityId=\"x\" skantSeq=\"2\" skantHash=\"" HASH "\" skantChain=\"" CHAIN "\"]"
#define OURS "[anthropic@32473 activityId=\"a\" skantSeq=\"7\" skantHash=\"" HASH "\" skantChain=\"" CHAIN "\"]"
	static const char *const lines[] = {
		"<110>1 2026-11-24T13:49:09Z h skantd 1 t " OURS " says " FORGED,
		"<110>Nov 27 12:00:00 skantd[1]: says " FORGED FORGED " skantSeq=\"3\" " OURS,
		"skantd[1]: " FORGED " " OURS,
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		struct export_line line;

		assert_int_equal(read(lines[i], &line), 1);
		assert_int_equal(line.seq, 7);
		assert_view(line.id, "a");
		buf_done(&line.store);
	}
}

static void cef_is_read_with_its_escapes(void **state)
{
	static const char *const lines[] = {
		CEF
		"rt=1 externalId=a\\=b \\\\c\\n suser=x externalId\\=no skantSeq=12 skantFeed=my feed skantHash=" HASH
		" skantChain=" CHAIN,
		CEF "skantSeq=12 skantChain=" CHAIN " skantHash=" HASH " externalId=a\\=b \\\\c\\n",
		"<110>Nov 27 12:00:00 h skantd[1]: " CEF "externalId=a\\=b \\\\c\\n skantSeq=12 skantHash=" HASH
		" skantChain=" CHAIN " skantReplay=1",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		struct export_line line;

		assert_int_equal(read(lines[i], &line), 1);
		assert_int_equal(line.seq, 12);
		assert_view(line.id, "a=b \\c\n");
		assert_int_equal(line.hash[1], 0x11);
		assert_int_equal(line.chain[0], 0xff);
		assert_int_equal(line.upstream.len, 0);
		assert_int_equal(line.is_replay, i == 2);
		buf_done(&line.store);
	}
}

static void cef_in_a_value_of_an_element_is_not_the_event(void **state)
{
	struct export_line line;

	(void)state;
	assert_int_equal(
		read("<1>1 - h skantd 1 t [anthropic@1 activityId=\"a\" actorUserAgent=\"CEF:0|skant|skantd|1|2|3|4|"
		     "skantSeq=9 externalId=b\" skantSeq=\"4\" skantHash=\"" HASH "\" skantChain=\"" CHAIN "\"]",
		     &line),
		1);
	assert_int_equal(line.seq, 4);
	assert_view(line.id, "a");
	buf_done(&line.store);
}

static void what_each_format_writes_is_read(void **state)
{
	static const char *const formats[] = { "json", "ecs", "ocsf", "cef", "rfc5424", "rfc3164" };
	static const struct encoder_options options = { .host = "h", .pen = 32473, .facility = 13, .pid = 1 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
		DEFER(buf_done) struct buf text = BUF_INIT(1u << 16);
		DEFER(event_done)
		struct event e = { .seq = 77,
				   .feed = VIEW("a feed=b"),
				   .id = VIEW("id=\\ ]\"| {}x"),
				   .type = VIEW("a|b"),
				   .origin = EVENT_INGEST,
				   .observed_ns = 1,
				   .hash = { 1, 2 },
				   .chain = { 3 },
				   .is_replay = true,
				   .body = VIEW("{\"peer\":{\"uid\":0,\"gid\":0,\"pid\":1},\"record\":{\"event\":\"x\","
						"\"message\":\"CEF:0|skant|skantd|1|x|y|1| skantSeq=1\"}}") };
		struct export_line line;
		struct err err = ERR_INIT;
		bool is_cut;

		assert_int_equal(event_read(&e, &err), 0);
		assert_int_equal(encode_find(formats[i])->encode(&e, &options, &text, &is_cut), 0);
		assert_int_equal(read(text.ptr, &line), 1);
		assert_int_equal(line.seq, 77);
		assert_view(line.id, "id=\\ ]\"| {}x");
		assert_memory_equal(line.hash, e.hash, sizeof(e.hash));
		assert_memory_equal(line.chain, e.chain, sizeof(e.chain));
		assert_true(line.is_replay);
		buf_done(&line.store);
	}
}

/* As few bytes as leave its number and its proof in it. */
static void an_id_that_was_cut_to_fit_is_known_as_such(void **state)
{
	static const char *const formats[] = { "json", "ecs", "ocsf", "cef", "rfc5424", "rfc3164" };
	static const char body[] = "{\"peer\":{\"uid\":0,\"gid\":0,\"pid\":1},\"record\":{\"event\":\"x\"}}";
	char name[PAGE_ID_BYTES] = { 0 };
	const struct view id = view_from(name, sizeof(name));

	(void)state;
	memset(name, 'i', sizeof(name));
	for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
		unsigned cut = 0;

		for (uint64_t most = 480; most < 1000; most += 20) {
			const struct encoder_options options = { .host = "h", .pen = 1, .max_message = most };
			DEFER(buf_done) struct buf text = BUF_INIT(1u << 16);
			DEFER(event_done)
			struct event e = { .seq = 7, .id = id, .type = VIEW("t"), .origin = EVENT_INGEST };
			struct export_line line;
			struct err err = ERR_INIT;
			bool is_cut;

			e.body = view_from(body, sizeof(body) - 1);
			assert_int_equal(event_read(&e, &err), 0);
			assert_int_equal(encode_find(formats[i])->encode(&e, &options, &text, &is_cut), 0);
			if (read(text.ptr, &line) == 1) {
				assert_int_equal(line.is_truncated, is_cut);
				assert_true(line.id.len == id.len || encode_may_have_cut_id(line.id.len));
				cut += line.id.len < id.len;
			}
			buf_done(&line.store);
		}
		assert_int_not_equal(cut, 0);
	}
	assert_false(encode_may_have_cut_id(60));
	assert_true(encode_may_have_cut_id(61));
	assert_true(encode_may_have_cut_id(64));
	assert_false(encode_may_have_cut_id(65));
}

static void lines_of_others_are_not_ours(void **state)
{
	static const char *const lines[] = {
		"{\"message\":\"h: CEF:0|skant|skantd|1|a|b|4|skantSeq=4 externalId=a skantHash=" HASH
		" skantChain=" CHAIN "\"}",
		"CEF:0|skant|other|1|a|b|4|skantSeq=4",
		"",
		"{",
		"{\"seq\":1}",
		"Nov 27 sshd: hello",
		"[1,2]",
		"{\"a\":{\"b\":2}}"
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
		CEF "externalId=a skantSeq=4 skantHash=" HASH,
		CEF "externalId=a skantHash=" HASH " skantChain=" CHAIN,
		CEF "skantSeq=4 skantHash=" HASH " skantChain=" CHAIN,
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
	static const char *const formats[] = { "json", "ecs", "ocsf", "rfc5424", "cef" };
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
		cmocka_unit_test(upstream_bytes_that_are_not_there_without_a_word_are_told),
		cmocka_unit_test(what_stands_there_twice_is_damaged),
		cmocka_unit_test(a_line_with_something_before_its_json_is_read),
		cmocka_unit_test(the_journals_json_is_read_with_its_numbers_as_text),
		cmocka_unit_test(bytes_that_the_journal_gives_as_numbers_are_put_together),
		cmocka_unit_test(a_syslog_element_is_read_with_its_escapes),
		cmocka_unit_test(a_text_that_looks_like_an_element_is_none),
		cmocka_unit_test(cef_is_read_with_its_escapes),
		cmocka_unit_test(cef_in_a_value_of_an_element_is_not_the_event),
		cmocka_unit_test(what_each_format_writes_is_read),
		cmocka_unit_test(an_id_that_was_cut_to_fit_is_known_as_such),
		cmocka_unit_test(lines_of_others_are_not_ours),
		cmocka_unit_test(a_line_of_ours_that_is_damaged_is_told),
		cmocka_unit_test(test_messages_are_no_events_in_any_format),
		cmocka_unit_test(a_test_message_that_the_journal_gives_is_no_event),
		cmocka_unit_test(an_event_whose_application_calls_it_a_test_is_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
