/* SPDX-License-Identifier: Apache-2.0 */
#include "common/sys/sarif.h"

#include "tests/support/unit.h"

static void assert_message(const char *text, const char *wanted)
{
	DEFER(buf_done) struct buf out = BUF_INIT(200);
	struct jsonw w;

	jsonw_init(&w, &out, 0);
	jsonw_object(&w);
	sarif_member_message(&w, "message", view_of(text));
	jsonw_end(&w);
	assert_true(jsonw_ok(&w));
	assert_string_equal(out.ptr, wanted);
}

static void braces_are_doubled_so_that_they_are_no_placeholders(void **state)
{
	(void)state;
	assert_message("Key {0} of {team}", "{\"message\":{\"text\":\"Key {{0}} of {{team}}\"}}");
	assert_message("{{}}", "{\"message\":{\"text\":\"{{{{}}}}\"}}");
	assert_message("", "{\"message\":{\"text\":\"\"}}");
	assert_message("a \"b\"", "{\"message\":{\"text\":\"a \\\"b\\\"\"}}");
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(braces_are_doubled_so_that_they_are_no_placeholders) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
