/* SPDX-License-Identifier: Apache-2.0 */
#include "common/base/text.h"

#include <string.h>

#include "tests/support/unit.h"

static void equality_compares_all_bytes(void **state)
{
	(void)state;
	assert_true(text_eq(VIEW("a\0b"), VIEW("a\0b")));
	assert_false(text_eq(VIEW("a\0b"), VIEW("a\0c")));
	assert_false(text_eq(VIEW("ab"), VIEW("abc")));
	assert_true(text_eq(VIEW_NONE, VIEW("")));
}

static void nocase_folds_ascii_letters_only(void **state)
{
	(void)state;
	assert_true(text_eq_nocase(VIEW("aZ09_"), VIEW("Az09_")));
	assert_false(text_eq_nocase(VIEW("[@"), VIEW("{`")));
	assert_false(text_eq_nocase(VIEW("\xc3\xa4"), VIEW("\xc3\x84")));
	assert_false(text_eq_nocase(VIEW("a"), VIEW("aa")));
}

static void starts_and_ends_take_the_empty_text(void **state)
{
	(void)state;
	assert_true(text_starts(VIEW("abc"), VIEW("ab")));
	assert_true(text_starts(VIEW("abc"), VIEW("")));
	assert_false(text_starts(VIEW("ab"), VIEW("abc")));
	assert_true(text_ends(VIEW("abc"), VIEW("bc")));
	assert_true(text_ends(VIEW("abc"), VIEW_NONE));
	assert_false(text_ends(VIEW("bc"), VIEW("abc")));
	assert_false(text_ends(VIEW("abc"), VIEW("ab")));
}

static void cmp_orders_bytes_as_unsigned_and_shorter_first(void **state)
{
	(void)state;
	assert_true(text_cmp(VIEW("a"), VIEW("b")) < 0);
	assert_true(text_cmp(VIEW("a\xff"), VIEW("a\x01")) > 0);
	assert_true(text_cmp(VIEW("a"), VIEW("aa")) < 0);
	assert_true(text_cmp(VIEW("b"), VIEW("aa")) > 0);
	assert_int_equal(text_cmp(VIEW("a"), VIEW("a")), 0);
	assert_int_equal(text_cmp(VIEW_NONE, VIEW_NONE), 0);
}

static void classes_cover_ascii_only(void **state)
{
	unsigned digits = 0, letters = 0, both = 0, spaces = 0, lowered = 0;

	(void)state;
	for (int i = 0; i < 256; i++) {
		char c = (char)i;

		digits += text_is_digit(c);
		letters += text_is_alpha(c);
		both += text_is_alnum(c);
		spaces += text_is_space(c);
		lowered += text_lower(c) != c;
	}
	assert_int_equal(digits, 10);
	assert_int_equal(letters, 52);
	assert_int_equal(both, 62);
	assert_int_equal(spaces, 6);
	assert_int_equal(lowered, 26);
	assert_int_equal(text_lower('Q'), 'q');
}

static void trim_removes_space_on_both_ends(void **state)
{
	(void)state;
	assert_true(text_eq(text_trim(VIEW(" \t\r\n\v\fa b \n")), VIEW("a b")));
	assert_int_equal(text_trim(VIEW(" \n ")).len, 0);
	assert_int_equal(text_trim(VIEW_NONE).len, 0);
}

static void find_gives_the_first_position(void **state)
{
	(void)state;
	assert_int_equal(text_find(VIEW("a\0bb"), VIEW("b")), 2);
	assert_int_equal(text_find(VIEW("abc"), VIEW("")), 0);
	assert_int_equal(text_find(VIEW_NONE, VIEW("")), 0);
	assert_true(text_find(VIEW("abc"), VIEW("abcd")) == SIZE_MAX);
	assert_true(text_find(VIEW_NONE, VIEW("a")) == SIZE_MAX);
	assert_int_equal(text_find_byte(VIEW("ab\0c"), 'c'), 3);
	assert_int_equal(text_find_byte(VIEW("ab\0c"), '\0'), 2);
	assert_true(text_find_byte(VIEW_NONE, '\0') == SIZE_MAX);
}

static void next_line_takes_lf_crlf_and_the_unfinished_last(void **state)
{
	static const char *const lines[] = { "a", "", "b\rc", "d", "last" };
	struct view rest = VIEW("a\n\nb\rc\r\nd\nlast");
	struct view line;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		assert_true(text_next_line(&rest, &line));
		assert_true(text_eq(line, view_of(lines[i])));
	}
	assert_false(text_next_line(&rest, &line));
}

static void a_final_newline_makes_no_extra_line(void **state)
{
	struct view rest = VIEW("a\n");
	struct view line;

	(void)state;
	assert_true(text_next_line(&rest, &line));
	assert_false(text_next_line(&rest, &line));
}

static void u64_takes_digits_up_to_max(void **state)
{
	uint64_t n = 7;

	(void)state;
	assert_int_equal(text_u64(VIEW("0"), 10, &n), 0);
	assert_int_equal(n, 0);
	assert_int_equal(text_u64(VIEW("0010"), 10, &n), 0);
	assert_int_equal(n, 10);
	assert_int_equal(text_u64(VIEW("18446744073709551615"), UINT64_MAX, &n), 0);
	assert_true(n == UINT64_MAX);
}

static void u64_refuses_everything_else(void **state)
{
	static const char *const bad[] = {
		"", "11", "+1", "-1", " 1", "1 ", "1a", "18446744073709551616", "99999999999999999999999", "0x1"
	};
	uint64_t n = 7;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(text_u64(view_of(bad[i]), i == 1 ? 10 : UINT64_MAX, &n), -1);
	assert_int_equal(n, 7);
}

static void size_knows_binary_and_decimal_units(void **state)
{
	static const struct {
		const char *text;
		uint64_t bytes;
	} cases[] = {
		{ "0", 0 },
		{ "17", 17 },
		{ "4K", 4096 },
		{ "4k", 4096 },
		{ "4KiB", 4096 },
		{ "4kB", 4000 },
		{ "2M", 2u << 20 },
		{ "2MB", 2000000 },
		{ "3g", 3ull << 30 },
		{ "1GiB", 1u << 30 },
		{ "1gb", 1000000000 },
		{ "1T", 1ull << 40 },
		{ "1TB", 1000000000000 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		uint64_t n = 0;

		assert_int_equal(text_size(view_of(cases[i].text), UINT64_MAX, &n), 0);
		assert_true(n == cases[i].bytes);
	}
}

static void size_refuses_what_is_no_size(void **state)
{
	static const char *const bad[] = { "",     "K",   "1X",  "1 K", "1KK", "1Kibi",
					   "1.5M", "-1K", "1iB", "1B",  "K1",  "99999999999T" };
	uint64_t n = 7;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(text_size(view_of(bad[i]), UINT64_MAX, &n), -1);
	assert_int_equal(text_size(VIEW("2K"), 2047, &n), -1);
	assert_int_equal(text_size(VIEW("1\0"), UINT64_MAX, &n), -1);
	assert_int_equal(n, 7);
}

static void duration_knows_its_units(void **state)
{
	static const struct {
		const char *text;
		uint64_t ms;
	} cases[] = {
		{ "0", 0 },         { "0s", 0 },         { "1s", 1000 },       { "30s", 30000 },       { "5m", 300000 },
		{ "1h", 3600000 },  { "7d", 604800000 }, { "2w", 1209600000 }, { "6y", 189216000000 }, { "08s", 8000 },
		{ "90m", 5400000 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		uint64_t ms = 7;

		assert_int_equal(text_duration(view_of(cases[i].text), UINT64_MAX, &ms), 0);
		assert_true(ms == cases[i].ms);
	}
}

static void duration_refuses_what_is_none(void **state)
{
	static const char *const bad[] = {
		"",   "s",     "5",     "1 s", "-1s", "1.5h",         "1ms",
		"1S", "1H30m", "1h30m", "1x",  "s1",  "99999999999y", "99999999999999999999s"
	};
	uint64_t ms = 7;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(text_duration(view_of(bad[i]), UINT64_MAX, &ms), -1);
	assert_int_equal(text_duration(VIEW("2s"), 1999, &ms), -1);
	assert_int_equal(text_duration(VIEW("1s\0"), UINT64_MAX, &ms), -1);
	assert_true(ms == 7);
}

static void durations_are_told_in_the_largest_exact_unit(void **state)
{
	static const struct {
		uint64_t ms;
		const char *text;
	} cases[] = {
		{ 0, "0s" },      { 1, "1ms" },      { 1500, "1500ms" },  { 5000, "5s" },
		{ 90000, "90s" }, { 3600000, "1h" }, { 604800000, "1w" }, { 189216000000, "6y" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		DEFER(buf_done) struct buf b = BUF_INIT(100);

		assert_int_equal(text_add_duration(&b, cases[i].ms), 0);
		assert_string_equal(b.ptr, cases[i].text);
	}
}

static void clean_keeps_printable_text(void **state)
{
	static const char text[] = "a b\\x41 \xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80 ~";
	DEFER(buf_done) struct buf b = BUF_INIT(1000);

	(void)state;
	assert_int_equal(text_add_clean(&b, view_of(text)), 0);
	assert_string_equal(b.ptr, text);
}

static void clean_escapes_what_moves_the_terminal(void **state)
{
	static const struct {
		struct view in;
		const char *out;
	} cases[] = {
		{ { "\0\t\n\r\x1b\x7f", 6 }, "\\x00\\x09\\x0a\\x0d\\x1b\\x7f" },
		{ { "a\xc2\x9b!", 4 }, "a\\xc2\\x9b!" },               /* C1 CSI */
		{ { "\xe2\x80\xae", 3 }, "\\xe2\\x80\\xae" },          /* right-to-left override */
		{ { "\xe2\x81\xa6", 3 }, "\\xe2\\x81\\xa6" },          /* left-to-right isolate */
		{ { "\xff\xc3", 2 }, "\\xff\\xc3" },                   /* no UTF-8, cut sequence */
		{ { "\xc0\xaf", 2 }, "\\xc0\\xaf" },                   /* overlong '/' */
		{ { "\xed\xa0\x80", 3 }, "\\xed\\xa0\\x80" },          /* surrogate */
		{ { "\xf4\x90\x80\x80", 4 }, "\\xf4\\x90\\x80\\x80" }, /* beyond U+10FFFF */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		DEFER(buf_done) struct buf b = BUF_INIT(1000);

		assert_int_equal(text_add_clean(&b, cases[i].in), 0);
		assert_string_equal(b.ptr, cases[i].out);
	}
}

static void clean_beyond_the_ceiling_changes_nothing(void **state)
{
	DEFER(buf_done) struct buf b = BUF_INIT(10);

	(void)state;
	assert_int_equal(buf_add_text(&b, "abc"), 0);
	assert_int_equal(text_add_clean(&b, VIEW("d\ne\nf")), -1);
	assert_string_equal(b.ptr, "abc");
}

static void letters_of_any_alphabet_are_known_from_signs(void **state)
{
	static const char *const letters[] = { "a",      "-7",     "\u00e9",    "\u2014\u043b", "\u672c\u756a",
					       "\u30fc", "\u00ff", "\U00020000" };
	static const char *const signs[] = {
		"",       "-",      "\u2014",       "\u2026",     "\u2713 \u2717", "\u00a0\u00d7",
		"\u3002", "\uff0d", "\u26a0\ufe0f", "\U0001f511", "\xe9",          "\x96"
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(letters); i++)
		assert_true(text_has_letter(view_of(letters[i])));
	for (size_t i = 0; i < ARRAY_LEN(signs); i++)
		assert_false(text_has_letter(view_of(signs[i])));
}

static void utf8_len_follows_rfc_3629(void **state)
{
	(void)state;
	assert_int_equal(text_utf8_len(VIEW("")), 0);
	assert_int_equal(text_utf8_len(VIEW("a")), 1);
	assert_int_equal(text_utf8_len(VIEW("\0")), 1);
	assert_int_equal(text_utf8_len(VIEW("\xc2\x80x")), 2);
	assert_int_equal(text_utf8_len(VIEW("\xe0\xa0\x80")), 3);
	assert_int_equal(text_utf8_len(VIEW("\xef\xbf\xbf")), 3);
	assert_int_equal(text_utf8_len(VIEW("\xf4\x8f\xbf\xbf")), 4);
	assert_int_equal(text_utf8_len(VIEW("\x80")), 0);
	assert_int_equal(text_utf8_len(VIEW("\xc1\xbf")), 0);
	assert_int_equal(text_utf8_len(VIEW("\xe0\x9f\xbf")), 0);
	assert_int_equal(text_utf8_len(VIEW("\xf0\x8f\xbf\xbf")), 0);
	assert_int_equal(text_utf8_len(VIEW("\xe2\x82")), 0);
	assert_int_equal(text_utf8_len(VIEW("\xe2\x82x")), 0);
	assert_int_equal(text_utf8_len(VIEW("\xf5\x80\x80\x80")), 0);
}

static const char *nearest(const char *text)
{
	static const char *const names[] = { "dir", "stdin", "names", "report-path", "report-format", "j" };

	return text_nearest(view_of(text), names, ARRAY_LEN(names));
}

static void nearest_finds_each_kind_of_slip(void **state)
{
	(void)state;
	assert_string_equal(nearest("dri"), "dir");      /* swap */
	assert_string_equal(nearest("stdn"), "stdin");   /* left out */
	assert_string_equal(nearest("namess"), "names"); /* too much */
	assert_string_equal(nearest("nanes"), "names");  /* replaced */
	assert_string_equal(nearest("report-pth"), "report-path");
	assert_string_equal(nearest("repotr-formta"), "report-format");
	assert_string_equal(nearest("DIR"), "dir");
}

static void nearest_takes_one_edit_of_a_short_text(void **state)
{
	(void)state;
	assert_string_equal(nearest("x"), "j");
	assert_null(nearest("xy"));
}

static void nearest_is_silent_beyond_a_third(void **state)
{
	(void)state;
	assert_null(nearest("nxmxs"));
	assert_null(nearest("something"));
	assert_null(nearest(""));
	assert_null(text_nearest(VIEW("dir"), NULL, 0));
}

static void nearest_survives_long_texts(void **state)
{
	char text[1000];

	(void)state;
	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_null(nearest(text));
	for (size_t len = 60; len < 70; len++) {
		const char *const names[] = { text + sizeof(text) - 1 - len };

		assert_true(text_nearest(view_from(text, 64), names, 1) == (len <= 64 ? names[0] : NULL));
	}
}

static void grouped_numbers_have_commas(void **state)
{
	static const struct {
		uint64_t number;
		const char *text;
	} cases[] = { { 0, "0" },          { 999, "999" },           { 1000, "1,000" },
		      { 78579, "78,579" }, { 1234567, "1,234,567" }, { UINT64_MAX, "18,446,744,073,709,551,615" } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		DEFER(buf_done) struct buf b = BUF_INIT(100);

		assert_int_equal(buf_add_text(&b, "n="), 0);
		assert_int_equal(text_add_grouped(&b, cases[i].number), 0);
		assert_string_equal(b.ptr + 2, cases[i].text);
		assert_int_equal(b.len, strlen(b.ptr));
	}
}

static void grouped_beyond_the_ceiling_changes_nothing(void **state)
{
	DEFER(buf_done) struct buf b = BUF_INIT(6);

	(void)state;
	assert_int_equal(text_add_grouped(&b, 1234567), -1);
	assert_int_equal(b.len, 0);
	assert_int_equal(text_add_grouped(&b, 123456), -1);
	assert_int_equal(b.len, 0);
}

static void bytes_have_the_largest_unit(void **state)
{
	static const struct {
		uint64_t bytes;
		const char *text;
	} cases[] = {
		{ 0, "0 B" },         { 512, "512 B" },     { 999, "999 B" },          { 1000, "1.00 kB" },
		{ 12345, "12.3 kB" }, { 999999, "999 kB" }, { 1240000000, "1.24 GB" }, { UINT64_MAX, "18.4 EB" }
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		DEFER(buf_done) struct buf b = BUF_INIT(100);

		assert_int_equal(text_add_bytes(&b, cases[i].bytes), 0);
		assert_string_equal(b.ptr, cases[i].text);
	}
}

static void a_host_has_labels_between_dots(void **state)
{
	static const char *const hosts[] = { "a",      "siem.example.com", "host-1", "192.0.2.1", "_dmarc.example",
					     "A--b.c", "example.com." };
	static const char *const others[] = { "",    ".",   ".a",  "a..b", "-a",        "a-",
					      "a.-", "a b", "a:1", "::1",  "h\xc3\xa9", "a/b" };
	DEFER(buf_done) struct buf longest = BUF_INIT(300);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(hosts); i++)
		assert_true(text_is_host(view_of(hosts[i])));
	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		assert_false(text_is_host(view_of(others[i])));
	for (size_t i = 0; i < 253; i++)
		assert_int_equal(buf_add_byte(&longest, 'a'), 0);
	assert_true(text_is_host(buf_view(&longest)));
	assert_int_equal(buf_add_byte(&longest, 'a'), 0);
	assert_false(text_is_host(buf_view(&longest)));
}

static void one_of_a_kind_is_named_without_an_s(void **state)
{
	(void)state;
	assert_string_equal(text_plural(0), "s");
	assert_string_equal(text_plural(1), "");
	assert_string_equal(text_plural(2), "s");
	assert_string_equal(text_plural(UINT64_MAX), "s");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_of_a_kind_is_named_without_an_s),
		cmocka_unit_test(equality_compares_all_bytes),
		cmocka_unit_test(nocase_folds_ascii_letters_only),
		cmocka_unit_test(starts_and_ends_take_the_empty_text),
		cmocka_unit_test(cmp_orders_bytes_as_unsigned_and_shorter_first),
		cmocka_unit_test(classes_cover_ascii_only),
		cmocka_unit_test(trim_removes_space_on_both_ends),
		cmocka_unit_test(find_gives_the_first_position),
		cmocka_unit_test(next_line_takes_lf_crlf_and_the_unfinished_last),
		cmocka_unit_test(a_final_newline_makes_no_extra_line),
		cmocka_unit_test(u64_takes_digits_up_to_max),
		cmocka_unit_test(u64_refuses_everything_else),
		cmocka_unit_test(size_knows_binary_and_decimal_units),
		cmocka_unit_test(size_refuses_what_is_no_size),
		cmocka_unit_test(duration_knows_its_units),
		cmocka_unit_test(duration_refuses_what_is_none),
		cmocka_unit_test(durations_are_told_in_the_largest_exact_unit),
		cmocka_unit_test(clean_keeps_printable_text),
		cmocka_unit_test(clean_escapes_what_moves_the_terminal),
		cmocka_unit_test(clean_beyond_the_ceiling_changes_nothing),
		cmocka_unit_test(letters_of_any_alphabet_are_known_from_signs),
		cmocka_unit_test(utf8_len_follows_rfc_3629),
		cmocka_unit_test(nearest_finds_each_kind_of_slip),
		cmocka_unit_test(nearest_takes_one_edit_of_a_short_text),
		cmocka_unit_test(nearest_is_silent_beyond_a_third),
		cmocka_unit_test(nearest_survives_long_texts),
		cmocka_unit_test(grouped_numbers_have_commas),
		cmocka_unit_test(grouped_beyond_the_ceiling_changes_nothing),
		cmocka_unit_test(bytes_have_the_largest_unit),
		cmocka_unit_test(a_host_has_labels_between_dots),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
