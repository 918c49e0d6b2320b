/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/message_record.h"

#include <string.h>

#include "admin/message_results.h"
#include "common/base/text.h"
#include "common/sys/json.h"
#include "tests/support/unit.h"

#define USAGE "{\"input_tokens\":3,\n \"cache_creation\":{\r\n\"ephemeral_5m_input_tokens\":2}}"
#define CONTENT                                                                                                        \
	"[{\"type\":\"text\",\"text\":\"an \\\"answer\\\"\"},\n{\"type\":\"tool_use\",\"name\":\"ls\",\"input\":{}}]"

static struct prompt prompt = PROMPT_INIT;
static struct message_outcome outcome;

static void start(const char *line)
{
	static const struct prompt_defaults defaults = { .model = "m", .team = "ml", .max_tokens = 9 };
	struct err err = ERR_INIT;

	assert_int_equal(prompt_read(view_of(line), 3, &defaults, &prompt, &err), 0);
	outcome = (struct message_outcome){
		.kind = OUTCOME_DONE,
		.prompt = &prompt,
		.unix_s = 1795528149,
		.message = { .id = VIEW("msg_1"),
			     .model = VIEW("m-1"),
			     .stop_reason = VIEW("tool_use"),
			     .content = VIEW(CONTENT),
			     .usage = VIEW(USAGE),
			     .uncached_input_tokens = { 3, true },
			     .cache_creation_input_tokens = { 2, true },
			     .output_tokens = { 6, true },
			     .input_tokens = 5,
			     .inference_geo = VIEW("us") },
		.answer = { .reply = { .was_sent = true, .duration_ns = 1'500'000'000 } },
	};
	outcome.answer.reply.request_id.max = 100;
	assert_int_equal(buf_add_text(&outcome.answer.reply.request_id, "req_1"), 0);
}

static void finish(struct buf *line)
{
	buf_done(line);
	buf_done(&outcome.answer.reply.request_id);
}

/* It is one line, and that is JSON. */
static struct view whole_of(const struct buf *line)
{
	struct view whole;

	assert_true(line->len > 0);
	assert_int_equal(text_find_byte(buf_view(line), '\n'), line->len - 1);
	assert_int_equal(text_find_byte(buf_view(line), '\r'), SIZE_MAX);
	assert_int_equal(json_whole(buf_view(line), &whole, NULL), 0);
	return whole;
}

static void a_result_holds_the_answer_and_can_be_read_back(void **state)
{
	struct buf line = BUF_INIT(10000);
	unsigned char id[PROMPT_DIGEST_BYTES], digest[PROMPT_DIGEST_BYTES];
	struct view whole;

	(void)state;
	start("{\"id\":\"a\",\"prompt\":\"question\",\"metadata\":{\"k\":[1]}}");
	assert_int_equal(message_add_result(&line, &outcome), 0);
	whole = whole_of(&line);
	assert_view(json_member(whole, "text"), "\"an \\\"answer\\\"\"");
	assert_view(json_member(whole, "metadata"), "{\"k\":[1]}");
	assert_view(json_member(whole, "latency_ms"), "1500");
	assert_view(json_member(whole, "line"), "3");
	assert_view(json_member(whole, "timestamp"), "\"2026-11-24T13:49:09Z\"");
	assert_view(json_member(json_member(whole, "usage"), "input_tokens"), "3");
	assert_int_equal(json_type_of(json_member(whole, "content")), JSON_ARRAY); /* there is more than text */
	assert_int_equal(message_result_read(buf_view(&line), id, digest), 1);
	assert_memory_equal(id, prompt.id_digest, sizeof(id));
	assert_memory_equal(digest, prompt.digest, sizeof(digest));
	finish(&line);
}

static void a_result_without_an_answer_says_why_and_is_sent_again(void **state)
{
	struct buf line = BUF_INIT(10000);
	unsigned char id[PROMPT_DIGEST_BYTES], digest[PROMPT_DIGEST_BYTES];
	struct view whole, error;

	(void)state;
	for (unsigned kind = OUTCOME_REFUSED; kind < OUTCOMES; kind++) {
		start("{\"id\":\"a\",\"prompt\":\"question\"}");
		outcome.kind = (enum outcome_kind)kind;
		(void)err_set(&outcome.why, ERR_REFUSED, 0, "no");
		outcome.answer.refusal = (struct api_refusal){ .status = 404, .type = "not_found_error" };
		assert_int_equal(message_add_result(&line, &outcome), 0);
		whole = whole_of(&line);
		error = json_member(whole, "error");
		assert_true(json_string_is(json_member(whole, "status"), view_of(outcome_names[kind])));
		assert_view(json_member(error, "http_status"), "404");
		assert_view(json_member(error, "type"), "\"not_found_error\"");
		assert_view(json_member(error, "message"), "\"no\"");
		assert_int_equal(json_member(whole, "text").len, 0);
		assert_int_equal(message_result_read(buf_view(&line), id, digest), 0);
		finish(&line);
	}
}

static void a_usage_record_has_all_that_is_priced(void **state)
{
	struct buf line = BUF_INIT(10000);
	struct view whole;

	(void)state;
	start("{\"prompt\":\"question\",\"feature\":\"f\"}");
	assert_int_equal(message_add_usage(&line, &outcome), 0);
	whole = whole_of(&line);
	assert_view(json_member(whole, "model"), "\"m-1\"");
	assert_view(json_member(whole, "input_tokens"), "3");
	assert_view(json_member(whole, "output_tokens"), "6");
	assert_view(json_member(whole, "cache_creation_input_tokens"), "2");
	assert_view(json_member(whole, "cache_read_input_tokens"), "0");
	assert_view(json_member(whole, "cache_creation"), "{\"ephemeral_5m_input_tokens\":2}");
	assert_view(json_member(whole, "inference_geo"), "\"us\"");
	assert_view(json_member(whole, "stop_reason"), "\"tool_use\"");
	assert_view(json_member(whole, "team"), "\"ml\"");
	assert_view(json_member(whole, "feature"), "\"f\"");
	assert_view(json_member(whole, "request_id"), "\"req_1\"");
	assert_view(json_member(whole, "message_id"), "\"msg_1\"");
	finish(&line);
}

static void an_audit_event_tells_the_call_and_nothing_that_was_said(void **state)
{
	struct buf line = BUF_INIT(10000), other = BUF_INIT(10000);
	struct view whole;

	(void)state;
	start("{\"prompt\":\"question\",\"system\":\"rules\",\"metadata\":\"mine\"}");
	assert_int_equal(message_add_event(&line, &outcome), 0);
	whole = whole_of(&line);
	assert_view(json_member(whole, "event"), "\"api_call\"");
	assert_view(json_member(whole, "outcome"), "\"done\"");
	assert_view(json_member(whole, "input_tokens"), "5"); /* all of them */
	assert_view(json_member(whole, "tools_used"), "[\"ls\"]");
	assert_view(json_member(whole, "latency_ms"), "1500");
	assert_view(json_member(whole, "request_id"), "\"req_1\"");
	assert_null(strstr(line.ptr, "question"));
	assert_null(strstr(line.ptr, "answer"));
	assert_null(strstr(line.ptr, "rules"));
	assert_null(strstr(line.ptr, "mine"));
	assert_int_equal(message_add_event(&other, &outcome), 0);
	assert_false(text_eq(json_member(whole, "idempotency_key"), json_member(whole_of(&other), "idempotency_key")));
	buf_done(&other);
	finish(&line);
}

static int end(void **state)
{
	(void)state;
	prompt_done(&prompt);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_result_holds_the_answer_and_can_be_read_back),
		cmocka_unit_test(a_result_without_an_answer_says_why_and_is_sent_again),
		cmocka_unit_test(a_usage_record_has_all_that_is_priced),
		cmocka_unit_test(an_audit_event_tells_the_call_and_nothing_that_was_said),
	};

	return cmocka_run_group_tests(tests, NULL, end);
}
