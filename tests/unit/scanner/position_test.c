/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/position.h"

#include "tests/support/unit.h"

static struct prefilter *counter(void)
{
	struct err err = ERR_INIT;

	return prefilter_new(NULL, 0, PREFILTER_BEST, &err);
}

static void place_is(struct view text, uint64_t at, uint64_t line, uint64_t column)
{
	DEFER(prefilter_freep) struct prefilter *p = counter();
	struct piece piece = { .bytes = text, .is_first = true, .is_last = true };
	struct position position;

	position_start(&position, &piece);
	position_advance(&position, &piece, at, p);
	assert_int_equal(position.line, line);
	assert_int_equal(position.column, column);
}

static void lines_and_columns_count_from_one(void **state)
{
	(void)state;
	place_is(VIEW("abc\ndef\n"), 0, 1, 1);
	place_is(VIEW("abc\ndef\n"), 3, 1, 4);
	place_is(VIEW("abc\ndef\n"), 4, 2, 1);
	place_is(VIEW("abc\r\ndef\n"), 6, 2, 2);
	place_is(VIEW("\n\n\nx"), 3, 4, 1);
}

static void a_byte_order_mark_takes_no_column(void **state)
{
	(void)state;
	place_is(VIEW("\xef\xbb\xbf"
		      "abc"),
		 3, 1, 1);
	place_is(VIEW("\xef\xbb\xbf"
		      "abc"),
		 5, 1, 3);
	place_is(VIEW("\xff\xfe"
		      "a\0b\0"),
		 4, 1, 2);
}

static void utf16_counts_as_if_converted(void **state)
{
	(void)state;
	place_is(VIEW("\xff\xfe"
		      "a\0\n\0\xe9\0b\0"),
		 8, 2, 3);
	place_is(VIEW("\xfe\xff"
		      "\0a\0\n\x20\xac\0b"),
		 8, 2, 4);
	place_is(VIEW("\xff\xfe"
		      "\x0a\x0a"
		      "b\0"),
		 4, 1, 4); /* U+0A0A is no newline */
}

static void counting_goes_on_over_pieces(void **state)
{
	DEFER(prefilter_freep) struct prefilter *p = counter();
	struct piece first = { .bytes = VIEW("ab\ncd"), .is_first = true };
	struct piece second = { .bytes = VIEW("cdef\ng"), .offset = 3, .is_last = true };
	struct position position;

	(void)state;
	position_start(&position, &first);
	position_advance(&position, &first, 4, p);
	position_advance(&position, &second, 6, p);
	assert_int_equal(position.line, 2);
	assert_int_equal(position.column, 4);
	position_advance(&position, &second, 8, p);
	assert_int_equal(position.line, 3);
	assert_int_equal(position.column, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_and_columns_count_from_one),
		cmocka_unit_test(a_byte_order_mark_takes_no_column),
		cmocka_unit_test(utf16_counts_as_if_converted),
		cmocka_unit_test(counting_goes_on_over_pieces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
