/* SPDX-License-Identifier: Apache-2.0 */
#include "common/sys/jsonw.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commas_and_brackets_are_the_writers),
		cmocka_unit_test(indentation_is_by_level),
		cmocka_unit_test(any_bytes_become_valid_json),
		cmocka_unit_test(short_escapes_are_used),
		cmocka_unit_test(a_full_buffer_sticks),
		cmocka_unit_test(misuse_is_a_failure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
