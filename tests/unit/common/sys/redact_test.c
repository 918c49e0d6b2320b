/* SPDX-License-Identifier: Apache-2.0 */
#include "common/sys/redact.h"

#include <string.h>

#include "common/base/text.h"
#include "common/sys/json.h"
#include "tests/support/unit.h"

#define LIMIT (1u << 20)

static const char hint[] = "sk-ant-api03-R2D...igAA";

/* A full-shaped key, put together here so that none stands in this file. */
static void add_key(struct buf *out, bool is_escaped)
{
	DEFER(buf_done) struct buf key = BUF_INIT(200);

	assert_int_equal(buf_add_text(&key, "sk-ant-api03-R2D"), 0);
	for (unsigned i = 0; i < 88; i++)
		assert_int_equal(buf_add_byte(&key, "abcDEF012_-xyz"[i % 14]), 0);
	assert_int_equal(buf_add_text(&key, "igAA"), 0);
	for (size_t i = 0; i < key.len; i++)
		if (is_escaped && (i % 11 == 0 || i == 5))
			assert_int_equal(buf_addf(out, i % 2 ? "\\u00%02x" : "\\u00%02X", (unsigned)key.ptr[i]), 0);
		else
			assert_int_equal(buf_add_byte(out, key.ptr[i]), 0);
}

/* What redact_json makes of json, in which '@' stands for a key and '#' for one with escapes. In expected '@' stands
 * for its hint. */
static void check(const char *json, const char *expected)
{
	DEFER(buf_done) struct buf in = BUF_INIT(LIMIT), out = BUF_INIT(LIMIT), want = BUF_INIT(LIMIT);
	struct err err = ERR_INIT;
	struct view ret, value;
	bool is_redacted;

	for (const char *p = json; *p; p++)
		if (*p == '@' || *p == '#')
			add_key(&in, *p == '#');
		else
			assert_int_equal(buf_add_byte(&in, *p), 0);
	for (const char *p = expected; *p; p++)
		assert_int_equal(*p == '@' ? buf_add_text(&want, hint) : buf_add_byte(&want, *p), 0);
	assert_int_equal(json_whole(buf_view(&in), &value, &err), 0);
	assert_int_equal(buf_add_text(&out, "before"), 0);
	assert_int_equal(redact_json(value, &out, &ret, &is_redacted, &err), 0);
	assert_int_equal(ret.len, want.len);
	assert_memory_equal(ret.ptr, want.ptr, want.len);
	assert_int_equal(is_redacted, strpbrk(json, "@#") != NULL);
	assert_int_equal(json_whole(ret, &value, &err), 0);
	assert_memory_equal(out.ptr, "before", 6);
}

static void a_body_without_a_key_is_not_copied(void **state)
{
	struct view json = VIEW("{\"a\":\"sk-ant- and sk-ant-api03-R2D...igAA\",\"b\":\"\\u001b[0m\\n\"}"), ret;
	struct buf store = BUF_INIT(100);
	struct err err = ERR_INIT;
	bool is_redacted = true;

	(void)state;
	assert_int_equal(redact_json(json, &store, &ret, &is_redacted, &err), 0);
	assert_ptr_equal(ret.ptr, json.ptr);
	assert_int_equal(ret.len, json.len);
	assert_false(is_redacted);
	assert_null(store.ptr);
}

static void a_key_is_masked_and_all_else_stays(void **state)
{
	(void)state;
	check("\"@\"", "\"@\"");
	check(" {\"a\" : \"x @ y\", \"b\":[1e400, -0, 12345678901234567890]} ",
	      "{\"a\" : \"x @ y\", \"b\":[1e400, -0, 12345678901234567890]}");
	check("[\"@\",\"@\",\"a@,@ b\"]", "[\"@\",\"@\",\"a@,@ b\"]");
}

static void names_of_members_are_masked_as_well(void **state)
{
	(void)state;
	check("{\"@\":{\"#\":null}}", "{\"@\":{\"@\":null}}");
}

static void a_key_with_escaped_characters_is_found(void **state)
{
	(void)state;
	check("{\"a\":\"#\"}", "{\"a\":\"@\"}");
	check("{\"a\":\"\\u0000\\ud800\\\"#\\\\\\/\",\"b\":\"\\u0041\"}",
	      "{\"a\":\"\\u0000\\ud800\\\"@\\\\\\/\",\"b\":\"\\u0041\"}");
}

static void escapes_around_a_key_keep_their_spelling(void **state)
{
	(void)state;
	check("\"\\/@\\/\\n#\\u00e9\\u0022\"", "\"\\/@\\/\\n@\\u00e9\\u0022\"");
}

static void a_key_in_json_within_json_is_found(void **state)
{
	(void)state;
	check("\"{\\\"key\\\":\\\"@\\\"}\"", "\"{\\\"key\\\":\\\"@\\\"}\"");
}

static void partial_hints_and_words_stay(void **state)
{
	(void)state;
	check("[\"sk-ant-api03-R2D...igAA\",\"sk-ant-\",\"sk-ant-api03-\",\"\\u0073k-ant-api03-abc\"]",
	      "[\"sk-ant-api03-R2D...igAA\",\"sk-ant-\",\"sk-ant-api03-\",\"\\u0073k-ant-api03-abc\"]");
	check("[\"sk-ant-api03-R2D...igAA @\"]", "[\"sk-ant-api03-R2D...igAA @\"]");
}

static void a_quote_behind_a_backslash_does_not_end_a_string(void **state)
{
	(void)state;
	check("[\"\\\\\",\"@\",\"\\\\\\\"@\"]", "[\"\\\\\",\"@\",\"\\\\\\\"@\"]");
}

static void many_words_about_keys_take_no_time(void **state)
{
	DEFER(buf_done) struct buf in = BUF_INIT(16u << 20), out = BUF_INIT(16u << 20);
	struct err err = ERR_INIT;
	bool is_redacted = true;
	struct view ret;

	(void)state;
	assert_int_equal(buf_add_byte(&in, '"'), 0);
	for (unsigned i = 0; i < 1'000'000; i++)
		assert_int_equal(buf_add_text(&in, "sk-ant- "), 0);
	assert_int_equal(buf_add_text(&in, "\\u0041\""), 0);
	assert_int_equal(redact_json(buf_view(&in), &out, &ret, &is_redacted, &err), 0);
	assert_false(is_redacted);
}

static void a_full_store_is_said_and_left_as_it_was(void **state)
{
	DEFER(buf_done) struct buf in = BUF_INIT(LIMIT), out = BUF_INIT(10);
	struct err err = ERR_INIT;
	bool is_redacted = false;
	struct view ret = VIEW_NONE;

	(void)state;
	assert_int_equal(buf_add_byte(&in, '"'), 0);
	add_key(&in, false);
	assert_int_equal(buf_add_byte(&in, '"'), 0);
	assert_int_equal(buf_add_text(&out, "abc"), 0);
	assert_int_equal(redact_json(buf_view(&in), &out, &ret, &is_redacted, &err), -1);
	assert_int_equal(err.kind, ERR_NOMEM);
	assert_int_equal(out.len, 3);
}

static void a_text_is_a_key_when_one_stands_in_it(void **state)
{
	DEFER(buf_done) struct buf key = BUF_INIT(LIMIT);

	(void)state;
	add_key(&key, false);
	assert_true(redact_is_key(buf_view(&key)));
	assert_false(redact_is_key(VIEW("apikey_01Rj2N8SVvo6BePZj99NhmiT")));
	assert_false(redact_is_key(VIEW("sk-ant-api03-R2D...igAA")));
	assert_false(redact_is_key(VIEW_NONE));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_body_without_a_key_is_not_copied),
		cmocka_unit_test(a_key_is_masked_and_all_else_stays),
		cmocka_unit_test(names_of_members_are_masked_as_well),
		cmocka_unit_test(a_key_with_escaped_characters_is_found),
		cmocka_unit_test(escapes_around_a_key_keep_their_spelling),
		cmocka_unit_test(a_key_in_json_within_json_is_found),
		cmocka_unit_test(partial_hints_and_words_stay),
		cmocka_unit_test(a_quote_behind_a_backslash_does_not_end_a_string),
		cmocka_unit_test(many_words_about_keys_take_no_time),
		cmocka_unit_test(a_full_store_is_said_and_left_as_it_was),
		cmocka_unit_test(a_text_is_a_key_when_one_stands_in_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
