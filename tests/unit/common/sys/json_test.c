/* SPDX-License-Identifier: Apache-2.0 */
#include "common/sys/json.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/bounds.h"
#include "tests/support/unit.h"

static void valid_texts_are_accepted(void **state)
{
	static const char *const texts[] = {
		"0",
		"-0",
		"1.5e+10",
		"12345678901234567890",
		"true",
		"null",
		"\"\"",
		"\"\\u0000\"",
		"\"\\ud800\"",
		" [ ] ",
		"{}",
		"[[],{}]",
		"{\"a\":1,\"b\":[1,2,{\"c\":null}]}",
		"\"\xc3\xa9\xf0\x9f\x98\x80\"",
		"[1,[2,[3]],4]",
		"\"\\\\\\\"\\/\"",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct err err = ERR_INIT;
		struct view value;

		if (json_whole(view_of(texts[i]), &value, &err))
			fail_msg("%s: %s", texts[i], err.text);
	}
}

static void invalid_texts_are_refused(void **state)
{
	static const char *const texts[] = {
		"",
		" ",
		"01",
		"1.",
		".5",
		"1e",
		"+1",
		"-",
		"tru",
		"nul",
		"[1,]",
		"[,1]",
		"[1 2]",
		"{\"a\":1,}",
		"{a:1}",
		"{\"a\" 1}",
		"{\"a\":}",
		"[",
		"{",
		"]",
		"\"",
		"\"\\x\"",
		"\"\\u12\"",
		"\"\n\"",
		"\"\xff\"",
		"\"\xc0\x80\"",
		"\"\xed\xa0\x80\"",
		"\"\xf4\x90\x80\x80\"",
		"1 2",
		"[}",
		"{]",
		"{\"a\":1]",
		"'a'",
		"NaN",
		"Infinity",
		"\"\\",
		"[\"a\"\"b\"]",
		"truefalse",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct err err = ERR_INIT;
		struct view value;

		if (json_whole(view_of(texts[i]), &value, &err) == 0)
			fail_msg("accepted: %s", texts[i]);
		assert_int_equal(err.kind, ERR_FORMAT);
	}
}

static void errors_name_the_byte_what_is_there_and_what_was_expected(void **state)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		{ "{\"key\": sekrit}", "8: a letter; a value was expected" },
		{ "", "0: the end of the input; a value was expected" },
		{ "[1,", "3: the end of the input; a value was expected" },
		{ "[1,]", "3: a bracket; a value was expected" },
		{ "{\"a\":1,}", "7: a brace; a key in quotes was expected" },
		{ "{,", "1: a comma; a key in quotes was expected" },
		{ "{\"a\" 1}", "5: a digit; a colon was expected" },
		{ "[1 \"a\"]", "3: a quote; a comma or the end of the array was expected" },
		{ "{\"a\":1:", "6: a colon; a comma or the end of the object was expected" },
		{ "1 \x01", "2: a control byte; the end was expected" },
		{ "01", "1: a digit; the end of the value was expected" },
		{ "-x", "1: a letter; a digit was expected" },
		{ "1.e", "2: a letter; a digit was expected" },
		{ "1e+", "3: the end of the input; a digit was expected" },
		{ "\"ab", "3: the end of the input; the rest of a string and its closing quote was expected" },
		{ "\"\\x41\"", "2: a letter; an escape such as \\n or \\u0041 was expected" },
		{ "\"\\u00g0\"", "5: a letter; four hexadecimal digits after \\u was expected" },
		{ "\"\t\"", "1: a control byte; its escaped form was expected" },
		{ "\"\xff\"", "1: a byte that is no UTF-8; valid UTF-8 was expected" },
		{ "\xef\xbb\xbf[]", "0: a character; a value was expected" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		DEFER(buf_done) struct buf message = BUF_INIT(200);
		struct err err = ERR_INIT;
		struct view value;

		assert_int_equal(buf_addf(&message, "not valid JSON at byte %s", cases[i].message), 0);
		assert_int_equal(json_whole(view_of(cases[i].text), &value, &err), -1);
		assert_string_equal(err.text, message.ptr);
	}
}

static void an_error_may_be_of_no_interest(void **state)
{
	struct view value;

	(void)state;
	assert_int_equal(json_whole(VIEW("[1,]"), &value, NULL), -1);
}

/* The eyes of the fast search in strings are eight bytes apart: each byte at each place among them. */
static void each_byte_of_a_string_is_looked_at(void **state)
{
	(void)state;
	for (size_t at = 1; at < 20; at++)
		for (int byte = 0; byte < 256; byte++) {
			char text[] = "\"aaaaaaaaaaaaaaaaaaaaaaaaaa\"";
			bool is_plain = byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';
			struct view value;

			text[at] = (char)byte;
			assert_int_equal(json_whole(view_from(text, sizeof(text) - 1), &value, NULL),
					 is_plain ? 0 : -1);
		}
}

static void utf8_is_strict_in_strings_and_keys(void **state)
{
	static const char *const valid[] = { "\xc2\x80",         "\xdf\xbf",         "\xe0\xa0\x80",
					     "\xed\x9f\xbf",     "\xee\x80\x80",     "\xef\xbf\xbf",
					     "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf", "\x7f" };
	static const char *const invalid[] = { "\x80",
					       "\xbf",
					       "\xc0\x80",
					       "\xc1\xbf",
					       "\xc3",
					       "\xc3(",
					       "\xe0\x9f\xbf",
					       "\xe2\x82",
					       "\xe2(\xac",
					       "\xe2\x82(",
					       "\xed\xa0\x80",
					       "\xed\xbf\xbf",
					       "\xf0\x8f\xbf\xbf",
					       "\xf0\x9f\x98",
					       "\xf4\x90\x80\x80",
					       "\xf5\x80\x80\x80",
					       "\xfe",
					       "\xff",
					       "\xf8\x88\x80\x80\x80" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(valid) + ARRAY_LEN(invalid); i++) {
		bool is_valid = i < ARRAY_LEN(valid);
		const char *bytes = is_valid ? valid[i] : invalid[i - ARRAY_LEN(valid)];
		DEFER(buf_done) struct buf text = BUF_INIT(100);
		struct view value;

		assert_int_equal(buf_addf(&text, "{\"%s\":\"%s\"}", bytes, bytes), 0);
		assert_int_equal(json_whole(buf_view(&text), &value, NULL), is_valid ? 0 : -1);
		buf_clear(&text);
		assert_int_equal(buf_addf(&text, "\"\xc3\xa9%s\"", bytes), 0);
		assert_int_equal(json_whole(buf_view(&text), &value, NULL), is_valid ? 0 : -1);
	}
}

/* No byte behind the view is read: under the sanitizer each view is a block of its own. */
static void a_text_cut_anywhere_is_refused(void **state)
{
	struct view text = VIEW("{\"a\":[1,-2.5e+3,true,null,\"x\\n\\u00e9\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"],"
				"\"b\":{\"c\":false}}");

	(void)state;
	for (size_t len = 0; len <= text.len; len++) {
		DEFER(freep) char *copy = malloc(len + (len == 0));
		struct view value;

		assert_non_null(copy);
		memcpy(copy, text.ptr, len);
		assert_int_equal(json_whole(view_from(copy, len), &value, NULL), len == text.len ? 0 : -1);
	}
}

static void nested(struct buf *text, int levels, const char *open, const char *close)
{
	buf_clear(text);
	for (int i = 0; i < levels; i++)
		assert_int_equal(buf_add_text(text, open), 0);
	assert_int_equal(buf_add_text(text, "1"), 0);
	for (int i = 0; i < levels; i++)
		assert_int_equal(buf_add_text(text, close), 0);
}

static void depth_has_a_limit(void **state)
{
	static const struct {
		const char *open, *close;
		int levels;
	} cases[] = { { "[", "]", 1 }, { "{\"a\":", "}", 1 }, { "[{\"a\":", "}]", 2 } };
	DEFER(buf_done) struct buf text = BUF_INIT(4096);
	struct view value;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		int fits = JSON_DEPTH / cases[i].levels;
		struct err err = ERR_INIT;
		struct json *tree;

		nested(&text, fits, cases[i].open, cases[i].close);
		assert_int_equal(json_whole(buf_view(&text), &value, &err), 0);
		tree = json_tree(value, &err);
		assert_non_null(tree);
		json_free(tree);
		nested(&text, fits + 1, cases[i].open, cases[i].close);
		assert_int_equal(json_whole(buf_view(&text), &value, &err), -1);
		assert_non_null(strstr(err.text, "at most 128 levels were expected"));
	}
}

static void records_of_a_stream_keep_their_bytes(void **state)
{
	struct view rest = VIEW(" {\"n\": 9007199254740993}\n[1] \"x\" "), value;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(json_next(&rest, &value, &err), 0);
	assert_view(value, "{\"n\": 9007199254740993}");
	assert_int_equal(json_next(&rest, &value, &err), 0);
	assert_view(value, "[1]");
	assert_int_equal(json_next(&rest, &value, &err), 0);
	assert_view(value, "\"x\"");
	assert_int_equal(json_next(&rest, &value, &err), 1);
	assert_int_equal(rest.len, 0);
	assert_int_equal(json_next(&rest, &value, &err), 1);
}

static void a_broken_record_leaves_the_stream_where_it_was(void **state)
{
	struct view rest = VIEW("[1] [2,]"), value;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(json_next(&rest, &value, &err), 0);
	assert_int_equal(json_next(&rest, &value, &err), -1);
	assert_view(rest, " [2,]");
	assert_string_equal(err.text, "not valid JSON at byte 4: a bracket; a value was expected");
}

static void words_and_numbers_of_a_stream_need_a_gap(void **state)
{
	static const char *const texts[] = { "truefalse", "nullx", "true1", "1true", "12-3",
					     "0x10",      "1.5.2", "1e5e5", "00" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct view rest = view_of(texts[i]), value;

		assert_int_equal(json_next(&rest, &value, NULL), -1);
	}
}

static void each_type_is_told_by_its_value(void **state)
{
	(void)state;
	assert_int_equal(json_type_of(VIEW("null")), JSON_NULL);
	assert_int_equal(json_type_of(VIEW("false")), JSON_FALSE);
	assert_int_equal(json_type_of(VIEW("true")), JSON_TRUE);
	assert_int_equal(json_type_of(VIEW("-1")), JSON_NUMBER);
	assert_int_equal(json_type_of(VIEW("0")), JSON_NUMBER);
	assert_int_equal(json_type_of(VIEW("\"\"")), JSON_STRING);
	assert_int_equal(json_type_of(VIEW("[]")), JSON_ARRAY);
	assert_int_equal(json_type_of(VIEW("{}")), JSON_OBJECT);
	assert_int_equal(json_type_of(VIEW_NONE), JSON_NULL);
}

static void a_walk_over_something_else_has_no_entries(void **state)
{
	static const char *const texts[] = { "1", "\"[1]\"", "{\"a\":1}", "[1,", "[", "", "null" };
	struct view key, value;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct view cursor = view_of(texts[i]);

		assert_true(!json_each(&cursor, &value) || strcmp(texts[i], "[1,") == 0);
		cursor = view_of(i == 2 ? "[1]" : texts[i]);
		assert_false(json_each_member(&cursor, &key, &value));
	}
	assert_int_equal(json_member(VIEW_NONE, "a").len, 0);
}

static void elements_and_members_are_walked(void **state)
{
	struct view cursor = VIEW("[ 1 , [2,3], {\"a\":4} ]"), value, key;

	(void)state;
	assert_true(json_each(&cursor, &value));
	assert_view(value, "1");
	assert_true(json_each(&cursor, &value));
	assert_view(value, "[2,3]");
	assert_true(json_each(&cursor, &value));
	assert_view(value, "{\"a\":4}");
	assert_false(json_each(&cursor, &value));
	cursor = VIEW("{ \"a\" : {} , \"b\":[ ] }");
	assert_true(json_each_member(&cursor, &key, &value));
	assert_view(key, "\"a\"");
	assert_view(value, "{}");
	assert_true(json_each_member(&cursor, &key, &value));
	assert_view(value, "[ ]");
	assert_false(json_each_member(&cursor, &key, &value));
	cursor = VIEW("[[1],[[2]],[]]");
	assert_true(json_each(&cursor, &value));
	assert_view(value, "[1]");
	assert_true(json_each(&cursor, &value));
	assert_view(value, "[[2]]");
	assert_true(json_each(&cursor, &value));
	assert_view(value, "[]");
	assert_false(json_each(&cursor, &value));
	cursor = VIEW("[]");
	assert_false(json_each(&cursor, &value));
}

static void members_are_found_by_their_unescaped_name(void **state)
{
	(void)state;
	assert_view(json_member(VIEW("{\"b\":1,\"\\u0061\":2,\"a\":3}"), "a"), "2");
	assert_int_equal(json_member(VIEW("{\"A\":1}"), "a").len, 0);
	assert_int_equal(json_member(VIEW("{\"ab\":1,\"\":2,\"a\\u0000\":3}"), "a").len, 0);
	assert_view(json_member(VIEW("{\"ab\":1,\"\":2}"), ""), "2");
	assert_view(json_member(VIEW("{ \"x\\n\\ud83d\\ude00y\" : [ ] }"), "x\n\xf0\x9f\x98\x80y"), "[ ]");
	assert_int_equal(json_member(VIEW("[1]"), "a").len, 0);
}

static void text_is_unescaped_and_survives_whole(void **state)
{
	DEFER(buf_done) struct buf text = BUF_INIT(100);

	(void)state;
	assert_int_equal(json_add_string(&text, VIEW("\"a\\n\\u0000\\u00e9\\ud83d\\ude00\\/\"")), 0);
	assert_view(buf_view(&text), "a\n\0\xc3\xa9\xf0\x9f\x98\x80/");
	buf_clear(&text);
	assert_int_equal(json_add_string(&text, VIEW("\"\\ud800x\\udc00\"")), 0);
	assert_view(buf_view(&text), "\xed\xa0\x80x\xed\xb0\x80");
	buf_clear(&text);
	assert_int_equal(json_add_string(&text, VIEW("\"\\udc00\\ud83d\\ud83d\\uDE00\\u07fF\\uffff\"")), 0);
	assert_view(buf_view(&text), "\xed\xb0\x80\xed\xa0\xbd\xf0\x9f\x98\x80\xdf\xbf\xef\xbf\xbf");
	buf_clear(&text);
	assert_int_equal(json_add_string(&text, VIEW("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"")), 0);
	assert_view(buf_view(&text), "\"\\/\b\f\n\r\t");
}

static void text_that_does_not_fit_changes_nothing(void **state)
{
	DEFER(buf_done) struct buf text = BUF_INIT(4);

	(void)state;
	assert_int_equal(buf_add_text(&text, "ab"), 0);
	assert_int_equal(json_add_string(&text, VIEW("\"c\\nd\"")), -1);
	assert_string_equal(text.ptr, "ab");
	assert_int_equal(json_add_string(&text, VIEW("\"c\\n\"")), 0);
	assert_string_equal(text.ptr, "abc\n");
}

static void one_record_becomes_a_tree(void **state)
{
	struct err err = ERR_INIT;
	DEFER(json_freep) struct json *tree = json_tree(VIEW("{\"id\":\"x\",\"Id\":1,\"n\":null}"), &err);

	(void)state;
	assert_non_null(tree);
	assert_string_equal(json_string(json_get(tree, "id")), "x");
	assert_null(json_get(tree, "ID"));
	assert_true(json_is(json_get(tree, "n"), JSON_NULL));
	assert_null(json_string(json_get(tree, "Id")));
	assert_true(json_is(tree, JSON_OBJECT));
}

static void a_nul_in_a_text_does_not_cut_it(void **state)
{
	struct err err = ERR_INIT;
	DEFER(json_freep) struct json *tree = json_tree(VIEW("{\"id\":\"a\\u0000b\",\"p\":\"\\\\u0000\"}"), &err);

	(void)state;
	assert_string_equal(json_string(json_get(tree, "id")), "a\xEF\xBF\xBD"
							       "b");
	assert_string_equal(json_string(json_get(tree, "p")), "\\u0000");
}

static void half_a_pair_is_no_end_of_a_tree(void **state)
{
	struct err err = ERR_INIT;
	DEFER(json_freep)
	struct json *tree = json_tree(
		VIEW("{\"a\":\"\\ud83dx\",\"b\":\"\\udc00\",\"c\":\"\\ud83d\\ude00\",\"d\":\"\\ud83d\\ud83d\\ude00\"}"),
		&err);

	(void)state;
	assert_non_null(tree);
	assert_string_equal(json_string(json_get(tree, "a")), "\xEF\xBF\xBDx");
	assert_string_equal(json_string(json_get(tree, "b")), "\xEF\xBF\xBD");
	assert_string_equal(json_string(json_get(tree, "c")), "\xf0\x9f\x98\x80");
	assert_string_equal(json_string(json_get(tree, "d")), "\xEF\xBF\xBD\xf0\x9f\x98\x80");
}

/* What cJSON itself takes. */
static void a_tree_is_made_of_valid_text_only(void **state)
{
	static const char *const texts[] = { "01", "[1]x", "\"\x01\"", "\"\xff\"", "\xef\xbb\xbf[]", "[1,]", "+1",
					     "1.", "",     "[1] [2]",  "\"\n\"",   "[0x10]",         "[-]",  "[1e]" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct err err = ERR_INIT;

		if (json_tree(view_of(texts[i]), &err))
			fail_msg("accepted: %s", texts[i]);
		assert_int_equal(err.kind, ERR_FORMAT);
	}
}

static void a_record_that_is_too_large_is_a_limit(void **state)
{
	DEFER(buf_done) struct buf text = BUF_INIT(JSON_RECORD_BYTES + 2);
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(buf_reserve(&text, JSON_RECORD_BYTES + 1), 0);
	memset(text.ptr, ' ', JSON_RECORD_BYTES);
	text.ptr[JSON_RECORD_BYTES] = '1';
	assert_null(json_tree(view_from(text.ptr, JSON_RECORD_BYTES + 1), &err));
	assert_int_equal(err.kind, ERR_LIMIT);
}

static void nothing_is_asked_of_nothing(void **state)
{
	struct err err = ERR_INIT;
	DEFER(json_freep) struct json *list = json_tree(VIEW("[{\"a\":1}]"), &err);

	(void)state;
	assert_null(json_get(NULL, "a"));
	assert_null(json_get(list, "a"));
	assert_null(json_string(NULL));
	assert_false(json_is(NULL, JSON_NULL));
	assert_true(json_is(list, JSON_ARRAY));
	json_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(valid_texts_are_accepted),
		cmocka_unit_test(invalid_texts_are_refused),
		cmocka_unit_test(errors_name_the_byte_what_is_there_and_what_was_expected),
		cmocka_unit_test(an_error_may_be_of_no_interest),
		cmocka_unit_test(each_byte_of_a_string_is_looked_at),
		cmocka_unit_test(utf8_is_strict_in_strings_and_keys),
		cmocka_unit_test(a_text_cut_anywhere_is_refused),
		cmocka_unit_test(depth_has_a_limit),
		cmocka_unit_test(records_of_a_stream_keep_their_bytes),
		cmocka_unit_test(a_broken_record_leaves_the_stream_where_it_was),
		cmocka_unit_test(words_and_numbers_of_a_stream_need_a_gap),
		cmocka_unit_test(each_type_is_told_by_its_value),
		cmocka_unit_test(a_walk_over_something_else_has_no_entries),
		cmocka_unit_test(elements_and_members_are_walked),
		cmocka_unit_test(members_are_found_by_their_unescaped_name),
		cmocka_unit_test(text_is_unescaped_and_survives_whole),
		cmocka_unit_test(text_that_does_not_fit_changes_nothing),
		cmocka_unit_test(one_record_becomes_a_tree),
		cmocka_unit_test(a_nul_in_a_text_does_not_cut_it),
		cmocka_unit_test(half_a_pair_is_no_end_of_a_tree),
		cmocka_unit_test(a_tree_is_made_of_valid_text_only),
		cmocka_unit_test(a_record_that_is_too_large_is_a_limit),
		cmocka_unit_test(nothing_is_asked_of_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
