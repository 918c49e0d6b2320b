/* SPDX-License-Identifier: Apache-2.0 */
/* Names to addresses, and what a connection makes of several of them. getaddrinfo is the test's own here. */
#include "forwarder/sink/resolve.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>

#include "common/base/clock.h"
#include "forwarder/sink/conn.h"
#include "tests/support/receiver.h"
#include "tests/support/sinkenv.h"

#define NS_PER_MS 1'000'000u

static atomic_uint asked;                  /* for a name */
static atomic_bool may_answer;             /* names are answered */
static atomic_uint answered;               /* as many were */
static atomic_int status;                  /* what is answered, unless 0 */
static _Atomic(const char *) addresses[4]; /* NULL-terminated; what it is else */

static struct addrinfo *one_address(const char *text, const char *port, int socktype)
{
	struct addrinfo *a = calloc(1, sizeof(*a) + sizeof(struct sockaddr_in));
	struct sockaddr_in *in;

	assert_non_null(a);
	in = (struct sockaddr_in *)(a + 1);
	in->sin_family = AF_INET;
	in->sin_port = htons((uint16_t)strtoul(port, NULL, 10));
	if (inet_pton(AF_INET, text, &in->sin_addr) != 1) {
		free(a);
		return NULL;
	}
	a->ai_family = AF_INET;
	a->ai_socktype = socktype;
	a->ai_addr = (struct sockaddr *)in;
	a->ai_addrlen = sizeof(*in);
	return a;
}

int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **ret)
{
	struct addrinfo **tail = ret;
	int result;

	*ret = NULL;
	if (hints->ai_flags & AI_NUMERICHOST) {
		*ret = one_address(name, service, hints->ai_socktype);
		return *ret ? 0 : EAI_NONAME;
	}
	atomic_fetch_add(&asked, 1);
	while (!atomic_load(&may_answer))
		(void)poll(NULL, 0, 2);
	result = atomic_load(&status);
	for (size_t i = 0; !result && addresses[i]; i++) {
		*tail = one_address(atomic_load(&addresses[i]), service, hints->ai_socktype);
		tail = &(*tail)->ai_next;
	}
	errno = EMFILE;
	atomic_fetch_add(&answered, 1);
	return result;
}

void freeaddrinfo(struct addrinfo *list)
{
	while (list) {
		struct addrinfo *next = list->ai_next;

		free(list);
		list = next;
	}
}

static int set_up(void **state)
{
	atomic_store(&asked, 0);
	atomic_store(&answered, 0);
	atomic_store(&may_answer, true);
	atomic_store(&status, 0);
	addresses[0] = "127.0.0.1";
	addresses[1] = NULL;
	return sinkenv_set_up(state);
}

/* No thread is left behind. */
static int tear_down(void **state)
{
	atomic_store(&may_answer, true);
	while (atomic_load(&answered) < atomic_load(&asked))
		(void)poll(NULL, 0, 2);
	(void)poll(NULL, 0, 20);
	return sinkenv_tear_down(state);
}

static struct addrinfo *ask(struct resolver *r, const struct sinkenv *s, uint64_t ms, struct err *err)
{
	*err = (struct err)ERR_INIT;
	return resolver_ask(r, &s->env, clock_mono_ns() + ms * NS_PER_MS, err);
}

/* --- names --- */

static void a_number_is_not_looked_up(void **state)
{
	struct resolver *r = resolver_new("192.0.2.1", 514, SOCK_STREAM);
	struct addrinfo *a;
	struct err err;

	assert_non_null(r);
	a = ask(r, *state, 10000, &err);
	assert_non_null(a);
	assert_int_equal(((const struct sockaddr_in *)a->ai_addr)->sin_port, htons(514));
	freeaddrinfo(a);
	resolver_free(r);
	assert_int_equal(atomic_load(&asked), 0);
}

static void a_name_is_looked_up_each_time(void **state)
{
	struct resolver *r = resolver_new("siem.example.com", 514, SOCK_STREAM);
	struct err err;

	for (unsigned i = 1; i <= 3; i++) {
		struct addrinfo *a = ask(r, *state, 10000, &err);

		assert_non_null(a);
		freeaddrinfo(a);
		assert_int_equal(atomic_load(&asked), i);
	}
	resolver_free(r);
}

static void what_is_not_known_is_told(void **state)
{
	struct resolver *r = resolver_new("siem.example.com", 514, SOCK_STREAM);
	struct err err;

	atomic_store(&status, EAI_NONAME);
	assert_null(ask(r, *state, 10000, &err));
	assert_string_equal(err.text, "cannot look up 'siem.example.com': Name or service not known");
	atomic_store(&status, EAI_SYSTEM);
	assert_null(ask(r, *state, 10000, &err));
	assert_string_equal(err.text, "cannot look up 'siem.example.com': Too many open files");
	resolver_free(r);
}

static void one_that_takes_long_is_asked_once_and_its_answer_taken_later(void **state)
{
	struct resolver *r = resolver_new("siem.example.com", 514, SOCK_STREAM);
	struct addrinfo *a;
	struct err err;

	atomic_store(&may_answer, false);
	assert_null(ask(r, *state, 10, &err));
	assert_string_equal(err.text, "cannot look up 'siem.example.com': nobody has answered yet");
	assert_null(ask(r, *state, 10, &err));
	atomic_store(&may_answer, true);
	a = ask(r, *state, 10000, &err);
	assert_non_null(a);
	freeaddrinfo(a);
	resolver_free(r);
	assert_int_equal(atomic_load(&asked), 1);
}

static void a_stop_ends_the_waiting(void **state)
{
	struct resolver *r = resolver_new("siem.example.com", 514, SOCK_STREAM);
	struct sinkenv *s = *state;
	const uint64_t one = 1;
	struct err err;

	atomic_store(&may_answer, false);
	(void)!write(s->env.wake_fd, &one, sizeof(one));
	assert_null(ask(r, s, 600000, &err));
	assert_string_equal(err.text, "stopped while looking up 'siem.example.com'");
	resolver_free(r); /* does not wait for the thread */
	assert_int_equal(atomic_load(&answered), 0);
}

/* --- connections --- */

static void open_conn(struct conn *c, struct sinkenv *s, const struct receiver *r)
{
	static char name[] = "siem.example.com";
	struct err err = ERR_INIT;

	s->settings.type = SETTINGS_SYSLOG;
	s->settings.transport = SETTINGS_TCP;
	s->settings.host = name;
	s->settings.port = r->port;
	assert_int_equal(conn_init(c, &s->env, &err), 0);
}

static void every_address_of_a_name_is_tried(void **state)
{
	struct receiver r = { .serve = receiver_read_all };
	struct conn c;
	struct err err = ERR_INIT;

	receiver_start(&r);
	addresses[0] = "127.0.0.2";
	addresses[1] = "127.0.0.3";
	addresses[2] = "127.0.0.1";
	open_conn(&c, *state, &r);
	assert_int_equal(conn_open(&c, &err), SINK_OK);
	conn_done(&c);
	addresses[2] = NULL;
	open_conn(&c, *state, &r);
	assert_int_equal(conn_open(&c, &err), SINK_RETRY);
	assert_non_null(strstr(err.text, "cannot connect to siem.example.com:"));
	assert_false(conn_is_open(&c));
	conn_done(&c);
	receiver_stop(&r);
	buf_done(&r.got);
}

static void the_system_holds_little_of_what_was_sent(void **state)
{
	struct receiver r = { .serve = receiver_read_all };
	struct conn c;
	struct err err = ERR_INIT;
	int bytes = 0;
	socklen_t len = sizeof(bytes);

	receiver_start(&r);
	open_conn(&c, *state, &r);
	assert_int_equal(conn_open(&c, &err), SINK_OK);
	assert_int_equal(getsockopt(c.fd, SOL_SOCKET, SO_SNDBUF, &bytes, &len), 0);
	assert_int_equal(bytes, 2 * CONN_BUFFER_BYTES); /* socket(7): doubled */
	conn_done(&c);
	receiver_stop(&r);
	buf_done(&r.got);
}

static void talk_without_end(struct receiver *r, int fd)
{
	static const char words[4096];

	while (send(fd, words, sizeof(words), MSG_NOSIGNAL) > 0)
		;
	(void)r;
}

static void one_that_talks_without_end_keeps_nobody(void **state)
{
	struct receiver r = { .serve = talk_without_end };
	struct conn c;
	struct err err = ERR_INIT;

	receiver_start(&r);
	open_conn(&c, *state, &r);
	assert_int_equal(conn_open(&c, &err), SINK_OK);
	for (unsigned i = 0; i < 10; i++)
		assert_int_equal(conn_check(&c, &err), 0);
	conn_done(&c);
	receiver_stop(&r);
	buf_done(&r.got);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_number_is_not_looked_up),
		TEST(a_name_is_looked_up_each_time),
		TEST(what_is_not_known_is_told),
		TEST(one_that_takes_long_is_asked_once_and_its_answer_taken_later),
		TEST(a_stop_ends_the_waiting),
		TEST(every_address_of_a_name_is_tried),
		TEST(the_system_holds_little_of_what_was_sent),
		TEST(one_that_talks_without_end_keeps_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
