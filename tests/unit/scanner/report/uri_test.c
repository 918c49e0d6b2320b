/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/report/uri.h"

#include "tests/support/unit.h"

static void assert_uri(struct view path, const char *uri, bool is_below)
{
	DEFER(buf_done) struct buf out = BUF_INIT(4096);
	bool below = !is_below;

	assert_int_equal(uri_add(&out, path, &below), 0);
	assert_string_equal(out.ptr, uri);
	assert_int_equal(below, is_below);
}

static void a_relative_path_stays_relative(void **state)
{
	(void)state;
	assert_uri(VIEW("src/a.py"), "src/a.py", true);
	assert_uri(VIEW("stdin"), "stdin", true);
	assert_uri(VIEW("a.zip!b/c.txt"), "a.zip!b/c.txt", true);
}

static void an_absolute_path_is_a_file_uri(void **state)
{
	(void)state;
	assert_uri(VIEW("/srv/a b"), "file:///srv/a%20b", false);
	assert_uri(VIEW("//srv//a"), "file:///srv/a", false);
	assert_uri(VIEW("/"), "file:///", false);
}

static void a_windows_path_is_a_file_uri(void **state)
{
	(void)state;
	assert_uri(VIEW("C:\\src\\a.py"), "file:///C:/src/a.py", false);
	assert_uri(VIEW("src\\a.py"), "src%5Ca.py", true);
}

static void a_colon_makes_no_scheme(void **state)
{
	(void)state;
	assert_uri(VIEW("http://x"), "http%3A/x", true);
	assert_uri(VIEW("C:/x"), "C%3A/x", true);
}

static void bytes_that_are_no_text_are_encoded_one_by_one(void **state)
{
	(void)state;
	assert_uri(VIEW("\xc3\xbc\xff\n%?#[]{}\"<>^`|"), "%C3%BC%FF%0A%25%3F%23%5B%5D%7B%7D%22%3C%3E%5E%60%7C", true);
	assert_uri(VIEW("a\0b"), "a%00b", true);
}

static void segments_that_say_nothing_are_left_out(void **state)
{
	(void)state;
	assert_uri(VIEW("./a/./b//c/"), "a/b/c", true);
	assert_uri(VIEW("."), ".", true);
	assert_uri(VIEW(""), ".", true);
}

static void a_path_that_leaves_its_start_says_so(void **state)
{
	(void)state;
	assert_uri(VIEW("../a"), "../a", false);
	assert_uri(VIEW("a/../../b"), "a/../../b", false);
	assert_uri(VIEW("a/../b"), "a/../b", true);
	assert_uri(VIEW("..a/b"), "..a/b", true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_relative_path_stays_relative),
		cmocka_unit_test(an_absolute_path_is_a_file_uri),
		cmocka_unit_test(a_windows_path_is_a_file_uri),
		cmocka_unit_test(a_colon_makes_no_scheme),
		cmocka_unit_test(bytes_that_are_no_text_are_encoded_one_by_one),
		cmocka_unit_test(segments_that_say_nothing_are_left_out),
		cmocka_unit_test(a_path_that_leaves_its_start_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
