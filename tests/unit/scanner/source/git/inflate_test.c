/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/source/git/inflate.h"

#include "tests/support/place.h"

#define SIZE 300000

struct packed {
	struct buf content, stream;
	struct inflater *i;
	char *out;
};

static void packed_init(struct packed *p)
{
	p->content = noise(SIZE);
	p->stream = (struct buf)BUF_INIT(PACK_BYTES);
	pack_add_stream(&p->stream, buf_view(&p->content));
	p->i = inflater_new();
	p->out = malloc(SIZE + 1);
	assert_non_null(p->i);
	assert_non_null(p->out);
}

static void packed_done(struct packed *p)
{
	buf_done(&p->content);
	buf_done(&p->stream);
	inflater_freep(&p->i);
	free(p->out);
}

static void a_stream_gives_its_content(void **)
{
	struct packed p;

	packed_init(&p);
	assert_int_equal(inflate_whole(p.i, buf_view(&p.stream), p.out, SIZE), 0);
	assert_memory_equal(p.out, p.content.ptr, SIZE);
	packed_done(&p);
}

static void what_stands_behind_a_stream_does_not_matter(void **)
{
	struct packed p;

	packed_init(&p);
	pack_need(buf_add(&p.stream, VIEW("behind")) == 0);
	assert_int_equal(inflate_whole(p.i, buf_view(&p.stream), p.out, SIZE), 0);
	packed_done(&p);
}

static void how_much_a_stream_takes_is_told(void **)
{
	struct packed p;
	struct inflate_stream *s;
	size_t len, used = 0, given;

	packed_init(&p);
	len = p.stream.len;
	pack_need(buf_add(&p.stream, VIEW("behind")) == 0);
	assert_int_equal(inflate_used(p.i, buf_view(&p.stream), p.out, SIZE, &used), 0);
	assert_int_equal(used, len);
	assert_int_equal(inflate_used(p.i, buf_view(&p.stream), p.out, SIZE - 1, &used), -1);
	assert_int_equal(inflate_used(p.i, buf_view(&p.stream), p.out, SIZE + 1, &used), -1);
	s = inflate_begin(buf_view(&p.stream));
	assert_non_null(s);
	assert_int_equal(inflate_next(s, p.out, SIZE + 1, &given), 0);
	assert_int_equal(inflate_taken(s), len);
	inflate_endp(&s);
	packed_done(&p);
}

static void what_comes_before_a_cut_is_given(void **)
{
	struct packed p;
	struct inflate_stream *s;
	size_t given = 0;

	packed_init(&p);
	s = inflate_begin(view_sub(buf_view(&p.stream), 0, p.stream.len / 2));
	assert_non_null(s);
	assert_int_equal(inflate_next(s, p.out, SIZE, &given), -1);
	assert_in_range(given, SIZE / 4, SIZE - 1);
	assert_memory_equal(p.out, p.content.ptr, given);
	inflate_endp(&s);
	packed_done(&p);
}

static void another_size_a_cut_and_a_wrong_checksum_are_refused(void **)
{
	struct packed p;

	packed_init(&p);
	assert_int_equal(inflate_whole(p.i, buf_view(&p.stream), p.out, SIZE - 1), -1);
	assert_int_equal(inflate_whole(p.i, buf_view(&p.stream), p.out, SIZE + 1), -1);
	assert_int_equal(inflate_whole(p.i, view_sub(buf_view(&p.stream), 0, p.stream.len - 1), p.out, SIZE), -1);
	assert_int_equal(inflate_whole(p.i, VIEW_NONE, p.out, 0), -1);
	p.stream.ptr[p.stream.len - 2] ^= 1;
	assert_int_equal(inflate_whole(p.i, buf_view(&p.stream), p.out, SIZE), -1);
	packed_done(&p);
}

/* Reads all of it in steps of that size. -1 when that fails, else how much came. */
static long in_steps(struct view stream, char *out, size_t step)
{
	struct inflate_stream *s = inflate_begin(stream);
	size_t done = 0, len = 0;
	int status;

	assert_non_null(s);
	do {
		size_t room = SIZE + 1 - done < step ? SIZE + 1 - done : step;

		status = inflate_next(s, out + done, room, &len);
		done += status ? 0 : len;
	} while (status == 0 && len == step);
	if (status == 0 && done <= SIZE) { /* ended: asked again, it says so again */
		assert_int_equal(inflate_next(s, out, 1, &len), 0);
		assert_int_equal(len, 0);
	}
	inflate_endp(&s);
	return status ? -1 : (long)done;
}

static void piece_by_piece_gives_the_same(void **)
{
	static const size_t steps[] = { 1, 7, 4096, SIZE - 1, SIZE, SIZE + 1 };
	struct packed p;

	packed_init(&p);
	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		memset(p.out, 0, SIZE);
		assert_int_equal(in_steps(buf_view(&p.stream), p.out, steps[i]), SIZE);
		assert_memory_equal(p.out, p.content.ptr, SIZE);
	}
	packed_done(&p);
}

static void piece_by_piece_a_cut_and_a_wrong_checksum_are_refused(void **)
{
	struct packed p;

	packed_init(&p);
	assert_int_equal(in_steps(view_sub(buf_view(&p.stream), 0, p.stream.len - 1), p.out, 4096), -1);
	assert_int_equal(in_steps(view_sub(buf_view(&p.stream), 0, 1000), p.out, 4096), -1);
	assert_int_equal(in_steps(VIEW_NONE, p.out, 4096), -1);
	p.stream.ptr[p.stream.len - 1] ^= 1;
	assert_int_equal(in_steps(buf_view(&p.stream), p.out, 4096), -1);
	packed_done(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_stream_gives_its_content),
		cmocka_unit_test(what_stands_behind_a_stream_does_not_matter),
		cmocka_unit_test(how_much_a_stream_takes_is_told),
		cmocka_unit_test(what_comes_before_a_cut_is_given),
		cmocka_unit_test(another_size_a_cut_and_a_wrong_checksum_are_refused),
		cmocka_unit_test(piece_by_piece_gives_the_same),
		cmocka_unit_test(piece_by_piece_a_cut_and_a_wrong_checksum_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
