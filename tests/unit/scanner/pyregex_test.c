/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/pyregex.h"

#include "common/base/bounds.h"
#include "tests/support/unit.h"

static const struct {
	const char *pattern, *python; /* NULL: there is none */
} cases[] = {
	{ "sk-ant-api(?!01)[0-9]{2}-(?:[\\w-]{93}AA|x)", "sk-ant-api(?!01)[0-9]{2}-(?:[\\w-]{93}AA|x)" },
	{ "a{2,5}+b*+c++d?+", "a{2,5}b*c+d?" },
	{ "a{2,}?b+?", "a{2,}?b+?" },
	{ "a{,3}{x}", "a\\{,3}\\{x}" },
	{ "(?>ab)(?<n>c)(?P<m>d)", "(?:ab)(?P<n>c)(?P<m>d)" },
	{ "(?i)a(?i:b)", "(?i)a(?i:b)" },
	{ "(?<=ab)c(?<!x)", "(?<=ab)c(?<!x)" },
	{ "[]a[&&b]", "[\\]a\\[\\&\\&b]" },
	{ "[^]\"']", "[^\\]\\x22\\x27]" },
	{ "\"'\\\"\\'", "\\x22\\x27\\x22\\x27" },
	{ "\xC3\xA9\n\t", "\\xc3\\xa9\\x0a\\x09" },
	{ "\\x41\\.\\-(a)\\1", "\\x41\\.\\-(a)\\1" },
	{ "a(?i)b", NULL },
	{ "\\h", NULL },
	{ "\\Qa\\E", NULL },
	{ "a\\z", NULL },
	{ "\\v", NULL },
	{ "\\x{41}", NULL },
	{ "\\x4", NULL },
	{ "(a)\\12", NULL },
	{ "[[:alpha:]]", NULL },
	{ "[\\B]", NULL },
	{ "(?<=a|bc)d", NULL },
	{ "(?<=a+)d", NULL },
	{ "(?|a|b)", NULL },
	{ "(?x)a", NULL },
	{ "(*ACCEPT)", NULL },
	{ "(?R)", NULL },
	{ "[a", NULL },
	{ "a\\", NULL },
};

static void patterns_are_put_into_python_or_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		DEFER(buf_done) struct buf out = BUF_INIT(PYREGEX_BYTES);

		assert_int_equal(buf_add_text(&out, "="), 0);
		assert_int_equal(pyregex_add(&out, view_of(cases[i].pattern)), cases[i].python ? 0 : 1);
		assert_string_equal(out.ptr + 1, cases[i].python ? cases[i].python : "");
	}
}

static void no_room_is_an_error_and_leaves_nothing(void **state)
{
	DEFER(buf_done) struct buf out = BUF_INIT(4);

	(void)state;
	assert_int_equal(pyregex_add(&out, VIEW("abcdef")), -1);
	assert_int_equal(out.len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(patterns_are_put_into_python_or_refused),
		cmocka_unit_test(no_room_is_an_error_and_leaves_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
