/* SPDX-License-Identifier: Apache-2.0 */
#include "common/base/secret.h"

#include <string.h>

#include "common/base/text.h"
#include "tests/support/unit.h"

#define API_PREFIX "sk-ant-api03-"

/* Appends a body of len characters that starts with "Ab1" and ends with "9zAA"; made here, so that no whole key is
 * stored anywhere. */
static void add_body(struct buf *buf, size_t len)
{
	assert_int_equal(buf_add_text(buf, "Ab1"), 0);
	for (size_t i = 3; i + 4 < len; i++)
		assert_int_equal(buf_add_byte(buf, "x_Y-z5"[i % 6]), 0);
	assert_int_equal(buf_add_text(buf, "9zAA"), 0);
}

static void add_key(struct buf *buf, const char *prefix, size_t body_len)
{
	assert_int_equal(buf_add_text(buf, prefix), 0);
	add_body(buf, body_len);
}

static void assert_masked(struct view text, struct view also, const char *expected)
{
	DEFER(buf_done) struct buf out = BUF_INIT(10000);

	assert_int_equal(secret_add_masked_text(&out, text, also), 0);
	assert_string_equal(out.ptr, expected);
}

static void wipe_overwrites(void **state)
{
	char text[16] = "0123456789abcde";
	const char zeros[16] = { 0 };

	(void)state;
	secret_wipe(text, sizeof(text));
	assert_memory_equal(text, zeros, sizeof(text));
}

static void the_key_alphabet_has_64_characters(void **state)
{
	unsigned count = 0;

	(void)state;
	for (int c = 0; c < 256; c++)
		count += secret_is_key_char((char)c);
	assert_int_equal(count, 64);
	assert_true(secret_is_key_char('_') && secret_is_key_char('-'));
}

static void a_key_shows_prefix_three_and_four(void **state)
{
	static const char *const prefixes[] = { API_PREFIX, "sk-ant-admin01-", "sk-ant-oat01-", "sk-ant-sid02-" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(prefixes); i++) {
		DEFER(buf_done) struct buf key = BUF_INIT(1000);
		DEFER(buf_done) struct buf out = BUF_INIT(1000);
		DEFER(buf_done) struct buf expected = BUF_INIT(1000);

		add_key(&key, prefixes[i], 95);
		assert_int_equal(buf_addf(&expected, "%sAb1...9zAA", prefixes[i]), 0);
		assert_int_equal(secret_add_mask(&out, buf_view(&key)), 0);
		assert_string_equal(out.ptr, expected.ptr);
	}
}

static void a_short_body_shows_nothing_of_itself(void **state)
{
	(void)state;
	for (size_t len = 7; len < SECRET_MASK_MIN + 1; len++) {
		DEFER(buf_done) struct buf key = BUF_INIT(1000);
		DEFER(buf_done) struct buf out = BUF_INIT(1000);

		add_key(&key, API_PREFIX, len);
		assert_int_equal(secret_add_mask(&out, buf_view(&key)), 0);
		assert_string_equal(out.ptr, len < SECRET_MASK_MIN ? API_PREFIX "..." : API_PREFIX "Ab1...9zAA");
	}
}

static void another_secret_shows_three_characters(void **state)
{
	DEFER(buf_done) struct buf body = BUF_INIT(1000);
	DEFER(buf_done) struct buf out = BUF_INIT(1000);

	(void)state;
	add_body(&body, 40);
	assert_int_equal(secret_add_mask(&out, buf_view(&body)), 0);
	assert_string_equal(out.ptr, "Ab1...");
	buf_clear(&out);
	assert_int_equal(secret_add_mask(&out, VIEW("hunter2")), 0);
	assert_string_equal(out.ptr, "...");
	buf_clear(&out);
	assert_int_equal(secret_add_mask(&out, VIEW_NONE), 0);
	assert_string_equal(out.ptr, "...");
}

static void a_mask_beyond_the_ceiling_changes_nothing(void **state)
{
	DEFER(buf_done) struct buf key = BUF_INIT(1000);
	DEFER(buf_done) struct buf out = BUF_INIT(20);

	(void)state;
	add_key(&key, API_PREFIX, 95);
	assert_int_equal(buf_add_text(&out, "x"), 0);
	assert_int_equal(secret_add_mask(&out, buf_view(&key)), -1);
	assert_string_equal(out.ptr, "x");
	assert_int_equal(secret_add_masked_text(&out, buf_view(&key), VIEW_NONE), -1);
	assert_string_equal(out.ptr, "x");
}

static void each_key_in_a_text_is_masked(void **state)
{
	DEFER(buf_done) struct buf text = BUF_INIT(1000);

	(void)state;
	assert_int_equal(buf_add_text(&text, "a=\""), 0);
	add_key(&text, API_PREFIX, 95);
	assert_int_equal(buf_add_text(&text, "\", b="), 0);
	add_key(&text, "sk-ant-admin01-", 60);
	assert_int_equal(buf_add_text(&text, ";"), 0);
	assert_masked(buf_view(&text), VIEW_NONE, "a=\"" API_PREFIX "Ab1...9zAA\", b=sk-ant-admin01-Ab1...9zAA;");
}

static void words_about_keys_stay(void **state)
{
	static const char text[] = "keys start with sk-ant- or sk-ant-api03-, never sk-ant-x";

	(void)state;
	assert_masked(view_of(text), VIEW_NONE, text);
}

static void a_key_behind_a_word_about_keys_is_masked(void **state)
{
	DEFER(buf_done) struct buf text = BUF_INIT(1000);

	(void)state;
	assert_int_equal(buf_add_text(&text, "sk-ant-: "), 0);
	add_key(&text, API_PREFIX, 95);
	assert_masked(buf_view(&text), VIEW_NONE, "sk-ant-: " API_PREFIX "Ab1...9zAA");
}

static void also_is_hidden_wherever_it_stands(void **state)
{
	DEFER(buf_done) struct buf text = BUF_INIT(1000);

	(void)state;
	assert_int_equal(buf_add_text(&text, "hunter2 "), 0);
	add_key(&text, API_PREFIX, 95);
	assert_int_equal(buf_add_text(&text, " and hunter2"), 0);
	assert_masked(buf_view(&text), VIEW("hunter2"), "... " API_PREFIX "Ab1...9zAA and ...");
}

/* Whichever of the two is longer, on either side: nothing of their union may stay but what a mask shows. */
static void also_that_overlaps_a_key_leaves_no_rest(void **state)
{
	(void)state;
	for (size_t from = 0; from < 40; from += 3)
		for (size_t len = 20; len < 130; len += 7) {
			DEFER(buf_done) struct buf text = BUF_INIT(1000);
			DEFER(buf_done) struct buf out = BUF_INIT(1000);

			assert_int_equal(buf_add_text(&text, "left.of.key="), 0);
			add_key(&text, API_PREFIX, 95);
			assert_int_equal(buf_add_text(&text, "=right.of.key"), 0);
			assert_int_equal(
				secret_add_masked_text(&out, buf_view(&text), view_sub(buf_view(&text), from, len)), 0);
			assert_true(text_find(buf_view(&out), VIEW("x_Y")) == SIZE_MAX);
			assert_true(text_find(buf_view(&out), VIEW("Y-z")) == SIZE_MAX);
		}
}

static void a_text_without_secrets_is_copied(void **state)
{
	(void)state;
	assert_masked(VIEW("nothing here"), VIEW("absent"), "nothing here");
	assert_masked(VIEW("the end is sk-an"), VIEW_NONE, "the end is sk-an");
}

static void the_id_is_half_a_sha256(void **state)
{
	char id[SECRET_ID_BYTES];

	(void)state;
	secret_id(VIEW("abc"), id);
	assert_string_equal(id, "sha256:ba7816bf8f01cfea414140de5dae2223");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wipe_overwrites),
		cmocka_unit_test(the_key_alphabet_has_64_characters),
		cmocka_unit_test(a_key_shows_prefix_three_and_four),
		cmocka_unit_test(a_short_body_shows_nothing_of_itself),
		cmocka_unit_test(another_secret_shows_three_characters),
		cmocka_unit_test(a_mask_beyond_the_ceiling_changes_nothing),
		cmocka_unit_test(each_key_in_a_text_is_masked),
		cmocka_unit_test(words_about_keys_stay),
		cmocka_unit_test(a_key_behind_a_word_about_keys_is_masked),
		cmocka_unit_test(also_is_hidden_wherever_it_stands),
		cmocka_unit_test(also_that_overlaps_a_key_leaves_no_rest),
		cmocka_unit_test(a_text_without_secrets_is_copied),
		cmocka_unit_test(the_id_is_half_a_sha256),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
