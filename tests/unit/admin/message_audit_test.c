/* SPDX-License-Identifier: Apache-2.0 */
/* A daemon as the test has it: it listens, and says what it is told to. */
#include "admin/message_audit.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/support/unit.h"

#define PATIENCE_MS 400
#define REPLIES 4

struct daemon {
	char folder[64], path[80];
	int listener;
	pthread_t thread;
	const char *replies[REPLIES]; /* to the n-th question; NULL: silence; "": the connection ends */
	unsigned connections;
};

/* Answers each empty line with the next reply. */
static void serve(struct daemon *d, int fd, unsigned *at)
{
	bool is_blank = true;
	char byte;

	while (read(fd, &byte, 1) == 1) {
		const char *reply;

		if (byte != '\n' || !is_blank) {
			is_blank = byte == '\n';
			continue;
		}
		reply = *at < REPLIES ? d->replies[(*at)++] : NULL;
		if (reply && !*reply)
			return;
		if (reply && write(fd, reply, strlen(reply)) < 0)
			return;
	}
}

static void *daemon_main(void *context)
{
	struct daemon *d = context;
	unsigned at = 0;
	int fd;

	while ((fd = accept(d->listener, NULL, NULL)) >= 0) {
		d->connections++;
		serve(d, fd, &at);
		(void)close(fd);
	}
	return NULL;
}

static void daemon_start(struct daemon *d)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	(void)snprintf(d->folder, sizeof(d->folder), "/tmp/skant-audit-XXXXXX");
	assert_non_null(mkdtemp(d->folder));
	(void)snprintf(d->path, sizeof(d->path), "%s/sock", d->folder);
	memcpy(address.sun_path, d->path, strlen(d->path));
	d->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(d->listener, (const struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(d->listener, 8), 0);
	assert_int_equal(pthread_create(&d->thread, NULL, daemon_main, d), 0);
}

static void daemon_stop(struct daemon *d)
{
	(void)shutdown(d->listener, SHUT_RDWR);
	(void)pthread_join(d->thread, NULL);
	(void)close(d->listener);
	(void)unlink(d->path);
	(void)rmdir(d->folder);
}

#define COUNTS(stored, known, refused)                                                                                 \
	"{\"stored\":" stored ",\"known\":" known ",\"refused\":" refused ",\"ignored\":0}\n"

static void an_event_is_there_once_the_daemon_has_counted_it(void **state)
{
	struct daemon d = { .replies = { COUNTS("0", "0", "0"), COUNTS("1", "0", "0"), COUNTS("1", "1", "0") } };
	struct err err = ERR_INIT;
	struct message_audit *a;

	(void)state;
	daemon_start(&d);
	a = message_audit_open(d.path, NULL, PATIENCE_MS, &err);
	assert_non_null(a);
	assert_int_equal(message_audit_check(a, &err), 0);
	assert_int_equal(message_audit_add(a, VIEW("{}\n"), &err), 0);
	assert_int_equal(message_audit_add(a, VIEW("{}\n"), &err), 0);
	message_audit_free(a);
	daemon_stop(&d);
	assert_int_equal(d.connections, 1);
}

static void what_was_not_acknowledged_is_handed_over_again(void **state)
{
	struct daemon d = { .replies = { COUNTS("0", "0", "0"), "", COUNTS("0", "1", "0") } };
	struct err err = ERR_INIT;
	struct message_audit *a;

	(void)state;
	daemon_start(&d);
	a = message_audit_open(d.path, NULL, 10 * PATIENCE_MS, &err);
	assert_non_null(a);
	assert_int_equal(message_audit_add(a, VIEW("{}\n"), &err), 0);
	message_audit_free(a);
	daemon_stop(&d);
	assert_int_equal(d.connections, 2);
}

static void a_daemon_that_says_nothing_is_not_waited_for_for_ever(void **state)
{
	struct daemon d = { .replies = { COUNTS("0", "0", "0"), NULL } };
	struct err err = ERR_INIT;
	struct message_audit *a;

	(void)state;
	daemon_start(&d);
	a = message_audit_open(d.path, NULL, PATIENCE_MS, &err);
	assert_non_null(a);
	assert_int_equal(message_audit_add(a, VIEW("{}\n"), &err), -1);
	assert_int_equal(err.kind, ERR_LATER);
	message_audit_free(a);
	daemon_stop(&d);
}

static void an_event_that_is_refused_is_told_of(void **state)
{
	struct daemon d = { .replies = { COUNTS("0", "0", "0"),
					 "{\"error\":\"too\\u001blong\",\"line\":1}\n" COUNTS("0", "0", "1") } };
	struct err err = ERR_INIT;
	struct message_audit *a;

	(void)state;
	daemon_start(&d);
	a = message_audit_open(d.path, NULL, PATIENCE_MS, &err);
	assert_non_null(a);
	assert_int_equal(message_audit_add(a, VIEW("{}\n"), &err), -1);
	assert_int_equal(err.kind, ERR_FORMAT);
	assert_non_null(strstr(err.text, "too\\x1blong"));
	message_audit_free(a);
	daemon_stop(&d);
}

static void a_stop_flag_ends_the_wait_for_the_daemon(void **state)
{
	struct daemon d = { .replies = { NULL } };
	struct err err = ERR_INIT;
	atomic_bool stop = true;

	(void)state;
	daemon_start(&d);
	assert_null(message_audit_open(d.path, &stop, 1000 * PATIENCE_MS, &err));
	assert_int_equal(err.kind, ERR_LATER);
	daemon_stop(&d);
}

static void where_nobody_listens_nothing_is_opened(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	assert_null(message_audit_open("/nowhere/sock", NULL, 1000 * PATIENCE_MS, &err));
	assert_int_equal(err.kind, ERR_LATER);
	assert_null(message_audit_open("/dev/null", NULL, PATIENCE_MS, &err));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_event_is_there_once_the_daemon_has_counted_it),
		cmocka_unit_test(what_was_not_acknowledged_is_handed_over_again),
		cmocka_unit_test(a_daemon_that_says_nothing_is_not_waited_for_for_ever),
		cmocka_unit_test(an_event_that_is_refused_is_told_of),
		cmocka_unit_test(a_stop_flag_ends_the_wait_for_the_daemon),
		cmocka_unit_test(where_nobody_listens_nothing_is_opened),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
