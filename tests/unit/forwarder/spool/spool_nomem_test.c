/* SPDX-License-Identifier: Apache-2.0 */
/* The spool, with each allocation failing in turn: our own, and SQLite's, which is given the same allocator. */
#include <malloc.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "forwarder/spool/base.h"
#include "tests/support/nomem.h"
#include "tests/support/spool.h"

static int size_of(void *block)
{
	return (int)malloc_usable_size(block);
}

static int round_up(int size)
{
	return (size + 7) & ~7;
}

static void *get(int size)
{
	return malloc((size_t)size);
}

static void *resize(void *block, int size)
{
	return realloc(block, (size_t)size);
}

static int start(void *context)
{
	(void)context;
	return SQLITE_OK;
}

static void stop(void *context)
{
	(void)context;
}

static int use_our_allocator(void **state)
{
	static const sqlite3_mem_methods methods = { .xMalloc = get,
						     .xFree = free,
						     .xRealloc = resize,
						     .xSize = size_of,
						     .xRoundup = round_up,
						     .xInit = start,
						     .xShutdown = stop };

	(void)state;
	/* Caches of SQLite's own would answer where there is no memory. */
	return sqlite3_config(SQLITE_CONFIG_MALLOC, &methods) || sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0) ||
	       sqlite3_initialize();
}

static void assert_no_memory(int status, const struct err *err)
{
	assert_int_equal(status, -1);
	assert_int_equal(err->kind, ERR_NOMEM);
}

static bool open_with_a_failure(void *context, long n)
{
	struct err err = ERR_INIT;
	struct spool *spool;
	bool has_failed;

	(void)context;
	nomem_start(n);
	spool = spool_open(&(struct spool_options){ .dir = dir, .now_ns = fake_now }, &err);
	has_failed = nomem_stop();
	if (spool) {
		assert_int_equal(strlen(spool->name), 8); /* which makes its ids unlike any other spool's */
	} else {
		assert_true(has_failed);
		assert_no_memory(-1, &err);
	}
	spool_free(spool);
	return has_failed;
}

static void a_spool_without_memory_is_not_opened(void **state)
{
	(void)state;
	assert_true(nomem_each(open_with_a_failure, NULL) > 50);
	spool_free(open_spool());
}

static unsigned put_count;

/* The page of the test is built with memory; only storing it has none. */
static bool put_with_a_failure(void *context, long n)
{
	struct spool *spool = open_spool();
	const struct page_record records[] = {
		{ .id = VIEW("caf\xc3\xa9-1"), .type = VIEW("t"), .origin = EVENT_OWN, .body = VIEW("{}") },
		{ .type = VIEW("t"), .origin = EVENT_OWN, .body = VIEW("{}") },
	};
	const struct page page = { .feed = "a", .records = records, .count = 2, .state = VIEW("s") };
	struct page_stored stored = { .added = 0 };
	uint64_t head = spool_head(spool);
	struct err err = ERR_INIT;
	bool has_failed;
	int status;

	(void)context;
	nomem_start(n);
	status = spool_put(spool, &page, &stored, &err);
	has_failed = nomem_stop();
	if (status)
		assert_no_memory(status, &err);
	assert_int_equal(spool_head(spool) - head, status ? 0 : (head ? 1 : 2));
	assert_whole(spool);
	put_count += status == 0;
	spool_free(spool);
	return has_failed;
}

static void a_page_without_memory_is_not_stored(void **state)
{
	(void)state;
	assert_true(nomem_each(put_with_a_failure, NULL) > 20);
	assert_true(put_count > 0);
}

static int nothing_of_a_cursor(void *, const char *sink, const struct spool_cursor *, struct err *)
{
	assert_non_null(sink);
	return 0;
}

static int nothing_of_an_exception(void *, const char *sink, const struct spool_exception *e, struct err *)
{
	assert_true(sink && e->reason);
	return 0;
}

/* Everything that reads. */
static bool read_with_a_failure(void *context, long n)
{
	struct spool *spool = open_reader();
	DEFER(buf_done) struct buf kept = BUF_INIT(100);
	struct faults faults = { .count = 0 };
	struct spool_batch *batch;
	struct err err = ERR_INIT;
	struct spool_replay replay;
	struct spool_size size;
	struct event *events;
	uint64_t checked, seq;
	bool has_failed;
	int status;

	(void)context;
	nomem_start(n);
	batch = spool_batch_new(spool, &err);
	status = batch && spool_read(batch, 0, 100, 1u << 20, &events, NULL, &err) == 9 ? 0 : -1;
	if (!status)
		status = spool_audit(spool, 1, 9, note_fault, &faults, &checked, &err);
	if (!status)
		status = spool_cursor_each(spool, nothing_of_a_cursor, NULL, &err);
	if (!status)
		status = spool_exception_each(spool, NULL, nothing_of_an_exception, NULL, &err);
	if (!status)
		status = spool_feed_state(spool, "audit", &kept, &err);
	if (!status) {
		status = spool_size(spool, &size, &err);
		assert_true(status || size.events == 9);
	}
	if (!status)
		status = spool_seq_at(spool, now, &seq, &err);
	if (!status)
		status = spool_replay_next(spool, "siem", 0, &replay, &err) < 0 ? -1 : 0;
	has_failed = nomem_stop();
	if (status)
		assert_no_memory(status, &err);
	assert_int_equal(faults.count, 0);
	spool_batch_free(batch);
	spool_free(spool);
	return has_failed;
}

static void reading_without_memory_is_an_error_and_no_fault(void **state)
{
	const struct spool_exception bad = { .seq = 2, .is_rejected = true, .reason = "too long" };
	const struct spool_cursor cursor = { .confirmed = 9 };
	struct spool *spool = open_spool();
	struct err err = ERR_INIT;

	(void)state;
	put_some(spool, "audit", 1, 9, "state");
	assert_int_equal(spool_cursor_store(spool, "siem", &cursor, &bad, 1, &err), 0);
	assert_true(nomem_each(read_with_a_failure, NULL) > 100);
	spool_free(spool);
}

static bool open_on_a_disk_that_is_only_read_with_a_failure(void *context, long n)
{
	struct err err = ERR_INIT;
	struct spool *spool;
	bool has_failed;

	(void)context;
	nomem_start(n);
	spool = spool_open(&(struct spool_options){ .dir = dir, .read_only = true, .now_ns = fake_now }, &err);
	has_failed = nomem_stop();
	if (spool)
		assert_int_equal(spool_head(spool), 9);
	else
		assert_no_memory(-1, &err);
	spool_free(spool);
	return has_failed;
}

static char outside[256];

/* One whose name is so long that a path needs memory more than once. */
static int make_long_dir(void **state)
{
	if (make_dir(state))
		return -1;
	(void)snprintf(outside, sizeof(outside), "%s", dir);
	(void)snprintf(dir + strlen(dir), sizeof(dir) - strlen(dir), "/%0100d", 0);
	return mkdir(dir, 0700);
}

static int remove_long_dir(void **state)
{
	(void)umount(dir);
	return remove_dir(state) || rmdir(outside) ? -1 : 0;
}

static void a_spool_on_a_disk_that_is_only_read_is_opened_or_memory_missed(void **state)
{
	struct spool *spool;

	(void)state;
	if (mount("spool", dir, "tmpfs", MS_NOSUID | MS_NODEV, "size=4m,mode=700"))
		skip_because("who runs this may not mount");
	spool = open_spool();
	put_some(spool, "audit", 1, 9, NULL);
	spool_free(spool);
	assert_int_equal(mount("spool", dir, "tmpfs", MS_REMOUNT | MS_RDONLY, NULL), 0);
	assert_true(nomem_each(open_on_a_disk_that_is_only_read_with_a_failure, NULL) > 50);
}

static bool audit_with_a_failure(void *context, long n)
{
	struct faults faults = { .count = 0 };
	struct err err = ERR_INIT;
	uint64_t checked;
	bool has_failed;
	int status;

	nomem_start(n);
	status = spool_audit(context, 1, 9, note_fault, &faults, &checked, &err);
	has_failed = nomem_stop();
	if (status)
		assert_no_memory(status, &err);
	else
		assert_int_equal(faults.count, 1);
	return has_failed;
}

static void an_audit_without_memory_never_says_that_all_is_there(void **state)
{
	struct spool *spool = open_spool();

	(void)state;
	put_some(spool, "audit", 1, 9, NULL);
	execute("DELETE FROM ledger WHERE seq = 5");
	assert_true(nomem_each(audit_with_a_failure, spool) > 10);
	spool_free(spool);
}

static bool end_a_replay_with_a_failure(void *context, long n)
{
	struct spool *spool = open_spool();
	struct spool_replay replay;
	struct err err = ERR_INIT;
	bool has_failed;
	int status;

	(void)context;
	if (spool_replay_next(spool, "siem", 0, &replay, &err) == 0) {
		replay = (struct spool_replay){ .from_seq = 1, .to_seq = 9 };
		assert_int_equal(spool_replay_add(spool, "siem", &replay, &err), 0);
		assert_int_equal(spool_replay_next(spool, "siem", 0, &replay, &err), 1);
	}
	replay.done_seq = 9;
	nomem_start(n);
	status = spool_replay_store(spool, &replay, &err);
	has_failed = nomem_stop();
	if (status)
		assert_no_memory(status, &err);
	assert_int_equal(spool_replay_next(spool, "siem", 0, &replay, &err), status ? 1 : 0);
	assert_int_equal(put_some(spool, "audit", (unsigned)spool_head(spool), 1, NULL).added, 1);
	spool_free(spool);
	return has_failed;
}

static void a_replay_ends_only_when_it_is_stored_that_it_did(void **state)
{
	(void)state;
	assert_true(nomem_each(end_a_replay_with_a_failure, NULL) > 10);
}

/* Everything else that writes. */
static bool write_with_a_failure(void *context, long n)
{
	const struct spool_exception bad = { .seq = 2, .is_rejected = true, .reason = "too long" };
	const struct spool_replay replay = { .from_seq = 1, .to_seq = 9 };
	const struct spool_keep keep = { .bodies_ns = -1, .ledger_ns = -1 };
	const struct spool_cursor cursor = { .confirmed = 9 };
	struct spool *spool = open_spool();
	struct err err = ERR_INIT;
	bool has_failed, more;
	int status;

	(void)context;
	put_some(spool, "audit", 10 * (unsigned)spool_head(spool), 3, "state");
	nomem_start(n);
	status = spool_cursor_store(spool, "siem", &cursor, &bad, 1, &err);
	if (!status)
		status = spool_replay_add(spool, "siem", &replay, &err);
	if (!status)
		status = spool_note_set(spool, "note", VIEW("text"), &err);
	if (!status)
		status = spool_trim(spool, &keep, &more, &err);
	has_failed = nomem_stop();
	if (status)
		assert_no_memory(status, &err);
	else
		assert_true(more); /* there was something to take away */
	assert_whole(spool);
	spool_free(spool);
	return has_failed;
}

static void writing_without_memory_is_an_error_and_loses_nothing(void **state)
{
	(void)state;
	assert_true(nomem_each(write_with_a_failure, NULL) > 50);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_spool_without_memory_is_not_opened),
		TEST(a_page_without_memory_is_not_stored),
		TEST(reading_without_memory_is_an_error_and_no_fault),
		cmocka_unit_test_setup_teardown(a_spool_on_a_disk_that_is_only_read_is_opened_or_memory_missed,
						make_long_dir, remove_long_dir),
		TEST(an_audit_without_memory_never_says_that_all_is_there),
		TEST(a_replay_ends_only_when_it_is_stored_that_it_did),
		TEST(writing_without_memory_is_an_error_and_loses_nothing),
	};

	return cmocka_run_group_tests(tests, use_our_allocator, NULL);
}
