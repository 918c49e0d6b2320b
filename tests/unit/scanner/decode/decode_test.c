/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/decode/decode.h"

#include <stdio.h>
#include <string.h>

#include "common/base/text.h"
#include "tests/support/unit.h"

#define WORD "sk-ant-"

struct world {
	struct decoded decoded;
};

static int set_up(void **state)
{
	static struct world w;

	decoded_init(&w.decoded);
	*state = &w;
	return 0;
}

static int tear_down(void **state)
{
	decoded_done(&((struct world *)*state)->decoded);
	return 0;
}

/* Where the word's spelling of a form is met in a text; its phase in *ret_phase. */
struct hit {
	struct view text;
	enum decode_form form;
	size_t at;
	unsigned phase;
};

static int look(void *context, const struct spelling *s)
{
	struct hit *h = context;
	struct view literal = view_from(s->literal.bytes, s->literal.len);

	if (s->form != h->form || h->at != SIZE_MAX)
		return 0;
	for (size_t at = 0; at + literal.len <= h->text.len; at++) {
		struct view here = view_sub(h->text, at, literal.len);

		if (s->literal.nocase ? text_eq_nocase(here, literal) : text_eq(here, literal)) {
			h->at = at;
			h->phase = s->phase;
			return 0;
		}
	}
	return 0;
}

/* Decodes the text where a spelling of the word is met in it. */
static enum decode_result decode(struct world *w, enum decode_form form, struct view text)
{
	struct hit h = { .text = text, .form = form, .at = SIZE_MAX };

	assert_int_equal(decode_spell(VIEW(WORD), false, SPELL_ALL, look, &h), 0);
	if (h.at == SIZE_MAX)
		(void)decode_spell_packed(look, &h);
	assert_int_not_equal(h.at, SIZE_MAX);
	return decode_at(form, h.phase, text, h.at, &w->decoded);
}

/* What was decoded holds want, which comes from [from, to) of the text. */
static void assert_decoded(struct world *w, enum decode_form form, struct view text, struct view want, size_t from,
			   size_t to)
{
	size_t at;

	assert_int_equal(decode(w, form, text), DECODE_DONE);
	at = text_find(buf_view(&w->decoded.text), want);
	assert_int_not_equal(at, SIZE_MAX);
	assert_int_equal(w->decoded.spans[at].from, from);
	assert_int_equal(w->decoded.spans[at + want.len - 1].to, to);
}

#define FROM_START(form, text) assert_decoded(w, form, VIEW(text), VIEW("sk-ant-x"), 0, sizeof(text) - 1)

static void base64_is_read_at_each_alignment(void **state)
{
	struct world *w = *state;

	assert_decoded(w, DECODE_BASE64, VIEW("k: c2stYW50LXg="), VIEW("sk-ant-x"), 3, 14);
	assert_decoded(w, DECODE_BASE64, VIEW("k: YXNrLWFudC14"), VIEW("sk-ant-x"), 4, 15);
	assert_decoded(w, DECODE_BASE64, VIEW("k: YWFzay1hbnQteA=="), VIEW("sk-ant-x"), 5, 17);
}

static void base64_goes_on_over_line_ends_literals_and_escapes(void **state)
{
	struct world *w = *state;
	static const struct view texts[] = {
		{ "c2stYW50L\n  Xg=", 15 },     { "c2stYW50L\\nXg=", 14 },  { "\"c2stYW50L\" +\n \"Xg=\"", 20 },
		{ "# c2stYW50L\r\n# Xg=", 18 }, { "c2stYW50L\\\nXg=", 14 },
	};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		assert_int_equal(decode(w, DECODE_BASE64, texts[i]), DECODE_DONE);
		assert_int_not_equal(text_find(buf_view(&w->decoded.text), VIEW("sk-ant-x")), SIZE_MAX);
	}
	/* 0x3E 0x3F: the symbols that other encodings do not leave alone */
	assert_int_equal(decode(w, DECODE_BASE64, VIEW("c2stYW50L%2B%2Fx")), DECODE_DONE);
	assert_int_equal(decode(w, DECODE_BASE64, VIEW("c2stYW50L-_x")), DECODE_DONE);
}

static void another_text_before_base64_is_not_taken_with_it(void **state)
{
	assert_decoded(*state, DECODE_BASE64, VIEW("Encoding: base64\n\nc2stYW50LXg=\n"), VIEW("sk-ant-x"), 18, 29);
	assert_decoded(*state, DECODE_BASE64, VIEW("a stray word\nc2stYW50LXg=\n"), VIEW("sk-ant-x"), 13, 24);
}

static void pairs_of_digits_are_read_with_and_without_marks(void **state)
{
	struct world *w = *state;

	FROM_START(DECODE_HEX, "736b2d616e742d78");
	FROM_START(DECODE_HEX, "736B2D616E742D78");
	FROM_START(DECODE_HEX, "73:6b:2d:61:6e:74:2d:78");
	FROM_START(DECODE_HEX, "73 6b 2d 61\n6e 74 2d 78");
	FROM_START(DECODE_HEX, "736b2d61\n6e742d78");
	FROM_START(DECODE_HEX, "736b2d61\" +\n\"6e742d78");
}

static void lists_of_numbers_are_read(void **state)
{
	struct world *w = *state;

	FROM_START(DECODE_NUMBERS, "0x73, 0x6b, 0x2d, 0x61, 0x6e, 0x74, 0x2d, 0x78");
	FROM_START(DECODE_NUMBERS, "115, 107, 45, 97, 110, 116, 45, 120");
	FROM_START(DECODE_NUMBERS, "115,\n  107,\n  45,\n  97,\n  110,\n  116,\n  45,\n  120");
	assert_decoded(w, DECODE_NUMBERS, VIEW("{(byte)0x73, (byte)0x6b, (byte)0x2d,\n (byte)0x61, 110, 116, 45, 120}"),
		       VIEW("sk-ant-x"), 7, 67);
}

static void what_stands_before_a_list_is_left_out(void **state)
{
	static const char *const befores[] = {
		"function a() { return 1; } function getTheKeyOfService() { return [",
		"[1, 2, 3] and another list that has nothing to do with it <",
		"3 (a type and a name that are as long as this one) 2048 ",
	};
	struct world *w = *state;

	for (size_t i = 0; i < ARRAY_LEN(befores); i++) {
		char text[160];
		size_t from = strlen(befores[i]);

		(void)snprintf(text, sizeof(text), "%s115, 107, 45, 97, 110, 116, 45, 120]", befores[i]);
		assert_decoded(w, DECODE_NUMBERS, view_of(text), VIEW("sk-ant-x"), from, strlen(text) - 1);
	}
}

static void digits_go_back_over_the_line_above(void **state)
{
	struct world *w = *state;
	static const struct view texts[] = {
		{ "736b\n2d616e742d78", 17 },
		{ "73\r\n6b2d616e742d78", 18 },
		{ "736b\n    2d616e742d78", 21 },
		{ "73:6b:\n2d:61:6e:74:2d:78", 24 },
		{ "73 6b\n2d 61 6e 74 2d 78", 23 },
		{ "73,6b,\\\r\n  2d,61,6e,74,2d,78", 28 },
		{ "73, 6b,\n2d, 61, 6e, 74, 2d, 78", 30 },
	};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		assert_decoded(w, DECODE_HEX, texts[i], VIEW("sk-ant-x"), 0, texts[i].len);
	/* what is no part of it is passed over */
	assert_decoded(w, DECODE_HEX, VIEW("a bad\n736b2d616e742d78"), VIEW("sk-ant-x"), 6, 22);
	assert_decoded(w, DECODE_HEX, VIEW("feed\n\n736b2d616e742d78"), VIEW("sk-ant-x"), 6, 22);
}

static void dumps_are_read_without_their_offsets_and_characters(void **state)
{
	struct world *w = *state;
	static const char canonical[] =
		"00000000  00 73 6b 2d 61 6e 74 2d  78 2d 2d 2d 2d 2d 2d 2d  |.sk-ant-x-------|\n"
		"00000010  41 42                                             |AB|\n";
	static const char xxd[] = "00000000: 2020 736b 2d61 6e74 2d78 2020 2020 2020    sk-ant-x      \n"
				  "00000010: 4142                                     AB\n";

	assert_decoded(w, DECODE_DUMP, view_of(canonical), VIEW("sk-ant-x-------AB"), 13, 94);
	assert_decoded(w, DECODE_DUMP, view_of(xxd), VIEW("sk-ant-x      AB"), 15,
		       (size_t)(strstr(xxd, "4142") - xxd) + 4);
}

static void escapes_are_read_in_part_and_in_whole(void **state)
{
	struct world *w = *state;

	FROM_START(DECODE_PERCENT, "sk%2Dant-x");
	FROM_START(DECODE_PERCENT, "%73%6b%2d%61%6e%74%2d%78");
	FROM_START(DECODE_BACKSLASH, "sk\\u002dant\\u002dx");
	FROM_START(DECODE_BACKSLASH, "\\x73k-ant-x");
	FROM_START(DECODE_BACKSLASH, "\\163\\153\\055ant-x");
	FROM_START(DECODE_BACKSLASH, "sk\\-ant\\-x");
	FROM_START(DECODE_BACKSLASH, "\\u{73}k-\\u{61}nt-x");
	FROM_START(DECODE_BACKSLASH, "\\0163\\0153\\0055ant-x");
	FROM_START(DECODE_ENTITY, "sk&#45;ant&#x2d;x");
	FROM_START(DECODE_ENTITY, "sk&hyphen;ant-x");
	FROM_START(DECODE_QUOTED, "sk=2Dant=2Dx");
	FROM_START(DECODE_QUOTED, "=73=6B=2Dan=\r\nt-x");
}

static void a_soft_break_may_stand_anywhere_in_a_word(void **state)
{
	static const char *const ends[] = { "\n", "\r\n" };
	static const char word[] = WORD "x";

	for (size_t end = 0; end < ARRAY_LEN(ends); end++)
		for (size_t cut = 1; cut < sizeof(WORD) - 1; cut++) {
			char text[32];

			(void)snprintf(text, sizeof(text), "%.*s=%s%s", (int)cut, word, ends[end], word + cut);
			assert_decoded(*state, DECODE_QUOTED, view_of(text), view_of(word), 0, strlen(text));
		}
}

static void what_is_no_word_is_not_decoded(void **state)
{
	struct world *w = *state;

	assert_int_equal(decode(w, DECODE_PERCENT, VIEW("content%2Dtype: t%2dx")), DECODE_NOTHING);
	assert_int_equal(decode(w, DECODE_QUOTED, VIEW("int=2d")), DECODE_NOTHING);
}

static void utf16_is_read_within_other_bytes(void **state)
{
	assert_decoded(*state, DECODE_UTF16LE, view_from("\1s\0k\0-\0a\0n\0t\0-\0x\0", 17), VIEW("sk-ant-x"), 1, 17);
	assert_decoded(*state, DECODE_UTF16BE, view_from("\0s\0k\0-\0a\0n\0t\0-\0x", 16), VIEW("sk-ant-x"), 0, 16);
}

static void utf32_is_read_in_both_orders(void **state)
{
	static const char word[] = "sk-ant-x\xE9";

	for (size_t order = 0; order < 2; order++)
		for (size_t lead = 0; lead < 9; lead++) { /* so many bytes of something else */
			char text[64] = { 0 };
			size_t first = lead + 3 * order;

			memset(text, '?', lead);
			for (size_t i = 0; i < sizeof(word) - 1; i++)
				text[first + 4 * i] = word[i];
			assert_decoded(*state, DECODE_UTF32, view_from(text, lead + 4 * (sizeof(word) - 1)),
				       VIEW("sk-ant-x"), first, first + 32);
		}
}

static void parts_are_joined_in_each_way(void **state)
{
	struct world *w = *state;
	static const char *const texts[] = {
		"\"sk-\" + \"ant-x\"",
		"'sk-ant' . '-x'",
		"\"sk-an\"\n\t\"t-x\"",
		"[\"sk-ant\", \"-x\"]",
		"`sk-${\"ant-x\"}`",
		"['s', 'k', '-', 'a', 'n', 't', '-', 'x']",
		"\"sk-ant\" /* a */ + \"-x\"",
		"\"sk-\" \\\n  \"ant-x\"",
		"s = \"sk-\";\ns += \"ant-x\";",
		"b.append(\"sk-ant\").append(\"-x\")",
		"\"sk\"\"-ant-x\"",
		"'sk-'\"ant-x\"",
		"sk-\n  ant-x",
		"# sk-ant\n# -x",
		"sk-ant\\\n-x",
		"sk-\342\200\213ant-x", /* ZERO WIDTH SPACE */
		"sk-<wbr>ant-x",
	};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		assert_int_equal(decode(w, DECODE_JOINED, view_of(texts[i])), DECODE_DONE);
		assert_true(text_starts(buf_view(&w->decoded.text), VIEW("sk-ant-x")));
	}
	assert_int_equal(decode(w, DECODE_JOINED, VIEW("[\"sk\", \"ant\", \"x\"].join(\"-\")")), DECODE_DONE);
	assert_true(text_starts(buf_view(&w->decoded.text), VIEW("sk-ant-x")));
}

static void parts_that_nothing_joins_stay_apart(void **state)
{
	struct world *w = *state;
	static const char *const texts[] = {
		"class=\"ant-btn\" id=\"sk\"",
		"{\"task-\": 1, \"ant-design\": 2}",
		"\"sk-\" == x ? y : \"ant-x\"",
	};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		assert_int_equal(decode(w, DECODE_JOINED, view_of(texts[i])), DECODE_NOTHING);
}

static void a_guess_counts_only_when_it_makes_a_whole_key(void **state)
{
	struct world *w = *state;
	char text[256], body[96];

	memset(body, 'b', 93);
	memcpy(body + 93, "AA", 3);
	(void)snprintf(text, sizeof(text), "a = \"%sapi03-%.40s\"\nb = \"%s\"\n", WORD, body, body + 40);
	assert_int_equal(decode_at(DECODE_JOINED, DECODE_FROM_START, view_of(text), 5, &w->decoded), DECODE_DONE);
	assert_int_equal(text_find(buf_view(&w->decoded.text), VIEW("AA")), sizeof(WORD "api03-") - 1 + 93);
	text[strlen(text) - 4] = 'b';
	assert_int_equal(decode_at(DECODE_JOINED, DECODE_FROM_START, view_of(text), 5, &w->decoded), DECODE_NOTHING);
}

static void what_ends_a_run_tells_how_it_goes_on(void **state)
{
	static const struct {
		const char *text;
		enum decode_form form;
	} cases[] = {
		{ "sk-ant-a", DECODE_PLAIN },
		{ "sk-ant-a\\u002d", DECODE_BACKSLASH },
		{ "sk-ant-a%5Fb", DECODE_PERCENT },
		{ "sk-ant-a&#95;b", DECODE_ENTITY },
		{ "sk-ant-a=\r\nb", DECODE_QUOTED },
		{ "sk-ant-a\" + \"b\"", DECODE_JOINED },
		{ "sk-ant-a\nb", DECODE_JOINED },
		{ "sk-ant-a\\\nb", DECODE_JOINED },
		{ "sk-ant-a, and so on", DECODE_JOINED },
		{ "sk-ant-a</b><b>b", DECODE_JOINED },
		{ "sk-ant-a! and so on", DECODE_PLAIN },
		{ "sk-ant-a=b", DECODE_QUOTED },
		{ "sk-ant-a 100% of it", DECODE_JOINED },
		{ "sk-ant-a\n\nb", DECODE_PLAIN },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_int_equal(decode_look_closer(view_of(cases[i].text), 0), cases[i].form);
}

static void no_cut_and_no_place_leads_outside(void **state)
{
	struct world *w = *state;
	static const char text[] = "\"c2stYW50LXg=\" + '736b2d616e742d' 0x73, 0x6b, sk%2Dant\\u002d&#45;=2D\n"
				   "00000000  73 6b 2d 61 |sk|\n${\"sk-\"} eJyrVkrLz1eyUkpKLFKqBQA9DgY6";
	size_t len = sizeof(text) - 1;

	for (size_t cut = 1; cut <= len; cut++)
		for (unsigned form = DECODE_PLAIN + 1; form < DECODE_FORMS; form++)
			for (unsigned phase = 0; phase < 16; phase++) {
				size_t at = (cut * 7 + phase) % cut;
				struct view v = view_from(text, cut);

				(void)decode_at((enum decode_form)form, phase, v, at, &w->decoded);
				assert_true(w->decoded.covered > at);
				if (form == DECODE_GZIP || form == DECODE_ZLIB)
					continue;
				for (size_t i = 0; i < w->decoded.text.len; i++)
					assert_true(w->decoded.spans[i].from < w->decoded.spans[i].to &&
						    w->decoded.spans[i].to <= cut);
			}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(base64_is_read_at_each_alignment, set_up, tear_down),
		cmocka_unit_test_setup_teardown(base64_goes_on_over_line_ends_literals_and_escapes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(another_text_before_base64_is_not_taken_with_it, set_up, tear_down),
		cmocka_unit_test_setup_teardown(pairs_of_digits_are_read_with_and_without_marks, set_up, tear_down),
		cmocka_unit_test_setup_teardown(lists_of_numbers_are_read, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_stands_before_a_list_is_left_out, set_up, tear_down),
		cmocka_unit_test_setup_teardown(digits_go_back_over_the_line_above, set_up, tear_down),
		cmocka_unit_test_setup_teardown(dumps_are_read_without_their_offsets_and_characters, set_up, tear_down),
		cmocka_unit_test_setup_teardown(escapes_are_read_in_part_and_in_whole, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_soft_break_may_stand_anywhere_in_a_word, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_no_word_is_not_decoded, set_up, tear_down),
		cmocka_unit_test_setup_teardown(utf16_is_read_within_other_bytes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(utf32_is_read_in_both_orders, set_up, tear_down),
		cmocka_unit_test_setup_teardown(parts_are_joined_in_each_way, set_up, tear_down),
		cmocka_unit_test_setup_teardown(parts_that_nothing_joins_stay_apart, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_guess_counts_only_when_it_makes_a_whole_key, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_ends_a_run_tells_how_it_goes_on, set_up, tear_down),
		cmocka_unit_test_setup_teardown(no_cut_and_no_place_leads_outside, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
