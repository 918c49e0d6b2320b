/* SPDX-License-Identifier: Apache-2.0 */
#include "common/api/credential_env.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "tests/support/unit.h"

#define NAME "SKANT_TEST_CREDENTIAL"

static void assert_taken(const char *expected)
{
	DEFER(buf_wipe) struct buf value = BUF_INIT(100);
	struct err err = ERR_INIT;

	assert_int_equal(credential_take_env(NAME, &value, &err), 0);
	assert_true(text_eq(buf_view(&value), view_of(expected)));
}

static void a_value_is_taken_out_of_the_environment_and_kept(void **state)
{
	char *place;

	(void)state;
	assert_int_equal(setenv(NAME, "a-secret", 1), 0);
	place = getenv(NAME);
	assert_taken("a-secret");
	assert_memory_equal(place, "\0\0\0\0\0\0\0", 9);
	assert_string_equal(getenv(NAME), "");
	assert_taken("a-secret");
}

static void a_variable_that_is_set_anew_or_unset_counts(void **state)
{
	(void)state;
	assert_int_equal(setenv(NAME, "one", 1), 0);
	assert_taken("one");
	assert_int_equal(setenv(NAME, "another", 1), 0);
	assert_taken("another");
	assert_taken("another");
	assert_int_equal(unsetenv(NAME), 0);
	assert_taken("");
	assert_int_equal(setenv(NAME, "", 1), 0);
	assert_taken("");
}

static void what_is_too_long_is_taken_out_as_a_whole(void **state)
{
	DEFER(buf_wipe) struct buf value = BUF_INIT(4);
	char *place;

	(void)state;
	assert_int_equal(setenv(NAME, "123456789", 1), 0);
	place = getenv(NAME);
	assert_int_equal(credential_take_env(NAME, &value, NULL), 0);
	assert_string_equal(value.ptr, "1234");
	assert_memory_equal(place, "\0\0\0\0\0\0\0\0", 10);
	assert_int_equal(unsetenv(NAME), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_value_is_taken_out_of_the_environment_and_kept),
		cmocka_unit_test(a_variable_that_is_set_anew_or_unset_counts),
		cmocka_unit_test(what_is_too_long_is_taken_out_as_a_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
