/* SPDX-License-Identifier: Apache-2.0 */
/* What tests of the spool share: a state folder of their own, a clock that they set, pages, and SQL behind its back. */
#ifndef TESTS_SUPPORT_SPOOL_H
#define TESTS_SUPPORT_SPOOL_H

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/text.h"
#include "forwarder/spool/spool.h"
#include "tests/support/unit.h"

#define SECOND 1'000'000'000

static char dir[256];
static int64_t now = 1'000 * (int64_t)SECOND;

static inline int64_t fake_now(void)
{
	return now;
}

/* The path of a file in the folder. */
static inline const char *path_of(const char *name)
{
	static _Thread_local char path[512];

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static inline int make_dir(void **state)
{
	const char *base = getenv("TMPDIR");

	(void)state;
	(void)snprintf(dir, sizeof(dir), "%s/skant-spool-XXXXXX", base ? base : "/tmp");
	return mkdtemp(dir) ? 0 : -1;
}

static inline int remove_dir(void **state)
{
	static const char *const names[] = { "spool.db", "spool.db-wal", "spool.db-shm", "spool.db-journal", "lock" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		(void)unlink(path_of(names[i]));
	return rmdir(dir);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_dir, remove_dir)

static inline struct spool *open_with(const struct spool_options *options)
{
	struct err err = ERR_INIT;
	struct spool *spool = spool_open(options, &err);

	if (!spool)
		print_error("%s\n", err.text);
	assert_non_null(spool);
	return spool;
}

static inline struct spool *open_spool(void)
{
	return open_with(&(struct spool_options){ .dir = dir, .now_ns = fake_now });
}

static inline struct spool *open_reader(void)
{
	return open_with(&(struct spool_options){ .dir = dir, .read_only = true, .now_ns = fake_now });
}

#define PUT_MAX 2000
#define PUT_BODY_BYTES 1024

/* Puts count records "id<first>"... whose bodies {"n":N} are filled up to body_bytes with spaces. As spool_put. */
static inline int put_padded(struct spool *spool, const char *feed, unsigned first, unsigned count, size_t body_bytes,
			     const char *state, struct page_stored *ret, struct err *err)
{
	struct page_record *records = calloc(PUT_MAX, sizeof(*records));
	char(*ids)[32] = calloc(PUT_MAX, sizeof(*ids));
	char(*bodies)[PUT_BODY_BYTES] = malloc((size_t)PUT_MAX * PUT_BODY_BYTES);
	struct page page = { .feed = feed, .records = records, .count = count, .state = view_of(state) };
	int status;

	assert_true(records && ids && bodies && count <= PUT_MAX && body_bytes < PUT_BODY_BYTES);
	for (unsigned i = 0; i < count; i++) {
		int id = snprintf(ids[i], sizeof(ids[i]), "id%u", first + i);
		int body = snprintf(bodies[i], PUT_BODY_BYTES, "{\"n\":%u}", first + i);

		memset(bodies[i] + body, ' ', PUT_BODY_BYTES - (size_t)body);
		records[i] = (struct page_record){
			.id = view_from(ids[i], (size_t)id),
			.type = VIEW("t"),
			.origin = EVENT_PLATFORM,
			.time_ns = (int64_t)(first + i) * SECOND,
			.body = view_from(bodies[i], body_bytes > (size_t)body ? body_bytes : (size_t)body)
		};
	}
	status = spool_put(spool, &page, ret, err);
	free(records);
	free(ids);
	free(bodies);
	return status;
}

static inline struct page_stored put_some(struct spool *spool, const char *feed, unsigned first, unsigned count,
					  const char *state)
{
	struct page_stored stored = { .added = 0 };
	struct err err = ERR_INIT;

	if (put_padded(spool, feed, first, count, 0, state, &stored, &err))
		print_error("%s\n", err.text);
	return stored;
}

/* SQL behind the spool's back. */
static inline void execute(const char *sql)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path_of("spool.db"), &db), SQLITE_OK);
	(void)sqlite3_busy_timeout(db, 10'000);
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK) {
		print_error("%s\n", sqlite3_errmsg(db));
		fail();
	}
	sqlite3_close(db);
}

#define FAULTS_MAX 64

struct faults {
	uint64_t seqs[FAULTS_MAX];
	enum spool_fault kinds[FAULTS_MAX];
	size_t count;
};

static inline int note_fault(void *context, uint64_t seq, enum spool_fault fault, struct err *)
{
	struct faults *f = context;

	assert_true(f->count < FAULTS_MAX);
	f->seqs[f->count] = seq;
	f->kinds[f->count++] = fault;
	return 0;
}

/* Audits everything up to the head. */
static inline struct faults audit_all(struct spool *spool)
{
	struct faults faults = { .count = 0 };
	struct err err = ERR_INIT;
	struct spool_size size;
	uint64_t checked;

	assert_int_equal(spool_size(spool, &size, &err), 0);
	if (size.events && spool_audit(spool, size.oldest_seq, spool_head(spool), note_fault, &faults, &checked, &err))
		fail_msg("%s", err.text);
	return faults;
}

static inline void assert_whole(struct spool *spool)
{
	struct faults faults = audit_all(spool);

	for (size_t i = 0; i < faults.count; i++)
		print_error("event %llu: fault %d\n", (unsigned long long)faults.seqs[i], (int)faults.kinds[i]);
	assert_int_equal(faults.count, 0);
}

#endif
