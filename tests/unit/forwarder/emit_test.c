/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/emit.h"

#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/support/feedout.h"

#define EVENT "{\"event\":\"api_call\",\"model\":\"m\"}"

struct place {
	char dir[64], socket[128], datagram[128];
	char told[4096]; /* refusals */
};

static int set_up(void **state)
{
	const char *folder = getenv("TMPDIR");
	struct place *p = calloc(1, sizeof(*p));

	(void)snprintf(p->dir, sizeof(p->dir), "%s/skant-em-XXXXXX", folder && strlen(folder) < 40 ? folder : "/tmp");
	if (!mkdtemp(p->dir))
		return -1;
	(void)snprintf(p->socket, sizeof(p->socket), "%s/s", p->dir);
	*state = p;
	return 0;
}

static int tear_down(void **state)
{
	struct place *p = *state;
	int status;

	(void)unlink(p->socket);
	status = rmdir(p->dir);
	free(p);
	return status;
}

static void note_refusal(void *context, uint64_t line, const char *why)
{
	struct place *p = context;
	size_t len = strlen(p->told);

	(void)snprintf(p->told + len, sizeof(p->told) - len, "%llu: %s\n", (unsigned long long)line, why);
}

/* A pipe that text can be read from. */
static int input(const char *text)
{
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	assert_int_equal(write(fds[1], text, strlen(text)), strlen(text));
	(void)close(fds[1]);
	return fds[0];
}

static int emit(struct place *p, const char *text, struct emit_result *ret, struct err *err)
{
	struct emit_options o = { .socket = p->socket, .refused = note_refusal, .context = p };
	int status;

	o.fd = input(text);
	status = emit_run(&o, ret, err);
	(void)close(o.fd);
	return status;
}

/* --- against the feed --- */

struct daemon {
	struct settings_feed settings;
	struct settings all;
	struct feed_env env;
	atomic_bool stop;
	struct feedout *spool;
	void *feed;
	pthread_t thread;
};

static void *run(void *context)
{
	struct daemon *d = context;
	struct err err = ERR_INIT;
	uint64_t wait_ms;

	while (!atomic_load(&d->stop))
		(void)!feed_ingest.poll(d->feed, &wait_ms, &err);
	return NULL;
}

static void start(struct daemon *d, struct place *p)
{
	struct err err = ERR_INIT;

	d->settings = (struct settings_feed){ .name = p->dir,
					      .type = SETTINGS_INGEST,
					      .filter = { .severity = EVENT_DEBUG },
					      .socket = p->socket,
					      .max_record = 100'000 };
	d->spool = feedout_new();
	d->env = (struct feed_env){ .settings = &d->settings,
				    .all = &d->all,
				    .out = &d->spool->out,
				    .stop = &d->stop,
				    .wake_fd = eventfd(0, EFD_CLOEXEC) };
	d->feed = feed_ingest.open(&d->env, &err);
	assert_non_null(d->feed);
	assert_int_equal(pthread_create(&d->thread, NULL, run, d), 0);
}

static void stop(struct daemon *d)
{
	const uint64_t one = 1;

	atomic_store(&d->stop, true);
	assert_int_equal(write(d->env.wake_fd, &one, sizeof(one)), sizeof(one));
	pthread_join(d->thread, NULL);
	feed_ingest.close(d->feed);
	feedout_free(d->spool);
	(void)close(d->env.wake_fd);
}

static void all_lines_are_stored(void **state)
{
	struct place *p = *state;
	struct daemon d = { .stop = false };
	struct emit_result r;
	struct err err = ERR_INIT;

	start(&d, p);
	assert_int_equal(
		emit(p, EVENT "\n" EVENT "\n{\"schema\":\"skant-summary/1\",\"summary\":{}}\n" EVENT, &r, &err), 0);
	assert_int_equal(r.stored, 3);
	assert_int_equal(r.ignored, 1);
	assert_int_equal(r.refused, 0);
	assert_int_equal(d.spool->count, 3);
	stop(&d);
}

static void refused_lines_are_named(void **state)
{
	struct place *p = *state;
	struct daemon d = { .stop = false };
	struct emit_result r;
	struct err err = ERR_INIT;

	start(&d, p);
	assert_int_equal(emit(p, "\n" EVENT "\n\r\nnonsense\n\n" EVENT "\n[]\n", &r, &err), 0);
	assert_int_equal(r.stored, 2);
	assert_int_equal(r.refused, 2);
	assert_string_equal(p->told, "4: not valid JSON at byte 0: a letter; a value was expected\n"
				     "7: a JSON object was expected\n");
	stop(&d);
}

static void a_long_file_arrives_whole(void **state)
{
	struct place *p = *state;
	struct daemon d = { .stop = false };
	struct emit_options o = { .socket = p->socket };
	FILE *file = tmpfile();
	struct emit_result r;
	struct err err = ERR_INIT;

	start(&d, p);
	assert_non_null(file);
	for (unsigned i = 0; i < 10'000; i++)
		assert_true(fprintf(file, "{\"event\":\"api_call\",\"n\":%u,\"pad\":\"%*s\"}\n", i, (int)(i % 500),
				    "") > 0);
	(void)fflush(file);
	rewind(file);
	o.fd = fileno(file);
	assert_int_equal(emit_run(&o, &r, &err), 0);
	assert_int_equal(r.stored, 10'000);
	for (unsigned i = 0; i < 10'000; i++) {
		char part[64];

		(void)snprintf(part, sizeof(part), "\"n\":%u,", i);
		assert_non_null(strstr(d.spool->rows[i].body, part));
	}
	(void)fclose(file);
	stop(&d);
}

static void nothing_to_send_is_nothing_stored(void **state)
{
	struct place *p = *state;
	struct daemon d = { .stop = false };
	struct emit_result r;
	struct err err = ERR_INIT;

	start(&d, p);
	assert_int_equal(emit(p, "", &r, &err), 0);
	assert_int_equal(r.stored + r.known + r.refused + r.ignored, 0);
	stop(&d);
}

static void with_nobody_there_it_is_later(void **state)
{
	struct emit_result r;
	struct err err = ERR_INIT;

	assert_int_equal(emit(*state, EVENT "\n", &r, &err), -1);
	assert_int_equal(err.kind, ERR_LATER);
	assert_non_null(strstr(err.text, "no daemon listens on"));
}

/* --- against daemons that are none --- */

struct fake {
	int fd;
	const char *answer; /* to whatever comes */
	bool leaves;        /* at once, without reading */
	pthread_t thread;
};

static void *answer(void *context)
{
	struct fake *f = context;
	int fd = accept(f->fd, NULL, NULL);
	char bytes[4096];

	if (!f->leaves)
		while (recv(fd, bytes, sizeof(bytes), 0) > 0)
			;
	assert_int_equal(send(fd, f->answer, strlen(f->answer), MSG_NOSIGNAL), strlen(f->answer));
	(void)close(fd);
	return NULL;
}

static void fake(struct place *p, struct fake *f)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	memccpy(address.sun_path, p->socket, '\0', sizeof(address.sun_path) - 1);
	f->fd = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(bind(f->fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(f->fd, 1), 0);
	assert_int_equal(pthread_create(&f->thread, NULL, answer, f), 0);
}

static void check_fake(struct place *p, const char *said, bool leaves, uint64_t stored)
{
	struct fake f = { .answer = said, .leaves = leaves };
	struct emit_result r;
	struct err err = ERR_INIT;

	fake(p, &f);
	assert_int_equal(emit(p, EVENT "\n", &r, &err), -1);
	assert_int_equal(err.kind, ERR_LATER);
	assert_int_equal(r.stored, stored);
	pthread_join(f.thread, NULL);
	(void)close(f.fd);
}

static void a_daemon_that_ends_early_has_proven_nothing(void **state)
{
	check_fake(*state, "", false, 0);
}

static void a_daemon_that_ends_before_all_is_read_has_proven_nothing(void **state)
{
	check_fake(*state, "", true, 0);
}

static void what_was_proven_before_the_end_counts(void **state)
{
	check_fake(*state, "{\"stored\":7,\"known\":0,\"refused\":0,\"ignored\":0}\n", false, 7);
}

static void an_answer_that_is_none_proves_nothing(void **state)
{
	check_fake(*state, "220 mail.example.com ESMTP\r\n{}\n[]\n{\"error\":5}\n", false, 0);
}

static void a_daemon_that_takes_nothing_is_waited_for_so_long(void **state)
{
	struct place *p = *state;
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct emit_options o = { .socket = p->socket, .patience_ms = 1 };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	struct emit_result r;
	struct err err = ERR_INIT;

	memccpy(address.sun_path, p->socket, '\0', sizeof(address.sun_path) - 1);
	assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(fd, 1), 0);
	o.fd = input(EVENT "\n");
	assert_int_equal(emit_run(&o, &r, &err), -1);
	assert_int_equal(err.kind, ERR_LATER);
	assert_non_null(strstr(err.text, "takes no records now"));
	(void)close(o.fd);
	(void)close(fd);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(all_lines_are_stored),
		TEST(refused_lines_are_named),
		TEST(a_long_file_arrives_whole),
		TEST(nothing_to_send_is_nothing_stored),
		TEST(with_nobody_there_it_is_later),
		TEST(a_daemon_that_ends_early_has_proven_nothing),
		TEST(a_daemon_that_ends_before_all_is_read_has_proven_nothing),
		TEST(what_was_proven_before_the_end_counts),
		TEST(an_answer_that_is_none_proves_nothing),
		TEST(a_daemon_that_takes_nothing_is_waited_for_so_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
