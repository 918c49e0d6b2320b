/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/encode/pen.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "tests/support/unit.h"

static void assert_text(struct view text, enum pen_form form, const char *expected)
{
	DEFER(buf_done) struct buf out = BUF_INIT(1000);
	struct pen pen = { .out = &out };

	pen_text(&pen, text, form);
	assert_false(pen.has_failed);
	assert_string_equal(out.ptr ? out.ptr : "", expected);
}

static void each_form_escapes_its_own_bytes_and_no_others(void **state)
{
	(void)state;
	assert_text(VIEW("a\"b\\c]d|e=f"), PEN_JSON, "a\\\"b\\\\c]d|e=f");
	assert_text(VIEW("a\"b\\c]d|e=f"), PEN_LINE, "a\"b\\c]d|e=f");
	assert_text(VIEW("a\"b\\c]d|e=f"), PEN_PARAMETER, "a\\\"b\\\\c\\]d|e=f");
	assert_text(VIEW("a\"b\\c]d|e=f"), PEN_HEADER, "a\"b\\\\c]d\\|e=f");
	assert_text(VIEW("a\"b\\c]d|e=f"), PEN_EXTENSION, "a\"b\\\\c]d|e\\=f");
}

static void control_bytes_and_what_is_no_utf8_pass_in_no_form(void **state)
{
	(void)state;
	assert_text(VIEW("\0\n\x1F\x7F\xC2\x85\xFF\xED\xA0\x80"), PEN_JSON,
		    "\\u0000\\u000a\\u001f\\u007f\\u0085\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
	assert_text(VIEW("\n\x7F\xFF"), PEN_LINE, "\\x0a\\x7f\\xff");
	assert_text(VIEW("\n\x7F\xFF"), PEN_PARAMETER, "\\\\x0a\\\\x7f\\\\xff");
	assert_text(VIEW("\n\r\x7F"), PEN_EXTENSION, "\\n\\r\\\\x7f");
}

static void characters_beyond_ascii_stay(void **state)
{
	(void)state;
	for (unsigned form = 0; form < PEN_FORMS; form++)
		assert_text(VIEW("\xC3\xA9 \xE6\xBC\xA2 \xF0\x9F\x99\x82"), form,
			    "\xC3\xA9 \xE6\xBC\xA2 \xF0\x9F\x99\x82");
}

/* One special byte at each place of a text that is longer than what is looked at at once. */
static void a_special_byte_is_found_wherever_it_stands(void **state)
{
	(void)state;
	for (size_t at = 0; at < 40; at++) {
		char text[40];
		DEFER(buf_done) struct buf expected = BUF_INIT(100);

		memset(text, 'x', sizeof(text));
		text[at] = '"';
		assert_int_equal(buf_add(&expected, view_from(text, at)), 0);
		assert_int_equal(buf_add_text(&expected, "\\\""), 0);
		assert_int_equal(buf_add(&expected, view_from(text + at + 1, sizeof(text) - at - 1)), 0);
		assert_text(view_from(text, sizeof(text)), PEN_JSON, expected.ptr);
		text[at] = 0x7F;
		buf_clear(&expected);
		assert_int_equal(text_add_clean(&expected, view_from(text, sizeof(text))), 0);
		assert_text(view_from(text, sizeof(text)), PEN_LINE, expected.ptr);
	}
}

static void a_line_is_what_cleaning_makes_of_it(void **state)
{
	(void)state;
	for (unsigned first = 0; first < 256; first++) {
		char text[] = { (char)first, 'a', (char)(first ^ 0x80), '\0' };
		DEFER(buf_done) struct buf expected = BUF_INIT(100);

		assert_int_equal(text_add_clean(&expected, view_from(text, sizeof(text))), 0);
		assert_text(view_from(text, sizeof(text)), PEN_LINE, expected.ptr);
	}
}

static void json_between_tokens_becomes_one_line(void **state)
{
	DEFER(buf_done) struct buf out = BUF_INIT(1000);
	struct pen pen = { .out = &out };

	(void)state;
	assert_true(pen_json(&pen, VIEW("{\"a\": \"long enough for it\"}")));
	assert_false(pen_json(&pen, VIEW("[\r\n\t1 ,\"\x7F\"]")));
	assert_string_equal(out.ptr, "{\"a\": \"long enough for it\"}[   1 ,\"\\u007f\"]");
}

static void assert_time(int64_t ns, unsigned digits, const char *expected)
{
	DEFER(buf_done) struct buf out = BUF_INIT(100);
	struct pen pen = { .out = &out };

	pen_time(&pen, ns, digits);
	assert_string_equal(out.ptr, expected);
}

static void a_time_has_as_many_digits_as_it_needs_and_may_have(void **state)
{
	(void)state;
	assert_time(0, 9, "1970-01-01T00:00:00Z");
	assert_time(1, 9, "1970-01-01T00:00:00.000000001Z");
	assert_time(1, 6, "1970-01-01T00:00:00Z");
	assert_time(1500000, 9, "1970-01-01T00:00:00.001500Z");
	assert_time(1775808550120000000, 6, "2026-04-10T08:09:10.120Z");
	assert_time(-1, 9, "1969-12-31T23:59:59.999999999Z");
	assert_time(INT64_MAX, 9, "2262-04-11T23:47:16.854775807Z");
	assert_time(INT64_MIN, 9, "1677-09-21T00:12:43.145224192Z");
}

static void the_local_form_of_a_time_has_a_space_before_a_short_day(void **state)
{
	DEFER(buf_done) struct buf out = BUF_INIT(100);
	struct pen pen = { .out = &out };

	(void)state;
	pen_bsd_time(&pen, 1775808550120000000);
	pen_bsd_time(&pen, 0);
	assert_string_equal(out.ptr, "Apr 10 08:09:10Jan  1 00:00:00");
}

static void numbers_have_all_their_digits(void **state)
{
	DEFER(buf_done) struct buf out = BUF_INIT(100);
	struct pen pen = { .out = &out };

	(void)state;
	pen_unsigned(&pen, 0);
	pen_byte(&pen, ' ');
	pen_unsigned(&pen, UINT64_MAX);
	pen_byte(&pen, ' ');
	pen_number(&pen, INT64_MIN);
	assert_string_equal(out.ptr, "0 18446744073709551615 -9223372036854775808");
}

static void the_ceiling_is_kept_and_a_failure_sticks(void **state)
{
	DEFER(buf_done) struct buf out = BUF_INIT(10);
	struct pen pen = { .out = &out };

	(void)state;
	PEN_LITERAL(&pen, "0123456789");
	assert_false(pen.has_failed);
	pen_byte(&pen, 'x');
	assert_true(pen.has_failed);
	buf_clear(&out);
	PEN_LITERAL(&pen, "y");
	pen_text(&pen, VIEW("\n"), PEN_LINE);
	pen_digest(&pen, (const unsigned char[DIGEST_SHA256_BYTES]){ 0 });
	assert_int_equal(out.len, 0);
}

static void a_cut_is_between_characters(void **state)
{
	(void)state;
	assert_view(pen_cut(VIEW("a\xE6\xBC\xA2z"), 3), "a");
	assert_view(pen_cut(VIEW("a\xE6\xBC\xA2z"), 4), "a\xE6\xBC\xA2");
	assert_view(pen_cut(VIEW("abc"), 3), "abc");
	assert_view(pen_cut(VIEW("\x80\x80\x80"), 2), "");
}

static void numbers_are_decimal(void **state)
{
	DEFER(buf_done) struct buf out = BUF_INIT(100);
	struct pen pen = { .out = &out };

	(void)state;
	pen_number(&pen, 0);
	pen_byte(&pen, ' ');
	pen_number(&pen, -5);
	pen_byte(&pen, ' ');
	pen_number(&pen, INT64_MIN);
	pen_byte(&pen, ' ');
	pen_unsigned(&pen, UINT64_MAX);
	assert_string_equal(out.ptr, "0 -5 -9223372036854775808 18446744073709551615");
}

/* Views end where they end, whatever stands behind them, and a space is nothing that a line has to lose. */
static void nothing_behind_a_text_is_read(void **state)
{
	static const char text[] = "[1 2] 34567890123456";

	(void)state;
	for (size_t len = 0; len < sizeof(text); len++) {
		DEFER(buf_done) struct buf out = BUF_INIT(100);
		struct pen pen = { .out = &out };

		assert_true(pen_json(&pen, view_from(text, len)));
		assert_int_equal(out.len, len);
		pen_text(&pen, view_from(text, len), PEN_JSON);
		assert_int_equal(out.len, 2 * len);
		if (len == 0)
			continue;
		char *alone = malloc(len); /* the address sanitizer watches its end */

		assert_non_null(alone);
		memcpy(alone, text, len);
		assert_true(pen_json(&pen, view_from(alone, len)));
		pen_text(&pen, view_from(alone, len), PEN_JSON);
		free(alone);
		assert_int_equal(out.len, 4 * len);
	}
}

static void what_fits_exactly_is_not_cut(void **state)
{
	(void)state;
	assert_view(pen_cut(view_sub(VIEW("\xC3\xA9\x80"), 0, 2), 2), "\xC3\xA9");
	assert_view(pen_cut(VIEW("a\xC3\xA9"), 2), "a");
	assert_view(pen_cut(VIEW("abc"), 2), "ab");
	assert_view(pen_cut(VIEW("abc"), 0), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_form_escapes_its_own_bytes_and_no_others),
		cmocka_unit_test(control_bytes_and_what_is_no_utf8_pass_in_no_form),
		cmocka_unit_test(characters_beyond_ascii_stay),
		cmocka_unit_test(a_special_byte_is_found_wherever_it_stands),
		cmocka_unit_test(a_line_is_what_cleaning_makes_of_it),
		cmocka_unit_test(json_between_tokens_becomes_one_line),
		cmocka_unit_test(a_time_has_as_many_digits_as_it_needs_and_may_have),
		cmocka_unit_test(the_local_form_of_a_time_has_a_space_before_a_short_day),
		cmocka_unit_test(numbers_have_all_their_digits),
		cmocka_unit_test(the_ceiling_is_kept_and_a_failure_sticks),
		cmocka_unit_test(a_cut_is_between_characters),
		cmocka_unit_test(numbers_are_decimal),
		cmocka_unit_test(nothing_behind_a_text_is_read),
		cmocka_unit_test(what_fits_exactly_is_not_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
