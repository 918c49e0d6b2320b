/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/spool/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/base/bounds.h"
#include "common/base/text.h"
#include "forwarder/spool/base.h"

#define NS_PER_S 1'000'000'000
#define NAME_NOTE "spool-name"

static int64_t system_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

static int check_dir(const char *dir, struct err *err)
{
	struct stat st;

	if (stat(dir, &st))
		return err_set(err, ERR_CONFIG, errno, "the state folder '%s'", dir);
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
	buf_clear(&path);
	if (buf_addf(&path, "%ld\n", (long)getpid()) || ftruncate(spool->lock_fd, 0) ||
	    pwrite(spool->lock_fd, path.ptr, path.len, 0) != (ssize_t)path.len)
		return err_set(err, ERR_IO, errno, "cannot write to the lock in '%s'", spool->options.dir);
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

	if (spool_head_read(spool, &head, err))
		return -1;
	atomic_store(&spool->head, head.seq);
	memcpy(spool->chain, head.chain, sizeof(spool->chain));
	spool->observed_ns = head.observed_ns;
	return spool->options.read_only || spool->options.is_guest ? 0 : read_name(spool, err);
}

static int open_base(struct spool *spool, struct err *err)
{
	DEFER(buf_done) struct buf path = BUF_INIT(API_TARGET_BYTES);
	bool is_ours = !spool->options.read_only && !spool->options.is_guest;
	int flags = spool->options.read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
	mode_t mask;
	int status;

	if (buf_addf(&path, "%s/" BASE_FILE, spool->options.dir))
		return err_nomem(err);
	spool->path = buf_detach(&path);
	if (!spool->path)
		return err_nomem(err);
	if (!is_ours && access(spool->path, F_OK))
		return err_set(err, ERR_CONFIG, errno, "there is no spool in '%s'", spool->options.dir);
	mask = umask(077);
	status = base_open(&spool->base, spool->path, flags | (is_ours ? SQLITE_OPEN_CREATE : 0), err);
	if (!status && is_ours)
		status = schema_bring_up(&spool->base, err);
	(void)umask(mask);
	if (!status && !is_ours)
		status = base_exec(&spool->base, "PRAGMA synchronous = FULL", err);
	return status ? err_prefix(err, "'%s'", spool->path) : 0;
}

struct spool *spool_open(const struct spool_options *options, struct err *err)
{
	DEFER(spool_freep) struct spool *spool = calloc(1, sizeof(*spool));
	bool is_ours = !options->read_only && !options->is_guest;

	if (!spool) {
		err_nomem(err);
		return NULL;
	}
	spool->options = *options;
	spool->lock_fd = -1;
	if (!spool->options.now_ns)
		spool->options.now_ns = system_now_ns;
	pthread_mutex_init(&spool->mutex, NULL);
	if (is_ours && (check_dir(options->dir, err) || take_lock(spool, err)))
		return NULL;
	if (open_base(spool, err) || load(spool, err))
		return NULL;
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

uint64_t spool_head(struct spool *spool)
{
	return atomic_load(&spool->head);
}

int spool_head_read(struct spool *spool, struct spool_head *ret, struct err *err)
{
	sqlite3_stmt *s;
	int status = -1;

	*ret = (struct spool_head){ .seq = 0 };
	pthread_mutex_lock(&spool->mutex);
	s = base_statement(&spool->base, BASE_HEAD, err);
	if (s)
		status = base_step(&spool->base, s, err);
	if (status > 0) {
		struct view chain = base_blob(s, 1);

		ret->seq = base_u64(s, 0);
		if (chain.len == sizeof(ret->chain))
			memcpy(ret->chain, chain.ptr, chain.len);
		ret->observed_ns = sqlite3_column_int64(s, 2);
		base_reset(s);
	}
	pthread_mutex_unlock(&spool->mutex);
	return status < 0 ? -1 : 0;
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
	else if (is_on && i == spool->subscriber_count && i < BASE_SUBSCRIBERS)
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
		status = base_step(&spool->base, s, err);
	}
	if (status > 0) {
		status = buf_add(ret, base_blob(s, 0)) ? err_nomem(err) : 0;
		base_reset(s);
	}
	pthread_mutex_unlock(&spool->mutex);
	return status;
}

int spool_feed_state(struct spool *spool, const char *feed, struct buf *ret, struct err *err)
{
	return get_text(spool, BASE_GET_FEED, feed, ret, err);
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
