/* SPDX-License-Identifier: Apache-2.0 */
#include "common/base/textpool.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/unit.h"

static void texts_stay_where_they_are(void **state)
{
	DEFER(textpool_done) struct textpool pool = TEXTPOOL_INIT;
	const char *texts[5000];
	char text[32];

	(void)state;
	for (unsigned i = 0; i < ARRAY_LEN(texts); i++) {
		assert_true(snprintf(text, sizeof(text), "text %u", i) > 0);
		texts[i] = textpool_add(&pool, view_from(text, strlen(text)));
		assert_non_null(texts[i]);
	}
	for (unsigned i = 0; i < ARRAY_LEN(texts); i++) {
		assert_true(snprintf(text, sizeof(text), "text %u", i) > 0);
		assert_string_equal(texts[i], text);
	}
}

static void an_empty_text_needs_no_room(void **state)
{
	DEFER(textpool_done) struct textpool pool = TEXTPOOL_INIT;

	(void)state;
	assert_string_equal(textpool_add(&pool, VIEW_NONE), "");
	assert_null(pool.last);
}

static void a_text_larger_than_a_block_is_whole(void **state)
{
	DEFER(textpool_done) struct textpool pool = TEXTPOOL_INIT;
	const size_t size = (size_t)100 << 10;
	DEFER(freep) char *large = malloc(size);
	const char *before, *kept, *after;

	(void)state;
	assert_non_null(large);
	memset(large, 'x', size);
	before = textpool_add(&pool, VIEW("before"));
	kept = textpool_add(&pool, view_from(large, size));
	after = textpool_add(&pool, VIEW("after"));
	assert_int_equal(strlen(kept), size);
	assert_memory_equal(kept, large, size);
	assert_string_equal(before, "before");
	assert_string_equal(after, "after");
}

static void no_text_ends_early(void **state)
{
	DEFER(textpool_done) struct textpool pool = TEXTPOOL_INIT;

	(void)state;
	assert_string_equal(textpool_add(&pool, VIEW("a\0b\0")), "a\xEF\xBF\xBD"
								 "b\xEF\xBF\xBD");
}

static void it_can_be_used_again(void **state)
{
	DEFER(textpool_done) struct textpool pool = TEXTPOOL_INIT;

	(void)state;
	assert_non_null(textpool_add(&pool, VIEW("a")));
	textpool_done(&pool);
	assert_string_equal(textpool_add(&pool, VIEW("b")), "b");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_stay_where_they_are),
		cmocka_unit_test(an_empty_text_needs_no_room),
		cmocka_unit_test(a_text_larger_than_a_block_is_whole),
		cmocka_unit_test(no_text_ends_early),
		cmocka_unit_test(it_can_be_used_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
