/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/shard.h"

#include <stdlib.h>
#include <string.h>

#include "tests/support/unit.h"

#define COUNT 500
#define MAX_SHARDS 16

static uint32_t state = 1;

static uint32_t next_random(void)
{
	state = state * 1664525 + 1013904223;
	return state >> 8;
}

/* The most that one of them has, and in *ret_sum what all have. */
static uint64_t most(const uint64_t *bytes, size_t count, unsigned shards, uint64_t *ret_sum)
{
	uint64_t loads[MAX_SHARDS] = { 0 }, largest = 0;
	uint32_t *parts = shard_divide(bytes, count, shards);

	assert_non_null(parts);
	*ret_sum = 0;
	for (size_t i = 0; i < count; i++) {
		assert_true(parts[i] < shards);
		loads[parts[i]] += bytes[i] + SHARD_EACH_BYTES;
		*ret_sum += bytes[i] + SHARD_EACH_BYTES;
	}
	for (unsigned i = 0; i < shards; i++)
		largest = loads[i] > largest ? loads[i] : largest;
	free(parts);
	return largest;
}

/* Nobody can do better than the sum over N, or than the largest; the bound is 4/3 - 1/(3 N) of the best, which is at
 * least that, but may be more: so only what always holds of this algorithm is asked for, sum / N + largest. */
static void no_part_has_more_than_its_share_and_one_repository(void **)
{
	for (unsigned shards = 1; shards <= MAX_SHARDS; shards++) {
		uint64_t bytes[COUNT], largest = 0, sum;

		for (size_t i = 0; i < COUNT; i++) {
			bytes[i] = (uint64_t)next_random() << next_random() % 12;
			largest = bytes[i] > largest ? bytes[i] : largest;
		}
		assert_true(most(bytes, COUNT, shards, &sum) <= sum / shards + largest + SHARD_EACH_BYTES);
	}
}

/* The least that the fullest part can have, by trying all. */
static uint64_t best(const uint64_t *bytes, size_t count, uint64_t *loads, unsigned shards)
{
	uint64_t least = UINT64_MAX, largest = 0;

	for (unsigned i = 0; i < shards; i++)
		largest = loads[i] > largest ? loads[i] : largest;
	if (count == 0)
		return largest;
	for (unsigned i = 0; i < shards; i++) {
		uint64_t found;

		loads[i] += bytes[0] + SHARD_EACH_BYTES;
		found = best(bytes + 1, count - 1, loads, shards);
		least = found < least ? found : least;
		loads[i] -= bytes[0] + SHARD_EACH_BYTES;
	}
	return least;
}

static void the_bound_of_the_algorithm_holds(void **)
{
	for (unsigned round = 0; round < 100; round++) {
		unsigned shards = 2 + round % 2;
		uint64_t bytes[7], loads[3] = { 0 }, sum;

		for (size_t i = 0; i < ARRAY_LEN(bytes); i++)
			bytes[i] = next_random() % 1000000;
		assert_true(3 * shards * most(bytes, ARRAY_LEN(bytes), shards, &sum) <=
			    (4 * shards - 1) * best(bytes, ARRAY_LEN(bytes), loads, shards));
	}
}

static void the_known_worst_case_is_as_bad_as_the_bound_says(void **)
{
	/* Graham's: 5 5 4 4 3 3 3 on three machines makes 11 where 9 would do */
	const uint64_t unit = UINT64_C(1) << 40;
	const uint64_t bytes[] = { 5 * unit, 5 * unit, 4 * unit, 4 * unit, 3 * unit, 3 * unit, 3 * unit };
	uint64_t sum;

	assert_int_equal(most(bytes, ARRAY_LEN(bytes), 3, &sum) / unit, 11);
}

static void empty_repositories_are_spread_too(void **)
{
	const uint64_t bytes[8] = { 0 };
	uint64_t sum;

	assert_int_equal(most(bytes, 8, 4, &sum), 2 * SHARD_EACH_BYTES);
}

static void more_parts_than_repositories_leave_some_empty(void **)
{
	const uint64_t bytes[] = { 7, 9 };
	uint32_t *parts = shard_divide(bytes, 2, 5);

	assert_non_null(parts);
	assert_int_equal(parts[1], 0);
	assert_int_equal(parts[0], 1);
	free(parts);
	free(shard_divide(bytes, 0, 5));
}

static void the_same_sizes_are_divided_alike(void **)
{
	uint64_t bytes[COUNT];
	uint32_t *a, *b;

	for (size_t i = 0; i < COUNT; i++)
		bytes[i] = next_random() % 10;
	a = shard_divide(bytes, COUNT, 7);
	b = shard_divide(bytes, COUNT, 7);
	assert_non_null(a);
	assert_non_null(b);
	assert_memory_equal(a, b, COUNT * sizeof(*a));
	free(a);
	free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_part_has_more_than_its_share_and_one_repository),
		cmocka_unit_test(the_bound_of_the_algorithm_holds),
		cmocka_unit_test(the_known_worst_case_is_as_bad_as_the_bound_says),
		cmocka_unit_test(empty_repositories_are_spread_too),
		cmocka_unit_test(more_parts_than_repositories_leave_some_empty),
		cmocka_unit_test(the_same_sizes_are_divided_alike),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
