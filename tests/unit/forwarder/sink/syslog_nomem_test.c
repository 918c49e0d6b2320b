/* SPDX-License-Identifier: Apache-2.0 */
/* The syslog sinks with each allocation failing in turn: what they say is sent was sent, and whatever failed goes
 * through at the next try. */
#include <sys/un.h>

#include "common/base/text.h"
#include "tests/support/nomem.h"
#include "tests/support/receiver.h"
#include "tests/support/sinkenv.h"

#define EVENTS 40

static struct sinkenv *env;

/* The sinks' own memory is what fails: no address is looked up here that is no number. */
static bool deliver_with_a_failure(void *context, long n)
{
	const struct sink_ops *ops = context;
	const struct sink_batch all = sinkenv_batch(env, 1, EVENTS, false);
	struct sink_receipt first = { .confirmed = 0 }, second = { .confirmed = 0 };
	struct err err = ERR_INIT;
	enum sink_result result = SINK_RETRY;
	bool has_failed;
	void *sink;

	nomem_start(n);
	sink = ops->open(&env->env, &err);
	if (sink)
		result = ops->deliver(sink, &all, &first, &err);
	has_failed = nomem_stop();
	assert_int_equal(result == SINK_OK, first.confirmed == EVENTS);
	assert_true(has_failed || result == SINK_OK);
	assert_true(result == SINK_OK || err.text[0]);
	assert_true(first.confirmed <= first.sent && first.sent <= EVENTS);
	if (sink) {
		assert_int_equal(ops->deliver(sink, &all, &second, &err), SINK_OK);
		assert_int_equal(second.confirmed, EVENTS);
		ops->close(sink);
	}
	return has_failed;
}

static void use(void **state, enum settings_transport transport, uint16_t port)
{
	static char loopback[] = "127.0.0.1";

	env = *state;
	env->settings.type = SETTINGS_SYSLOG;
	env->settings.transport = transport;
	env->settings.host = loopback;
	env->settings.port = port;
	sinkenv_fill(env, EVENTS, 4000);
}

/* Reads without keeping anything. */
static void drop_all(struct receiver *r, int fd)
{
	char bytes[4096];

	while (recv(fd, bytes, sizeof(bytes), 0) > 0)
		;
	(void)r;
}

static void over_tcp_the_next_try_goes_through(void **state)
{
	struct receiver r = { .serve = drop_all };

	receiver_start(&r);
	use(state, SETTINGS_TCP, r.port);
	assert_true(nomem_each(deliver_with_a_failure, (void *)(uintptr_t)&sink_stream) > 5);
	receiver_stop(&r);
}

/* Answers each line that begins with a number as it wants to be. Allocates nothing: it runs beside what fails. */
static void answer_all(struct receiver *r, int fd)
{
	static char bytes[1u << 20];
	size_t len = 0;

	for (;;) {
		ssize_t n = recv(fd, bytes + len, sizeof(bytes) - len, 0);
		size_t at = 0;

		if (n <= 0)
			return;
		len += (size_t)n;
		for (;;) {
			unsigned txn, size;
			char command[16], reply[128];
			int head = 0, reply_len;
			bool is_open, is_close;

			bytes[len < sizeof(bytes) ? len : sizeof(bytes) - 1] = '\0';
			if (!memchr(bytes + at, '\n', len - at) ||
			    sscanf(bytes + at, "%u %15s %u%n", &txn, command, &size, &head) != 3)
				break;
			if (len - at < (size_t)head + (size ? 1 + size : 0) + 1)
				break;
			at += (size_t)head + (size ? 1 + size : 0) + 1;
			is_open = strcmp(command, "open") == 0;
			is_close = strcmp(command, "close") == 0;
			reply_len = snprintf(reply, sizeof(reply), "%u rsp %s\n", txn,
					     is_open    ? "22 200 OK\ncommands=syslog"
					     : is_close ? "0"
							: "6 200 OK");
			receiver_say(fd, view_from(reply, (size_t)reply_len));
		}
		memmove(bytes, bytes + at, len - at);
		len -= at;
	}
	(void)r;
}

static void over_relp_the_next_try_goes_through(void **state)
{
	struct receiver r = { .serve = answer_all };

	receiver_start(&r);
	use(state, SETTINGS_RELP, r.port);
	assert_true(nomem_each(deliver_with_a_failure, (void *)(uintptr_t)&sink_relp) > 5);
	receiver_stop(&r);
}

static void over_udp_the_next_try_goes_through(void **state)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(address);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&address, len), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
	use(state, SETTINGS_UDP, ntohs(address.sin_port));
	assert_true(nomem_each(deliver_with_a_failure, (void *)(uintptr_t)&sink_datagram) > 5);
	(void)close(fd);
}

static bool probe_with_a_failure(void *context, long n)
{
	const struct sink_ops *ops = context;
	DEFER(buf_done) struct buf report = BUF_INIT(1u << 20);
	struct err err = ERR_INIT;
	bool has_failed;
	void *sink = ops->open(&env->env, &err);
	int status;

	assert_non_null(sink);
	nomem_start(n);
	status = ops->probe(sink, &report, &err);
	has_failed = nomem_stop();
	assert_true(has_failed ? status != 1 : status == 0);
	assert_true(status == 0 || err.kind == ERR_NOMEM);
	ops->close(sink);
	return has_failed;
}

static void a_probe_says_that_there_was_no_memory(void **state)
{
	struct receiver r = { .serve = answer_all };

	receiver_start(&r);
	use(state, SETTINGS_RELP, r.port);
	env->settings.max_message = 600;
	assert_true(nomem_each(probe_with_a_failure, (void *)(uintptr_t)&sink_relp) > 5);
	receiver_stop(&r);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, sinkenv_set_up, sinkenv_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(over_tcp_the_next_try_goes_through),
		TEST(over_relp_the_next_try_goes_through),
		TEST(over_udp_the_next_try_goes_through),
		TEST(a_probe_says_that_there_was_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
