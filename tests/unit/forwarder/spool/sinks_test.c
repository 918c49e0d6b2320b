/* SPDX-License-Identifier: Apache-2.0 */
/* Cursors, exceptions and replays, also many of them and beside a running daemon. */
#include "common/base/bounds.h"
#include "tests/support/spool.h"

#define MANY (2 * SPOOL_TELL_ROWS + 3)

struct told {
	struct spool *spool;
	unsigned count;
	uint64_t last_seq;
	char last[32];
};

static int note_exception(void *context, const char *sink, const struct spool_exception *e, struct err *err)
{
	struct told *t = context;
	struct spool_size size;

	if (strcmp(sink, t->last) != 0)
		t->last_seq = 0;
	assert_true(e->seq > t->last_seq);
	assert_string_equal(e->reason, e->is_rejected ? "too long" : "not found again");
	t->last_seq = e->seq;
	(void)snprintf(t->last, sizeof(t->last), "%s", sink);
	t->count++;
	return spool_size(t->spool, &size, err); /* who is told may ask for something else */
}

static void many_exceptions_are_told_in_order_those_of_one_sink_alone_as_well(void **state)
{
	struct spool_exception *e = calloc(MANY, sizeof(*e));
	const struct spool_cursor cursor = { .confirmed = MANY };
	struct told told = { .spool = open_spool() };
	struct err err = ERR_INIT;

	(void)state;
	for (unsigned i = 0; i < MANY; i++)
		e[i] = (struct spool_exception){ .seq = MANY - i,
						 .is_rejected = i % 2,
						 .reason = i % 2 ? "too long" : "not found again" };
	assert_int_equal(spool_cursor_store(told.spool, "b", &cursor, e, MANY, &err), 0);
	assert_int_equal(spool_cursor_store(told.spool, "a", &cursor, e, 2, &err), 0);
	assert_int_equal(spool_cursor_store(told.spool, "c", &cursor, e, 1, &err), 0);
	assert_int_equal(spool_exception_each(told.spool, NULL, note_exception, &told, &err), 0);
	assert_int_equal(told.count, MANY + 3);
	assert_string_equal(told.last, "c");
	told.count = 0;
	assert_int_equal(spool_exception_each(told.spool, "b", note_exception, &told, &err), 0);
	assert_int_equal(told.count, MANY);
	told.count = 0;
	assert_int_equal(spool_exception_each(told.spool, "bb", note_exception, &told, &err), 0);
	assert_int_equal(told.count, 0);
	spool_free(told.spool);
	free(e);
}

static int refuse(void *context, const char *, const struct spool_exception *, struct err *err)
{
	*(unsigned *)context += 1;
	return err_set(err, ERR_LIMIT, 0, "enough");
}

static void who_is_told_of_an_exception_may_stop(void **state)
{
	const struct spool_exception e[] = { { .seq = 1, .reason = "a" }, { .seq = 2, .reason = "b" } };
	const struct spool_cursor cursor = { .confirmed = 2 };
	struct spool *spool = open_spool();
	struct err err = ERR_INIT;
	unsigned count = 0;

	(void)state;
	assert_int_equal(spool_cursor_store(spool, "a", &cursor, e, 2, &err), 0);
	assert_int_equal(spool_exception_each(spool, NULL, refuse, &count, &err), -1);
	assert_int_equal(err.kind, ERR_LIMIT);
	assert_int_equal(count, 1);
	spool_free(spool);
}

static int note_cursor(void *context, const char *sink, const struct spool_cursor *cursor, struct err *err)
{
	struct told *t = context;

	assert_true(strcmp(sink, t->last) > 0);
	assert_int_equal(cursor->confirmed, t->count + 1);
	(void)snprintf(t->last, sizeof(t->last), "%s", sink);
	t->count++;
	return t->count == 400 ? err_set(err, ERR_LIMIT, 0, "enough") : 0;
}

static void many_sinks_are_told_by_name_until_told_to_stop(void **state)
{
	struct told told = { .spool = open_spool() };
	struct err err = ERR_INIT;

	(void)state;
	for (unsigned i = 0; i < 400; i++) {
		const struct spool_cursor cursor = { .confirmed = i + 1 };
		char name[16];

		(void)snprintf(name, sizeof(name), "sink%03u", i);
		assert_int_equal(spool_cursor_store(told.spool, name, &cursor, NULL, 0, &err), 0);
	}
	assert_int_equal(spool_cursor_each(told.spool, note_cursor, &told, &err), -1);
	assert_int_equal(err.kind, ERR_LIMIT);
	assert_int_equal(told.count, 400);
	spool_free(told.spool);
}

static void a_cursor_is_stored_though_it_was_never_loaded(void **state)
{
	const struct spool_cursor wanted = { .confirmed = 5,
					     .attempted = 6,
					     .window = 4,
					     .durable = 3,
					     .delivered = 11,
					     .unproven = 12,
					     .rejected = 13,
					     .replayed = 14,
					     .resent = 15,
					     .cut = 16 };
	struct spool *spool = open_spool();
	struct spool_cursor cursor;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(spool_cursor_store(spool, "a", &wanted, NULL, 0, &err), 0);
	assert_int_equal(spool_cursor_load(spool, "a", 99, &cursor, &err), 0);
	assert_memory_equal(&cursor, &wanted, sizeof(cursor));
	spool_free(spool);
}

static void after_a_restart_each_sink_has_its_place_again(void **state)
{
	static const char *const names[] = { "a", "b", "c" };
	struct spool *spool = open_spool();
	struct spool_cursor cursor = { .confirmed = 0 };
	struct err err = ERR_INIT;

	(void)state;
	for (uint64_t i = 0; i < ARRAY_LEN(names); i++) {
		cursor.confirmed = 5 + i;
		assert_int_equal(spool_cursor_store(spool, names[i], &cursor, NULL, 0, &err), 0);
	}
	spool_free(spool);
	spool = open_spool();
	for (uint64_t i = 0; i < ARRAY_LEN(names); i++) {
		assert_int_equal(spool_cursor_load(spool, names[i], 99, &cursor, &err), 0);
		assert_int_equal(cursor.confirmed, 5 + i);
	}
	spool_free(spool);
}

static void a_guest_asks_for_a_replay_beside_the_daemon(void **state)
{
	const struct spool_replay wanted = { .from_seq = 2, .to_seq = 3 };
	struct spool *spool = open_spool(), *guest;
	struct spool_replay replay;
	struct err err = ERR_INIT;

	(void)state;
	put_some(spool, "audit", 1, 5, NULL);
	guest = open_with(&(struct spool_options){ .dir = dir, .is_guest = true });
	assert_int_equal(spool_head(guest), 5);
	assert_int_equal(spool_replay_add(guest, "siem", &wanted, &err), 0);
	spool_free(guest);
	assert_int_equal(spool_replay_next(spool, "siem", 0, &replay, &err), 1);
	assert_int_equal(replay.from_seq, 2);
	assert_int_equal(replay.to_seq, 3);
	assert_int_equal(put_some(spool, "audit", 6, 1, NULL).first_seq, 6);
	replay.done_seq = 2;
	assert_int_equal(spool_replay_store(spool, &replay, &err), 0);
	assert_int_equal(spool_replay_next(spool, "siem", 0, &replay, &err), 1);
	assert_int_equal(replay.done_seq, 2);
	spool_free(spool);
}

static void a_reader_sees_the_head_move(void **state)
{
	struct spool *spool = open_spool(), *reader;
	struct spool_batch *batch;
	struct err err = ERR_INIT;
	struct spool_head head;
	struct event *events;

	(void)state;
	put_some(spool, "audit", 1, 5, NULL);
	reader = open_reader();
	put_some(spool, "audit", 6, 5, NULL);
	assert_int_equal(spool_head_read(reader, &head, &err), 0);
	assert_int_equal(head.seq, 10);
	assert_int_equal(spool_head(reader), 10);
	put_some(spool, "audit", 11, 5, NULL);
	batch = spool_batch_new(reader, &err);
	assert_int_equal(spool_read(batch, 10, 100, 1000, &events, NULL, &err), 5);
	spool_batch_free(batch);
	spool_free(reader);
	spool_free(spool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(many_exceptions_are_told_in_order_those_of_one_sink_alone_as_well),
		TEST(who_is_told_of_an_exception_may_stop),
		TEST(many_sinks_are_told_by_name_until_told_to_stop),
		TEST(a_cursor_is_stored_though_it_was_never_loaded),
		TEST(after_a_restart_each_sink_has_its_place_again),
		TEST(a_guest_asks_for_a_replay_beside_the_daemon),
		TEST(a_reader_sees_the_head_move),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
