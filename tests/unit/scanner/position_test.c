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

static uint64_t utf16_at(struct view text, uint64_t at)
{
	DEFER(prefilter_freep) struct prefilter *p = counter();
	struct piece piece = { .bytes = text, .is_first = true, .is_last = true };
	struct position position;

	position_start(&position, &piece);
	position_advance(&position, &piece, at, p);
	return position.utf16;
}

static void utf16_columns_count_units_not_bytes(void **state)
{
	(void)state;
	assert_int_equal(utf16_at(VIEW("abc"), 2), 3);
	assert_int_equal(utf16_at(VIEW("\xc3\xbc\xe2\x82\xac x"), 6), 4); /* 1 + 1 */
	assert_int_equal(utf16_at(VIEW("\xf0\x9f\x98\x80 x"), 5), 4);     /* a pair */
	assert_int_equal(utf16_at(VIEW("0123456789\xc3\xbc"
				       "0123456789x"),
				  22),
			 22);                                                   /* words of eight round it */
	assert_int_equal(utf16_at(VIEW("\xf0\x9f\x98\x80\n\xc3\xbc x"), 8), 3); /* the line's own */
	assert_int_equal(utf16_at(VIEW("\xef\xbb\xbf"
				       "\xc3\xbc"
				       "x"),
				  5),
			 2);
	assert_int_equal(utf16_at(VIEW("\xff\xfe"
				       "\x3d\xd8\x00\xde"
				       "x\0"),
				  6),
			 3); /* the pair in UTF-16 */
}

static void a_byte_that_is_no_utf8_counts_as_one_unit(void **state)
{
	(void)state;
	assert_int_equal(utf16_at(VIEW("\xfc\xe4 \x80\x80x"), 5), 6);
	assert_int_equal(utf16_at(VIEW("\xf0\x9f\x98 x"), 4), 5);
	assert_int_equal(utf16_at(VIEW("\xe2\x82"), 2), 3);
}

static void a_character_is_counted_once_wherever_counting_stops(void **state)
{
	static const char text[] = "a\xf0\x9f\x98\x80\xc3\xbc\xe2\x82\xac\x80\xbfz";
	struct view all = view_from(text, sizeof(text) - 1);
	uint64_t end = utf16_at(all, all.len);

	(void)state;
	assert_int_equal(end, 1 + 1 + 2 + 1 + 1 + 2 + 1);
	for (size_t cut = 0; cut < all.len; cut++) {
		DEFER(prefilter_freep) struct prefilter *p = counter();
		size_t back = cut < 4 ? cut : 4;
		struct piece first = { .bytes = all, .is_first = true };
		struct piece second = { .bytes = view_sub(all, cut - back, all.len),
					.offset = cut - back,
					.is_last = true };
		struct position position;

		position_start(&position, &first);
		position_advance(&position, &first, cut, p);
		position_advance(&position, &second, all.len, p);
		assert_int_equal(position.utf16, end);
	}
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
		cmocka_unit_test(utf16_columns_count_units_not_bytes),
		cmocka_unit_test(a_byte_that_is_no_utf8_counts_as_one_unit),
		cmocka_unit_test(a_character_is_counted_once_wherever_counting_stops),
		cmocka_unit_test(counting_goes_on_over_pieces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
