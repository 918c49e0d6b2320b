/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/estimate_input.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/grow.h"
#include "common/base/text.h"
#include "common/sys/file.h"
#include "common/sys/inflate.h"

#define RAW_BYTES (256u << 10)

void estimate_input_init(struct estimate_input *input, struct estimate_file *files, size_t count, size_t piece_bytes)
{
	*input = (struct estimate_input){
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.files = files,
		.count = count,
		.piece_bytes = piece_bytes,
		.raw = BUF_INIT(RAW_BYTES),
		.carry = BUF_INIT(ESTIMATE_PIECE_BYTES),
	};
}

void estimate_input_done(struct estimate_input *input)
{
	inflate_stream_free(input->packed);
	buf_done(&input->raw);
	buf_done(&input->carry);
	free(input->lines);
	(void)pthread_mutex_destroy(&input->lock);
}

static int read_failed(const struct estimate_input *input, int errnum, struct err *err)
{
	return err_set(err, ERR_IO, errnum, "cannot read '%s'", input->files[input->current].name);
}

/* The next bytes of the file as they lie there. 1; 0 at its end; -1. */
static int fill_raw(struct estimate_input *input, struct err *err)
{
	ssize_t n;

	buf_clear(&input->raw);
	input->raw_at = 0;
	if (buf_reserve(&input->raw, RAW_BYTES))
		return err_nomem(err);
	n = file_read_full(input->files[input->current].fd, input->raw.ptr, RAW_BYTES);
	if (n < 0)
		return read_failed(input, errno, err);
	input->raw.len = (size_t)n;
	return n > 0;
}

static int begin(struct estimate_input *input, struct err *err)
{
	int status = fill_raw(input, err);

	if (status <= 0)
		return status;
	input->is_begun = true;
	input->files[input->current].first = input->pieces;
	if (!text_starts(buf_view(&input->raw), VIEW("\x1f\x8b")))
		return 1;
	input->packed = inflate_stream_new();
	return input->packed ? 1 : err_nomem(err);
}

/* Unpacked bytes into room at out. How many; 0 at the end; -1. */
static ssize_t read_packed(struct estimate_input *input, char *out, size_t room, struct err *err)
{
	const char *name = input->files[input->current].name;
	int status;

	for (;;) {
		struct view in = view_sub(buf_view(&input->raw), input->raw_at, input->raw.len);
		size_t made;

		if (inflate_stream_next(input->packed, &in, out, room, &made))
			return err_set(err, ERR_FORMAT, 0, "'%s' is damaged: gzip data was expected", name);
		input->raw_at = input->raw.len - in.len;
		if (made)
			return (ssize_t)made;
		status = fill_raw(input, err);
		if (status < 0)
			return -1;
		if (status == 0)
			return inflate_stream_is_whole(input->packed)
				       ? 0
				       : err_set(err, ERR_FORMAT, 0,
						 "'%s' ends early: the rest of its gzip data was expected", name);
	}
}

static ssize_t read_some(struct estimate_input *input, char *out, size_t room, struct err *err)
{
	size_t held = input->raw.len - input->raw_at;
	ssize_t n;

	if (input->packed)
		return read_packed(input, out, room, err);
	held = held < room ? held : room;
	if (held) {
		memcpy(out, input->raw.ptr + input->raw_at, held);
		input->raw_at += held;
		return (ssize_t)held;
	}
	n = file_read_full(input->files[input->current].fd, out, room);
	return n < 0 ? read_failed(input, errno, err) : n;
}

static void next_file(struct estimate_input *input)
{
	inflate_stream_free(TAKE(input->packed));
	buf_clear(&input->raw);
	input->raw_at = 0;
	input->is_begun = false;
	input->current++;
}

/* Leaves whole lines in out, unless there is no end of a line in it. */
static bool cut_at_line(struct estimate_input *input, struct buf *out, struct err *err, int *ret)
{
	const char *end = memrchr(out->ptr, '\n', out->len);
	size_t len = end ? (size_t)(end - out->ptr) + 1 : 0;

	*ret = 1;
	if (!end) {
		if (out->len <= USAGE_LINE_BYTES)
			return false;
		*ret = err_set(err, ERR_LIMIT, 0, "'%s' has a line of more than %u bytes; a usage record was expected",
			       input->files[input->current].name, USAGE_LINE_BYTES);
		return true;
	}
	if (buf_add(&input->carry, view_sub(buf_view(out), len, out->len)))
		*ret = err_nomem(err);
	buf_cut(out, len);
	return true;
}

/* Lines of the current file. 1, 0 at its end, -1. */
static int take_lines(struct estimate_input *input, struct buf *out, struct err *err)
{
	int status;

	buf_clear(out);
	if (buf_add(out, buf_view(&input->carry)))
		return err_nomem(err);
	buf_clear(&input->carry);
	for (;;) {
		size_t room = out->len < input->piece_bytes ? input->piece_bytes - out->len : input->piece_bytes;
		ssize_t n;

		if (buf_reserve(out, room))
			return err_nomem(err);
		n = read_some(input, out->ptr + out->len, room, err);
		if (n <= 0)
			return n < 0 ? -1 : out->len > 0;
		out->len += (size_t)n;
		if (out->len >= input->piece_bytes && cut_at_line(input, out, err, &status))
			return status;
	}
}

static int take(struct estimate_input *input, struct buf *out, struct estimate_piece *ret, struct err *err)
{
	uint64_t *lines;

	for (; input->current < input->count; next_file(input)) {
		int status = input->is_begun ? 1 : begin(input, err);

		if (status > 0)
			status = take_lines(input, out, err);
		if (status < 0)
			return -1;
		if (status == 0)
			continue;
		lines = grow_items(input->lines, input->pieces, &input->cap, sizeof(*lines));
		if (!lines)
			return err_nomem(err);
		input->lines = lines;
		lines[input->pieces] = 0;
		*ret = (struct estimate_piece){ .file = input->current, .number = input->pieces++ };
		return 1;
	}
	return 0;
}

int estimate_input_take(struct estimate_input *input, struct buf *out, struct estimate_piece *ret, struct err *err)
{
	int status;

	(void)pthread_mutex_lock(&input->lock);
	status = take(input, out, ret, err);
	if (status < 0)
		input->current = input->count;
	(void)pthread_mutex_unlock(&input->lock);
	return status;
}

void estimate_input_stop(struct estimate_input *input)
{
	(void)pthread_mutex_lock(&input->lock);
	input->current = input->count;
	(void)pthread_mutex_unlock(&input->lock);
}

void estimate_input_counted(struct estimate_input *input, const struct estimate_piece *piece, uint64_t lines)
{
	(void)pthread_mutex_lock(&input->lock);
	input->lines[piece->number] = lines;
	(void)pthread_mutex_unlock(&input->lock);
}

uint64_t estimate_input_line(const struct estimate_input *input, const struct estimate_piece *piece, uint64_t line)
{
	uint64_t number = line + 1;

	for (uint64_t i = input->files[piece->file].first; i < piece->number; i++)
		number += input->lines[i];
	return number;
}
