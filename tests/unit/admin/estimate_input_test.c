/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/estimate_input.h"

#include <fcntl.h>
#include <libdeflate.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/text.h"
#include "tests/support/unit.h"

#define PIECE 16
#define LARGE_PIECE (64u << 10)
#define TEXT_BYTES (64u << 20)

/* A file of its own, without a name. */
static struct estimate_file file_of(struct view text)
{
	char path[] = "/tmp/estimate-input-XXXXXX";
	struct estimate_file file = { .name = "u.jsonl", .fd = mkstemp(path) };

	assert_true(file.fd >= 0);
	assert_int_equal(unlink(path), 0);
	for (size_t done = 0; done < text.len;) {
		ssize_t n = write(file.fd, text.ptr + done, text.len - done);

		assert_true(n > 0);
		done += (size_t)n;
	}
	assert_int_equal(lseek(file.fd, 0, SEEK_SET), 0);
	return file;
}

static void pack(struct buf *out, struct view text)
{
	struct libdeflate_compressor *c = libdeflate_alloc_compressor(6);
	size_t room = libdeflate_gzip_compress_bound(c, text.len);

	assert_int_equal(buf_reserve(out, room), 0);
	out->len += libdeflate_gzip_compress(c, text.ptr, text.len, out->ptr + out->len, room);
	libdeflate_free_compressor(c);
}

/* Takes all pieces of a file, and closes it. Returns the last status. */
static int take_all(struct estimate_file *file, size_t piece_bytes, struct buf *ret, size_t *ret_pieces,
		    struct err *err)
{
	DEFER(buf_done) struct buf out = BUF_INIT(ESTIMATE_PIECE_BYTES);
	struct estimate_input input;
	struct estimate_piece piece;
	int status;

	estimate_input_init(&input, file, 1, piece_bytes);
	*ret_pieces = 0;
	while ((status = estimate_input_take(&input, &out, &piece, err)) > 0) {
		assert_true(out.len > 0);
		assert_int_equal(piece.number, *ret_pieces);
		(*ret_pieces)++;
		assert_int_equal(buf_add(ret, buf_view(&out)), 0);
	}
	if (status < 0) /* nobody gets any more */
		assert_int_equal(estimate_input_take(&input, &out, &piece, err), 0);
	estimate_input_done(&input);
	assert_int_equal(close(file->fd), 0);
	return status;
}

static void assert_taken(struct view text, const char *expected, size_t pieces)
{
	DEFER(buf_done) struct buf got = BUF_INIT(TEXT_BYTES);
	struct estimate_file file = file_of(text);
	struct err err = ERR_INIT;
	size_t count;

	assert_int_equal(take_all(&file, PIECE, &got, &count, &err), 0);
	assert_int_equal(count, pieces);
	assert_string_equal(got.ptr ? got.ptr : "", expected);
}

static void assert_refused(struct view text, enum err_kind kind, const char *told)
{
	DEFER(buf_done) struct buf got = BUF_INIT(TEXT_BYTES);
	struct estimate_file file = file_of(text);
	struct err err = ERR_INIT;
	size_t count;

	assert_int_equal(take_all(&file, LARGE_PIECE, &got, &count, &err), -1);
	assert_int_equal(err.kind, kind);
	assert_string_equal(err.text, told);
}

static void pieces_end_where_lines_do(void **state)
{
	(void)state;
	assert_taken(VIEW(""), "", 0);
	assert_taken(VIEW("a"), "a", 1);
	assert_taken(VIEW("a\nb\n"), "a\nb\n", 1);
	assert_taken(VIEW("0123456789\n0123456789\n0123456789"), "0123456789\n0123456789\n0123456789", 3);
}

static void a_line_may_be_longer_than_a_piece(void **state)
{
	(void)state;
	assert_taken(VIEW("0123456789012345678901234567890123456789\nb\n"),
		     "0123456789012345678901234567890123456789\nb\n", 1);
}

static void a_line_without_end_is_refused(void **state)
{
	DEFER(buf_done) struct buf text = BUF_INIT(TEXT_BYTES);
	char told[128];

	(void)state;
	(void)snprintf(told, sizeof(told), "'u.jsonl' has a line of more than %u bytes; a usage record was expected",
		       USAGE_LINE_BYTES);
	assert_int_equal(buf_reserve(&text, USAGE_LINE_BYTES + 2 * LARGE_PIECE), 0);
	memset(text.ptr, 'x', USAGE_LINE_BYTES + 2 * LARGE_PIECE);
	text.len = USAGE_LINE_BYTES + 2 * LARGE_PIECE;
	assert_refused(buf_view(&text), ERR_LIMIT, told);
}

static void packed_files_are_read_as_others(void **state)
{
	DEFER(buf_done) struct buf packed = BUF_INIT(TEXT_BYTES);

	(void)state;
	pack(&packed, VIEW("0123456789\n0123456789\n"));
	pack(&packed, VIEW("another\n")); /* gzip allows several of them, one after the other */
	assert_taken(buf_view(&packed), "0123456789\n0123456789\nanother\n",
		     3); /* a piece ends with a member as well */
}

static void packed_files_that_are_damaged_are_told_apart(void **state)
{
	DEFER(buf_done) struct buf packed = BUF_INIT(TEXT_BYTES);

	(void)state;
	pack(&packed, VIEW("0123456789\n0123456789\n"));
	assert_refused(view_sub(buf_view(&packed), 0, packed.len - 4), ERR_FORMAT,
		       "'u.jsonl' ends early: the rest of its gzip data was expected");
	packed.ptr[packed.len - 6] ^= 1; /* its checksum */
	assert_refused(buf_view(&packed), ERR_FORMAT, "'u.jsonl' is damaged: gzip data was expected");
}

static void what_cannot_be_read_is_an_error(void **state)
{
	DEFER(buf_done) struct buf got = BUF_INIT(TEXT_BYTES);
	struct estimate_file file = { .name = "folder", .fd = open("/", O_RDONLY | O_CLOEXEC | O_DIRECTORY) };
	struct err err = ERR_INIT;
	size_t count;

	(void)state;
	assert_int_equal(take_all(&file, LARGE_PIECE, &got, &count, &err), -1);
	assert_int_equal(err.kind, ERR_IO);
	assert_string_equal(err.text, "cannot read 'folder': Is a directory");
}

static void a_line_is_known_by_its_number_in_its_file(void **state)
{
	DEFER(buf_done) struct buf out = BUF_INIT(ESTIMATE_PIECE_BYTES);
	struct estimate_file files[] = { file_of(VIEW("one\n")), file_of(VIEW("")),
					 file_of(VIEW("0123456789\nabc\n0123456789\n0123456789\n")) };
	struct estimate_piece pieces[8];
	struct estimate_input input;
	struct err err = ERR_INIT;
	size_t count = 0;

	(void)state;
	estimate_input_init(&input, files, ARRAY_LEN(files), PIECE);
	while (count < ARRAY_LEN(pieces) && estimate_input_take(&input, &out, &pieces[count], &err) > 0) {
		size_t lines = 0;

		for (size_t i = 0; i < out.len; i++)
			lines += out.ptr[i] == '\n';
		estimate_input_counted(&input, &pieces[count++], lines);
	}
	assert_in_range(count, 3, 7);
	assert_int_equal(pieces[0].file, 0);
	assert_int_equal(pieces[1].file, 2);
	assert_int_equal(estimate_input_line(&input, &pieces[0], 0), 1);
	assert_int_equal(estimate_input_line(&input, &pieces[1], 0), 1);
	assert_int_equal(estimate_input_line(&input, &pieces[count - 1], 0), 4); /* the last of four */
	estimate_input_done(&input);
	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		assert_int_equal(close(files[i].fd), 0);
}

static void nobody_gets_any_more_once_it_is_stopped(void **state)
{
	DEFER(buf_done) struct buf out = BUF_INIT(ESTIMATE_PIECE_BYTES);
	struct estimate_file file = file_of(VIEW("0123456789\n0123456789\n"));
	struct estimate_input input;
	struct estimate_piece piece;
	struct err err = ERR_INIT;

	(void)state;
	estimate_input_init(&input, &file, 1, PIECE);
	assert_int_equal(estimate_input_take(&input, &out, &piece, &err), 1);
	estimate_input_stop(&input);
	assert_int_equal(estimate_input_take(&input, &out, &piece, &err), 0);
	estimate_input_done(&input);
	assert_int_equal(close(file.fd), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces_end_where_lines_do),
		cmocka_unit_test(a_line_may_be_longer_than_a_piece),
		cmocka_unit_test(a_line_without_end_is_refused),
		cmocka_unit_test(packed_files_are_read_as_others),
		cmocka_unit_test(packed_files_that_are_damaged_are_told_apart),
		cmocka_unit_test(what_cannot_be_read_is_an_error),
		cmocka_unit_test(a_line_is_known_by_its_number_in_its_file),
		cmocka_unit_test(nobody_gets_any_more_once_it_is_stopped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
