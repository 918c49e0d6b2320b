/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/hook_script.h"

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "tests/support/unit.h"

static void assert_has(const struct buf *b, const char *part)
{
	assert_int_not_equal(text_find(buf_view(b), view_of(part)), SIZE_MAX);
}

static void scripts_are_known_as_ours(void **state)
{
	(void)state;
	for (size_t i = 0; i < hook_type_count; i++) {
		DEFER(buf_done) struct buf b = BUF_INIT(HOOK_FILE_BYTES);

		assert_int_equal(hook_script_add(&hook_types[i], "/usr/bin/skant", &b), 0);
		assert_int_equal(hook_script_author(buf_view(&b)), HOOK_OURS);
		assert_int_equal(buf_add_text(&b, "x"), 0);
		assert_int_equal(hook_script_author(buf_view(&b)), HOOK_CHANGED);
		assert_int_equal(hook_script_author(view_sub(buf_view(&b), 1, b.len)), HOOK_FOREIGN);
	}
	assert_int_equal(hook_script_author(VIEW("#!/bin/sh\n# skant hook")), HOOK_FOREIGN);
	assert_int_equal(hook_script_author(VIEW_NONE), HOOK_FOREIGN);
}

static void every_path_is_one_word_for_the_shell(void **state)
{
	DEFER(buf_done) struct buf b = BUF_INIT(HOOK_FILE_BYTES);

	(void)state;
	assert_int_equal(hook_script_add(&hook_types[0], "/a'b/$(c) \n/skant", &b), 0);
	assert_has(&b, "\nskant='/a'\\''b/$(c) \n/skant'\n");
}

static void only_hooks_with_input_read_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < hook_type_count; i++) {
		DEFER(buf_done) struct buf b = BUF_INIT(HOOK_FILE_BYTES);

		assert_int_equal(hook_script_add(&hook_types[i], "/s", &b), 0);
		assert_int_equal(text_find(buf_view(&b), VIEW("input=$(cat")) != SIZE_MAX, hook_types[i].has_input);
		assert_has(&b, hook_types[i].command);
	}
}

static void a_script_that_does_not_fit_leaves_nothing_behind(void **state)
{
	DEFER(buf_done) struct buf b = BUF_INIT(300);

	(void)state;
	assert_int_equal(buf_add_text(&b, "x"), 0);
	assert_int_equal(hook_script_add(&hook_types[0], "/s", &b), -1);
	assert_string_equal(b.ptr, "x");
}

static void types_are_found_by_their_whole_name(void **state)
{
	(void)state;
	assert_ptr_equal(hook_type_find(VIEW("pre-push")), &hook_types[2]);
	assert_null(hook_type_find(VIEW("pre-pus")));
	assert_null(hook_type_find(VIEW("claude-code")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scripts_are_known_as_ours),
		cmocka_unit_test(every_path_is_one_word_for_the_shell),
		cmocka_unit_test(only_hooks_with_input_read_it),
		cmocka_unit_test(a_script_that_does_not_fit_leaves_nothing_behind),
		cmocka_unit_test(types_are_found_by_their_whole_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
