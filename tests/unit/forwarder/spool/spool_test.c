/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/spool/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "forwarder/spool/chain.h"
#include "tests/support/spool.h"

static void a_page_and_its_state_are_found_again(void **state)
{
	DEFER(buf_done) struct buf kept = BUF_INIT(100);
	struct spool *spool = open_spool();
	struct spool_batch *batch;
	struct err err = ERR_INIT;
	struct page_stored stored;
	struct event *events;
	uint64_t gone;

	(void)state;
	stored = put_some(spool, "audit", 1, 3, "cursor-1");
	assert_int_equal(stored.added, 3);
	assert_int_equal(stored.first_seq, 1);
	assert_int_equal(stored.last_seq, 3);
	spool_free(spool);
	spool = open_spool();
	assert_int_equal(spool_head(spool), 3);
	assert_int_equal(spool_feed_state(spool, "audit", &kept, &err), 0);
	assert_view(buf_view(&kept), "cursor-1");
	batch = spool_batch_new(spool, &err);
	assert_int_equal(spool_read(batch, 0, 10, 1000, &events, &gone, &err), 3);
	assert_int_equal(gone, 0);
	assert_int_equal(events[1].seq, 2);
	assert_view(events[1].id, "id2");
	assert_view(events[1].feed, "audit");
	assert_view(events[2].body, "{\"n\":3}");
	assert_int_equal(events[0].observed_ns, now);
	assert_int_equal(spool_read(batch, 1, 1, 1000, &events, NULL, &err), 1);
	assert_int_equal(events[0].seq, 2);
	assert_int_equal(spool_read(batch, 0, 10, 1, &events, NULL, &err), 1);
	assert_int_equal(spool_read(batch, 3, 10, 1000, &events, NULL, &err), 0);
	spool_batch_free(batch);
	spool_free(spool);
}

static void an_id_is_stored_once_a_feed(void **state)
{
	struct spool *spool = open_spool();
	struct page_stored stored;
	const struct view ids[] = { VIEW("id2"), VIEW("id9") };
	struct err err = ERR_INIT;
	bool has[] = { false, true }; /* which both have to change */

	(void)state;
	put_some(spool, "audit", 1, 3, NULL);
	stored = put_some(spool, "audit", 2, 4, NULL);
	assert_int_equal(stored.added, 2);
	assert_int_equal(stored.known, 2);
	stored = put_some(spool, "other", 1, 1, NULL);
	assert_int_equal(stored.added, 1);
	assert_int_equal(spool_head(spool), 6);
	assert_int_equal(spool_has(spool, "audit", ids, 2, has, &err), 0);
	assert_true(has[0]);
	assert_false(has[1]);
	spool_free(spool);
}

static void the_chain_is_what_the_formula_says(void **state)
{
	unsigned char chain[DIGEST_SHA256_BYTES] = { 0 }, hash[DIGEST_SHA256_BYTES];
	struct spool *spool = open_spool();
	struct err err = ERR_INIT;
	struct spool_head head;
	uint64_t checked;

	(void)state;
	put_some(spool, "audit", 1, 2, NULL);
	for (unsigned i = 1; i <= 2; i++) {
		char id[8], body[16];

		(void)snprintf(id, sizeof(id), "id%u", i);
		(void)snprintf(body, sizeof(body), "{\"n\":%u}", i);
		digest_sha256(view_of(body), hash);
		chain_link(chain, view_of(id), hash);
	}
	assert_int_equal(spool_head_read(spool, &head, &err), 0);
	assert_memory_equal(head.chain, chain, sizeof(chain));
	assert_int_equal(spool_audit(spool, 1, 2, NULL, NULL, &checked, &err), 0);
	assert_int_equal(checked, 2);
	spool_free(spool);
}

static void ids_of_our_own_are_all_different(void **state)
{
	const struct page_record records[] = { { .type = VIEW("t"), .origin = EVENT_OWN, .body = VIEW("{}") },
					       { .type = VIEW("t"), .origin = EVENT_OWN, .body = VIEW("{}") } };
	const struct page page = { .feed = "skantd", .records = records, .count = 2 };
	struct page_stored stored = { .added = 0 };
	struct spool *spool = open_spool();
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(spool_put(spool, &page, &stored, &err), 0);
	assert_int_equal(stored.added, 2);
	assert_int_equal(spool_put(spool, &page, &stored, &err), 0);
	assert_int_equal(spool_head(spool), 4);
	spool_free(spool);
}

static void a_second_process_is_refused_by_its_pid(void **state)
{
	struct spool *spool = open_spool();
	struct err err = ERR_INIT;
	char pid[32], line[100];
	int fd;

	(void)state;
	(void)snprintf(pid, sizeof(pid), "pid %d", getpid());
	assert_null(spool_open(&(struct spool_options){ .dir = dir }, &err));
	assert_non_null(strstr(err.text, pid));
	memset(line, '7',
	       sizeof(line)); /* what somebody else wrote into it is no reason to read further than there is room */
	fd = open(path_of("lock"), O_WRONLY | O_CLOEXEC);
	assert_int_equal(pwrite(fd, line, sizeof(line), 0), sizeof(line));
	(void)close(fd);
	assert_null(spool_open(&(struct spool_options){ .dir = dir }, &err));
	assert_non_null(strstr(err.text, "(pid 7777777"));
	spool_free(spool);
	spool_free(open_spool());
}

/* Who starts it without standard input gives the lock its number. */
static void a_spool_whose_lock_is_descriptor_0_is_held_and_let_go_like_any(void **state)
{
	int input = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
	struct err err = ERR_INIT;
	struct spool *spool;

	(void)state;
	assert_true(input > 0);
	(void)close(STDIN_FILENO);
	spool = open_spool();
	assert_int_equal(put_some(spool, "audit", 1, 1, NULL).added, 1);
	assert_null(spool_open(&(struct spool_options){ .dir = dir, .now_ns = fake_now }, &err));
	assert_int_equal(err.kind, ERR_REFUSED);
	spool_free(spool);
	spool_free(open_spool());
	assert_int_equal(dup2(input, STDIN_FILENO), STDIN_FILENO);
	(void)close(input);
}

static void a_reader_beside_it_sees_what_is_stored(void **state)
{
	struct spool *spool = open_spool(), *reader;

	(void)state;
	put_some(spool, "audit", 1, 5, NULL);
	reader = open_with(&(struct spool_options){ .dir = dir, .read_only = true });
	assert_int_equal(spool_head(reader), 5);
	assert_int_equal(put_some(reader, "audit", 9, 1, NULL).added, 0);
	spool_free(reader);
	spool_free(spool);
}

static void a_folder_that_others_may_write_to_is_refused(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(chmod(dir, 0770), 0);
	assert_null(spool_open(&(struct spool_options){ .dir = dir }, &err));
	assert_int_equal(err.kind, ERR_CONFIG);
	assert_int_equal(chmod(dir, 0700), 0);
	assert_null(spool_open(&(struct spool_options){ .dir = "/nowhere" }, &err));
}

static void a_sinks_cursor_and_its_exceptions_are_found_again(void **state)
{
	const struct spool_cursor wanted = {
		.confirmed = 3, .attempted = 5, .window = 1, .durable = 2, .delivered = 9, .start = 7
	};
	const struct spool_exception bad = { .seq = 2, .is_rejected = true, .reason = "too long" };
	struct spool *spool = open_spool();
	struct spool_cursor cursor;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(spool_cursor_load(spool, "siem", 7, &cursor, &err), 0);
	assert_int_equal(cursor.confirmed, 7);
	assert_int_equal(cursor.start, 7);
	assert_int_equal(spool_cursor_store(spool, "siem", &wanted, &bad, 1, &err), 0);
	spool_free(spool);
	spool = open_spool();
	assert_int_equal(spool_cursor_load(spool, "siem", 0, &cursor, &err), 0);
	assert_memory_equal(&cursor, &wanted, sizeof(cursor));
	spool_free(spool);
}

static int count_exceptions(void *context, const char *, const struct spool_exception *, struct err *)
{
	*(int *)context += 1;
	return 0;
}

static void a_replay_of_dead_letters_takes_them_away_but_not_those_that_died_again(void **state)
{
	const struct spool_exception bad[] = { { .seq = 2, .is_rejected = true, .reason = "x" },
					       { .seq = 3, .is_rejected = true, .reason = "x" },
					       { .seq = 4, .is_rejected = false, .reason = "x" } };
	const struct spool_replay wanted = { .from_seq = 1, .to_seq = 9, .dead_only = true };
	struct spool *spool = open_spool();
	struct spool_replay replay;
	struct spool_cursor cursor;
	struct err err = ERR_INIT;
	int count = 0;

	(void)state;
	assert_int_equal(spool_cursor_load(spool, "siem", 0, &cursor, &err), 0);
	assert_int_equal(spool_cursor_store(spool, "siem", &cursor, bad, 3, &err), 0);
	now += SECOND;
	assert_int_equal(spool_replay_next(spool, "siem", 0, &replay, &err), 0);
	assert_int_equal(spool_replay_add(spool, "siem", &wanted, &err), 0);
	assert_int_equal(spool_replay_next(spool, "siem", 0, &replay, &err), 1);
	assert_true(replay.dead_only);
	now += SECOND;
	assert_int_equal(spool_cursor_store(spool, "siem", &cursor, bad, 1, &err), 0);
	replay.done_seq = 9;
	assert_int_equal(spool_replay_store(spool, &replay, &err), 0);
	assert_int_equal(spool_replay_next(spool, "siem", 0, &replay, &err), 0);
	assert_int_equal(spool_exception_each(spool, NULL, count_exceptions, &count, &err), 0);
	assert_int_equal(count, 2); /* the one that died again, and the unproven one */
	spool_free(spool);
}

static void bodies_go_when_every_sink_is_past_them_and_they_are_old_enough(void **state)
{
	const char *const sinks[] = { "a", "b" };
	const struct spool_keep keep = {
		.bodies_ns = 10 * (int64_t)SECOND, .ledger_ns = 100 * (int64_t)SECOND, .sinks = sinks, .sink_count = 2
	};
	struct spool *spool = open_spool();
	struct spool_cursor cursor;
	struct err err = ERR_INIT;
	struct spool_size size;
	bool more;

	(void)state;
	put_some(spool, "audit", 1, 10, NULL);
	assert_int_equal(spool_cursor_load(spool, "a", 10, &cursor, &err), 0);
	assert_int_equal(spool_cursor_load(spool, "b", 4, &cursor, &err), 0);
	assert_int_equal(spool_trim(spool, &keep, &more, &err), 0);
	assert_int_equal(spool_size(spool, &size, &err), 0);
	assert_int_equal(size.bodies, 10);
	now += 11 * (int64_t)SECOND;
	assert_int_equal(spool_trim(spool, &keep, &more, &err), 0);
	assert_int_equal(spool_size(spool, &size, &err), 0);
	assert_int_equal(size.bodies, 6);
	assert_int_equal(size.events, 10);
	cursor = (struct spool_cursor){ .confirmed = 10, .attempted = 10, .window = 7 };
	assert_int_equal(spool_cursor_store(spool, "b", &cursor, NULL, 0, &err), 0);
	assert_int_equal(spool_trim(spool, &keep, &more, &err), 0);
	assert_int_equal(spool_size(spool, &size, &err), 0);
	assert_int_equal(size.oldest_body_seq, 8);
	spool_free(spool);
}

static void the_ledger_outlives_the_bodies_and_its_last_row_stays(void **state)
{
	const struct spool_keep keep = { .bodies_ns = SECOND, .ledger_ns = 100 * (int64_t)SECOND };
	struct spool *spool = open_spool();
	struct err err = ERR_INIT;
	struct spool_size size;
	uint64_t checked;
	bool more;

	(void)state;
	put_some(spool, "audit", 1, 10, NULL);
	now += 50 * (int64_t)SECOND;
	assert_int_equal(spool_trim(spool, &keep, &more, &err), 0);
	assert_int_equal(spool_size(spool, &size, &err), 0);
	assert_int_equal(size.bodies, 0);
	assert_int_equal(size.events, 10);
	assert_int_equal(spool_audit(spool, 1, 10, NULL, NULL, &checked, &err), 0);
	assert_int_equal(checked, 10);
	now += 60 * (int64_t)SECOND;
	assert_int_equal(spool_trim(spool, &keep, &more, &err), 0);
	assert_int_equal(spool_size(spool, &size, &err), 0);
	assert_int_equal(size.events, 1);
	assert_int_equal(put_some(spool, "audit", 11, 1, NULL).first_seq, 11);
	spool_free(spool);
}

static void a_full_spool_takes_nothing_and_keeps_its_state(void **state)
{
	struct spool *spool = open_with(&(struct spool_options){ .dir = dir, .max_bytes = 1 });
	const struct page_record record = {
		.id = VIEW("a"), .type = VIEW("t"), .origin = EVENT_OWN, .body = VIEW("{}")
	};
	const struct page page = { .feed = "audit", .records = &record, .count = 1, .state = VIEW("x") };
	DEFER(buf_done) struct buf kept = BUF_INIT(100);
	struct page_stored stored = { .added = 0 };
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(spool_put(spool, &page, &stored, &err), 1);
	assert_int_equal(spool_head(spool), 0);
	assert_int_equal(spool_feed_state(spool, "audit", &kept, &err), 0);
	assert_int_equal(kept.len, 0);
	spool_limit(spool, UINT64_C(1) << 30);
	assert_int_equal(spool_put(spool, &page, &stored, &err), 0);
	assert_int_equal(spool_head(spool), 1);
	spool_free(spool);
}

static void who_waits_is_woken(void **state)
{
	int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	struct pollfd waiting = { .fd = fd, .events = POLLIN };
	struct spool *spool = open_spool();

	(void)state;
	assert_int_equal(spool_subscribe(spool, fd, true), 0);
	assert_int_equal(poll(&waiting, 1, 0), 0);
	put_some(spool, "audit", 1, 1, NULL);
	assert_int_equal(poll(&waiting, 1, 0), 1);
	assert_int_equal(spool_subscribe(spool, fd, false), 0);
	(void)close(fd);
	put_some(spool, "audit", 2, 1, NULL);
	spool_free(spool);
}

static void who_waits_no_longer_leaves_the_others_to_be_woken(void **state)
{
	struct pollfd waiting[3];
	struct spool *spool = open_spool();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(waiting); i++) {
		waiting[i] = (struct pollfd){ .fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC), .events = POLLIN };
		assert_int_equal(spool_subscribe(spool, waiting[i].fd, true), 0);
	}
	assert_int_equal(spool_subscribe(spool, waiting[0].fd, false), 0);
	put_some(spool, "audit", 1, 1, NULL);
	assert_int_equal(poll(waiting, ARRAY_LEN(waiting), 0), 2);
	assert_int_equal(waiting[0].revents, 0);
	for (size_t i = 0; i < ARRAY_LEN(waiting); i++)
		(void)close(waiting[i].fd);
	spool_free(spool);
}

static void what_is_read_at_once_ends_where_the_bodies_have_so_many_bytes(void **state)
{
	DEFER(spool_batch_freep) struct spool_batch *batch = NULL;
	struct page_stored stored = { .added = 0 };
	struct spool *spool = open_spool();
	struct err err = ERR_INIT;
	struct event *events;

	(void)state;
	assert_int_equal(put_padded(spool, "audit", 1, 4, 100, NULL, &stored, &err), 0);
	batch = spool_batch_new(spool, &err);
	assert_int_equal(spool_read(batch, 0, 10, 199, &events, NULL, &err), 2);
	assert_int_equal(spool_read(batch, 0, 10, 200, &events, NULL, &err), 2);
	assert_int_equal(spool_read(batch, 0, 10, 201, &events, NULL, &err), 3);
	assert_int_equal(spool_read(batch, 0, 10, 1, &events, NULL, &err), 1);
	spool_batch_free(TAKE(batch));
	spool_free(spool);
}

/* The address sanitizer sees what is not freed. */
static void what_was_read_of_events_goes_with_their_batch(void **state)
{
	struct spool *spool = open_spool();
	struct err err = ERR_INIT;
	struct spool_batch *batch = spool_batch_new(spool, &err);
	struct event *events;

	(void)state;
	put_some(spool, "audit", 1, 3, NULL);
	assert_int_equal(spool_read(batch, 0, 3, 1000, &events, NULL, &err), 3);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(event_read(&events[i], &err), 0);
		assert_true(events[i].store.len > 0);
	}
	spool_batch_free(batch);
	spool_free(spool);
}

static void times_do_not_go_back_over_a_restart_either(void **state)
{
	struct spool *spool = open_spool();
	struct spool_head before, after;
	struct err err = ERR_INIT;

	(void)state;
	put_some(spool, "audit", 1, 1, NULL);
	assert_int_equal(spool_head_read(spool, &before, &err), 0);
	spool_free(spool);
	now -= 3600 * (int64_t)SECOND;
	spool = open_spool();
	put_some(spool, "audit", 2, 1, NULL);
	now += 3600 * (int64_t)SECOND;
	assert_int_equal(spool_head_read(spool, &after, &err), 0);
	assert_int_equal(after.seq, 2);
	assert_true(after.observed_ns == before.observed_ns);
	spool_free(spool);
}

static void times_are_looked_up_and_never_go_back(void **state)
{
	struct spool *spool = open_spool();
	struct err err = ERR_INIT;
	int64_t start = now;
	uint64_t seq;

	(void)state;
	put_some(spool, "audit", 1, 2, NULL);
	now += 10 * (int64_t)SECOND;
	put_some(spool, "audit", 3, 2, NULL);
	now -= 3600 * (int64_t)SECOND; /* the clock is set back */
	put_some(spool, "audit", 5, 2, NULL);
	assert_int_equal(spool_seq_at(spool, 0, &seq, &err), 0);
	assert_int_equal(seq, 1);
	assert_int_equal(spool_seq_at(spool, start + SECOND, &seq, &err), 0);
	assert_int_equal(seq, 3);
	assert_int_equal(spool_seq_at(spool, start + 20 * (int64_t)SECOND, &seq, &err), 0);
	assert_int_equal(seq, 7);
	now = start + 60 * (int64_t)SECOND;
	spool_free(spool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_page_and_its_state_are_found_again),
		TEST(an_id_is_stored_once_a_feed),
		TEST(the_chain_is_what_the_formula_says),
		TEST(ids_of_our_own_are_all_different),
		TEST(a_second_process_is_refused_by_its_pid),
		TEST(a_spool_whose_lock_is_descriptor_0_is_held_and_let_go_like_any),
		TEST(a_reader_beside_it_sees_what_is_stored),
		TEST(a_folder_that_others_may_write_to_is_refused),
		TEST(a_sinks_cursor_and_its_exceptions_are_found_again),
		TEST(a_replay_of_dead_letters_takes_them_away_but_not_those_that_died_again),
		TEST(bodies_go_when_every_sink_is_past_them_and_they_are_old_enough),
		TEST(the_ledger_outlives_the_bodies_and_its_last_row_stays),
		TEST(a_full_spool_takes_nothing_and_keeps_its_state),
		TEST(who_waits_is_woken),
		TEST(who_waits_no_longer_leaves_the_others_to_be_woken),
		TEST(what_is_read_at_once_ends_where_the_bodies_have_so_many_bytes),
		TEST(what_was_read_of_events_goes_with_their_batch),
		TEST(times_do_not_go_back_over_a_restart_either),
		TEST(times_are_looked_up_and_never_go_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
