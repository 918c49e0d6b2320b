/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a log file and its older ones as one. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/bounds.h"
#include "common/base/grow.h"
#include "common/sys/file.h"
#include "forwarder/sink/logfile.h"

#define LIST_TRIES 8
#define CHUNK_BYTES (256u << 10)
#define PATH_BYTES 8192

/* The files as they were at one time, youngest first. */
struct piece {
	dev_t dev;
	ino_t ino;
	uint64_t size;
	unsigned number; /* behind PATH; 0 = PATH itself */
};

struct pieces {
	struct piece *items;
	size_t count, cap;
	const char *path;
	struct buf name;
};

static int stat_piece(struct pieces *p, unsigned number, struct piece *ret)
{
	struct stat st;

	buf_clear(&p->name);
	if (number ? buf_addf(&p->name, "%s.%u", p->path, number) : buf_add_text(&p->name, p->path)) {
		errno = ENOMEM;
		return -1;
	}
	if (lstat(p->name.ptr, &st))
		return -1;
	if (!S_ISREG(st.st_mode)) {
		errno = EINVAL;
		return -1;
	}
	*ret = (struct piece){ .dev = st.st_dev, .ino = st.st_ino, .size = (uint64_t)st.st_size, .number = number };
	return 0;
}

static bool is_same(const struct piece *a, const struct piece *b)
{
	return a->dev == b->dev && a->ino == b->ino;
}

static int add_piece(struct pieces *p, const struct piece *piece, struct err *err)
{
	struct piece *items;

	if (p->count && is_same(&p->items[p->count - 1], piece))
		return 0;
	items = grow_items(p->items, p->count, &p->cap, sizeof(*items));
	if (!items)
		return err_nomem(err);
	p->items = items;
	p->items[p->count++] = *piece;
	return 0;
}

/* One look at all of them, until max_bytes are there. 0; 1 when a rotation came in between; -1. */
static int list_once(struct pieces *p, unsigned older, uint64_t max_bytes, struct err *err)
{
	struct piece piece, first = { .size = 0 };
	bool has_first = stat_piece(p, 0, &first) == 0;
	uint64_t total = has_first ? first.size : 0;

	p->count = 0;
	if (!has_first && errno != ENOENT)
		return err_set(err, ERR_IO, errno, "cannot read '%s'", p->path);
	if (has_first && add_piece(p, &first, err))
		return -1;
	for (unsigned number = 1; number <= older && total < max_bytes; number++) {
		if (stat_piece(p, number, &piece)) {
			if (errno != ENOENT) /* a number may be missing: a rotation was interrupted */
				return err_set(err, ERR_IO, errno, "cannot read '%s'", p->name.ptr);
			continue;
		}
		if (add_piece(p, &piece, err))
			return -1;
		total += piece.size;
	}
	if (stat_piece(p, 0, &piece))
		return has_first;
	return !has_first || !is_same(&piece, &first);
}

static int list(struct pieces *p, unsigned older, uint64_t max_bytes, struct err *err)
{
	int status = 1;

	for (unsigned i = 0; i < LIST_TRIES && status > 0; i++)
		status = list_once(p, older, max_bytes, err);
	return status > 0 ? err_set(err, ERR_LATER, 0, "'%s' is rotated again and again", p->path) : status;
}

/* Opens a file that was seen under its number and may have moved on since. */
static int open_piece(struct pieces *p, const struct piece *piece, struct err *err)
{
	for (unsigned moved = 0; moved < LIST_TRIES; moved++) {
		struct piece now;
		int fd;

		if (stat_piece(p, piece->number + moved, &now) || !is_same(&now, piece))
			continue;
		fd = open(p->name.ptr, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
		if (fd < 0)
			return err_set(err, ERR_IO, errno, "cannot open '%s'", p->name.ptr);
		return fd;
	}
	return err_set(err, ERR_LATER, 0, "a file of '%s' has gone while they were read", p->path);
}

struct reading {
	int (*tell)(void *context, struct view line, struct err *err);
	void *context;
	struct buf pending; /* the line that is not whole yet */
	bool is_skipping;   /* its beginning was not read */
};

/* Keeps a part of a line. One that is longer than any of ours is passed over. */
static int keep(struct reading *r, struct view part, struct err *err)
{
	if (part.len > LOGFILE_LINE_BYTES - r->pending.len) {
		buf_clear(&r->pending);
		r->is_skipping = true;
	}
	return r->is_skipping || buf_add(&r->pending, part) == 0 ? 0 : err_nomem(err);
}

static int take_line(struct reading *r, struct view end, struct err *err)
{
	int status = 0;

	if (!r->is_skipping && !r->pending.len)
		return r->tell(r->context, end, err);
	if (keep(r, end, err))
		return -1;
	if (!r->is_skipping)
		status = r->tell(r->context, buf_view(&r->pending), err);
	r->is_skipping = false;
	buf_clear(&r->pending);
	return status;
}

static int take_chunk(struct reading *r, struct view chunk, struct err *err)
{
	for (;;) {
		const char *newline = chunk.len ? memchr(chunk.ptr, '\n', chunk.len) : NULL;
		size_t len = newline ? (size_t)(newline - chunk.ptr) : chunk.len;

		if (!newline)
			return keep(r, chunk, err);
		if (take_line(r, view_sub(chunk, 0, len), err))
			return -1;
		chunk = view_sub(chunk, len + 1, SIZE_MAX);
	}
}

/* The last max_bytes of one file. */
static int read_piece(struct reading *r, int fd, const char *path, uint64_t start, struct err *err)
{
	DEFER(freep) char *chunk = malloc(CHUNK_BYTES);
	ssize_t n;

	if (!chunk)
		return err_nomem(err);
	r->is_skipping = start > 0;
	if (lseek(fd, (off_t)(start ? start - 1 : 0), SEEK_SET) < 0)
		return err_set(err, ERR_IO, errno, "cannot read '%s'", path);
	while ((n = file_read_full(fd, chunk, CHUNK_BYTES)) > 0)
		if (take_chunk(r, view_from(chunk, (size_t)n), err))
			return -1;
	if (n < 0)
		return err_set(err, ERR_IO, errno, "cannot read '%s'", path);
	buf_clear(&r->pending);
	return 0;
}

static int read_pieces(struct pieces *p, struct reading *r, uint64_t max_bytes, struct err *err)
{
	uint64_t total = 0;

	for (size_t i = 0; i < p->count; i++)
		total += p->items[i].size;
	for (size_t i = p->count; i-- > 0;) {
		const struct piece *piece = &p->items[i];
		uint64_t over = total > max_bytes ? total - max_bytes : 0;
		DEFER(closep) int fd = open_piece(p, piece, err);

		if (fd < 0 || read_piece(r, fd, p->path, over < piece->size ? over : piece->size, err))
			return -1;
		total -= piece->size;
	}
	return 0;
}

int logfile_each_line(const char *path, unsigned older, uint64_t max_bytes,
		      int (*tell)(void *context, struct view line, struct err *err), void *context, struct err *err)
{
	struct pieces p = { .path = path, .name = BUF_INIT(PATH_BYTES) };
	struct reading r = { .tell = tell, .context = context, .pending = BUF_INIT(LOGFILE_LINE_BYTES) };
	int status = list(&p, older, max_bytes, err) || read_pieces(&p, &r, max_bytes, err) ? -1 : 0;

	buf_done(&p.name);
	buf_done(&r.pending);
	free(p.items);
	return status;
}
