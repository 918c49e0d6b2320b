/* SPDX-License-Identifier: Apache-2.0 */
#include "common/sys/peer.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/unit.h"

#define WAIT_MS 10000
#define SCRIPT_BYTES 4096

/* A program that is a shell script. */
struct script {
	char path[32];
};

static void script_remove(struct script *s)
{
	(void)unlink(s->path);
}

static struct script script_make(const char *text)
{
	struct script s = { .path = "/tmp/skant-peer-XXXXXX" };
	int fd = mkstemp(s.path);

	assert_true(fd >= 0);
	assert_int_equal(dprintf(fd, "#!/bin/sh\n%s\n", text), (int)strlen(text) + 11);
	assert_int_equal(fchmod(fd, 0700), 0);
	assert_int_equal(close(fd), 0);
	return s;
}

static struct view receive_all(const struct peer *p, char *room, size_t len)
{
	size_t done = 0;
	ssize_t n;

	while (done < len && (n = peer_receive(p, room + done, len - done, WAIT_MS)) > 0)
		done += (size_t)n;
	return view_from(room, done);
}

static void what_it_says_is_received(void **state)
{
	DEFER(script_remove) struct script s = script_make("printf hello >&0");
	struct peer p = PEER_INIT;
	char room[SCRIPT_BYTES];

	(void)state;
	assert_int_equal(peer_start(&p, s.path, NULL), 0);
	assert_view(receive_all(&p, room, sizeof(room)), "hello");
	assert_int_equal(peer_end(&p, WAIT_MS), 0);
	assert_int_equal(p.pid, 0);
	assert_int_equal(peer_end(&p, WAIT_MS), 0);
}

static void it_has_no_environment_and_no_descriptor_of_ours(void **state)
{
	DEFER(script_remove)
	struct script s = script_make("for n in 0 1 2 3 4 5 6 7 8 9; do test -e /proc/$$/fd/$n && printf $n >&0; done\n"
				      "printf \"$HOME$SECRET.\" >&0");
	DEFER(closep) int left_open = dup(STDIN_FILENO);
	struct peer p = PEER_INIT;
	char room[SCRIPT_BYTES];

	(void)state;
	assert_true(left_open >= 0);
	assert_int_equal(setenv("SECRET", "x", 1), 0);
	assert_int_equal(peer_start(&p, s.path, NULL), 0);
	assert_view(receive_all(&p, room, sizeof(room)), "012.");
	assert_int_equal(peer_end(&p, WAIT_MS), 0);
}

static void one_that_does_not_end_is_killed(void **state)
{
	DEFER(script_remove) struct script s = script_make("printf ready >&0; exec sleep 100");
	struct peer p = PEER_INIT;
	char room[8];
	int status;

	(void)state;
	assert_int_equal(peer_start(&p, s.path, NULL), 0);
	assert_view(receive_all(&p, room, 5), "ready");
	errno = 0;
	assert_int_equal(peer_receive(&p, room, sizeof(room), 10), -1);
	assert_int_equal(errno, EAGAIN);
	status = peer_end(&p, 10);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static void one_that_has_gone_takes_nothing(void **state)
{
	DEFER(script_remove) struct script s = script_make("exit 0");
	struct peer p = PEER_INIT;
	char room[8];

	(void)state;
	assert_int_equal(peer_start(&p, s.path, NULL), 0);
	assert_int_equal(peer_receive(&p, room, sizeof(room), WAIT_MS), 0);
	assert_int_equal(peer_send(&p, VIEW("x"), STDIN_FILENO), -1);
	assert_int_equal(errno, EPIPE);
	assert_int_equal(peer_end(&p, WAIT_MS), 0);
}

static void what_cannot_be_run_is_said(void **state)
{
	struct peer p = PEER_INIT;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(peer_start(&p, "/nonexistent/program", &err), -1);
	assert_int_equal(err.errnum, ENOENT);
	assert_int_equal(p.pid, 0);
	assert_int_equal(p.fd, -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_it_says_is_received),
		cmocka_unit_test(it_has_no_environment_and_no_descriptor_of_ours),
		cmocka_unit_test(one_that_does_not_end_is_killed),
		cmocka_unit_test(one_that_has_gone_takes_nothing),
		cmocka_unit_test(what_cannot_be_run_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
