/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/source/git/sets.h"

#include <string.h>

#include "tests/support/unit.h"

#define BYTES ((size_t)64 << 20)
#define MEMBERS 200

static bool holds(const struct sets *s, uint32_t set, const uint32_t *expected, size_t count)
{
	size_t n;
	const uint32_t *members = sets_members(s, set, &n);

	return n == count && (n == 0 || memcmp(members, expected, n * sizeof(*members)) == 0);
}

static void a_union_has_the_members_of_both_in_order(void **)
{
	struct sets *s = sets_new(BYTES);
	uint32_t a = sets_union(s, sets_one(s, 5), sets_one(s, 2)), b = sets_union(s, sets_one(s, 3), sets_one(s, 5));

	assert_true(holds(s, a, (const uint32_t[]){ 2, 5 }, 2));
	assert_true(holds(s, sets_union(s, a, b), (const uint32_t[]){ 2, 3, 5 }, 3));
	assert_true(holds(s, 0, (const uint32_t[]){ 9 }, 0));
	sets_freep(&s);
}

static void a_difference_has_what_only_the_first_has(void **)
{
	struct sets *s = sets_new(BYTES);
	uint32_t a = sets_union(s, sets_one(s, 5), sets_one(s, 2)), b = sets_union(s, sets_one(s, 3), sets_one(s, 5));

	assert_true(holds(s, sets_minus(s, a, b), (const uint32_t[]){ 2 }, 1));
	assert_int_equal(sets_minus(s, a, a), 0);
	assert_int_equal(sets_minus(s, 0, a), 0);
	assert_int_equal(sets_minus(s, a, 0), a);
	sets_freep(&s);
}

static void equal_sets_have_one_number(void **)
{
	struct sets *s = sets_new(BYTES);
	uint32_t up = 0, down = 0;

	for (uint32_t i = 0; i < MEMBERS; i++) {
		up = sets_union(s, up, sets_one(s, i));
		down = sets_union(s, sets_one(s, MEMBERS - 1 - i), down);
	}
	assert_int_equal(up, down);
	for (uint32_t i = 0; i < MEMBERS; i++)
		assert_true(sets_has(s, up, i));
	assert_false(sets_has(s, up, MEMBERS));
	assert_false(sets_has(s, 0, 0));
	sets_freep(&s);
}

static void the_ceiling_gives_a_failure_that_spreads(void **)
{
	struct sets *s = sets_new(4096);
	uint32_t all = 0, i = 0;

	for (; all != SETS_FAILED && i < MEMBERS; i++)
		all = sets_union(s, all, sets_one(s, i));
	assert_int_equal(all, SETS_FAILED);
	assert_int_equal(sets_union(s, 0, all), SETS_FAILED);
	assert_int_equal(sets_minus(s, all, 0), SETS_FAILED);
	assert_int_equal(sets_minus(s, 0, all), SETS_FAILED);
	sets_freep(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_union_has_the_members_of_both_in_order),
		cmocka_unit_test(a_difference_has_what_only_the_first_has),
		cmocka_unit_test(equal_sets_have_one_number),
		cmocka_unit_test(the_ceiling_gives_a_failure_that_spreads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
