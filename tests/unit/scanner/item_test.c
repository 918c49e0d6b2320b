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

static void places_of_a_piece_are_its_own(void **state)
{
	const struct subject s = { .text = VIEW("0123456789"), .base = 1000, .stride = 1 };

	(void)state;
	assert_int_equal(subject_start(&s, 0), 1000);
	assert_int_equal(subject_start(&s, 3), 1003);
	assert_int_equal(subject_end(&s, 10), 1010);
	assert_int_equal(subject_find(&s, 0), 0); /* what is before all of it */
	assert_int_equal(subject_find(&s, 1003), 3);
	assert_int_equal(subject_find(&s, 1009), 9);
	assert_int_equal(subject_find(&s, 1010), 10);
	assert_int_equal(subject_find(&s, UINT64_MAX), 10);
}

static void units_of_two_bytes_stand_two_bytes_apart(void **state)
{
	const struct subject s = { .text = VIEW("0123"), .base = 7, .stride = 2 };

	(void)state;
	assert_int_equal(subject_start(&s, 1), 9);
	assert_int_equal(subject_end(&s, 4), 15);
	assert_int_equal(subject_find(&s, 9), 1);
	assert_int_equal(subject_find(&s, 10), 1);
	assert_int_equal(subject_find(&s, 11), 2);
	assert_int_equal(subject_find(&s, 15), 4);
}

static void decoded_bytes_stand_where_their_spans_say(void **state)
{
	/* %2D, a soft line break that is nothing, two bytes that share a symbol of base64 */
	static const struct span spans[] = { { 10, 13 }, { 13, 14 }, { 20, 22 }, { 21, 23 } };
	const struct subject s = { .text = VIEW("-abc"), .base = 100, .spans = spans };

	(void)state;
	assert_int_equal(subject_start(&s, 0), 110);
	assert_int_equal(subject_end(&s, 1), 113);
	assert_int_equal(subject_start(&s, 2), 120);
	assert_int_equal(subject_end(&s, 4), 123);
	assert_int_equal(subject_find(&s, 105), 0);
	assert_int_equal(subject_find(&s, 112), 0);
	assert_int_equal(subject_find(&s, 113), 1);
	assert_int_equal(subject_find(&s, 114), 2); /* in between: what comes next */
	assert_int_equal(subject_find(&s, 121), 2);
	assert_int_equal(subject_find(&s, 122), 3);
	assert_int_equal(subject_find(&s, 123), 4);
}

static void compressed_text_stands_in_one_place(void **state)
{
	const struct subject s = { .text = VIEW("0123456789"), .base = 50, .packed_bytes = 4 };

	(void)state;
	for (size_t at = 0; at < s.text.len; at++) {
		assert_int_equal(subject_start(&s, at), 50);
		assert_int_equal(subject_end(&s, at + 1), 54);
	}
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
		cmocka_unit_test(places_of_a_piece_are_its_own),
		cmocka_unit_test(units_of_two_bytes_stand_two_bytes_apart),
		cmocka_unit_test(decoded_bytes_stand_where_their_spans_say),
		cmocka_unit_test(compressed_text_stands_in_one_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
