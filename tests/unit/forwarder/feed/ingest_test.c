/* SPDX-License-Identifier: Apache-2.0 */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/bounds.h"
#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/sys/json.h"
#include "forwarder/feed/ingest_socket.h"
#include "tests/support/feedout.h"

#define PATIENCE_MS 20'000
#define EVENT "{\"event\":\"api_call\",\"model\":\"m\"}"

/* A feed on its thread, over a spool of memory. */
struct place {
	char dir[64], socket[128], datagram[128];
	struct settings_feed settings;
	struct settings all;
	struct feedout *spool;
	struct feed_env env;
	atomic_bool stop;
	atomic_int errors, ends; /* of rounds */
	char error[ERR_TEXT_BYTES];
	void *feed;
	pthread_t thread;
	bool is_running;
};

static void *run(void *context)
{
	struct place *p = context;

	while (!atomic_load(&p->stop)) {
		struct pollfd fd = { .fd = p->env.wake_fd, .events = POLLIN };
		struct err err = ERR_INIT;
		uint64_t wait_ms;

		if (feed_ingest.poll(p->feed, &wait_ms, &err)) {
			memccpy(p->error, err.text, '\0', sizeof(p->error) - 1);
			atomic_fetch_add(&p->errors, 1);
		} else
			atomic_fetch_add(&p->ends, 1);
		if (!atomic_load(&p->stop))
			(void)poll(&fd, 1, (int)(wait_ms > 10 ? 10 : wait_ms));
	}
	return NULL;
}

static void open_place(struct place *p)
{
	struct err err = ERR_INIT;

	p->env = (struct feed_env){ .settings = &p->settings,
				    .all = &p->all,
				    .out = &p->spool->out,
				    .stop = &p->stop,
				    .wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
				    .is_once = p->env.is_once };
	p->feed = feed_ingest.open(&p->env, &err);
	assert_string_equal(err.text, "");
	assert_non_null(p->feed);
}

static void start(struct place *p)
{
	open_place(p);
	assert_int_equal(pthread_create(&p->thread, NULL, run, p), 0);
	p->is_running = true;
}

static int set_up(void **state)
{
	const char *folder = getenv("TMPDIR");
	struct place *p = calloc(1, sizeof(*p));

	(void)snprintf(p->dir, sizeof(p->dir), "%s/skant-in-XXXXXX", folder && strlen(folder) < 40 ? folder : "/tmp");
	if (!mkdtemp(p->dir))
		return -1;
	(void)snprintf(p->socket, sizeof(p->socket), "%s/s", p->dir);
	(void)snprintf(p->datagram, sizeof(p->datagram), "%s/s.dgram", p->dir);
	p->settings = (struct settings_feed){ .name = strdup("apps"),
					      .type = SETTINGS_INGEST,
					      .filter = { .severity = EVENT_DEBUG },
					      .socket = p->socket,
					      .max_record = 4096 };
	p->spool = feedout_new();
	*state = p;
	return 0;
}

static void stop(struct place *p)
{
	const uint64_t one = 1;

	atomic_store(&p->stop, true);
	assert_int_equal(write(p->env.wake_fd, &one, sizeof(one)), sizeof(one));
	if (p->is_running)
		pthread_join(p->thread, NULL);
	p->is_running = false;
	feed_ingest.close(p->feed);
	p->feed = NULL;
	(void)close(p->env.wake_fd);
}

static int tear_down(void **state)
{
	struct place *p = *state;

	if (p->feed)
		stop(p);
	feedout_free(p->spool);
	free(p->settings.name);
	(void)unlink(p->socket);
	(void)unlink(p->datagram);
	if (rmdir(p->dir))
		return -1;
	free(p);
	return 0;
}

static uint64_t cpu_ns(void)
{
	struct timespec used;

	assert_int_equal(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used), 0);
	return (uint64_t)used.tv_sec * UINT64_C(1'000'000'000) + (uint64_t)used.tv_nsec;
}

static int dial(const char *path, int type)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

	memccpy(address.sun_path, path, '\0', sizeof(address.sun_path) - 1);
	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

static void say(int fd, const char *text)
{
	size_t len = strlen(text);

	assert_int_equal(send(fd, text, len, MSG_NOSIGNAL), len);
}

/* All that comes until the other side has said all. */
static void hear(int fd, struct buf *ret)
{
	for (;;) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		ssize_t n;

		assert_int_equal(poll(&p, 1, PATIENCE_MS), 1);
		assert_int_equal(buf_reserve(ret, 65'536), 0);
		n = recv(fd, ret->ptr + ret->len, 65'536, 0);
		if (n <= 0)
			break;
		ret->len += (size_t)n;
		ret->ptr[ret->len] = '\0';
	}
}

/* Says text, and that it is all; what is answered has to be expected. */
static void exchange(struct place *p, const char *text, const char *expected)
{
	DEFER(buf_done) struct buf answer = BUF_INIT(1u << 24);
	DEFER(closep) int fd = dial(p->socket, SOCK_STREAM);

	say(fd, text);
	assert_int_equal(shutdown(fd, SHUT_WR), 0);
	hear(fd, &answer);
	assert_string_equal(answer.ptr, expected);
}

#define COUNTS(stored, known, refused, ignored)                                                                        \
	"{\"stored\":" #stored ",\"known\":" #known ",\"refused\":" #refused ",\"ignored\":" #ignored
#define END ",\"end\":true}\n"

static void wait_for(struct place *p, size_t count)
{
	for (unsigned i = 0; feedout_count(p->spool) < count && i < PATIENCE_MS; i++)
		(void)poll(NULL, 0, 1);
	assert_int_equal(feedout_count(p->spool), count);
}

static void records_are_stored_with_their_sender_and_counted(void **state)
{
	struct place *p = *state;
	char body[256];

	start(p);
	exchange(p, EVENT "\n{\"event\":\"x\",\"timestamp\":\"2026-11-01T12:00:00.5Z\"}\n", COUNTS(2, 0, 0, 0) END);
	assert_int_equal(p->spool->count, 2);
	(void)snprintf(body, sizeof(body), "{\"peer\":{\"uid\":%u,\"gid\":%u,\"pid\":%d},\"record\":" EVENT "}",
		       getuid(), getgid(), getpid());
	assert_string_equal(p->spool->rows[0].body, body);
	assert_string_equal(p->spool->rows[0].id, "");
	assert_string_equal(p->spool->rows[0].type, "api_call");
	assert_int_equal(p->spool->rows[1].time_ns, INT64_C(1'793'534'400'500'000'000));
}

static void the_last_line_needs_no_newline(void **state)
{
	struct place *p = *state;

	start(p);
	exchange(p, EVENT, COUNTS(1, 0, 0, 0) END);
	exchange(p, "", COUNTS(0, 0, 0, 0) END);
	exchange(p, EVENT "\r\n" EVENT "\r\n", COUNTS(2, 0, 0, 0) END);
}

static void a_refusal_names_its_line(void **state)
{
	struct place *p = *state;

	start(p);
	exchange(p, EVENT "\n \n[1]\n" EVENT "\n",
		 "{\"error\":\"a JSON object was expected\",\"line\":3}\n" COUNTS(2, 0, 1, 0) END);
}

static void a_line_that_breaks_off_is_refused(void **state)
{
	struct place *p = *state;

	start(p);
	exchange(p, EVENT "\n{\"event\":",
		 "{\"error\":\"not valid JSON at byte 9: "
		 "the end of the input; a value was expected\",\"line\":2}\n" COUNTS(1, 0, 1, 0) END);
}

static void a_summary_is_taken_and_not_stored(void **state)
{
	struct place *p = *state;

	start(p);
	exchange(p, "{\"schema\":\"skant-summary/1\",\"summary\":{\"files\":1}}\n", COUNTS(0, 0, 0, 1) END);
}

static void an_empty_line_asks_what_is_stored(void **state)
{
	struct place *p = *state;
	DEFER(buf_done) struct buf answer = BUF_INIT(1u << 20);
	char first[128] = { 0 };
	int fd;

	start(p);
	fd = dial(p->socket, SOCK_STREAM);
	say(fd, EVENT "\n\n");
	assert_true(recv(fd, first, sizeof(first) - 1, 0) > 0);
	assert_string_equal(first, COUNTS(1, 0, 0, 0) "}\n");
	assert_int_equal(p->spool->count, 1);
	say(fd, EVENT "\n");
	assert_int_equal(shutdown(fd, SHUT_WR), 0);
	hear(fd, &answer);
	assert_string_equal(answer.ptr, COUNTS(2, 0, 0, 0) END);
	(void)close(fd);
}

static void a_resent_record_is_stored_once(void **state)
{
	struct place *p = *state;

	start(p);
	exchange(p,
		 "{\"event\":\"x\",\"idempotency_key\":\"a\"}\n{\"event\":\"x\",\"idempotency_key\":\"b\"}\n"
		 "{\"event\":\"x\",\"idempotency_key\":\"\\u0061\"}\n",
		 COUNTS(2, 1, 0, 0) END);
	exchange(p, "{\"event\":\"y\",\"idempotency_key\":\"a\"}\n", COUNTS(0, 1, 0, 0) END);
}

static void a_record_that_is_too_long_is_refused_and_the_next_one_taken(void **state)
{
	struct place *p = *state;
	DEFER(buf_done) struct buf text = BUF_INIT(1u << 24);

	start(p);
	assert_int_equal(buf_add_text(&text, "{\"event\":\"x\",\"a\":\""), 0);
	while (text.len < 300'000)
		assert_int_equal(buf_add_byte(&text, 'a'), 0);
	assert_int_equal(buf_add_text(&text, "\"}\n" EVENT "\n"), 0);
	exchange(p, text.ptr, "{\"error\":\"a record of more than 4096 bytes\",\"line\":1}\n" COUNTS(1, 0, 1, 0) END);
}

static void a_record_as_long_as_may_be_is_taken(void **state)
{
	struct place *p = *state;
	DEFER(buf_done) struct buf text = BUF_INIT(1u << 24);

	start(p);
	assert_int_equal(buf_add_text(&text, "{\"event\":\"x\",\"a\":\""), 0);
	while (text.len < 4094)
		assert_int_equal(buf_add_byte(&text, 'a'), 0);
	assert_int_equal(buf_add_text(&text, "\"}\n"), 0);
	exchange(p, text.ptr, COUNTS(1, 0, 0, 0) END);
	assert_int_equal(buf_add_text(&text, EVENT), 0);
	text.ptr[4096] = ' ';
	buf_cut(&text, 4097);
	exchange(p, text.ptr, "{\"error\":\"a record of more than 4096 bytes\",\"line\":1}\n" COUNTS(0, 0, 1, 0) END);
}

static void records_are_stored_many_at_once(void **state)
{
	struct place *p = *state;
	DEFER(buf_done) struct buf text = BUF_INIT(1u << 24);

	start(p);
	for (unsigned i = 0; i < 1000; i++)
		assert_int_equal(buf_add_text(&text, EVENT "\n"), 0);
	exchange(p, text.ptr, COUNTS(1000, 0, 0, 0) END);
	assert_in_range(p->spool->largest, 2, INGEST_PAGE_RECORDS);
	assert_in_range(p->spool->pages, 10, 500);
}

static void while_the_spool_is_full_nothing_is_acknowledged(void **state)
{
	struct place *p = *state;
	DEFER(buf_done) struct buf answer = BUF_INIT(1u << 20);
	struct pollfd fd = { .events = POLLIN };

	atomic_store(&p->spool->answer, 1);
	start(p);
	fd.fd = dial(p->socket, SOCK_STREAM);
	say(fd.fd, EVENT "\n");
	assert_int_equal(shutdown(fd.fd, SHUT_WR), 0);
	while (atomic_load(&p->errors) < 3)
		(void)poll(NULL, 0, 1);
	assert_int_equal(poll(&fd, 1, 0), 0);
	atomic_store(&p->spool->answer, -1);
	(void)poll(NULL, 0, 30);
	assert_int_equal(poll(&fd, 1, 0), 0);
	atomic_store(&p->spool->answer, 0);
	hear(fd.fd, &answer);
	assert_string_equal(answer.ptr, COUNTS(1, 0, 0, 0) END);
	(void)close(fd.fd);
	assert_int_equal(p->spool->count, 1);
}

/* Whoever runs it shows the error for as long as no round has ended well. */
static void an_error_is_over_with_the_next_record_that_is_stored(void **state)
{
	struct place *p = *state;
	DEFER(closep) int fd = -1;

	atomic_store(&p->spool->answer, -1);
	start(p);
	fd = dial(p->socket, SOCK_STREAM);
	say(fd, EVENT "\n\n");
	while (atomic_load(&p->errors) < 2)
		(void)poll(NULL, 0, 1);
	assert_int_equal(atomic_load(&p->ends), 0);
	atomic_store(&p->spool->answer, 0);
	for (unsigned ms = 0; atomic_load(&p->ends) < 1 && ms < PATIENCE_MS; ms++)
		(void)poll(NULL, 0, 1);
	assert_int_equal(atomic_load(&p->ends), 1);
	wait_for(p, 1);
	exchange(p, EVENT "\n", COUNTS(1, 0, 0, 0) END);
	assert_int_equal(atomic_load(&p->ends), 1);
}

/* A sender that nothing is read from is held back by its own socket. */
static void while_the_spool_is_full_senders_wait(void **state)
{
	struct place *p = *state;
	size_t sent = 0;
	ssize_t n;
	int fd;

	atomic_store(&p->spool->answer, 1);
	start(p);
	fd = dial(p->socket, SOCK_STREAM);
	for (unsigned quiet = 0; quiet < 50;) {
		n = send(fd, EVENT "\n", sizeof(EVENT), MSG_DONTWAIT | MSG_NOSIGNAL);
		quiet = n > 0 ? 0 : quiet + 1;
		sent += n > 0;
		if (n <= 0)
			(void)poll(NULL, 0, 1);
		assert_true(sent < 1'000'000);
	}
	atomic_store(&p->spool->answer, 0);
	(void)close(fd);
	wait_for(p, sent);
}

static void a_sender_that_leaves_in_the_middle_of_a_line_spoils_nothing(void **state)
{
	struct place *p = *state;
	int status;
	pid_t child;

	start(p);
	child = fork();
	if (child == 0) {
		int fd = dial(p->socket, SOCK_STREAM);

		say(fd, EVENT "\n{\"event\":\"api_c");
		(void)raise(SIGKILL);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	wait_for(p, 1);
	exchange(p, EVENT "\n", COUNTS(1, 0, 0, 0) END);
}

/* Fire and forget: nobody reads what is answered to the first line. */
static void a_sender_that_does_not_listen_is_heard_to_the_end(void **state)
{
	struct place *p = *state;
	DEFER(buf_done) struct buf text = BUF_INIT(1u << 24);
	int fd;

	start(p);
	for (unsigned i = 0; i < 200; i++)
		assert_int_equal(buf_add_text(&text, "nonsense\n" EVENT "\n"), 0);
	fd = dial(p->socket, SOCK_STREAM);
	say(fd, text.ptr);
	(void)close(fd);
	wait_for(p, 200);
}

/* Says and hears at once, as far as either goes, until the other side has said all. */
static void talk(int fd, struct view text, struct buf *ret)
{
	while (true) {
		struct pollfd p = { .fd = fd, .events = (short)(POLLIN | (text.len ? POLLOUT : 0)) };
		ssize_t n;

		assert_int_equal(poll(&p, 1, PATIENCE_MS), 1);
		n = p.revents & POLLOUT ? send(fd, text.ptr, text.len, MSG_NOSIGNAL | MSG_DONTWAIT) : 0;
		assert_true(n >= 0);
		text = view_sub(text, (size_t)n, SIZE_MAX);
		if (n && !text.len)
			assert_int_equal(shutdown(fd, SHUT_WR), 0);
		assert_int_equal(buf_reserve(ret, 65'536), 0);
		n = recv(fd, ret->ptr + ret->len, 65'536, MSG_DONTWAIT);
		if (!n)
			break;
		ret->len += n > 0 ? (size_t)n : 0;
	}
	ret->ptr[ret->len] = '\0';
}

/* Their answers are more than may wait for the sender at once, many times over. */
static void many_refused_lines_wait_for_nothing(void **state)
{
	struct place *p = *state;
	DEFER(buf_done) struct buf text = BUF_INIT(1u << 20), answer = BUF_INIT(1u << 26);
	DEFER(closep) int fd = -1;
	uint64_t start_ns;

	for (unsigned i = 0; i < 100'000; i++)
		assert_int_equal(buf_add_text(&text, "x\n"), 0);
	start(p);
	fd = dial(p->socket, SOCK_STREAM);
	start_ns = clock_mono_ns();
	talk(fd, buf_view(&text), &answer);
	assert_string_equal(answer.ptr + answer.len - strlen(COUNTS(0, 0, 100000, 0) END), COUNTS(0, 0, 100000, 0) END);
	assert_true(clock_mono_ns() - start_ns < UINT64_C(20'000'000'000));
}

static void one_round_takes_all_lines_that_are_refused(void **state)
{
	struct place *p = *state;
	DEFER(buf_done) struct buf text = BUF_INIT(1u << 20), answer = BUF_INIT(1u << 20);
	DEFER(closep) int fd = -1;
	struct err err = ERR_INIT;
	uint64_t wait_ms;
	ssize_t n;

	p->env.is_once = true;
	open_place(p);
	fd = dial(p->socket, SOCK_STREAM);
	for (unsigned i = 0; i < 1000; i++)
		assert_int_equal(buf_add_text(&text, "x\n"), 0);
	say(fd, text.ptr);
	assert_int_equal(feed_ingest.poll(p->feed, &wait_ms, &err), 0);
	do {
		assert_int_equal(buf_reserve(&answer, 65'536), 0);
		n = recv(fd, answer.ptr + answer.len, 65'536, MSG_DONTWAIT);
		answer.len += n > 0 ? (size_t)n : 0;
	} while (n > 0);
	answer.ptr[answer.len] = '\0';
	assert_non_null(strstr(answer.ptr, "\"line\":1000}"));
}

static void more_senders_than_places_are_all_served(void **state)
{
	struct place *p = *state;
	int fds[INGEST_PEERS_MAX + 16];

	start(p);
	for (size_t i = 0; i < ARRAY_LEN(fds); i++) {
		fds[i] = dial(p->socket, SOCK_STREAM);
		say(fds[i], EVENT "\n");
	}
	wait_for(p, INGEST_PEERS_MAX);
	for (size_t i = 0; i < ARRAY_LEN(fds); i++) {
		DEFER(buf_done) struct buf answer = BUF_INIT(1u << 20);

		assert_int_equal(shutdown(fds[i], SHUT_WR), 0);
		hear(fds[i], &answer);
		assert_string_equal(answer.ptr, COUNTS(1, 0, 0, 0) END);
		(void)close(fds[i]);
	}
	wait_for(p, ARRAY_LEN(fds));
}

static void a_slow_sender_holds_up_nobody(void **state)
{
	struct place *p = *state;
	DEFER(buf_done) struct buf answer = BUF_INIT(1u << 20);
	const char *slow = EVENT "\n";
	int fd;

	start(p);
	fd = dial(p->socket, SOCK_STREAM);
	for (; *slow; slow++) {
		const char byte[] = { *slow, '\0' };

		say(fd, byte);
		exchange(p, EVENT "\n", COUNTS(1, 0, 0, 0) END);
	}
	assert_int_equal(shutdown(fd, SHUT_WR), 0);
	hear(fd, &answer);
	assert_string_equal(answer.ptr, COUNTS(1, 0, 0, 0) END);
	(void)close(fd);
}

static void say_bytes(int fd, size_t bytes)
{
	static const char text[64u << 10] = { 'x' };

	for (size_t done = 0; done < bytes; done += sizeof(text))
		assert_int_equal(write(fd, text, sizeof(text)), sizeof(text));
}

/* Beyond INGEST_UNREAD_BYTES only one is read from. */
static void a_sender_that_hangs_up_while_another_is_read_costs_no_time(void **state)
{
	const size_t each = 13u << 20;
	struct place *p = *state;
	uint64_t before_ns;
	int fds[5];

	p->settings.max_record = 16u << 20;
	start(p);
	for (size_t i = 0; i < ARRAY_LEN(fds); i++) {
		fds[i] = dial(p->socket, SOCK_STREAM);
		say_bytes(fds[i], i + 1 < ARRAY_LEN(fds) ? each : INGEST_UNREAD_BYTES - 4 * each + (128u << 10));
	}
	(void)poll(NULL, 0, 200);
	(void)close(fds[2]);
	(void)poll(NULL, 0, 100);
	before_ns = cpu_ns();
	(void)poll(NULL, 0, 400);
	assert_true(cpu_ns() - before_ns < 30 * UINT64_C(1'000'000));
	for (size_t i = 0; i < ARRAY_LEN(fds); i++)
		if (i != 2)
			(void)close(fds[i]);
}

static void a_datagram_is_a_record(void **state)
{
	struct place *p = *state;
	int fd;

	start(p);
	fd = dial(p->datagram, SOCK_DGRAM);
	say(fd, EVENT "\n");
	say(fd, "{\n\"event\": \"x\"}");
	wait_for(p, 2);
	assert_non_null(strstr(p->spool->rows[0].body, "\"record\":" EVENT "}"));
	(void)close(fd);
}

static void refused_datagrams_are_counted_and_told_to_whoever_runs_us(void **state)
{
	struct place *p = *state;
	char large[5000];
	int fd;

	memset(large, ' ', sizeof(large));
	large[0] = '{';
	large[sizeof(large) - 1] = '\0';
	start(p);
	fd = dial(p->datagram, SOCK_DGRAM);
	say(fd, large);
	say(fd, EVENT);
	wait_for(p, 1);
	while (!atomic_load(&p->errors))
		(void)poll(NULL, 0, 1);
	(void)close(fd);
	stop(p);
	assert_string_equal(p->error, "1 datagrams were refused; the last one: a record of more than 4096 bytes");
}

static void the_filter_of_the_feed_leaves_records_out(void **state)
{
	struct place *p = *state;
	char pattern[] = "api_*", *types[] = { pattern, NULL };

	p->settings.filter.types = types;
	start(p);
	exchange(p, EVENT "\n{\"event\":\"other\"}\n", COUNTS(1, 0, 0, 1) END);
	stop(p);
	p->settings.filter.types = NULL;
}

static void one_round_takes_what_waits_and_ends(void **state)
{
	struct place *p = *state;
	struct err err = ERR_INIT;
	uint64_t wait_ms;
	int fds[3];

	p->env.is_once = true;
	open_place(p);
	for (size_t i = 0; i < ARRAY_LEN(fds); i++) {
		fds[i] = dial(p->socket, SOCK_STREAM);
		say(fds[i], EVENT "\n");
	}
	assert_int_equal(feed_ingest.poll(p->feed, &wait_ms, &err), 0);
	assert_int_equal(p->spool->count, 3);
	for (size_t i = 0; i < ARRAY_LEN(fds); i++)
		(void)close(fds[i]);
}

static void sockets_are_for_the_owner_and_the_group(void **state)
{
	struct place *p = *state;
	struct stat st;

	start(p);
	assert_int_equal(stat(p->socket, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0660);
	assert_int_equal(stat(p->datagram, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0660);
	stop(p);
	assert_int_equal(stat(p->socket, &st), -1);
	assert_int_equal(stat(p->datagram, &st), -1);
}

static void a_second_listener_is_an_error_and_the_first_stays(void **state)
{
	struct place *p = *state;
	struct err err = ERR_INIT;

	start(p);
	assert_null(feed_ingest.open(&p->env, &err));
	assert_non_null(strstr(err.text, "another process listens on"));
	exchange(p, EVENT "\n", COUNTS(1, 0, 0, 0) END);
}

static void a_socket_that_was_left_behind_is_replaced(void **state)
{
	struct place *p = *state;
	struct ingest_socket left[2];
	struct err err = ERR_INIT;

	assert_int_equal(ingest_socket_open(&left[0], p->socket, SOCK_STREAM, NULL, &err), 0);
	assert_int_equal(ingest_socket_open(&left[1], p->datagram, SOCK_DGRAM, NULL, &err), 0);
	for (size_t i = 0; i < 2; i++) {
		(void)close(left[i].fd);
		free(left[i].path);
	}
	start(p);
	exchange(p, EVENT "\n", COUNTS(1, 0, 0, 0) END);
}

static void what_is_no_socket_is_left_alone(void **state)
{
	struct place *p = *state;
	struct ingest_socket s;
	struct err err = ERR_INIT;
	FILE *file = fopen(p->socket, "we");

	assert_non_null(file);
	(void)fclose(file);
	assert_int_equal(ingest_socket_open(&s, p->socket, SOCK_STREAM, NULL, &err), -1);
	assert_int_equal(err.kind, ERR_CONFIG);
	assert_int_equal(access(p->socket, F_OK), 0);
}

static void a_group_that_is_not_there_is_said(void **state)
{
	struct place *p = *state;
	struct ingest_socket s;
	struct err err = ERR_INIT;

	assert_int_equal(ingest_socket_open(&s, p->socket, SOCK_STREAM, "no-such-group", &err), -1);
	assert_non_null(strstr(err.text, "there is no group 'no-such-group'"));
	assert_int_equal(access(p->socket, F_OK), -1);
}

static void a_successor_s_socket_is_not_removed(void **state)
{
	struct place *p = *state;
	struct ingest_socket old, new;
	struct err err = ERR_INIT;

	assert_int_equal(ingest_socket_open(&old, p->socket, SOCK_STREAM, NULL, &err), 0);
	assert_int_equal(unlink(p->socket), 0);
	assert_int_equal(ingest_socket_open(&new, p->socket, SOCK_STREAM, NULL, &err), 0);
	ingest_socket_close(&old);
	assert_int_equal(access(p->socket, F_OK), 0);
	ingest_socket_close(&new);
	assert_int_equal(access(p->socket, F_OK), -1);
}

static void a_path_that_is_too_long_is_said(void **state)
{
	char path[200] = { 0 };
	struct ingest_socket s;
	struct err err = ERR_INIT;

	(void)state;
	memset(path, 'x', sizeof(path) - 1);
	assert_int_equal(ingest_socket_open(&s, path, SOCK_STREAM, NULL, &err), -1);
	assert_int_equal(err.kind, ERR_CONFIG);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(records_are_stored_with_their_sender_and_counted),
		TEST(the_last_line_needs_no_newline),
		TEST(a_refusal_names_its_line),
		TEST(a_line_that_breaks_off_is_refused),
		TEST(a_summary_is_taken_and_not_stored),
		TEST(an_empty_line_asks_what_is_stored),
		TEST(a_resent_record_is_stored_once),
		TEST(a_record_that_is_too_long_is_refused_and_the_next_one_taken),
		TEST(a_record_as_long_as_may_be_is_taken),
		TEST(records_are_stored_many_at_once),
		TEST(while_the_spool_is_full_nothing_is_acknowledged),
		TEST(an_error_is_over_with_the_next_record_that_is_stored),
		TEST(while_the_spool_is_full_senders_wait),
		TEST(a_sender_that_leaves_in_the_middle_of_a_line_spoils_nothing),
		TEST(a_sender_that_does_not_listen_is_heard_to_the_end),
		TEST(many_refused_lines_wait_for_nothing),
		TEST(one_round_takes_all_lines_that_are_refused),
		TEST(more_senders_than_places_are_all_served),
		TEST(a_slow_sender_holds_up_nobody),
		TEST(a_sender_that_hangs_up_while_another_is_read_costs_no_time),
		TEST(a_datagram_is_a_record),
		TEST(refused_datagrams_are_counted_and_told_to_whoever_runs_us),
		TEST(the_filter_of_the_feed_leaves_records_out),
		TEST(one_round_takes_what_waits_and_ends),
		TEST(sockets_are_for_the_owner_and_the_group),
		TEST(a_second_listener_is_an_error_and_the_first_stays),
		TEST(a_socket_that_was_left_behind_is_replaced),
		TEST(what_is_no_socket_is_left_alone),
		TEST(a_group_that_is_not_there_is_said),
		TEST(a_successor_s_socket_is_not_removed),
		TEST(a_path_that_is_too_long_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
