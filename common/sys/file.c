/* SPDX-License-Identifier: Apache-2.0 */
#include "common/sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/secret.h"
#include "common/base/text.h"
#include "common/sys/file_system.h"

#define READ_CHUNK_BYTES (64u << 10)
#define LINKS_MAX 40 /* as many as the kernel follows */
#define LINK_BYTES 4096
#define TEMPORARY_TRIES 16

/* Waits until fd, which is non-blocking, is ready. 0, or -1 with errno. */
static int wait_for(int fd, short events)
{
	struct pollfd p = { .fd = fd, .events = events };

	while (poll(&p, 1, -1) < 0)
		if (errno != EINTR)
			return -1;
	return 0;
}

/* Whether a call on fd that failed is worth another try. */
static bool is_passing(int fd, short events)
{
	if (errno == EINTR)
		return true;
	return (errno == EAGAIN || errno == EWOULDBLOCK) && wait_for(fd, events) == 0;
}

bool file_is_regular(const char *path, bool *ret_exists)
{
	struct stat st;

	if (ret_exists)
		*ret_exists = lstat(path, &st) == 0;
	return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

ssize_t file_read_full(int fd, void *ptr, size_t len)
{
	size_t done = 0;

	while (done < len) {
		ssize_t n = read(fd, (char *)ptr + done, len - done);

		if (n == 0)
			break;
		if (n > 0)
			done += (size_t)n;
		else if (!is_passing(fd, POLLIN))
			return -1;
	}
	return (ssize_t)done;
}

int file_write_full(int fd, struct view v)
{
	while (v.len) {
		ssize_t n = write(fd, v.ptr, v.len);

		if (n >= 0)
			v = view_sub(v, (size_t)n, v.len);
		else if (!is_passing(fd, POLLOUT))
			return -1;
	}
	return 0;
}

/* What is read and how messages call it: a file's name stands between quotes, other names as they are. */
struct rest {
	int fd;
	const char *quote, *name;
	size_t max;
};

static int add_chunk(const struct rest *r, struct buf *buf, struct view chunk, struct err *err)
{
	if (chunk.len > buf->max - buf->len)
		return err_set(err, ERR_LIMIT, 0, "%s%s%s is too large: at most %zu bytes are taken", r->quote, r->name,
			       r->quote, r->max);
	return buf_add(buf, chunk) < 0 ? err_nomem(err) : 0;
}

static int read_rest(const struct rest *r, struct buf *buf, struct err *err)
{
	char chunk[READ_CHUNK_BYTES];
	size_t start = buf->len;
	ssize_t n;
	int ret = 0;

	do {
		n = file_read_full(r->fd, chunk, sizeof(chunk));
		if (n < 0)
			ret = err_set(err, ERR_IO, errno, "cannot read %s%s%s", r->quote, r->name, r->quote);
		else
			ret = add_chunk(r, buf, view_from(chunk, (size_t)n), err);
	} while (ret == 0 && n == sizeof(chunk));
	if (ret < 0)
		buf_cut(buf, start);
	secret_wipe(chunk, sizeof(chunk));
	return ret;
}

int file_read_rest(int fd, const char *name, struct buf *buf, struct err *err)
{
	struct rest r = { .fd = fd, .quote = "", .name = name, .max = buf->max - buf->len };

	return read_rest(&r, buf, err);
}

int file_read_at(int dir_fd, const char *name, struct buf *buf, struct err *err)
{
	DEFER(closep) int fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	struct rest r = { .fd = fd, .quote = "'", .name = name, .max = buf->max - buf->len };

	if (fd < 0)
		return err_set(err, ERR_IO, errno, "cannot open '%s'", name);
	return read_rest(&r, buf, err);
}

int file_read(const char *path, struct buf *buf, struct err *err)
{
	return file_read_at(AT_FDCWD, path, buf, err);
}

/* The folder that path's last component is in, as a heap string; NULL without memory. */
static char *folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return strdup(".");
	return slash == path ? strdup("/") : strndup(path, (size_t)(slash - path));
}

static char *join(const char *folder, const char *name)
{
	char *path;

	return asprintf(&path, "%s/%s", folder, name) < 0 ? NULL : path;
}

/* The path that a link's target stands for. */
static char *link_target(const char *link, const char *target)
{
	DEFER(freep) char *folder = folder_of(link);

	if (target[0] == '/')
		return strdup(target);
	return folder ? join(folder, target) : NULL;
}

/* Our own descriptor that a link stands for, once more: at its place, be it a socket. -1: none that is written to. */
static int open_own(const char *link)
{
	DEFER(freep) char *folder = folder_of(link);
	const char *slash = strrchr(link, '/');
	struct stat own, its;
	uint64_t fd;

	if (!folder || !slash || stat(file_own_descriptors, &own) || stat(folder, &its) || own.st_dev != its.st_dev ||
	    own.st_ino != its.st_ino || text_u64(view_of(slash + 1), INT_MAX, &fd) ||
	    (fcntl((int)fd, F_GETFL) & O_ACCMODE) == O_RDONLY)
		return -1;
	return fcntl((int)fd, F_DUPFD_CLOEXEC, 0);
}

/* Follows the links at the end of path, also when the last one leads nowhere yet. NULL with errno on failure. */
static char *follow_links(const char *path, bool *ret_is_descriptor)
{
	DEFER(freep) char *current = strdup(path);
	char target[LINK_BYTES];

	*ret_is_descriptor = false;
	for (unsigned i = 0; current && i <= LINKS_MAX; i++) {
		ssize_t len = readlink(current, target, sizeof(target));
		char *next;

		if (len < 0 && errno != EINVAL && errno != ENOENT)
			return NULL;
		*ret_is_descriptor = file_is_descriptor(current, len >= 0);
		if (len < 0 || *ret_is_descriptor)
			return TAKE(current);
		if ((size_t)len == sizeof(target)) {
			errno = ENAMETOOLONG;
			return NULL;
		}
		target[len] = '\0';
		next = link_target(current, target);
		free(current);
		current = next;
	}
	errno = current ? ELOOP : ENOMEM;
	return NULL;
}

static int open_temporary(struct file_replace *f, unsigned mode)
{
	DEFER(freep) char *folder = folder_of(f->path);

	for (unsigned i = 0; folder && i < TEMPORARY_TRIES; i++) {
		uint64_t number;

		if (getentropy(&number, sizeof(number)))
			return -1;
		if (asprintf(&f->temporary, "%s/.tmp-%016llx", folder, (unsigned long long)number) < 0) {
			f->temporary = NULL;
			break;
		}
		f->fd = file_open_unnamed(folder, mode);
		f->is_unnamed = f->fd >= 0;
		if (f->is_unnamed)
			return 0;
		f->fd = open(f->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
		if (f->fd >= 0)
			return 0;
		free(TAKE(f->temporary));
		if (errno != EEXIST)
			return -1;
	}
	errno = ENOMEM;
	return -1;
}

static int replace_open(struct file_replace *f, const char *path, unsigned mode)
{
	struct stat st;
	bool exists = stat(path, &st) == 0;
	bool is_descriptor;

	if (path[0] == '\0' || path[strlen(path) - 1] == '/') {
		errno = path[0] ? EISDIR : ENOENT;
		return -1;
	}
	f->path = follow_links(path, &is_descriptor);
	if (!f->path)
		return -1;
	if (is_descriptor || (exists && !S_ISREG(st.st_mode))) {
		/* Appending: a descriptor's file may hold what others wrote (`>> log`). */
		f->fd = is_descriptor ? open_own(f->path) : -1;
		if (f->fd < 0)
			f->fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOCTTY);
		return f->fd < 0 ? -1 : 0;
	}
	if (open_temporary(f, mode) < 0)
		return -1;
	return exists ? fchmod(f->fd, st.st_mode & 07777) : 0;
}

int file_replace_open(struct file_replace *f, const char *path, unsigned mode, struct err *err)
{
	*f = (struct file_replace){ .fd = -1 };
	if (replace_open(f, path, mode) < 0) {
		(void)err_set(err, ERR_IO, errno, "cannot write '%s'", path);
		file_replace_abort(f);
		return -1;
	}
	return 0;
}

char *file_replace_place(const char *path)
{
	bool is_descriptor;
	DEFER(freep) char *end = follow_links(path, &is_descriptor);
	struct stat st;

	if (!end || is_descriptor || (stat(path, &st) == 0 && !S_ISREG(st.st_mode)))
		return end ? strdup(path) : NULL;
	return folder_of(end);
}

/* Some file systems cannot sync; that is no failure of the write. */
static int sync_fd(int fd)
{
	return fsync(fd) < 0 && errno != EINVAL && errno != ENOTSUP && errno != EROFS ? -1 : 0;
}

/* Makes the new name last. A folder that may be written but not read cannot be synced. */
static int sync_folder(const char *path)
{
	DEFER(freep) char *folder = folder_of(path);
	DEFER(closep) int fd = folder ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

	return fd < 0 ? 0 : sync_fd(fd);
}

static int replace_commit(struct file_replace *f)
{
	int fd;

	if (f->temporary && sync_fd(f->fd) < 0)
		return -1;
	if (f->temporary && f->is_unnamed && file_name_unnamed(f->fd, f->temporary) < 0)
		return -1;
	f->is_unnamed = false;
	fd = f->fd;
	f->fd = -1;
	if (close(fd) < 0)
		return -1;
	if (!f->temporary)
		return 0;
	if (rename(f->temporary, f->path) < 0)
		return -1;
	free(TAKE(f->temporary));
	return sync_folder(f->path);
}

int file_replace_commit(struct file_replace *f, struct err *err)
{
	int ret = replace_commit(f);

	if (ret < 0)
		(void)err_set(err, ERR_IO, errno, "cannot write '%s'", f->path);
	file_replace_abort(f);
	return ret;
}

void file_replace_abort(struct file_replace *f)
{
	if (!f->path)
		return;
	if (f->fd >= 0)
		(void)close(f->fd);
	if (f->temporary && !f->is_unnamed)
		(void)unlink(f->temporary);
	free(f->temporary);
	free(f->path);
	*f = (struct file_replace){ .fd = -1 };
}
