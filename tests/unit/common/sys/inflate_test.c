/* SPDX-License-Identifier: Apache-2.0 */
#include "common/sys/inflate.h"

#include <libdeflate.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/unit.h"

#define ROOM (1u << 20)

static const char text[] = "a line of text, and a line of text behind it: 0123456789\n";

static void pack(struct buf *out, enum inflate_format format, struct view plain)
{
	struct libdeflate_compressor *c = libdeflate_alloc_compressor(9);
	size_t room;

	assert_non_null(c);
	room = libdeflate_gzip_compress_bound(c, plain.len); /* that of zlib is smaller */
	assert_int_equal(buf_reserve(out, room), 0);
	if (format == INFLATE_GZIP)
		out->len += libdeflate_gzip_compress(c, plain.ptr, plain.len, out->ptr + out->len, room);
	else
		out->len += libdeflate_zlib_compress(c, plain.ptr, plain.len, out->ptr + out->len, room);
	out->ptr[out->len] = '\0';
	libdeflate_free_compressor(c);
}

static void pack_zeros(struct buf *out, size_t count)
{
	void *zeros = calloc(count, 1);

	assert_non_null(zeros);
	pack(out, INFLATE_GZIP, view_from(zeros, count));
	free(zeros);
}

#define FOR_EACH_FORMAT(f) for (enum inflate_format f = INFLATE_ZLIB; f <= INFLATE_GZIP; f++)

static void what_was_packed_comes_out_behind_what_is_there(void **state)
{
	(void)state;
	FOR_EACH_FORMAT(f)
	{
		DEFER(buf_done) struct buf packed = BUF_INIT(ROOM), out = BUF_INIT(ROOM);
		size_t used;

		pack(&packed, f, view_of(text));
		assert_int_equal(buf_add_text(&out, "x"), 0);
		assert_int_equal(inflate_add(f, buf_view(&packed), &out, &used), INFLATE_WHOLE);
		assert_int_equal(used, packed.len);
		assert_int_equal(out.ptr[0], 'x');
		assert_string_equal(out.ptr + 1, text);
	}
}

static void what_follows_the_data_is_left_alone(void **state)
{
	(void)state;
	FOR_EACH_FORMAT(f)
	{
		DEFER(buf_done) struct buf packed = BUF_INIT(ROOM), out = BUF_INIT(ROOM);
		size_t used, len;

		pack(&packed, f, view_of(text));
		len = packed.len;
		pack(&packed, f, VIEW("another member")); /* of gzip, it is of another file here */
		assert_int_equal(inflate_add(f, buf_view(&packed), &out, &used), INFLATE_WHOLE);
		assert_int_equal(used, len);
		assert_string_equal(out.ptr, text);
	}
}

static void what_is_cut_at_any_byte_gives_what_is_there(void **state)
{
	(void)state;
	FOR_EACH_FORMAT(f)
	{
		DEFER(buf_done) struct buf packed = BUF_INIT(ROOM), out = BUF_INIT(ROOM);
		size_t used, longest = 0;

		pack(&packed, f, view_of(text));
		for (size_t len = 0; len < packed.len; len++) {
			buf_clear(&out);
			assert_int_equal(inflate_add(f, view_sub(buf_view(&packed), 0, len), &out, &used), INFLATE_CUT);
			assert_int_equal(used, len);
			assert_true(out.len >= longest && out.len < sizeof(text));
			assert_memory_equal(out.len ? out.ptr : "", text, out.len);
			longest = out.len;
		}
		assert_int_equal(longest, sizeof(text) - 1); /* without its checksum it is all there */
	}
}

static void a_bit_that_is_turned_is_noticed_and_what_came_before_stays(void **state)
{
	(void)state;
	FOR_EACH_FORMAT(f)
	{
		DEFER(buf_done) struct buf packed = BUF_INIT(ROOM), out = BUF_INIT(ROOM);
		size_t used;

		pack(&packed, f, view_of(text));
		for (size_t at = f == INFLATE_GZIP ? 10 : 0; at < packed.len; at++) {
			packed.ptr[at] ^= 1;
			buf_clear(&out);
			assert_int_equal(buf_add_text(&out, "x"), 0);
			assert_int_not_equal(inflate_add(f, buf_view(&packed), &out, &used), INFLATE_WHOLE);
			assert_int_equal(out.ptr[0], 'x');
			assert_true(used <= packed.len);
			packed.ptr[at] ^= 1;
		}
	}
}

static void what_is_no_such_data_is_bad(void **state)
{
	DEFER(buf_done) struct buf packed = BUF_INIT(ROOM), out = BUF_INIT(ROOM);
	size_t used;

	(void)state;
	assert_int_equal(inflate_add(INFLATE_GZIP, VIEW("no such data"), &out, &used), INFLATE_BAD);
	pack(&packed, INFLATE_ZLIB, view_of(text));
	assert_int_equal(inflate_add(INFLATE_GZIP, buf_view(&packed), &out, &used), INFLATE_BAD);
	buf_clear(&packed);
	pack(&packed, INFLATE_GZIP, view_of(text));
	assert_int_equal(inflate_add(INFLATE_ZLIB, buf_view(&packed), &out, &used), INFLATE_BAD);
	assert_int_equal(out.len, 0);
}

static void more_than_the_ceiling_is_there_up_to_it(void **state)
{
	DEFER(buf_done) struct buf packed = BUF_INIT(ROOM), small = BUF_INIT(299999), large = BUF_INIT(300001);
	size_t used;

	(void)state;
	pack_zeros(&packed, 300000);
	assert_int_equal(inflate_add(INFLATE_GZIP, buf_view(&packed), &small, &used), INFLATE_TOO_LARGE);
	assert_int_equal(small.len, 299999);
	assert_int_equal(inflate_add(INFLATE_GZIP, buf_view(&packed), &large, &used), INFLATE_WHOLE);
	assert_int_equal(large.len, 300000);
}

static void a_bomb_costs_no_more_memory_than_the_ceiling(void **state)
{
	DEFER(buf_done) struct buf packed = BUF_INIT(64 * ROOM), out = BUF_INIT(1 << 16);
	size_t used;

	(void)state;
	pack_zeros(&packed, 32 << 20);
	assert_true(packed.len < ROOM / 4);
	assert_int_equal(inflate_add(INFLATE_GZIP, buf_view(&packed), &out, &used), INFLATE_TOO_LARGE);
	assert_int_equal(out.len, 1 << 16);
	assert_true(out.cap < 1 << 18);
	assert_true(used < packed.len);
}

/* Unpacks in pieces of in_bytes to pieces of out_bytes. 0, or -1 as the stream. */
static int stream_all(struct view packed, size_t in_bytes, size_t out_bytes, struct buf *out, bool *ret_whole)
{
	struct inflate_stream *stream = inflate_stream_new();
	int status = 0;

	assert_non_null(stream);
	while (packed.len && status == 0) {
		struct view in = view_sub(packed, 0, in_bytes);
		size_t made = 1;

		packed = view_sub(packed, in.len, packed.len);
		while (made && status == 0) {
			assert_int_equal(buf_reserve(out, out_bytes), 0);
			status = inflate_stream_next(stream, &in, out->ptr + out->len, out_bytes, &made);
			out->len += made;
		}
		assert_true(status || in.len == 0);
	}
	*ret_whole = inflate_stream_is_whole(stream);
	inflate_stream_free(stream);
	return status;
}

static void a_stream_gives_all_members_in_pieces_of_any_size(void **state)
{
	static const size_t sizes[] = { 1, 2, 7, 64, 100000 };
	DEFER(buf_done) struct buf packed = BUF_INIT(ROOM);
	bool is_whole;

	(void)state;
	pack(&packed, INFLATE_GZIP, view_of(text));
	pack(&packed, INFLATE_GZIP, VIEW(""));
	pack(&packed, INFLATE_GZIP, view_of(text));
	for (size_t i = 0; i < ARRAY_LEN(sizes) * ARRAY_LEN(sizes); i++) {
		DEFER(buf_done) struct buf out = BUF_INIT(ROOM);

		assert_int_equal(stream_all(buf_view(&packed), sizes[i / ARRAY_LEN(sizes)], sizes[i % ARRAY_LEN(sizes)],
					    &out, &is_whole),
				 0);
		assert_true(is_whole);
		assert_int_equal(out.len, 2 * strlen(text));
		assert_memory_equal(out.ptr, text, strlen(text));
		assert_memory_equal(out.ptr + strlen(text), text, strlen(text));
	}
}

static void a_stream_knows_what_is_cut_and_what_is_damaged(void **state)
{
	DEFER(buf_done) struct buf packed = BUF_INIT(ROOM), out = BUF_INIT(ROOM);
	bool is_whole;

	(void)state;
	pack(&packed, INFLATE_GZIP, view_of(text));
	for (size_t len = 1; len < packed.len; len++) {
		assert_int_equal(stream_all(view_sub(buf_view(&packed), 0, len), 5, 100, &out, &is_whole), 0);
		assert_false(is_whole);
		buf_clear(&out);
	}
	packed.ptr[packed.len - 5] ^= 1;
	assert_int_equal(stream_all(buf_view(&packed), 5, 100, &out, &is_whole), -1);
	assert_int_equal(stream_all(view_of(text), 5, 100, &out, &is_whole), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_packed_comes_out_behind_what_is_there),
		cmocka_unit_test(what_follows_the_data_is_left_alone),
		cmocka_unit_test(what_is_cut_at_any_byte_gives_what_is_there),
		cmocka_unit_test(a_bit_that_is_turned_is_noticed_and_what_came_before_stays),
		cmocka_unit_test(what_is_no_such_data_is_bad),
		cmocka_unit_test(more_than_the_ceiling_is_there_up_to_it),
		cmocka_unit_test(a_bomb_costs_no_more_memory_than_the_ceiling),
		cmocka_unit_test(a_stream_gives_all_members_in_pieces_of_any_size),
		cmocka_unit_test(a_stream_knows_what_is_cut_and_what_is_damaged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
