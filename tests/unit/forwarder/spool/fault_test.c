/* SPDX-License-Identifier: Apache-2.0 */
/* Every operation on the files fails in turn, and the power fails at any time: through a layer over SQLite's own file
 * system calls that counts and refuses, and that remembers what was synced. */
#include <errno.h>
#include <fcntl.h>

#include "common/sys/file.h"
#include "tests/support/spool.h"

#define SYNCED_MAX (64u << 20)

static sqlite3_vfs *real, layer;
static long left = -1;   /* operations that go well still; -1: all */
static bool is_for_good; /* all behind the failing one fail as well */
static int fault_code, fault_errno;
static bool is_remembering;

struct file {
	sqlite3_file base;
	char name[512];
	bool is_kept; /* database or log */
};

static char synced_names[4][512];
static struct buf synced[4];

static sqlite3_file *below(sqlite3_file *f)
{
	return (sqlite3_file *)((char *)f + sizeof(struct file));
}

static bool fails(void)
{
	if (left < 0)
		return false;
	if (left > 0) {
		left--;
		return false;
	}
	if (!is_for_good)
		left = -1;
	errno = fault_errno;
	return true;
}

/* What a disk has after a sync. */
static void remember(const struct file *file)
{
	struct err err = ERR_INIT;
	size_t i = 0;

	if (!is_remembering || !file->is_kept)
		return;
	while (synced_names[i][0] && strcmp(synced_names[i], file->name) != 0)
		i++;
	assert_true(i < ARRAY_LEN(synced));
	memccpy(synced_names[i], file->name, '\0', sizeof(synced_names[i]));
	buf_done(&synced[i]);
	synced[i] = (struct buf)BUF_INIT(SYNCED_MAX);
	assert_int_equal(file_read(file->name, &synced[i], &err), 0);
}

static void forget(void)
{
	for (size_t i = 0; i < ARRAY_LEN(synced); i++) {
		buf_done(&synced[i]);
		synced_names[i][0] = '\0';
	}
}

static int f_close(sqlite3_file *f)
{
	return below(f)->pMethods->xClose(below(f));
}

static int f_read(sqlite3_file *f, void *to, int count, sqlite3_int64 at)
{
	return fails() ? SQLITE_IOERR_READ : below(f)->pMethods->xRead(below(f), to, count, at);
}

static int f_write(sqlite3_file *f, const void *from, int count, sqlite3_int64 at)
{
	return fails() ? fault_code : below(f)->pMethods->xWrite(below(f), from, count, at);
}

static int f_truncate(sqlite3_file *f, sqlite3_int64 size)
{
	return fails() ? SQLITE_IOERR_TRUNCATE : below(f)->pMethods->xTruncate(below(f), size);
}

static int f_sync(sqlite3_file *f, int flags)
{
	int status;

	if (fails())
		return SQLITE_IOERR_FSYNC;
	status = below(f)->pMethods->xSync(below(f), flags);
	remember((struct file *)f);
	return status;
}

static int f_size(sqlite3_file *f, sqlite3_int64 *ret)
{
	return fails() ? SQLITE_IOERR_FSTAT : below(f)->pMethods->xFileSize(below(f), ret);
}

static int f_lock(sqlite3_file *f, int level)
{
	return below(f)->pMethods->xLock(below(f), level);
}

static int f_unlock(sqlite3_file *f, int level)
{
	return below(f)->pMethods->xUnlock(below(f), level);
}

static int f_reserved(sqlite3_file *f, int *ret)
{
	return below(f)->pMethods->xCheckReservedLock(below(f), ret);
}

static int f_control(sqlite3_file *f, int what, void *argument)
{
	return below(f)->pMethods->xFileControl(below(f), what, argument);
}

static int f_sector(sqlite3_file *f)
{
	return below(f)->pMethods->xSectorSize(below(f));
}

static int f_kind(sqlite3_file *f)
{
	return below(f)->pMethods->xDeviceCharacteristics(below(f));
}

static int f_shm_map(sqlite3_file *f, int page, int size, int extend, void volatile **ret)
{
	return fails() ? SQLITE_IOERR_SHMMAP : below(f)->pMethods->xShmMap(below(f), page, size, extend, ret);
}

static int f_shm_lock(sqlite3_file *f, int at, int count, int flags)
{
	return below(f)->pMethods->xShmLock(below(f), at, count, flags);
}

static void f_shm_barrier(sqlite3_file *f)
{
	below(f)->pMethods->xShmBarrier(below(f));
}

static int f_shm_unmap(sqlite3_file *f, int is_last)
{
	return below(f)->pMethods->xShmUnmap(below(f), is_last);
}

static const sqlite3_io_methods methods = {
	.iVersion = 2,
	.xClose = f_close,
	.xRead = f_read,
	.xWrite = f_write,
	.xTruncate = f_truncate,
	.xSync = f_sync,
	.xFileSize = f_size,
	.xLock = f_lock,
	.xUnlock = f_unlock,
	.xCheckReservedLock = f_reserved,
	.xFileControl = f_control,
	.xSectorSize = f_sector,
	.xDeviceCharacteristics = f_kind,
	.xShmMap = f_shm_map,
	.xShmLock = f_shm_lock,
	.xShmBarrier = f_shm_barrier,
	.xShmUnmap = f_shm_unmap,
};

static int v_open(sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *f, int flags, int *ret_flags)
{
	struct file *file = (struct file *)f;
	int status;

	(void)vfs;
	memset(file, 0, sizeof(*file));
	if (fails())
		return SQLITE_CANTOPEN;
	if (name)
		memccpy(file->name, name, '\0', sizeof(file->name) - 1);
	file->is_kept = (flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL)) != 0;
	status = real->xOpen(real, name, below(f), flags, ret_flags);
	file->base.pMethods = below(f)->pMethods ? &methods : NULL;
	return status;
}

static int v_delete(sqlite3_vfs *vfs, const char *name, int is_synced)
{
	(void)vfs;
	return fails() ? SQLITE_IOERR_DELETE : real->xDelete(real, name, is_synced);
}

static int start_layer(void **state)
{
	(void)state;
	real = sqlite3_vfs_find(NULL);
	layer = *real;
	layer.zName = "failing";
	layer.pNext = NULL;
	layer.szOsFile = real->szOsFile + (int)sizeof(struct file);
	layer.xOpen = v_open;
	layer.xDelete = v_delete;
	return sqlite3_vfs_register(&layer, 1) == SQLITE_OK ? 0 : -1;
}

static void set_fault(long after, bool for_good, int code, int number)
{
	left = after;
	is_for_good = for_good;
	fault_code = code;
	fault_errno = number;
}

/* Whether one has failed; from here on none does. */
static bool end_fault(void)
{
	bool has_failed = is_for_good ? left == 0 : left < 0;

	left = -1;
	return has_failed;
}

/* --- the tests --- */

static const struct {
	int code, number;
} kinds[] = { { SQLITE_IOERR_WRITE, EIO }, { SQLITE_FULL, ENOSPC }, { SQLITE_IOERR_WRITE, EDQUOT } };

/* Puts a page while the n-th operation fails. Whether one did. */
static bool put_with_a_fault(struct spool *spool, long n, bool for_good, unsigned kind)
{
	static unsigned first;
	struct page_stored stored = { .added = 0 };
	uint64_t head = spool_head(spool);
	struct err err = ERR_INIT;
	bool has_failed;
	int status;

	first += 40;
	set_fault(n, for_good, kinds[kind].code, kinds[kind].number);
	status = put_padded(spool, "audit", first, 40, 700, "state", &stored, &err);
	has_failed = end_fault();
	if (status) {
		assert_true(has_failed);
		assert_int_equal(err.kind, ERR_IO);
		assert_int_equal(err.errnum, kinds[kind].number);
		assert_int_equal(spool_head(spool), head);
		assert_int_equal(stored.added, 0);
	} else {
		assert_int_equal(spool_head(spool), head + 40);
	}
	return has_failed;
}

static void a_failing_disk_stores_a_page_whole_or_not_at_all(void **state)
{
	(void)state;
	for (unsigned round = 0; round < 2 * ARRAY_LEN(kinds); round++) {
		struct spool *spool = open_spool();
		uint64_t head;
		long n = 0;

		while (put_with_a_fault(spool, n, round % 2, round / 2)) {
			assert_whole(spool);
			n++;
		}
		assert_true(n > 10);
		assert_int_equal(put_some(spool, "audit", 1'000'000 + round * 3, 3, "s").added, 3);
		head = spool_head(spool);
		spool_free(spool);
		spool = open_spool();
		assert_int_equal(spool_head(spool), head);
		assert_whole(spool);
		spool_free(spool);
	}
}

/* The n-th operation fails from opening to trimming: each call answers or says why not. */
static bool live_with_a_fault(long n, uint64_t *head)
{
	const struct spool_options options = { .dir = dir, .now_ns = fake_now };
	const struct spool_keep keep = { .bodies_ns = 0, .ledger_ns = 0 };
	const struct spool_cursor cursor = { .confirmed = *head };
	struct page_stored stored = { .added = 0 };
	struct err err = ERR_INIT;
	struct spool *spool;
	bool has_failed, more;

	set_fault(n, n % 2, SQLITE_IOERR_WRITE, EIO);
	spool = spool_open(&options, &err);
	if (spool && put_padded(spool, "audit", (unsigned)n * 100, 5, 100, "s", &stored, &err) == 0)
		*head += 5;
	if (spool) {
		(void)!spool_cursor_store(spool, "siem", &cursor, NULL, 0, &err);
		now += SECOND;
		(void)!spool_trim(spool, &keep, &more, &err);
	}
	spool_free(spool);
	has_failed = end_fault();
	if (err.kind != ERR_NONE)
		assert_int_equal(err.kind, ERR_IO);
	return has_failed;
}

static void a_disk_that_fails_at_any_time_loses_nothing(void **state)
{
	uint64_t head = 0;
	long n = 0;

	(void)state;
	while (live_with_a_fault(n, &head)) {
		struct spool *spool = open_spool();

		assert_int_equal(spool_head(spool), head);
		assert_whole(spool);
		spool_free(spool);
		n++;
	}
	assert_true(n > 50);
	assert_true(head > 0);
}

#define READABLE 60

static int count_entry(void *context, const struct spool_entry *, struct err *)
{
	++*(unsigned *)context;
	return 0;
}

/* Reads all that there is while the n-th operation fails: each call has the whole answer or says why it has none. */
static bool read_with_a_fault(long n, bool for_good)
{
	DEFER(buf_done) struct buf text = BUF_INIT(100);
	struct spool_batch *batch;
	struct faults faults = { .count = 0 };
	struct err err = ERR_INIT;
	struct event *events;
	struct spool_size size;
	struct spool *spool;
	unsigned entries = 0;
	uint64_t checked, gone, seq;
	int count;

	set_fault(n, for_good, SQLITE_IOERR_READ, EIO);
	spool = spool_open(&(struct spool_options){ .dir = dir, .read_only = true, .now_ns = fake_now }, &err);
	batch = spool ? spool_batch_new(spool, &err) : NULL;
	if (batch) {
		count = spool_read(batch, 0, 1000, 1 << 20, &events, &gone, &err);
		assert_true(count == -1 || (count == READABLE - 1 && gone == 1));
		if (spool_size(spool, &size, &err) == 0)
			assert_int_equal(size.events, READABLE);
		if (spool_entry_each(spool, 1, READABLE, count_entry, &entries, &err) == 0)
			assert_int_equal(entries, READABLE - 1);
		if (spool_audit(spool, 1, READABLE, note_fault, &faults, &checked, &err) == 0)
			assert_int_equal(checked, READABLE - 1);
		assert_true(faults.count == 0 || (faults.count == 1 && faults.seqs[0] == 30));
		if (spool_seq_at(spool, now - SECOND, &seq, &err) == 0)
			assert_int_equal(seq, 1);
		if (spool_feed_state(spool, "audit", &text, &err) == 0)
			assert_true(text_eq(buf_view(&text), VIEW("state")));
	}
	spool_batch_free(batch);
	spool_free(spool);
	return end_fault();
}

static void what_cannot_be_read_is_said_and_never_taken_for_less(void **state)
{
	struct spool *spool = open_spool();
	struct page_stored stored = { .added = 0 };
	struct err err = ERR_INIT;
	long n = 0;

	(void)state;
	assert_int_equal(put_padded(spool, "audit", 1, READABLE, 900, "state", &stored, &err), 0);
	execute("DELETE FROM ledger WHERE seq = 30");
	while (read_with_a_fault(n / 2, n % 2))
		n++;
	assert_true(n > 20);
	spool_free(spool);
}

/* The file as the disk has it: as it was synced, empty when it never was. */
static void set_back(const char *path)
{
	int fd = open(path, O_WRONLY | O_TRUNC | O_CREAT | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	for (size_t i = 0; i < ARRAY_LEN(synced); i++)
		if (strcmp(synced_names[i], path) == 0)
			assert_int_equal(file_write_full(fd, buf_view(&synced[i])), 0);
	(void)close(fd);
}

/* All files as they were synced, but one that has all that was written. */
static void turn_on_again(const char *written)
{
	static const char *const names[] = { "spool.db", "spool.db-wal" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strcmp(names[i], written) != 0)
			set_back(path_of(names[i]));
	(void)unlink(path_of("spool.db-shm"));
}

/* Stores pages, and moves the log into the database now and then, until the power fails. The head that was answered. */
static uint64_t live_until_the_power_fails(struct spool *spool, long n, bool *ret_failed)
{
	uint64_t head = 0;

	set_fault(n, true, SQLITE_IOERR_WRITE, EIO);
	for (unsigned page = 0; page < 12; page++) {
		struct page_stored stored = { .added = 0 };

		if (put_padded(spool, "audit", page * 20, 20, 900, "s", &stored, NULL))
			break;
		head = spool_head(spool);
		if (page % 4 == 3) {
			sqlite3 *db = NULL; /* there even when opening it fails */

			if (sqlite3_open(path_of("spool.db"), &db) == SQLITE_OK)
				(void)sqlite3_wal_checkpoint_v2(db, NULL, SQLITE_CHECKPOINT_RESTART, NULL, NULL);
			sqlite3_close(db);
		}
	}
	*ret_failed = left == 0;
	is_remembering = false;
	spool_free(spool); /* the layer lets nothing more through */
	left = -1;
	return head;
}

/* What has been answered for is on the disk whenever the power fails, and everything is whole. */
static void what_was_stored_outlives_a_loss_of_power(void **state)
{
	static const char *const written[] = { "none", "spool.db", "spool.db-wal" };
	bool has_failed = true;
	long n = 0;

	(void)state;
	for (; has_failed; n += 4) {
		struct spool *spool;
		uint64_t head, last;

		forget();
		is_remembering = true;
		spool = open_spool();
		head = live_until_the_power_fails(spool, n, &has_failed);
		turn_on_again(written[n / 4 % 3]);
		spool = open_spool();
		last = spool_head(spool);
		assert_true(last == head || last == head + 20);
		assert_whole(spool);
		spool_free(spool);
		assert_int_equal(remove_dir(NULL), 0);
		assert_int_equal(make_dir(NULL), 0);
	}
	assert_true(n > 100);
	forget();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_failing_disk_stores_a_page_whole_or_not_at_all),
		TEST(a_disk_that_fails_at_any_time_loses_nothing),
		TEST(what_cannot_be_read_is_said_and_never_taken_for_less),
		TEST(what_was_stored_outlives_a_loss_of_power),
	};

	return cmocka_run_group_tests(tests, start_layer, NULL);
}
