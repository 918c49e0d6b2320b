/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/sink/journal_sync.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "common/base/bounds.h"
#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/sys/file.h"

#define PERSISTENT "/var/log/journal"
#define VOLATILE "/run/log/journal"
#define SLACK_S 5 /* between a file's time and ours */

/* The folder of this machine's journal: DIR/MACHINE-ID (sd-journal(3), machine-id(5)). */
static int add_folder(struct buf *buf, const char *base)
{
	DEFER(buf_done) struct buf id = BUF_INIT(256);

	if (file_read("/etc/machine-id", &id, NULL))
		return -1;
	return buf_addf(buf, "%s/%.*s", base, (int)text_trim(buf_view(&id)).len, id.ptr);
}

/* The folder where journald writes now: the persistent one, unless only the other is there. 0 or -1. */
static int find_folder(const char *folder, struct buf *ret)
{
	if (folder)
		return buf_add_text(ret, folder);
	if (add_folder(ret, PERSISTENT) == 0 && access(ret->ptr, F_OK) == 0)
		return 0;
	buf_clear(ret);
	return add_folder(ret, VOLATILE);
}

int journal_folder_check(const char *folder, struct err *err)
{
	DEFER(buf_done) struct buf path = BUF_INIT(API_TARGET_BYTES);
	DEFER(closep) int fd = -1;

	if (find_folder(folder, &path) || buf_add_text(&path, "/system.journal"))
		return 0; /* journald makes it with the first message */
	fd = open(path.ptr, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd >= 0 || (errno != EACCES && errno != EPERM))
		return 0;
	return err_set(err, ERR_CONFIG, errno,
		       "the journal '%s' cannot be read back: add the user to the group systemd-journal "
		       "(SupplementaryGroups=systemd-journal)",
		       path.ptr);
}

/* Files that may hold messages of ours: the system's, and those of our own user. */
static bool is_candidate(const char *name)
{
	return strncmp(name, "system", 6) == 0 || strncmp(name, "user-", 5) == 0;
}

/* 1 synced, 0 it cannot hold anything new, -1 with err. */
static int sync_one(const struct journal_sync *s, int dir_fd, const char *name, uint64_t *ret_inode, struct err *err)
{
	DEFER(closep) int fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW);
	bool is_active = strchr(name, '@') == NULL;
	struct stat st;

	if (fd < 0)
		return errno == ENOENT || errno == EACCES
			       ? 0
			       : err_set(err, ERR_IO, errno, "cannot open journal '%s'", name);
	if (fstat(fd, &st))
		return err_set(err, ERR_IO, errno, "cannot look at journal '%s'", name);
	if (!S_ISREG(st.st_mode) || (!is_active && st.st_mtime + SLACK_S < s->synced_s))
		return 0;
	if (fsync(fd))
		return err_set(err, ERR_IO, errno, "cannot sync journal '%s'", name);
	if (is_active && strcmp(name, "system.journal") == 0)
		*ret_inode = st.st_ino;
	return 1;
}

static bool is_in_memory(int fd)
{
	struct statfs st;

	return fstatfs(fd, &st) != 0 || st.f_type == TMPFS_MAGIC || st.f_type == RAMFS_MAGIC;
}

static int sync_folder(struct journal_sync *s, DIR *dir, struct err *err)
{
	int64_t now_s = clock_unix_s();
	uint64_t inode = 0;
	unsigned synced = 0;
	struct dirent *entry;

	while ((entry = readdir(dir))) { /* NOLINT(concurrency-mt-unsafe): a stream of our own */
		int status;

		if (!is_candidate(entry->d_name))
			continue;
		status = sync_one(s, dirfd(dir), entry->d_name, &inode, err);
		if (status < 0)
			return -1;
		synced += (unsigned)status;
	}
	/* The folder, for the names of files that a rotation made. */
	if (inode != s->inode && fsync(dirfd(dir)))
		return err_set(err, ERR_IO, errno, "cannot sync the journal's folder");
	s->inode = inode;
	s->synced_s = now_s;
	return synced > 0;
}

int journal_sync(struct journal_sync *s, struct err *err)
{
	DEFER(buf_done) struct buf path = BUF_INIT(API_TARGET_BYTES);
	DIR *dir;
	int status;

	if (find_folder(s->folder, &path))
		return 0;
	dir = opendir(path.ptr);
	if (!dir)
		return errno == ENOENT ? 0
				       : err_set(err, ERR_IO, errno, "cannot open the journal's folder '%s'", path.ptr);
	status = is_in_memory(dirfd(dir)) ? 0 : sync_folder(s, dir, err);
	(void)closedir(dir);
	return status;
}
