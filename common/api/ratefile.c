/* SPDX-License-Identifier: Apache-2.0 */
#include "common/api/ratefile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/digest.h"

#define MAGIC "skantrl\n"
#define VERSION 1
#define SLOTS 2
#define SLOT_BYTES ((sizeof(struct record) + 4095) / 4096 * 4096) /* no page is in both */
#define LOCK_TRY_NS 1'000'000
#define REOPENS 16
#define NS_PER_S 1'000'000'000u

struct record {
	char magic[8];
	uint32_t version, bytes;
	uint64_t number;
	unsigned char run[16]; /* of the machine, when it was written */
	uint64_t now_ns;
	int64_t unix_s;
	struct ratestate state;
	unsigned char digest[DIGEST_SHA256_BYTES]; /* of all before it */
};
_Static_assert(sizeof(struct record) == 56 + sizeof(struct ratestate) + DIGEST_SHA256_BYTES, "no padding is written");

struct ratefile {
	const char *path;
	const struct ratelimit_limits *limits;
	const struct ratelimit_clock *clock;
	int fd;
	unsigned slot; /* of the record that counts */
	uint64_t number;
	bool is_unsynced; /* we made it */
	int read_errnum;  /* of a read that has failed since the lock was taken; 0 = none has */
	unsigned char run[16];
	struct err note;
	struct record record; /* a buffer */
};

static int refuse(const char *path, struct err *err)
{
	return err_set(
		err, ERR_CONFIG, 0,
		"cannot keep the rate limit in '%s': expected a regular file of this user, with mode 0600 and one "
		"name",
		path);
}

static int open_file(struct ratefile *f, struct err *err)
{
	struct stat st;

	f->fd = open(f->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0600);
	if (f->fd < 0 && (errno == ELOOP || errno == EISDIR || errno == ENXIO))
		return refuse(f->path, err);
	if (f->fd < 0 || fstat(f->fd, &st))
		return err_set(err, ERR_IO, errno, "cannot open '%s' for the rate limit", f->path);
	if (!S_ISREG(st.st_mode) || st.st_uid != geteuid() || (st.st_mode & 07177) || st.st_nlink > 1)
		return refuse(f->path, err);
	return 0;
}

static void close_file(struct ratefile *f)
{
	closep(&f->fd);
	f->fd = -1;
}

/* Waits for the lock. A process keeps it for a moment only, unless it has been stopped. */
static int lock(struct ratefile *f, struct err *err)
{
	static const struct timespec pause = { .tv_nsec = LOCK_TRY_NS };
	uint64_t end_ns = clock_mono_ns() + RATELIMIT_LOCK_NS;

	while (flock(f->fd, LOCK_EX | LOCK_NB)) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return err_set(err, ERR_IO, errno, "cannot lock '%s' for the rate limit", f->path);
		if (clock_mono_ns() >= end_ns)
			return err_set(err, ERR_LIMIT, 0,
				       "cannot lock '%s' for the rate limit: another process has held it for %u s",
				       f->path, (unsigned)(RATELIMIT_LOCK_NS / NS_PER_S));
		(void)nanosleep(&pause, NULL);
	}
	return 0;
}

/* Whether the open file is still the one of that name. */
static bool is_current(const struct ratefile *f)
{
	struct stat ours, named;

	return f->fd >= 0 && fstat(f->fd, &ours) == 0 && lstat(f->path, &named) == 0 && ours.st_dev == named.st_dev &&
	       ours.st_ino == named.st_ino;
}

static int lock_current(struct ratefile *f, struct err *err)
{
	for (unsigned i = 0; i < REOPENS; i++) {
		if (f->fd < 0 && open_file(f, err)) {
			close_file(f);
			return -1;
		}
		if (lock(f, err))
			return -1;
		if (is_current(f))
			return 0;
		close_file(f);
	}
	return err_set(err, ERR_IO, 0, "cannot keep the rate limit in '%s': it is replaced all the time", f->path);
}

static ssize_t read_at(struct ratefile *f, unsigned slot, void *ptr, size_t len)
{
	ssize_t n;

	do
		n = pread(f->fd, ptr, len, (off_t)(slot * SLOT_BYTES));
	while (n < 0 && errno == EINTR);
	if (n < 0)
		f->read_errnum = errno;
	return n;
}

static void digest_of(const struct record *record, unsigned char ret[static DIGEST_SHA256_BYTES])
{
	digest_sha256(view_from(record, offsetof(struct record, digest)), ret);
}

/* Reads the record of a slot into f->record. */
static bool read_record(struct ratefile *f, unsigned slot)
{
	unsigned char digest[DIGEST_SHA256_BYTES];
	const struct record *r = &f->record;

	if (read_at(f, slot, &f->record, sizeof(f->record)) != (ssize_t)sizeof(f->record))
		return false;
	digest_of(r, digest);
	return memcmp(r->magic, MAGIC, sizeof(r->magic)) == 0 && r->version == VERSION && r->bytes == sizeof(*r) &&
	       memcmp(r->digest, digest, sizeof(digest)) == 0;
}

/* Whether nothing was ever written to a slot. */
static bool is_blank(struct ratefile *f, unsigned slot)
{
	ssize_t n = read_at(f, slot, &f->record, sizeof(f->record));
	const char *bytes = (const char *)&f->record;

	if (n < 0)
		return false;
	for (size_t i = 0; i < (size_t)n; i++)
		if (bytes[i])
			return false;
	return true;
}

/* Reads the head of a slot's record; its number, or 0 when it is none. */
static uint64_t read_number(struct ratefile *f, unsigned slot)
{
	const struct record *r = &f->record;

	if (read_at(f, slot, &f->record, offsetof(struct record, run)) != (ssize_t)offsetof(struct record, run) ||
	    memcmp(r->magic, MAGIC, sizeof(r->magic)) != 0 || r->version != VERSION || r->bytes != sizeof(*r))
		return 0;
	return r->number;
}

/* Whether the file is empty, or its first process died while it wrote the first record: then nobody has acted upon it.
 * Only that one has number 1. */
static bool is_new(struct ratefile *f)
{
	return is_blank(f, 1) && (is_blank(f, 0) || read_number(f, 0) == 1);
}

static bool has_full_size(const struct ratefile *f)
{
	struct stat st;

	return fstat(f->fd, &st) == 0 && st.st_size == (off_t)(SLOT_BYTES + sizeof(struct record));
}

/* Finds the newest whole record, which is then in f->record. A process that dies while it writes leaves the file's size
 * and the head of a record: where these are not there, beside another than the first record, someone else was at it. */
static bool find_record(struct ratefile *f)
{
	uint64_t numbers[SLOTS] = { read_number(f, 0), read_number(f, 1) };
	unsigned newer = numbers[1] > numbers[0];

	for (unsigned i = 0; i < SLOTS; i++) {
		f->slot = i ? 1 - newer : newer;
		if (!read_record(f, f->slot))
			continue;
		f->number = f->record.number;
		return f->number == 1 || (numbers[1 - f->slot] > 0 && has_full_size(f));
	}
	return false;
}

static int write_record(struct ratefile *f, unsigned slot, const struct ratestate *s)
{
	struct record *r = &f->record;
	size_t done = 0;

	memcpy(r->magic, MAGIC, sizeof(r->magic));
	r->version = VERSION;
	r->bytes = sizeof(*r);
	r->number = f->number + 1;
	memcpy(r->run, f->run, sizeof(r->run));
	r->now_ns = f->clock->now_ns(f->clock->self);
	r->unix_s = f->clock->unix_s(f->clock->self);
	r->state = *s;
	digest_of(r, r->digest);
	while (done < sizeof(*r)) {
		ssize_t n = pwrite(f->fd, (const char *)r + done, sizeof(*r) - done, (off_t)(slot * SLOT_BYTES + done));

		if (n < 0 && errno != EINTR)
			return -1;
		if (n > 0)
			done += (size_t)n;
	}
	f->slot = slot;
	f->number = r->number;
	return 0;
}

/* Writes both records: until the second one is there, nobody has acted upon the first. */
static int create(struct ratefile *f, const struct ratestate *s, struct err *err)
{
	f->number = 0;
	if (write_record(f, 0, s) || write_record(f, 1, s))
		return err_set(err, ERR_IO, errno, "cannot write '%s' for the rate limit", f->path);
	f->is_unsynced = true;
	return 0;
}

/* Starts over with everything used up, because nothing in the file can be believed. */
static int replace_damaged(struct ratefile *f, struct ratestate *s, uint64_t now_ns, struct err *err)
{
	bool has_day = f->limits->most[RATELIMIT_DAY] > 0;

	(void)err_set(&f->note, ERR_FORMAT, 0,
		      "'%s' is damaged: what was used of the rate limit is not known, and counts as all of a minute%s; "
		      "remove the file to start with nothing used",
		      f->path, has_day ? " and of a day" : "");
	ratestate_init_full(s, f->limits, now_ns);
	return create(f, s, err);
}

/* The record's counters, by the clock of today. An earlier run of the machine ended before this one began: so what was
 * used in it is at least as old as this run. */
static bool carry_over(struct ratefile *f, struct ratestate *s, uint64_t now_ns)
{
	const struct record *r = &f->record;
	int64_t now_s = f->clock->unix_s(f->clock->self);
	uint64_t elapsed_ns = 0, minute_ns = window_span_ns(&window_minute), hold_ns = now_ns + minute_ns;

	if (!ratestate_check(&f->record.state, r->now_ns))
		return false;
	*s = r->state;
	if (memcmp(r->run, f->run, sizeof(r->run)) != 0) {
		if (now_s > r->unix_s &&
		    __builtin_mul_overflow((uint64_t)now_s - (uint64_t)r->unix_s, NS_PER_S, &elapsed_ns))
			elapsed_ns = UINT64_MAX;
		if (elapsed_ns < now_ns)
			elapsed_ns = now_ns;
		hold_ns = minute_ns;
	} else if (r->now_ns <= now_ns) {
		return true;
	}
	ratestate_rebase(s, elapsed_ns, now_ns, hold_ns);
	return true;
}

static int load(struct ratefile *f, struct ratestate *s, uint64_t now_ns, struct err *err)
{
	bool is_found, is_fresh;

	f->read_errnum = 0;
	is_found = find_record(f);
	is_fresh = !is_found && is_new(f);
	if (f->read_errnum) /* what is there may be good, and stays */
		return err_set(err, ERR_IO, f->read_errnum, "cannot read '%s' for the rate limit", f->path);
	if (is_found && carry_over(f, s, now_ns))
		return 0;
	if (!is_fresh)
		return replace_damaged(f, s, now_ns, err);
	ratestate_init(s, now_ns);
	return create(f, s, err);
}

int ratefile_begin(struct ratefile *f, struct ratestate *s, uint64_t *ret_now_ns, struct err *err)
{
	f->note.kind = ERR_NONE;
	if (lock_current(f, err))
		return -1;
	*ret_now_ns = f->clock->now_ns(f->clock->self);
	if (load(f, s, *ret_now_ns, err) == 0)
		return 0;
	(void)flock(f->fd, LOCK_UN);
	return -1;
}

int ratefile_end(struct ratefile *f, const struct ratestate *s, bool has_changed, struct err *err)
{
	int ret = 0;

	if (has_changed && write_record(f, 1 - f->slot, s))
		ret = err_set(err, ERR_IO, errno, "cannot write '%s' for the rate limit", f->path);
	(void)flock(f->fd, LOCK_UN);
	if (f->is_unsynced) { /* may take seconds, and the others need not wait for it */
		(void)fdatasync(f->fd);
		f->is_unsynced = false;
	}
	return ret;
}

const struct err *ratefile_note(const struct ratefile *f)
{
	return &f->note;
}

struct ratefile *ratefile_new(const char *path, const struct ratelimit_limits *limits,
			      const struct ratelimit_clock *clock, struct err *err)
{
	struct ratefile *f = calloc(1, sizeof(*f));

	if (!f) {
		(void)err_nomem(err);
		return NULL;
	}
	*f = (struct ratefile){ .path = path, .limits = limits, .clock = clock, .fd = -1 };
	clock->run(clock->self, f->run);
	if (open_file(f, err) == 0)
		return f;
	ratefile_free(f);
	return NULL;
}

void ratefile_free(struct ratefile *f)
{
	if (!f)
		return;
	closep(&f->fd);
	free(f);
}
