/* SPDX-License-Identifier: Apache-2.0 */
#include "common/base/intern.h"

#include <stdio.h>

#include "tests/support/unit.h"

static void each_text_has_one_number(void **state)
{
	DEFER(intern_done) struct intern intern = INTERN_INIT(1 << 20);
	uint32_t n = 0;

	(void)state;
	for (unsigned round = 0; round < 2; round++)
		for (uint32_t i = 0; i < 5000; i++) {
			char text[16];

			assert_true(snprintf(text, sizeof(text), "%x", i) > 0);
			if (round == 0)
				assert_int_equal(intern_find(&intern, view_of(text)), INTERN_NONE);
			assert_int_equal(intern_add(&intern, view_of(text), &n), 0);
			assert_int_equal(n, i);
			assert_int_equal(intern_find(&intern, view_of(text)), i);
		}
	assert_int_equal(intern.count, 5000);
	assert_view(intern_text(&intern, 0x3ff), "3ff");
}

static void an_empty_text_is_one(void **state)
{
	DEFER(intern_done) struct intern intern = INTERN_INIT(1 << 20);
	uint32_t n = 7;

	(void)state;
	assert_int_equal(intern_find(&intern, VIEW("")), INTERN_NONE);
	assert_int_equal(intern_add(&intern, VIEW_NONE, &n), 0);
	assert_int_equal(n, 0);
	assert_int_equal(intern_find(&intern, VIEW("")), 0);
	assert_non_null(intern_text(&intern, 0).ptr);
	assert_int_equal(intern_add(&intern, view_from("\0", 1), &n), 0);
	assert_int_equal(n, 1);
}

static void the_ceiling_holds(void **state)
{
	DEFER(intern_done) struct intern intern = INTERN_INIT(8);
	uint32_t n;

	(void)state;
	assert_int_equal(intern_add(&intern, VIEW("12345"), &n), 0);
	assert_int_equal(intern_add(&intern, VIEW("6789"), &n), -1);
	assert_int_equal(intern.count, 1);
	assert_int_equal(intern_add(&intern, VIEW("678"), &n), 0);
	assert_view(intern_text(&intern, n), "678");
}

static void ranks_follow_the_order_of_texts(void **state)
{
	static const char *const texts[] = { "b", "", "ab", "a", "abc" };
	static const uint32_t wanted[] = { 4, 0, 2, 1, 3 };
	DEFER(intern_done) struct intern intern = INTERN_INIT(1 << 20);
	DEFER(freep) uint32_t *ranks = NULL;
	uint32_t n;

	(void)state;
	assert_int_equal(intern_ranks(&intern, &ranks), 0);
	assert_null(ranks);
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		assert_int_equal(intern_add(&intern, view_of(texts[i]), &n), 0);
	assert_int_equal(intern_ranks(&intern, &ranks), 0);
	assert_memory_equal(ranks, wanted, sizeof(wanted));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_text_has_one_number),
		cmocka_unit_test(an_empty_text_is_one),
		cmocka_unit_test(the_ceiling_holds),
		cmocka_unit_test(ranks_follow_the_order_of_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
