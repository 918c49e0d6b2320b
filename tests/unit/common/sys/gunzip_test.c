/* SPDX-License-Identifier: Apache-2.0 */
#include "common/sys/gunzip.h"

#include <libdeflate.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/unit.h"

static struct gunzip *g;

static int set_up(void **state)
{
	(void)state;
	g = gunzip_new();
	return g ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	gunzip_free(g);
	return 0;
}

/* Appends text as one member of gzip. */
static void pack(struct buf *out, struct view text)
{
	struct libdeflate_compressor *c = libdeflate_alloc_compressor(9);
	size_t room = libdeflate_gzip_compress_bound(c, text.len);

	assert_int_equal(buf_reserve(out, room), 0);
	out->len += libdeflate_gzip_compress(c, text.ptr, text.len, out->ptr + out->len, room);
	out->ptr[out->len] = '\0';
	libdeflate_free_compressor(c);
}

static void what_was_packed_comes_out_behind_what_is_there(void **state)
{
	DEFER(buf_done) struct buf packed = BUF_INIT(1 << 20), out = BUF_INIT(1 << 20);

	(void)state;
	pack(&packed, VIEW("{\"data\":[]}"));
	assert_int_equal(buf_add_text(&out, "x"), 0);
	assert_int_equal(gunzip_add(g, buf_view(&packed), &out), GUNZIP_OK);
	assert_string_equal(out.ptr, "x{\"data\":[]}");
}

static void several_members_are_one_text(void **state)
{
	DEFER(buf_done) struct buf packed = BUF_INIT(1 << 20), out = BUF_INIT(1 << 20), zeros = BUF_INIT(1 << 20);

	(void)state;
	assert_int_equal(buf_reserve(&zeros, 300000), 0);
	memset(zeros.ptr, 0, 300000);
	zeros.len = 300000;
	pack(&packed, buf_view(&zeros)); /* the end tells of the last member alone */
	pack(&packed, VIEW(""));
	pack(&packed, VIEW("ab"));
	assert_int_equal(gunzip_add(g, buf_view(&packed), &out), GUNZIP_OK);
	assert_int_equal(out.len, 300002);
	assert_memory_equal(out.ptr + 299999, "\0ab", 4);
}

static void what_is_cut_at_any_byte_is_bad(void **state)
{
	DEFER(buf_done) struct buf packed = BUF_INIT(1 << 20), out = BUF_INIT(1 << 20);

	(void)state;
	pack(&packed, VIEW("{\"data\":[{\"id\":\"a\"},{\"id\":\"b\"}],\"has_more\":false}"));
	assert_int_equal(buf_add_text(&out, "x"), 0);
	for (size_t len = 0; len < packed.len; len++) {
		assert_int_not_equal(gunzip_add(g, view_sub(buf_view(&packed), 0, len), &out), GUNZIP_OK);
		assert_string_equal(out.ptr, "x");
	}
}

static void a_bit_that_is_turned_is_noticed(void **state)
{
	DEFER(buf_done) struct buf packed = BUF_INIT(1 << 20), out = BUF_INIT(1 << 20);

	(void)state;
	pack(&packed, VIEW("{\"data\":[{\"id\":\"a\"},{\"id\":\"b\"}],\"has_more\":false}"));
	for (size_t at = 10; at < packed.len; at++) { /* behind the header, of which not all counts */
		packed.ptr[at] ^= 1;
		assert_int_not_equal(gunzip_add(g, buf_view(&packed), &out), GUNZIP_OK);
		assert_int_equal(out.len, 0);
		packed.ptr[at] ^= 1;
	}
}

static void what_is_behind_the_last_member_is_bad(void **state)
{
	DEFER(buf_done) struct buf packed = BUF_INIT(1 << 20), out = BUF_INIT(1 << 20);

	(void)state;
	pack(&packed, VIEW("a"));
	assert_int_equal(buf_add_text(&packed, "what stands here is no gzip"), 0);
	assert_int_equal(gunzip_add(g, buf_view(&packed), &out), GUNZIP_BAD);
	assert_int_equal(out.len, 0);
}

static void more_than_the_ceiling_is_too_large(void **state)
{
	DEFER(buf_done) struct buf packed = BUF_INIT(1 << 20), zeros = BUF_INIT(1 << 20);
	DEFER(buf_done) struct buf small = BUF_INIT(99999), exact = BUF_INIT(100000);

	(void)state;
	assert_int_equal(buf_reserve(&zeros, 100000), 0);
	memset(zeros.ptr, 0, 100000);
	zeros.len = 100000;
	pack(&packed, buf_view(&zeros));
	assert_int_equal(gunzip_add(g, buf_view(&packed), &small), GUNZIP_TOO_LARGE);
	assert_int_equal(small.len, 0);
	assert_int_equal(gunzip_add(g, buf_view(&packed), &exact), GUNZIP_OK);
	assert_int_equal(exact.len, 100000);
}

static void a_length_that_is_made_up_costs_no_memory(void **state)
{
	DEFER(buf_done) struct buf packed = BUF_INIT(1 << 20), out = BUF_INIT((size_t)1 << 32);

	(void)state;
	pack(&packed, VIEW("a"));
	memset(packed.ptr + packed.len - 4, 0xFF, 4);
	assert_int_equal(gunzip_add(g, buf_view(&packed), &out), GUNZIP_BAD);
	assert_true(out.cap < 1 << 17);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_was_packed_comes_out_behind_what_is_there),
		TEST(several_members_are_one_text),
		TEST(what_is_cut_at_any_byte_is_bad),
		TEST(a_bit_that_is_turned_is_noticed),
		TEST(what_is_behind_the_last_member_is_bad),
		TEST(more_than_the_ceiling_is_too_large),
		TEST(a_length_that_is_made_up_costs_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
