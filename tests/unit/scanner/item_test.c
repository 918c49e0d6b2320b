/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/item.h"

#include "tests/support/unit.h"

#define PATH_BYTES 12

static void every_reason_has_a_name(void **state)
{
	(void)state;
	for (size_t i = 0; i < UNREAD_COUNT; i++)
		assert_non_null(unread_names[i]);
	assert_string_equal(unread_names[UNREAD_MISSING_OBJECT], "missing-object");
}

static void what_was_left_out_on_purpose_is_not_incomplete(void **state)
{
	(void)state;
	assert_false(unread_is_incomplete(UNREAD_IGNORED));
	assert_false(unread_is_incomplete(UNREAD_VANISHED));
	assert_false(unread_is_incomplete(UNREAD_SPECIAL));
	assert_false(unread_is_incomplete(UNREAD_SYMLINK));
}

static void what_should_have_been_read_is_incomplete(void **state)
{
	static const enum unread reasons[] = { UNREAD_UNREADABLE,     UNREAD_LIMIT,   UNREAD_ENCRYPTED,  UNREAD_CORRUPT,
					       UNREAD_MISSING_OBJECT, UNREAD_SHALLOW, UNREAD_INTERRUPTED };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(reasons); i++)
		assert_true(unread_is_incomplete(reasons[i]));
}

static void paths_are_put_together_from_their_parts(void **state)
{
	const struct item item = { .folder = VIEW("../a/"), .below = VIEW("a/"), .name = VIEW("b.c") };
	DEFER(buf_done) struct buf path = BUF_INIT(PATH_BYTES);
	DEFER(buf_done) struct buf below = BUF_INIT(PATH_BYTES);

	(void)state;
	assert_int_equal(item_add_path(&item, &path), 0);
	assert_string_equal(path.ptr, "../a/b.c");
	assert_int_equal(item_add_below(&item, &below), 0);
	assert_string_equal(below.ptr, "a/b.c");
}

static void a_path_that_does_not_fit_leaves_nothing_behind(void **state)
{
	const struct item item = { .folder = VIEW("folder/"), .name = VIEW("too-long") };
	DEFER(buf_done) struct buf path = BUF_INIT(PATH_BYTES);

	(void)state;
	assert_int_equal(item_add_path(&item, &path), -1);
	assert_int_equal(path.len, 0);
}

static void a_path_is_taken_apart_at_its_last_slash(void **state)
{
	struct item item = { .name = VIEW("old") };

	(void)state;
	item_set_path(&item, VIEW("a/b/c.txt"));
	assert_view(item.folder, "a/b/");
	assert_view(item.below, "a/b/");
	assert_view(item.name, "c.txt");
	item_set_path(&item, VIEW("top"));
	assert_view(item.folder, "");
	assert_view(item.name, "top");
	item_set_path(&item, VIEW("/abs"));
	assert_view(item.folder, "/");
	assert_view(item.name, "abs");
	item_set_path(&item, VIEW_NONE);
	assert_view(item.folder, "");
	assert_view(item.name, "");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_reason_has_a_name),
		cmocka_unit_test(what_was_left_out_on_purpose_is_not_incomplete),
		cmocka_unit_test(what_should_have_been_read_is_incomplete),
		cmocka_unit_test(paths_are_put_together_from_their_parts),
		cmocka_unit_test(a_path_is_taken_apart_at_its_last_slash),
		cmocka_unit_test(a_path_that_does_not_fit_leaves_nothing_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
