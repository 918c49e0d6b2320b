/* SPDX-License-Identifier: Apache-2.0 */
#include "common/sys/file_system.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const char file_own_descriptors[] = "/dev/fd";

/* Who knows what it is read from. */
bool file_short_read_is_end(int)
{
	return false;
}

/* On some systems these are devices or seem to be the files themselves, on others links to them. */
bool file_is_descriptor(const char *path, bool)
{
	const char *slash = strrchr(path, '/');
	char folder[PATH_MAX] = ".";
	struct stat own, its;

	if (slash && snprintf(folder, sizeof(folder), "%.*s/", (int)(slash - path), path) >= (int)sizeof(folder))
		return false;
	return stat(file_own_descriptors, &own) == 0 && stat(folder, &its) == 0 && own.st_dev == its.st_dev &&
	       own.st_ino == its.st_ino;
}

int file_open_unnamed(const char *, unsigned)
{
	errno = ENOTSUP;
	return -1;
}

int file_name_unnamed(int, const char *)
{
	errno = ENOTSUP;
	return -1;
}

/* POSIX of 2024 lets systems tell it; macOS, the BSDs and Linux do. 0: ask. */
static char told_type(const struct dirent *d)
{
#ifdef DT_UNKNOWN
	switch (d->d_type) {
	case DT_UNKNOWN:
		return 0;
	case DT_REG:
		return 1 + FILE_REGULAR;
	case DT_DIR:
		return 1 + FILE_FOLDER;
	case DT_LNK:
		return 1 + FILE_LINK;
	default:
		return 1 + FILE_SPECIAL;
	}
#else
	(void)d;
	return 0;
#endif
}

/* Of each entry a byte for its type, and its name. */
static int take_all(struct file_list *list, DIR *dir)
{
	for (;;) {
		const struct dirent *d;

		errno = 0;
		d = readdir(dir);
		if (!d)
			return errno ? -1 : 0;
		if (buf_add_byte(&list->names, told_type(d)) ||
		    buf_add(&list->names, view_from(d->d_name, strlen(d->d_name) + 1))) {
			errno = ENOMEM;
			return -1;
		}
	}
}

int file_list_take(struct file_list *list, int fd)
{
	int own = fcntl(fd, F_DUPFD_CLOEXEC, 0), ret, errnum;
	DIR *dir = own < 0 ? NULL : fdopendir(own);

	if (!dir) {
		errnum = errno;
		if (own >= 0)
			(void)close(own);
		errno = errnum;
		return -1;
	}
	ret = take_all(list, dir);
	errnum = errno;
	(void)closedir(dir);
	errno = errnum;
	return ret;
}

int file_list_fill(struct file_list *list, int fd)
{
	for (size_t at = 0; at < list->names.len;) {
		char type = list->names.ptr[at++];
		const char *name = list->names.ptr + at;

		at += strlen(name) + 1;
		if (file_list_add(list, name, type ? (enum file_type)(type - 1) : file_type_ask(fd, name)))
			return -1;
	}
	return 0;
}
