/* SPDX-License-Identifier: Apache-2.0 */
/* Files: whole reads, atomic replacement, folders by descriptor. */
#ifndef COMMON_SYS_FILE_H
#define COMMON_SYS_FILE_H

#include <sys/types.h>

#include "common/base/buf.h"
#include "common/base/err.h"

/* Appends the whole of a file to buf (ceiling: buf's; a larger file is ERR_LIMIT). */
[[nodiscard]] int file_read(const char *path, struct buf *buf, struct err *err);
[[nodiscard]] int file_read_at(int dir_fd, const char *name, struct buf *buf, struct err *err);

/* Whether path is a regular file, links followed: what is found rather than given is read only when it is one.
 * *ret_exists (may be NULL) says whether there is anything of that name, be it a link that leads nowhere. */
bool file_is_regular(const char *path, bool *ret_exists);

/* Reads until len bytes, the end of the file or an error; retries EINTR. Bytes read, or -1 with errno. */
ssize_t file_read_full(int fd, void *ptr, size_t len);
/* Appends to buf (ceiling: buf's) what fd gives from here to its end. Messages call it name, which is printed as it is:
 * "standard input". 0, or -1 with ERR_IO, ERR_LIMIT (there is more than buf may hold) or ERR_NOMEM; buf is then as it
 * was. No other copy of what was read stays behind. */
[[nodiscard]] int file_read_rest(int fd, const char *name, struct buf *buf, struct err *err);
/* Whether the files of the folder fd lie on a file system that gives a regular file whole, so that a short read is its
 * end: the usual disk file systems. Others (FUSE, network, /proc) may stop anywhere. */
bool file_short_read_is_end(int fd);

/* Writes all of v; retries EINTR and waits on a non-blocking descriptor. 0, or -1 with errno. */
[[nodiscard]] int file_write_full(int fd, struct view v);

/* A file that appears whole or not at all: written under a temporary name beside it, synced, renamed over it. A path
 * that exists and is no regular file (a pipe, /dev/stdout) is written to directly. A link stays, what it leads to is
 * replaced; an existing file's mode stays. */
struct file_replace {
	int fd;
	char *path;
	char *temporary; /* NULL when written to directly */
	bool is_unnamed; /* temporary is the name that it is going to have for a moment */
};
[[nodiscard]] int file_replace_open(struct file_replace *f, const char *path, unsigned mode, struct err *err);
[[nodiscard]] int file_replace_commit(struct file_replace *f, struct err *err);
void file_replace_abort(struct file_replace *f); /* removes the temporary file; nothing when committed or all zero */
/* What has to be writable for a later file_replace_open of that path: the folder that the file is in, behind links, or
 * the path itself when it is written to directly. A heap string; NULL when there is no such place, or no memory. */
char *file_replace_place(const char *path);

/* Entries of one folder. */
enum file_type { FILE_REGULAR, FILE_FOLDER, FILE_LINK, FILE_SPECIAL };
struct file_entry {
	const char *name; /* in the reader's arena */
	size_t name_len;
	enum file_type type;
};
struct file_list { /* one reader, reused from folder to folder; all zero is an empty one */
	struct file_entry *entries;
	size_t count, cap;
	struct buf names;
};
/* Reads all entries of the folder fd but "." and "..", sorted by the bytes of their names. Types the file system does
 * not tell are asked for (fstatat). 0, or -1 with errno in *ret_errno; what was read before an error is there. */
[[nodiscard]] int file_list_read(struct file_list *list, int fd, int *ret_errno);
void file_list_done(struct file_list *list);

#endif
