/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/source/git/basecache.h"

#include <stdlib.h>

#include "scanner/source/git/room.h"
#include "tests/support/unit.h"

static const char pack_a, pack_b;

/* Whether the cache took it; what it did not take is freed. */
static bool put(struct basecache *c, const void *pack, uint64_t at, size_t size, char fill)
{
	char *content = malloc(size);

	assert_non_null(content);
	memset(content, fill, size);
	if (basecache_put(c, pack, at, OBJECT_BLOB, content, size))
		return true;
	free(content);
	return false;
}

static void what_was_put_is_got_by_pack_and_offset(void **)
{
	struct basecache *c = basecache_new(1u << 20);
	struct object o;

	assert_true(put(c, &pack_a, 12, 10, 'a'));
	assert_true(put(c, &pack_b, 12, 20, 'b'));
	assert_true(basecache_get(c, &pack_a, 12, &o));
	assert_int_equal(o.content.len, 10);
	assert_int_equal(o.content.ptr[9], 'a');
	assert_true(basecache_get(c, &pack_b, 12, &o));
	assert_int_equal(o.content.len, 20);
	assert_false(basecache_get(c, &pack_a, 13, &o));
	basecache_freep(&c);
}

static void an_object_of_more_than_a_quarter_is_not_taken(void **)
{
	struct basecache *c = basecache_new(4000);
	struct object o;

	assert_false(put(c, &pack_a, 12, 1001, 'a'));
	assert_true(put(c, &pack_a, 13, 1000, 'a'));
	assert_false(basecache_get(c, &pack_a, 12, &o));
	basecache_freep(&c);
}

static void others_go_when_there_is_no_room(void **)
{
	struct basecache *c = basecache_new(10000);
	size_t held = 0;

	for (uint64_t at = 12; at < 5012; at++) {
		struct object o;

		assert_true(put(c, &pack_a, at, 1000, 'x'));
		assert_true(basecache_get(c, &pack_a, at, &o));
	}
	for (uint64_t at = 12; at < 5012; at++) {
		struct object o;

		held += basecache_get(c, &pack_a, at, &o);
	}
	assert_in_range(held, 1, 10);
	basecache_freep(&c);
}

static void a_block_that_was_given_back_is_taken_again(void **)
{
	struct rooms r = { .spare_bytes = 0 };
	char *first = rooms_take(&r, 5000), *second;

	assert_non_null(first);
	memset(first, 1, 5000);
	rooms_give(&r, first, 5000);
	assert_int_equal(r.used_bytes, 0);
	second = rooms_take(&r, 8192); /* of the same class */
	assert_ptr_equal(first, second);
	assert_int_equal(r.spare_bytes, 0);
	rooms_give(&r, second, 8192);
	rooms_done(&r);
}

static void free_blocks_are_kept_up_to_a_limit(void **)
{
	struct rooms r = { .spare_bytes = 0 };
	char *blocks[20];

	for (size_t i = 0; i < ARRAY_LEN(blocks); i++) {
		blocks[i] = rooms_take(&r, 4u << 20);
		assert_non_null(blocks[i]);
	}
	assert_int_equal(r.used_bytes, 80u << 20);
	for (size_t i = 0; i < ARRAY_LEN(blocks); i++)
		rooms_give(&r, blocks[i], 4u << 20);
	assert_int_equal(r.used_bytes, 0);
	assert_in_range(r.spare_bytes, 4u << 20, 40u << 20);
	rooms_give(&r, NULL, 100);
	assert_int_equal(r.used_bytes, 0);
	rooms_done(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_put_is_got_by_pack_and_offset),
		cmocka_unit_test(an_object_of_more_than_a_quarter_is_not_taken),
		cmocka_unit_test(others_go_when_there_is_no_room),
		cmocka_unit_test(a_block_that_was_given_back_is_taken_again),
		cmocka_unit_test(free_blocks_are_kept_up_to_a_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
