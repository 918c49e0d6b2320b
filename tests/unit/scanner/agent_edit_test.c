/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/agent_edit.h"

#include "tests/support/unit.h"

#define TEXT_BYTES 16

static void assert_edited(const char *text, const char *input, const char *result)
{
	DEFER(buf_done) struct buf b = BUF_INIT(TEXT_BYTES);

	assert_int_equal(buf_add_text(&b, text), 0);
	assert_int_equal(agent_edit_apply(view_of(input), &b), 0);
	assert_string_equal(b.ptr, result);
}

static void the_first_place_or_all_are_replaced(void **state)
{
	(void)state;
	assert_edited("a-b-c", "{\"old_string\":\"-\",\"new_string\":\"+\"}", "a+b-c");
	assert_edited("a-b-c", "{\"old_string\":\"-\",\"new_string\":\"--\",\"replace_all\":true}", "a--b--c");
	assert_edited("a-b-c", "{\"old_string\":\"-\",\"new_string\":\"\",\"replace_all\":false}", "ab-c");
}

static void edits_are_made_in_order(void **state)
{
	(void)state;
	assert_edited("a",
		      "{\"edits\":[{\"old_string\":\"a\",\"new_string\":\"b\"},7,"
		      "{\"old_string\":\"b\",\"new_string\":\"c\"}]}",
		      "c");
}

static void what_does_not_fit_changes_nothing(void **state)
{
	(void)state;
	assert_edited("a", "{\"old_string\":\"x\",\"new_string\":\"b\"}", "a");
	assert_edited("a", "{\"old_string\":\"\",\"new_string\":\"b\"}", "a");
	assert_edited("a", "{\"new_string\":\"b\"}", "a");
	assert_edited("a", "{\"old_string\":\"a\",\"new_string\":7}", "a");
}

static void a_text_that_grows_beyond_its_ceiling_is_refused(void **state)
{
	DEFER(buf_done) struct buf b = BUF_INIT(TEXT_BYTES);

	(void)state;
	assert_int_equal(buf_add_text(&b, "aaaa"), 0);
	assert_int_equal(
		agent_edit_apply(VIEW("{\"old_string\":\"a\",\"new_string\":\"01234\",\"replace_all\":true}"), &b), -1);
	assert_string_equal(b.ptr, "aaaa");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_place_or_all_are_replaced),
		cmocka_unit_test(edits_are_made_in_order),
		cmocka_unit_test(what_does_not_fit_changes_nothing),
		cmocka_unit_test(a_text_that_grows_beyond_its_ceiling_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
