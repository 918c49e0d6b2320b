/* SPDX-License-Identifier: Apache-2.0 */
#include "common/sys/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "common/base/secret.h"
#include "common/base/text.h"

#define READ_CHUNK_BYTES (64u << 10)
#define LINKS_MAX 40 /* as many as the kernel follows */
#define LINK_BYTES 4096
#define OWN_DESCRIPTORS "/proc/self/fd"
#define TEMPORARY_TRIES 16
#define LIST_CHUNK_BYTES (64u << 10)
#define LIST_BYTES (1u << 30) /* names of one folder: some ten million */
#define LIST_FIRST_ENTRIES 256

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

bool file_short_read_is_end(int fd)
{
	static const unsigned long disks[] = {
		EXT4_SUPER_MAGIC, XFS_SUPER_MAGIC,  BTRFS_SUPER_MAGIC,
		TMPFS_MAGIC,      F2FS_SUPER_MAGIC, OVERLAYFS_SUPER_MAGIC,
	};
	struct statfs fs;

	if (fstatfs(fd, &fs))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(disks); i++)
		if ((unsigned long)fs.f_type == disks[i])
			return true;
	return false;
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

static int add_chunk(struct buf *buf, struct view chunk, const char *name, size_t max, struct err *err)
{
	if (chunk.len > buf->max - buf->len)
		return err_set(err, ERR_LIMIT, 0, "'%s' is too large: at most %zu bytes are taken", name, max);
	return buf_add(buf, chunk) < 0 ? err_nomem(err) : 0;
}

static int read_all(int fd, const char *name, struct buf *buf, struct err *err)
{
	char chunk[READ_CHUNK_BYTES];
	size_t start = buf->len;
	ssize_t n;
	int ret = 0;

	do {
		n = file_read_full(fd, chunk, sizeof(chunk));
		if (n < 0)
			ret = err_set(err, ERR_IO, errno, "cannot read '%s'", name);
		else
			ret = add_chunk(buf, view_from(chunk, (size_t)n), name, buf->max - start, err);
	} while (ret == 0 && n == sizeof(chunk));
	if (ret < 0)
		buf_cut(buf, start);
	secret_wipe(chunk, sizeof(chunk));
	return ret;
}

int file_read_at(int dir_fd, const char *name, struct buf *buf, struct err *err)
{
	DEFER(closep) int fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0)
		return err_set(err, ERR_IO, errno, "cannot open '%s'", name);
	return read_all(fd, name, buf, err);
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

/* A link in /proc/self/fd stands for an open descriptor, whatever path it shows. */
static bool is_descriptor_link(const char *link)
{
	DEFER(freep) char *folder = folder_of(link);
	struct statfs fs;

	return folder && statfs(folder, &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC;
}

/* Our own descriptor that a link stands for, once more: at its place, be it a socket. -1: none that is written to. */
static int open_own(const char *link)
{
	DEFER(freep) char *folder = folder_of(link);
	struct stat own, its;
	uint64_t fd;

	if (!folder || stat(OWN_DESCRIPTORS, &own) || stat(folder, &its) || own.st_dev != its.st_dev ||
	    own.st_ino != its.st_ino || text_u64(view_of(basename(link)), INT_MAX, &fd) ||
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

		if (len < 0)
			return errno == EINVAL || errno == ENOENT ? TAKE(current) : NULL;
		*ret_is_descriptor = is_descriptor_link(current);
		if (*ret_is_descriptor)
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

/* A file without a name where the system has such: nobody sees it before it is whole, and whatever ends us takes it
 * along. */
static bool open_unnamed(struct file_replace *f, const char *folder, unsigned mode)
{
	if (access(OWN_DESCRIPTORS, X_OK) < 0)
		return false;
	f->fd = open(folder, O_TMPFILE | O_WRONLY | O_CLOEXEC, mode);
	f->is_unnamed = f->fd >= 0;
	return f->is_unnamed;
}

static int open_temporary(struct file_replace *f, unsigned mode)
{
	DEFER(freep) char *folder = folder_of(f->path);

	for (unsigned i = 0; folder && i < TEMPORARY_TRIES; i++) {
		uint64_t number;

		if (getrandom(&number, sizeof(number), 0) != sizeof(number))
			return -1;
		if (asprintf(&f->temporary, "%s/.tmp-%016llx", folder, (unsigned long long)number) < 0) {
			f->temporary = NULL;
			break;
		}
		if (open_unnamed(f, folder, mode))
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

static int give_name(struct file_replace *f)
{
	char source[sizeof(OWN_DESCRIPTORS) + 16];

	(void)snprintf(source, sizeof(source), OWN_DESCRIPTORS "/%d", f->fd);
	if (linkat(AT_FDCWD, source, AT_FDCWD, f->temporary, AT_SYMLINK_FOLLOW) < 0)
		return -1;
	f->is_unnamed = false;
	return 0;
}

static int replace_commit(struct file_replace *f)
{
	int fd;

	if (f->temporary && sync_fd(f->fd) < 0)
		return -1;
	if (f->temporary && f->is_unnamed && give_name(f) < 0)
		return -1;
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

/* The records of the whole folder, as the kernel gives them, one behind the other in names. */
static int read_records(struct file_list *list, int fd)
{
	if (!list->names.max)
		list->names = (struct buf)BUF_INIT(LIST_BYTES);
	buf_clear(&list->names);
	for (;;) {
		ssize_t n;

		if (buf_reserve(&list->names, LIST_CHUNK_BYTES) < 0) {
			errno = ENOMEM;
			return -1;
		}
		n = getdents64(fd, list->names.ptr + list->names.len, LIST_CHUNK_BYTES);
		if (n <= 0)
			return (int)n;
		list->names.len += (size_t)n;
	}
}

static struct file_entry *new_entry(struct file_list *list)
{
	size_t cap = list->cap ? 2 * list->cap : LIST_FIRST_ENTRIES;
	struct file_entry *entries;

	if (list->count == list->cap) {
		entries = reallocarray(list->entries, cap, sizeof(*entries));
		if (!entries)
			return NULL;
		list->entries = entries;
		list->cap = cap;
	}
	return &list->entries[list->count++];
}

static enum file_type type_of_mode(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFREG:
		return FILE_REGULAR;
	case S_IFDIR:
		return FILE_FOLDER;
	case S_IFLNK:
		return FILE_LINK;
	default:
		return FILE_SPECIAL;
	}
}

static enum file_type type_of(int fd, const struct dirent64 *record)
{
	struct stat st;

	if (record->d_type != DT_UNKNOWN)
		return type_of_mode((mode_t)DTTOIF(record->d_type));
	/* What cannot be asked is taken for a file: opening it will say what is wrong. */
	if (fstatat(fd, record->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return FILE_REGULAR;
	return type_of_mode(st.st_mode);
}

static bool is_dots(const char *name)
{
	return name[0] == '.' && (name[1] == '\0' || (name[1] == '.' && name[2] == '\0'));
}

/* Only now: names moves while it grows. */
static int add_entries(struct file_list *list, int fd)
{
	size_t at = 0;

	while (at < list->names.len) {
		const struct dirent64 *record = (const struct dirent64 *)(const void *)(list->names.ptr + at);
		struct file_entry *e;

		at += record->d_reclen;
		if (is_dots(record->d_name))
			continue;
		e = new_entry(list);
		if (!e) {
			errno = ENOMEM;
			return -1;
		}
		*e = (struct file_entry){ .name = record->d_name,
					  .name_len = strlen(record->d_name),
					  .type = type_of(fd, record) };
	}
	return 0;
}

static int compare_entries(const void *a, const void *b)
{
	return strcmp(((const struct file_entry *)a)->name, ((const struct file_entry *)b)->name);
}

static void sort_entries(struct file_list *list)
{
	for (size_t i = 1; i < list->count; i++)
		if (compare_entries(&list->entries[i - 1], &list->entries[i]) > 0) {
			qsort(list->entries, list->count, sizeof(*list->entries), compare_entries);
			return;
		}
}

int file_list_read(struct file_list *list, int fd, int *ret_errno)
{
	int read_errno, entries_errno;

	list->count = 0;
	read_errno = read_records(list, fd) < 0 ? errno : 0;
	entries_errno = add_entries(list, fd) < 0 ? errno : 0;
	sort_entries(list);
	if (!read_errno && !entries_errno)
		return 0;
	*ret_errno = read_errno ? read_errno : entries_errno;
	return -1;
}

void file_list_done(struct file_list *list)
{
	free(list->entries);
	buf_done(&list->names);
	*list = (struct file_list){ .entries = NULL };
}
