/* SPDX-License-Identifier: Apache-2.0 */
/* Steps are bounded, what is free goes back to the file system, and the log stays short. */
#include <sys/stat.h>

#include "common/base/bounds.h"
#include "tests/support/spool.h"

static const struct spool_keep everything = { .bodies_ns = -1, .ledger_ns = -1 };

static void put_many(struct spool *spool, unsigned first, unsigned pages, size_t body_bytes)
{
	for (unsigned page = 0; page < pages; page++) {
		struct page_stored stored = { .added = 0 };
		struct err err = ERR_INIT;

		if (put_padded(spool, "audit", first + page * 1000, 1000, body_bytes, "s", &stored, &err))
			fail_msg("%s", err.text);
	}
}

static void trim_all(struct spool *spool, const struct spool_keep *keep)
{
	struct err err = ERR_INIT;
	bool more = true;

	while (more)
		if (spool_trim(spool, keep, &more, &err))
			fail_msg("%s", err.text);
}

static int64_t file_bytes(const char *name)
{
	struct stat st;

	return stat(path_of(name), &st) ? 0 : (int64_t)st.st_size;
}

static void a_step_takes_no_more_than_its_rows_and_bytes(void **state)
{
	struct spool *spool = open_spool();
	struct err err = ERR_INIT;
	struct spool_size size;
	bool more;

	(void)state;
	put_many(spool, 0, 2, 0);
	put_many(spool, 2000, 2, 1000);
	assert_int_equal(spool_trim(spool, &everything, &more, &err), 0);
	assert_true(more);
	assert_int_equal(spool_size(spool, &size, &err), 0);
	assert_int_equal(size.oldest_body_seq, SPOOL_TRIM_ROWS + 1);
	assert_int_equal(size.oldest_seq, SPOOL_TRIM_ROWS + 1);
	execute("UPDATE bodies SET body = zeroblob(300000)");
	assert_int_equal(spool_trim(spool, &everything, &more, &err), 0);
	assert_int_equal(spool_size(spool, &size, &err), 0);
	assert_int_equal(size.oldest_body_seq, SPOOL_TRIM_ROWS + 5); /* 4 of them are more than 1 MiB */
	spool_free(spool);
}

static void what_is_over_is_gone_and_counted_as_gone(void **state)
{
	const struct spool_keep bodies = { .bodies_ns = 10 * (int64_t)SECOND, .ledger_ns = INT64_MAX };
	struct spool *spool = open_spool();
	struct spool_batch *batch = spool_batch_new(spool, NULL);
	struct err err = ERR_INIT;
	struct event *events;
	uint64_t gone;

	(void)state;
	put_some(spool, "audit", 1, 10, NULL);
	now += 11 * (int64_t)SECOND;
	put_some(spool, "audit", 11, 5, NULL);
	trim_all(spool, &bodies);
	assert_int_equal(spool_read(batch, 0, 3, 1000, &events, &gone, &err), 3);
	assert_int_equal(events[0].seq, 11);
	assert_int_equal(gone, 10);
	now += 11 * (int64_t)SECOND;
	trim_all(spool, &bodies);
	assert_int_equal(spool_read(batch, 7, 3, 1000, &events, &gone, &err), 0);
	assert_int_equal(gone, 8);
	spool_batch_free(batch);
	spool_free(spool);
}

static void a_replay_holds_bodies_only_for_a_sink_that_is_configured(void **state)
{
	static const char *const one[] = { "a" }, *const both[] = { "a", "b" };
	struct spool_keep keep = { .bodies_ns = -1, .ledger_ns = INT64_MAX, .sinks = both, .sink_count = 2 };
	const struct spool_replay replay = { .from_seq = 3, .to_seq = 9 };
	const struct spool_cursor done = { .confirmed = 10, .window = 10 };
	struct spool *spool = open_spool();
	struct err err = ERR_INIT;
	struct spool_size size;

	(void)state;
	put_some(spool, "audit", 1, 10, NULL);
	assert_int_equal(spool_cursor_store(spool, "a", &done, NULL, 0, &err), 0);
	assert_int_equal(spool_cursor_store(spool, "b", &done, NULL, 0, &err), 0);
	assert_int_equal(spool_replay_add(spool, "b", &replay, &err), 0);
	trim_all(spool, &keep);
	assert_int_equal(spool_size(spool, &size, &err), 0);
	assert_int_equal(size.oldest_body_seq, 3);
	keep.sinks = one;
	keep.sink_count = 1;
	trim_all(spool, &keep);
	assert_int_equal(spool_size(spool, &size, &err), 0);
	assert_int_equal(size.bodies, 0);
	spool_free(spool);
}

static void room_is_used_again_and_much_of_it_is_given_back(void **state)
{
	struct spool *spool = open_spool();
	struct spool_size full, empty;
	struct err err = ERR_INIT;

	(void)state;
	put_many(spool, 0, 25, 1000);
	assert_int_equal(spool_size(spool, &full, &err), 0);
	assert_true(full.bytes > 25'000'000);
	trim_all(spool, &everything);
	assert_int_equal(spool_size(spool, &empty, &err), 0);
	assert_true(empty.bytes < 1'000'000);
	assert_int_equal(empty.events, 1);
	spool_free(spool);
	assert_true(file_bytes("spool.db") < 20'000'000); /* 16 MiB are kept for what comes */
	spool = open_spool();
	put_many(spool, 100'000, 10, 1000);
	spool_free(spool);
	assert_true(file_bytes("spool.db") < 20'000'000);
}

static int put_while_told(void *context, const struct spool_entry *entry, struct err *)
{
	if (entry->event.seq == 1)
		put_many(context, 10'000, 45, 1000);
	return entry->event.seq == 1 ? 0 : -1;
}

/* Who is told about rows takes its time, and the daemon goes on. */
static void the_log_stays_short_while_a_reader_is_slow(void **state)
{
	struct spool *spool = open_spool(), *reader;

	(void)state;
	put_some(spool, "audit", 1, 10, NULL);
	reader = open_reader();
	assert_int_equal(spool_entry_each(reader, 1, 10, put_while_told, spool, NULL), -1);
	assert_int_equal(spool_head(spool), 45'010);
	assert_true(file_bytes("spool.db-wal") < 32 << 20);
	spool_free(reader);
	spool_free(spool);
}

static sqlite3_vfs *real, layer;
static int slept_us;

static int count_sleep(sqlite3_vfs *, int us)
{
	slept_us += us;
	return us;
}

static int start_layer(void **state)
{
	(void)state;
	real = sqlite3_vfs_find(NULL);
	layer = *real;
	layer.zName = "sleepless";
	layer.xSleep = count_sleep;
	return sqlite3_vfs_register(&layer, 1) == SQLITE_OK ? 0 : -1;
}

/* Another program that reads for long lets the log grow; it is short again once that has ended. */
static void a_log_that_grew_is_cut_again(void **state)
{
	struct spool *spool = open_spool();
	sqlite3 *db;

	(void)state;
	put_some(spool, "audit", 1, 10, NULL);
	assert_int_equal(sqlite3_open(path_of("spool.db"), &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "BEGIN; SELECT count(*) FROM ledger", NULL, NULL, NULL), SQLITE_OK);
	slept_us = 0;
	put_many(spool, 10'000, 45, 1000);
	assert_true(file_bytes("spool.db-wal") > 50 << 20);
	for (unsigned i = 0; i < 20; i++)
		put_some(spool, "audit", 90'000 + i, 1, NULL);
	assert_in_range(slept_us, 1, 200'000); /* one is waited for, not each */
	sqlite3_close(db);
	put_many(spool, 100'000, 3, 1000);
	assert_true(file_bytes("spool.db-wal") <= 48 << 20);
	assert_whole(spool);
	spool_free(spool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_step_takes_no_more_than_its_rows_and_bytes),
		TEST(what_is_over_is_gone_and_counted_as_gone),
		TEST(a_replay_holds_bodies_only_for_a_sink_that_is_configured),
		TEST(room_is_used_again_and_much_of_it_is_given_back),
		TEST(the_log_stays_short_while_a_reader_is_slow),
		TEST(a_log_that_grew_is_cut_again),
	};

	return cmocka_run_group_tests(tests, start_layer, NULL);
}
