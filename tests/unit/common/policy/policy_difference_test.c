/* SPDX-License-Identifier: Apache-2.0 */
#include "common/policy/policy_difference.h"

#include <string.h>

#include "tests/support/unit.h"

struct told {
	char text[256];
	const char *section, *code;
	bool is_note;
	int status;
};

static int take(void *context, const struct policy_difference *d, struct err *err)
{
	struct told *told = context;

	assert_true(strlen(d->text) < sizeof(told->text));
	memcpy(told->text, d->text, strlen(d->text) + 1);
	told->section = d->section;
	told->code = d->code;
	told->is_note = d->is_note;
	return told->status ? err_set(err, ERR_IO, 0, "cannot write") : 0;
}

static void what_is_told_is_safe_to_print(void **state)
{
	struct told told = { .status = 0 };
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(policy_tell(&(const struct policy_teller){ take, &told }, "budgets", "a-code", true, &err,
				     "workspace '%s' has %d", "a\033[31m\n", 2),
			 0);
	assert_string_equal(told.text, "workspace 'a\\x1b[31m\\x0a' has 2");
	assert_string_equal(told.section, "budgets");
	assert_string_equal(told.code, "a-code");
	assert_true(told.is_note);
}

static void who_is_told_may_end_the_check(void **state)
{
	struct told told = { .status = -1 };
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(
		policy_tell(&(const struct policy_teller){ take, &told }, "names", "b-code", false, &err, "text"), -1);
	assert_int_equal(err.kind, ERR_IO);
	assert_string_equal(err.text, "cannot write");
	assert_false(told.is_note);
}

static void what_is_longer_than_any_sentence_is_an_error(void **state)
{
	struct told told = { .status = 0 };
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(policy_tell(&(const struct policy_teller){ take, &told }, "names", "b-code", false, &err,
				     "%*s", 5 * ERR_TEXT_BYTES, "x"),
			 -1);
	assert_int_equal(err.kind, ERR_NOMEM);
	assert_null(told.code);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_told_is_safe_to_print),
		cmocka_unit_test(who_is_told_may_end_the_check),
		cmocka_unit_test(what_is_longer_than_any_sentence_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
