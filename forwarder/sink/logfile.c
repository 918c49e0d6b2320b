/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/sink/logfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/bounds.h"

#define NEW_MODE 0640
#define OPEN_TRIES 8 /* somebody moves files about */
#define BLOCK_BYTES (64u << 10)
#define PATH_BYTES 8192

struct logfile logfile_of(const struct settings_sink *s)
{
	return (struct logfile){ .path = s->path, .rotate_bytes = s->rotate_bytes, .keep = s->rotate_keep, .fd = -1 };
}

void logfile_close(struct logfile *f)
{
	closep(&f->fd);
	f->fd = -1;
	f->is_settled = false;
}

const char *logfile_strange(const char *path)
{
	struct stat st;

	if (lstat(path, &st))
		return NULL;
	switch (st.st_mode & S_IFMT) {
	case S_IFREG:
		return NULL;
	case S_IFLNK:
		return "a symbolic link: the path that it leads to was expected";
	case S_IFDIR:
		return "a folder: the path of a file was expected";
	case S_IFIFO:
		return "a named pipe: a sink of type 'stdout' writes to pipes";
	case S_IFSOCK:
		return "a socket: a sink of type 'syslog' with 'transport: unix' writes to sockets";
	default:
		return "a device";
	}
}

/* Whom it takes to mend it: a person, or time. */
static enum sink_result refused(const char *what, const char *path, int errnum, struct err *err)
{
	const char *strange = logfile_strange(path);

	if (strange) {
		(void)err_set(err, ERR_CONFIG, 0, "cannot %s '%s': it is %s", what, path, strange);
		return SINK_BROKEN;
	}
	(void)err_set(err, ERR_IO, errnum, "cannot %s '%s'", what, path);
	return errnum == EACCES || errnum == EPERM || errnum == ENOTDIR || errnum == ENAMETOOLONG ? SINK_BROKEN
												  : SINK_RETRY;
}

/* A name lasts once its folder is synced. A folder that may not be read cannot be. */
static int sync_folder(const char *path)
{
	DEFER(buf_done) struct buf folder = BUF_INIT(PATH_BYTES);
	const char *slash = strrchr(path, '/');
	DEFER(closep) int fd = -1;

	if (slash ? buf_add(&folder, view_from(path, slash == path ? 1 : (size_t)(slash - path)))
		  : buf_add_text(&folder, ".")) {
		errno = ENOMEM;
		return -1;
	}
	fd = open(folder.ptr, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return errno == EACCES ? 0 : -1;
	return fsync(fd) && errno != EINVAL && errno != ENOTSUP ? -1 : 0;
}

/* --- opening --- */

static bool is_at_path(const struct logfile *f)
{
	struct stat here, there;

	return fstat(f->fd, &here) == 0 && lstat(f->path, &there) == 0 && here.st_dev == there.st_dev &&
	       here.st_ino == there.st_ino;
}

/* Opens it, or makes it. What is no regular file is opened without waiting for anybody, and refused. */
static enum sink_result open_once(struct logfile *f, struct err *err)
{
	const int flags = O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
	bool is_new = false;
	struct stat st;

	f->fd = open(f->path, flags);
	if (f->fd < 0 && errno == ENOENT) {
		f->fd = open(f->path, flags | O_CREAT | O_EXCL, NEW_MODE);
		is_new = f->fd >= 0;
		if (f->fd < 0 && errno == EEXIST)
			return SINK_LOST; /* it has just come */
	}
	if (f->fd < 0)
		return refused("open", f->path, errno, err);
	if (fstat(f->fd, &st))
		return refused("look at", f->path, errno, err);
	if (!S_ISREG(st.st_mode))
		return refused("write to", f->path, EINVAL, err);
	if (flock(f->fd, LOCK_EX | LOCK_NB)) {
		if (errno == EWOULDBLOCK)
			(void)err_set(err, ERR_LATER, 0, "another process writes to '%s'", f->path);
		else
			(void)err_set(err, ERR_IO, errno, "cannot lock '%s'", f->path);
		return SINK_RETRY;
	}
	if (is_new && sync_folder(f->path))
		return refused("sync the folder of", f->path, errno, err);
	return is_at_path(f) ? SINK_OK : SINK_LOST;
}

static enum sink_result open_it(struct logfile *f, struct err *err)
{
	enum sink_result result = SINK_LOST;

	for (unsigned i = 0; i < OPEN_TRIES && result == SINK_LOST; i++) {
		logfile_close(f);
		result = open_once(f, err);
	}
	if (result == SINK_LOST) {
		(void)err_set(err, ERR_LATER, 0, "'%s' is moved away again and again", f->path);
		result = SINK_RETRY;
	}
	if (result != SINK_OK)
		logfile_close(f);
	return result;
}

/* --- its end --- */

/* Where the last line starts, given that it has no newline: behind the last one that there is. */
static int find_torn(const struct logfile *f, uint64_t size, uint64_t *ret)
{
	char block[BLOCK_BYTES];

	for (uint64_t end = size; end > 0;) {
		uint64_t start = end > sizeof(block) ? end - sizeof(block) : 0;
		ssize_t n = pread(f->fd, block, (size_t)(end - start), (off_t)start);
		const char *newline;

		if (n != (ssize_t)(end - start))
			return -1;
		newline = memrchr(block, '\n', (size_t)n);
		if (newline) {
			*ret = start + (uint64_t)(newline - block) + 1;
			return 0;
		}
		end = start;
	}
	*ret = 0;
	return 0;
}

/* What a file system left of a line after a crash may be zeros. */
static bool is_ours(const struct logfile *f, uint64_t at, char first)
{
	char byte;

	return pread(f->fd, &byte, 1, (off_t)at) == 1 && (byte == first || byte == '\0');
}

/* Ends the last line: half a line of ours goes, anything else gets its newline, as does what may only be appended to
 * (chattr +a). */
static int settle(struct logfile *f, char first)
{
	uint64_t torn;
	struct stat st;
	char last;

	if (fstat(f->fd, &st))
		return -1;
	f->size = (uint64_t)st.st_size;
	if (f->size == 0)
		return 0;
	if (pread(f->fd, &last, 1, (off_t)f->size - 1) != 1)
		return -1;
	if (last == '\n')
		return 0;
	if (find_torn(f, f->size, &torn))
		return -1;
	if (is_ours(f, torn, first)) {
		if (ftruncate(f->fd, (off_t)torn) == 0) {
			f->size = torn;
			return 0;
		}
		if (errno != EPERM)
			return -1;
	}
	if (write(f->fd, "\n", 1) != 1)
		return -1;
	f->size++;
	return 0;
}

static bool is_as_we_left_it(const struct logfile *f)
{
	struct stat st;

	return f->is_settled && fstat(f->fd, &st) == 0 && (uint64_t)st.st_size == f->size;
}

enum sink_result logfile_ready(struct logfile *f, char first, struct err *err)
{
	enum sink_result result;

	if (f->fd < 0 || !is_at_path(f)) {
		result = open_it(f, err);
		if (result != SINK_OK)
			return result;
	}
	if (is_as_we_left_it(f))
		return SINK_OK;
	f->is_settled = settle(f, first) == 0;
	return f->is_settled ? SINK_OK : refused("mend the end of", f->path, errno, err);
}

/* --- appending --- */

static size_t write_all(int fd, struct view v)
{
	size_t done = 0;

	while (done < v.len) {
		ssize_t n = write(fd, v.ptr + done, v.len - done);

		if (n > 0)
			done += (size_t)n;
		else if (n == 0 || errno != EINTR)
			break;
	}
	return done;
}

/* What has been written behind size goes, but for whole lines of the first written bytes of lines: how many bytes they
 * are. */
static size_t keep_whole(struct logfile *f, struct view lines, size_t written)
{
	const char *newline = written ? memrchr(lines.ptr, '\n', written) : NULL;
	size_t whole = newline ? (size_t)(newline - lines.ptr) + 1 : 0;

	if (whole < written && ftruncate(f->fd, (off_t)(f->size + whole)))
		f->is_settled = false; /* the next time will try again */
	return whole;
}

enum sink_result logfile_append(struct logfile *f, struct view lines, size_t *ret_bytes, struct err *err)
{
	size_t written = write_all(f->fd, lines), whole = written;
	int errnum = errno;

	*ret_bytes = 0;
	if (written < lines.len)
		whole = keep_whole(f, lines, written);
	if (fdatasync(f->fd)) {
		/* The system may have forgotten what it could not write: reading it back would prove nothing. */
		errnum = errno;
		if (ftruncate(f->fd, (off_t)f->size))
			f->is_settled = false;
		return refused("sync", f->path, errnum, err);
	}
	f->size += whole;
	*ret_bytes = whole;
	return whole == lines.len ? SINK_OK : refused("write to", f->path, errnum, err);
}

int logfile_sync(struct logfile *f, struct err *err)
{
	return fdatasync(f->fd) || sync_folder(f->path) ? err_set(err, ERR_IO, errno, "cannot sync '%s'", f->path) : 0;
}

/* --- rotation --- */

bool logfile_is_full(const struct logfile *f, uint64_t waiting, uint64_t more)
{
	return f->rotate_bytes && f->size + waiting > 0 && f->size + waiting + more > f->rotate_bytes;
}

static int name_of(struct buf *name, const char *path, unsigned number)
{
	buf_clear(name);
	return number ? buf_addf(name, "%s.%u", path, number) : buf_add_text(name, path);
}

static int move_on(const struct logfile *f, unsigned number, struct buf *from, struct buf *to)
{
	if (name_of(from, f->path, number) || name_of(to, f->path, number + 1)) {
		errno = ENOMEM;
		return -1;
	}
	return rename(from->ptr, to->ptr);
}

/* Whatever interrupted an earlier rotation left a gap: the files before it move into it, and none is lost early. */
static unsigned first_gap(const struct logfile *f, struct buf *name)
{
	unsigned number = 1;
	struct stat st;

	while (number < f->keep && name_of(name, f->path, number) == 0 && lstat(name->ptr, &st) == 0)
		number++;
	return number;
}

enum sink_result logfile_rotate(struct logfile *f, struct err *err)
{
	DEFER(buf_done) struct buf from = BUF_INIT(PATH_BYTES), to = BUF_INIT(PATH_BYTES);

	for (unsigned number = first_gap(f, &from); number-- > 0;)
		if (move_on(f, number, &from, &to))
			return refused("rotate", f->path, errno, err);
	if (sync_folder(f->path))
		return refused("sync the folder of", f->path, errno, err);
	logfile_close(f);
	return logfile_ready(f, '\0', err);
}
