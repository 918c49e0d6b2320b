/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/control.h"

#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/text.h"
#include "tests/support/unit.h"

static char dir[] = "/tmp/skant-control-XXXXXX";

static int make_dir(void **state)
{
	(void)state;
	return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
	(void)state;
	return rmdir(dir);
}

static void answer(void *context, struct view request, struct buf *reply)
{
	*(int *)context += 1;
	if (text_eq(request, VIEW("long")))
		for (unsigned i = 0; i < 100'000; i++)
			assert_int_equal(buf_add_text(reply, "0123456789"), 0);
	else
		assert_int_equal(buf_addf(reply, "you said %.*s", (int)request.len, request.ptr), 0);
}

static void *serve_one(void *context)
{
	int served = 0;
	struct pollfd fd = { .fd = *(int *)context, .events = POLLIN };

	assert_int_equal(poll(&fd, 1, 10'000), 1);
	control_serve(fd.fd, answer, &served);
	assert_int_equal(served, 1);
	return NULL;
}

static void a_request_is_answered(void **state)
{
	DEFER(buf_done) struct buf reply = BUF_INIT(1u << 24);
	struct err err = ERR_INIT;
	pthread_t thread;
	int fd = control_listen(dir, &err);

	(void)state;
	assert_true(fd >= 0);
	pthread_create(&thread, NULL, serve_one, &fd);
	assert_int_equal(control_ask(dir, "status", &reply, &err), 1);
	pthread_join(thread, NULL);
	assert_string_equal(reply.ptr, "you said status");
	control_close(fd, dir);
}

static void a_long_answer_arrives_whole(void **state)
{
	DEFER(buf_done) struct buf reply = BUF_INIT(1u << 24);
	struct err err = ERR_INIT;
	pthread_t thread;
	int fd = control_listen(dir, &err);

	(void)state;
	pthread_create(&thread, NULL, serve_one, &fd);
	assert_int_equal(control_ask(dir, "long", &reply, &err), 1);
	pthread_join(thread, NULL);
	assert_int_equal(reply.len, 1'000'000);
	control_close(fd, dir);
}

static void nobody_but_the_owner_may_connect(void **state)
{
	DEFER(buf_done) struct buf path = BUF_INIT(256);
	struct err err = ERR_INIT;
	int fd = control_listen(dir, &err);
	struct stat st;

	(void)state;
	assert_int_equal(buf_addf(&path, "%s/" CONTROL_SOCKET, dir), 0);
	assert_int_equal(stat(path.ptr, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	control_close(fd, dir);
	assert_int_equal(stat(path.ptr, &st), -1);
}

static void without_a_daemon_nobody_answers(void **state)
{
	DEFER(buf_done) struct buf reply = BUF_INIT(100);
	struct err err = ERR_INIT;
	int fd;

	(void)state;
	assert_int_equal(control_ask(dir, "status", &reply, &err), 0);
	fd = control_listen(dir, &err);
	assert_true(fd >= 0);
	(void)close(fd); /* a daemon that was killed leaves its socket */
	assert_int_equal(control_ask(dir, "status", &reply, &err), 0);
	fd = control_listen(dir, &err);
	assert_true(fd >= 0);
	control_close(fd, dir);
}

static void a_client_that_says_nothing_holds_nobody_up(void **state)
{
	struct err err = ERR_INIT;
	int served = 0, fd = control_listen(dir, &err);

	(void)state;
	control_serve(fd, answer, &served); /* nobody is there at all */
	assert_int_equal(served, 0);
	control_close(fd, dir);
}

static void a_folder_whose_path_is_too_long_is_said(void **state)
{
	char folder[200] = { 0 };
	struct err err = ERR_INIT;

	(void)state;
	memset(folder, 'x', sizeof(folder) - 1);
	assert_int_equal(control_listen(folder, &err), -1);
	assert_int_equal(err.kind, ERR_CONFIG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_is_answered),
		cmocka_unit_test(a_long_answer_arrives_whole),
		cmocka_unit_test(nobody_but_the_owner_may_connect),
		cmocka_unit_test(without_a_daemon_nobody_answers),
		cmocka_unit_test(a_client_that_says_nothing_holds_nobody_up),
		cmocka_unit_test(a_folder_whose_path_is_too_long_is_said),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
