/* SPDX-License-Identifier: Apache-2.0 */
#include "common/base/bounds.h"
#include "common/base/text.h"
#include "tests/support/receiver.h"
#include "tests/support/sinkenv.h"

/* The sink waits half a minute for one that does not read: here, it is less patient. */
#undef SINK_PATIENCE_MS
#define SINK_PATIENCE_MS 300
#include "forwarder/sink/stream.c" /* NOLINT(bugprone-suspicious-include) */

#define EVENTS 1000

struct bed {
	struct sinkenv *env;
	struct receiver receiver;
	void *sink;
	struct sink_receipt receipt;
	struct err err;
};

static void open_bed(struct bed *b, void **state, void (*serve)(struct receiver *, int), size_t events, size_t body)
{
	static char loopback[] = "127.0.0.1";
	struct err err = ERR_INIT;

	*b = (struct bed){ .env = *state, .receiver = { .serve = serve } };
	receiver_start(&b->receiver);
	b->env->settings.type = SETTINGS_SYSLOG;
	b->env->settings.transport = SETTINGS_TCP;
	b->env->settings.port = b->receiver.port;
	b->env->settings.max_message = 8096;
	b->env->settings.host = loopback;
	sinkenv_fill(b->env, events, body);
	b->sink = sink_stream.open(&b->env->env, &err);
	assert_non_null(b->sink);
}

static enum sink_result deliver(struct bed *b, size_t first, size_t last, bool is_doubtful)
{
	const struct sink_batch batch = sinkenv_batch(b->env, first, last, is_doubtful);

	b->receipt = (struct sink_receipt){ .confirmed = 0 };
	b->err = (struct err)ERR_INIT;
	return sink_stream.deliver(b->sink, &batch, &b->receipt, &b->err);
}

static void close_bed(struct bed *b)
{
	sink_stream.close(b->sink);
	receiver_stop(&b->receiver);
	buf_done(&b->receiver.got);
}

/* Takes the next frame off. false: there is no whole one. */
static bool next_frame(struct view *rest, struct view *ret)
{
	size_t space = text_find_byte(*rest, ' ');
	uint64_t len;

	if (space == SIZE_MAX || text_u64(view_sub(*rest, 0, space), SYSLOG_MESSAGE_BYTES, &len) ||
	    rest->len - space - 1 < len)
		return false;
	*ret = view_sub(*rest, space + 1, (size_t)len);
	*rest = view_sub(*rest, space + 1 + (size_t)len, SIZE_MAX);
	return true;
}

/* What was received is the frames of events first to last, and nothing else. */
static void check_frames(const struct bed *b, size_t first, size_t last)
{
	struct view rest = buf_view(&b->receiver.got), frame;

	for (size_t i = first; i <= last; i++) {
		DEFER(buf_done) struct buf expected = BUF_INIT(1u << 20);
		bool is_cut;

		assert_true(next_frame(&rest, &frame));
		assert_int_equal(sinkenv_encode(&b->env->events[i - 1], &b->env->env.encoding, &expected, &is_cut), 0);
		assert_int_equal(frame.len, expected.len);
		assert_memory_equal(frame.ptr, expected.ptr, frame.len);
	}
	assert_int_equal(rest.len, 0);
}

/* --- what goes out --- */

static void a_frame_tells_its_length_and_nothing_stands_between_two(void **state)
{
	struct bed b;

	open_bed(&b, state, receiver_read_all, EVENTS, 600);
	assert_int_equal(deliver(&b, 1, 3, false), SINK_OK);
	assert_int_equal(b.receipt.confirmed, 3);
	assert_int_equal(b.receipt.sent, 3);
	assert_int_equal(deliver(&b, 4, EVENTS, false), SINK_OK);
	assert_int_equal(b.receipt.confirmed, EVENTS - 3);
	assert_int_equal(b.receipt.exception_count, 0);
	assert_true(sink_stream.finish(b.sink));
	sink_stream.close(b.sink);
	receiver_stop(&b.receiver);
	check_frames(&b, 1, EVENTS);
	buf_done(&b.receiver.got);
}

static void the_receipt_counts_the_bytes_of_the_wire(void **state)
{
	struct bed b;

	open_bed(&b, state, receiver_read_all, EVENTS, 600);
	assert_int_equal(deliver(&b, 1, EVENTS, false), SINK_OK);
	sink_stream.close(b.sink);
	receiver_stop(&b.receiver);
	assert_int_equal(b.receipt.bytes, b.receiver.got.len);
	buf_done(&b.receiver.got);
}

static void what_may_have_been_sent_before_is_marked(void **state)
{
	struct bed b;

	open_bed(&b, state, receiver_read_all, 2, 100);
	assert_int_equal(deliver(&b, 1, 1, true), SINK_OK);
	assert_int_equal(deliver(&b, 2, 2, false), SINK_OK);
	sink_stream.close(b.sink);
	receiver_stop(&b.receiver);
	b.env->events[0].is_replay = true;
	check_frames(&b, 1, 2);
	buf_done(&b.receiver.got);
}

/* --- receivers that are not there, or go --- */

static void one_that_is_not_there_is_to_be_tried_again(void **state)
{
	struct bed b;

	open_bed(&b, state, receiver_read_all, 1, 100);
	receiver_stop(&b.receiver);
	assert_int_equal(deliver(&b, 1, 1, false), SINK_RETRY);
	assert_int_equal(b.receipt.sent, 0);
	assert_non_null(strstr(b.err.text, "cannot connect to 127.0.0.1:"));
	assert_int_equal(sink_stream.idle_fd(b.sink), -1);
	assert_int_equal(sink_stream.idle(b.sink, &b.receipt, &b.err), SINK_OK);
	assert_false(sink_stream.finish(b.sink));
	sink_stream.close(b.sink);
	buf_done(&b.receiver.got);
}

/* One connection that says all it has to, the others as they should be. */
static void close_after_the_first_read(struct receiver *r, int fd)
{
	if (r->connections == 1)
		(void)receiver_read(r, fd);
	else
		receiver_read_all(r, fd);
}

static void wait_for_its_end(const struct bed *b)
{
	struct pollfd fd = { .fd = sink_stream.idle_fd(b->sink), .events = POLLIN | POLLRDHUP };

	assert_int_equal(poll(&fd, 1, 10000), 1);
}

static void one_that_closed_between_two_batches_has_lost_something(void **state)
{
	struct bed b;

	open_bed(&b, state, close_after_the_first_read, 2, 100);
	assert_int_equal(deliver(&b, 1, 1, false), SINK_OK);
	wait_for_its_end(&b);
	assert_int_equal(deliver(&b, 2, 2, false), SINK_LOST);
	assert_int_equal(b.receipt.sent, 0);
	assert_non_null(strstr(b.err.text, "closed the connection"));
	assert_int_equal(deliver(&b, 1, 2, true), SINK_OK);
	close_bed(&b);
	assert_int_equal(b.receiver.connections, 2);
}

static void its_end_is_noticed_while_there_is_nothing_to_send(void **state)
{
	struct bed b;

	open_bed(&b, state, close_after_the_first_read, 1, 100);
	assert_int_equal(deliver(&b, 1, 1, false), SINK_OK);
	wait_for_its_end(&b);
	assert_int_equal(sink_stream.idle(b.sink, &b.receipt, &b.err), SINK_LOST);
	assert_int_equal(sink_stream.idle_fd(b.sink), -1);
	assert_false(sink_stream.is_quiet(b.sink));
	assert_int_equal(sink_stream.idle(b.sink, &b.receipt, &b.err), SINK_OK);
	close_bed(&b);
}

static void half_close(struct receiver *r, int fd)
{
	(void)receiver_read(r, fd);
	(void)shutdown(fd, SHUT_WR);
	receiver_read_all(r, fd);
}

static void one_that_closes_its_half_is_gone(void **state)
{
	struct bed b;

	open_bed(&b, state, half_close, 1, 100);
	assert_int_equal(deliver(&b, 1, 1, false), SINK_OK);
	wait_for_its_end(&b);
	assert_int_equal(sink_stream.idle(b.sink, &b.receipt, &b.err), SINK_LOST);
	close_bed(&b);
}

static void reset_within_a_frame(struct receiver *r, int fd)
{
	(void)receiver_read(r, fd);
	receiver_reset(fd);
}

static void a_batch_that_breaks_off_is_not_done_with(void **state)
{
	struct bed b;

	open_bed(&b, state, reset_within_a_frame, EVENTS, 8000);
	assert_int_equal(deliver(&b, 1, EVENTS, false), SINK_LOST);
	assert_int_equal(b.receipt.confirmed, 0);
	assert_true(b.receipt.sent > 0);
	assert_non_null(strstr(b.err.text, "the connection to 127.0.0.1:"));
	close_bed(&b);
}

/* How many bytes the one that closes reads before. */
static atomic_size_t bytes_read;

static void close_after_some_bytes(struct receiver *r, int fd)
{
	size_t len = atomic_load(&bytes_read);
	char bytes[256];

	if (len)
		(void)recv(fd, bytes, len, MSG_WAITALL);
	receiver_reset(fd);
	(void)r;
}

static void however_early_it_ends_that_is_noticed_by_the_next_batch(void **state)
{
	struct bed b;

	open_bed(&b, state, close_after_some_bytes, 1, 100);
	for (size_t n = 0; n < 200; n += 7) {
		atomic_store(&bytes_read, n);
		if (deliver(&b, 1, 1, false) == SINK_OK) {
			wait_for_its_end(&b);
			assert_int_equal(deliver(&b, 1, 1, false), SINK_LOST);
		} else {
			assert_int_equal(b.receipt.confirmed, 0);
		}
	}
	close_bed(&b);
}

/* --- receivers that do not read --- */

static void read_nothing(struct receiver *r, int fd)
{
	receiver_hold(r);
	receiver_read_all(r, fd);
}

static void one_that_does_not_read_is_gone_after_some_time(void **state)
{
	struct bed b;

	open_bed(&b, state, read_nothing, EVENTS, 8000);
	assert_int_equal(deliver(&b, 1, EVENTS, false), SINK_LOST);
	assert_int_equal(b.receipt.confirmed, 0);
	assert_non_null(strstr(b.err.text, "takes no more: it does not read"));
	receiver_go_on(&b.receiver);
	close_bed(&b);
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

static void a_stop_ends_the_waiting_and_the_end_completes_what_was_begun(void **state)
{
	struct bed b;
	pthread_t thread;

	open_bed(&b, state, read_nothing, EVENTS, 8000);
	assert_int_equal(pthread_create(&thread, NULL, raise_stop, b.env), 0);
	assert_int_equal(deliver(&b, 1, EVENTS, false), SINK_RETRY);
	pthread_join(thread, NULL);
	assert_non_null(strstr(b.err.text, "stopped while writing"));
	assert_true(b.receipt.confirmed < b.receipt.sent && b.receipt.sent < EVENTS);
	assert_false(sink_stream.is_quiet(b.sink));
	receiver_go_on(&b.receiver);
	assert_true(sink_stream.finish(b.sink));
	sink_stream.close(b.sink);
	receiver_stop(&b.receiver);
	check_frames(&b, 1, b.receipt.sent);
	buf_done(&b.receiver.got);
}

static void what_was_begun_is_completed_by_the_next_batch(void **state)
{
	struct bed b;
	pthread_t thread;
	size_t sent;

	open_bed(&b, state, read_nothing, EVENTS, 8000);
	assert_int_equal(pthread_create(&thread, NULL, raise_stop, b.env), 0);
	assert_int_equal(deliver(&b, 1, EVENTS, false), SINK_RETRY);
	pthread_join(thread, NULL);
	sent = b.receipt.sent;
	atomic_store(&b.env->stop, false);
	(void)!read(b.env->env.wake_fd, &(uint64_t){ 0 }, sizeof(uint64_t));
	receiver_go_on(&b.receiver);
	assert_int_equal(deliver(&b, sent + 1, EVENTS, false), SINK_OK);
	sink_stream.close(b.sink);
	receiver_stop(&b.receiver);
	check_frames(&b, 1, EVENTS);
	buf_done(&b.receiver.got);
}

static void it_is_quiet_once_the_peer_has_taken_all(void **state)
{
	struct bed b;

	open_bed(&b, state, receiver_read_all, 1, 100);
	assert_false(sink_stream.is_quiet(b.sink));
	assert_int_equal(deliver(&b, 1, 1, false), SINK_OK);
	for (unsigned i = 0; i < 5000 && !sink_stream.is_quiet(b.sink); i++)
		(void)poll(NULL, 0, 2);
	assert_true(sink_stream.is_quiet(b.sink));
	close_bed(&b);
}

/* --- check --sink --- */

static void a_probe_tells_the_size_at_which_the_connection_is_closed(void **state)
{
	DEFER(buf_done) struct buf report = BUF_INIT(1u << 20);
	struct bed b;

	open_bed(&b, state, close_after_some_bytes, 1, 100);
	atomic_store(&bytes_read, 200);
	assert_int_equal(sink_stream.probe(b.sink, &report, &b.err), 1);
	assert_non_null(strstr(report.ptr, "512 bytes: NOT TAKEN: "));
	assert_non_null(strstr(report.ptr, "0 messages of type skantd.probe were sent."));
	close_bed(&b);
}

static void a_probe_sends_messages_of_exactly_the_sizes_up_to_the_largest(void **state)
{
	static const size_t expected[] = { 512, 1024, 2048, 3000 };
	DEFER(buf_done) struct buf report = BUF_INIT(1u << 20);
	struct view rest, frame;
	struct bed b;

	open_bed(&b, state, receiver_read_all, 1, 100);
	b.env->settings.max_message = 3000;
	assert_int_equal(sink_stream.probe(b.sink, &report, &b.err), 0);
	assert_non_null(strstr(report.ptr, "2048 bytes: sent\n3000 bytes: sent\n4 messages of type skantd.probe"));
	sink_stream.close(b.sink);
	receiver_stop(&b.receiver);
	rest = buf_view(&b.receiver.got);
	for (size_t i = 0; i < ARRAY_LEN(expected); i++) {
		assert_true(next_frame(&rest, &frame));
		assert_int_equal(frame.len, expected[i]);
		assert_true(text_ends(frame, VIEW(" END\"}}")));
	}
	assert_int_equal(rest.len, 0);
	buf_done(&b.receiver.got);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, sinkenv_set_up, sinkenv_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_frame_tells_its_length_and_nothing_stands_between_two),
		TEST(the_receipt_counts_the_bytes_of_the_wire),
		TEST(what_may_have_been_sent_before_is_marked),
		TEST(one_that_is_not_there_is_to_be_tried_again),
		TEST(one_that_closed_between_two_batches_has_lost_something),
		TEST(its_end_is_noticed_while_there_is_nothing_to_send),
		TEST(one_that_closes_its_half_is_gone),
		TEST(a_batch_that_breaks_off_is_not_done_with),
		TEST(however_early_it_ends_that_is_noticed_by_the_next_batch),
		TEST(one_that_does_not_read_is_gone_after_some_time),
		TEST(a_stop_ends_the_waiting_and_the_end_completes_what_was_begun),
		TEST(what_was_begun_is_completed_by_the_next_batch),
		TEST(it_is_quiet_once_the_peer_has_taken_all),
		TEST(a_probe_tells_the_size_at_which_the_connection_is_closed),
		TEST(a_probe_sends_messages_of_exactly_the_sizes_up_to_the_largest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
