/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/lines.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/text.h"

#define CHUNK_BYTES (64u << 10)

int lines_open(struct lines *l, const char *path, size_t max_bytes, struct err *err)
{
	bool is_stdin = text_eq(view_of(path), VIEW("-"));
	struct stat st;

	*l = (struct lines){ .path = is_stdin ? "standard input" : path,
			     .fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY),
			     .held = BUF_INIT(max_bytes + 2 * CHUNK_BYTES),
			     .max = max_bytes };
	if (l->fd < 0)
		return err_set(err, ERR_IO, errno, "cannot read '%s'", path);
	if (fstat(l->fd, &st) == 0 && S_ISDIR(st.st_mode))
		return err_set(err, ERR_IO, EISDIR, "cannot read '%s'", l->path);
	return 0;
}

void lines_close(struct lines *l)
{
	buf_wipe(&l->held);
	if (l->fd > STDIN_FILENO)
		(void)close(l->fd);
	l->fd = -1;
}

/* Reads what there is behind what is held; what was handed out goes first. 0 or -1. */
static int fill(struct lines *l, struct err *err)
{
	ssize_t n;

	if (l->at) {
		size_t left = l->held.len - l->at;

		memmove(l->held.ptr, l->held.ptr + l->at, left);
		buf_cut(&l->held, left);
		l->at = 0;
	}
	if (buf_reserve(&l->held, CHUNK_BYTES))
		return err_nomem(err);
	do
		n = read(l->fd, l->held.ptr + l->held.len, CHUNK_BYTES);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return err_set(err, ERR_IO, errno, "cannot read '%s'", l->path);
	l->held.len += (size_t)n;
	l->at_end = n == 0;
	return 0;
}

/* Drops the rest of a line that is too long. */
static int skip(struct lines *l, struct err *err)
{
	for (;;) {
		size_t newline = text_find_byte(view_sub(buf_view(&l->held), l->at, l->held.len), '\n');

		if (newline != SIZE_MAX || l->at_end) {
			l->at = newline == SIZE_MAX ? l->held.len : l->at + newline + 1;
			return err_set(err, ERR_LIMIT, 0, "%s:%zu: this line is longer than %zu bytes", l->path,
				       l->number, l->max);
		}
		l->at = l->held.len;
		if (fill(l, err))
			return -1;
	}
}

static void hand_out(struct lines *l, size_t len, bool has_ended, struct view *ret)
{
	*ret = view_sub(buf_view(&l->held), l->at, len);
	if (has_ended && ret->len && ret->ptr[ret->len - 1] == '\r')
		ret->len--;
	l->has_ended = has_ended;
	l->at += len + has_ended;
}

int lines_next(struct lines *l, struct view *ret, struct err *err)
{
	size_t searched = 0;

	l->number++;
	for (;;) {
		struct view rest = view_sub(buf_view(&l->held), l->at, l->held.len);
		size_t newline = text_find_byte(view_sub(rest, searched, rest.len), '\n');

		if (newline != SIZE_MAX) {
			hand_out(l, searched + newline, true, ret);
			return 0;
		}
		if (rest.len > l->max)
			return skip(l, err);
		if (l->at_end && rest.len == 0) {
			l->number--;
			return 1;
		}
		if (l->at_end) {
			hand_out(l, rest.len, false, ret);
			return 0;
		}
		searched = rest.len;
		if (fill(l, err))
			return -1;
	}
}
