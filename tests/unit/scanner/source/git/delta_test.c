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

static void a_delta_is_sound_when_its_instructions_give_what_it_claims(void **)
{
	struct buf d;

	delta_begin(&d, 10, 13);
	delta_add_copy(&d, 0, 10);
	delta_add_insert(&d, VIEW("abc"));
	assert_true(delta_is_sound(buf_view(&d), 10, 13));
	assert_false(delta_is_sound(buf_view(&d), 9, 13));
	assert_false(delta_is_sound(buf_view(&d), 10, 14));
	assert_false(delta_is_sound(view_sub(buf_view(&d), 0, d.len - 1), 10, 13));
	buf_done(&d);
	delta_begin(&d, 10, (uint64_t)1 << 60);
	delta_add_copy(&d, 0, 10);
	assert_false(delta_is_sound(buf_view(&d), 10, (uint64_t)1 << 60));
	buf_done(&d);
}

/* The sketch of d, with edges of 3 bytes, in out. Its status; d is given back. */
static int sketch(struct buf *d, struct view base, size_t size, size_t cap, size_t *ret_len)
{
	int ret;

	memset(out, CANARY, sizeof(out));
	ret = delta_sketch(buf_view(d), base, size, 3, out, cap, ret_len);
	for (size_t i = cap; i < sizeof(out); i++)
		assert_int_equal(out[i], CANARY);
	buf_done(d);
	return ret;
}

static void a_sketch_has_inserts_and_the_edges_of_copies(void **)
{
	struct buf d;
	size_t len;

	delta_begin(&d, 20, 30);
	delta_add_copy(&d, 0, 20);
	delta_add_insert(&d, VIEW("NEW"));
	delta_add_copy(&d, 13, 7);
	assert_int_equal(sketch(&d, VIEW("abcdefghijklmnopqrst"), 30, 30, &len), 0);
	assert_view(view_from(out, len), "abcrstNEWnoprst");
}

static void a_sketch_has_short_copies_whole(void **)
{
	struct buf d;
	size_t len;

	delta_begin(&d, 20, 12);
	delta_add_copy(&d, 2, 6);
	delta_add_copy(&d, 14, 6);
	assert_int_equal(sketch(&d, VIEW("abcdefghijklmnopqrst"), 12, 12, &len), 0);
	assert_view(view_from(out, len), "cdefghopqrst");
}

static void a_sketch_that_does_not_fit_says_so(void **)
{
	struct buf d;
	size_t len;

	delta_begin(&d, 3, 9);
	delta_add_copy(&d, 0, 3);
	delta_add_insert(&d, VIEW("longer"));
	assert_int_equal(sketch(&d, VIEW("abc"), 9, 8, &len), 1);
}

static void a_sketch_refuses_what_applying_refuses(void **)
{
	struct buf d;
	size_t len;

	delta_begin(&d, 3, 4);
	delta_add_copy(&d, 0, 4);
	assert_int_equal(sketch(&d, VIEW("abc"), 4, 4, &len), -1);
	delta_begin(&d, 3, 4);
	delta_add_copy(&d, 0, 3);
	assert_int_equal(sketch(&d, VIEW("abc"), 4, 4, &len), -1);
	delta_begin(&d, 3, 4);
	assert_int_equal(buf_add_byte(&d, 0), 0);
	assert_int_equal(sketch(&d, VIEW("abc"), 4, 4, &len), -1);
}

static void what_is_new_in_a_delta_is_had_without_its_base(void **)
{
	struct buf d;
	size_t len;

	delta_begin(&d, 1000, 22);
	delta_add_copy(&d, 0, 5);
	delta_add_insert(&d, VIEW("one "));
	delta_add_insert(&d, VIEW("run"));
	delta_add_copy(&d, 10, 3);
	delta_add_copy(&d, 20, 3);
	delta_add_insert(&d, VIEW("next"));
	assert_int_equal(delta_own(buf_view(&d), out, d.len, &len), 0);
	assert_view(view_from(out, len), "one run\nnext");
	assert_int_equal(delta_own(buf_view(&d), out, 11, &len), -1);
	assert_view(view_from(out, len), "one run");
	assert_int_equal(delta_own(view_sub(buf_view(&d), 0, d.len - 1), out, d.len, &len), -1);
	assert_view(view_from(out, len), "one run");
	assert_int_equal(delta_own(VIEW("\1"), out, 1, &len), -1);
	assert_int_equal(len, 0);
	buf_done(&d);
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
		cmocka_unit_test(a_delta_is_sound_when_its_instructions_give_what_it_claims),
		cmocka_unit_test(a_sketch_has_inserts_and_the_edges_of_copies),
		cmocka_unit_test(a_sketch_has_short_copies_whole),
		cmocka_unit_test(a_sketch_that_does_not_fit_says_so),
		cmocka_unit_test(a_sketch_refuses_what_applying_refuses),
		cmocka_unit_test(what_is_new_in_a_delta_is_had_without_its_base),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
