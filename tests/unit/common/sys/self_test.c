/* SPDX-License-Identifier: Apache-2.0 */
#include "common/sys/self.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/text.h"
#include "tests/support/unit.h"

static const char *own; /* argv[0] */

static void the_path_leads_to_this_program_s_file(void **)
{
	char expected[PATH_MAX], found[PATH_MAX];

	assert_non_null(realpath(own, expected));
	self_init(own);
	assert_int_equal(self_path(found), strlen(expected));
	assert_string_equal(found, expected);
}

static void a_program_that_was_found_in_path_is_found_again(void **)
{
	DEFER(buf_done) struct buf path = BUF_INIT(2 * PATH_MAX);
	char expected[PATH_MAX], found[PATH_MAX];
	char *slash;

	assert_non_null(realpath(own, expected));
	slash = strrchr(expected, '/');
	assert_int_equal(buf_addf(&path, "/nowhere:%.*s", (int)(slash - expected), expected), 0);
	assert_int_equal(setenv("PATH", path.ptr, 1), 0);
	self_init(slash + 1);
	assert_int_equal(self_path(found), strlen(expected));
	assert_string_equal(found, expected);
}

static void at_least_one_processor_may_be_used(void **)
{
	assert_true(self_processors() >= 1);
}

/* Whether a descriptor is still open in a child that has closed all from first on. */
static bool is_open_after(int fd, int first)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(self_close_from(first) ? 2 : fcntl(fd, F_GETFD) >= 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) < 2);
	return WEXITSTATUS(status);
}

static void descriptors_are_closed_from_the_first_on(void **)
{
	int low = fcntl(STDERR_FILENO, F_DUPFD, 40), high = fcntl(STDERR_FILENO, F_DUPFD, 900);

	assert_true(low >= 40 && high >= 900);
	assert_true(is_open_after(low, low + 1));
	assert_false(is_open_after(low, low));
	assert_false(is_open_after(high, low));
	(void)close(low);
	(void)close(high);
}

static void a_child_gets_none_from_the_first_on(void **)
{
	char text[] = "! (: <&41) 2>/dev/null && : <&40", shell[] = "bash", c[] = "-c";
	char *argv[] = { shell, c, text, NULL };
	posix_spawn_file_actions_t actions;
	int status;
	pid_t pid;

	assert_int_equal(dup2(STDERR_FILENO, 40), 40);
	assert_int_equal(dup2(STDERR_FILENO, 41), 41);
	assert_int_equal(posix_spawn_file_actions_init(&actions), 0);
	assert_int_equal(self_close_in_child(&actions, 41), 0);
	assert_int_equal(posix_spawn(&pid, "/bin/bash", &actions, NULL, argv, environ), 0);
	assert_int_equal(posix_spawn_file_actions_destroy(&actions), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

int main(int, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_path_leads_to_this_program_s_file),
		cmocka_unit_test(a_program_that_was_found_in_path_is_found_again),
		cmocka_unit_test(at_least_one_processor_may_be_used),
		cmocka_unit_test(descriptors_are_closed_from_the_first_on),
		cmocka_unit_test(a_child_gets_none_from_the_first_on),
	};

	own = argv[0];
	return cmocka_run_group_tests(tests, NULL, NULL);
}
