/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/message_prompt.h"

#include <stdio.h>
#include <string.h>

#include "tests/support/unit.h"

static const struct prompt_defaults defaults = { .model = "m", .team = "t", .max_tokens = 9 };
static struct prompt prompt = PROMPT_INIT;
static struct err err;

static int read_line(const char *line)
{
	memset(&err, 0, sizeof(err));
	return prompt_read(view_of(line), 7, &defaults, &prompt, &err);
}

static void assert_text(struct view v, const char *text)
{
	assert_int_equal(v.len, strlen(text));
	assert_memory_equal(v.ptr, text, v.len);
}

static void a_line_says_what_it_wants_and_defaults_fill_the_rest(void **state)
{
	(void)state;
	assert_int_equal(read_line("{\"prompt\":\"a\\nb\\u00e9\"}"), 0);
	assert_text(prompt.prompt, "a\nb\xC3\xA9");
	assert_text(prompt.id, "line-7");
	assert_text(prompt.model, "m");
	assert_text(prompt.team, "t");
	assert_null(prompt.system.ptr);
	assert_int_equal(prompt.max_tokens, 9);
	assert_int_equal(
		read_line("{\"id\":\"\\u0061\",\"messages\":[{\"role\":\"user\",\"content\":[]}],\"model\":\"n\","
			  "\"system\":\"s\",\"max_tokens\":3,\"team\":\"x\",\"feature\":\"f\",\"metadata\":[1]}"),
		0);
	assert_text(prompt.id, "a");
	assert_text(prompt.messages, "[{\"role\":\"user\",\"content\":[]}]");
	assert_null(prompt.prompt.ptr);
	assert_text(prompt.model, "n");
	assert_text(prompt.system, "s");
	assert_text(prompt.feature, "f");
	assert_text(prompt.metadata, "[1]");
	assert_int_equal(prompt.max_tokens, 3);
}

static void null_counts_as_not_given(void **state)
{
	(void)state;
	assert_int_equal(read_line("{\"id\":null,\"prompt\":\"a\",\"messages\":null,\"max_tokens\":null}"), 0);
	assert_text(prompt.id, "line-7");
	assert_int_equal(prompt.max_tokens, 9);
}

static void what_is_no_prompt_is_told_with_what_was_expected(void **state)
{
	static const struct {
		const char *line, *why;
	} lines[] = {
		{ "", "expected" },
		{ "[]", "a JSON object was expected" },
		{ "{\"prompt\":\"a\"} x", "expected" },
		{ "{}", "one of \"prompt\" and \"messages\"" },
		{ "{\"prompt\":\"a\",\"messages\":[{}]}", "one of \"prompt\" and \"messages\"" },
		{ "{\"prompt\":7}", "\"prompt\": a string was expected" },
		{ "{\"prompt\":\"\"}", "a string that is not empty" },
		{ "{\"messages\":{}}", "an array of objects" },
		{ "{\"messages\":[7]}", "an array of objects" },
		{ "{\"messages\":[]}", "at least one message" },
		{ "{\"prompt\":\"a\",\"max_tokens\":1.5}", "a whole number from 1" },
		{ "{\"prompt\":\"a\",\"max_tokens\":-1}", "a whole number from 1" },
		{ "{\"prompt\":\"a\",\"max_tokens\":10000001}", "a whole number from 1" },
		{ "{\"prompt\":\"a\",\"id\":\"x\",\"id\":\"y\"}", "\"id\" is there twice" },
		{ "{\"prompt\":\"a\",\"modle\":\"x\"}", "did you mean \"model\"" },
		{ "{\"prompt\":\"a\",\"\\u001b[2J\":1}", "\"\\x1b[2J\" is not known" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		assert_int_equal(read_line(lines[i].line), -1);
		assert_int_equal(err.kind, ERR_FORMAT);
		if (!strstr(err.text, lines[i].why))
			fail_msg("%s: %s", lines[i].line, err.text);
	}
}

static void a_model_is_needed(void **state)
{
	static const struct prompt_defaults none = { .max_tokens = 1 };

	(void)state;
	assert_int_equal(prompt_read(VIEW("{\"prompt\":\"a\"}"), 1, &none, &prompt, &err), -1);
	assert_non_null(strstr(err.text, "--model"));
	assert_int_equal(prompt_of(VIEW("a"), &none, &prompt, &err), -1);
	assert_int_equal(err.kind, ERR_USAGE);
}

static void an_id_has_256_bytes_at_most(void **state)
{
	char line[400];

	(void)state;
	for (int len = 255; len <= 257; len++) {
		(void)snprintf(line, sizeof(line), "{\"prompt\":\"a\",\"id\":\"%0*d\"}", len, 0);
		assert_int_equal(read_line(line), len <= 256 ? 0 : -1);
	}
}

static void the_digest_is_of_all_that_is_sent_and_of_nothing_else(void **state)
{
	static const char *const others[] = {
		"{\"prompt\":\"b\"}",
		"{\"prompt\":\"a\",\"model\":\"n\"}",
		"{\"prompt\":\"a\",\"system\":\"s\"}",
		"{\"prompt\":\"a\",\"max_tokens\":8}",
		"{\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]}",
	};
	unsigned char digest[PROMPT_DIGEST_BYTES];

	(void)state;
	assert_int_equal(read_line("{\"prompt\":\"a\"}"), 0);
	memcpy(digest, prompt.digest, sizeof(digest));
	assert_int_equal(read_line(" {\"id\":\"z\", \"prompt\":\"\\u0061\",\"team\":\"q\",\"metadata\":3} "), 0);
	assert_memory_equal(digest, prompt.digest, sizeof(digest));
	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		assert_int_equal(read_line(others[i]), 0);
		assert_memory_not_equal(digest, prompt.digest, sizeof(digest));
	}
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
		cmocka_unit_test(a_line_says_what_it_wants_and_defaults_fill_the_rest),
		cmocka_unit_test(null_counts_as_not_given),
		cmocka_unit_test(what_is_no_prompt_is_told_with_what_was_expected),
		cmocka_unit_test(a_model_is_needed),
		cmocka_unit_test(an_id_has_256_bytes_at_most),
		cmocka_unit_test(the_digest_is_of_all_that_is_sent_and_of_nothing_else),
	};

	return cmocka_run_group_tests(tests, NULL, end);
}
