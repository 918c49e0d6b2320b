/* SPDX-License-Identifier: Apache-2.0 */
#include "common/base/err.h"

#include <errno.h>
#include <string.h>

#include "tests/support/unit.h"

static void set_fills_kind_errno_and_text(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(err_set(&err, ERR_IO, ENOENT, "cannot open '%s'", "a.txt"), -1);
	assert_int_equal(err.kind, ERR_IO);
	assert_int_equal(err.errnum, ENOENT);
	assert_string_equal(err.text, "cannot open 'a.txt': No such file or directory");
}

static void set_without_errno_ends_with_the_text(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	(void)err_set(&err, ERR_USAGE, 0, "no such thing");
	assert_int_equal(err.errnum, 0);
	assert_string_equal(err.text, "no such thing");
}

static void an_unknown_errno_is_said_to_be_unknown(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	(void)err_set(&err, ERR_IO, 9999, "x");
	assert_string_equal(err.text, "x: unknown error");
}

static void no_err_is_fine(void **state)
{
	(void)state;
	assert_int_equal(err_set(NULL, ERR_IO, 0, "x"), -1);
	assert_int_equal(err_prefix(NULL, "x"), -1);
	assert_int_equal(err_nomem(NULL), -1);
}

static void control_bytes_are_escaped(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	(void)err_set(&err, ERR_IO, 0, "cannot open '%s'", "a\x1b[31m\nb\xff");
	assert_string_equal(err.text, "cannot open 'a\\x1b[31m\\x0ab\\xff'");
}

static void prefix_goes_before_the_text_and_keeps_the_kind(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	(void)err_set(&err, ERR_CONFIG, 0, "bad value \\x");
	assert_int_equal(err_prefix(&err, "file %d", 3), -1);
	assert_int_equal(err.kind, ERR_CONFIG);
	assert_string_equal(err.text, "file 3: bad value \\x");
}

static void a_long_text_ends_in_dots(void **state)
{
	struct err err = ERR_INIT;
	char name[3 * ERR_TEXT_BYTES];

	(void)state;
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	(void)err_set(&err, ERR_IO, ENOENT, "%s", name);
	assert_int_equal(strlen(err.text), ERR_TEXT_BYTES - 1);
	assert_string_equal(err.text + ERR_TEXT_BYTES - 5, "n...");
	(void)err_prefix(&err, "prefix");
	assert_memory_equal(err.text, "prefix: nnn", 11);
	assert_string_equal(err.text + ERR_TEXT_BYTES - 5, "n...");
}

static void a_text_that_just_fits_is_whole(void **state)
{
	struct err err = ERR_INIT;
	char name[ERR_TEXT_BYTES];

	(void)state;
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	(void)err_set(&err, ERR_IO, 0, "%s", name);
	assert_string_equal(err.text, name);
}

static void a_long_text_is_not_cut_inside_a_character(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	for (size_t before = 0; before < 3; before++) {
		char name[ERR_TEXT_BYTES + 64] = "";

		memset(name, 'n', before);
		for (size_t i = before; i + 3 < sizeof(name); i += 3)
			memcpy(name + i, "\xe2\x82\xac", 4);
		(void)err_set(&err, ERR_IO, 0, "%s", name);
		assert_string_equal(err.text + strlen(err.text) - 6, "\xe2\x82\xac...");
	}
}

static void nomem_needs_no_memory_and_says_so(void **state)
{
	struct err err = { .kind = ERR_IO, .errnum = ENOENT, .text = "old" };

	(void)state;
	assert_int_equal(err_nomem(&err), -1);
	assert_int_equal(err.kind, ERR_NOMEM);
	assert_int_equal(err.errnum, 0);
	assert_string_equal(err.text, "out of memory");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(set_fills_kind_errno_and_text),
		cmocka_unit_test(set_without_errno_ends_with_the_text),
		cmocka_unit_test(an_unknown_errno_is_said_to_be_unknown),
		cmocka_unit_test(no_err_is_fine),
		cmocka_unit_test(control_bytes_are_escaped),
		cmocka_unit_test(prefix_goes_before_the_text_and_keeps_the_kind),
		cmocka_unit_test(a_long_text_ends_in_dots),
		cmocka_unit_test(a_text_that_just_fits_is_whole),
		cmocka_unit_test(a_long_text_is_not_cut_inside_a_character),
		cmocka_unit_test(nomem_needs_no_memory_and_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
