/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/source/git/delta.h"

#include "tests/support/pack.h"
#include "tests/support/unit.h"

#define OUT_BYTES (256u << 10)
#define CANARY 0x5b

static char out[OUT_BYTES + 1];

/* Applies d and gives it back; what lies behind size bytes of out must not change. */
static int apply(struct buf *d, struct view base, size_t size)
{
	int ret;

	assert_in_range(size, 0, OUT_BYTES);
	memset(out, CANARY, sizeof(out));
	ret = delta_apply(buf_view(d), base, out, size);
	for (size_t i = size; i < sizeof(out); i++)
		assert_int_equal(out[i], CANARY);
	buf_done(d);
	return ret;
}

static void copies_and_inserts_make_the_result(void **)
{
	struct buf d;

	delta_begin(&d, 11, 15);
	delta_add_copy(&d, 6, 5);
	delta_add_insert(&d, VIEW(" is "));
	delta_add_copy(&d, 0, 5);
	delta_add_insert(&d, VIEW("!"));
	assert_int_equal(apply(&d, VIEW("hello world"), 15), 0);
	assert_memory_equal(out, "world is hello!", 15);
}

static void copies_alone_make_the_result(void **)
{
	struct buf d;

	delta_begin(&d, 6, 6);
	delta_add_copy(&d, 3, 3);
	delta_add_copy(&d, 0, 3);
	assert_int_equal(apply(&d, VIEW("defabc"), 6), 0);
	assert_memory_equal(out, "abcdef", 6);
}

static void a_copy_without_size_is_of_65536_bytes(void **)
{
	static char base[0x10000 + 2];
	struct buf d;

	for (size_t i = 0; i < sizeof(base); i++)
		base[i] = (char)(i * 7);
	delta_begin(&d, sizeof(base), 0x10000);
	delta_add_copy(&d, 2, 0x10000);
	assert_int_equal(d.ptr[d.len - 2] & 0x70, 0);
	assert_int_equal(apply(&d, view_from(base, sizeof(base)), 0x10000), 0);
	assert_memory_equal(out, base + 2, 0x10000);
}

static void offsets_and_sizes_of_all_widths_are_read(void **)
{
	static char base[0x20000 + 0x10203];
	struct buf d;

	for (size_t i = 0; i < sizeof(base); i++)
		base[i] = (char)(i ^ i >> 8 ^ i >> 16);
	delta_begin(&d, sizeof(base), 0x10203);
	delta_add_copy(&d, 0x20000, 0x10203);
	assert_int_equal(apply(&d, view_from(base, sizeof(base)), 0x10203), 0);
	assert_memory_equal(out, base + 0x20000, 0x10203);
}

static void an_empty_result_needs_no_instruction(void **)
{
	struct buf d;

	delta_begin(&d, 3, 0);
	assert_int_equal(apply(&d, VIEW("abc"), 0), 0);
}

static void a_copy_from_behind_the_base_is_refused(void **)
{
	struct buf d;

	delta_begin(&d, 3, 2);
	delta_add_copy(&d, 2, 2);
	assert_int_equal(apply(&d, VIEW("abc"), 2), -1);
}

static void a_copy_of_the_largest_offset_is_refused(void **)
{
	struct buf d;

	delta_begin(&d, 3, 3);
	delta_add_copy(&d, 0xffffffff, 0xffffff);
	assert_int_equal(apply(&d, VIEW("abc"), 3), -1);
}

static void a_copy_past_the_result_is_refused(void **)
{
	struct buf d;

	delta_begin(&d, 3, 2);
	delta_add_copy(&d, 0, 3);
	assert_int_equal(apply(&d, VIEW("abc"), 2), -1);
}

static void an_insert_past_the_result_is_refused(void **)
{
	struct buf d;

	delta_begin(&d, 0, 2);
	delta_add_insert(&d, VIEW("abc"));
	assert_int_equal(apply(&d, VIEW(""), 2), -1);
}

static void an_insert_that_is_cut_off_is_refused(void **)
{
	struct buf d;

	delta_begin(&d, 0, 3);
	delta_add_insert(&d, VIEW("abc"));
	buf_cut(&d, d.len - 1);
	assert_int_equal(apply(&d, VIEW(""), 3), -1);
}

static void a_copy_that_is_cut_off_is_refused(void **)
{
	static char base[0x400];

	for (size_t cut = 1; cut <= 3; cut++) {
		struct buf d;

		delta_begin(&d, sizeof(base), 0x101);
		delta_add_copy(&d, 0x10, 0x101);
		buf_cut(&d, d.len - cut);
		assert_int_equal(apply(&d, view_from(base, sizeof(base)), 0x101), -1);
	}
}

static void the_reserved_instruction_0_is_refused(void **)
{
	struct buf d;

	delta_begin(&d, 0, 0);
	assert_int_equal(buf_add_byte(&d, 0), 0);
	assert_int_equal(apply(&d, VIEW(""), 0), -1);
}

static void a_result_that_stays_too_short_is_refused(void **)
{
	struct buf d;

	delta_begin(&d, 0, 4);
	delta_add_insert(&d, VIEW("abc"));
	assert_int_equal(apply(&d, VIEW(""), 4), -1);
}

static void a_base_of_another_size_is_refused(void **)
{
	struct buf d;

	delta_begin(&d, 4, 3);
	delta_add_copy(&d, 0, 3);
	assert_int_equal(apply(&d, VIEW("abc"), 3), -1);
}

static void a_result_of_another_size_than_asked_for_is_refused(void **)
{
	struct buf d;

	delta_begin(&d, 3, 3);
	delta_add_copy(&d, 0, 3);
	assert_int_equal(apply(&d, VIEW("abc"), 2), -1);
}

static void a_delta_without_sizes_is_refused(void **)
{
	uint64_t base, result;
	size_t head;

	assert_int_equal(delta_sizes(VIEW(""), &base, &result, &head), -1);
	assert_int_equal(delta_sizes(VIEW("\3"), &base, &result, &head), -1);
	assert_int_equal(delta_sizes(VIEW("\3\x83"), &base, &result, &head), -1);
}

static void sizes_of_64_bits_are_read(void **)
{
	struct buf d;
	uint64_t base, result;
	size_t head;

	delta_begin(&d, UINT64_MAX, (uint64_t)1 << 60);
	assert_int_equal(delta_sizes(buf_view(&d), &base, &result, &head), 0);
	assert_true(base == UINT64_MAX);
	assert_true(result == (uint64_t)1 << 60);
	assert_int_equal(head, d.len);
	buf_done(&d);
}

static void sizes_of_more_than_64_bits_are_refused(void **)
{
	uint64_t base, result;
	size_t head;

	assert_int_equal(delta_sizes(VIEW("\xff\xff\xff\xff\xff\xff\xff\xff\xff\2\1"), &base, &result, &head), -1);
	assert_int_equal(delta_sizes(VIEW("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\1\1"), &base, &result, &head), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(copies_and_inserts_make_the_result),
		cmocka_unit_test(copies_alone_make_the_result),
		cmocka_unit_test(a_copy_without_size_is_of_65536_bytes),
		cmocka_unit_test(offsets_and_sizes_of_all_widths_are_read),
		cmocka_unit_test(an_empty_result_needs_no_instruction),
		cmocka_unit_test(a_copy_from_behind_the_base_is_refused),
		cmocka_unit_test(a_copy_of_the_largest_offset_is_refused),
		cmocka_unit_test(a_copy_past_the_result_is_refused),
		cmocka_unit_test(an_insert_past_the_result_is_refused),
		cmocka_unit_test(an_insert_that_is_cut_off_is_refused),
		cmocka_unit_test(a_copy_that_is_cut_off_is_refused),
		cmocka_unit_test(the_reserved_instruction_0_is_refused),
		cmocka_unit_test(a_result_that_stays_too_short_is_refused),
		cmocka_unit_test(a_base_of_another_size_is_refused),
		cmocka_unit_test(a_result_of_another_size_than_asked_for_is_refused),
		cmocka_unit_test(a_delta_without_sizes_is_refused),
		cmocka_unit_test(sizes_of_64_bits_are_read),
		cmocka_unit_test(sizes_of_more_than_64_bits_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
