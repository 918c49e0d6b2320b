/* SPDX-License-Identifier: Apache-2.0 */
#include "common/sys/json.h"

#include <string.h>

#include "common/base/bounds.h"
#include "tests/support/unit.h"

static void valid_texts_are_accepted(void **state)
{
	static const char *const texts[] = {
		"0",	    "-0",	  "1.5e+10",   "12345678901234567890", "true",	     "null",
		"\"\"",	    "\"\\u0000\"", "\"\\ud800\"", " [ ] ",	       "{}",	     "[[],{}]",
		"{\"a\":1,\"b\":[1,2,{\"c\":null}]}", "\"\xc3\xa9\xf0\x9f\x98\x80\"", "[1,[2,[3]],4]", "\"\\\\\\\"\\/\"",
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
		"",	 " ",	  "01",	      "1.",	    ".5",	  "1e",	     "+1",	"-",	   "tru",	 "nul",
		"[1,]",	 "[,1]",  "[1 2]",    "{\"a\":1,}", "{a:1}",	  "{\"a\" 1}", "{\"a\":}", "[",	   "{",		 "]",
		"\"",	 "\"\\x\"", "\"\\u12\"", "\"\n\"",    "\"\xff\"",	  "\"\xc0\x80\"", "\"\xed\xa0\x80\"", "\"\xf4\x90\x80\x80\"",
		"1 2",	 "[}",	  "{]",	      "{\"a\":1]",  "'a'",	  "NaN",     "Infinity", "\"\\", "[\"a\"\"b\"]", "truefalse",
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

static void errors_name_the_byte_and_never_the_text(void **state)
{
	struct err err = ERR_INIT;
	struct view value;

	(void)state;
	assert_int_equal(json_whole(VIEW("{\"key\": sekrit}"), &value, &err), -1);
	assert_string_equal(err.text, "not valid JSON at byte 8: a value was expected");
}

static void depth_has_a_limit(void **state)
{
	DEFER(buf_done) struct buf deep = BUF_INIT(4096);
	struct err err = ERR_INIT;
	struct view value;

	(void)state;
	for (int i = 0; i < JSON_DEPTH; i++)
		assert_int_equal(buf_add_text(&deep, "["), 0);
	for (int i = 0; i < JSON_DEPTH; i++)
		assert_int_equal(buf_add_text(&deep, "]"), 0);
	assert_int_equal(json_whole(buf_view(&deep), &value, &err), 0);
	buf_clear(&deep);
	for (int i = 0; i <= JSON_DEPTH; i++)
		assert_int_equal(buf_add_text(&deep, "["), 0);
	assert_int_equal(json_whole(buf_view(&deep), &value, &err), -1);
	assert_non_null(strstr(err.text, "less nesting"));
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
	assert_string_equal(json_string(json_get(tree, "id")), "a\xEF\xBF\xBD" "b");
	assert_string_equal(json_string(json_get(tree, "p")), "\\u0000");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(valid_texts_are_accepted),
		cmocka_unit_test(invalid_texts_are_refused),
		cmocka_unit_test(errors_name_the_byte_and_never_the_text),
		cmocka_unit_test(depth_has_a_limit),
		cmocka_unit_test(records_of_a_stream_keep_their_bytes),
		cmocka_unit_test(elements_and_members_are_walked),
		cmocka_unit_test(members_are_found_by_their_unescaped_name),
		cmocka_unit_test(text_is_unescaped_and_survives_whole),
		cmocka_unit_test(one_record_becomes_a_tree),
		cmocka_unit_test(a_nul_in_a_text_does_not_cut_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
