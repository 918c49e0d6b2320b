/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/sink/journal_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
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
#define US_PER_S 1'000'000
#define SLACK_S 5 /* between a file's time and ours */

/* --- headers --- */

static uint64_t le64(const char *bytes)
{
	uint64_t n = 0;

	for (unsigned i = 8; i-- > 0;)
		n = n << 8 | (unsigned char)bytes[i];
	return n;
}

int journal_header_read(struct view bytes, struct journal_header *ret)
{
	unsigned char state;

	if (bytes.len < JOURNAL_HEADER_BYTES || memcmp(bytes.ptr, "LPKSHHRH", 8) != 0)
		return -1;
	state = (unsigned char)bytes.ptr[16];
	if (state > JOURNAL_ARCHIVED || le64(bytes.ptr + 88) < JOURNAL_HEADER_BYTES)
		return -1;
	*ret = (struct journal_header){ .state = (enum journal_state)state,
					.entries = le64(bytes.ptr + 152),
					.first_us = (int64_t)(le64(bytes.ptr + 184) & INT64_MAX),
					.last_us = (int64_t)(le64(bytes.ptr + 192) & INT64_MAX) };
	return 0;
}

/* 0; -1: it is no journal file, or not yet. */
static int read_header(int fd, struct journal_header *ret)
{
	char bytes[JOURNAL_HEADER_BYTES];
	ssize_t n = pread(fd, bytes, sizeof(bytes), 0);

	return n < 0 ? -1 : journal_header_read(view_from(bytes, (size_t)n), ret);
}

/* --- folders --- */

/* The folder of this machine's journal: DIR/MACHINE-ID (sd-journal(3), machine-id(5)). */
static int add_folder(struct buf *buf, const char *base, struct err *err)
{
	DEFER(buf_done) struct buf id = BUF_INIT(256);

	if (file_read("/etc/machine-id", &id, err))
		return err_prefix(err, "cannot tell where the journal is");
	return buf_addf(buf, "%s/%.*s", base, (int)text_trim(buf_view(&id)).len, id.ptr) ? err_nomem(err) : 0;
}

/* The folder on the disk, and the one in memory that journald uses when it must: when the disk is full, and before it
 * flushes at boot. Either may not be there, or be empty here. 0, or -1 with err. */
static int find_folders(const char *folder, struct buf *persistent, struct buf *in_memory, struct err *err)
{
	const struct view base = VIEW(PERSISTENT "/");

	if (!folder)
		return add_folder(persistent, PERSISTENT, err) || add_folder(in_memory, VOLATILE, err) ? -1 : 0;
	if (buf_add_text(persistent, folder))
		return err_nomem(err);
	if (!text_starts(view_of(folder), base))
		return 0;
	return buf_addf(in_memory, "%s/%s", VOLATILE, folder + base.len) ? err_nomem(err) : 0;
}

/* Files that our entries may be in: system.journal, system@....journal, with ~ behind it what an unclean end left; and
 * user-UID*.journal when we are no system user (journald.conf(5), SplitMode=). */
static bool is_system(const char *name)
{
	return strncmp(name, "system.journal", 14) == 0 || strncmp(name, "system@", 7) == 0;
}

static bool is_own(const char *name, uid_t wanted)
{
	uint64_t uid;
	struct view rest = view_of(name);

	if (!text_starts(rest, VIEW("user-")))
		return false;
	rest = view_sub(rest, 5, SIZE_MAX);
	rest.len = strcspn(rest.ptr, "@.");
	return text_u64(rest, UINT32_MAX, &uid) == 0 && uid == wanted;
}

struct file {
	const char *name;
	int fd;
	struct journal_header header;
	struct stat st;
};

/* 1; 0: it is not there any more, cannot be read or is no journal; -1. */
static int open_file(int dir_fd, const char *name, struct file *ret, struct err *err)
{
	int fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW | O_NONBLOCK);

	if (fd < 0)
		return errno == ENOENT || errno == EACCES || errno == ELOOP
			       ? 0
			       : err_set(err, ERR_IO, errno, "cannot open journal '%s'", name);
	*ret = (struct file){ .name = name, .fd = fd };
	if (fstat(fd, &ret->st) || !S_ISREG(ret->st.st_mode) || read_header(fd, &ret->header)) {
		(void)close(fd);
		return 0;
	}
	return 1;
}

/* Calls fn for each of these files; it may keep the descriptor, and leaves -1 then. How many there were, or -1. */
static int each_file(const char *folder, uid_t uid, int (*fn)(void *context, struct file *file, struct err *err),
		     void *context, struct err *err)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	int count = 0, status = 0;

	if (!dir)
		return errno == ENOENT || errno == EACCES
			       ? 0
			       : err_set(err, ERR_IO, errno, "cannot open the journal's folder '%s'", folder);
	while (status >= 0 && (entry = readdir(dir))) { /* NOLINT(concurrency-mt-unsafe): a stream of our own */
		struct file file;

		if (!is_system(entry->d_name) && !is_own(entry->d_name, uid))
			continue;
		status = open_file(dirfd(dir), entry->d_name, &file, err);
		if (status <= 0)
			continue;
		count++;
		status = fn(context, &file, err);
		closep(&file.fd);
	}
	(void)closedir(dir);
	return status < 0 ? -1 : count;
}

/* The same in both folders. 0 or -1. */
static int each_file_of(const char *folder, int (*fn)(void *context, struct file *file, struct err *err), void *context,
			struct err *err)
{
	DEFER(buf_done) struct buf persistent = BUF_INIT(API_TARGET_BYTES), in_memory = BUF_INIT(API_TARGET_BYTES);

	if (find_folders(folder, &persistent, &in_memory, err) ||
	    each_file(persistent.ptr, geteuid(), fn, context, err) < 0 ||
	    (in_memory.len && each_file(in_memory.ptr, geteuid(), fn, context, err) < 0))
		return -1;
	return 0;
}

/* --- what is asked --- */

int journal_files_check(const char *folder, struct err *err)
{
	DEFER(buf_done) struct buf persistent = BUF_INIT(API_TARGET_BYTES), in_memory = BUF_INIT(API_TARGET_BYTES);
	const struct buf *const folders[] = { &persistent, &in_memory };

	if (find_folders(folder, &persistent, &in_memory, NULL))
		return 0; /* opening it says what is wrong */
	for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
		DEFER(buf_done) struct buf path = BUF_INIT(API_TARGET_BYTES);
		DEFER(closep) int fd = -1;

		if (!folders[i]->len || buf_addf(&path, "%s/system.journal", folders[i]->ptr))
			continue;
		fd = open(path.ptr, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
		if (fd < 0 && (errno == EACCES || errno == EPERM))
			return err_set(err, ERR_CONFIG, errno,
				       "the journal '%s' cannot be read back: add the user to the group "
				       "systemd-journal (SupplementaryGroups=systemd-journal)",
				       path.ptr);
	}
	return 0;
}

struct oldest {
	int64_t system_us, own_us; /* 0: none */
};

static int take_oldest(void *context, struct file *file, struct err *err)
{
	struct oldest *o = context;
	int64_t *us = is_own(file->name, geteuid()) ? &o->own_us : &o->system_us;

	(void)err;
	if (file->header.entries && (!*us || file->header.first_us < *us))
		*us = file->header.first_us;
	return 0;
}

int journal_files_oldest(const char *folder, int64_t *ret_us, struct err *err)
{
	struct oldest oldest = { .system_us = 0 };

	*ret_us = 0;
	if (each_file_of(folder, take_oldest, &oldest, err))
		return -1;
	*ret_us = oldest.own_us ? oldest.own_us : oldest.system_us;
	return 0;
}

struct unclean {
	int64_t since_us;
	bool is_there;
};

static int note_unclean(void *context, struct file *file, struct err *err)
{
	struct unclean *u = context;

	(void)err;
	u->is_there |= text_ends(view_of(file->name), VIEW("~")) &&
		       file->st.st_ctim.tv_sec + SLACK_S >= u->since_us / US_PER_S;
	return 0;
}

int journal_files_unclean(const char *folder, int64_t since_us, struct err *err)
{
	struct unclean unclean = { .since_us = since_us };

	return each_file_of(folder, note_unclean, &unclean, err) ? -1 : unclean.is_there;
}

/* --- live ones --- */

struct finding {
	struct journal_live *live;
	const char *folder;
	int64_t since_us;
};

/* FOLDER/NAME, allocated; NULL: no memory. */
static char *join(const char *folder, const char *name)
{
	size_t size = strlen(folder) + strlen(name) + 2;
	char *path = malloc(size);

	if (path)
		(void)snprintf(path, size, "%s/%s", folder, name);
	return path;
}

/* Sets the inode of what journald writes to. Whether this is such a file. */
static bool note_written_to(struct journal_live *live, const char *path, uint64_t inode)
{
	for (size_t i = 0; i < ARRAY_LEN(live->written_to); i++)
		if (live->written_to[i].path && strcmp(live->written_to[i].path, path) == 0) {
			live->written_to[i].inode = inode;
			return true;
		}
	return false;
}

static int add_live(void *context, struct file *file, struct err *err)
{
	struct finding *f = context;
	struct journal_live *live = f->live;
	char **paths, *path = join(f->folder, file->name);

	if (!path)
		return err_nomem(err);
	if (!note_written_to(live, path, file->st.st_ino) && file->header.last_us < f->since_us &&
	    file->st.st_mtime + SLACK_S < f->since_us / US_PER_S) {
		free(path);
		return 0;
	}
	paths = reallocarray(live->paths, live->count + 2, sizeof(*paths));
	if (!paths) {
		free(path);
		return err_nomem(err);
	}
	live->paths = paths;
	paths[live->count++] = path;
	paths[live->count] = NULL;
	return 0;
}

/* The paths that journald writes to in this folder. */
static int add_written_to(struct journal_live *live, size_t at, const char *folder, uid_t uid, struct err *err)
{
	char own[32];

	(void)snprintf(own, sizeof(own), "user-%u.journal", (unsigned)uid);
	live->written_to[at].path = join(folder, "system.journal");
	live->written_to[at + 1].path = join(folder, own);
	return live->written_to[at].path && live->written_to[at + 1].path ? 0 : err_nomem(err);
}

int journal_live_find(const char *folder, uid_t uid, int64_t since_us, struct journal_live *ret, struct err *err)
{
	DEFER(buf_done) struct buf persistent = BUF_INIT(API_TARGET_BYTES), in_memory = BUF_INIT(API_TARGET_BYTES);
	const struct buf *const folders[] = { &persistent, &in_memory };

	*ret = (struct journal_live){ .count = 0 };
	ret->paths = calloc(1, sizeof(*ret->paths));
	if (!ret->paths)
		return err_nomem(err);
	if (find_folders(folder, &persistent, &in_memory, err))
		return -1;
	for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
		struct finding finding = { .live = ret, .folder = folders[i]->ptr, .since_us = since_us };

		if (folders[i]->len && (add_written_to(ret, 2 * i, folders[i]->ptr, uid, err) ||
					each_file(folders[i]->ptr, uid, add_live, &finding, err) < 0))
			return -1;
	}
	return 0;
}

bool journal_live_is_current(const struct journal_live *live)
{
	for (size_t i = 0; i < ARRAY_LEN(live->written_to); i++) {
		struct stat st;

		if (!live->written_to[i].path)
			continue;
		if ((stat(live->written_to[i].path, &st) ? 0 : st.st_ino) != live->written_to[i].inode)
			return false;
	}
	return true;
}

void journal_live_done(struct journal_live *live)
{
	for (size_t i = 0; i < live->count; i++)
		free(live->paths[i]);
	free((void *)live->paths);
	for (size_t i = 0; i < ARRAY_LEN(live->written_to); i++)
		free(live->written_to[i].path);
	*live = (struct journal_live){ .count = 0 };
}

/* --- on the disk --- */

static int note_nothing(void *context, struct file *file, struct err *err)
{
	(void)context;
	(void)file;
	(void)err;
	return 0;
}

/* Where all that is in the journal is: 1 in the files of this folder, 0 some of it is in memory, or nothing is there;
 * -1 with err. */
static int find_on_disk(const char *folder, struct buf *ret, struct err *err)
{
	DEFER(buf_done) struct buf in_memory = BUF_INIT(API_TARGET_BYTES);
	struct statfs st;
	int count = 0;

	if (find_folders(folder, ret, &in_memory, err))
		return -1;
	if (in_memory.len)
		count = each_file(in_memory.ptr, geteuid(), note_nothing, NULL, err);
	if (count)
		return count < 0 ? -1 : 0;
	return statfs(ret->ptr, &st) == 0 && st.f_type != TMPFS_MAGIC && st.f_type != RAMFS_MAGIC;
}

static int sync_fd(struct journal_sync *s, int fd, const char *name, struct err *err)
{
	if (fsync(fd) == 0)
		return 0;
	s->has_failed = true;
	return err_set(err, ERR_IO, errno, "cannot sync journal '%s'", name);
}

static int sync_file(void *context, struct file *file, struct err *err)
{
	struct journal_sync *s = context;
	bool is_written_to = strcmp(file->name, "system.journal") == 0;

	if (strpbrk(file->name, "@~") && file->st.st_mtime + SLACK_S < s->synced_s)
		return 0; /* nothing has been written to it since */
	if (is_written_to && (!s->has_fd || s->inode != file->st.st_ino)) {
		journal_sync_done(s);
		s->inode = file->st.st_ino;
		s->fd = file->fd;
		s->has_fd = true;
		s->is_new = true;
		file->fd = -1;
	}
	return sync_fd(s, is_written_to ? s->fd : file->fd, file->name, err);
}

/* For the names of files that a rotation made, and of the folder itself. */
static int sync_folder(const char *path, struct err *err)
{
	DEFER(closep) int fd = open(path, O_RDONLY | O_CLOEXEC | O_DIRECTORY);
	DEFER(closep) int parent_fd = fd < 0 ? -1 : openat(fd, "..", O_RDONLY | O_CLOEXEC | O_DIRECTORY);

	if (fd < 0 || fsync(fd) || (parent_fd >= 0 && fsync(parent_fd)))
		return err_set(err, ERR_IO, errno, "cannot sync the journal's folder '%s'", path);
	return 0;
}

void journal_sync_done(struct journal_sync *s)
{
	if (s->has_fd)
		closep(&s->fd);
	s->has_fd = false;
}

int journal_sync(struct journal_sync *s, struct err *err)
{
	DEFER(buf_done) struct buf path = BUF_INIT(API_TARGET_BYTES);
	int64_t now_s = clock_unix_s();
	int status = find_on_disk(s->folder, &path, err), count;

	if (status <= 0)
		return status;
	if (now_s < s->synced_s)
		s->synced_s = 0; /* the clock was set back: the files' times say nothing */
	/* What was written to before a rotation: its errors are told to whoever had it open. */
	if (s->has_fd && sync_fd(s, s->fd, "system.journal", err))
		return -1;
	count = each_file(path.ptr, geteuid(), sync_file, s, err);
	if (count <= 0)
		return count;
	if (s->is_new && sync_folder(path.ptr, err))
		return -1;
	s->is_new = false;
	s->synced_s = now_s;
	return 1;
}

static int note_online(void *context, struct file *file, struct err *err)
{
	bool *is_online = context;

	(void)err;
	*is_online |= file->header.state == JOURNAL_ONLINE;
	return 0;
}

int journal_is_synced(const char *folder, struct err *err)
{
	DEFER(buf_done) struct buf path = BUF_INIT(API_TARGET_BYTES);
	int status = find_on_disk(folder, &path, err);
	bool is_online = false;

	if (status <= 0)
		return status;
	status = each_file(path.ptr, geteuid(), note_online, &is_online, err);
	return status <= 0 ? status : !is_online;
}
