/* SPDX-License-Identifier: Apache-2.0 */
#include "common/base/buf.h"

#include <stdlib.h>
#include <string.h>

#include "tests/support/unit.h"

static void view_of_null_is_empty(void **state)
{
	(void)state;
	assert_null(view_of(NULL).ptr);
	assert_int_equal(view_of(NULL).len, 0);
	assert_int_equal(view_of("abc").len, 3);
}

static void view_sub_is_clamped_to_the_view(void **state)
{
	struct view v = VIEW("abcdef");

	(void)state;
	assert_int_equal(view_sub(v, 2, 2).len, 2);
	assert_memory_equal(view_sub(v, 2, 2).ptr, "cd", 2);
	assert_int_equal(view_sub(v, 4, SIZE_MAX).len, 2);
	assert_int_equal(view_sub(v, 6, 1).len, 0);
	assert_int_equal(view_sub(v, SIZE_MAX, SIZE_MAX).len, 0);
	assert_int_equal(view_sub(VIEW_NONE, 1, 1).len, 0);
}

static void add_appends_and_terminates(void **state)
{
	DEFER(buf_done) struct buf b = BUF_INIT(100);

	(void)state;
	assert_int_equal(buf_add(&b, VIEW("abc")), 0);
	assert_int_equal(buf_add_text(&b, "def"), 0);
	assert_int_equal(buf_add_byte(&b, 'g'), 0);
	assert_int_equal(b.len, 7);
	assert_string_equal(b.ptr, "abcdefg");
}

static void add_of_nothing_terminates(void **state)
{
	DEFER(buf_done) struct buf b = BUF_INIT(0);

	(void)state;
	assert_int_equal(buf_add(&b, VIEW_NONE), 0);
	assert_string_equal(b.ptr, "");
	assert_int_equal(buf_add_text(&b, NULL), 0);
	assert_int_equal(b.len, 0);
}

static void nul_bytes_are_bytes(void **state)
{
	DEFER(buf_done) struct buf b = BUF_INIT(100);

	(void)state;
	assert_int_equal(buf_add(&b, VIEW("a\0b")), 0);
	assert_int_equal(buf_view(&b).len, 3);
	assert_memory_equal(b.ptr, "a\0b", 4);
}

static void add_refuses_to_pass_the_ceiling(void **state)
{
	DEFER(buf_wipe) struct buf b = BUF_INIT(8);

	(void)state;
	assert_int_equal(buf_add(&b, VIEW("1234567")), 0);
	assert_int_equal(buf_add(&b, VIEW("89")), -1);
	assert_string_equal(b.ptr, "1234567");
	assert_int_equal(buf_add(&b, VIEW("8")), 0);
	assert_int_equal(buf_add_byte(&b, '9'), -1);
	assert_string_equal(b.ptr, "12345678");
}

static void addf_refuses_to_pass_the_ceiling(void **state)
{
	DEFER(buf_done) struct buf b = BUF_INIT(8);

	(void)state;
	assert_int_equal(buf_addf(&b, "%d-%s", 12, "abc"), 0);
	assert_int_equal(buf_addf(&b, "%d", 345), -1);
	assert_string_equal(b.ptr, "12-abc");
	assert_int_equal(buf_addf(&b, "%d", 34), 0);
	assert_string_equal(b.ptr, "12-abc34");
}

static void reserve_does_not_overflow(void **state)
{
	DEFER(buf_done) struct buf b = BUF_INIT(SIZE_MAX);

	(void)state;
	assert_int_equal(buf_add_byte(&b, 'x'), 0);
	assert_int_equal(buf_reserve(&b, SIZE_MAX), -1);
	assert_int_equal(buf_reserve(&b, SIZE_MAX - 1), -1);
	assert_string_equal(b.ptr, "x");
}

static void growth_keeps_what_was_there(void **state)
{
	DEFER(buf_done) struct buf b = BUF_INIT(100000);

	(void)state;
	for (unsigned i = 0; i < 100000; i++)
		assert_int_equal(buf_add_byte(&b, (char)('a' + i % 26)), 0);
	assert_int_equal(buf_add_byte(&b, 'x'), -1);
	for (unsigned i = 0; i < 100000; i++)
		assert_int_equal(b.ptr[i], 'a' + (char)(i % 26));
}

static void cut_only_shortens(void **state)
{
	DEFER(buf_done) struct buf b = BUF_INIT(100);

	(void)state;
	buf_cut(&b, 5);
	assert_int_equal(buf_add_text(&b, "abcdef"), 0);
	buf_cut(&b, 10);
	assert_string_equal(b.ptr, "abcdef");
	buf_cut(&b, 2);
	assert_string_equal(b.ptr, "ab");
	assert_int_equal(b.len, 2);
	buf_clear(&b);
	assert_int_equal(b.len, 0);
	assert_string_equal(b.ptr, "");
}

static void done_leaves_a_usable_buf(void **state)
{
	DEFER(buf_done) struct buf b = BUF_INIT(4);

	(void)state;
	buf_done(NULL);
	buf_wipe(NULL);
	buf_wipe(&b);
	assert_int_equal(buf_add_text(&b, "abc"), 0);
	buf_done(&b);
	assert_null(b.ptr);
	assert_int_equal(buf_add_text(&b, "wxyz"), 0);
	assert_int_equal(buf_add_text(&b, "!"), -1);
	assert_string_equal(b.ptr, "wxyz");
}

static void detach_hands_the_text_over(void **state)
{
	DEFER(buf_done) struct buf b = BUF_INIT(10);
	DEFER(freep) char *text = NULL;
	DEFER(freep) char *empty = NULL;

	(void)state;
	assert_int_equal(buf_add_text(&b, "abc"), 0);
	text = buf_detach(&b);
	assert_string_equal(text, "abc");
	assert_int_equal(b.len, 0);
	empty = buf_detach(&b);
	assert_string_equal(empty, "");
}

static void take_leaves_null_behind(void **state)
{
	DEFER(freep) char *p = strdup("x");
	char *q = TAKE(p);

	(void)state;
	assert_null(p);
	assert_string_equal(q, "x");
	free(q);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(view_of_null_is_empty),
		cmocka_unit_test(view_sub_is_clamped_to_the_view),
		cmocka_unit_test(add_appends_and_terminates),
		cmocka_unit_test(add_of_nothing_terminates),
		cmocka_unit_test(nul_bytes_are_bytes),
		cmocka_unit_test(add_refuses_to_pass_the_ceiling),
		cmocka_unit_test(addf_refuses_to_pass_the_ceiling),
		cmocka_unit_test(reserve_does_not_overflow),
		cmocka_unit_test(growth_keeps_what_was_there),
		cmocka_unit_test(cut_only_shortens),
		cmocka_unit_test(done_leaves_a_usable_buf),
		cmocka_unit_test(detach_hands_the_text_over),
		cmocka_unit_test(take_leaves_null_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
