/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/spelled.h"

#include "common/base/text.h"
#include "tests/support/unit.h"

static void a_name_without_escapes_is_itself(void **state)
{
	struct spelled store;
	struct view name = VIEW("ml-prod-chat");

	(void)state;
	assert_ptr_equal(spelled_name(name, &store).ptr, name.ptr);
	assert_view(spelled_name(VIEW("a\\nb"), &store), "a\\nb");
	assert_int_equal(spelled_name(VIEW_NONE, &store).len, 0);
}

static void characters_are_read_in_each_length_of_utf_8(void **state)
{
	struct spelled store;

	(void)state;
	assert_view(spelled_name(VIEW("ml\\u002dprod\\u002Dx"), &store), "ml-prod-x");
	assert_view(spelled_name(VIEW("\\u00e9\\u00E9-\\u07ff\\u0800"), &store), "éé-\xDF\xBF\xE0\xA0\x80");
	assert_view(spelled_name(VIEW("\\u65e5\\uffff"), &store), "日\xEF\xBF\xBF");
	assert_view(spelled_name(VIEW("\\ud83d\\ude00-\\ud800\\udc00"), &store), "😀-\xF0\x90\x80\x80");
}

static void what_is_no_character_stays_as_it_is_spelled(void **state)
{
	static const char *const names[] = { "\\u",     "\\u00e",  "\\u00eg",  "\\\\u00e9",      "\\u0000", "\\u001f",
					     "\\u007f", "\\ud83d", "\\ud83dx", "\\ude00\\ud83d", "\\u{e9}" };
	struct spelled store;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		assert_true(text_eq(spelled_name(view_of(names[i]), &store), view_of(names[i])));
	assert_view(spelled_name(VIEW("\\ud83d\\u0041"), &store), "\\ud83dA");
}

static void a_name_that_is_too_long_is_cut_and_still_too_long(void **state)
{
	DEFER(buf_done) struct buf name = BUF_INIT(16 * NAME_BYTES);
	struct spelled store;

	(void)state;
	for (size_t i = 0; i < 2 * (size_t)NAME_BYTES; i++)
		assert_int_equal(buf_add_text(&name, "\\u65e5"), 0);
	assert_int_equal(spelled_name(buf_view(&name), &store).len, sizeof(store.bytes));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_without_escapes_is_itself),
		cmocka_unit_test(characters_are_read_in_each_length_of_utf_8),
		cmocka_unit_test(what_is_no_character_stays_as_it_is_spelled),
		cmocka_unit_test(a_name_that_is_too_long_is_cut_and_still_too_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
