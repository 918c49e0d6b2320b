/* SPDX-License-Identifier: Apache-2.0 */
/* One thread that stores, four that read and confirm, one that takes away what all are done with, one that asks for
 * replays and tells of all sinks: for the thread sanitizer above all. */
#include <pthread.h>
#include <stdatomic.h>

#include "tests/support/spool.h"

#define READERS 4
#define PAGES 120
#define PAGE_EVENTS 20
#define ASKED 20

static const char *const sinks[READERS] = { "a", "b", "c", "d" };

struct shared {
	struct spool *spool;
	atomic_bool is_done; /* all is stored */
	atomic_uint trouble;
};

struct reader {
	struct shared *shared;
	const char *sink;
	uint64_t read;
};

static void *store(void *context)
{
	struct shared *s = context;

	for (unsigned page = 0; page < PAGES; page++) {
		struct page_stored stored = { .added = 0 };

		if (put_padded(s->spool, "audit", page * PAGE_EVENTS, PAGE_EVENTS, 300, "s", &stored, NULL) ||
		    stored.added != PAGE_EVENTS)
			atomic_fetch_add(&s->trouble, 1);
	}
	atomic_store(&s->is_done, true);
	return NULL;
}

/* Reads what is there; every event in its order, none left out. */
static void *take(void *context)
{
	struct reader *r = context;
	struct spool *spool = r->shared->spool;
	struct spool_batch *batch = spool_batch_new(spool, NULL);
	struct spool_cursor cursor;
	bool is_last = false;

	if (!batch || spool_cursor_load(spool, r->sink, 0, &cursor, NULL))
		atomic_fetch_add(&r->shared->trouble, 1);
	while (batch && !is_last) {
		struct event *events;
		uint64_t gone;
		int n;

		is_last = atomic_load(&r->shared->is_done);
		while ((n = spool_read(batch, r->read, 50, 1u << 20, &events, &gone, NULL)) > 0) {
			for (int i = 0; i < n; i++)
				if (events[i].seq != ++r->read || events[i].body.len != 300)
					atomic_fetch_add(&r->shared->trouble, 1);
			cursor.confirmed = cursor.attempted = cursor.window = r->read;
			if (gone || spool_cursor_store(spool, r->sink, &cursor, NULL, 0, NULL))
				atomic_fetch_add(&r->shared->trouble, 1);
		}
		if (n < 0 || gone)
			atomic_fetch_add(&r->shared->trouble, 1);
	}
	spool_batch_free(batch);
	return NULL;
}

static int add_one(void *context, const struct spool_entry *, struct err *)
{
	*(uint64_t *)context += 1;
	return 0;
}

static void *trim(void *context)
{
	const struct spool_keep keep = {
		.bodies_ns = -1, .ledger_ns = 1'000 * (int64_t)SECOND, .sinks = sinks, .sink_count = READERS
	};
	struct shared *s = context;

	while (!atomic_load(&s->is_done)) {
		struct spool_size size;
		uint64_t count = 0;
		bool more;

		if (spool_trim(s->spool, &keep, &more, NULL) || spool_size(s->spool, &size, NULL) ||
		    spool_entry_each(s->spool, 1, spool_head(s->spool), add_one, &count, NULL) ||
		    count > (uint64_t)PAGES * PAGE_EVENTS)
			atomic_fetch_add(&s->trouble, 1);
	}
	return NULL;
}

static int count_cursor(void *context, const char *, const struct spool_cursor *, struct err *)
{
	*(unsigned *)context += 1;
	return 0;
}

static int count_exception(void *context, const char *, const struct spool_exception *, struct err *)
{
	*(unsigned *)context += 1;
	return 0;
}

/* As an operator does: one replay at a time of a sink of its own, and what status tells. */
static void *ask(void *context)
{
	const struct spool_exception bad = { .seq = 1, .reason = "too long" };
	const struct spool_replay wanted = { .from_seq = 1, .to_seq = 1 };
	const struct spool_cursor cursor = { .confirmed = 1 };
	struct shared *s = context;

	for (unsigned n = 0; n < ASKED; n++) {
		struct spool_replay replay = { .id = 0 };
		unsigned cursors = 0, exceptions = 0;

		if (spool_cursor_store(s->spool, "asked", &cursor, &bad, 1, NULL) ||
		    spool_replay_add(s->spool, "asked", &wanted, NULL) ||
		    spool_replay_next(s->spool, "asked", 0, &replay, NULL) != 1)
			atomic_fetch_add(&s->trouble, 1);
		replay.done_seq = 1;
		if (spool_replay_store(s->spool, &replay, NULL) ||
		    spool_cursor_each(s->spool, count_cursor, &cursors, NULL) ||
		    spool_exception_each(s->spool, "asked", count_exception, &exceptions, NULL) || !cursors ||
		    exceptions > 1)
			atomic_fetch_add(&s->trouble, 1);
	}
	return NULL;
}

static void readers_miss_nothing_while_others_store_and_trim(void **state)
{
	struct shared shared = { .spool = open_spool() };
	struct reader readers[READERS];
	pthread_t threads[READERS + 3];

	(void)state;
	for (size_t i = 0; i < READERS; i++) {
		readers[i] = (struct reader){ .shared = &shared, .sink = sinks[i] };
		assert_int_equal(pthread_create(&threads[i], NULL, take, &readers[i]), 0);
	}
	assert_int_equal(pthread_create(&threads[READERS], NULL, trim, &shared), 0);
	assert_int_equal(pthread_create(&threads[READERS + 1], NULL, store, &shared), 0);
	assert_int_equal(pthread_create(&threads[READERS + 2], NULL, ask, &shared), 0);
	for (size_t i = 0; i < ARRAY_LEN(threads); i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	assert_int_equal(atomic_load(&shared.trouble), 0);
	for (size_t i = 0; i < READERS; i++)
		assert_int_equal(readers[i].read, PAGES * PAGE_EVENTS);
	assert_whole(shared.spool);
	spool_free(shared.spool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(readers_miss_nothing_while_others_store_and_trim),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
