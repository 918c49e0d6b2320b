/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/decode/decode.h"

#include "tests/support/unit.h"

struct found {
	struct literal literals[DECODE_FORMS];
	size_t counts[DECODE_FORMS];
};

static int keep(void *context, const struct spelling *spelling)
{
	struct found *f = context;

	f->literals[spelling->form] = spelling->literal;
	f->counts[spelling->form]++;
	return 0;
}

static struct literal *spell(struct found *f, struct view word, bool nocase, enum decode_form form)
{
	*f = (struct found){ 0 };
	assert_int_equal(decode_spell(word, nocase, SPELL_TEXT, keep, f), 0);
	return f->counts[form] ? &f->literals[form] : NULL;
}

static void words_are_spelled_in_each_form(void **)
{
	struct found f;
	struct literal *l = spell(&f, VIEW("abcd"), true, DECODE_PLAIN);

	assert_view(view_from(l->bytes, l->len), "abcd");
	assert_true(l->nocase);
	l = spell(&f, VIEW("abcd"), false, DECODE_UTF16LE);
	assert_view(view_from(l->bytes, l->len), "a\0b\0c\0d\0");
	l = spell(&f, VIEW("abcd"), false, DECODE_UTF16BE);
	assert_view(view_from(l->bytes, l->len), "\0a\0b\0c\0d");
	assert_int_equal(f.counts[DECODE_BASE64] + f.counts[DECODE_HEX] + f.counts[DECODE_JOINED], 0);
}

static void a_word_too_long_for_a_form_is_not_spelled(void **)
{
	char word[LITERAL_MAX + 1];
	struct found f;

	for (size_t i = 0; i < sizeof(word); i++)
		word[i] = 'a';
	assert_non_null(spell(&f, view_from(word, LITERAL_MAX), false, DECODE_PLAIN));
	assert_null(spell(&f, view_from(word, LITERAL_MAX + 1), false, DECODE_PLAIN));
	assert_non_null(spell(&f, view_from(word, LITERAL_MAX / 2), false, DECODE_UTF16LE));
	assert_null(spell(&f, view_from(word, LITERAL_MAX / 2 + 1), false, DECODE_UTF16LE));
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
		{ { "\xff\xfe\0\0a\0\0\0", 8 }, DECODE_PLAIN, 4 },
		{ { "\0\0\xfe\xff\0\0\0a", 8 }, DECODE_PLAIN, 4 },
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
