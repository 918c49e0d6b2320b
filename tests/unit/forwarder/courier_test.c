/* SPDX-License-Identifier: Apache-2.0 */
/* What is stored of what a sink says, over a real spool; the sink says what the test has it say. */
#include "forwarder/courier.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>

#include "tests/support/spool.h"

#define WAIT_MS 30'000
#define CALLS_MAX 12

/* What the sink answers, call by call, and what it was given. */
static struct script {
	struct {
		enum sink_result result;
		struct sink_receipt receipt;
	} answers[CALLS_MAX];
	struct {
		uint64_t first, last;
		bool is_doubtful, is_replay;
	} calls[CALLS_MAX];
	size_t count;
	bool fills_disk; /* once the sink has answered, no file may grow any more */
} script;

/* As if the disk had no room. */
static void limit_files(bool is_on)
{
	struct rlimit limit;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = is_on ? 1 : limit.rlim_max;
	assert_true(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void *script_open(const struct sink_env *, struct err *)
{
	return &script;
}

static void script_close(void *)
{
}

static enum sink_result script_deliver(void *, const struct sink_batch *batch, struct sink_receipt *receipt,
				       struct err *err)
{
	size_t n = script.count++;

	assert_true(n < CALLS_MAX);
	script.calls[n].first = batch->events[0].seq;
	script.calls[n].last = batch->events[batch->count - 1].seq;
	script.calls[n].is_doubtful = batch->is_doubtful;
	script.calls[n].is_replay = batch->events[0].is_replay;
	*receipt = script.answers[n].receipt;
	if (script.fills_disk)
		limit_files(true);
	if (script.answers[n].result != SINK_OK)
		err_set(err, ERR_LATER, 0, "as the test wants it");
	return script.answers[n].result;
}

static const struct sink_ops script_ops = { .name = "script",
					    .level = SINK_STORED,
					    .is_exact = true,
					    .open = script_open,
					    .deliver = script_deliver,
					    .close = script_close };

/* One that cannot tell what it has: what may be lost with its connection is sent again. */
static const struct sink_ops inexact_ops = {
	.name = "script", .level = SINK_WRITTEN, .open = script_open, .deliver = script_deliver, .close = script_close
};

static bool script_finish(void *)
{
	return true;
}

/* One that knows when it ends whether its receiver has taken everything. */
static const struct sink_ops ended_ops = { .name = "script",
					   .level = SINK_WRITTEN,
					   .open = script_open,
					   .deliver = script_deliver,
					   .finish = script_finish,
					   .close = script_close };

static char rejections[256];

static void note_rejected(void *, const char *sink, uint64_t count, uint64_t first_seq, const char *reason)
{
	(void)snprintf(rejections, sizeof(rejections), "%s: %llu from %llu on: %s", sink, (unsigned long long)count,
		       (unsigned long long)first_seq, reason);
}

static char misses[256];

static void note_missed(void *, const char *sink, uint64_t first_seq, uint64_t last_seq)
{
	(void)snprintf(misses, sizeof(misses), "%s: %llu to %llu", sink, (unsigned long long)first_seq,
		       (unsigned long long)last_seq);
}

/* Delivers all that the spool has, and gives the state at the end. */
static struct courier_state deliver_all_by(const struct sink_ops *ops, struct spool *spool, enum settings_start start)
{
	char name[] = "siem";
	const struct settings_sink settings = { .name = name,
						.start = start,
						.window_bytes = 1000,
						.window_ms = 60'000,
						.filter = { .severity = EVENT_DEBUG } };
	const struct courier_options options = { .spool = spool,
						 .settings = &settings,
						 .ops = ops,
						 .is_once = true,
						 .rejected = note_rejected,
						 .missed = note_missed };
	struct courier_state state;
	struct courier *courier;
	struct err err = ERR_INIT;

	misses[0] = '\0';
	courier = courier_new(&options, &err);
	assert_non_null(courier);
	assert_int_equal(courier_start(courier, &err), 0);
	courier_finish(courier);
	assert_true(courier_has_ended(courier, WAIT_MS));
	courier_state(courier, &state);
	courier_free(courier);
	return state;
}

static struct courier_state deliver_all(struct spool *spool, enum settings_start start)
{
	return deliver_all_by(&script_ops, spool, start);
}

struct told {
	uint64_t seqs[CALLS_MAX];
	size_t count;
};

static int note_exception(void *context, const char *sink, const struct spool_exception *e, struct err *)
{
	struct told *t = context;

	assert_string_equal(sink, "siem");
	assert_string_equal(e->reason, "too long");
	assert_true(e->is_rejected && t->count < CALLS_MAX);
	t->seqs[t->count++] = e->seq;
	return 0;
}

static void what_is_said_of_an_event_that_comes_again_counts_once(void **state)
{
	const struct sink_exception late = { .index = 2, .is_rejected = true, .reason = "too long" };
	const struct sink_exception at_once = { .index = 0, .is_rejected = true, .reason = "too long" };
	struct spool *spool = open_spool();
	struct told told = { .count = 0 };
	struct err err = ERR_INIT;
	struct courier_state end;

	(void)state;
	script = (struct script){ .count = 0 };
	/* The first and the third are refused, and the connection breaks before the second is known of. */
	script.answers[0].result = SINK_RETRY;
	script.answers[0].receipt = (struct sink_receipt){
		.confirmed = 1, .sent = 3, .exception_count = 2, .exceptions = { at_once, late }
	};
	script.answers[1].receipt = (struct sink_receipt){
		.confirmed = 2, .sent = 2, .exception_count = 1, .exceptions = { { late.index - 1, true, "too long" } }
	};
	put_some(spool, "audit", 1, 3, NULL);
	end = deliver_all(spool, SETTINGS_BEGINNING);
	assert_int_equal(script.count, 2);
	assert_int_equal(script.calls[1].first, 2);
	assert_true(script.calls[1].is_doubtful);
	assert_int_equal(end.mood, COURIER_ENDED);
	assert_int_equal(end.cursor.confirmed, 3);
	assert_int_equal(end.cursor.delivered, 3);
	assert_int_equal(end.cursor.rejected, 2);
	assert_int_equal(end.rejected, 2);
	assert_string_equal(end.rejection, "event 3: too long");
	assert_string_equal(rejections, "siem: 1 from 3 on: too long");
	assert_int_equal(spool_exception_each(spool, "siem", note_exception, &told, &err), 0);
	assert_int_equal(told.count, 2);
	assert_int_equal(told.seqs[0], 1);
	assert_int_equal(told.seqs[1], 3);
	spool_free(spool);
}

static void a_sink_that_starts_now_gets_only_what_comes_and_keeps_where_it_began(void **state)
{
	struct spool *spool = open_spool();
	struct courier_state end;

	(void)state;
	script = (struct script){ .answers = { { SINK_OK, { .confirmed = 2, .sent = 2 } } } };
	put_some(spool, "audit", 1, 5, NULL);
	end = deliver_all(spool, SETTINGS_NOW);
	assert_int_equal(script.count, 0);
	assert_int_equal(end.cursor.start, 5);
	put_some(spool, "audit", 6, 2, NULL);
	end = deliver_all(spool, SETTINGS_NOW);
	assert_int_equal(script.count, 1);
	assert_int_equal(script.calls[0].first, 6);
	assert_int_equal(script.calls[0].last, 7);
	assert_int_equal(end.cursor.start, 5);
	assert_int_equal(end.cursor.confirmed, 7);
	spool_free(spool);
}

/* As time does once no sink that is configured needs them. */
static void let_bodies_go(struct spool *spool)
{
	const struct spool_keep keep = { .bodies_ns = -1, .ledger_ns = INT64_MAX };
	struct err err = ERR_INIT;
	bool more = true;

	while (more)
		assert_int_equal(spool_trim(spool, &keep, &more, &err), 0);
}

static void one_that_is_new_is_owed_nothing_whose_body_has_gone(void **state)
{
	static const enum settings_start starts[] = { SETTINGS_BEGINNING, SETTINGS_TIME };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(starts); i++) {
		struct spool *spool = open_spool();
		struct courier_state end;

		script = (struct script){ .answers = { { SINK_OK, { .confirmed = 2, .sent = 2 } } } };
		put_some(spool, "audit", 1, 5, NULL);
		let_bodies_go(spool);
		put_some(spool, "audit", 6, 2, NULL);
		end = deliver_all(spool, starts[i]);
		assert_int_equal(script.count, 1);
		assert_int_equal(script.calls[0].first, 6);
		assert_int_equal(end.cursor.start, 5);
		assert_int_equal(end.cursor.confirmed, 7);
		assert_string_equal(misses, "");
		spool_free(spool);
		assert_int_equal(remove_dir(NULL), 0);
		assert_int_equal(make_dir(NULL), 0);
	}
}

static void one_that_comes_back_is_told_to_have_missed_what_has_gone_meanwhile(void **state)
{
	struct spool *spool = open_spool();
	struct courier_state end;

	(void)state;
	script = (struct script){ .answers = { { SINK_OK, { .confirmed = 2, .sent = 2 } },
					       { SINK_OK, { .confirmed = 1, .sent = 1 } } } };
	put_some(spool, "audit", 1, 2, NULL);
	(void)deliver_all(spool, SETTINGS_BEGINNING);
	put_some(spool, "audit", 3, 4, NULL);
	let_bodies_go(spool);
	put_some(spool, "audit", 7, 1, NULL);
	end = deliver_all(spool, SETTINGS_BEGINNING);
	assert_string_equal(misses, "siem: 3 to 6");
	assert_int_equal(script.count, 2);
	assert_int_equal(script.calls[1].first, 7);
	assert_int_equal(end.cursor.start, 0); /* it ought to have them */
	assert_int_equal(end.cursor.confirmed, 7);
	assert_int_equal(end.cursor.delivered, 3);
	spool_free(spool);
}

/* How many of the first calls handed over what a replay had asked for, all of it. */
static size_t count_replays(uint64_t first, uint64_t last)
{
	size_t n = 0;

	for (size_t i = 0; i < script.count; i++)
		n += script.calls[i].is_replay && script.calls[i].first == first && script.calls[i].last == last;
	return n;
}

static void what_a_replay_has_sent_goes_out_again_when_the_connection_is_lost(void **state)
{
	const struct spool_replay asked = { .from_seq = 2, .to_seq = 3 };
	struct spool *spool = open_spool();
	struct spool_replay left;
	struct err err = ERR_INIT;

	(void)state;
	script = (struct script){ .answers = { { SINK_OK, { .confirmed = 3, .sent = 3, .bytes = 10 } },
					       { SINK_OK, { .confirmed = 2, .sent = 2, .bytes = 10 } },
					       { SINK_LOST, { .confirmed = 0, .sent = 1, .bytes = 10 } },
					       { SINK_OK, { .confirmed = 2, .sent = 2, .bytes = 10 } },
					       { SINK_OK, { .confirmed = 1, .sent = 1, .bytes = 10 } },
					       { SINK_OK, { .confirmed = 2, .sent = 2, .bytes = 10 } } } };
	put_some(spool, "audit", 1, 3, NULL);
	(void)deliver_all_by(&ended_ops, spool, SETTINGS_BEGINNING);
	put_some(spool, "audit", 4, 1, NULL);
	assert_int_equal(spool_replay_add(spool, "siem", &asked, &err), 0);
	(void)deliver_all_by(&inexact_ops, spool, SETTINGS_BEGINNING);
	assert_int_equal(script.count, 5);
	assert_int_equal(count_replays(2, 3), 2);
	/* Whether the last of it has arrived was not known. */
	assert_int_equal(spool_replay_next(spool, "siem", 0, &left, &err), 1);
	assert_int_equal(left.done_seq, 1);
	script.answers[6].receipt = (struct sink_receipt){ .confirmed = 1, .sent = 1, .bytes = 10 };
	(void)deliver_all_by(&ended_ops, spool, SETTINGS_BEGINNING);
	assert_int_equal(count_replays(2, 3), 3);
	assert_int_equal(spool_replay_next(spool, "siem", 0, &left, &err), 0);
	spool_free(spool);
}

/* The second one is sent while what the first one has sent may still be lost, and then both are sent again. */
static void replays_do_not_wait_for_each_others_windows(void **state)
{
	const struct spool_replay first = { .from_seq = 2, .to_seq = 3 }, second = { .from_seq = 1, .to_seq = 2 };
	struct spool *spool = open_spool();
	struct spool_replay left;
	struct err err = ERR_INIT;

	(void)state;
	script = (struct script){ .answers = { { SINK_OK, { .confirmed = 3, .sent = 3, .bytes = 10 } },
					       { SINK_OK, { .confirmed = 2, .sent = 2, .bytes = 10 } },
					       { SINK_LOST, { .confirmed = 0, .sent = 1, .bytes = 10 } } } };
	for (size_t i = 3; i < CALLS_MAX; i++)
		script.answers[i].receipt = (struct sink_receipt){ .confirmed = 2, .sent = 2, .bytes = 10 };
	put_some(spool, "audit", 1, 3, NULL);
	(void)deliver_all_by(&ended_ops, spool, SETTINGS_BEGINNING);
	assert_int_equal(spool_replay_add(spool, "siem", &first, &err), 0);
	assert_int_equal(spool_replay_add(spool, "siem", &second, &err), 0);
	(void)deliver_all_by(&inexact_ops, spool, SETTINGS_BEGINNING);
	assert_int_equal(script.count, 5);
	assert_int_equal(script.calls[2].first, 1);
	assert_int_equal(script.calls[3].first, 2);
	assert_int_equal(script.calls[4].first, 1);
	/* Whether any of it has arrived was not known. */
	assert_int_equal(spool_replay_next(spool, "siem", 0, &left, &err), 1);
	assert_int_equal(left.done_seq, 1);
	assert_int_equal(spool_replay_next(spool, "siem", left.id, &left, &err), 1);
	assert_int_equal(left.to_seq, 2);
	assert_int_equal(left.done_seq, 0);
	(void)deliver_all_by(&ended_ops, spool, SETTINGS_BEGINNING);
	assert_int_equal(script.count, 7);
	assert_int_equal(count_replays(2, 3), 3);
	assert_int_equal(count_replays(1, 2), 3);
	assert_int_equal(spool_replay_next(spool, "siem", 0, &left, &err), 0);
	spool_free(spool);
}

/* Nothing wakes the sink when the window's time is over. */
static void a_replay_ends_with_its_window_though_nothing_else_happens(void **state)
{
	char name[] = "siem";
	const struct settings_sink settings = {
		.name = name, .window_bytes = 1000, .window_ms = 200, .filter = { .severity = EVENT_DEBUG }
	};
	struct spool *spool = open_spool();
	const struct courier_options options = { .spool = spool, .settings = &settings, .ops = &inexact_ops };
	const struct spool_replay asked = { .from_seq = 1, .to_seq = 2 };
	struct spool_replay left;
	struct courier *courier;
	struct err err = ERR_INIT;
	int n = 1;

	(void)state;
	script = (struct script){ .answers = { { SINK_OK, { .confirmed = 2, .sent = 2, .bytes = 10 } },
					       { SINK_OK, { .confirmed = 2, .sent = 2, .bytes = 10 } },
					       { SINK_OK, { .confirmed = 2, .sent = 2, .bytes = 10 } } } };
	put_some(spool, "audit", 1, 2, NULL);
	assert_int_equal(
		spool_cursor_store(spool, "siem", &(struct spool_cursor){ .confirmed = 2, .window = 2 }, NULL, 0, &err),
		0);
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(spool_replay_add(spool, "siem", &asked, &err), 0);
	courier = courier_new(&options, &err);
	assert_non_null(courier);
	assert_int_equal(courier_start(courier, &err), 0);
	for (unsigned i = 0; n > 0 && i < WAIT_MS / 10; i++) {
		(void)usleep(10'000);
		n = spool_replay_next(spool, "siem", 0, &left, &err);
	}
	courier_stop(courier);
	courier_free(courier);
	assert_int_equal(n, 0);
	assert_int_equal(script.count, 2);
	assert_int_equal(count_replays(1, 2), 2);
	spool_free(spool);
}

static void one_that_never_takes_anything_is_given_up(void **state)
{
	struct spool *spool = open_spool();
	struct courier_state end;

	(void)state;
	script = (struct script){ .count = 0 };
	for (size_t i = 0; i < CALLS_MAX; i++)
		script.answers[i].result = SINK_RETRY;
	put_some(spool, "audit", 1, 1, NULL);
	end = deliver_all(spool, SETTINGS_BEGINNING);
	assert_int_equal(end.mood, COURIER_BROKEN);
	assert_string_equal(end.error, "as the test wants it");
	assert_int_equal(end.pending, 1);
	assert_int_equal(end.cursor.delivered, 0);
	spool_free(spool);
}

static void an_event_counts_once_however_often_it_is_sent(void **state)
{
	const struct sink_receipt two = { .confirmed = 2, .sent = 2, .bytes = 20 };
	const struct spool_replay replay = { .from_seq = 1, .to_seq = 3 };
	struct spool *spool = open_spool();
	struct err err = ERR_INIT;
	struct courier_state end;

	(void)state;
	script = (struct script){ .answers = { { SINK_LOST, two }, { SINK_LOST, two }, { SINK_OK, two } } };
	script.answers[3].receipt = (struct sink_receipt){ .confirmed = 1, .sent = 1, .bytes = 10 };
	put_some(spool, "audit", 1, 3, NULL);
	end = deliver_all_by(&inexact_ops, spool, SETTINGS_BEGINNING);
	assert_int_equal(script.count, 4);
	assert_int_equal(script.calls[2].first, 1);
	assert_int_equal(end.cursor.confirmed, 3);
	assert_int_equal(end.cursor.delivered, 3);
	assert_int_equal(end.cursor.replayed, 5);

	assert_int_equal(spool_replay_add(spool, "siem", &replay, &err), 0);
	/* What is asked for, and the window of the one before us. */
	script.answers[4].receipt = script.answers[5].receipt =
		(struct sink_receipt){ .confirmed = 3, .sent = 3, .bytes = 30 };
	end = deliver_all_by(&inexact_ops, spool, SETTINGS_BEGINNING);
	assert_int_equal(script.count, 6);
	assert_int_equal(end.cursor.delivered, 3);
	assert_int_equal(end.cursor.replayed, 11);
	spool_free(spool);
}

struct changes {
	char text[256];
};

static void note_change(void *context, const char *sink, enum courier_mood mood, bool is_first, const struct err *err)
{
	struct changes *c = context;
	size_t len = strlen(c->text);

	(void)snprintf(c->text + len, sizeof(c->text) - len, "%s %s%s%s%s\n", sink, courier_mood_names[mood],
		       is_first ? " first" : "", err ? ": " : "", err ? err->text : "");
}

/* The sink fails so often in a row, and delivers then. */
static void assert_changes(unsigned failures, enum sink_result how, const char *expected)
{
	char name[] = "siem";
	const struct settings_sink settings = { .name = name,
						.start = SETTINGS_BEGINNING,
						.filter = { .severity = EVENT_DEBUG } };
	struct changes changes = { .text = "" };
	struct spool *spool = open_spool();
	const struct courier_options options = {
		.spool = spool, .settings = &settings, .ops = &script_ops, .changed = note_change, .context = &changes
	};
	struct err err = ERR_INIT;
	struct courier *courier;

	script = (struct script){ .count = 0 };
	for (unsigned i = 0; i < failures; i++)
		script.answers[i].result = how;
	script.answers[failures].receipt = (struct sink_receipt){ .confirmed = 1, .sent = 1 };
	put_some(spool, "audit", 1, 1, NULL);
	courier = courier_new(&options, &err);
	assert_non_null(courier);
	assert_int_equal(courier_start(courier, &err), 0);
	courier_finish(courier);
	assert_true(courier_has_ended(courier, WAIT_MS));
	courier_free(courier);
	spool_free(spool);
	assert_int_equal(remove_dir(NULL), 0);
	assert_int_equal(make_dir(NULL), 0);
	assert_string_equal(changes.text, expected);
}

/* The sink has taken all, and where it is cannot be stored: tries are further and further apart, it is said, and
 * `run --once` ends. */
static void a_place_that_cannot_be_stored_is_told_and_given_up(void **state)
{
	char name[] = "siem";
	const struct settings_sink settings = { .name = name,
						.start = SETTINGS_BEGINNING,
						.filter = { .severity = EVENT_DEBUG } };
	struct changes changes = { .text = "" };
	struct spool *spool = open_spool();
	const struct courier_options options = { .spool = spool,
						 .settings = &settings,
						 .ops = &script_ops,
						 .is_once = true,
						 .changed = note_change,
						 .context = &changes };
	struct err err = ERR_INIT;
	struct courier_state end;
	struct courier *courier;
	bool has_ended;

	(void)state;
	script = (struct script){ .fills_disk = true };
	script.answers[0].receipt = script.answers[1].receipt = (struct sink_receipt){ .confirmed = 3, .sent = 3 };
	put_some(spool, "audit", 1, 3, NULL);
	courier = courier_new(&options, &err);
	assert_non_null(courier);
	assert_int_equal(courier_start(courier, &err), 0);
	courier_finish(courier);
	has_ended = courier_has_ended(courier, WAIT_MS);
	limit_files(false);
	assert_true(has_ended);
	courier_state(courier, &end);
	courier_free(courier);
	assert_int_equal(script.count, 1);
	assert_int_equal(end.mood, COURIER_BROKEN);
	assert_int_equal(end.pending, 0);
	assert_non_null(strstr(end.error, strerror(EFBIG)));
	assert_string_equal(changes.text, "siem waiting first: cannot use the spool: File too large\n");

	/* Whoever comes next begins where the last stored place was, and says so to the sink. */
	script.fills_disk = false;
	end = deliver_all(spool, SETTINGS_BEGINNING);
	assert_int_equal(script.count, 2);
	assert_int_equal(script.calls[1].first, 1);
	assert_true(script.calls[1].is_doubtful);
	assert_int_equal(end.cursor.confirmed, 3);
	assert_int_equal(end.cursor.delivered, 3);
	spool_free(spool);
}

static void what_an_operator_should_know_is_told_once(void **state)
{
	(void)state;
	assert_changes(0, SINK_OK, "siem sending first\n");
	assert_changes(2, SINK_RETRY, "siem sending first\n"); /* no news */
	assert_changes(4, SINK_RETRY, "siem waiting first: as the test wants it\nsiem sending\n");
	assert_changes(2, SINK_BROKEN, "siem broken first: as the test wants it\nsiem sending\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_said_of_an_event_that_comes_again_counts_once),
		TEST(a_sink_that_starts_now_gets_only_what_comes_and_keeps_where_it_began),
		TEST(one_that_is_new_is_owed_nothing_whose_body_has_gone),
		TEST(one_that_comes_back_is_told_to_have_missed_what_has_gone_meanwhile),
		TEST(what_a_replay_has_sent_goes_out_again_when_the_connection_is_lost),
		TEST(replays_do_not_wait_for_each_others_windows),
		TEST(a_replay_ends_with_its_window_though_nothing_else_happens),
		TEST(an_event_counts_once_however_often_it_is_sent),
		TEST(what_an_operator_should_know_is_told_once),
		TEST(one_that_never_takes_anything_is_given_up),
		TEST(a_place_that_cannot_be_stored_is_told_and_given_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
