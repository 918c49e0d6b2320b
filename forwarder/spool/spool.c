/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/spool/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/bounds.h"
#include "common/base/clock.h"
#include "common/base/text.h"
#include "forwarder/spool/base.h"

#define NAME_NOTE "spool-name"

static int check_dir(const char *dir, struct err *err)
{
	struct stat st;

	if (stat(dir, &st))
		return errno == ENOENT ? err_set(err, ERR_CONFIG, 0,
						 "the state folder '%s' is not there: make it for skantd's user, with "
						 "mode 0700",
						 dir)
				       : err_set(err, ERR_CONFIG, errno, "the state folder '%s'", dir);
	if (!S_ISDIR(st.st_mode))
		return err_set(err, ERR_CONFIG, 0, "the state folder '%s' is no folder", dir);
	if (st.st_uid != geteuid())
		return err_set(err, ERR_CONFIG, 0, "the state folder '%s' belongs to another user", dir);
	if (st.st_mode & 022)
		return err_set(err, ERR_CONFIG, 0, "others may write to the state folder '%s' (mode %o): chmod 700 it",
			       dir, st.st_mode & 07777);
	return 0;
}

/* The lock ends with the process; the number in the file is for people only. */
static int take_lock(struct spool *spool, struct err *err)
{
	DEFER(buf_done) struct buf path = BUF_INIT(API_TARGET_BYTES);
	char pid[24] = { 0 };
	ssize_t n;

	if (buf_addf(&path, "%s/" BASE_LOCK, spool->options.dir))
		return err_nomem(err);
	spool->lock_fd = open(path.ptr, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (spool->lock_fd < 0)
		return err_set(err, ERR_IO, errno, "cannot open '%s'", path.ptr);
	if (flock(spool->lock_fd, LOCK_EX | LOCK_NB)) {
		n = pread(spool->lock_fd, pid, sizeof(pid) - 1, 0);
		return err_set(err, ERR_REFUSED, 0, "another skantd has the state folder '%s' (pid %.*s)",
			       spool->options.dir, n > 0 ? (int)strcspn(pid, "\n") : 1, n > 0 ? pid : "?");
	}
	n = snprintf(pid, sizeof(pid), "%ld\n", (long)getpid());
	(void)!ftruncate(spool->lock_fd, 0); /* a disk without room for the number is no reason not to start */
	(void)!pwrite(spool->lock_fd, pid, (size_t)n, 0);
	return 0;
}

/* The eight hex digits in the ids that this spool gives: no other spool's are the same. */
static int read_name(struct spool *spool, struct err *err)
{
	DEFER(buf_done) struct buf name = BUF_INIT(64);
	unsigned char random[4];

	if (spool_note_get(spool, NAME_NOTE, &name, err))
		return -1;
	if (!name.len) {
		if (getrandom(random, sizeof(random), 0) != sizeof(random))
			return err_set(err, ERR_IO, errno, "cannot get random bytes");
		if (digest_add_hex(&name, random, sizeof(random)))
			return err_nomem(err);
		if (spool_note_set(spool, NAME_NOTE, buf_view(&name), err))
			return -1;
	}
	memccpy(spool->name, name.ptr, '\0', sizeof(spool->name) - 1);
	return 0;
}

static int load(struct spool *spool, struct err *err)
{
	struct spool_head head;

	if (mark_head(&spool->base, &head, err))
		return -1;
	atomic_store(&spool->head, head.seq);
	memcpy(spool->chain, head.chain, sizeof(spool->chain));
	spool->observed_ns = head.observed_ns;
	return spool->is_owner ? read_name(spool, err) : 0;
}

/* Makes the file, for us alone. One that is there is left to SQLite: closing a descriptor of it here would drop the
 * locks that other connections of this process hold. */
static int make_file(const char *path, struct err *err)
{
	DEFER(closep) int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	return fd < 0 && errno != EEXIST ? err_set(err, ERR_IO, errno, "cannot make the spool's file") : 0;
}

/* The owner's connection brings the tables up to date; the others ask for tables of this very schema. */
static int open_base(struct spool *spool, struct err *err)
{
	int flags = spool->options.read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;

	if (spool->is_owner && make_file(spool->path, err))
		return -1;
	if (!spool->is_owner && access(spool->path, F_OK))
		return err_set(err, errno == ENOENT ? ERR_CONFIG : ERR_IO, errno,
			       "there is no spool yet (skantd run makes it)");
	if (spool->options.is_guest && access(spool->path, W_OK))
		return err_set(err, ERR_IO, errno, "the spool's file cannot be written to");
	if (base_open(&spool->base, spool->path, flags, err))
		return -1;
	if (!spool->is_owner)
		return schema_match(&spool->base, &schema_current, err) ||
				       base_exec(&spool->base, "PRAGMA synchronous = FULL", err)
			       ? -1
			       : 0;
	if (sqlite3_db_readonly(spool->base.db, "main") > 0)
		return err_set(err, ERR_IO, EACCES, "the spool's file cannot be written to");
	if (schema_bring_up(&spool->base, &schema_current, err))
		return -1;
	base_own(&spool->base);
	return 0;
}

static int make_path(struct spool *spool, struct err *err)
{
	DEFER(buf_done) struct buf path = BUF_INIT(API_TARGET_BYTES);

	if (buf_addf(&path, "%s/" BASE_FILE, spool->options.dir))
		return err_nomem(err);
	spool->path = buf_detach(&path);
	return spool->path ? 0 : err_nomem(err);
}

struct spool *spool_open(const struct spool_options *options, struct err *err)
{
	DEFER(spool_freep) struct spool *spool = calloc(1, sizeof(*spool));

	if (!spool) {
		err_nomem(err);
		return NULL;
	}
	spool->options = *options;
	spool->is_owner = !options->read_only && !options->is_guest;
	spool->lock_fd = -1;
	if (!spool->options.now_ns)
		spool->options.now_ns = clock_unix_ns;
	pthread_mutex_init(&spool->mutex, NULL);
	if (make_path(spool, err) || (spool->is_owner && (check_dir(options->dir, err) || take_lock(spool, err))))
		return NULL;
	if (open_base(spool, err) || load(spool, err)) {
		err_prefix(err, "'%s'", spool->path);
		return NULL;
	}
	return TAKE(spool);
}

void spool_free(struct spool *spool)
{
	if (!spool)
		return;
	base_close(&spool->base);
	closep(&spool->lock_fd);
	pthread_mutex_destroy(&spool->mutex);
	free(spool->path);
	free(spool);
}

void spool_freep(struct spool **spool)
{
	spool_free(*spool);
}

void spool_limit(struct spool *spool, uint64_t max_bytes)
{
	pthread_mutex_lock(&spool->mutex);
	spool->options.max_bytes = max_bytes;
	pthread_mutex_unlock(&spool->mutex);
}

uint64_t spool_head(struct spool *spool)
{
	return atomic_load(&spool->head);
}

int spool_head_read(struct spool *spool, struct spool_head *ret, struct err *err)
{
	int status;

	pthread_mutex_lock(&spool->mutex);
	status = mark_head(&spool->base, ret, err);
	if (!status && !spool->is_owner)
		atomic_store(&spool->head, ret->seq);
	pthread_mutex_unlock(&spool->mutex);
	return status;
}

int spool_subscribe(struct spool *spool, int event_fd, bool is_on)
{
	size_t i = 0;
	int status = 0;

	pthread_mutex_lock(&spool->mutex);
	while (i < spool->subscriber_count && spool->subscribers[i] != event_fd)
		i++;
	if (!is_on && i < spool->subscriber_count)
		spool->subscribers[i] = spool->subscribers[--spool->subscriber_count];
	else if (is_on && i == spool->subscriber_count && i < SPOOL_SUBSCRIBERS_MAX)
		spool->subscribers[spool->subscriber_count++] = event_fd;
	else if (is_on && i == spool->subscriber_count)
		status = -1;
	pthread_mutex_unlock(&spool->mutex);
	return status;
}

/* One value of one row, for text. */
static int get_text(struct spool *spool, enum base_statement statement, const char *name, struct buf *ret,
		    struct err *err)
{
	sqlite3_stmt *s;
	int status = -1;

	pthread_mutex_lock(&spool->mutex);
	s = base_statement(&spool->base, statement, err);
	if (s) {
		base_bind_text(s, 1, view_of(name));
		status = base_get(&spool->base, s, ret, err);
	}
	pthread_mutex_unlock(&spool->mutex);
	return status;
}

int spool_feed_state(struct spool *spool, const char *feed, struct buf *ret, struct err *err)
{
	return get_text(spool, BASE_GET_FEED, feed, ret, err);
}

int spool_feed_names(struct spool *spool, const char *but, struct buf *ret, struct err *err)
{
	return get_text(spool, BASE_FEED_NAMES, but, ret, err);
}

int spool_note_get(struct spool *spool, const char *name, struct buf *ret, struct err *err)
{
	return get_text(spool, BASE_GET_NOTE, name, ret, err);
}

int spool_note_set(struct spool *spool, const char *name, struct view value, struct err *err)
{
	sqlite3_stmt *s;
	int status = -1;

	pthread_mutex_lock(&spool->mutex);
	s = base_statement(&spool->base, BASE_SET_NOTE, err);
	if (s) {
		base_bind_text(s, 1, view_of(name));
		base_bind_blob(s, 2, value);
		status = base_run(&spool->base, s, err);
	}
	pthread_mutex_unlock(&spool->mutex);
	return status;
}
