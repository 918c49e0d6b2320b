/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/un.h>

#include "common/base/bounds.h"
#include "tests/support/sinkenv.h"

/* The sink waits half a minute for one that does not read: here, it is less patient. */
#undef SINK_PATIENCE_MS
#define SINK_PATIENCE_MS 300
#include "forwarder/sink/datagram.c" /* NOLINT(bugprone-suspicious-include) */

#define EVENTS 1000

/* Writes the id and filler up to what is asked for in the body's length, or to the limit. */
static int encode_cut(const struct event *e, const struct encoder_options *o, struct buf *out, bool *ret_is_cut)
{
	size_t len = e->body.len;

	*ret_is_cut = o->max_message && len > o->max_message;
	if (*ret_is_cut)
		len = (size_t)o->max_message;
	return buf_add(out, view_sub(e->body, 0, len));
}

static const struct encoder cutting = { .name = "cutting", .encode = encode_cut };

static int encode_whole(const struct event *e, const struct encoder_options *, struct buf *out, bool *ret_is_cut)
{
	*ret_is_cut = false;
	return buf_add(out, e->body);
}

static const struct encoder stubborn = { .name = "stubborn", .encode = encode_whole };

struct bed {
	struct sinkenv *env;
	int fd; /* the receiver's */
	void *sink;
	struct sink_receipt receipt;
	struct err err;
};

/* --- receivers --- */

static int bind_unix(const char *path, int type)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

	memcpy(address.sun_path, path, strlen(path) + 1);
	(void)unlink(path);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

static int bind_udp(uint16_t *port)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
				       .sin_port = htons(*port) };
	socklen_t len = sizeof(address);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (const struct sockaddr *)&address, len), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
	*port = ntohs(address.sin_port);
	return fd;
}

static void open_unix_bed(struct bed *b, void **state, size_t events, size_t body)
{
	struct err err = ERR_INIT;

	*b = (struct bed){ .env = *state };
	b->env->settings.type = SETTINGS_SYSLOG;
	b->env->settings.transport = SETTINGS_UNIX;
	b->env->settings.host = b->env->path;
	b->env->env.encoder = &cutting;
	b->fd = bind_unix(b->env->path, SOCK_DGRAM);
	sinkenv_fill(b->env, events, body);
	b->sink = sink_datagram.open(&b->env->env, &err);
	assert_non_null(b->sink);
}

static void open_udp_bed(struct bed *b, void **state, size_t events, size_t body)
{
	static char loopback[] = "127.0.0.1";
	struct err err = ERR_INIT;

	*b = (struct bed){ .env = *state };
	b->env->settings.type = SETTINGS_SYSLOG;
	b->env->settings.transport = SETTINGS_UDP;
	b->env->settings.host = loopback;
	b->env->settings.port = 0;
	b->fd = bind_udp(&b->env->settings.port);
	b->env->env.encoder = &cutting;
	sinkenv_fill(b->env, events, body);
	b->sink = sink_datagram.open(&b->env->env, &err);
	assert_non_null(b->sink);
}

static enum sink_result deliver(struct bed *b, size_t first, size_t last)
{
	const struct sink_batch batch = sinkenv_batch(b->env, first, last, false);

	b->receipt = (struct sink_receipt){ .confirmed = 0 };
	b->err = (struct err)ERR_INIT;
	return sink_datagram.deliver(b->sink, &batch, &b->receipt, &b->err);
}

static void close_bed(struct bed *b)
{
	sink_datagram.close(b->sink);
	if (b->fd >= 0)
		(void)close(b->fd);
}

/* The next datagram is all of this event's. */
static void check_received(const struct bed *b, size_t number)
{
	static char bytes[1u << 20];
	const struct view body = b->env->events[number - 1].body;
	ssize_t n = recv(b->fd, bytes, sizeof(bytes), MSG_DONTWAIT);

	assert_int_equal(n, body.len);
	assert_memory_equal(bytes, body.ptr, body.len);
}

static void check_nothing_left(const struct bed *b)
{
	char byte;

	assert_int_equal(recv(b->fd, &byte, 1, MSG_DONTWAIT), -1);
}

/* --- local sockets --- */

static void each_message_is_a_datagram(void **state)
{
	struct bed b;

	open_unix_bed(&b, state, 3, 100);
	assert_int_equal(deliver(&b, 1, 3), SINK_OK);
	assert_int_equal(b.receipt.confirmed, 3);
	assert_int_equal(b.receipt.bytes, 300);
	for (size_t i = 1; i <= 3; i++)
		check_received(&b, i);
	check_nothing_left(&b);
	assert_true(sink_datagram.finish(b.sink));
	close_bed(&b);
}

static void a_socket_that_is_not_there_is_to_be_tried_again(void **state)
{
	struct bed b;

	open_unix_bed(&b, state, 1, 100);
	(void)close(b.fd);
	assert_int_equal(deliver(&b, 1, 1), SINK_RETRY);
	assert_non_null(strstr(b.err.text, "Connection refused"));
	assert_int_equal(unlink(b.env->path), 0);
	assert_int_equal(deliver(&b, 1, 1), SINK_RETRY);
	assert_non_null(strstr(b.err.text, "No such file or directory"));
	assert_int_equal(b.receipt.sent, 0);
	b.fd = bind_unix(b.env->path, SOCK_DGRAM);
	assert_int_equal(deliver(&b, 1, 1), SINK_OK);
	check_received(&b, 1);
	close_bed(&b);
}

static void a_receiver_that_was_started_again_gets_the_next_message(void **state)
{
	struct bed b;

	open_unix_bed(&b, state, 3, 100);
	assert_int_equal(deliver(&b, 1, 1), SINK_OK);
	(void)close(b.fd);
	b.fd = bind_unix(b.env->path, SOCK_DGRAM);
	assert_int_equal(deliver(&b, 2, 3), SINK_OK);
	assert_int_equal(b.receipt.confirmed, 2);
	check_received(&b, 2);
	check_received(&b, 3);
	close_bed(&b);
}

static void a_receiver_that_went_is_to_be_tried_again(void **state)
{
	struct bed b;

	open_unix_bed(&b, state, 2, 100);
	assert_int_equal(deliver(&b, 1, 1), SINK_OK);
	(void)close(b.fd);
	b.fd = -1;
	assert_int_equal(deliver(&b, 2, 2), SINK_RETRY);
	assert_int_equal(b.receipt.confirmed, 0);
	close_bed(&b);
}

static void a_stream_socket_needs_a_person(void **state)
{
	struct bed b;

	open_unix_bed(&b, state, 1, 100);
	(void)close(b.fd);
	b.fd = bind_unix(b.env->path, SOCK_STREAM);
	assert_int_equal(listen(b.fd, 1), 0);
	assert_int_equal(deliver(&b, 1, 1), SINK_BROKEN);
	assert_non_null(strstr(b.err.text, "is no datagram socket"));
	close_bed(&b);
}

static void one_that_does_not_read_keeps_what_it_was_given(void **state)
{
	struct bed b;

	open_unix_bed(&b, state, EVENTS, 100);
	assert_int_equal(deliver(&b, 1, EVENTS), SINK_RETRY);
	assert_non_null(strstr(b.err.text, "takes no more"));
	assert_true(b.receipt.confirmed > 0 && b.receipt.confirmed < EVENTS);
	assert_int_equal(b.receipt.sent, b.receipt.confirmed);
	for (size_t i = 1; i <= b.receipt.confirmed; i++)
		check_received(&b, i);
	check_nothing_left(&b);
	close_bed(&b);
}

static void *read_all(void *bed)
{
	struct bed *b = bed;
	char bytes[1000];

	for (size_t i = 0; i < EVENTS; i++)
		if (recv(b->fd, bytes, sizeof(bytes), 0) != 100)
			abort();
	return NULL;
}

static void a_full_queue_is_waited_for(void **state)
{
	struct bed b;
	pthread_t thread;

	open_unix_bed(&b, state, EVENTS, 100);
	assert_int_equal(pthread_create(&thread, NULL, read_all, &b), 0);
	assert_int_equal(deliver(&b, 1, EVENTS), SINK_OK);
	assert_int_equal(b.receipt.confirmed, EVENTS);
	pthread_join(thread, NULL);
	close_bed(&b);
}

static void a_stop_ends_the_waiting(void **state)
{
	struct bed b;

	open_unix_bed(&b, state, EVENTS, 100);
	atomic_store(&b.env->stop, true);
	assert_int_equal(deliver(&b, 1, EVENTS), SINK_RETRY);
	assert_non_null(strstr(b.err.text, "stopped while sending"));
	assert_true(b.receipt.confirmed > 0);
	close_bed(&b);
}

/* --- what is too large --- */

#define LARGE (20u << 20) /* more than any socket takes */

static void a_message_that_the_socket_does_not_take_is_cut_until_it_does(void **state)
{
	struct bed b;

	open_unix_bed(&b, state, 2, LARGE);
	assert_int_equal(deliver(&b, 1, 1), SINK_OK);
	assert_int_equal(b.receipt.confirmed, 1);
	assert_int_equal(b.receipt.cut, 1);
	assert_int_equal(b.receipt.exception_count, 0);
	assert_true(b.receipt.bytes > 100000);
	close_bed(&b);
}

static void one_that_cannot_be_cut_is_a_dead_letter(void **state)
{
	struct bed b;

	open_unix_bed(&b, state, 1, LARGE);
	b.env->env.encoder = &stubborn;
	assert_int_equal(deliver(&b, 1, 1), SINK_OK);
	assert_int_equal(b.receipt.confirmed, 1);
	assert_int_equal(b.receipt.exception_count, 1);
	assert_true(b.receipt.exceptions[0].is_rejected);
	assert_string_equal(b.receipt.exceptions[0].reason, "the socket takes no datagram of 20971520 bytes");
	check_nothing_left(&b);
	close_bed(&b);
}

static void over_udp_the_most_that_goes_is_sent(void **state)
{
	struct bed b;

	open_udp_bed(&b, state, 1, 70000);
	assert_int_equal(deliver(&b, 1, 1), SINK_OK);
	assert_int_equal(b.receipt.cut, 1);
	assert_int_equal(b.receipt.bytes, DATAGRAM_UDP_BYTES);
	close_bed(&b);
}

/* --- UDP --- */

static void messages_go_out_in_order(void **state)
{
	struct bed b;

	open_udp_bed(&b, state, 60, 100);
	assert_int_equal(deliver(&b, 1, 60), SINK_OK);
	for (size_t i = 1; i <= 60; i++)
		check_received(&b, i);
	close_bed(&b);
}

static void when_nobody_listens_nothing_is_claimed(void **state)
{
	uint16_t port;
	struct bed b;

	open_udp_bed(&b, state, 20, 100);
	(void)close(b.fd);
	assert_int_equal(deliver(&b, 1, 20), SINK_RETRY);
	assert_int_equal(b.receipt.confirmed, 0);
	assert_true(b.receipt.sent > 0);
	assert_non_null(strstr(b.err.text, "Connection refused"));
	assert_int_equal(deliver(&b, 1, 1), SINK_RETRY); /* one alone is noticed as well */
	assert_int_equal(b.receipt.confirmed, 0);
	port = b.env->settings.port;
	b.fd = bind_udp(&port);
	assert_int_equal(deliver(&b, 1, 1), SINK_OK);
	check_received(&b, 1);
	close_bed(&b);
}

static void that_nobody_listens_any_more_is_noticed_in_between(void **state)
{
	struct pollfd fd = { .events = POLLIN | POLLRDHUP };
	struct bed b;
	char byte = 0;

	open_udp_bed(&b, state, 1, 100);
	assert_int_equal(deliver(&b, 1, 1), SINK_OK);
	assert_int_equal(sink_datagram.idle(b.sink, &b.receipt, &b.err), SINK_OK);
	(void)close(b.fd);
	b.fd = -1;
	fd.fd = sink_datagram.idle_fd(b.sink);
	assert_int_equal(send(fd.fd, &byte, 1, 0), 1);
	assert_int_equal(poll(&fd, 1, 10000), 1);
	assert_int_equal(sink_datagram.idle(b.sink, &b.receipt, &b.err), SINK_RETRY);
	assert_int_equal(sink_datagram.idle_fd(b.sink), -1);
	close_bed(&b);
}

static void a_stop_ends_the_pause(void **state)
{
	struct bed b;

	open_udp_bed(&b, state, EVENTS, 100);
	atomic_store(&b.env->stop, true);
	assert_int_equal(deliver(&b, 1, EVENTS), SINK_RETRY);
	assert_non_null(strstr(b.err.text, "stopped"));
	assert_true(b.receipt.confirmed < EVENTS);
	close_bed(&b);
}

static void a_probe_of_nobody_says_so(void **state)
{
	DEFER(buf_done) struct buf report = BUF_INIT(1u << 20);
	struct bed b;

	open_udp_bed(&b, state, 1, 100);
	(void)close(b.fd);
	b.fd = -1;
	assert_int_equal(sink_datagram.probe(b.sink, &report, &b.err), -1);
	assert_non_null(strstr(b.err.text, "Connection refused"));
	close_bed(&b);
}

/* --- who it is --- */

static void a_name_that_no_socket_can_have_needs_a_person(void **state)
{
	char name[200];
	struct bed b;

	open_unix_bed(&b, state, 1, 100);
	memset(name, 'x', sizeof(name) - 1);
	name[0] = '/';
	name[sizeof(name) - 1] = '\0';
	b.env->settings.host = name;
	assert_int_equal(deliver(&b, 1, 1), SINK_BROKEN);
	assert_non_null(strstr(b.err.text, "is too long for the name of a socket"));
	assert_int_equal(b.err.kind, ERR_CONFIG);
	close_bed(&b);
}

static void an_address_of_ipv6_is_shown_in_brackets(void **state)
{
	static char six[] = "::1";
	struct err err = ERR_INIT;
	struct bed b;

	open_udp_bed(&b, state, 1, 100);
	sink_datagram.close(b.sink);
	b.env->settings.host = six;
	b.env->settings.port = 9; /* nobody listens, with IPv6 or without */
	b.sink = sink_datagram.open(&b.env->env, &err);
	assert_non_null(b.sink);
	assert_int_equal(deliver(&b, 1, 1), SINK_RETRY);
	assert_non_null(strstr(b.err.text, "cannot send to [::1]:9"));
	close_bed(&b);
}

/* The system sends to all of a network only for those who ask for it, which skantd does not. */
static void an_address_that_we_may_not_send_to_needs_a_person(void **state)
{
	static char everybody[] = "255.255.255.255";
	struct err err = ERR_INIT;
	struct bed b;

	open_udp_bed(&b, state, 1, 100);
	sink_datagram.close(b.sink);
	b.env->settings.host = everybody;
	b.sink = sink_datagram.open(&b.env->env, &err);
	assert_non_null(b.sink);
	if (deliver(&b, 1, 1) != SINK_BROKEN && b.err.errnum == ENETUNREACH) {
		close_bed(&b);
		skip_because("this machine has no network");
	}
	assert_int_equal(b.err.errnum, EACCES);
	close_bed(&b);
}

/* --- what is sent --- */

static int encode_mark(const struct event *e, const struct encoder_options *o, struct buf *out, bool *ret_is_cut)
{
	*ret_is_cut = false;
	return buf_addf(out, "%llu%s %llu", (unsigned long long)e->seq, e->is_replay ? " again" : "",
			(unsigned long long)o->max_message);
}

static const struct encoder marking = { .name = "marking", .encode = encode_mark };

static void check_text(const struct bed *b, const char *text)
{
	char bytes[100] = "";
	ssize_t n = recv(b->fd, bytes, sizeof(bytes) - 1, MSG_DONTWAIT);

	assert_int_equal(n, strlen(text));
	assert_string_equal(bytes, text);
}

static void what_may_have_come_is_marked(void **state)
{
	struct sink_receipt r = { .confirmed = 0 };
	struct sink_batch batch;
	struct bed b;

	open_unix_bed(&b, state, 2, 100);
	b.env->env.encoder = &marking;
	b.env->events[1].is_replay = true;
	assert_int_equal(deliver(&b, 1, 2), SINK_OK);
	check_text(&b, "1 0");
	check_text(&b, "2 again 0");
	batch = sinkenv_batch(b.env, 1, 1, true);
	assert_int_equal(sink_datagram.deliver(b.sink, &batch, &r, &b.err), SINK_OK);
	check_text(&b, "1 again 0");
	close_bed(&b);
}

static void what_the_socket_takes_is_remembered_unless_less_is_wanted(void **state)
{
	char bytes[100];
	struct bed b;
	size_t taken;

	open_unix_bed(&b, state, 2, LARGE);
	assert_int_equal(deliver(&b, 1, 1), SINK_OK);
	taken = (size_t)b.receipt.bytes;
	(void)recv(b.fd, bytes, sizeof(bytes), MSG_DONTWAIT);
	b.env->env.encoder = &marking;
	(void)snprintf(bytes, sizeof(bytes), "2 %zu", taken);
	b.env->env.encoding.max_message = LARGE;
	assert_int_equal(deliver(&b, 2, 2), SINK_OK);
	check_text(&b, bytes);
	b.env->env.encoding.max_message = 500;
	assert_int_equal(deliver(&b, 2, 2), SINK_OK);
	check_text(&b, "2 500");
	close_bed(&b);
}

static void what_a_receiver_says_unasked_is_dropped(void **state)
{
	struct sockaddr_in peer;
	socklen_t len = sizeof(peer);
	char bytes[200];
	struct bed b;

	open_udp_bed(&b, state, 2, 100);
	assert_int_equal(deliver(&b, 1, 1), SINK_OK);
	assert_int_equal(recvfrom(b.fd, bytes, sizeof(bytes), 0, (struct sockaddr *)&peer, &len), 100);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(sendto(b.fd, "what?", 5, 0, (struct sockaddr *)&peer, len), 5);
	assert_int_equal(sink_datagram.idle(b.sink, &b.receipt, &b.err), SINK_OK);
	assert_int_equal(recv(sink_datagram.idle_fd(b.sink), bytes, 1, MSG_DONTWAIT), -1);
	assert_int_equal(deliver(&b, 2, 2), SINK_OK);
	check_received(&b, 2);
	close_bed(&b);
}

static void a_probe_is_sent_and_counted(void **state)
{
	DEFER(buf_done) struct buf report = BUF_INIT(1u << 20);
	struct bed b;

	open_udp_bed(&b, state, 1, 100);
	b.env->settings.max_message = 1024;
	b.env->env.encoder = &sinkenv_encoder;
	assert_int_equal(sink_datagram.probe(b.sink, &report, &b.err), 0);
	assert_non_null(strstr(report.ptr, ", over udp\n"));
	assert_non_null(strstr(report.ptr, "1024 bytes: sent\n"));
	close_bed(&b);
}

static void *drop_all(void *bed)
{
	struct bed *b = bed;
	char bytes[1000];

	while (recv(b->fd, bytes, sizeof(bytes), 0) > 0)
		;
	return NULL;
}

static void a_probe_tells_what_a_local_socket_does_not_take(void **state)
{
	DEFER(buf_done) struct buf report = BUF_INIT(1u << 20);
	const int least = 1; /* the system makes its least of it */
	pthread_t thread;
	struct bed b;

	open_unix_bed(&b, state, 1, 100);
	assert_int_equal(deliver(&b, 1, 1), SINK_OK);
	check_received(&b, 1);
	assert_int_equal(setsockopt(((struct datagram_sink *)b.sink)->fd, SOL_SOCKET, SO_SNDBUF, &least, sizeof(least)),
			 0);
	b.env->env.encoder = &sinkenv_encoder;
	assert_int_equal(pthread_create(&thread, NULL, drop_all, &b), 0);
	assert_int_equal(sink_datagram.probe(b.sink, &report, &b.err), 1);
	assert_int_equal(shutdown(b.fd, SHUT_RD), 0);
	pthread_join(thread, NULL);
	assert_non_null(strstr(report.ptr, "NOT TAKEN: the socket takes no datagram of this size\n"));
	assert_non_null(strstr(report.ptr, "set max_message to "));
	close_bed(&b);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, sinkenv_set_up, sinkenv_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_message_is_a_datagram),
		TEST(a_socket_that_is_not_there_is_to_be_tried_again),
		TEST(a_receiver_that_was_started_again_gets_the_next_message),
		TEST(a_receiver_that_went_is_to_be_tried_again),
		TEST(a_stream_socket_needs_a_person),
		TEST(one_that_does_not_read_keeps_what_it_was_given),
		TEST(a_full_queue_is_waited_for),
		TEST(a_stop_ends_the_waiting),
		TEST(a_message_that_the_socket_does_not_take_is_cut_until_it_does),
		TEST(one_that_cannot_be_cut_is_a_dead_letter),
		TEST(over_udp_the_most_that_goes_is_sent),
		TEST(messages_go_out_in_order),
		TEST(when_nobody_listens_nothing_is_claimed),
		TEST(that_nobody_listens_any_more_is_noticed_in_between),
		TEST(a_stop_ends_the_pause),
		TEST(a_probe_of_nobody_says_so),
		TEST(a_name_that_no_socket_can_have_needs_a_person),
		TEST(an_address_of_ipv6_is_shown_in_brackets),
		TEST(an_address_that_we_may_not_send_to_needs_a_person),
		TEST(what_may_have_come_is_marked),
		TEST(what_the_socket_takes_is_remembered_unless_less_is_wanted),
		TEST(what_a_receiver_says_unasked_is_dropped),
		TEST(a_probe_is_sent_and_counted),
		TEST(a_probe_tells_what_a_local_socket_does_not_take),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
