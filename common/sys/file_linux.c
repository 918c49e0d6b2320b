/* SPDX-License-Identifier: Apache-2.0 */
#include "common/sys/file_system.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "common/base/base.h"

#define OWN_DESCRIPTORS "/proc/self/fd"

const char file_own_descriptors[] = OWN_DESCRIPTORS;

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

/* A link in /proc does, of this process or another. Of its path, the link at the end is not followed. */
bool file_is_descriptor(const char *path, bool is_link)
{
	const char *slash = strrchr(path, '/');
	char folder[PATH_MAX] = ".";
	struct statfs fs;

	if (!is_link ||
	    (slash && snprintf(folder, sizeof(folder), "%.*s/", (int)(slash - path), path) >= (int)sizeof(folder)))
		return false;
	return statfs(folder, &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC;
}

int file_open_unnamed(const char *folder, unsigned mode)
{
	if (access(OWN_DESCRIPTORS, X_OK) < 0)
		return -1;
	return open(folder, O_TMPFILE | O_WRONLY | O_CLOEXEC, mode);
}

int file_name_unnamed(int fd, const char *path)
{
	char source[sizeof(OWN_DESCRIPTORS) + 16];

	(void)snprintf(source, sizeof(source), OWN_DESCRIPTORS "/%d", fd);
	return linkat(AT_FDCWD, source, AT_FDCWD, path, AT_SYMLINK_FOLLOW);
}

/* The records, as the kernel gives them, one behind the other. */
int file_list_take(struct file_list *list, int fd)
{
	for (;;) {
		ssize_t n;

		if (buf_reserve(&list->names, FILE_LIST_CHUNK_BYTES) < 0) {
			errno = ENOMEM;
			return -1;
		}
		n = getdents64(fd, list->names.ptr + list->names.len, FILE_LIST_CHUNK_BYTES);
		if (n <= 0)
			return (int)n;
		list->names.len += (size_t)n;
	}
}

int file_list_fill(struct file_list *list, int fd)
{
	size_t at = 0;

	while (at < list->names.len) {
		const struct dirent64 *record = (const struct dirent64 *)(const void *)(list->names.ptr + at);
		bool is_told = record->d_type != DT_UNKNOWN;

		at += record->d_reclen;
		if (file_list_add(list, record->d_name,
				  is_told ? file_type_of((mode_t)DTTOIF(record->d_type))
					  : file_type_ask(fd, record->d_name)))
			return -1;
	}
	return 0;
}
