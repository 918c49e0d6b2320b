/* SPDX-License-Identifier: Apache-2.0 */
#include "common/base/bounds.h"
#include "common/base/text.h"
#include "tests/support/receiver.h"
#include "tests/support/sinkenv.h"

/* The sink waits half a minute for answers: here, it is less patient. */
#undef SINK_PATIENCE_MS
#define SINK_PATIENCE_MS 300
#undef CONN_OPEN_MS
#define CONN_OPEN_MS 300
#include "forwarder/sink/relp.c" /* NOLINT(bugprone-suspicious-include) */
#undef ACCEPTED
#include "forwarder/sink/relp_session.c" /* NOLINT(bugprone-suspicious-include) */

#define EVENTS 1000
#define OPENED "200 OK\nrelp_version=0\nrelp_software=test\ncommands=syslog"

/* --- a receiver that speaks RELP --- */

struct server {
	struct receiver *receiver;
	int fd;
	size_t taken; /* of what was received */
};

/* The next frame; false: the sender has ended. */
static bool next_frame(struct server *s, struct relp_frame *ret)
{
	for (;;) {
		size_t len = 0;
		int status =
			relp_frame_read(view_sub(buf_view(&s->receiver->got), s->taken, SIZE_MAX), 1u << 20, ret, &len);

		if (status < 0)
			abort();
		s->taken += len;
		if (status > 0)
			return true;
		if (!receiver_read(s->receiver, s->fd))
			return false;
	}
}

static void answer(const struct server *s, uint32_t txn, const char *text)
{
	char frame[512];
	int len =
		snprintf(frame, sizeof(frame), "%u rsp %zu%s%s\n", (unsigned)txn, strlen(text), *text ? " " : "", text);

	receiver_say(s->fd, view_from(frame, (size_t)len));
}

/* Takes the offers and answers them. */
static struct server greet(struct receiver *r, int fd)
{
	struct server s = { .receiver = r, .fd = fd, .taken = r->got.len };
	struct relp_frame frame;

	if (!next_frame(&s, &frame) || !text_eq(frame.command, VIEW("open")) || frame.txn != 1)
		abort();
	answer(&s, frame.txn, OPENED);
	return s;
}

/* Takes messages and answers each; the closing, too. */
static void serve_rest(struct server *s)
{
	struct relp_frame frame;

	while (next_frame(s, &frame)) {
		bool is_close = text_eq(frame.command, VIEW("close"));

		answer(s, frame.txn, is_close ? "" : "200 OK");
		if (is_close) {
			receiver_say(s->fd, VIEW("0 serverclose 0\n"));
			return;
		}
	}
}

static void serve(struct receiver *r, int fd)
{
	struct server s = greet(r, fd);

	serve_rest(&s);
}

/* --- the sink --- */

struct bed {
	struct sinkenv *env;
	struct receiver receiver;
	struct relp_sink *sink;
	struct sink_receipt receipt;
	struct err err;
};

static void open_bed(struct bed *b, void **state, void (*served)(struct receiver *, int), size_t events)
{
	static char loopback[] = "127.0.0.1";
	struct err err = ERR_INIT;

	*b = (struct bed){ .env = *state, .receiver = { .serve = served } };
	receiver_start(&b->receiver);
	b->env->settings.type = SETTINGS_SYSLOG;
	b->env->settings.transport = SETTINGS_RELP;
	b->env->settings.host = loopback;
	b->env->settings.port = b->receiver.port;
	b->env->settings.max_message = 1024;
	sinkenv_fill(b->env, events, 300);
	b->sink = sink_relp.open(&b->env->env, &err);
	assert_non_null(b->sink);
}

static enum sink_result deliver(struct bed *b, size_t first, size_t last)
{
	const struct sink_batch batch = sinkenv_batch(b->env, first, last, false);

	b->receipt = (struct sink_receipt){ .confirmed = 0 };
	b->err = (struct err)ERR_INIT;
	return sink_relp.deliver(b->sink, &batch, &b->receipt, &b->err);
}

static void close_bed(struct bed *b)
{
	sink_relp.close(b->sink);
	receiver_stop(&b->receiver);
	buf_done(&b->receiver.got);
}

/* A batch of one session; what the receiver does is served's. */
static void expect(void **state, void (*served)(struct receiver *, int), size_t events, enum sink_result result,
		   size_t confirmed, const char *why)
{
	struct bed b;

	open_bed(&b, state, served, events);
	assert_int_equal(deliver(&b, 1, events), result);
	assert_int_equal(b.receipt.confirmed, confirmed);
	assert_true(b.receipt.sent >= confirmed);
	if (!strstr(b.err.text, why))
		fail_msg("'%s' is not in '%s'", why, b.err.text);
	close_bed(&b);
}

/* --- sessions --- */

static void messages_are_answered_and_the_session_is_closed_in_order(void **state)
{
	struct server s;
	struct relp_frame frame;
	struct bed b;

	open_bed(&b, state, serve, EVENTS);
	assert_int_equal(deliver(&b, 1, EVENTS), SINK_OK);
	assert_int_equal(b.receipt.confirmed, EVENTS);
	assert_true(sink_relp.is_quiet(b.sink));
	assert_true(sink_relp.finish(b.sink));
	sink_relp.close(b.sink);
	receiver_stop(&b.receiver);
	s = (struct server){ .receiver = &b.receiver };
	assert_true(next_frame(&s, &frame));
	assert_view(frame.data, "relp_version=0\nrelp_software=skantd\ncommands=syslog");
	for (uint32_t i = 1; i <= EVENTS; i++) {
		DEFER(buf_done) struct buf message = BUF_INIT(4096);
		bool is_cut;

		assert_true(next_frame(&s, &frame));
		assert_int_equal(frame.txn, i + 1);
		assert_view(frame.command, "syslog");
		assert_int_equal(sinkenv_encode(&b.env->events[i - 1], &b.env->env.encoding, &message, &is_cut), 0);
		assert_true(text_eq(frame.data, buf_view(&message)));
	}
	assert_true(next_frame(&s, &frame));
	assert_view(frame.command, "close");
	buf_done(&b.receiver.got);
}

static void several_batches_go_over_one_session(void **state)
{
	struct bed b;

	open_bed(&b, state, serve, 20);
	for (size_t i = 1; i <= 20; i++) {
		assert_int_equal(deliver(&b, i, i), SINK_OK);
		assert_int_equal(b.receipt.confirmed, 1);
	}
	close_bed(&b);
	assert_int_equal(b.receiver.connections, 1);
}

static void transactions_begin_again_after_the_last_number(void **state)
{
	struct bed b;

	open_bed(&b, state, serve, EVENTS);
	assert_int_equal(deliver(&b, 1, 1), SINK_OK);
	b.sink->session.txn = RELP_TXN_MAX - 5;
	assert_int_equal(deliver(&b, 2, EVENTS), SINK_OK);
	assert_int_equal(b.receipt.confirmed, EVENTS - 1);
	assert_int_equal(b.sink->session.txn, EVENTS - 1 - 5);
	close_bed(&b);
}

static void refuse_session(struct receiver *r, int fd)
{
	struct server s = { .receiver = r, .fd = fd };
	struct relp_frame frame;

	(void)next_frame(&s, &frame);
	answer(&s, 1, "500 required command not supported by client");
	receiver_read_all(r, fd);
}

static void a_session_that_is_refused_needs_a_person(void **state)
{
	expect(state, refuse_session, 1, SINK_BROKEN, 0, "it answered 500 required command not supported");
}

static void offer_nothing(struct receiver *r, int fd)
{
	struct server s = { .receiver = r, .fd = fd };
	struct relp_frame frame;

	(void)next_frame(&s, &frame);
	answer(&s, 1, "200 OK\nrelp_version=0\ncommands=eventlog");
	receiver_read_all(r, fd);
}

static void one_that_takes_no_syslog_needs_a_person(void **state)
{
	expect(state, offer_nothing, 1, SINK_BROKEN, 0, "takes no syslog over RELP");
}

static void speak_http(struct receiver *r, int fd)
{
	(void)receiver_read(r, fd);
	receiver_say(fd, VIEW("HTTP/1.1 400 Bad Request\r\n\r\n"));
}

static void what_speaks_no_relp_is_told(void **state)
{
	expect(state, speak_http, 1, SINK_RETRY, 0, "is no RELP");
}

static void one_that_does_not_answer_the_offers_is_left_after_some_time(void **state)
{
	expect(state, receiver_read_all, 1, SINK_RETRY, 0, "does not answer");
}

/* --- answers --- */

#define TAKEN 100 /* messages that the ones below take before they answer; less than the window */

/* Their transactions, as they came. */
static void take(struct server *s, uint32_t txns[static TAKEN])
{
	struct relp_frame frame;

	for (size_t i = 0; i < TAKEN; i++) {
		if (!next_frame(s, &frame))
			abort();
		txns[i] = frame.txn;
	}
}

static void answer_backwards(struct receiver *r, int fd)
{
	struct server s = greet(r, fd);
	uint32_t txns[TAKEN];

	take(&s, txns);
	for (size_t i = TAKEN; i-- > 0;)
		answer(&s, txns[i], "200 OK");
	serve_rest(&s);
}

static void answers_may_come_in_any_order(void **state)
{
	expect(state, answer_backwards, TAKEN, SINK_OK, TAKEN, "");
}

static void answer_all_but_the_first(struct receiver *r, int fd)
{
	struct server s = greet(r, fd);
	uint32_t txns[TAKEN];

	take(&s, txns);
	for (size_t i = 1; i < TAKEN; i++)
		answer(&s, txns[i], i == 50 ? "500 no" : "200 OK");
	receiver_read_all(r, fd);
}

static void only_what_is_answered_from_the_first_on_is_done_with(void **state)
{
	struct bed b;

	open_bed(&b, state, answer_all_but_the_first, TAKEN);
	assert_int_equal(deliver(&b, 1, TAKEN), SINK_LOST);
	assert_int_equal(b.receipt.confirmed, 0);
	assert_int_equal(b.receipt.sent, TAKEN);
	assert_int_equal(b.receipt.exception_count, 0);
	assert_non_null(strstr(b.err.text, "does not answer"));
	close_bed(&b);
}

/* How many bytes of the answers to ten messages are sent before the connection ends. */
static atomic_size_t torn_at;

static void tear(struct receiver *r, int fd)
{
	struct server s = greet(r, fd);
	struct relp_frame frame;
	DEFER(buf_done) struct buf answers = BUF_INIT(4096);
	size_t end = atomic_load(&torn_at);

	for (unsigned i = 0; i < 10; i++)
		if (!next_frame(&s, &frame) || relp_frame_add(&answers, frame.txn, "rsp", VIEW("200 OK")))
			abort();
	for (size_t i = 0; i < end && i < answers.len; i++)
		receiver_say(fd, view_from(answers.ptr + i, 1));
	if (end % 2)
		receiver_reset(fd);
}

static void answers_that_are_torn_anywhere_count_as_far_as_they_are_whole(void **state)
{
	struct bed b;
	size_t whole = 0;

	open_bed(&b, state, tear, 10);
	/* "2 rsp 6 200 OK\n" has 15 bytes, from 10 on one more */
	for (size_t end = 0; end < 152; end++) {
		size_t most = end < 120 ? end / 15 : 8 + (end - 120) / 16;

		atomic_store(&torn_at, end);
		assert_int_equal(deliver(&b, 1, 10), SINK_LOST);
		assert_true(b.receipt.confirmed <= most);
		/* a reset may throw away what had come before it */
		if (end % 2 == 0)
			assert_int_equal(b.receipt.confirmed, most);
		assert_int_equal(b.receipt.sent, 10);
		whole += b.receipt.confirmed;
	}
	assert_true(whole > 0);
	close_bed(&b);
}

static _Atomic(const char *) last_words;

static void say_last_words(struct receiver *r, int fd)
{
	struct server s = greet(r, fd);
	uint32_t txns[TAKEN];

	take(&s, txns);
	answer(&s, txns[0], "200 OK");
	receiver_say(fd, view_of(atomic_load(&last_words)));
	receiver_read_all(r, fd);
}

static void what_no_answer_can_be_ends_the_session(void **state)
{
	static const struct {
		const char *words, *why;
	} cases[] = {
		{ "777 rsp 6 200 OK\n", "answers what it was not asked (transaction 777)" },
		{ "2 rsp 6 200 OK\n", "answers what it was not asked (transaction 2)" },
		{ "0 rsp 6 200 OK\n", "answers what it was not asked (transaction 0)" },
		{ "3 rsp 2 OK\n", "is no RELP" },
		{ "3 rsp 0\n", "is no RELP" },
		{ "3 syslog 6 200 OK\n", "is no RELP" },
		{ "3 rsp 16385 ", "is no RELP" },
		{ "garbage", "is no RELP" },
		{ "0 serverclose 0\n", "closed the session" },
	};
	struct bed b;

	open_bed(&b, state, say_last_words, TAKEN);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		atomic_store(&last_words, cases[i].words);
		assert_int_equal(deliver(&b, 1, TAKEN), SINK_LOST);
		/* the first answer counts when it was read by itself */
		assert_true(b.receipt.confirmed <= 1);
		assert_int_equal(b.receipt.sent, TAKEN);
		if (!strstr(b.err.text, cases[i].why))
			fail_msg("'%s' is not in '%s'", cases[i].why, b.err.text);
	}
	close_bed(&b);
}

static void hint_first(struct receiver *r, int fd)
{
	struct server s = greet(r, fd);

	receiver_say(fd, VIEW("0 somehint 3 abc\n"));
	serve_rest(&s);
}

static void hints_that_are_not_known_do_not_matter(void **state)
{
	expect(state, hint_first, TAKEN, SINK_OK, TAKEN, "");
}

/* --- rejected messages --- */

static void reject_every_third(struct receiver *r, int fd)
{
	struct server s = greet(r, fd);
	struct relp_frame frame;

	for (unsigned i = 0; next_frame(&s, &frame); i++)
		answer(&s, frame.txn,
		       text_eq(frame.command, VIEW("close")) ? ""
		       : i % 3 == 1                          ? "500 too \x1b[31mlarge"
							     : "200 OK");
}

static void a_message_that_is_rejected_is_a_dead_letter(void **state)
{
	struct bed b;

	open_bed(&b, state, reject_every_third, 9);
	assert_int_equal(deliver(&b, 1, 9), SINK_OK);
	assert_int_equal(b.receipt.confirmed, 9);
	assert_int_equal(b.receipt.exception_count, 3);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(b.receipt.exceptions[i].index, 3 * i + 1);
		assert_true(b.receipt.exceptions[i].is_rejected);
		assert_string_equal(b.receipt.exceptions[i].reason, "the receiver answered 500: too \\x1b[31mlarge");
	}
	close_bed(&b);
}

static void reject_all(struct receiver *r, int fd)
{
	struct server s = greet(r, fd);
	struct relp_frame frame;

	while (next_frame(&s, &frame))
		answer(&s, frame.txn, text_eq(frame.command, VIEW("close")) ? "" : "500");
}

static void no_more_are_sent_than_can_be_told_of(void **state)
{
	struct bed b;
	size_t done = 0;

	open_bed(&b, state, reject_all, EVENTS);
	while (done < EVENTS) {
		assert_int_equal(deliver(&b, done + 1, EVENTS), SINK_OK);
		assert_true(b.receipt.confirmed > 0);
		assert_int_equal(b.receipt.exception_count, b.receipt.confirmed);
		done += b.receipt.confirmed;
	}
	close_bed(&b);
}

/* --- the window --- */

static void count_unanswered(struct receiver *r, int fd)
{
	struct server s = greet(r, fd);
	struct relp_frame frame;
	uint32_t first = 0;

	for (unsigned i = 0; i < RELP_WINDOW; i++) {
		if (!next_frame(&s, &frame))
			abort();
		first = first ? first : frame.txn;
	}
	if (s.taken != r->got.len || poll(&(struct pollfd){ .fd = fd, .events = POLLIN }, 1, 50) != 0)
		abort(); /* more than the window */
	for (unsigned i = 0; i < RELP_WINDOW; i++)
		answer(&s, first + i, "200 OK");
	serve_rest(&s);
}

static void no_more_than_the_window_is_under_way(void **state)
{
	expect(state, count_unanswered, EVENTS, SINK_OK, EVENTS, "");
}

static void answer_late(struct receiver *r, int fd)
{
	struct server s = greet(r, fd);
	uint32_t txns[TAKEN];

	take(&s, txns);
	receiver_hold(r);
	for (size_t i = 0; i < TAKEN; i++)
		answer(&s, txns[i], "200 OK");
	serve_rest(&s);
}

static void *raise_stop(void *env)
{
	struct sinkenv *s = env;
	const uint64_t one = 1;

	(void)poll(NULL, 0, 20);
	atomic_store(&s->stop, true);
	(void)!write(s->env.wake_fd, &one, sizeof(one));
	return NULL;
}

static void after_a_stop_the_end_waits_for_the_answers(void **state)
{
	struct bed b;
	pthread_t thread;

	open_bed(&b, state, answer_late, TAKEN);
	assert_int_equal(pthread_create(&thread, NULL, raise_stop, b.env), 0);
	assert_int_equal(deliver(&b, 1, TAKEN), SINK_RETRY);
	pthread_join(thread, NULL);
	assert_int_equal(b.receipt.confirmed, 0);
	assert_false(sink_relp.is_quiet(b.sink));
	receiver_go_on(&b.receiver);
	assert_true(sink_relp.finish(b.sink));
	close_bed(&b);
}

static void hint_without_end(struct receiver *r, int fd)
{
	(void)greet(r, fd);
	while (send(fd, "0 hint 0\n", 9, MSG_NOSIGNAL) > 0)
		;
}

static void one_that_talks_without_end_keeps_nobody(void **state)
{
	struct bed b;
	pthread_t thread;

	open_bed(&b, state, hint_without_end, 1);
	assert_int_equal(pthread_create(&thread, NULL, raise_stop, b.env), 0);
	assert_int_equal(deliver(&b, 1, 1), SINK_RETRY);
	pthread_join(thread, NULL);
	assert_non_null(strstr(b.err.text, "stopped"));
	assert_int_equal(sink_relp.idle(b.sink, &b.receipt, &b.err), SINK_OK);
	assert_false(sink_relp.finish(b.sink));
	close_bed(&b);
}

static void late_answers_are_not_taken_for_those_of_the_next_batch(void **state)
{
	struct bed b;
	pthread_t thread;

	open_bed(&b, state, answer_late, TAKEN + 50);
	assert_int_equal(pthread_create(&thread, NULL, raise_stop, b.env), 0);
	assert_int_equal(deliver(&b, 1, TAKEN), SINK_RETRY);
	pthread_join(thread, NULL);
	atomic_store(&b.env->stop, false);
	(void)!read(b.env->env.wake_fd, &(uint64_t){ 0 }, sizeof(uint64_t));
	receiver_go_on(&b.receiver);
	assert_int_equal(deliver(&b, TAKEN + 1, TAKEN + 50), SINK_OK);
	assert_int_equal(b.receipt.confirmed, 50);
	close_bed(&b);
}

static void close_when_told(struct receiver *r, int fd)
{
	struct server s = greet(r, fd);
	struct relp_frame frame;

	(void)next_frame(&s, &frame);
	answer(&s, frame.txn, "200 OK");
	receiver_hold(r);
	receiver_say(fd, VIEW("0 serverclose 0\n"));
}

static void a_session_that_the_receiver_closes_is_noticed_in_between(void **state)
{
	struct pollfd fd = { .events = POLLIN };
	struct bed b;

	open_bed(&b, state, close_when_told, 1);
	assert_int_equal(deliver(&b, 1, 1), SINK_OK);
	assert_int_equal(sink_relp.idle(b.sink, &b.receipt, &b.err), SINK_OK);
	receiver_go_on(&b.receiver);
	fd.fd = sink_relp.idle_fd(b.sink);
	assert_int_equal(poll(&fd, 1, 10000), 1);
	assert_int_equal(sink_relp.idle(b.sink, &b.receipt, &b.err), SINK_LOST);
	assert_non_null(strstr(b.err.text, "closed the session"));
	assert_int_equal(sink_relp.idle_fd(b.sink), -1);
	close_bed(&b);
}

static void never_close(struct receiver *r, int fd)
{
	struct server s = greet(r, fd);
	struct relp_frame frame;

	while (next_frame(&s, &frame))
		if (text_eq(frame.command, VIEW("syslog")))
			answer(&s, frame.txn, "200 OK");
}

static void an_end_that_is_not_answered_is_none_in_order(void **state)
{
	struct bed b;

	open_bed(&b, state, never_close, 1);
	assert_int_equal(deliver(&b, 1, 1), SINK_OK);
	assert_false(sink_relp.finish(b.sink));
	close_bed(&b);
}

/* --- check --sink --- */

static void a_probe_tells_what_is_answered(void **state)
{
	DEFER(buf_done) struct buf report = BUF_INIT(1u << 20);
	struct bed b;

	open_bed(&b, state, reject_every_third, 1);
	assert_int_equal(sink_relp.probe(b.sink, &report, &b.err), 1);
	assert_non_null(strstr(report.ptr, "512 bytes: sent, answered 200\n"
					   "1024 bytes: NOT TAKEN: the receiver answered 500: too"));
	assert_non_null(strstr(report.ptr, "set max_message to 512 or less"));
	close_bed(&b);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, sinkenv_set_up, sinkenv_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(messages_are_answered_and_the_session_is_closed_in_order),
		TEST(several_batches_go_over_one_session),
		TEST(transactions_begin_again_after_the_last_number),
		TEST(a_session_that_is_refused_needs_a_person),
		TEST(one_that_takes_no_syslog_needs_a_person),
		TEST(what_speaks_no_relp_is_told),
		TEST(one_that_does_not_answer_the_offers_is_left_after_some_time),
		TEST(answers_may_come_in_any_order),
		TEST(only_what_is_answered_from_the_first_on_is_done_with),
		TEST(answers_that_are_torn_anywhere_count_as_far_as_they_are_whole),
		TEST(what_no_answer_can_be_ends_the_session),
		TEST(hints_that_are_not_known_do_not_matter),
		TEST(a_message_that_is_rejected_is_a_dead_letter),
		TEST(no_more_are_sent_than_can_be_told_of),
		TEST(no_more_than_the_window_is_under_way),
		TEST(after_a_stop_the_end_waits_for_the_answers),
		TEST(one_that_talks_without_end_keeps_nobody),
		TEST(late_answers_are_not_taken_for_those_of_the_next_batch),
		TEST(a_session_that_the_receiver_closes_is_noticed_in_between),
		TEST(an_end_that_is_not_answered_is_none_in_order),
		TEST(a_probe_tells_what_is_answered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
