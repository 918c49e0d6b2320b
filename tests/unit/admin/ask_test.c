/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/ask.h"

#include <string.h>
#include <unistd.h>

#include "tests/support/unit.h"

struct talk {
	int in[2], out[2];
};

static void talk_start(struct talk *t, const char *typed)
{
	assert_int_equal(pipe(t->in), 0);
	assert_int_equal(pipe(t->out), 0);
	assert_int_equal(write(t->in[1], typed, strlen(typed)), strlen(typed));
	(void)close(t->in[1]);
}

static void talk_end(struct talk *t)
{
	(void)close(t->in[0]);
	(void)close(t->out[0]);
	(void)close(t->out[1]);
}

static void assert_answer(const char *typed, enum answer expected)
{
	struct err err = ERR_INIT;
	enum answer answer;
	struct talk t;

	talk_start(&t, typed);
	assert_int_equal(ask_line(t.in[0], t.out[1], "Go on?", &answer, &err), 0);
	assert_int_equal(answer, expected);
	talk_end(&t);
}

static void only_yes_is_yes(void **state)
{
	static const char *const yes[] = { "y\n", "Y\n", "yes\n", " YES \r\n", "y" };
	static const char *const no[] = { "\n", "", "n\n", "no\n", "yess\n", "ye\n", "1\n", "\ny\n" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(yes); i++)
		assert_answer(yes[i], ANSWER_YES);
	for (size_t i = 0; i < ARRAY_LEN(no); i++)
		assert_answer(no[i], ANSWER_NO);
}

static void the_question_is_shown(void **state)
{
	struct err err = ERR_INIT;
	char shown[64] = "";
	enum answer answer;
	struct talk t;

	(void)state;
	talk_start(&t, "n\n");
	assert_int_equal(ask_line(t.in[0], t.out[1], "Remove user_1?", &answer, &err), 0);
	assert_true(read(t.out[0], shown, sizeof(shown) - 1) > 0);
	assert_string_equal(shown, "Remove user_1? [y/N] ");
	talk_end(&t);
}

static void what_follows_the_line_is_left(void **state)
{
	struct err err = ERR_INIT;
	enum answer answer;
	struct talk t;
	char next;

	(void)state;
	talk_start(&t, "y\nz");
	assert_int_equal(ask_line(t.in[0], t.out[1], "Go on?", &answer, &err), 0);
	assert_int_equal(read(t.in[0], &next, 1), 1);
	assert_int_equal(next, 'z');
	talk_end(&t);
}

static void a_line_without_end_is_refused(void **state)
{
	static const char line[] =
		"yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy";
	struct err err = ERR_INIT;
	enum answer answer;
	struct talk t;

	(void)state;
	talk_start(&t, line);
	assert_int_equal(ask_line(t.in[0], t.out[1], "Go on?", &answer, &err), -1);
	assert_int_equal(answer, ANSWER_NO);
	talk_end(&t);
}

static void without_a_terminal_nothing_is_asked(void **state)
{
	struct err err = ERR_INIT;
	enum answer answer = ANSWER_NO;
	struct talk t;

	(void)state;
	talk_start(&t, "y\n");
	assert_int_equal(ask(t.in[0], t.out[1], "Remove user_1?", &answer, &err), -1);
	assert_int_equal(err.kind, ERR_USAGE);
	assert_non_null(strstr(err.text, "Remove user_1?"));
	assert_non_null(strstr(err.text, "--yes"));
	talk_end(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_yes_is_yes),
		cmocka_unit_test(the_question_is_shown),
		cmocka_unit_test(what_follows_the_line_is_left),
		cmocka_unit_test(a_line_without_end_is_refused),
		cmocka_unit_test(without_a_terminal_nothing_is_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
