/* SPDX-License-Identifier: Apache-2.0 */
/* Prompts, results and records when memory ends anywhere. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "admin/message_record.h"
#include "admin/message_results.h"
#include "common/sys/file.h"
#include "tests/support/nomem.h"
#include "tests/support/unit.h"

#define LINE "{\"id\":\"\\u0061\",\"prompt\":\"b\\n\",\"metadata\":[1]}"

static const struct prompt_defaults defaults = { .model = "m", .max_tokens = 9 };

static char good[] = LINE, bad[] = "{\"pormpt\":1}";

static bool read_prompt(void *context, long n)
{
	DEFER(prompt_done) struct prompt prompt = PROMPT_INIT;
	struct err err = ERR_INIT;
	bool has_failed;
	int ret;

	nomem_start(n);
	ret = prompt_read(view_of(context), 1, &defaults, &prompt, &err);
	has_failed = nomem_stop();
	if (has_failed)
		assert_int_equal(ret, -1);
	if (has_failed && context == good)
		assert_int_equal(err.kind, ERR_NOMEM);
	return has_failed;
}

static void a_prompt_is_read_or_there_is_no_memory(void **state)
{
	(void)state;
	assert_true(nomem_each(read_prompt, good) > 1);
	assert_true(nomem_each(read_prompt, bad) > 1);
}

static bool write_all(void *context, long n)
{
	const struct prompt *prompt = context;
	const struct message_outcome outcome = {
		.kind = OUTCOME_DONE,
		.prompt = prompt,
		.message = { .id = VIEW("msg_1"),
			     .content = VIEW("[{\"type\":\"text\",\"text\":\"x\"},{\"type\":\"new\"}]"),
			     .usage = VIEW("{\n}") },
	};
	DEFER(buf_done) struct buf result = BUF_INIT(10000), usage = BUF_INIT(10000), event = BUF_INIT(10000);
	bool has_failed;
	int ret;

	nomem_start(n);
	ret = message_add_result(&result, &outcome) || message_add_usage(&usage, &outcome) ||
			      message_add_event(&event, &outcome)
		      ? -1
		      : 0;
	has_failed = nomem_stop();
	assert_int_equal(ret, has_failed ? -1 : 0);
	return has_failed;
}

static void a_record_is_written_or_there_is_no_memory(void **state)
{
	DEFER(prompt_done) struct prompt prompt = PROMPT_INIT;

	(void)state;
	assert_int_equal(prompt_read(VIEW(LINE), 1, &defaults, &prompt, NULL), 0);
	assert_true(nomem_each(write_all, &prompt) > 5);
}

static bool open_results(void *context, long n)
{
	struct message_results results;
	struct err err = ERR_INIT;
	bool has_failed;
	int ret;

	nomem_start(n);
	ret = message_results_open(&results, context, &err);
	has_failed = nomem_stop();
	assert_int_equal(ret, has_failed ? -1 : 0);
	assert_int_equal(results.answered.count, has_failed ? results.answered.count : 1);
	message_results_done(&results);
	return has_failed;
}

static void results_are_learned_or_there_is_no_memory(void **state)
{
	char path[] = "/tmp/skant-results-XXXXXX";
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(
		file_write_full(fd, VIEW("{\"schema\":\"skant-result/1\",\"id\":\"\\u0061\",\"status\":\"done\","
					 "\"prompt_sha256\":\"000102030405060708090a0b0c0d0e0f\"}\n"
					 "{\"schema\":\"skant-result/1\",\"id\":\"b\",\"status\":\"refused\"}\n")),
		0);
	(void)close(fd);
	assert_true(nomem_each(open_results, path) > 1);
	(void)unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_prompt_is_read_or_there_is_no_memory),
		cmocka_unit_test(a_record_is_written_or_there_is_no_memory),
		cmocka_unit_test(results_are_learned_or_there_is_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
