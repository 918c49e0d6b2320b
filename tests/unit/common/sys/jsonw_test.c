/* SPDX-License-Identifier: Apache-2.0 */
#include "common/sys/jsonw.h"

#include <string.h>

#include "common/sys/json.h"
#include "tests/support/unit.h"

static void commas_and_brackets_are_the_writers(void **state)
{
	DEFER(buf_done) struct buf out = BUF_INIT(200);
	struct jsonw w;

	(void)state;
	jsonw_init(&w, &out, 0);
	jsonw_object(&w);
	jsonw_member_u64(&w, "a", 1);
	jsonw_key(&w, "b");
	jsonw_array(&w);
	jsonw_bool(&w, true);
	jsonw_string(&w, VIEW("x"));
	jsonw_object(&w);
	jsonw_end(&w);
	jsonw_raw(&w, VIEW("null"));
	jsonw_end(&w);
	jsonw_member_text(&w, "c", NULL);
	jsonw_end(&w);
	assert_true(jsonw_ok(&w));
	assert_string_equal(out.ptr, "{\"a\":1,\"b\":[true,\"x\",{},null]}");
}

static void indentation_is_by_level(void **state)
{
	DEFER(buf_done) struct buf out = BUF_INIT(200);
	struct jsonw w;

	(void)state;
	jsonw_init(&w, &out, 2);
	jsonw_object(&w);
	jsonw_key(&w, "a");
	jsonw_array(&w);
	jsonw_u64(&w, 1);
	jsonw_end(&w);
	jsonw_end(&w);
	assert_string_equal(out.ptr, "{\n  \"a\": [\n    1\n  ]\n}");
}

static void any_bytes_become_valid_json(void **state)
{
	DEFER(buf_done) struct buf out = BUF_INIT(8192), back = BUF_INIT(8192);
	char bytes[256];
	struct err err = ERR_INIT;
	struct jsonw w;
	struct view value;

	(void)state;
	for (int i = 0; i < 256; i++)
		bytes[i] = (char)i;
	jsonw_init(&w, &out, 0);
	jsonw_string(&w, view_from(bytes, sizeof(bytes)));
	assert_true(jsonw_ok(&w));
	assert_int_equal(json_whole(buf_view(&out), &value, &err), 0);
	assert_int_equal(json_add_string(&back, value), 0);
	assert_memory_equal(back.ptr, bytes, 128);
	assert_int_equal(back.len, 128 + 128 * 3);
}

static void short_escapes_are_used(void **state)
{
	DEFER(buf_done) struct buf out = BUF_INIT(200);
	struct jsonw w;

	(void)state;
	jsonw_init(&w, &out, 0);
	jsonw_string(&w, VIEW("\"\\\n\t\x01/\xc3\xa9"));
	assert_string_equal(out.ptr, "\"\\\"\\\\\\n\\t\\u0001/\xc3\xa9\"");
}

static void a_full_buffer_sticks(void **state)
{
	DEFER(buf_done) struct buf out = BUF_INIT(4);
	struct jsonw w;

	(void)state;
	jsonw_init(&w, &out, 0);
	jsonw_array(&w);
	jsonw_string(&w, VIEW("too long for it"));
	jsonw_u64(&w, 1);
	jsonw_end(&w);
	assert_false(jsonw_ok(&w));
}

static void misuse_is_a_failure(void **state)
{
	DEFER(buf_done) struct buf out = BUF_INIT(100);
	struct jsonw w;

	(void)state;
	jsonw_init(&w, &out, 0);
	jsonw_array(&w);
	jsonw_key(&w, "no keys in arrays");
	jsonw_end(&w);
	assert_false(jsonw_ok(&w));
}

static void controls_never_reach_a_terminal(void **state)
{
	DEFER(buf_done) struct buf out = BUF_INIT(200);
	struct jsonw w;

	(void)state;
	jsonw_init(&w, &out, 0);
	jsonw_string(&w, VIEW("\x1b[31m\x7f\xc2\x9b\x33\xc2\x80\xc2\x9f\xc2\xa0"));
	assert_string_equal(out.ptr, "\"\\u001b[31m\\u007f\\u009b3\\u0080\\u009f\xc2\xa0\"");
}

/* What the writer writes, our reader and cJSON read as the same text. */
static void written_text_is_read_back(void **state)
{
	static const char *const texts[] = { "",
					     "plain",
					     "\"quoted\"",
					     "back\\slash",
					     "\b\f\n\r\t\x01\x1f\x7f",
					     "\xc2\x80\xc2\x9f",
					     "\xe2\x80\xa8",
					     "\xf0\x9f\x98\x80",
					     "\\u0041",
					     "a/b</script>",
					     "\xef\xbf\xbd" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		DEFER(buf_done) struct buf out = BUF_INIT(200), back = BUF_INIT(200);
		DEFER(json_freep) struct json *tree = NULL;
		struct err err = ERR_INIT;
		struct view rest, value;
		struct jsonw w;

		jsonw_init(&w, &out, 0);
		jsonw_object(&w);
		jsonw_member_text(&w, texts[i], texts[i]);
		jsonw_end(&w);
		rest = buf_view(&out);
		assert_int_equal(json_next(&rest, &value, &err), 0);
		assert_int_equal(json_add_string(&back, json_member(value, texts[i])), 0);
		assert_string_equal(back.ptr, texts[i]);
		tree = json_tree(buf_view(&out), &err);
		assert_string_equal(json_string(json_get(tree, texts[i])), texts[i]);
	}
}

static void what_is_no_utf8_becomes_one_mark_a_byte(void **state)
{
	DEFER(buf_done) struct buf out = BUF_INIT(200);
	struct jsonw w;

	(void)state;
	jsonw_init(&w, &out, 0);
	jsonw_string(&w, VIEW("a\xff\xe2\x82z\xed\xa0\x80\xc3"));
	assert_string_equal(out.ptr, "\"a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdz\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"
				     "\xef\xbf\xbd\"");
}

static void numbers_are_written_whole(void **state)
{
	DEFER(buf_done) struct buf out = BUF_INIT(200);
	struct jsonw w;

	(void)state;
	jsonw_init(&w, &out, 0);
	jsonw_array(&w);
	jsonw_u64(&w, 0);
	jsonw_u64(&w, 9007199254740993);
	jsonw_u64(&w, UINT64_MAX);
	jsonw_end(&w);
	assert_string_equal(out.ptr, "[0,9007199254740993,18446744073709551615]");
}

static void an_empty_level_stays_on_its_line(void **state)
{
	DEFER(buf_done) struct buf out = BUF_INIT(200);
	struct jsonw w;

	(void)state;
	jsonw_init(&w, &out, 4);
	jsonw_array(&w);
	jsonw_object(&w);
	jsonw_end(&w);
	jsonw_array(&w);
	jsonw_end(&w);
	jsonw_end(&w);
	assert_string_equal(out.ptr, "[\n    {},\n    []\n]");
}

static void depth_has_a_limit(void **state)
{
	DEFER(buf_done) struct buf out = BUF_INIT(200);
	struct view value;
	struct jsonw w;

	(void)state;
	jsonw_init(&w, &out, 0);
	for (int i = 0; i < JSONW_DEPTH; i++)
		jsonw_array(&w);
	for (int i = 0; i < JSONW_DEPTH; i++)
		jsonw_end(&w);
	assert_true(jsonw_ok(&w));
	assert_int_equal(json_whole(buf_view(&out), &value, NULL), 0);
	buf_clear(&out);
	jsonw_init(&w, &out, 0);
	for (int i = 0; i <= JSONW_DEPTH; i++)
		jsonw_array(&w);
	for (int i = 0; i <= JSONW_DEPTH; i++)
		jsonw_end(&w);
	assert_false(jsonw_ok(&w));
}

static void an_open_level_is_not_ok(void **state)
{
	DEFER(buf_done) struct buf out = BUF_INIT(100);
	struct jsonw w;

	(void)state;
	jsonw_init(&w, &out, 0);
	jsonw_object(&w);
	assert_false(jsonw_ok(&w));
	jsonw_end(&w);
	assert_true(jsonw_ok(&w));
}

enum call { END = 1, OBJECT, ARRAY, KEY, VALUE };

static void calls_without_a_place_fail(void **state)
{
	static const enum call cases[][6] = {
		{ END },
		{ KEY },
		{ OBJECT, VALUE, END },
		{ OBJECT, ARRAY, END, END },
		{ OBJECT, KEY, END },
		{ OBJECT, KEY, KEY, VALUE, END },
		{ OBJECT, KEY, VALUE, VALUE, END },
		{ ARRAY, KEY, VALUE, END },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		DEFER(buf_done) struct buf out = BUF_INIT(100);
		struct jsonw w;

		jsonw_init(&w, &out, 0);
		for (const enum call *call = cases[i]; *call; call++) {
			if (*call == END)
				jsonw_end(&w);
			else if (*call == OBJECT)
				jsonw_object(&w);
			else if (*call == ARRAY)
				jsonw_array(&w);
			else if (*call == KEY)
				jsonw_key(&w, "k");
			else
				jsonw_u64(&w, 1);
		}
		if (jsonw_ok(&w))
			fail_msg("case %zu: %s", i, out.ptr ? out.ptr : "");
	}
}

static void after_a_failure_nothing_is_written(void **state)
{
	DEFER(buf_done) struct buf out = BUF_INIT(100);
	struct jsonw w;

	(void)state;
	jsonw_init(&w, &out, 0);
	jsonw_array(&w);
	jsonw_u64(&w, 1);
	jsonw_key(&w, "k");
	jsonw_u64(&w, 2);
	jsonw_string(&w, VIEW("\n"));
	jsonw_end(&w);
	assert_string_equal(out.ptr, "[1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commas_and_brackets_are_the_writers),
		cmocka_unit_test(indentation_is_by_level),
		cmocka_unit_test(any_bytes_become_valid_json),
		cmocka_unit_test(short_escapes_are_used),
		cmocka_unit_test(a_full_buffer_sticks),
		cmocka_unit_test(misuse_is_a_failure),
		cmocka_unit_test(controls_never_reach_a_terminal),
		cmocka_unit_test(written_text_is_read_back),
		cmocka_unit_test(what_is_no_utf8_becomes_one_mark_a_byte),
		cmocka_unit_test(numbers_are_written_whole),
		cmocka_unit_test(an_empty_level_stays_on_its_line),
		cmocka_unit_test(depth_has_a_limit),
		cmocka_unit_test(an_open_level_is_not_ok),
		cmocka_unit_test(calls_without_a_place_fail),
		cmocka_unit_test(after_a_failure_nothing_is_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
