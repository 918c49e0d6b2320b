/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/decode/decode.h"

#include "tests/support/unit.h"

static void words_are_spelled_in_each_form(void **state)
{
	struct literal l;

	(void)state;
	assert_true(decode_spell(DECODE_PLAIN, VIEW("ab"), true, &l));
	assert_view(view_from(l.bytes, l.len), "ab");
	assert_true(l.nocase);
	assert_true(decode_spell(DECODE_UTF16LE, VIEW("ab"), false, &l));
	assert_view(view_from(l.bytes, l.len), "a\0b\0");
	assert_true(decode_spell(DECODE_UTF16BE, VIEW("ab"), false, &l));
	assert_view(view_from(l.bytes, l.len), "\0a\0b");
}

static void a_word_too_long_for_a_form_is_not_spelled(void **state)
{
	char word[LITERAL_MAX + 1];
	struct literal l;

	(void)state;
	for (size_t i = 0; i < sizeof(word); i++)
		word[i] = 'a';
	assert_true(decode_spell(DECODE_PLAIN, view_from(word, LITERAL_MAX), false, &l));
	assert_false(decode_spell(DECODE_PLAIN, view_from(word, LITERAL_MAX + 1), false, &l));
	assert_true(decode_spell(DECODE_UTF16LE, view_from(word, LITERAL_MAX / 2), false, &l));
	assert_false(decode_spell(DECODE_UTF16LE, view_from(word, LITERAL_MAX / 2 + 1), false, &l));
}

static void text_is_narrowed_at_either_alignment(void **state)
{
	DEFER(buf_done) struct buf buf = BUF_INIT(100);
	struct piece even = { .bytes = VIEW("a\0\xe9\0z\x01"
					    "b\0"),
			      .offset = 10 };
	struct piece odd = { .bytes = VIEW("-\0a\0b-"), .offset = 10 };
	struct subject s;

	(void)state;
	assert_int_equal(decode_subject(DECODE_UTF16LE, &even, 4, &buf, &s), 0);
	assert_view(s.text, "a\xff\xff"
			    "b");
	assert_int_equal(s.base, 10);
	assert_int_equal(s.stride, 2);
	assert_string_equal(s.via, "utf-16le");
	assert_int_equal(decode_subject(DECODE_UTF16BE, &odd, 1, &buf, &s), 0);
	assert_view(s.text, "ab");
	assert_int_equal(s.base, 11);
}

static void encodings_are_detected(void **state)
{
	static const struct {
		struct view text;
		enum decode_form form;
		size_t mark;
	} cases[] = {
		{ { "\xff\xfe"
		    "a\0",
		    4 },
		  DECODE_UTF16LE,
		  2 },
		{ { "\xfe\xff\0a", 4 }, DECODE_UTF16BE, 2 },
		{ { "\xef\xbb\xbf"
		    "abc",
		    6 },
		  DECODE_PLAIN,
		  3 },
		{ { "plain text, long enough to tell", 31 }, DECODE_PLAIN, 0 },
		{ { "a\0b\0c\0d\0e\0f\0g\0h\0i\0", 18 }, DECODE_UTF16LE, 0 },
		{ { "\0a\0b\0c\0d\0e\0f\0g\0h\0i", 18 }, DECODE_UTF16BE, 0 },
		{ { "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 18 }, DECODE_PLAIN, 0 },
		{ { "a\0", 2 }, DECODE_PLAIN, 0 },
		{ { "", 0 }, DECODE_PLAIN, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		size_t mark;

		assert_int_equal(decode_detect(cases[i].text, &mark), cases[i].form);
		assert_int_equal(mark, cases[i].mark);
	}
}

static void units_have_the_length_that_utf8_gives_them(void **state)
{
	(void)state;
	assert_int_equal(decode_unit_len('a'), 1);
	assert_int_equal(decode_unit_len(0x7FF), 2);
	assert_int_equal(decode_unit_len(0x800), 3);
	assert_int_equal(decode_unit_len(0xD83D) + decode_unit_len(0xDE00), 4);
}

static void utf16_becomes_utf8(void **state)
{
	DEFER(buf_done) struct buf buf = BUF_INIT(100);

	(void)state;
	assert_int_equal(decode_add_utf8(&buf, VIEW("a\0\xe9\0\xac\x20\x3d\xd8\x00\xde\x3d\xd8"), DECODE_UTF16LE), 0);
	assert_view(buf_view(&buf), "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\xef\xbf\xbd");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_spelled_in_each_form),
		cmocka_unit_test(a_word_too_long_for_a_form_is_not_spelled),
		cmocka_unit_test(text_is_narrowed_at_either_alignment),
		cmocka_unit_test(encodings_are_detected),
		cmocka_unit_test(units_have_the_length_that_utf8_gives_them),
		cmocka_unit_test(utf16_becomes_utf8),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
