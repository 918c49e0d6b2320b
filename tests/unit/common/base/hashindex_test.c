/* SPDX-License-Identifier: Apache-2.0 */
#include "common/base/hashindex.h"

#include "tests/support/unit.h"

#define MANY 20000u

static bool is_item(const void *context, uint32_t item)
{
	return *(const uint32_t *)context == item;
}

static bool is_none(const void *, uint32_t)
{
	return false;
}

static void an_empty_index_finds_nothing(void **state)
{
	DEFER(hashindex_done) struct hashindex index = { 0 };
	uint32_t item = 0;

	(void)state;
	assert_int_equal(hashindex_find(&index, 0, is_item, &item), HASHINDEX_NONE);
}

static void each_of_many_items_is_found(void **state)
{
	DEFER(hashindex_done) struct hashindex index = { 0 };

	(void)state;
	for (uint32_t i = 0; i < MANY; i++) {
		uint32_t hash = hashindex_of(&i, sizeof(i));

		assert_int_equal(hashindex_find(&index, hash, is_item, &i), HASHINDEX_NONE);
		assert_int_equal(hashindex_add(&index, hash, i), 0);
	}
	assert_int_equal(index.count, MANY);
	for (uint32_t i = 0; i < MANY; i++)
		assert_int_equal(hashindex_find(&index, hashindex_of(&i, sizeof(i)), is_item, &i), i);
}

static void items_of_one_hash_are_told_apart(void **state)
{
	DEFER(hashindex_done) struct hashindex index = { 0 };

	(void)state;
	for (uint32_t i = 0; i < 200; i++)
		assert_int_equal(hashindex_add(&index, UINT32_MAX, i), 0);
	for (uint32_t i = 0; i < 200; i++)
		assert_int_equal(hashindex_find(&index, UINT32_MAX, is_item, &i), i);
	assert_int_equal(hashindex_find(&index, UINT32_MAX, is_none, NULL), HASHINDEX_NONE);
}

static void it_is_empty_once_it_is_done_with(void **state)
{
	struct hashindex index = { 0 };
	uint32_t item = 3;

	(void)state;
	assert_int_equal(hashindex_add(&index, 1, item), 0);
	hashindex_done(&index);
	assert_int_equal(index.count, 0);
	assert_int_equal(hashindex_find(&index, 1, is_item, &item), HASHINDEX_NONE);
}

static void a_hash_depends_on_all_bytes_and_their_number(void **state)
{
	char bytes[33] = { 0 };
	uint32_t zeros = hashindex_of(bytes, 32);

	(void)state;
	assert_int_equal(hashindex_of(bytes, 32), zeros);
	assert_true(hashindex_of(bytes, 33) != zeros || hashindex_of(bytes, 31) != zeros);
	for (size_t i = 0; i < 32; i++) {
		unsigned same = 0;

		for (unsigned value = 1; value < 4; value++) { /* three that meet in one slot by chance: once in 2^30 */
			bytes[i] = (char)value;
			same += (hashindex_of(bytes, 32) & 0x3ff) == (zeros & 0x3ff); /* the slot */
		}
		assert_true(same < 3);
		bytes[i] = 0;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_index_finds_nothing),
		cmocka_unit_test(each_of_many_items_is_found),
		cmocka_unit_test(items_of_one_hash_are_told_apart),
		cmocka_unit_test(it_is_empty_once_it_is_done_with),
		cmocka_unit_test(a_hash_depends_on_all_bytes_and_their_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
